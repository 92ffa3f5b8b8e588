"""The parts of the proof of the clock. Not covered: what it finds, see `ocapi proof clock`."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ocapi.lib import clock
from tests.proofs import planting
from tests.proofs.clock import calendar, house, mutants, running
from tests.proofs.clock.proof import CLASSES


class TestCalendar:
    @pytest.mark.parametrize(
        "day", [date(2024, 3, 31), date(2026, 4, 5), date(2038, 4, 25), date(2285, 3, 22)]
    )
    def test_reckons_easter(self, day: date) -> None:
        assert calendar.easter(day.year) == day

    def test_agrees_with_the_time_zone_around_every_change_of_the_clocks(self) -> None:
        for year in range(2020, 2036):
            for month in (3, 10):
                start = datetime.combine(calendar.last_sunday(year, month), datetime.min.time(), UTC)
                for minutes in range(-180, 1600, 17):
                    at = start + timedelta(minutes=minutes)
                    assert calendar.local_day(int(at.timestamp())) == clock.local_day(at)


class TestRunning:
    @pytest.mark.parametrize("planted", running.PLANTED.values(), ids=running.PLANTED)
    def test_finds_each_planted_fault_and_nothing_in_what_is_right(self, planted) -> None:
        odd, lost, log, is_same = planted
        assert running.wrong(odd, lost, log, is_same=is_same)
        assert not running.wrong([], "", running.SOUND, is_same=True)


class TestClasses:
    def test_are_all_there_are(self) -> None:
        assert set(house.CHECKS) == set(CLASSES)


class TestMutant:
    def test_still_finds_the_rule_it_takes_away(self, tenant: object) -> None:
        for mutant in mutants.MUTANTS:
            with planting.planted(mutant):
                pass
