"""Python values to FEEL values and back to what JSON can hold. Floats are refused: money is exact."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from ocapi.lib.feel.budget import MAX_DEPTH, MAX_LIST, MAX_RESULT, MAX_STRING
from ocapi.lib.feel.errors import BudgetExceeded
from ocapi.lib.feel.numbers import CONTEXT, FAILURES
from ocapi.lib.feel.temporal import NANO, Date, DateTime, DaysDuration, MonthsDuration, Time, from_datetime
from ocapi.lib.feel.values import Function, Range, Value

_READY = (str, bool, Date, Time, DateTime, DaysDuration, MonthsDuration, Range, Function)


class NotAValue(TypeError):
    """A Python object that is no FEEL value, such as a float or an object with methods."""


def to_feel(value: object, depth: int = 0) -> Value:
    """Give the FEEL value of a Python value; raises NotAValue."""
    if depth > MAX_DEPTH:
        raise NotAValue(f"nested deeper than {MAX_DEPTH}")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | Decimal):
        return _number(value)
    if isinstance(value, list | tuple):
        if len(value) > MAX_LIST:
            raise NotAValue(f"a list longer than {MAX_LIST}")
        return [to_feel(item, depth + 1) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise NotAValue("a key that is no string")
        return {_text(key): to_feel(item, depth + 1) for key, item in value.items()}
    return value if isinstance(value, _READY) else _temporal(value)


def _text(value: str) -> str:
    if len(value) > MAX_STRING:
        raise NotAValue(f"a string longer than {MAX_STRING}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NotAValue("a string with half a character") from None
    return str(value)


def _number(value: int | Decimal) -> Decimal:
    try:
        made = CONTEXT.create_decimal(value)
    except FAILURES:
        raise NotAValue("a number out of range") from None
    if not made.is_finite():
        raise NotAValue("a number that is not finite")
    return made


def _temporal(value: object) -> Value:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return DateTime(Date(value.year, value.month, value.day), _clock(value.time()))
        return from_datetime(value)
    if isinstance(value, date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, time) and value.tzinfo is None:
        return _clock(value)
    if isinstance(value, timedelta):
        return DaysDuration((value.days * 86_400 + value.seconds) * NANO + value.microseconds * 1_000)
    raise NotAValue(f"{type(value).__name__} is no FEEL value")


def _clock(value: time) -> Time:
    return Time(value.hour, value.minute, value.second, value.microsecond * 1_000)


def detached(value: Value) -> Value:
    """Give a copy of a bounded result, so that whoever gets it can't change a constant of the model."""
    if type(value) is list:
        return [detached(item) for item in value]
    return {key: detached(item) for key, item in value.items()} if type(value) is dict else value


def require_bounded(value: Value) -> None:
    """Refuse a result that is nested deeper than 64 or has more than a million parts, without recursion."""
    waiting: list[tuple[Value, int]] = [(value, 0)]
    parts = 0
    while waiting:
        item, depth = waiting.pop()
        inner = item if type(item) is list else list(item.values()) if type(item) is dict else ()
        parts += len(inner)
        if depth > MAX_DEPTH or parts > MAX_RESULT:
            raise BudgetExceeded("resultSize", MAX_RESULT if parts > MAX_RESULT else MAX_DEPTH)
        waiting += [(part, depth + 1) for part in inner if type(part) in (list, dict)]
