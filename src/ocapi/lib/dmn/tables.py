"""Decision tables into closures: inputs are evaluated once, tests only until one fails."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from ocapi.lib.dmn import model
from ocapi.lib.dmn.evaluation import MAX_ANSWERS, Evaluation
from ocapi.lib.dmn.explaining import MatchedRule, SeenInput, TableAnswer
from ocapi.lib.feel.arithmetic import add
from ocapi.lib.feel.comparing import compare, equal
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.numbers import from_int
from ocapi.lib.feel.scope import Code, Frame, Test
from ocapi.lib.feel.showing import literal
from ocapi.lib.feel.types import Type, coerced
from ocapi.lib.feel.values import Value, kind_of

Row = tuple[int, int, Test, tuple[tuple[int, Test], ...]]
"""A rule: its number, the column and test looked at first, and the others."""


class Output:
    """A compiled output column: its type, the order and limits of its values, its default."""

    __slots__ = ("allowed", "default", "name", "type")

    def __init__(self, name: str, kind: Type | None, allowed: Sequence[Test], default: Code | None) -> None:
        self.name = name
        self.type = kind
        self.allowed = tuple(allowed)
        self.default = default


class Table:
    """A compiled decision table."""

    __slots__ = ("_box", "_codes", "_index", "_inputs", "_limited", "_outputs", "_policy", "_rows", "_single")

    def __init__(
        self, box: model.TableBox, inputs: Sequence[tuple[Code, Test | None]], outputs: Sequence[Output],
        rows: Sequence[tuple[Sequence[Test | None], Sequence[Code]]], choices: Mapping[Test, frozenset[str]],
    ) -> None:
        self._box = box
        self._inputs = tuple(inputs)
        self._outputs = tuple(outputs)
        self._limited = any(allowed is not None for _, allowed in inputs)
        self._single = len(outputs) == 1
        self._policy = POLICIES[box.hit_policy]
        self._codes = tuple(tuple(codes) for _, codes in rows)
        self._rows = tuple(_row(number, tests) for number, (tests, _) in enumerate(rows))
        self._index = _index_of([tests for tests, _ in rows], choices)

    def code(self, frame: Frame) -> Value:
        """Evaluate; what goes wrong is recorded and gives null."""
        run: Evaluation = frame[0]
        try:
            values = [code(frame) for code, _ in self._inputs]
            if self._limited:
                self._require_allowed(values, frame)
            matched = self._matching(values, frame)
            value = self._policy(self, matched, frame) if matched else self._nothing(frame)
        except Fault as fault:
            return run.fault(fault.code, 0, f"{self._box.id}: {fault.detail}")
        if run.explains:
            self._explain(run, values, matched, value)
        return value

    def _require_allowed(self, values: list[Value], frame: Frame) -> None:
        for clause, value, (_, allowed) in zip(self._box.inputs, values, self._inputs, strict=True):
            if allowed is None or value is None or allowed(value, frame) is True:
                continue
            if type(value) is not list or not all(allowed(item, frame) is True for item in value):
                raise Fault("inputNotAllowed", clause.label)

    def _matching(self, values: list[Value], frame: Frame) -> list[int]:
        """Give the places of the rules that match, only the first for the hit policy that needs no more."""
        found = []
        only_first = self._box.hit_policy == "F"
        frame[0].spend(len(self._rows))
        rows = self._rows
        if self._index is not None and type(values[self._index.column]) is str:
            rows = self._index.rows.get(values[self._index.column], self._index.otherwise)
        for number, first, first_test, others in rows:
            if first_test(values[first], frame) is not True:
                continue
            for column, test in others:
                if test(values[column], frame) is not True:
                    break
            else:
                found.append(number)
                if only_first:
                    break
        return found

    def outcome(self, number: int, frame: Frame) -> Value:
        """Evaluate the outputs of a rule: one value, or a context by the names of the outputs."""
        values = [
            self._checked(output, code(frame), frame)
            for output, code in zip(self._outputs, self._codes[number], strict=True)
        ]
        return values[0] if self._single else self.shaped(values)

    def shaped(self, values: Sequence[Value]) -> Value:
        """Give one value as it is, several as a context."""
        if self._single:
            return values[0]
        return {output.name: value for output, value in zip(self._outputs, values, strict=True)}

    def _checked(self, output: Output, value: Value, frame: Frame) -> Value:
        if output.type is not None:
            value = coerced(frame[0], value, output.type)
        if output.allowed and value is not None and not any(test(value, frame) for test in output.allowed):
            raise Fault("outputNotAllowed", output.name or kind_of(value))
        return value

    def _nothing(self, frame: Frame) -> Value:
        if all(output.default is None for output in self._outputs):
            frame[0].fault("noRuleMatches", 0, self._box.id)
            return None
        return self.shaped([
            None if output.default is None else output.default(frame) for output in self._outputs
        ])

    def rank(self, value: Value, frame: Frame) -> tuple[int, ...]:
        """Give the place of an outcome in the order of the output values, the first output first."""
        values = [value] if self._single else list(value.values())
        ranks = []
        for output, each in zip(self._outputs, values, strict=True):
            places = (place for place, test in enumerate(output.allowed) if test(each, frame) is True)
            ranks.append(next(places, len(output.allowed)))
        return tuple(ranks)

    @property
    def aggregation(self) -> str:
        """The aggregation of a collecting table: "" + < > #."""
        return self._box.aggregation

    @property
    def width(self) -> int:
        """How many outputs a rule has."""
        return len(self._outputs)

    def _explain(self, run: Evaluation, values: list[Value], matched: list[int], value: Value) -> None:
        if len(run.answers) >= MAX_ANSWERS:
            return
        rules = self._box.rules
        run.answers.append(TableAnswer(
            decision=run.element, table=self._box.id, hit_policy=self._box.hit_policy + self._box.aggregation,
            inputs=tuple(
                SeenInput(label=clause.label, value=literal(run, each))
                for clause, each in zip(self._box.inputs, values, strict=True)
            ),
            rules=tuple(
                MatchedRule(id=rules[number].id, number=number + 1, remarks=rules[number].remarks)
                for number in matched
            ),
            output=literal(run, value),
        ))


