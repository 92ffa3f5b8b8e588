"""Datasets in parts by month, and indicators that count new parts alone. Not covered: what a formula can be
made of (lib/columns), speed (`ocapi bench indicators`).
"""

from datetime import UTC, datetime, timedelta

import pytest

from ocapi.lib import durable
from ocapi.lib.columns import running
from ocapi.modules.insight import api
from ocapi.modules.insight.api import explorer
from ocapi.modules.insight.api import indicators as reading
from ocapi.modules.insight.data.indicators import Areas, Frequency
from ocapi.modules.insight.services import parts
from ocapi.modules.insight.tests.factories import NOW, POLICY
from ocapi.modules.insight.tests.indicators import a_formula, datasets, quickly

MONTH = "cast(date_trunc('month', measured_at) as date)"
COUNTED = f"""select {MONTH} as period, nis_now as area, sum(counted) as value
from bike_counts group by {MONTH}, nis_now"""
HEADER = "site,nis,measured_at,minutes,counted,in_direction,out_direction\n"


def readings(*months, counted=3, days=10):
    for month in months:
        for day in range(days):
            at = datetime(2026, month, 2, 9, tzinfo=UTC) + timedelta(days=day)
            yield "Coupure", "44021", at, 60, counted, 1, counted - 1


def a_table(*months, **more) -> bytes:
    lines = (",".join(str(cell) for cell in row) for row in readings(*months, **more))
    return (HEADER + "\n".join(lines) + "\n").encode()


def counts() -> set[str]:
    return {path.name for path in parts.counts_folder().glob("*.parquet")}


def shown() -> list[str]:
    (found,) = reading.list_series(code="bikes", actor=POLICY, now=NOW, area="44021")
    return [f"{each.value:f}" for each in found.points]


def version():
    _dataset, versions = reading.get_dataset(code="bike_counts", actor=POLICY)
    return versions[0]


@pytest.fixture
def _counted(tenant, monkeypatch):
    """Thirty readings, ten a month, kept per month."""
    quickly(monkeypatch)
    monkeypatch.setattr(parts, "MOST_IN_ONE", 20)
    api.load_datasets(datasets=[each for each in datasets() if each.code == "bike_counts"], now=NOW)
    api.add_rows(dataset="bike_counts", rows=readings(1, 2, 3), source_name="fietsers.csv", now=NOW)
    api.load_indicators(indicators=[a_formula(
        code="bikes", sql=COUNTED, areas=Areas.SITE, frequency=Frequency.MONTH,
    )], now=NOW)  # fmt: skip
    api.compute_indicators(now=NOW)


@pytest.mark.usefixtures("_counted")
class TestParts:
    def test_are_counted_once_again_when_late_readings_come_and_never_twice(self, monkeypatch):
        before = counts()
        assert (len(before), shown(), version().rows) == (3, ["30", "30", "30"], 30)
        rows = api.extend_table(dataset="bike_counts", raw=a_table(4), source_name="april.csv", now=NOW)
        assert (rows, api.compute_indicators(now=NOW).ready) == (40, 1)
        assert shown() == ["30", "30", "30", "30"] and version().last.startswith("2026-04-11")
        assert before < (with_april := counts()) and len(with_april) == 4
        api.extend_table(dataset="bike_counts", raw=a_table(2, days=1), source_name="laat.csv", now=NOW)
        api.compute_indicators(now=NOW)
        assert shown() == ["30", "33", "30", "30"]
        assert len(counts()) == 4 and len(counts() & with_april) == 3
        asked = []
        ask = running.ask
        monkeypatch.setattr(running, "ask", lambda *a, **b: asked.append(a[1]) or ask(*a, **b))
        api.compute_indicators(now=NOW)
        assert [{each.most_rows for each in questions} for questions in asked] == [{0}]

    def test_take_their_counts_with_them_and_lose_no_number_with_those(self):
        before = counts()
        api.add_rows(dataset="bike_counts", rows=readings(1, 3, 5), source_name="anders.csv", now=NOW)
        api.compute_indicators(now=NOW)
        assert shown() == ["30", "30", "30"] and len(counts()) == 3 and len(counts() & before) == 2
        for name in counts():
            durable.remove_file(parts.counts_folder() / name)
        api.add_rows(dataset="bike_counts", rows=readings(1), source_name="klein.csv", now=NOW)
        assert version().rows == 10
        api.extend_table(dataset="bike_counts", raw=a_table(2, 3), source_name="meer.csv", now=NOW)
        api.compute_indicators(now=NOW)
        assert shown() == ["30", "30", "30"] and version().first.startswith("2026-01-02")
        found = explorer.ask_question(sql="select count(*) as number from bike_counts", actor=POLICY)
        assert found.rows == (("30",),)
