"""Pages of indicators, datasets and the explorer. Not covered: look and keyboard (journeys), formulas
(lib).
"""

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import openpyxl
import pytest
from django.db import connection
from django.http import Http404, HttpResponse
from django.test import RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import translation

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib import codec
from ocapi.lib.actor import ANONYMOUS
from ocapi.modules.insight import api
from ocapi.modules.insight.api import indicators as reading
from ocapi.modules.insight.data.indicators import Point, Thresholds
from ocapi.modules.insight.models.indicators import DatasetRow
from ocapi.modules.insight.queries import indicators as queries
from ocapi.modules.insight.tests.factories import POLICY
from ocapi.modules.insight.tests.indicators import a_formula, quickly, stock_small
from ocapi.modules.insight.views import annotating, tiles, wording
from ocapi.modules.opendata import api as opendata

CLERK = a_staff_member("clerk")


pytestmark = pytest.mark.stocked(by=stock_small)


@pytest.fixture(autouse=True)
def _pages(files_as_before, monkeypatch):
    quickly(monkeypatch)
    with override_settings(ROOT_URLCONF="ocapi.modules.insight.tests.urls"), translation.override("nl"):
        yield


def answer(name: str, *args: str, actor=POLICY, post=None, **query: str) -> HttpResponse:
    """Call a view as the middleware of web would."""
    path = reverse(name, args=args)
    made = RequestFactory()
    request = made.get(path, query) if post is None else made.post(path, post)
    request.actor, request.now, request.address_form = actor, NOW, "informal"
    request._dont_enforce_csrf_checks = True
    match = resolve(request.path)
    return match.func(request, *match.args, **match.kwargs)


def shown(name: str, *args: str, **more) -> str:
    return answer(name, *args, **more).content.decode()


class TestOverview:
    def test_shows_a_tile_with_number_period_target_and_way_to_its_page(self):
        page = shown("insight:indicators")
        assert reverse("insight:indicator", args=["spending"]) in page
        assert "€\u00a0300" in page
        assert "Doel €\u00a0500 in 2030" in page

    def test_sets_a_number_beside_the_middle_of_similar_municipalities(self):
        text = "Midden van gelijkaardige gemeenten: €\u00a0225."  # Aarschot 400, Merelbeke-Melle 50
        assert text in shown("insight:indicators")
        assert text in shown("insight:indicator", "spending")
        assert "gelijkaardige" not in shown("insight:indicators", domein="health")

    def test_says_in_points_how_a_share_moved(self):
        (found,) = reading.list_results(codes=["spending"], actor=POLICY, now=NOW)
        share = replace(found, indicator=replace(found.indicator, unit="%", decimals=1))
        for before, value, text in (
            ("50", "62.5", "12,5 procentpunt meer dan een jaar eerder (beter)"),
            ("0", "1", "1,0 procentpunt meer dan een jaar eerder (beter)"),
            ("50", "49.96", "evenveel als een jaar eerder"),
            ("100", "60", "40,0 procentpunt minder dan een jaar eerder (slechter)"),
        ):
            points = tuple(
                Point(period=date(year, 1, 1), value=Decimal(each))
                for year, each in ((2024, before), (2025, value))
            )
            moved = tiles.moved(replace(share, shown=replace(found.shown, points=points)), points[-1])
            assert moved == text

    def test_narrows_to_a_domain_or_a_view(self):
        assert "Uitgaven per inwoner" not in shown("insight:indicators", domein="health")
        assert "Uitgaven per inwoner" in shown("insight:indicators", domein="economy")
        assert "Uitgaven per inwoner" not in shown("insight:indicators", blik="social")
        assert "Uitgaven per inwoner" in shown("insight:indicators", blik="nonsense")

    def test_says_that_data_are_old(self):
        (found,) = reading.list_results(codes=["spending"], actor=POLICY, now=NOW)
        assert found.fresh_until is not None
        later = found.fresh_until + timedelta(days=1)
        of = {"areas": {}, "space": "insight"}
        assert "Oude gegevens" not in tiles.tile(found, today=found.fresh_until, **of).trend
        behind = replace(found, is_behind=True)
        told = "nieuwste gegevens konden niet berekend worden"
        assert told in tiles.tile(behind, today=found.fresh_until, **of).trend
        assert told in tiles.age(behind, found.fresh_until) and told in wording.reason_of(behind)
        assert "Oude gegevens" in tiles.tile(found, today=later, **of).trend

    def test_says_so_when_nothing_is_computed_yet(self):
        api.load_indicators(indicators=[a_formula(code="later")], now=NOW)
        assert "Wordt berekend" in shown("insight:indicators")

    def test_is_closed_to_the_public_and_has_an_open_twin(self):
        with pytest.raises(NotAllowed):
            answer("insight:indicators", actor=ANONYMOUS)
        page = shown("figures:indicators", actor=ANONYMOUS)
        assert "Uitgaven per inwoner" in page
        assert "Interne aanvragen" not in page

    def test_reads_in_a_bounded_number_of_statements(self):
        with CaptureQueriesContext(connection) as few:
            shown("insight:indicators")
        api.load_indicators(indicators=[a_formula(code=f"more-{number}") for number in range(5)], now=NOW)
        api.compute_indicators(now=NOW)
        with CaptureQueriesContext(connection) as many:
            shown("insight:indicators")
        assert len(many) <= len(few)