class Index(NamedTuple):
    """The rules by the string in one column; otherwise: those that take any."""

    column: int
    rows: dict[str, tuple[Row, ...]]
    otherwise: tuple[Row, ...]


def _index_of(rows: Sequence[Sequence[Test | None]], choices: Mapping[Test, frozenset[str]]) -> Index | None:
    """Index the column of fixed strings that tells most rules apart; None when there is no such column."""
    best: Index | None = None
    for column in range(len(rows[0]) if rows else 0):
        cells = [row[column] for row in rows]
        if not all(cell is None or cell in choices for cell in cells):
            continue
        words = {word for cell in cells if cell is not None for word in choices[cell]}
        if len(words) < 2 or (best is not None and len(words) <= len(best.rows)):
            continue
        reduced = [
            _row(number, [None if place == column else test for place, test in enumerate(row)])
            for number, row in enumerate(rows)
        ]
        pairs = list(zip(cells, reduced, strict=True))
        found = {
            word: tuple(row for cell, row in pairs if cell is None or word in choices[cell]) for word in words
        }
        best = Index(column, found, tuple(row for cell, row in pairs if cell is None))
    return best


def _row(number: int, tests: Sequence[Test | None]) -> Row:
    """Give a rule with its first test apart: most rules fail there."""
    present = [(column, test) for column, test in enumerate(tests) if test is not None]
    if not present:
        return number, 0, _always, ()
    return number, *present[0], tuple(present[1:])


def _always(value: Value, frame: Frame) -> bool:
    return True


Policy = Callable[[Table, list[int], Frame], Value]


def _unique(table: Table, matched: list[int], frame: Frame) -> Value:
    if len(matched) > 1:
        raise Fault("severalRulesMatch", ", ".join(str(number + 1) for number in matched[:10]))
    return table.outcome(matched[0], frame)


def _any(table: Table, matched: list[int], frame: Frame) -> Value:
    first = table.outcome(matched[0], frame)
    for number in matched[1:]:
        other = table.outcome(number, frame)
        if not (first is None and other is None) and equal(frame[0], first, other) is not True:
            raise Fault("rulesDisagree", f"{matched[0] + 1}, {number + 1}")
    return first


def _first(table: Table, matched: list[int], frame: Frame) -> Value:
    return table.outcome(matched[0], frame)


def _in_rule_order(table: Table, matched: list[int], frame: Frame) -> Value:
    return [table.outcome(number, frame) for number in matched]


def _in_output_order(table: Table, matched: list[int], frame: Frame) -> Value:
    outcomes = [table.outcome(number, frame) for number in matched]
    return sorted(outcomes, key=lambda value: table.rank(value, frame))


def _priority(table: Table, matched: list[int], frame: Frame) -> Value:
    return _in_output_order(table, matched, frame)[0]


def _collect(table: Table, matched: list[int], frame: Frame) -> Value:
    outcomes = [table.outcome(number, frame) for number in matched]
    if not table.aggregation:
        return outcomes
    if table.width == 1:
        return _aggregated(table.aggregation, outcomes)
    columns = zip(*(outcome.values() for outcome in outcomes), strict=True)
    return table.shaped([_aggregated(table.aggregation, list(column)) for column in columns])


def _aggregated(aggregation: str, values: list[Value]) -> Value:
    if aggregation == "#":
        return from_int(len(values))
    total = values[0]
    if len(values) == 1 and type(total) is not Decimal:
        raise Fault("notANumber", kind_of(total))
    for value in values[1:]:
        if aggregation == "+":
            total = add(total, value)
            continue
        order = compare(value, total)
        if order is None:
            raise Fault("notComparable", f"{kind_of(value)}, {kind_of(total)}")
        if order == (-1 if aggregation == "<" else 1):
            total = value
    return total


POLICIES: dict[str, Policy] = {
    "U": _unique, "A": _any, "P": _priority, "F": _first, "R": _in_rule_order, "O": _in_output_order,
    "C": _collect,
}
