"""Values on their way to and from other systems as plain JSON; amounts stay exact."""

from decimal import Decimal

from ocapi.lib import codec
from ocapi.lib.codec import JsonValue
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.natives import NotAValue, to_feel
from ocapi.lib.feel.numbers import plain
from ocapi.lib.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from ocapi.lib.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time, show
from ocapi.lib.feel.types import ContextType, Deferred, ListType, Simple, Type
from ocapi.lib.feel.values import Value

_WRITTEN = {
    "date": parse_date, "time": parse_time, "date and time": parse_date_time,
    "days and time duration": parse_duration, "years and months duration": parse_duration,
}
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


def from_json(raw: bytes, *, max_bytes: int) -> Value:
    """Give the value of JSON from outside, its numbers as Decimal; raises MalformedInput."""
    return value_of(codec.decode_untyped(raw, max_bytes=max_bytes))


def value_of(given: JsonValue) -> Value:
    """Give decoded JSON as a value: no floats, as they are written shortest."""
    if isinstance(given, dict):
        return {key: value_of(each) for key, each in given.items()}
    if isinstance(given, list):
        return [value_of(each) for each in given]
    return Decimal(repr(given)) if isinstance(given, float) else given


def fitted(given: Value, wanted: Type) -> Value:
    """Give a value of JSON as its type means it: moments and durations come as ISO 8601 text.

    Raises NotAValue for one that is not of the type, and says which that is.
    """
    if isinstance(wanted, Deferred):
        wanted = wanted.target
    if isinstance(wanted, ListType) and isinstance(given, list):
        return [fitted(each, wanted.item) for each in given]
    if isinstance(wanted, ContextType) and isinstance(given, dict):
        kinds = dict(wanted.fields)
        return {name: fitted(each, kinds[name]) if name in kinds else each for name, each in given.items()}
    made = to_feel(given)
    if made is None or not isinstance(wanted, Simple) or isinstance(made, list | dict):
        return made  # what it becomes then is the model's to say (DMN 1.5, 10.3.2.9.4)
    if isinstance(made, str) and wanted.name in _WRITTEN:
        try:
            made = _WRITTEN[wanted.name](made)
        except Fault:
            raise NotAValue(f"no {wanted.name} as ISO 8601 writes it") from None
    if not wanted.has(made):
        raise NotAValue(f"no {wanted.name}")
    return made


def name_of(kind: Type) -> str:
    """Give the name of a type as FEEL writes it, without the fields of a context."""
    if isinstance(kind, Deferred):
        return name_of(kind.target)
    if isinstance(kind, ListType):
        return f"list<{name_of(kind.item)}>"
    if isinstance(kind, ContextType):
        return "context"
    return kind.name if isinstance(kind, Simple) else "Any"
