"""Decision tables into closures: inputs are evaluated once, tests only until one fails."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from ocapi.lib.dmn import model
from ocapi.lib.dmn.evaluation import MAX_ANSWERS, Evaluation
from ocapi.lib.dmn.explaining import MatchedRule, SeenInput, TableAnswer
from ocapi.lib.feel.arithmetic import add
from ocapi.lib.feel.comparing import compare, equal
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.numbers import from_int
from ocapi.lib.feel.scope import Code, Frame, Test
from ocapi.lib.feel.showing import show
from ocapi.lib.feel.types import Type, coerced
from ocapi.lib.feel.values import Value, kind_of


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

    __slots__ = ("_box", "_inputs", "_outputs", "_policy", "_rows", "_single")

    def __init__(
        self, box: model.TableBox, inputs: Sequence[tuple[Code, Test | None]], outputs: Sequence[Output],
        rows: Sequence[tuple[Sequence[Test | None], Sequence[Code]]],
    ) -> None:
        self._box = box
        self._inputs = tuple(inputs)
        self._outputs = tuple(outputs)
        self._single = len(outputs) == 1
        self._policy = POLICIES[box.hit_policy]
        self._rows = tuple(
            (
                number,
                tuple((column, test) for column, test in enumerate(tests) if test is not None),
                tuple(codes),
            )
            for number, (tests, codes) in enumerate(rows)
        )

    def code(self, frame: Frame) -> Value:
        """Evaluate; what goes wrong is recorded and gives null."""
        run: Evaluation = frame[0]
        try:
            values = [code(frame) for code, _ in self._inputs]
            for place, (_, allowed) in enumerate(self._inputs):
                if allowed is not None and values[place] is not None and not allowed(values[place], frame):
                    raise Fault("inputNotAllowed", self._box.inputs[place].label)
            matched = self._matching(values, frame)
            value = self._policy(self, matched, frame) if matched else self._nothing(frame)
        except Fault as fault:
            return run.fault(fault.code, 0, f"{self._box.id}: {fault.detail}")
        if run.explains:
            self._explain(run, values, matched, value)
        return value

    def _matching(self, values: list[Value], frame: Frame) -> list[int]:
        """Give the places of the rules that match, only the first for the hit policy that needs no more."""
        found = []
        only_first = self._box.hit_policy == "F"
        for number, tests, _ in self._rows:
            for column, test in tests:
                if test(values[column], frame) is not True:
                    break
            else:
                found.append(number)
                if only_first:
                    break
        frame[0].spend(len(self._rows))
        return found

    def outcome(self, number: int, frame: Frame) -> Value:
        """Evaluate the outputs of a rule: one value, or a context by the names of the outputs."""
        codes = self._rows[number][2]
        values = [self._checked(output, code(frame), frame)
                  for output, code in zip(self._outputs, codes, strict=True)]
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
                SeenInput(label=clause.label, value=show(run, [each])[1:-1])
                for clause, each in zip(self._box.inputs, values, strict=True)
            ),
            rules=tuple(
                MatchedRule(id=rules[number].id, number=number + 1, remarks=rules[number].remarks)
                for number in matched
            ),
            output=show(run, [value])[1:-1],
        ))


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
