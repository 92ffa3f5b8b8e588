"""When to try again and when a recurring job is due: pure rules."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from ocapi.lib.clock import BRUSSELS

RETRY_AFTER_S = (2, 10, 60, *(10 * [600]))
"""Seconds before each further try: 3 quick ones, 10 slow ones, then it is given up."""

MAX_ATTEMPTS = 1 + len(RETRY_AFTER_S)
JITTER = 0.2  # share by which a delay varies either way, so that failures do not come back as one wave
ONE_DAY = timedelta(days=1)

Random = Callable[[], float]


def retry_at(*, attempts: int, now: datetime, random: Random) -> datetime | None:
    """Give when to try again after `attempts` failures, or None when it is time to give up.

    random: gives a number from 0 up to 1.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    factor = 1 + JITTER * (2 * random() - 1)
    return now + timedelta(seconds=RETRY_AFTER_S[attempts - 1] * factor)


def next_by_interval(*, every: timedelta, due_at: datetime, now: datetime) -> datetime:
    """Give the first instant after now that lies a whole number of intervals after `due_at`."""
    if due_at > now:
        return due_at
    return due_at + every * ((now - due_at) // every + 1)


def next_by_wall_clock(*, at: time, after: datetime) -> datetime:
    """Give the next instant after `after` at which it is `at` in Brussels, exactly one per civil day.

    In the hour that is skipped in spring it is the instant an hour later on the clock; of the hour that
    comes twice in autumn it is the first.
    """
    day = after.astimezone(BRUSSELS).date() - ONE_DAY
    while True:
        found = datetime.combine(day, at, tzinfo=BRUSSELS).astimezone(after.tzinfo)
        if found > after:
            return found
        day += ONE_DAY