class TestIndicator:
    def test_draws_its_course_with_the_target_and_a_table_twin(self):
        page = shown("insight:indicator", "spending")
        assert 'role="img"' in page
        assert re.search(r"<th scope=\"row\">2025</th><td[^>]*>€ 300", page.replace("\u00a0", " "))
        assert "Doel" in page

    def test_compares_with_the_municipalities_nearest_in_inhabitants(self):
        page = shown("insight:indicator", "spending")
        assert "Uitgaven per inwoner naast gelijkaardige gemeenten" in page
        assert "Aarschot" in page

    def test_narrows_to_a_period_and_to_another_municipality(self):
        page = shown("insight:indicator", "spending", van="2025-01-01", gebied="24001")
        assert '<th scope="row">2024' not in page
        assert "Aarschot" in page

    def test_says_that_a_forecast_of_old_data_is_of_a_time_that_is_over(self):
        (found,) = reading.list_results(codes=["spending"], actor=POLICY, now=NOW)
        points = tuple(Point(period=date(year, 1, 1), value=Decimal(year)) for year in range(2010, 2020))
        future = replace(found, indicator=replace(found.indicator, forecasts=True))
        of = {"result": future, "series": replace(found.shown, points=points)}
        chart = tiles.future_chart(**of, today=date(2026, 1, 1))
        assert chart.quality == (
            "de gegevens zijn oud. Dit vooruitzicht begint daarom met 2020, en die periode is al voorbij."
        )
        assert not tiles.future_chart(**of, today=date(2020, 5, 1)).quality

    def test_draws_a_break_in_the_series_and_joins_no_numbers_over_it(self):
        page = shown("insight:indicator", "spending", gebied="44084")
        assert page.count('class="ocapi-chart__break"') == 1
        assert page.count("<dd>2025: Nieuwe manier van tellen</dd>") == 1  # below the chart
        assert re.search(r"<tr><th scope=.row.>2025</th>.*<td>A. 2025: Nieuwe manier van tellen</td>", page)
        line = re.findall(r'class="ocapi-chart__line ocapi-chart__series-1"', page)
        assert len(line) == 1  # 2023 to 2024, and none to 2025
        lines = answer("insight:indicator_export", "spending", gebied="44084", beeld="verloop")
        assert "2025: Nieuwe manier van tellen" in lines.content.decode()

    def test_draws_the_merger_that_a_municipality_came_out_of(self):
        page = shown("insight:indicator", "spending", gebied="44088")
        assert page.count('class="ocapi-chart__break"') == 2
        assert "ontstond in 2025 uit een fusie. Oudere cijfers zijn de som" in page
        assert "fusie" not in shown("insight:indicator", "inhabitants", gebied="44088")

    def test_does_not_draw_a_break_that_lies_outside_of_what_is_shown(self):
        page = shown("insight:indicator", "spending", gebied="44084", tot="2024-12-31")
        assert "ocapi-chart__break" not in page

    def test_tells_what_the_target_takes_and_what_another_would(self):
        assert "Om €\u00a0500 te halen" in shown("insight:indicator", "spending")
        tried = shown("insight:indicator", "spending", doel="900")
        assert "Om €\u00a0900 te halen" in tried
        assert "onder €\u00a0900, het doel dat hier geprobeerd wordt" in tried
        assert "Typ een getal" in shown("insight:indicator", "spending", doel="veel")

    def test_keeps_a_note_and_takes_it_away(self):
        done = answer(
            "insight:indicator", "spending", post={"periode": "2025-01-01", "tekst": "Brug <dicht>"}
        )
        assert done.status_code == 302
        page = shown("insight:indicator", "spending")
        assert "Brug &lt;dicht&gt;" in page
        assert "dicht&gt;" not in shown("figures:indicator", "spending", actor=ANONYMOUS)
        (uuid,) = re.findall(r'name="weg" value="([^"]+)"', page)
        answer("insight:indicator", "spending", post={"weg": uuid})
        assert "Brug &lt;" not in shown("insight:indicator", "spending")

    @pytest.mark.parametrize(
        "post", [{"periode": "2025-01-01", "tekst": " "}, {"periode": "x", "tekst": "x"}]
    )
    def test_says_what_a_note_lacks(self, post):
        assert answer("insight:indicator", "spending", post=post).status_code == 422

    def test_lets_a_clerk_read_but_not_write(self):
        assert "Notitie toevoegen" not in shown("insight:indicator", "spending", actor=CLERK)
        with pytest.raises(NotAllowed):
            answer("insight:indicator", "spending", actor=CLERK, post={"periode": "2025-01-01", "tekst": "x"})
        with pytest.raises(NotAllowed):  # and not: choose a period
            answer("insight:indicator", "spending", actor=CLERK, post={"periode": "x"})

    def test_offers_a_note_on_the_period_of_today_also_in_a_plan(self):
        plan = a_formula(version=2, is_plan=True)  # of 2023, 2024 and 2025
        api.load_indicators(indicators=[plan], now=NOW)
        api.compute_indicators(now=NOW)
        request = RequestFactory().get("/")
        request.actor, request.now = POLICY, datetime(2024, 6, 1, tzinfo=UTC)
        result = reading.get_result(code="spending", actor=POLICY, now=NOW)
        block = annotating.block(request, result, result.shown, (), None)
        assert block["note_fields"][0].value == "2024-01-01"

    def test_gives_a_link_to_share_that_fits_who_may_see_it(self):
        page = shown("insight:indicator", "spending", van="2024-01-01")
        assert (
            "/spending/?van=2024-01-01</a>" in page
            and reverse("figures:indicator", args=["spending"]) in page
        )
        closed = shown("insight:indicator", "internal")
        assert "Alleen collega" in closed and reverse("figures:indicator", args=["internal"]) not in closed
        assert "Alleen collega" not in shown("figures:indicator", "spending", actor=ANONYMOUS)

    def test_that_is_not_open_is_not_found_in_public(self):
        assert answer("insight:indicator", "internal").status_code == 200
        for name in ("figures:indicator", "figures:lineage", "figures:indicator_export"):
            with pytest.raises(Http404):
                answer(name, "internal", actor=ANONYMOUS)

    def test_that_nobody_knows_is_not_found(self):
        with pytest.raises(Http404):
            answer("insight:indicator", "nothing")


