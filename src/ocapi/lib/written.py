"""How days and instants are written in Dutch, and how a typed day is read (conventions.md 1 and 8)."""

import re
from datetime import date, datetime

from ocapi.lib.clock import BRUSSELS

MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
    "november", "december",
)
TYPED_DAY = re.compile(r"\s*(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})\s*")


def in_words(day: date) -> str:
    """Write a day as running text does: `23 november 2026`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def in_digits(day: date) -> str:
    """Write a day for tables: `23/11/2026`."""
    return day.strftime("%d/%m/%Y")


def moment(instant: datetime) -> str:
    """Write an instant for tables, in Brussels time: `23/11/2026 14:05`."""
    return _local(instant).strftime("%d/%m/%Y %H:%M")


def moment_in_words(instant: datetime) -> str:
    """Write an instant as running text does, in Brussels time: `23 november 2026, 14:05`."""
    local = _local(instant)
    return f"{in_words(local.date())}, {local:%H:%M}"


def _local(instant: datetime) -> datetime:
    """Give an instant in Brussels; at the edge of the calendar, where there is none, as it is."""
    try:
        return instant.astimezone(BRUSSELS)
    except OverflowError:
        return instant


def read_day(text: str) -> date | None:
    """Read a typed day, day before month; None when it is no day of the calendar."""
    found = TYPED_DAY.fullmatch(text)
    if found is None:
        return None
    day, month, year = (int(part) for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None
