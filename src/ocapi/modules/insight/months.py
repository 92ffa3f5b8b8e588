"""Calendar months in Brussels, as their first day. Pure."""

from datetime import date, datetime

from ocapi.lib import clock


def month_of(day: date) -> date:
    """Give the month a day falls in."""
    return day.replace(day=1)


def shifted(month: date, *, by: int) -> date:
    """Give the month that lies `by` months later."""
    number = month.year * 12 + month.month - 1 + by
    return date(number // 12, number % 12 + 1, 1)


def last_complete(now: datetime) -> date:
    """Give the last month that is over."""
    return shifted(month_of(clock.local_day(now)), by=-1)


def written(month: date) -> str:
    """Write a month as `2026-10`."""
    return f"{month.year:04}-{month.month:02}"


def read(text: str) -> date:
    """Read `2026-10`; raises ValueError."""
    return date.fromisoformat(f"{text}-01")
