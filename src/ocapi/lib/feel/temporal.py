"""Dates, times, date and times and the two durations, as values that never change."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ocapi.lib.feel import civil
from ocapi.lib.feel.errors import Fault

DAY = 86_400
NANO = 1_000_000_000
MAX_OFFSET = 18 * 3600
MAX_MONTHS = 12 * 10 * civil.MAX_YEAR
MAX_NANOS = 10 * civil.MAX_YEAR * 366 * DAY * NANO
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall time of a zone, made aware at once
_ZONE_REFERENCE = civil.ordinal(2000, 1, 1) * DAY  # a time with a zone but without a day is read in winter


@dataclass(frozen=True, slots=True)
class Date:
    """A civil day."""

    year: int
    month: int
    day: int

    @property
    def days(self) -> int:
        """Days since 1970-01-01."""
        return civil.ordinal(self.year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day; offset: seconds east of UTC, zone: IANA name; at most one of both, none: local."""

    hour: int
    minute: int
    second: int
    nano: int = 0
    offset: int | None = None
    zone: str | None = None

    @property
    def seconds(self) -> int:
        """Whole seconds since midnight."""
        return self.hour * 3600 + self.minute * 60 + self.second

    @property
    def has_zone(self) -> bool:
        """Say whether it is tied to UTC by an offset or a zone."""
        return self.offset is not None or self.zone is not None


@dataclass(frozen=True, slots=True)
class DateTime:
    """A day with a time; the time carries offset or zone."""

    date: Date
    time: Time

    @property
    def local_seconds(self) -> int:
        """Whole seconds since 1970-01-01T00:00:00 on the wall clock."""
        return self.date.days * DAY + self.time.seconds


@dataclass(frozen=True, slots=True)
class DaysDuration:
    """A days and time duration, in nanoseconds."""

    nanos: int

    def __post_init__(self) -> None:
        if abs(self.nanos) > MAX_NANOS:
            raise Fault("outOfRange", "duration")


@dataclass(frozen=True, slots=True)
class MonthsDuration:
    """A years and months duration, in months."""

    months: int

    def __post_init__(self) -> None:
        if abs(self.months) > MAX_MONTHS:
            raise Fault("outOfRange", "duration")


def make_date(year: int, month: int, day: int) -> Date:
    """Give a day, or raise Fault when there is none."""
    if not civil.is_day(year, month, day):
        raise Fault("noSuchDay", f"{year}-{month}-{day}")
    return Date(year, month, day)


def date_of(days: int) -> Date:
    """Give the day that lies so many days after 1970-01-01."""
    year, month, day = civil.civil(days)
    if abs(year) > civil.MAX_YEAR:
        raise Fault("outOfRange", "date")
    return Date(year, month, day)


