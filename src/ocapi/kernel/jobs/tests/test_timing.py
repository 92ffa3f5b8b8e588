"""Retry delays and recurring due times, pure. Not covered: the rows that hold them (test_api)."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ocapi.kernel.jobs import timing

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def middle():
    return 0.5


class TestRetryAt:
    def test_tries_three_times_soon_and_ten_times_later_then_gives_up(self):
        delays = [timing.retry_at(attempts=n, now=NOW, random=middle) for n in range(1, 15)]
        assert [(due - NOW).total_seconds() for due in delays[:13]] == [2, 10, 60, *[600] * 10]
        assert delays[13] is None

    @given(st.integers(1, 13), st.floats(0, 1, exclude_max=True))
    def test_varies_by_at_most_a_fifth(self, attempts, chance):
        due = timing.retry_at(attempts=attempts, now=NOW, random=lambda: chance)
        share = (due - NOW).total_seconds() / timing.RETRY_AFTER_S[attempts - 1]
        assert 0.8 <= share <= 1.2


class TestNextByInterval:
    def test_keeps_its_phase_and_skips_what_was_missed(self):
        late = NOW + timedelta(hours=5, minutes=7)
        due = timing.next_by_interval(every=HOUR, due_at=NOW, now=late)
        assert due == NOW + timedelta(hours=6)

    def test_moves_on_when_it_is_due_exactly_now(self):
        assert timing.next_by_interval(every=HOUR, due_at=NOW, now=NOW) == NOW + HOUR


class TestNextByWallClock:
    def test_fires_once_on_the_day_without_that_hour(self):
        assert fired(time(2, 30), datetime(2026, 3, 28, tzinfo=UTC), days=3) == [
            "2026-03-28 02:30", "2026-03-29 03:30", "2026-03-30 02:30"
        ]

    def test_fires_once_on_the_day_with_that_hour_twice(self):
        assert fired(time(2, 30), datetime(2026, 10, 24, tzinfo=UTC), days=3) == [
            "2026-10-24 02:30", "2026-10-25 02:30", "2026-10-26 02:30"
        ]

    @given(st.integers(0, 20 * 366 * 24 * 3600), st.times())
    def test_fires_once_per_civil_day(self, seconds, at):
        start = NOW + timedelta(seconds=seconds)
        first = timing.next_by_wall_clock(at=at, after=start)
        second = timing.next_by_wall_clock(at=at, after=first)
        days = [instant.astimezone(timing.BRUSSELS).date() for instant in (first, second)]
        assert start < first < second
        assert days[1] - days[0] == timedelta(days=1)


def fired(at, start, *, days):
    found, instant = [], start
    for _ in range(days):
        instant = timing.next_by_wall_clock(at=at, after=instant)
        found.append(instant.astimezone(timing.BRUSSELS).strftime("%Y-%m-%d %H:%M"))
    return found