class TestLineage:
    def test_leads_from_number_to_formula_to_dataset_to_rows_in_three_clicks(self):
        first = reverse("insight:lineage", args=["spending"])
        assert first in shown("insight:indicator", "spending")
        page = shown("insight:lineage", "spending")
        assert "Formule, versie 1" in page
        assert "planned_investment.amount" in page
        assert reverse("insight:dataset", args=["planned_investment"]) in page
        rows = shown("insight:dataset", "planned_investment", gebied="24001")
        assert "SHA-256" in rows
        assert "24001" in rows
        assert "44084" not in rows

    def test_leads_from_the_formula_to_the_sensor_at_once(self):
        row = DatasetRow.objects.get(code="planned_investment")
        filled = replace(queries.find_dataset(row.code), filled_by="stream:telpaal")
        row.declaration = codec.encode_json(filled).decode()
        row.save()
        sensor = reverse("capture:stream", args=["telpaal"])
        assert sensor in shown("insight:lineage", "spending")
        assert sensor not in shown("figures:lineage", "spending")

    def test_shows_rows_that_count_persons_to_nobody(self):
        assert "tellingen van personen" in shown("insight:dataset", "service_requests")

    def test_of_a_closed_dataset_is_not_found_in_public(self):
        with pytest.raises(Http404):
            answer("figures:dataset", "service_requests", actor=ANONYMOUS)


