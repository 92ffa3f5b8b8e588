"""Equality, order and membership. Each gives True, False, or None where FEEL says null."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time, instant, time_offset
from ocapi.lib.feel.values import Function, Range, Value

Key = Any
_SIMPLE = frozenset({bool, Decimal, str, DaysDuration, MonthsDuration, Date})
_ORDERED = frozenset({Decimal, str})


def equal(run: Run, left: Value, right: Value) -> bool | None:
    """Say whether two values are equal; None when their types differ and neither is null."""
    kind = type(left)
    if kind is not type(right):
        if left is None or right is None:
            return False
        return _mixed(left, right)
    if kind in _SIMPLE or left is None:
        return bool(left == right)
    if kind is list:
        return _equal_lists(run, left, right)
    if kind is dict:
        return _equal_contexts(run, left, right)
    if kind is Time or kind is DateTime:
        return bool(_key(left) == _key(right))
    if kind is Range:
        return _equal_ranges(run, left, right)
    return left is right if isinstance(left, Function) else None


def _mixed(left: Value, right: Value) -> bool | None:
    if isinstance(left, Function) and isinstance(right, Function):
        return left is right
    return None


def _equal_lists(run: Run, left: list[Value], right: list[Value]) -> bool:
    run.spend(1 + min(len(left), len(right)))
    if len(left) != len(right):
        return False
    return all(equal(run, one, other) is True for one, other in zip(left, right, strict=True))


def _equal_contexts(run: Run, left: dict[str, Value], right: dict[str, Value]) -> bool:
    run.spend(1 + len(left))
    return left.keys() == right.keys() and all(equal(run, value, right[key]) for key, value in left.items())


def _equal_ranges(run: Run, left: Range, right: Range) -> bool:
    return (
        (left.low_included, left.high_included, left.operator)
        == (right.low_included, right.high_included, right.operator)
        and equal(run, left.low, right.low) is True
        and equal(run, left.high, right.high) is True
    )


def _key(value: Value) -> Key:
    """Give what values of one type are compared by; fractions of a second do not count (TCK 0068)."""
    kind = type(value)
    if kind is DateTime:
        seconds, tied = instant(value)
        return tied, seconds
    if kind is Time:
        offset = time_offset(value)
        return (False, value.seconds) if offset is None else (True, value.seconds - offset)
    if kind is Date:
        return True, value.days
    return True, value.nanos if kind is DaysDuration else value.months


def compare(left: Value, right: Value) -> int | None:
    """Give -1, 0 or 1; None when the two have no order between them."""
    kind = type(left)
    if kind is not type(right):
        return _compare_days(left, right)
    if kind in _ORDERED:
        return int(left > right) - int(left < right)
    if kind in (Date, Time, DateTime, DaysDuration, MonthsDuration):
        return _by_key(_key(left), _key(right))
    return None


def _compare_days(left: Value, right: Value) -> int | None:
    if not (isinstance(left, Date | DateTime) and isinstance(right, Date | DateTime)):
        return None
    return _by_key(_key(left), _key(right))


def _by_key(one: Key, other: Key) -> int | None:
    if one[0] is not other[0]:
        return None  # one is tied to UTC, the other is local
    return int(one[1] > other[1]) - int(one[1] < other[1])


ORDER: dict[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0, "<=": lambda sign: sign <= 0, ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def ordered(operator: str, left: Value, right: Value) -> bool | None:
    """Apply < <= > >=; None when the two have no order between them."""
    sign = compare(left, right)
    return None if sign is None else ORDER[operator](sign)


def contains(run: Run, interval: Range, value: Value) -> bool | None:
    """Say whether a value lies in an interval; None when it can't be compared with the ends."""
    if interval.operator in ("=", "!="):
        same = equal(run, value, interval.low)
        if same is None or interval.operator == "=":
            return same
        return not same
    if interval.operator:
        bound = interval.high if interval.operator in ("<", "<=") else interval.low
        return ordered(interval.operator, value, bound)
    low = ordered(">=" if interval.low_included else ">", value, interval.low)
    high = ordered("<=" if interval.high_included else "<", value, interval.high)
    if low is False or high is False:
        return False if low is not None and high is not None else None
    return None if low is None or high is None else True


def matches_test(run: Run, value: Value, test: Value) -> bool | None:
    """Say whether a value passes what a test evaluated to: it is equal, lies in it, or is one of it."""
    kind = type(test)
    if kind is Range:
        if type(value) is Range:
            return equal(run, value, test)
        return contains(run, test, value)
    if kind is list:
        if type(value) is list and equal(run, value, test):
            return True
        run.spend(len(test))
        for item in test:
            if (contains(run, item, value) if type(item) is Range and type(value) is not Range
                    else equal(run, value, item)):
                return True
        return False
    return equal(run, value, test)


def identical(run: Run, left: Value, right: Value) -> bool:
    """Say whether two values are the same element of the domain, as `is` asks: zones must agree too."""
    run.spend(1)
    if type(left) is not type(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(
            identical(run, one, other) for one, other in zip(left, right, strict=True)
        )
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(
            identical(run, left[key], right[key]) for key in left
        )
    return bool(left == right)
