"""What stands behind a dot: the keys of a context, the parts of dates, durations and ranges."""

from collections.abc import Callable, Mapping
from typing import Any

from ocapi.lib.feel import civil
from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.numbers import from_int
from ocapi.lib.feel.temporal import (
    NANO,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    time_offset,
)
from ocapi.lib.feel.values import Range, Value

Part = Callable[[Any], Value]


def _truncated(total: int, unit: int, modulus: int = 0) -> Value:
    """Give whole units of a signed total; the sign stays with the part."""
    part = abs(total) // unit
    part = part % modulus if modulus else part
    return from_int(-part if total < 0 else part)


def _offset(value: Time | DateTime) -> Value:
    if isinstance(value, DateTime):
        seconds = time_offset(value.time, value.local_seconds)
    else:
        seconds = time_offset(value)
    return None if seconds is None else DaysDuration(seconds * NANO)


def _inside(component: Part, part: Part) -> Part:
    return lambda value: part(component(value))


_DATE: dict[str, Part] = {
    "year": lambda value: from_int(value.year),
    "month": lambda value: from_int(value.month),
    "day": lambda value: from_int(value.day),
    "weekday": lambda value: from_int(civil.weekday(value.days)),
}
_TIME: dict[str, Part] = {
    "hour": lambda value: from_int(value.hour),
    "minute": lambda value: from_int(value.minute),
    "second": lambda value: from_int(value.second),
    "time offset": _offset,
    "timezone": lambda value: value.zone,
}
PARTS: Mapping[type, Mapping[str, Part]] = {
    Date: _DATE,
    Time: _TIME,
    DateTime: {
        **{name: _inside(lambda value: value.date, part) for name, part in _DATE.items()},
        **{name: _inside(lambda value: value.time, part) for name, part in _TIME.items()},
        "time offset": _offset,
    },
    DaysDuration: {
        "days": lambda value: _truncated(value.nanos, 86_400 * NANO),
        "hours": lambda value: _truncated(value.nanos, 3_600 * NANO, 24),
        "minutes": lambda value: _truncated(value.nanos, 60 * NANO, 60),
        "seconds": lambda value: _truncated(value.nanos, NANO, 60),
    },
    MonthsDuration: {
        "years": lambda value: _truncated(value.months, 12),
        "months": lambda value: _truncated(value.months, 1, 12),
    },
    Range: {
        "start": lambda value: value.low,
        "end": lambda value: value.high,
        "start included": lambda value: value.low_included,
        "end included": lambda value: value.high_included,
    },
}


def part_of(run: Run, value: Value, name: str) -> Value:
    """Give what stands behind the dot; of a list, that of each item. Raises Fault when there is nothing."""
    kind = type(value)
    if kind is dict:
        if name in value:
            return value[name]
        raise Fault("unknownKey", name)
    if kind is list:
        run.spend(len(value))
        return [_of_item(run, item, name) for item in value]
    part = PARTS.get(kind, {}).get(name)
    if part is None:
        raise Fault("nullPath" if value is None else "unknownKey", name)
    return part(value)


def _of_item(run: Run, item: Value, name: str) -> Value:
    try:
        return part_of(run, item, name)
    except Fault:
        return None