class TestExport:
    def test_gives_all_municipalities_with_source_and_method(self):
        lines = shown("insight:indicator_export", "spending").lstrip("\ufeff").split("\r\n")
        assert lines[0] == "Gemeente;NIS-code;Deel;Periode;€"
        assert "Aalter;44084;;2025-01-01;300" in lines
        assert any(line.startswith("Methode;") for line in lines)

    def test_gives_a_workbook_with_numbers_and_no_formulas(self):
        raw = answer("insight:indicator_export", "spending", vorm="xlsx", gebied="44084").content
        rows = list(openpyxl.load_workbook(io.BytesIO(raw)).active.iter_rows(values_only=True))
        assert rows[1][-1] == 150
        assert rows[1][1] == "44084"  # a code is no number
        raw = answer("insight:indicator_export", "spending", vorm="xlsx", beeld="verloop").content
        rows = list(openpyxl.load_workbook(io.BytesIO(raw)).active.iter_rows(values_only=True))
        assert rows[1][:3] == ("2023", 150, 500)  # number and target, both to count with
        assert ("Eenheid", "€") in [row[:2] for row in rows]  # and not the unit of an organization
        assert not any(isinstance(cell, str) and cell.startswith("=") for row in rows for cell in row)


def offered() -> list[str]:
    found = opendata.list_offers(actor=POLICY, now=NOW)
    return [each.title for each in found if each.source == "questions"]


class TestExplorer:
    def test_answers_a_question_as_table_and_chart(self):
        page = shown(
            "insight:explorer",
            post={"sql": "select nis, sum(amount) as amount from planned_investment group by nis"},
        )
        assert "5.000.000" in page
        assert 'id="antwoord-title"' in page

    @pytest.mark.parametrize(
        ("sql", "text"),
        [
            ("select x from read_csv('/etc/passwd')", "is niet toegelaten"),
            ("select code from insight_dataset", "Er is geen gegevensset insight_dataset"),
            ("select service from service_requests", "Er is geen gegevensset service_requests"),
            ("drop table planned_investment", "Alleen SELECT"),
            ("select nis from planned_investment, population", "JOIN"),
            ("select nis from where", "kunnen we niet lezen"),
        ],
    )
    def test_says_what_is_wrong_with_a_question(self, sql, text):
        done = answer("insight:explorer", post={"sql": sql})
        assert done.status_code == 422
        assert text in done.content.decode()

    def test_keeps_a_question_under_a_name(self):
        sql = "select nis from population"
        assert answer("insight:explorer", post={"sql": sql, "doe": "bewaar", "naam": ""}).status_code == 422
        assert (
            answer("insight:explorer", post={"sql": sql, "doe": "bewaar", "naam": "Codes"}).status_code == 302
        )
        page = shown("insight:explorer")
        assert "Codes" in page
        (uuid,) = re.findall(r'name="weg" value="([^"]+)"', page)
        answer("insight:explorer", post={"weg": uuid})
        assert "Codes" not in shown("insight:explorer")

    def test_shows_a_kept_question_as_the_chart_that_was_chosen(self):
        sql = "select nis, sum(amount) as amount from planned_investment group by nis"
        done = answer(
            "insight:explorer", post={"sql": sql, "doe": "bewaar", "naam": "Per gemeente", "vorm": "line"}
        )
        uuid = done["Location"].rpartition("=")[2]
        page = shown("insight:explorer", vraag=uuid)
        assert "5.000.000" in page and 'id="antwoord-title"' in page
        assert re.search(r'<option value="line" selected', page)
        assert answer("insight:explorer", vraag=UUID(int=1).hex).status_code == 404

    def test_offers_an_answer_to_the_gate_of_open_data(self):
        sql = 'select nis, population as "Aantal inwoners", counted_on from population order by nis'
        done = answer("insight:explorer", post={"sql": sql, "doe": "bewaar", "naam": "Open"})
        kept = done["Location"].rpartition("=")[2]
        done = answer("insight:explorer", post={"aanbod": kept})
        assert done.status_code == 302 and done["Location"].endswith(f"/aanbod/questions/{kept}/")
        assert offered() == ["Open"]
        _offer, table, verdict = opendata.preview(source="questions", code=kept, actor=POLICY, now=NOW)
        assert [(each.name, each.kind.value) for each in table.columns] == [
            ("nis", "text"), ("kolom_2", "integer"), ("counted_on", "day")
        ]  # fmt: skip
        assert table.rows[0] == ("24001", 10_000, date(2020, 1, 1))
        assert verdict.outcome.value != "refused"
        answer("insight:explorer", post={"weg": kept})
        assert offered() == []

    def test_does_not_offer_what_reads_data_that_are_not_open(self, monkeypatch):
        done = answer(
            "insight:explorer", post={"sql": "select nis from population", "doe": "bewaar", "naam": "Codes"}
        )
        closed = replace(queries.find_dataset("population"), is_open=False)
        monkeypatch.setattr(queries, "datasets", lambda: (closed,))
        refused = answer("insight:explorer", post={"aanbod": done["Location"].rpartition("=")[2]})
        assert refused.status_code == 409 and "niet open" in refused.content.decode()
        assert not queries.offered_queries()

    def test_gives_the_answer_as_a_file(self):
        done = answer(
            "insight:explorer", post={"sql": "select nis from population order by nis", "doe": "csv"}
        )
        assert done.content.decode().lstrip("\ufeff").startswith("nis\r\n24001")

    def test_gives_numbers_to_a_dutch_spreadsheet_as_numbers(self):
        sql = "select nis, sum(amount) / 3000.0 as share from planned_investment"
        sql += " where nis = '24001' group by nis"
        done = answer("insight:explorer", post={"sql": sql, "doe": "csv"})
        assert re.search(r"^24001;1666,66", done.content.decode(), re.M)
        done = answer("insight:explorer", post={"sql": sql, "doe": "xlsx"})
        rows = list(openpyxl.load_workbook(io.BytesIO(done.content)).active.iter_rows(values_only=True))
        assert rows[1][0] == "24001" and round(rows[1][1], 2) == 1666.67

    @pytest.mark.parametrize("actor", [ANONYMOUS, CLERK])
    def test_is_closed_to_others(self, actor):
        with pytest.raises(NotAllowed):
            answer("insight:explorer", actor=actor)


