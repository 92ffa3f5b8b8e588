"""Indicators through the door, with a database. Not covered: pages, the process that computes (lib)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings as conf

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.extensions import PackFile
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib import durable
from ocapi.lib.actor import ANONYMOUS, Capacity, system
from ocapi.lib.columns import running
from ocapi.modules.insight import api
from ocapi.modules.insight.api import explorer
from ocapi.modules.insight.api import indicators as reading
from ocapi.modules.insight.data.indicators import (
    CodeTaken,
    DatasetNotFound,
    DatasetRefused,
    FormulaNotRun,
    Outcome,
    Point,
    Thresholds,
)
from ocapi.modules.insight.queries import indicators as queries
from ocapi.modules.insight.services.parts import path_of
from ocapi.modules.insight.tests.factories import POLICY, load_content, some_requests
from ocapi.modules.insight.tests.indicators import (
    a_formula,
    in_process,
    quickly,
    some_investments,
    some_people,
    stock_small,
)
from ocapi.modules.notify import api as notify

DOMAINS = (
    "mobility",
    "urbanDevelopment",
    "economy",
    "environment",
    "cityServices",
    "education",
    "energy",
    "health",
)


@pytest.fixture
def _small(files_as_before, monkeypatch):
    quickly(monkeypatch)


def small(tests):
    """Give tests the small world, filled once per process."""
    return pytest.mark.usefixtures("_small")(pytest.mark.stocked(by=stock_small)(tests))


def result(code="spending", actor=POLICY):
    return reading.get_result(code=code, actor=actor, now=NOW)


def values(code="spending", area="44084") -> list[str]:
    (found,) = reading.list_series(code=code, actor=POLICY, now=NOW, area=area)
    return [f"{each.value:f}" for each in found.points if each.value is not None]


@small
class TestDefinitions:
    def test_refuse_another_formula_under_a_version_that_is_there(self):
        assert api.load_indicators(indicators=[a_formula(code="x")], now=NOW) == (1, ())
        changed = a_formula(code="x", method="Anders.")
        assert api.load_indicators(indicators=[changed], now=NOW) == (0, ("x: sameVersion 1",))
        assert api.load_indicators(indicators=[replace(changed, version=2)], now=NOW) == (1, ())

    def test_tell_which_is_refused_and_load_the_others(self):
        written, refused = api.load_indicators(
            indicators=[a_formula(code="bad", sql="select nis from elsewhere"), a_formula(code="good")],
            now=NOW,
        )
        assert (written, refused) == (1, ("bad: unknownTable elsewhere",))

    def test_over_counts_of_persons_need_a_least_group(self):
        sql = "select period, sum(received) as value from service_requests group by period"
        _written, refused = api.load_indicators(indicators=[a_formula(code="open", sql=sql)], now=NOW)
        assert refused == ("open: groupNeeded min_group",)

    def test_of_the_own_organization_take_the_next_version_and_no_code_of_the_product(self):
        saved = explorer.save_indicator(indicator=a_formula(code="own"), actor=POLICY, now=NOW)
        again = explorer.save_indicator(indicator=a_formula(code="own", decimals=1), actor=POLICY, now=NOW)
        assert (saved.version, again.version) == (1, 2)
        with pytest.raises(CodeTaken):
            explorer.save_indicator(indicator=a_formula(), actor=POLICY, now=NOW)

    def test_can_be_previewed_without_being_kept(self):
        found = explorer.preview(indicator=a_formula(code="new"), actor=POLICY, now=NOW)
        assert {each.area for each in found} == {"44084", "24001", "44088"}
        with pytest.raises(FormulaNotRun):
            explorer.preview(indicator=a_formula(code="new", sql="select 1 as value"), actor=POLICY, now=NOW)


@small
class TestCompute:
    def test_adds_up_the_municipalities_that_merged(self):
        assert values() == ["150", "200", "300"]
        assert values(area="44088") == ["50", "50", "50"]

    def test_does_nothing_when_neither_formula_nor_data_are_new(self):
        again = api.compute_indicators(now=NOW + timedelta(hours=1))
        assert (again.ready, again.same) == (0, 3)
        assert result().computed_at == NOW

    def test_takes_up_a_new_version_of_the_data_and_names_it(self):
        rows = [(*row[:5], row[5] * 2) for row in some_investments()]
        api.add_rows(dataset="planned_investment", rows=rows, source_name="nieuw.csv", now=NOW)
        assert api.compute_indicators(now=NOW).ready == 1
        assert values() == ["300", "400", "600"]
        found = {each.dataset: each.number for each in result().lineage.datasets}
        assert found == {"planned_investment": 2, "population": 1}

    def test_keeps_the_last_good_numbers_when_a_file_is_gone(self):
        version = result().lineage.datasets[0]
        api.add_rows(dataset="population", rows=some_people()[:3], source_name="n.csv", now=NOW)
        durable.remove_file(path_of(version.dataset, version.sha256))
        done = api.compute_indicators(now=NOW)
        assert [each.partition(":")[0] for each in done.failed] == ["spending"]
        assert values() == ["150", "200", "300"]
        assert (result().outcome, result().is_behind) == (Outcome.READY, True)

    def test_says_no_more_that_numbers_are_of_before_once_it_computes_again(self):
        rows = [(*row[:5], row[5] * 2) for row in some_investments()]
        api.add_rows(dataset="planned_investment", rows=rows, source_name="n.csv", now=NOW)
        version = queries.newest_versions()["planned_investment"]
        path = path_of("planned_investment", version.sha256)
        raw = durable.read_file(path)
        durable.remove_file(path)
        api.compute_indicators(now=NOW)
        assert result().is_behind
        durable.write_file(path, raw)
        api.compute_indicators(now=NOW)
        assert (result().is_behind, values()) == (False, ["300", "400", "600"])

    def test_says_no_data_where_there_are_none(self):
        assert result("internal").outcome is Outcome.NO_DATA

    def test_hides_small_groups_of_requests(self):
        load_content()
        some_requests(months=[1], each=3)
        some_requests(months=[1], each=3, year=2025)
        some_requests(months=[2, 3], each=12)
        api.compute_indicators(now=NOW)
        (found,) = reading.list_series(code="internal", actor=POLICY, now=NOW)
        assert Point(period=date(2026, 2, 1), value=12) in found.points
        assert all(each.value is None or each.value >= 5 for each in found.points)

    def test_is_not_stopped_by_one_formula_that_takes_for_ever(self, monkeypatch):
        endless = (
            "select period, count(*) as value from (select a.period from planned_investment as a "
            + " ".join(
                f"join planned_investment as x{number} on x{number}.domain_code = a.domain_code"
                for number in range(9)
            )
            + ") as t group by period"
        )
        monkeypatch.setattr("ocapi.modules.insight.services.computing.SECONDS_EACH", 0.6)
        api.load_indicators(
            indicators=[a_formula(code="endless", sql=endless), a_formula(code="quick")], now=NOW
        )
        done = api.compute_indicators(now=NOW)
        assert done.failed == ("endless: tooSlow",)
        assert result("quick").outcome is Outcome.READY


@small
class TestAlarm:
    def watched(self, *amounts: int):
        """Compute spending with a threshold of 320 euro, calm from 280, once for every amount of 2025."""
        limits = Thresholds(alarm=Decimal(320), calm=Decimal(280))
        api.load_indicators(indicators=[a_formula(code="watched", thresholds=limits)], now=NOW)
        for number, amount in enumerate(amounts):
            rows = [("44084", date(2020, 1, 1), date(2025, 1, 1), "2", "0200", Decimal(amount) * 10_000)]
            api.add_rows(dataset="planned_investment", rows=rows, source_name="x", now=NOW)
            api.compute_indicators(now=NOW + timedelta(hours=number))

    def test_begins_once_lasts_until_calm_and_stands_on_the_dashboard(self):
        self.watched(300)
        assert reading.list_alarms(actor=POLICY) == ()
        self.watched(330)
        assert reading.list_alarms(actor=POLICY) == ("watched",)
        self.watched(300)
        assert reading.list_alarms(actor=POLICY) == ("watched",)
        self.watched(280)
        assert reading.list_alarms(actor=POLICY) == ()

    def test_is_told_to_policy_makers_once(self):
        load_topics()
        person = a_policy_maker()
        self.watched(330, 310, 330)
        inbox = notify.list_inbox(
            actor=replace(POLICY, person=person, capacity=Capacity.CITIZEN, roles=frozenset()), now=NOW
        )
        assert [message.title for message in inbox.items] == ["Een cijfer vraagt aandacht: Cijfer watched"]
        assert "Cijfer watched: € 330 (2025). De drempel is € 320." in inbox.items[0].body


def load_topics() -> None:
    path = Path(conf.OCAPI.project) / "content" / "indicators" / "topics.yaml"
    file = PackFile(pack="indicators", version="1", kind="topics", path=path.name, raw=path.read_bytes())
    notify.load_topics(file=file, now=NOW)


def a_policy_maker():
    made = accounts.create_person(given_name="Greet", family_name="Lindendal", actor=system("test"), now=NOW)
    accounts.grant_role(
        person=made.uuid, code="policy_maker", source="test", valid_from=NOW, actor=system("test"), now=NOW
    )
    return made.uuid


@small
class TestReading:
    def test_outside_shows_open_indicators_only(self):
        codes = [each.indicator.code for each in reading.list_results(actor=ANONYMOUS, now=NOW)]
        assert codes == ["inhabitants", "spending"]

    def test_compares_in_the_period_of_today(self):
        peers = reading.list_peers(code="spending", part="", actor=POLICY, now=NOW)
        assert [(each.area.name, each.value) for each in peers] == [
            ("Aarschot", 400),
            ("Aalter", 300),
            ("Merelbeke-Melle", 50),
        ]
        assert [each.is_own for each in peers] == [False, True, False]

    @pytest.mark.parametrize("call", ["write_note", "remove_note"])
    def test_notes_are_for_policy_makers(self, call):
        clerk = a_staff_member("clerk")
        arguments = {
            "write_note": {"code": "spending", "period": NOW.date(), "text": "x"},
            "remove_note": {"note": clerk.person},
        }
        with pytest.raises(NotAllowed):
            getattr(reading, call)(**arguments[call], actor=clerk, now=NOW)

    def test_rows_of_counts_of_persons_are_for_nobody(self):
        with pytest.raises(DatasetNotFound):
            explorer.read_rows(dataset="service_requests", area="", actor=POLICY)
        with pytest.raises(FormulaNotRun):
            explorer.ask_question(sql="select received from service_requests", actor=POLICY)

    def test_rows_take_no_text_as_part_of_the_question(self):
        found = explorer.read_rows(dataset="population", area="' OR 1=1 --", actor=POLICY)
        assert len(found.rows) == 4
        assert explorer.read_rows(dataset="population", area="24001", actor=POLICY).rows[0][0] == "24001"


@small
class TestLoading:
    def test_keeps_the_same_rows_once(self):
        assert api.add_rows(dataset="population", rows=some_people(), source_name="again.csv", now=NOW) == 0

    def test_of_shipped_rows_leaves_those_from_elsewhere(self):
        raw = b"nis,counted_on,population,men,women\n44084,2020-01-01,2,1,1\n"
        assert api.load_own_rows(dataset="population", raw=raw, now=NOW) == 0

    @pytest.mark.parametrize(
        ("raw", "place"),
        [
            (b"nis\n44084\n", (1, "counted_on")),
            (b"nis,counted_on,population,men,women,x\n", (1, "x")),
            (b"nis,counted_on,population,men,women\n44084,2020-01-01,2,1\n", (2, "")),
            (b"nis,counted_on,population,men,women\n44084,2020-13-01,2,1,1\n", (2, "counted_on")),
            (b"nis,counted_on,population,men,women\n44084,2020-01-01,two,1,1\n", (2, "population")),
        ],
    )
    def test_tells_line_and_column_and_keeps_nothing(self, raw, place):
        with pytest.raises(DatasetRefused) as refused:
            api.load_table(dataset="population", raw=raw, source_name="x.csv", now=NOW)
        assert (refused.value.line, refused.value.column) == place
        (newest, *_older) = reading.get_dataset(code="population", actor=POLICY)[1]
        assert newest.number == 1

    def test_of_an_unknown_dataset_is_refused(self):
        with pytest.raises(DatasetNotFound):
            api.load_table(dataset="nothing", raw=b"a\n1\n", source_name="x.csv", now=NOW)


class TestShippedContent:
    def test_holds_forty_indicators_over_all_domains_that_compute(self, tenant, monkeypatch):
        monkeypatch.setattr(running, "ask", in_process)
        registry.load_pack(name="bike-counts", now=NOW)
        done = registry.load_pack(name="indicators", now=NOW)
        assert not done.refused
        load_content()
        some_requests(months=range(1, 10), each=6)
        computed = api.compute_indicators(now=NOW)
        assert not computed.failed
        found = reading.list_results(actor=POLICY, now=NOW)
        ready = [each.indicator for each in found if each.outcome is Outcome.READY]
        print(f"{len(ready)} / {len(found)} indicators computed")
        assert len(ready) >= 50
        for domain in DOMAINS:
            assert sum(domain in each.domains for each in ready) >= 3, domain
        assert all(each.method and each.owner for each in ready)
        assert all(each.lineage.sources for each in found if each.outcome is Outcome.READY)
        every = reading.list_series(code="planned-investment-per-inhabitant", actor=POLICY, now=NOW)
        whole = {each.area: len(each.points) for each in every if not each.slice}
        # a plan that holds nothing in a domain plans 0 there: it is not unknown, and it counts in the middle
        assert {(each.area, len(each.points)) for each in every} == set(whole.items())


FILES = {
    "municipalities/population-per-municipality.csv": ("population", 582),
    "indicators/household-growth-municipalities.csv": ("households", 9283),
    "indicators/building-permits.csv": ("building_permits", 1295),
    "finance/bbc-investments-by-policy-field.parquet": ("planned_investment", 77_536),
    "finance/multi-year-plan-2026-2031-projects.parquet": ("investment_actions", 36_285),
    "finance/bbc-policy-fields.csv": ("policy_fields", 142),
    "sensors/energy-use-municipal-buildings-monthly.xlsx": ("energy_use", 33_641),
    "sensors/vmm-no2-2021.csv": ("no2_days", 2642),
    "sensors/airbase-BETR801-no2-hourly.tsv": ("no2_history", 8123),
    "sensors/antwerp-no2-campaign.csv": ("no2_streets", 612),
    "sensors/gent-parking-occupancy-2022-12-09.csv": ("parking", 9),
    "sensors/ldes-geomobility-page1.ttl": ("traffic_counts", 250),
}  # files as published: the dataset each fills, and how many rows it must give


class TestRealInput:
    def test_loads_as_published_and_computes(self, tenant, shared: Path, monkeypatch):
        monkeypatch.setattr(running, "ask", in_process)
        registry.load_pack(name="indicators", now=NOW)
        passed = 0
        for name, (dataset, rows) in FILES.items():
            registry.import_file(path=shared / "data" / name, format_name="", now=NOW)
            passed += reading.get_dataset(code=dataset, actor=POLICY)[1][0].rows == rows
        computed = api.compute_indicators(now=NOW)
        print(f"{passed} / {len(FILES)} files give their rows, {computed.ready} indicators computed")
        assert passed == len(FILES)
        assert not computed.failed
        assert (
            len({each.area for each in reading.list_series(code="plan-actions", actor=POLICY, now=NOW)})
            == 245
        )
        # worked out by hand from the files: Aalter plans € 6,398,095 for 29,182 inhabitants in 2026
        parts = reading.list_parts_beside_peers(
            code="planned-investment-per-inhabitant", area="44084", actor=POLICY, now=NOW
        )
        found = {each.part: (each.own, each.middle) for each in parts}
        assert sum(own for own, _middle in found.values()) == Decimal("219.25")
        assert found["Zich verplaatsen en mobiliteit"][1] == Decimal("140.295")
        assert found["Leren en onderwijs"] == (0, Decimal("4.97"))  # some peers plan nothing there
