"""The rules one by one. Not here: where flags are kept and shown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ocapi.lib import quality
from ocapi.lib.quality import Known, Rules

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


def flags(
    value: Any, *, ago: float = 0, known: Any = None, known_ago: float = 60, **rules: float
) -> list[str]:
    """Give the flags of a value so many seconds ago, after a known one."""
    at = NOW - timedelta(seconds=known_ago)
    before = None if known is None else Known(value=known, at=at, same_since=at)
    verdict = quality.judge(
        value, at=NOW - timedelta(seconds=ago), rules=Rules(**rules), known=before, now=NOW
    )
    return [each.flag.value for each in verdict.remarks]


class TestJudge:
    def test_says_nothing_where_nothing_is_said(self) -> None:
        assert flags(1e300, known=-1e300) == []

    def test_bounds_belong_to_the_range(self) -> None:
        assert [flags(n, minimum=0, maximum=10) for n in (0, 10, -0.1, 10.1)] == [
            [],
            [],
            ["range"],
            ["range"],
        ]

    def test_a_rate_is_by_second_both_ways(self) -> None:
        assert [flags(n, known=0, change_per_second=1) for n in (60, -60, 61, -61)] == [
            [],
            [],
            ["rate"],
            ["rate"],
        ]

    def test_the_same_value_is_flat_after_its_time(self) -> None:
        assert [flags(n, known=5, flat_after_seconds=60) for n in (5, 6)] == [["flat"], []]
        assert flags(5, known=5, flat_after_seconds=61) == []

    def test_a_gap_is_longer_than_its_time(self) -> None:
        assert [flags(5, known=6, gap_after_seconds=n) for n in (60, 59)] == [[], ["gap"]]

    def test_another_value_for_one_moment_is_a_duplicate(self) -> None:
        assert [flags(n, ago=60, known=5) for n in (5, 6)] == [[], ["duplicate"]]

    def test_a_late_one_is_compared_with_nothing(self) -> None:
        assert flags(99, ago=120, known=5, change_per_second=0.001, gap_after_seconds=1) == ["late"]

    def test_a_clock_may_run_a_little_ahead(self) -> None:
        assert [flags(5, ago=-n) for n in (300, 301)] == [[], ["clock"]]

    @pytest.mark.parametrize("value", [True, "5", None, [5], {"a": 1}])
    def test_what_is_no_number_is_never_out_of_range(self, value: Any) -> None:
        assert flags(value, known=5, minimum=10, change_per_second=0.1) == []
