"""Values on their way to and from other systems as plain JSON; amounts stay exact."""

from decimal import Decimal

from ocapi.lib import codec
from ocapi.lib.codec import JsonValue
from ocapi.lib.feel.natives import to_feel
from ocapi.lib.feel.numbers import plain
from ocapi.lib.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from ocapi.lib.feel.temporal_text import show
from ocapi.modules.processes import data

_TEMPORAL = (Date, Time, DateTime, DaysDuration, MonthsDuration)


def to_json(value: object) -> bytes:
    """Give the JSON of a value: numbers as numbers, exactly; times as ISO 8601. Raises NotAValue."""
    return codec.encode_record({"_": _shaped(to_feel(value))})[len('{"_":'):-1]


def _shaped(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shaped(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shaped(each) for each in value]
    if isinstance(value, Decimal):
        return codec.Embedded(plain(value).encode())
    if isinstance(value, _TEMPORAL):
        return show(value)
    return value if value is None or isinstance(value, bool | str) else str(value)


def from_json(raw: bytes, *, max_bytes: int) -> data.Value:
    """Give the value of JSON from outside, its numbers as Decimal; raises MalformedInput."""
    return value_of(codec.decode_untyped(raw, max_bytes=max_bytes))


def value_of(given: JsonValue) -> data.Value:
    """Give decoded JSON as a value: no floats, as they are written shortest."""
    if isinstance(given, dict):
        return {key: value_of(each) for key, each in given.items()}
    if isinstance(given, list):
        return [value_of(each) for each in given]
    return Decimal(repr(given)) if isinstance(given, float) else given
