"""The DMN kit, case by case. Not covered: the 18 cases that call Java; they are never run."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ocapi.modules.rules import api
from ocapi.modules.rules.commands import listed
from ocapi.modules.rules.data import KitReport
from tests.conformance.dmn.__main__ import wrong_totals

PASSED = Path(__file__).parent / "passed.txt"
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def report(shared: Path) -> KitReport:
    return api.run_kit(folder=shared / "conformance" / "dmn-tck", now=NOW)


class TestKit:
    def test_is_read_completely(self, report):
        assert wrong_totals(report) == []

    def test_passes_every_id_of_the_list(self, report):
        assert sorted(listed(PASSED) - set(report.passed)) == []

    def test_passes_no_id_that_the_list_lacks(self, report):
        """The list only grows: an id that passes now belongs in it."""
        assert sorted(set(report.passed) - listed(PASSED)) == []

    def test_reaches_the_bar(self, report, capsys):
        scores = {level.level: level for level in report.levels}
        with capsys.disabled():
            print()
            for level in report.levels:
                print(f"{level.level} {level.passed} / {level.total}")
        assert scores["compliance-level-2"].passed == 116
        assert scores["compliance-level-3"].passed >= 0.99 * 2_410

    def test_scores_far_above_answering_null(self, report):
        for level in report.levels:
            assert level.null_baseline < level.total / 2
