"""Built-in functions on dates, times and durations. now() and today() read the instant of the evaluation."""

from decimal import Decimal

from ocapi.lib.feel import civil, temporal, temporal_text
from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.functions.signatures import Definition, whole_number
from ocapi.lib.feel.numbers import from_int
from ocapi.lib.feel.temporal import NANO, Date, DateTime, DaysDuration, Time, from_datetime
from ocapi.lib.feel.values import Value

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")


def _day(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


def _date(run: Run, year: Decimal, month: Decimal, day: Decimal) -> Value:
    return temporal.make_date(
        whole_number(year, "year"), whole_number(month, "month"), whole_number(day, "day")
    )


def _time_from(run: Run, value: Value) -> Value:
    if isinstance(value, DateTime):
        return value.time
    return Time(0, 0, 0, 0, 0) if isinstance(value, Date) else value


def _time(
    run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: DaysDuration | None = None
) -> Value:
    hours, minutes = whole_number(hour, "hour"), whole_number(minute, "minute")
    if not (0 <= hours <= 23 and 0 <= minutes <= 59 and 0 <= second < 60):
        raise Fault("noSuchTime")
    nanos = int(second * NANO)
    east = None
    if offset is not None:
        east, rest = divmod(offset.nanos, NANO)
        if rest or abs(east) > temporal.MAX_OFFSET:
            raise Fault("noSuchOffset")
    return Time(hours, minutes, nanos // NANO, nanos % NANO, east)


def _date_time_from(run: Run, value: Value) -> Value:
    return DateTime(value, Time(0, 0, 0, 0, 0)) if isinstance(value, Date) else value


def _date_time(run: Run, date: Date | DateTime, time: Time) -> Value:
    return DateTime(_day(date), time)


def _date_time_of(
    run: Run, year: Decimal, month: Decimal, day: Decimal, hour: Decimal, minute: Decimal, second: Decimal,
    offset: DaysDuration | str | None = None,
) -> Value:
    date = _date(run, year, month, day)
    zone = offset if isinstance(offset, str) else None
    time = _time(run, hour, minute, second, None if isinstance(offset, str) else offset)
    if zone is not None:
        temporal.zone_named(zone)
        time = Time(time.hour, time.minute, time.second, time.nano, None, zone)
    return DateTime(date, time)


def _months(run: Run, start: Date | DateTime, end: Date | DateTime) -> Value:
    return temporal.months_between(start, end)


def _day_of_year(run: Run, value: Date | DateTime) -> Value:
    day = _day(value)
    return from_int(day.days - civil.ordinal(day.year, 1, 1) + 1)


def _week_of_year(run: Run, value: Date | DateTime) -> Value:
    day = _day(value)
    return from_int(civil.iso_week(day.year, day.month, day.day))


_DATE_TIME_PARTS = (
    "year: number, month: number, day: number, hour: number, minute: number, second: number"
)
FUNCTIONS: tuple[Definition, ...] = (
    ("date", "from: day", lambda run, value: _day(value)),
    ("date", "from: string", lambda run, text: temporal_text.parse_date(text)),
    ("date", "year: number, month: number, day: number", _date),
    ("time", "from: temporal", _time_from),
    ("time", "from: string", lambda run, text: temporal_text.parse_time(text)),
    ("time", "hour: number, minute: number, second: number, offset?: days duration|null", _time),
    ("date and time", "from: day", _date_time_from),
    ("date and time", "from: string", lambda run, text: temporal_text.parse_date_time(text)),
    ("date and time", "date: day, time: time", _date_time),
    ("date and time", f"{_DATE_TIME_PARTS}, offset?: days duration|null", _date_time_of),
    ("date and time", f"{_DATE_TIME_PARTS}, timezone: string", _date_time_of),
    ("duration", "from: string", lambda run, text: temporal_text.parse_duration(text)),
    ("years and months duration", "from: day, to: day", _months),
    ("now", "", lambda run: from_datetime(run.now)),
    ("today", "", lambda run: from_datetime(run.now).date),
    ("day of week", "date: day", lambda run, value: DAYS[civil.weekday(_day(value).days) - 1]),
    ("day of year", "date: day", _day_of_year),
    ("week of year", "date: day", _week_of_year),
    ("month of year", "date: day", lambda run, value: MONTHS[_day(value).month - 1]),
)
IMPURE = frozenset({"now", "today"})
