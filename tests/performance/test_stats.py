"""The arithmetic of the harness. Not covered here: anything that starts a process."""

import math

import pytest

from tests.performance import stats


class TestSpread:
    def test_takes_median_and_quartiles_by_interpolation(self) -> None:
        found = stats.spread([4.0, 1.0, 3.0, 2.0, 5.0])
        assert (found.q1, found.median, found.q3, found.n) == (2.0, 3.0, 4.0, 5)
        assert stats.spread([1.0, 2.0]).median == 1.5

    def test_measures_its_width_by_its_median(self) -> None:
        assert stats.spread([2.0, 3.0, 4.0]).iqr_over_median == pytest.approx(1 / 3)
        assert stats.spread([0.0, 0.0]).iqr_over_median == math.inf

    def test_of_nothing_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no value"):
            stats.spread([])

    def test_the_median_of_ratios_is_not_the_ratio_of_medians(self) -> None:
        ours, limit = [1.0, 10.0, 30.0], [2.0, 5.0, 100.0]
        ratios = [a / b for a, b in zip(ours, limit, strict=True)]
        assert stats.spread(ratios).median == 0.5
        assert stats.spread(ours).median / stats.spread(limit).median == 2.0


class TestRatio:
    def test_is_none_without_a_figure(self) -> None:
        assert stats.ratio(3.0, 2.0) == 1.5
        assert stats.ratio(3.0, 0.0) is None
        assert stats.ratio(math.inf, 2.0) is None


class TestGoal:
    @pytest.mark.parametrize(
        ("value", "better", "goals", "met"),
        [(0.5, "higher", "on", True), (0.49, "higher", "on", False), (0.25, "higher", "half", True),
         (0.24, "higher", "half", False), (0.5, "lower", "on", True), (0.51, "lower", "on", False),
         (1.0, "lower", "half", True), (1.01, "lower", "half", False), (9.0, "lower", "off", True)],
    )
    def test_half_halves_a_floor_and_doubles_a_ceiling(
        self, value: float, better: str, goals: str, met: bool
    ) -> None:
        assert stats.is_met(value, 0.5, better=better, goals=goals) is met


class TestSlope:
    def test_is_the_power_of_growth(self) -> None:
        assert stats.loglog_slope([(1, 3.0), (100, 3.0)]) == pytest.approx(0.0)
        assert stats.loglog_slope([(10, 5.0), (100, 50.0), (1000, 500.0)]) == pytest.approx(1.0)

    def test_needs_two_sizes(self) -> None:
        assert stats.loglog_slope([(10, 5.0), (10, 6.0)]) is None


class TestOrder:
    def test_rotates(self) -> None:
        assert [stats.rotated("ABC", turn) for turn in range(4)] == [
            list("ABC"), list("BCA"), list("CAB"), list("ABC")]
        assert stats.rotated([], 3) == []


class TestFall:
    @staticmethod
    def _at(median: float, half: float = 0.01) -> stats.Spread:
        return stats.Spread(median=median, q1=median - half, q3=median + half, n=5)

    def test_needs_more_than_fifteen_percent(self) -> None:
        assert stats.has_fallen(self._at(1.0), self._at(0.8), better="higher")
        assert not stats.has_fallen(self._at(1.0), self._at(0.9), better="higher")
        assert stats.has_fallen(self._at(1.0), self._at(1.2), better="lower")
        assert not stats.has_fallen(self._at(1.0), self._at(0.5), better="lower")

    def test_is_none_while_quartiles_overlap(self) -> None:
        assert not stats.has_fallen(self._at(1.0, 0.2), self._at(0.8, 0.2), better="higher")