def zone_named(name: str) -> ZoneInfo:
    """Give the IANA zone, or raise Fault."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Fault("unknownZone", name) from None


def zone_offset(name: str, local_seconds: int) -> int:
    """Give the seconds east of UTC a zone keeps at a wall time; far years follow their 400-year twin."""
    year = civil.civil(local_seconds // DAY)[0]
    if year > 9990:
        local_seconds -= ((year - 9600) // 400 + 1) * civil.DAYS_PER_CYCLE * DAY
    elif year < 10:
        local_seconds += ((400 - year) // 400 + 1) * civil.DAYS_PER_CYCLE * DAY
    wall = (_NAIVE_EPOCH + timedelta(seconds=local_seconds)).replace(tzinfo=zone_named(name))
    offset = wall.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def time_offset(time: Time, local_seconds: int = _ZONE_REFERENCE) -> int | None:
    """Give the seconds east of UTC, None for a local time."""
    if time.zone is not None:
        return zone_offset(time.zone, local_seconds)
    return time.offset


def instant(value: DateTime | Date) -> tuple[int, bool]:
    """Give whole seconds since 1970 and whether they are tied to UTC; a date is midnight UTC."""
    if isinstance(value, Date):
        return value.days * DAY, True
    local = value.local_seconds
    offset = time_offset(value.time, local)
    return (local, False) if offset is None else (local - offset, True)


def add_months(value: Date, months: int) -> Date:
    """Give the same day so many months later, else the last day of that month."""
    total = value.year * 12 + value.month - 1 + months
    year, month = total // 12, total % 12 + 1
    if abs(year) > civil.MAX_YEAR:
        raise Fault("outOfRange", "date")
    return Date(year, month, min(value.day, civil.month_length(year, month)))


def add_to_date(value: Date, nanos: int) -> Date:
    """Give the day in which the instant lies that comes so long after the day's midnight."""
    return date_of(value.days + nanos // (DAY * NANO))


def add_to_time(value: Time, nanos: int) -> Time:
    """Give the time of day so long after; it goes round at midnight."""
    total = (value.seconds * NANO + value.nano + nanos) % (DAY * NANO)
    return _time_of(total, value.offset, value.zone)


def add_to_date_time(value: DateTime, nanos: int) -> DateTime:
    """Give the instant so long after, in the same offset or zone."""
    local = value.local_seconds
    total = local * NANO + value.time.nano + nanos
    if value.time.zone is not None:  # counted on the line of instants, shown on the wall clock of the zone
        before = zone_offset(value.time.zone, local)
        moved = (total // NANO) - before
        after = zone_offset(value.time.zone, moved + before)
        after = zone_offset(value.time.zone, moved + after)
        total += (after - before) * NANO
    days, rest = divmod(total, DAY * NANO)
    return DateTime(date_of(days), _time_of(rest, value.time.offset, value.time.zone))


def from_datetime(value: datetime) -> DateTime:
    """Give an aware `datetime` as a value, with its zone when that has a name."""
    key = getattr(value.tzinfo, "key", None)
    offset = value.utcoffset()
    if offset is None:
        raise ValueError("an instant must be aware")
    seconds = int(offset.total_seconds())
    zone = key if isinstance(key, str) else None
    time = Time(value.hour, value.minute, value.second, value.microsecond * 1000,
                None if zone else seconds, zone)
    return DateTime(Date(value.year, value.month, value.day), time)


def _time_of(nanos: int, offset: int | None, zone: str | None) -> Time:
    seconds, nano = divmod(nanos, NANO)
    return Time(seconds // 3600, seconds // 60 % 60, seconds % 60, nano, offset, zone)


def months_between(start: Date | DateTime, end: Date | DateTime) -> MonthsDuration:
    """Give whole months between two days; times of day do not count (TCK 1121, 034)."""
    first = start.date if isinstance(start, DateTime) else start
    last = end.date if isinstance(end, DateTime) else end
    if first.days > last.days:
        return MonthsDuration(-months_between(last, first).months)
    months = (last.year - first.year) * 12 + last.month - first.month
    return MonthsDuration(months - (last.day < first.day))


def difference(left: DateTime | Date, right: DateTime | Date) -> DaysDuration:
    """Give left minus right; raises Fault when only one of them is tied to UTC."""
    first, first_tied = instant(left)
    second, second_tied = instant(right)
    if first_tied != second_tied:
        raise Fault("zoneMissing", "one side is local, the other is not")
    nanos = (left.time.nano if isinstance(left, DateTime) else 0) - (
        right.time.nano if isinstance(right, DateTime) else 0)
    return DaysDuration((first - second) * NANO + nanos)


def time_difference(left: Time, right: Time) -> DaysDuration:
    """Give left minus right within one day; raises Fault when only one of them is tied to UTC."""
    first, second = time_offset(left), time_offset(right)
    if (first is None) != (second is None):
        raise Fault("zoneMissing", "one side is local, the other is not")
    seconds = left.seconds - right.seconds - (first or 0) + (second or 0)
    return DaysDuration(seconds * NANO + left.nano - right.nano)
