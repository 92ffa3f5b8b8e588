"""FEEL values as small JSON: every text carries its kind in the first character, numbers stay exact."""

from decimal import Decimal

from ocapi.lib import codec
from ocapi.lib.codec import MalformedInput
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.natives import NotAValue, to_feel
from ocapi.lib.feel.numbers import plain
from ocapi.lib.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from ocapi.lib.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time, show
from ocapi.lib.feel.values import Value, kind_of

MAX_BYTES = 64 << 10  # of one variable
_TEMPORAL = {Date: "d", Time: "t", DateTime: "i", DaysDuration: "p", MonthsDuration: "p"}
_READERS = {"d": parse_date, "t": parse_time, "i": parse_date_time, "p": parse_duration}


class NotStorable(ValueError):
    """A value that no variable can hold. reason: variableTooLarge | notStorable; detail: kind or size."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def write(value: object) -> str:
    """Give the JSON of a Python or FEEL value; raises NotStorable."""
    try:
        raw = codec.encode_json(_plain(to_feel(value)))
    except NotAValue as refusal:
        raise NotStorable("notStorable", str(refusal)) from None
    if len(raw) > MAX_BYTES:
        raise NotStorable("variableTooLarge", f"{len(raw)} bytes; {MAX_BYTES} are allowed")
    text = raw.decode()
    if text[:1] in "[{" or "\\u0000" in text:
        try:
            codec.decode_untyped(raw, max_bytes=MAX_BYTES)  # what is stored can be read again
        except MalformedInput as refusal:
            raise NotStorable("notStorable", refusal.reason.value) from None
    return text


def read(text: str) -> Value:
    """Give the FEEL value that `write` wrote."""
    return _value(codec.decode_untyped(text.encode(), max_bytes=2 * MAX_BYTES))


def _plain(value: Value) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return f"s{value}"
    if isinstance(value, Decimal):
        return f"n{plain(value)}"
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    mark = _TEMPORAL.get(type(value))
    if mark is None:
        raise NotStorable("notStorable", kind_of(value))
    return f"{mark}{show(value)}"


def _value(stored: object) -> Value:
    if isinstance(stored, list):
        return [_value(each) for each in stored]
    if isinstance(stored, dict):
        return {key: _value(each) for key, each in stored.items()}
    if not isinstance(stored, str):
        return stored
    mark, text = stored[:1], stored[1:]
    if mark == "s":
        return text
    if mark == "n":
        return Decimal(text)
    try:
        return _READERS[mark](text)
    except (KeyError, Fault):
        raise MalformedInput(codec.Reason.INVALID_VALUE, detail="not a stored value") from None
