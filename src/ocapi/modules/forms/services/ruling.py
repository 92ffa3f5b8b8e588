"""The linter of rules: FEEL that can't be read, names no question has, what never or always holds. Pure."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext_noop

from ocapi.lib import feel
from ocapi.lib.feel.free_names import free_names, named_in_filters, parts_of
from ocapi.lib.feel.functions import BUILT_IN_NAMES, BUILT_INS
from ocapi.lib.feel.names import RESERVED
from ocapi.lib.feel.syntax import AtLiteral, Call, Chain, Comparison, Literal, Name, Node
from ocapi.modules.forms.data import ADDRESS_PARTS, Field, FieldType, Finding, FormDefinition, Severity
from ocapi.modules.forms.services import deciding

TAKEN = frozenset(RESERVED) | frozenset(BUILT_INS) | {"item", "partial"}
"""Names that mean something of their own in FEEL."""

MAX_RULES = 200
MAX_RULE = 2_000  # characters
MOST_TRIED = 500  # combinations of answers a rule is tried with
_WHEN = datetime(2026, 6, 15, 10, tzinfo=UTC)  # the day rules are tried on
_DAYS = (-7_000, -400, -31, -1, 0, 1, 31, 400)  # around today and each day a rule names
_CLOCK = ("now", "today")
_TYPED = (FieldType.TEXT, FieldType.LONG_TEXT)


def findings(definition: FormDefinition) -> Iterator[Finding]:
    """Give what is wrong with the rules of a form, in its order."""
    names = deciding.names_of(definition)
    if len(set(names)) != len(names) or not all(name.isidentifier() for name in names):
        return  # the codes are told of already
    known = {field.code: field for field in definition.fields}
    rules = [rule for field in definition.fields for rule in rules_of(field)]
    if len(rules) > MAX_RULES:
        yield _found("", gettext_noop("A form has at most {most} rules. Take some out."), most=MAX_RULES)
        return
    yield from _endless(definition, known)
    earlier: set[str] = set()
    for field in definition.fields:
        for text, only_earlier in rules_of(field):
            usable = earlier if only_earlier else set(known)
            yield from _of_rule(field, text, known, usable)
        for cell in field.fields:
            for check in cell.checks:
                inside = {**known, **{each.code: each for each in field.fields}}
                yield from _of_rule(field, check.rule, inside, set(inside))
        earlier.add(field.code)


def _endless(definition: FormDefinition, known: Mapping[str, Field]) -> Iterator[Finding]:
    """Tell of the rule that spends what all rules of a form may together, before anything was answered."""
    run, nothing = deciding.Deciding(now=_WHEN), dict.fromkeys(known)
    for field in definition.fields:
        for text, _only_earlier in rules_of(field):
            try:
                run.value(text, nothing)
            except deciding.Uncomputable:
                if not run.is_spent:
                    continue  # its text can't be read, which is told of below
                yield _found(
                    field.code,
                    gettext_noop("“{rule}” takes too much work to compute. Make it smaller."),
                    rule=text[:80],
                )
                return


def rules_of(field: Field) -> Iterator[tuple[str, bool]]:
    """Give the rules of a field, and whether they see the answers before it only."""
    for text in (field.visible_when, field.required_when, field.calculation):
        if text:
            yield text, True
    for check in field.checks:
        yield check.rule, False


def _found(at: str, text: str, *, severity: Severity = Severity.ERROR, **values: object) -> Finding:
    return Finding(
        at=at, text=text, values={name: str(value) for name, value in values.items()}, severity=severity
    )


def _of_rule(field: Field, text: str, known: Mapping[str, Field], usable: set[str]) -> Iterator[Finding]:
    if len(text) > MAX_RULE:
        yield _found(field.code, gettext_noop("A rule is longer than 2,000 characters. Shorten it."))
        return
    try:
        node = parsed(text, known)
    except feel.FeelSyntaxError as refused:
        yield _found(
            field.code,
            gettext_noop("“{rule}” can't be read at line {line}, place {column}. Correct it there."),
            rule=text[:80],
            line=refused.line,
            column=refused.column,
        )
        return
    keys = set(ADDRESS_PARTS) | {cell.code for each in known.values() for cell in each.fields}
    strange = free_names(node) - set(known) | (named_in_filters(node) - set(known) - keys)
    for name in sorted(strange):
        yield _found(
            field.code,
            gettext_noop("“{rule}” names {name}, and no question has that code. Use one of the codes."),
            rule=text[:80],
            name=name,
        )
    for name in sorted(free_names(node) & set(known) - usable):
        yield _found(
            field.code,
            gettext_noop("“{rule}” needs {name}, which is asked later. Move that question up."),
            rule=text[:80],
            name=name,
        )
    if not strange:
        yield from _of_values(field, text, node, known)


def parsed(text: str, known: Mapping[str, Field]) -> Node:
    """Give the syntax tree of a rule; raises FeelSyntaxError."""
    return feel.parse_expression(text, known=BUILT_IN_NAMES.plus(known))


def _of_values(field: Field, text: str, node: Node, known: Mapping[str, Field]) -> Iterator[Finding]:
    """Tell of a condition that never holds and of a check that nothing passes, where that can be tried."""
    if text == field.calculation:
        return
    is_check = text not in (field.visible_when, field.required_when)
    results = tried(text, node, known, answered=field.code if is_check else "")
    if results is None:
        return
    severity = Severity.WARNING if _reads_the_clock(node) else Severity.ERROR
    if is_check and all(each is False for each in results):
        yield _found(
            field.code,
            gettext_noop("“{rule}” is never true: no answer can pass. Correct it."),
            severity=severity,
            rule=text[:80],
        )
    elif text == field.visible_when and not any(each is True for each in results):
        yield _found(
            field.code,
            gettext_noop("“{rule}” is never true: this question is never asked. Correct the condition."),
            severity=severity,
            rule=text[:80],
        )
    elif not is_check and text != field.visible_when and not any(each is True for each in results):
        yield _found(
            field.code,
            gettext_noop("“{rule}” is never true. Correct it or take it out."),
            severity=Severity.WARNING,
            rule=text[:80],
        )


def _looks_into(node: Node) -> bool:
    """Tell whether a rule asks more of a text than whether it is some other text, as `matches` does."""
    return any(
        isinstance(each, Call | Chain) or (isinstance(each, Comparison) and each.operator not in ("=", "!="))
        for each in _walk(node)
    )


def _reads_the_clock(node: Node) -> bool:
    return any(isinstance(each, Name) and each.name in _CLOCK for each in _walk(node))


def tried(text: str, node: Node, known: Mapping[str, Field], *, answered: str) -> tuple[object, ...] | None:
    """Give what a rule gives for the answers that can matter; None when they can't be listed.

    For a number those are its bounds, the numbers in the rule and their neighbors. answered: a field whose
    answer is there.
    """
    names = sorted(free_names(node) & set(known))
    if any(known[name].type in _TYPED for name in names) and _looks_into(node):
        return None
    if named_in_filters(node) or (not names and _reads_the_clock(node)):
        return None
    domains = []
    count = 1
    for name in names:
        domain = _domain(known[name], node, is_answered=name == answered)
        if domain is None:
            return None
        count *= len(domain)
        if count > MOST_TRIED:
            return None
        domains.append(domain)
    run = deciding.Deciding(now=_WHEN)
    nothing: dict[str, object] = dict.fromkeys(known)
    found = []
    for combination in itertools.product(*domains):
        try:
            found.append(run.value(text, {**nothing, **dict(zip(names, combination, strict=True))}))
        except deciding.Uncomputable:
            return None
    return tuple(found)


def _domain(field: Field, node: Node, *, is_answered: bool) -> list[object] | None:
    given = _answers(field, node)
    return None if given is None else given if is_answered else [*given, None]


def _answers(field: Field, node: Node) -> list[object] | None:
    kind = field.type
    if field.calculation:
        return None
    if kind is FieldType.STATEMENT:
        return [True]
    if kind is FieldType.YES_NO:
        return [True, False]
    if kind is FieldType.CHOICE:
        return [option.code for option in field.options]
    if kind in (FieldType.INTEGER, FieldType.AMOUNT):
        return _numbers(field, node)
    if kind is FieldType.DATE:
        return _days(field, node)
    if kind in _TYPED and field.max_length is None:
        return ["x", "x" * 200, *_literals(node, str)]
    return None


def _numbers(field: Field, node: Node) -> list[object]:
    scale = 100 if field.type is FieldType.AMOUNT else 1
    low = Decimal(field.min) / scale if isinstance(field.min, int) else None
    high = Decimal(field.max) / scale if isinstance(field.max, int) else None
    near = {each + step for each in _literals(node, Decimal) for step in (-1, 0, 1)}
    ends = (low, high, Decimal(0), Decimal(1), Decimal(10) ** 6)
    wanted = near | {each for each in ends if each is not None}
    return [
        each for each in sorted(wanted) if (low is None or each >= low) and (high is None or each <= high)
    ]


def _days(field: Field, node: Node) -> list[object] | None:
    if any(not isinstance(each, str) or len(each) != 10 for each in _at_literals(node)):
        return None
    today = _WHEN.date()
    marks = {today, *(date.fromisoformat(each) for each in _at_literals(node))}
    marks |= {date.fromisoformat(each) for each in _literals(node, str) if _is_day(each)}
    wanted = {each + timedelta(days=step) for each in marks for step in _DAYS}
    low = today if field.min == "today" else date.fromisoformat(str(field.min)) if field.min else None
    high = today if field.max == "today" else date.fromisoformat(str(field.max)) if field.max else None
    return [
        each for each in sorted(wanted) if (low is None or each >= low) and (high is None or each <= high)
    ]


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _walk(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += parts_of(each)


def _literals(node: Node, kind: type) -> list[object]:
    return [each.value for each in _walk(node) if isinstance(each, Literal) and type(each.value) is kind]


def _at_literals(node: Node) -> list[str]:
    return [each.text for each in _walk(node) if isinstance(each, AtLiteral)]
