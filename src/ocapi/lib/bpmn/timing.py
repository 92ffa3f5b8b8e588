"""When a timer is due: ISO 8601 dates, durations and cycles, counted on Brussels' calendar."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ocapi.lib.clock import BRUSSELS
from ocapi.lib.feel.temporal import NANO, Date, DateTime, DaysDuration, MonthsDuration
from ocapi.lib.feel.temporal_text import show
from ocapi.lib.feel.values import Value

_DURATION = re.compile(
    r"P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,7})D)?"
    r"(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d{1,9})?S)?)?", re.ASCII,
)
_CYCLE = re.compile(r"R(\d{0,6})/(?:([^/]+)/)?(P[^/]+)", re.ASCII)
ENDLESS = -1
SHORTEST = timedelta(seconds=1)  # between two firings of a cycle
SHORTEST_ENDLESS = timedelta(minutes=1)  # of one that never ends: a faster one floods the platform


class NotATime(ValueError):
    """The text or value says no date, duration or cycle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When a timer fires next, how often after that (ENDLESS: for ever), and the interval between."""

    at: datetime
    left: int = 0
    every: str = ""


def is_literal(text: str) -> bool:
    """Say whether a timer's text is ISO 8601 itself and no expression."""
    try:
        return read(kind="", value=text, now=datetime(2026, 1, 1, tzinfo=UTC)) is not None
    except NotATime:
        return False


def read(*, kind: str, value: Value, now: datetime) -> Due:
    """Give when a timer is due whose text or FEEL value is known; kind: date | duration | cycle.

    A local time without zone is Brussels'; an hour that does not exist or exists twice counts once.
    Raises NotATime.
    """
    text = value if isinstance(value, str) else _text(value)
    try:
        if text.startswith("R"):
            return _cycle(text, now)
        if text.startswith("P"):
            return Due(at=after(text, now), left=ENDLESS if kind == "cycle" else 0,
                       every=text if kind == "cycle" else "")
        return Due(at=_instant(text))
    except (OverflowError, ValueError):
        raise NotATime(text[:80]) from None


def following(due: Due) -> Due | None:
    """Give the firing after this one, or None when it was the last."""
    if due.left == 0:
        return None
    left = due.left if due.left == ENDLESS else due.left - 1
    shortest = SHORTEST_ENDLESS if left == ENDLESS else SHORTEST
    return Due(at=max(after(due.every, due.at), due.at + shortest), left=left, every=due.every)


def is_too_often(text: str) -> bool:
    """Say whether a timer's text is an endless cycle that goes off more than once a minute."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        due = read(kind="cycle", value=text, now=now)
    except NotATime:
        return False
    return due.left == ENDLESS and after(due.every, now) < now + SHORTEST_ENDLESS


def after(duration: str, start: datetime) -> datetime:
    """Add a duration: months and days on the local calendar, hours on the line of instants."""
    match = _DURATION.fullmatch(duration)
    if match is None or duration in ("P", "PT") or duration.endswith("T"):
        raise NotATime(duration[:80])
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    moved = start
    if years or months or weeks or days:
        local = start.astimezone(BRUSSELS)
        day = _plus_months(local.date(), 12 * years + months) + timedelta(days=7 * weeks + days)
        moved = datetime.combine(day, local.time(), BRUSSELS).astimezone(UTC)
    return moved + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _plus_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _cycle(text: str, now: datetime) -> Due:
    match = _CYCLE.fullmatch(text)
    if match is None:
        raise NotATime(text[:80])
    count, start, every = match.groups()
    first = _instant(start) if start else after(every, now)
    after(every, now)
    return Due(at=first, left=max(int(count) - 1, 0) if count else ENDLESS, every=every)


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text.strip())
    if "T" not in text:
        found = datetime.combine(found.date(), time(0))
    aware = found if found.tzinfo else found.replace(tzinfo=BRUSSELS)
    return aware.astimezone(UTC)


def _text(value: Value) -> str:
    if isinstance(value, DaysDuration):
        seconds = max(value.nanos, 0) // NANO
        return f"P{seconds // 86_400}DT{seconds % 86_400}S"
    if isinstance(value, Date | DateTime | MonthsDuration):
        return show(value).partition("@")[0]
    raise NotATime(type(value).__name__)
