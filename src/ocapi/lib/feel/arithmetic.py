"""The arithmetic of numbers, strings, dates, times and durations. Where there is no result: Fault."""

from collections.abc import Callable
from decimal import Decimal

from ocapi.lib.feel import temporal
from ocapi.lib.feel.budget import require_string
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.numbers import CONTEXT, FAILURES
from ocapi.lib.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from ocapi.lib.feel.values import Value, kind_of

Operation = Callable[[Value, Value], Value]
_add, _subtract, _multiply, _divide = CONTEXT.add, CONTEXT.subtract, CONTEXT.multiply, CONTEXT.divide


def add(left: Value, right: Value) -> Value:
    """left + right."""
    kind, other = type(left), type(right)
    if kind is Decimal and other is Decimal:
        return _safe(_add, left, right)
    if kind is str and other is str:
        require_string(len(left) + len(right))
        return left + right
    if other in (Date, DateTime, Time) and kind in (DaysDuration, MonthsDuration) and (
        other is not Time or kind is DaysDuration
    ):
        return add(right, left)
    if kind is other is DaysDuration:
        return DaysDuration(left.nanos + right.nanos)
    if kind is other is MonthsDuration:
        return MonthsDuration(left.months + right.months)
    if other is DaysDuration and kind in _MOVED:
        return _MOVED[kind](left, right.nanos)
    if other is MonthsDuration and kind in (Date, DateTime):
        return _add_months(left, right.months)
    raise unfit("+", left, right)


def subtract(left: Value, right: Value) -> Value:
    """left - right."""
    kind, other = type(left), type(right)
    if kind is Decimal and other is Decimal:
        return _safe(_subtract, left, right)
    if kind in (Date, DateTime) and other in (Date, DateTime):
        return temporal.difference(left, right)
    if kind is other is Time:
        return temporal.time_difference(left, right)
    if other in (DaysDuration, MonthsDuration) and kind in (Date, DateTime, Time, other):
        return add(left, negate(right))
    raise unfit("-", left, right)


def multiply(left: Value, right: Value) -> Value:
    """left * right."""
    kind, other = type(left), type(right)
    if kind is Decimal and other is Decimal:
        return _safe(_multiply, left, right)
    if kind is Decimal and other in (DaysDuration, MonthsDuration):
        return multiply(right, left)
    if other is Decimal and kind is DaysDuration:
        return DaysDuration(_whole(_scaled(_multiply, left.nanos, right)))
    if other is Decimal and kind is MonthsDuration:
        return MonthsDuration(_whole(_scaled(_multiply, left.months, right)))
    raise unfit("*", left, right)


def divide(left: Value, right: Value) -> Value:
    """left / right; dividing by zero has no result."""
    kind, other = type(left), type(right)
    if kind is Decimal and other is Decimal:
        if not right:
            raise Fault("divisionByZero")
        return _safe(_divide, left, right)
    if other is Decimal and kind in (DaysDuration, MonthsDuration):
        if not right:
            raise Fault("divisionByZero")
        if kind is DaysDuration:
            return DaysDuration(_whole(_scaled(_divide, left.nanos, right)))
        return MonthsDuration(_whole(_scaled(_divide, left.months, right)))
    if kind is other and kind in (DaysDuration, MonthsDuration):
        first, second = (left.nanos, right.nanos) if kind is DaysDuration else (left.months, right.months)
        if not second:
            raise Fault("divisionByZero")
        return _safe(_divide, CONTEXT.create_decimal(first), CONTEXT.create_decimal(second))
    raise unfit("/", left, right)


def power(left: Value, right: Value) -> Value:
    """left ** right."""
    if type(left) is not Decimal or type(right) is not Decimal:
        raise unfit("**", left, right)
    return _safe(CONTEXT.power, left, right)


def negate(value: Value) -> Value:
    """-value."""
    kind = type(value)
    if kind is Decimal:
        return CONTEXT.minus(value)
    if kind is DaysDuration:
        return DaysDuration(-value.nanos)
    if kind is MonthsDuration:
        return MonthsDuration(-value.months)
    raise Fault("notNegatable", kind_of(value))


def unfit(operator: str, left: Value, right: Value) -> Fault:
    """Give the fault of two values an operator does not know together."""
    return Fault("typesDoNotFit", f"{kind_of(left)} {operator} {kind_of(right)}")


def _safe(operation: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal) -> Decimal:
    try:
        return operation(left, right)
    except FAILURES:
        raise Fault("outOfRange", "number") from None


def _scaled(operation: Callable[[Decimal, Decimal], Decimal], amount: int, factor: Decimal) -> Decimal:
    return _safe(operation, CONTEXT.create_decimal(amount), factor)


def _whole(value: Decimal) -> int:
    if value.adjusted() > 40:
        raise Fault("outOfRange", "duration")
    return int(value)


def _add_months(left: Date | DateTime, months: int) -> Date | DateTime:
    if isinstance(left, Date):
        return temporal.add_months(left, months)
    return DateTime(temporal.add_months(left.date, months), left.time)


_MOVED: dict[type, Callable[[Value, int], Value]] = {
    Date: temporal.add_to_date, DateTime: temporal.add_to_date_time, Time: temporal.add_to_time,
}
OPERATIONS: dict[str, Operation] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "**": power,
}