class TestEditor:
    TYPED = {
        "code": "bomen", "titel": "Bomen", "domein": "environment", "eenheid": "{bomen}", "methode": "Som.",
        "eigenaar": "Groen", "formule": "select period, nis_now as area, sum(amount) as value "
        "from planned_investment group by period, nis_now",
    }  # fmt: skip

    def test_previews_without_keeping(self):
        page = shown("insight:editor", post=self.TYPED)
        assert 'id="verloop-title"' in page
        with pytest.raises(Http404):
            answer("insight:indicator", "bomen")

    def test_keeps_a_version_that_the_worker_computes(self):
        assert answer("insight:editor", post={**self.TYPED, "doe": "bewaar"}).status_code == 302
        assert "Wordt berekend" in shown("insight:indicator", "bomen")
        api.compute_indicators(now=NOW)
        assert "Wordt berekend" not in shown("insight:indicator", "bomen")

    def test_keeps_from_where_on_the_number_asks_for_attention(self):
        answer("insight:editor", post={**self.TYPED, "doe": "bewaar", "drempel": "1.200,5", "rustig": "900"})
        (kept,) = reading.list_results(actor=POLICY, now=NOW, codes=["bomen"])
        assert kept.indicator.thresholds == Thresholds(alarm=Decimal("1200.5"), calm=Decimal(900))
        text = "Vraagt aandacht vanaf 1.200,5\u00a0bomen, is weer goed vanaf 900\u00a0bomen."
        assert text in shown("insight:indicator", "bomen")

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ({"titel": ""}, "Vul"),
            ({"drempel": "veel", "rustig": "3"}, "Typ een getal"),
            ({"drempel": "3"}, "Vul beide getallen in"),
            ({"code": "Bomen!"}, "kleine letters"),
            ({"code": "spending"}, "al deze code"),
            ({"domein": "x"}, "domein uit de lijst"),
            ({"formule": "select 1 as value"}, "kolom period"),
            (
                {"formule": "select period, sum(received) as value from service_requests group by period"},
                "personen",
            ),
            ({"formule": "x" * 30_000}, "te lang"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_nothing(self, changes, text):
        done = answer("insight:editor", post={**self.TYPED, "doe": "bewaar", **changes})
        assert done.status_code == 422
        assert text in done.content.decode()

    @pytest.mark.parametrize("actor", [ANONYMOUS, CLERK])
    def test_is_closed_to_others(self, actor):
        with pytest.raises(NotAllowed):
            answer("insight:editor", actor=actor)
