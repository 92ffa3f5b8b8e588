"""Dates, times and durations from and to their ISO 8601 texts, with zones written as @Europe/Brussels."""

import re

from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.temporal import (
    DAY,
    MAX_OFFSET,
    NANO,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    date_of,
    make_date,
    zone_named,
)

_DATE = re.compile(r"(-?)(\d{4}|[1-9]\d{4,8})-(\d{2})-(\d{2})", re.ASCII)
_TIME = re.compile(
    r"(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:(Z)|([+-])(\d{2}):(\d{2})(?::(\d{2}))?|@([A-Za-z0-9_+\-/]+))?",
    re.ASCII,
)
_DURATION = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:(T)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?", re.ASCII
)
_LONGEST = 200  # characters of a text worth looking at


def parse_date(text: str) -> Date:
    """Read `2017-12-31`; raises Fault."""
    match = _DATE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise Fault("notADate", text[:_LONGEST])
    sign, year, month, day = match.groups()
    return make_date(int(sign + year), int(month), int(day))


def parse_time(text: str) -> Time:
    """Read `10:30:00`, with fraction, offset or zone; raises Fault."""
    time, rolls = _time(text)
    return Time(0, 0, 0, 0, time.offset, time.zone) if rolls else time


def parse_date_time(text: str) -> DateTime:
    """Read `2017-12-31T10:30:00`, or a date alone for its midnight; raises Fault."""
    day, separator, rest = text.partition("T")
    date = parse_date(day)
    if not separator:
        return DateTime(date, Time(0, 0, 0))
    time, rolls = _time(rest)
    if rolls:  # 24:00:00 is the midnight that ends the day
        return DateTime(date_of(date.days + 1), Time(0, 0, 0, 0, time.offset, time.zone))
    return DateTime(date, time)


def _time(text: str) -> tuple[Time, bool]:
    match = _TIME.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise Fault("notATime", text[:_LONGEST])
    hour, minute, second, fraction, utc, sign, hours, minutes, seconds, zone = match.groups()
    rolls = (hour, minute, second) == ("24", "00", "00") and not int(fraction or "0")
    if not rolls and (int(hour) > 23 or int(minute) > 59 or int(second) > 59):
        raise Fault("noSuchTime", text)
    offset = 0 if utc else None
    if sign:
        offset = int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)
        if int(minutes) > 59 or int(seconds or 0) > 59 or offset > MAX_OFFSET:
            raise Fault("noSuchOffset", text)
        offset = -offset if sign == "-" else offset
    if zone:
        zone_named(zone)
    nano = int(((fraction or "") + "000000000")[:9])
    return Time(0 if rolls else int(hour), int(minute), int(second), nano, offset, zone), rolls


def parse_duration(text: str) -> DaysDuration | MonthsDuration:
    """Read `P1Y2M` or `P1DT2H3M4.5S`; raises Fault."""
    match = _DURATION.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise Fault("notADuration", text[:_LONGEST])
    sign, years, months, days, marker, hours, minutes, seconds, fraction = match.groups()
    if (years or months) and not (days or marker):
        total = int(years or 0) * 12 + int(months or 0)
        return MonthsDuration(-total if sign else total)
    if years or months or not (days or hours or minutes or seconds) or (
        marker and not (hours or minutes or seconds)
    ):
        raise Fault("notADuration", text)
    total = int(days or 0) * DAY + int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    nanos = total * NANO + int(((fraction or "") + "000000000")[:9])
    return DaysDuration(-nanos if sign else nanos)


def parse_at(text: str) -> Date | Time | DateTime | DaysDuration | MonthsDuration:
    """Read what stands in @"…"; raises Fault."""
    if text.startswith(("P", "-P")):
        return parse_duration(text)
    if "T" in text.partition("@")[0]:
        return parse_date_time(text)
    return parse_time(text) if text[2:3] == ":" else parse_date(text)


def show(value: Date | Time | DateTime | DaysDuration | MonthsDuration) -> str:
    """Give the ISO 8601 text of a value."""
    if isinstance(value, Date):
        return _show_date(value)
    if isinstance(value, Time):
        return _show_time(value)
    if isinstance(value, DateTime):
        return f"{_show_date(value.date)}T{_show_time(value.time)}"
    return _show_months(value.months) if isinstance(value, MonthsDuration) else _show_nanos(value.nanos)


def _show_date(value: Date) -> str:
    sign = "-" if value.year < 0 else ""
    return f"{sign}{abs(value.year):04d}-{value.month:02d}-{value.day:02d}"


def _show_time(value: Time) -> str:
    text = f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}{_show_fraction(value.nano)}"
    if value.zone is not None:
        return f"{text}@{value.zone}"
    if value.offset is None:
        return text
    if value.offset == 0:
        return f"{text}Z"
    sign, rest = ("-", -value.offset) if value.offset < 0 else ("+", value.offset)
    seconds = f":{rest % 60:02d}" if rest % 60 else ""
    return f"{text}{sign}{rest // 3600:02d}:{rest // 60 % 60:02d}{seconds}"


def _show_fraction(nano: int) -> str:
    return f".{nano:09d}".rstrip("0") if nano else ""


def _show_months(months: int) -> str:
    years, rest = divmod(abs(months), 12)
    text = (f"{years}Y" if years else "") + (f"{rest}M" if rest or not years else "")
    return ("-P" if months < 0 else "P") + text


def _show_nanos(nanos: int) -> str:
    seconds, nano = divmod(abs(nanos), NANO)
    days, seconds = divmod(seconds, DAY)
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or nano or not (days or time):
        time += f"{seconds}{_show_fraction(nano)}S"
    return ("-P" if nanos < 0 else "P") + (f"{days}D" if days else "") + (f"T{time}" if time else "")


