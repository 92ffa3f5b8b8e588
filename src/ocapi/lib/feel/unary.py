"""Code of tests: the cells of decision tables and what stands behind `in`."""

from decimal import Decimal

from ocapi.lib.feel import syntax
from ocapi.lib.feel.comparing import contains, matches_test
from ocapi.lib.feel.operators import DIRECT
from ocapi.lib.feel.scope import Code, Compiling, Frame, Test
from ocapi.lib.feel.temporal import Date
from ocapi.lib.feel.values import Range, Value, kind_of

_PLAIN = frozenset({Decimal, str})


def tests_code(compiling: Compiling, node: syntax.Tests) -> Test | None:
    """Give the test of a cell; None for `-`, which everything passes."""
    if not node.tests:
        return None
    test = _choice_test(compiling, node.tests) or any_of([test_code(compiling, test) for test in node.tests])
    return _negated(test) if node.negated else test  # a new closure: no longer one of the choices


def _choice_test(compiling: Compiling, nodes: tuple[syntax.Node, ...]) -> Test | None:
    """Give the test of a list of strings, or of numbers, as one look in a set; None when it is none."""
    values: list[Value] = [node.value for node in nodes if isinstance(node, syntax.Literal)]
    kinds = {type(value) for value in values}
    if len(values) < 2 or len(values) != len(nodes) or len(kinds) != 1 or not kinds <= _PLAIN:
        return None
    kind, choices = kinds.pop(), frozenset[Value](values)
    one_by_one = any_of([_equality_test(value) for value in values])

    def choice(value: Value, frame: Frame) -> bool | None:
        if type(value) is kind:
            return value in choices
        answer: bool | None = one_by_one(value, frame)
        return answer

    if kind is str:
        compiling.choices[choice] = choices
    return choice


def _negated(test: Test) -> Test:
    def negated(value: Value, frame: Frame) -> bool:
        return test(value, frame) is False

    return negated


def any_of(tests: list[Test]) -> Test:
    """Give the test that passes when one passes; null when none does and one is null."""
    if len(tests) == 1:
        return tests[0]

    def disjunction(value: Value, frame: Frame) -> bool | None:
        unknown = False
        for test in tests:
            answer = test(value, frame)
            if answer is True:
                return True
            unknown = unknown or answer is None
        return None if unknown else False

    return disjunction


def test_code(compiling: Compiling, node: syntax.Node) -> Test:
    """Give one test."""
    if isinstance(node, syntax.UnaryRange):
        return _bound_test(compiling, node)
    outer, compiling.question_used = compiling.question_used, False
    code = compiling.code(node)
    uses_question, compiling.question_used = compiling.question_used, outer
    if uses_question:
        return _condition_test(compiling, code)
    if code not in compiling.constants:
        return _interval_test(code) if isinstance(node, syntax.RangeNode) else _value_test(code)
    fixed = compiling.constants[code]
    kind = type(fixed)
    if kind in _PLAIN or kind is bool:
        test = _equality_test(fixed)
        if kind is str:
            compiling.choices[test] = frozenset({fixed})
        return test
    if isinstance(fixed, Range):
        return _range_test(fixed)
    return lambda value, frame: matches_test(frame[0], value, fixed)


def _equality_test(fixed: Value) -> Test:
    kind = type(fixed)

    def equality(value: Value, frame: Frame) -> bool | None:
        if type(value) is kind:
            return bool(value == fixed)
        return matches_test(frame[0], value, fixed)

    return equality


def _range_test(interval: Range) -> Test:
    low, high = interval.low, interval.high
    if type(low) is not Decimal or type(high) is not Decimal or interval.operator:
        return lambda value, frame: matches_test(frame[0], value, interval)
    from_low, to_high = interval.low_included, interval.high_included

    def between(value: Value, frame: Frame) -> bool | None:
        if type(value) is Decimal:
            if low < value < high:
                return True
            return bool(low <= high and ((from_low and value == low) or (to_high and value == high)))
        return matches_test(frame[0], value, interval)

    return between


def _bound_test(compiling: Compiling, node: syntax.UnaryRange) -> Test:
    code = compiling.code(node.end)
    symbol = node.operator
    fixed = compiling.constants.get(code)
    kind = type(fixed)
    if kind not in _PLAIN and kind is not Date:
        return lambda value, frame: contains(frame[0], bounded(symbol, code(frame)), value)
    direct = DIRECT[symbol]
    interval = bounded(symbol, fixed)
    if isinstance(fixed, Date):
        return _day_test(symbol, fixed, interval)

    def bound(value: Value, frame: Frame) -> bool | None:
        if type(value) is kind:
            return direct(value, fixed)
        return contains(frame[0], interval, value)

    return bound


def _day_test(symbol: str, day: Date, interval: Range) -> Test:
    direct = DIRECT[symbol]
    fixed = (day.year, day.month, day.day)

    def bound(value: Value, frame: Frame) -> bool | None:
        if type(value) is Date:
            return direct((value.year, value.month, value.day), fixed)
        return contains(frame[0], interval, value)

    return bound


def bounded(symbol: str, end: Value) -> Range:
    """Give `< end` and the like as an interval."""
    if symbol in ("<", "<="):
        return Range(None, end, False, symbol == "<=", symbol)
    if symbol in (">", ">="):
        return Range(end, None, symbol == ">=", False, symbol)
    return Range(end, end, symbol == "=", symbol == "=", symbol)


def _condition_test(compiling: Compiling, code: Code) -> Test:
    """A condition about `?`: its own answer counts, or what it evaluates to is tested."""
    slot = compiling.place_of("?")[0]
    assert slot is not None

    def condition(value: Value, frame: Frame) -> bool | None:
        frame[slot] = value
        answer = code(frame)
        return answer if type(answer) is bool else matches_test(frame[0], value, answer)

    return condition


def _value_test(code: Code) -> Test:
    def test(value: Value, frame: Frame) -> bool | None:
        answer = code(frame)
        if type(answer) is bool and type(value) is not bool:
            return answer
        return matches_test(frame[0], value, answer)

    return test


def _interval_test(code: Code) -> Test:
    """An interval with a null end can't be tested against."""

    def test(value: Value, frame: Frame) -> bool | None:
        interval = code(frame)
        return None if interval is None else matches_test(frame[0], value, interval)

    return test


def in_code(compiling: Compiling, node: syntax.In) -> Code:
    """`value in (tests)`."""
    value = compiling.code(node.value)
    test = any_of([test_code(compiling, each) for each in node.tests])
    position = node.position

    def membership(frame: Frame) -> Value:
        given = value(frame)
        answer = test(given, frame)
        return frame[0].fault("notComparable", position, kind_of(given)) if answer is None else answer

    return membership
