"""Terms, pure: count from the day after, move to the next working day, stand still while the term pauses."""

from datetime import date, timedelta
from pathlib import Path

from ocapi.lib import codec

SATURDAY = 5  # date.weekday() of Saturday; Sunday is 6


class CalendarMissing(LookupError):
    """The file of holidays does not know this year; add it before terms reach it."""

    def __init__(self, year: int) -> None:
        super().__init__(str(year))
        self.year = year


def _read_holidays() -> dict[int, frozenset[date]]:
    raw = (Path(__file__).parent / "holidays.yaml").read_bytes()
    years = codec.decode_yaml(raw, dict[str, dict[int, list[date]]])["years"]
    return {year: frozenset(days) for year, days in years.items()}


_HOLIDAYS = _read_holidays()


def is_working_day(day: date) -> bool:
    """Tell whether a day is no Saturday, Sunday or public holiday; raises CalendarMissing."""
    holidays = _HOLIDAYS.get(day.year)
    if holidays is None:
        raise CalendarMissing(day.year)
    return day.weekday() < SATURDAY and day not in holidays


def end_of_term(start: date, *, days: int, shifts: bool) -> date:
    """Give the last day of a term of calendar days that is counted from the day after `start`.

    shifts: an end that is no working day moves to the next one; true for terms of citizens, never for the
    organization's own duty to decide (conventions.md 8). Example: 30 days from 1 March end on 31 March.
    """
    end = start + timedelta(days=days)
    while shifts and not is_working_day(end):
        end += timedelta(days=1)
    return end


def resumed(due_on: date, *, paused_on: date, resumed_on: date) -> date:
    """Give the new end of a term that stood still from one day to another; never earlier than it was."""
    return due_on + max(resumed_on - paused_on, timedelta(0))


def days_left(due_on: date, *, today: date, paused_on: date | None = None) -> int:
    """Give the calendar days until the end, negative after it; while paused the count stands still."""
    return (due_on - (paused_on or today)).days
