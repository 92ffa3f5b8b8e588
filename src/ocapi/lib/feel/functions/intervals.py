"""Built-in functions on points and intervals (the relations of Allen), and range()."""

from collections.abc import Callable

from ocapi.lib.feel import syntax
from ocapi.lib.feel.arithmetic import negate
from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.comparing import compare
from ocapi.lib.feel.errors import Fault, FeelSyntaxError
from ocapi.lib.feel.functions.signatures import Definition
from ocapi.lib.feel.parser import parse_expression
from ocapi.lib.feel.temporal_text import parse_at, parse_date, parse_date_time, parse_duration, parse_time
from ocapi.lib.feel.values import Range, Value

Relation = Callable[[Range, Range], bool]


def _order(left: Value, right: Value) -> int:
    found = compare(left, right)
    if found is None:
        raise Fault("notComparable", "range")
    return found


def _point(value: Value) -> Range:
    return Range(value, value, True, True)


def _low(one: Range, other: Range) -> int:
    """Compare where two intervals start; an open start lies after a closed one at the same value."""
    return _order(one.low, other.low) or int(other.low_included) - int(one.low_included)


def _high(one: Range, other: Range) -> int:
    """Compare where two intervals end; an open end lies before a closed one at the same value."""
    return _order(one.high, other.high) or int(one.high_included) - int(other.high_included)


def _is_before(one: Range, other: Range) -> bool:
    order = _order(one.high, other.low)
    return order < 0 or (order == 0 and not (one.high_included and other.low_included))


def _meets(one: Range, other: Range) -> bool:
    return one.high_included and other.low_included and _order(one.high, other.low) == 0


def _includes(one: Range, other: Range) -> bool:
    return _low(one, other) <= 0 and _high(one, other) >= 0


def _overlaps(one: Range, other: Range) -> bool:
    return not _is_before(one, other) and not _is_before(other, one)


def _overlaps_before(one: Range, other: Range) -> bool:
    return _low(one, other) < 0 and _high(one, other) < 0 and not _is_before(one, other)


def _starts(one: Range, other: Range) -> bool:
    return _low(one, other) == 0 and _high(one, other) <= 0


def _finishes(one: Range, other: Range) -> bool:
    return _high(one, other) == 0 and _low(one, other) >= 0


def _coincides(one: Range, other: Range) -> bool:
    return _low(one, other) == 0 and _high(one, other) == 0


def _flipped(relation: Relation) -> Relation:
    return lambda one, other: relation(other, one)


def _between(relation: Relation) -> Callable[[Run, Value, Value], Value]:
    """Make a function of a relation; a point is an interval of one value."""

    def related(run: Run, one: Value, other: Value) -> Value:
        first = one if isinstance(one, Range) else _point(one)
        second = other if isinstance(other, Range) else _point(other)
        return relation(first, second)

    return related


def _range(run: Run, text: str) -> Value:
    try:
        node = parse_expression(text)
    except FeelSyntaxError:
        raise Fault("notARange", text[:80]) from None
    if not isinstance(node, syntax.RangeNode):
        raise Fault("notARange", text[:80])
    low, high = _end(node.low), _end(node.high)
    if (low is None and node.low_included) or (high is None and node.high_included) or low is high is None:
        raise Fault("notARange", text[:80])
    if low is not None and high is not None and _order(low, high) > 0:
        raise Fault("notARange", text[:80])
    return Range(low, high, node.low_included, node.high_included)


_MAKERS: dict[str, Callable[[str], Value]] = {
    "date": parse_date, "time": parse_time, "date and time": parse_date_time, "duration": parse_duration,
}


def _end(node: syntax.Node) -> Value:
    if isinstance(node, syntax.Literal):
        return node.value
    if isinstance(node, syntax.Negation) and isinstance(node.operand, syntax.Literal):
        return negate(node.operand.value)
    if isinstance(node, syntax.AtLiteral):
        return parse_at(node.text)
    if isinstance(node, syntax.Call) and isinstance(node.callee, syntax.Name) and len(node.arguments) == 1:
        argument = node.arguments[0]
        maker = _MAKERS.get(node.callee.name)
        if maker and isinstance(argument, syntax.Literal) and isinstance(argument.value, str):
            return maker(argument.value)
    raise Fault("notARange")


_POINTS = "point1: any, point2: any"
_RANGES = "range1: range, range2: range"
_POINT_RANGE, _RANGE_POINT = "point: any, range: range", "range: range, point: any"


def _named(name: str, relation: Relation, *signatures: str) -> list[Definition]:
    """Give the same relation for every pair of names its arguments may have."""
    return [(name, signature, _between(relation)) for signature in signatures]


FUNCTIONS: tuple[Definition, ...] = (
    *_named("before", _is_before, _RANGES, _POINT_RANGE, _RANGE_POINT, _POINTS),
    *_named("after", _flipped(_is_before), _RANGES, _POINT_RANGE, _RANGE_POINT, _POINTS),
    *_named("meets", _meets, _RANGES),
    *_named("met by", _flipped(_meets), _RANGES),
    *_named("overlaps", _overlaps, _RANGES),
    *_named("overlaps before", _overlaps_before, _RANGES),
    *_named("overlaps after", _flipped(_overlaps_before), _RANGES),
    *_named("finishes", _finishes, _RANGES, _POINT_RANGE),
    *_named("finished by", _flipped(_finishes), _RANGES, _RANGE_POINT),
    *_named("includes", _includes, _RANGES, _RANGE_POINT),
    *_named("during", _flipped(_includes), _RANGES, _POINT_RANGE),
    *_named("starts", _starts, _RANGES, _POINT_RANGE),
    *_named("started by", _flipped(_starts), _RANGES, _RANGE_POINT),
    *_named("coincides", _coincides, _RANGES, _POINTS),
    ("range", "from: string", _range),
)
