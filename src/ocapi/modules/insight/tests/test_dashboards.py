"""Dashboards that people compose: drafts, tiles, publishing, who sees what. Not covered: their look
(journeys), the figures in the tiles (test_indicator_pages).
"""

import io
import re
from datetime import date, timedelta
from pathlib import Path

import pypdf
import pytest
from django.conf import settings
from django.http import Http404, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import resolve, reverse
from django.utils import translation

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.kernel.ui.data import Figure
from ocapi.lib import codec
from ocapi.lib.actor import ANONYMOUS
from ocapi.modules.insight import api as insight
from ocapi.modules.insight.adapters.packs import DashboardsLoader, _Dashboards
from ocapi.modules.insight.api import dashboards as api
from ocapi.modules.insight.api import indicators as reading
from ocapi.modules.insight.data.dashboards import (
    Audience,
    ChangedMeanwhile,
    DashboardNotFound,
    Layout,
    NothingToShow,
    NotOpen,
    Role,
    Shape,
    ShippedDashboard,
    Size,
    Tile,
)
from ocapi.modules.insight.tests.factories import POLICY
from ocapi.modules.insight.tests.indicators import datasets, load_definitions, load_small, quickly
from ocapi.modules.insight.views import board, briefing

CLERK = a_staff_member("clerk")
PACK = Path(settings.OCAPI.project) / "content" / "indicators"


@pytest.fixture(autouse=True)
def _pages(tenant, monkeypatch):
    quickly(monkeypatch)
    insight.load_datasets(datasets=datasets(), now=NOW)
    load_definitions()
    with override_settings(ROOT_URLCONF="ocapi.modules.insight.tests.urls"), translation.override("nl"):
        yield


@pytest.fixture
def _figures(_pages):
    load_small()


def answer(name: str, *args: str, actor=POLICY, post=None, **query: str) -> HttpResponse:
    """Call a view as the middleware of web would."""
    path, made = reverse(name, args=args), RequestFactory()
    request = made.get(path, query) if post is None else made.post(path, post)
    request.actor, request.now, request.address_form = actor, NOW, "informal"
    request._dont_enforce_csrf_checks = True
    match = resolve(request.path)
    return match.func(request, *match.args, **match.kwargs)


def shown(name: str, *args: str, **more) -> str:
    return answer(name, *args, **more).content.decode()


def a_dashboard(*tiles: Tile, title="Ons geld") -> str:
    made = api.create_dashboard(layout=Layout(title=title, tiles=tiles), actor=POLICY, now=NOW)
    return made.code


def publish(code: str, audience: Audience) -> None:
    revision = api.get_dashboard(code=code, actor=POLICY).revision
    api.publish(code=code, audience=audience, revision=revision, actor=POLICY, now=NOW)


def form_of(code: str, *tiles: dict[str, str], **more: str) -> dict[str, str]:
    """Give what the form of the builder sends."""
    found = api.get_dashboard(code=code, actor=POLICY)
    sent = {"titel": found.draft.title, "versie": str(found.revision), "aantal": str(len(tiles))}
    for place, tile in enumerate(tiles):
        sent |= {f"{name}-{place}": value for name, value in tile.items()}
    return {**sent, **more}


def tiles_of(code: str) -> list[str]:
    return [each.indicator for each in api.get_dashboard(code=code, actor=POLICY).draft.tiles]


SPENDING, INTERNAL = Tile(indicator="spending"), Tile(indicator="internal")


class TestComposing:
    def test_makes_an_empty_draft_with_a_code_of_its_title(self):
        made = answer("insight:dashboard_new", post={"titel": "Énergie & geld"})
        assert made["Location"] == reverse("insight:dashboard_edit", args=["energie-geld"])
        again = answer("insight:dashboard_new", post={"titel": "Energie geld"})
        assert again["Location"] == reverse("insight:dashboard_edit", args=["energie-geld-2"])

    def test_asks_for_a_title(self):
        refused = answer("insight:dashboard_new", post={"titel": "  "})
        assert refused.status_code == 422
        assert "Geef het dashboard een titel" in refused.content.decode()

    def test_adds_moves_and_removes_tiles_by_buttons(self):
        code = a_dashboard()
        added = answer("insight:dashboard_edit", code, post=form_of(code, doe="erbij", nieuw="spending"))
        assert added["Location"].endswith("#tegel-0")
        two = ({"cijfer": "spending"}, {"cijfer": "inhabitants"})
        moved = answer("insight:dashboard_edit", code, post=form_of(code, *two, doe="omlaag-0"))
        assert moved["Location"].endswith("#tegel-1")
        assert tiles_of(code) == ["inhabitants", "spending"]
        answer("insight:dashboard_edit", code, post=form_of(code, *two, doe="eruit-1"))
        assert tiles_of(code) == ["spending"]

    def test_gives_a_chart_the_room_its_numbers_need(self):
        code = a_dashboard(SPENDING, Tile(indicator="spending", shape=Shape.PEERS))
        page = shown("insight:dashboard", code, concept="1")
        assert page.count("ocapi-board__tile--small") == page.count("ocapi-board__tile--half") == 1

    def test_keeps_shape_width_title_period_and_municipality_of_a_tile(self):
        code = a_dashboard()
        tile = {"cijfer": "spending", "vorm": "line", "maat": "full", "kop": "Geld", "jaren": "5",
                "gebied": "aarschot"}  # fmt: skip
        answer("insight:dashboard_edit", code, post=form_of(code, tile))
        (kept,) = api.get_dashboard(code=code, actor=POLICY).draft.tiles
        assert kept == Tile(
            indicator="spending", shape=Shape.LINE, size=Size.FULL, title="Geld", years=5, area="24001"
        )

    @pytest.mark.parametrize(
        "tile", [{"cijfer": "nothing"}, {"cijfer": "spending", "vorm": "x", "maat": "9", "jaren": "-1"}]
    )
    def test_takes_nonsense_for_not_chosen(self, tile):
        code = a_dashboard()
        assert answer("insight:dashboard_edit", code, post=form_of(code, tile)).status_code == 302
        assert tiles_of(code) in ([], ["spending"])

    def test_names_a_municipality_it_does_not_know_and_keeps_nothing(self):
        code = a_dashboard(SPENDING)
        typed = form_of(code, {"cijfer": "spending", "gebied": "Atlantis"}, titel="Nieuw")
        refused = answer("insight:dashboard_edit", code, post=typed)
        assert refused.status_code == 422
        assert "geen gemeente Atlantis" in refused.content.decode()
        assert api.get_dashboard(code=code, actor=POLICY).draft.title == "Ons geld"

    def test_holds_at_most_24_tiles(self):
        code = a_dashboard()
        many = [{"cijfer": "spending"}] * 40
        answer("insight:dashboard_edit", code, post=form_of(code, *many, doe="erbij", nieuw="spending"))
        assert len(tiles_of(code)) == 24

    def test_tells_who_saves_upon_an_older_draft_and_overwrites_nothing(self):
        code = a_dashboard()
        mine = form_of(code, {"cijfer": "spending"}, titel="Van mij")
        answer("insight:dashboard_edit", code, post=form_of(code, titel="Van haar"))
        late = answer("insight:dashboard_edit", code, post=mine)
        assert late.status_code == 409
        assert "Van mij" in late.content.decode()
        assert api.get_dashboard(code=code, actor=POLICY).draft.title == "Van haar"

    @pytest.mark.parametrize("deed", ["trek-in", "weg", "collega"])
    def test_lets_no_other_button_win_from_a_newer_draft(self, deed):
        code = a_dashboard(SPENDING)
        late = form_of(code, {"cijfer": "spending"}, doe=deed)
        answer("insight:dashboard_edit", code, post=form_of(code, {"cijfer": "spending"}))
        assert answer("insight:dashboard_edit", code, post=late).status_code == 409
        assert api.get_dashboard(code=code, actor=POLICY).audience is Audience.NOBODY

    def test_takes_a_dashboard_away(self):
        code = a_dashboard(SPENDING)
        answer("insight:dashboard_edit", code, post=form_of(code, doe="weg"))
        with pytest.raises(DashboardNotFound):
            api.get_dashboard(code=code, actor=POLICY)

    def test_is_for_makers_only(self):
        code = a_dashboard(SPENDING)
        for actor in (CLERK, ANONYMOUS):
            with pytest.raises(NotAllowed):
                answer("insight:dashboard_edit", code, actor=actor)
            with pytest.raises(NotAllowed):
                api.create_dashboard(layout=Layout(title="x"), actor=actor, now=NOW)


class TestPublishing:
    def test_shows_a_draft_to_makers_only(self):
        code = a_dashboard(SPENDING)
        assert "Ons geld" in shown("insight:dashboard", code, concept="1")
        for actor in (CLERK, POLICY):
            with pytest.raises(Http404):
                answer("insight:dashboard", code, actor=actor)
        with pytest.raises(Http404):
            answer("insight:dashboard", code, actor=CLERK, concept="1")

    def test_shows_colleagues_what_was_published_and_not_the_newer_draft(self):
        code = a_dashboard(SPENDING)
        publish(code, Audience.INSIDE)
        answer("insight:dashboard_edit", code, post=form_of(code, titel="Nog niet"))
        assert "Nog niet" not in shown("insight:dashboard", code, actor=CLERK)
        with pytest.raises(Http404):
            answer("figures:dashboard", code, actor=ANONYMOUS)
        with pytest.raises(Http404):
            answer("figures:dashboard", code)

    def test_shows_everybody_a_dashboard_of_open_indicators(self):
        code = a_dashboard(SPENDING)
        publish(code, Audience.PUBLIC)
        assert "Uitgaven per inwoner" in shown("figures:dashboard", code, actor=ANONYMOUS)
        assert code in shown("figures:dashboards", actor=ANONYMOUS)

    def test_refuses_everybody_when_an_indicator_is_not_open_and_names_it(self):
        code = a_dashboard(SPENDING, INTERNAL)
        with pytest.raises(NotOpen):
            publish(code, Audience.PUBLIC)
        tiles = ({"cijfer": "spending"}, {"cijfer": "internal"})
        refused = answer("insight:dashboard_edit", code, post=form_of(code, *tiles, doe="iedereen"))
        assert refused.status_code == 422
        assert "Interne aanvragen" in refused.content.decode()
        assert api.get_dashboard(code=code, actor=POLICY).audience is Audience.NOBODY
        again = answer("insight:dashboard_edit", code, post=form_of(code, *tiles, doe="collega"))
        assert again.status_code == 302

    def test_leaves_out_of_a_public_dashboard_what_was_closed_later(self):
        code = a_dashboard(SPENDING)
        publish(code, Audience.PUBLIC)
        api.services.DashboardRow.objects.update(
            published=api.services.written(Layout(title="Ons geld", tiles=(SPENDING, INTERNAL)))
        )
        page = shown("figures:dashboard", code, actor=ANONYMOUS)
        assert "Uitgaven per inwoner" in page
        assert "Interne aanvragen" not in page

    def test_publishes_nothing_empty_and_withdraws(self):
        code = a_dashboard()
        with pytest.raises(NothingToShow):
            publish(code, Audience.INSIDE)
        answer("insight:dashboard_edit", code, post=form_of(code, {"cijfer": "spending"}, doe="iedereen"))
        answer("insight:dashboard_edit", code, post=form_of(code, {"cijfer": "spending"}, doe="trek-in"))
        with pytest.raises(DashboardNotFound):
            api.get_dashboard(code=code, actor=ANONYMOUS)


@pytest.mark.usefixtures("_figures")
class TestADashboard:
    def test_follows_the_municipality_and_period_of_its_address(self):
        code = a_dashboard(Tile(indicator="spending", shape=Shape.LINE, title="Geld"))
        publish(code, Audience.PUBLIC)
        page = shown("insight:dashboard", code)
        assert "2023" in page and "300" in page
        other = shown("insight:dashboard", code, gebied="24001", jaren="1")
        assert "Aarschot" in other
        assert "2023" not in other.partition("ocapi-board")[2].partition("</figure>")[0]
        assert "jaren=1" in other
        nonsense = shown("insight:dashboard", code, gebied="99999", jaren="77")
        assert "2023" in nonsense

    def test_shows_colleagues_what_was_written_about_a_point_in_chart_and_table(self):
        code = a_dashboard(Tile(indicator="spending", shape=Shape.LINE))
        publish(code, Audience.PUBLIC)
        day = date(2024, 1, 1)
        reading.write_note(code="spending", period=day, text="Brug dicht", actor=POLICY, now=NOW)
        for page in (shown("insight:dashboard", code), shown("insight:indicator", "spending")):
            assert "ocapi-chart__note-dot" in page
            assert re.search(r"<td>1\. 2024: Brug dicht \(een vroegere collega, ", page)
        assert "Brug dicht" not in shown("figures:dashboard", code, actor=ANONYMOUS)

    def test_says_so_in_a_chart_of_old_data(self):
        code = a_dashboard(Tile(indicator="inhabitants", shape=Shape.PEERS))
        publish(code, Audience.INSIDE)
        (found,) = reading.list_results(codes=["inhabitants"], actor=POLICY, now=NOW)
        (tile,) = board.drawn(
            api.get_dashboard(code=code, actor=POLICY).draft, asked=board.Asked(), actor=POLICY,
            now=NOW + timedelta(days=3000), areas={}, space="insight",
        )  # fmt: skip
        assert found.fresh_until is not None
        assert "het nieuwste cijfer is van 2020" in tile.chart.quality

    def test_says_why_a_tile_is_empty(self):
        code = a_dashboard(
            Tile(indicator="spending", shape=Shape.PARTS), Tile(indicator="spending", area="11001")
        )
        publish(code, Audience.INSIDE)
        page = shown("insight:dashboard", code)
        assert "heeft geen delen om te vergelijken" in page
        assert "Er zijn geen cijfers van 11001" in page


@pytest.mark.usefixtures("_figures")
class TestTakingAway:
    def test_gives_the_course_parts_and_peers_of_an_indicator_as_csv_xlsx_and_png(self):
        course = answer("insight:indicator_export", "spending", vorm="png", van="2024-01-01")
        assert course["Content-Type"] == "image/png"
        assert course.content.startswith(b"\x89PNG")
        peers = answer("insight:indicator_export", "spending", beeld="vergelijking").content.decode()
        assert "Aalter (eigen);300" in peers
        book = answer("figures:indicator_export", "spending", beeld="vergelijking", vorm="xlsx")
        assert book.content.startswith(b"PK")
        for query in ({"beeld": "delen"}, {"beeld": "nonsense"}, {"vorm": "png", "gebied": "99999"}):
            with pytest.raises(Http404):
                answer("insight:indicator_export", "spending", **query)

    def test_leads_from_every_chart_to_its_numbers_and_picture(self):
        code = a_dashboard(Tile(indicator="spending", shape=Shape.PEERS))
        publish(code, Audience.INSIDE)
        page = shown("insight:dashboard", code)
        assert "beeld=vergelijking&amp;vorm=png" in page
        assert "beeld=vergelijking&amp;vorm=xlsx" in page

    def test_prints_a_tagged_briefing_of_two_pages_with_sources(self):
        code = a_dashboard(SPENDING, Tile(indicator="spending", shape=Shape.LINE, title="Geld"))
        publish(code, Audience.PUBLIC)
        sent = answer("figures:dashboard_briefing", code, actor=ANONYMOUS, jaren="2")
        assert sent["Content-Type"] == "application/pdf"
        reader = pypdf.PdfReader(io.BytesIO(sent.content))
        text = "\n".join(page.extract_text() for page in reader.pages)
        assert len(reader.pages) == 2
        assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
        assert "€\u00a0300" in text and "Statbel" in text and f"/cijfers/dashboards/{code}/?jaren=2" in text

    def test_prints_no_briefing_of_what_the_reader_may_not_see(self):
        code = a_dashboard(SPENDING)
        with pytest.raises(Http404):
            answer("figures:dashboard_briefing", code, actor=ANONYMOUS)
        with pytest.raises(NotAllowed):
            answer("insight:dashboard_briefing", code, actor=ANONYMOUS)

    def test_says_what_two_pages_do_not_hold(self):
        figure = Figure(label="Een cijfer " * 30, value="1", trend="x " * 300)
        many = [board.Drawn(title="t", href="", size="small", figures=(figure,), source=f"bron {at}")
                for at in range(24)]  # fmt: skip
        empty = board.Drawn(title="Leeg", href="", size="small", reason="geen")
        made = briefing.made("T", "x" * 400, [*many, empty], "http://example.org", "vandaag")
        assert (len(made.figures), len(made.sources)) == (8, 8)
        assert "Nog 16 tegels" in made.rest and "Leeg" in made.rest


class TestShippedDashboards:
    def test_are_a_start_page_for_every_role_of_indicators_of_the_product(self):
        raw = (PACK / "dashboards.yaml").read_bytes()
        found = codec.decode_yaml(raw, _Dashboards).dashboards
        assert {each.role for each in found} == set(Role) - {Role.NONE}
        known = {
            line.partition("code:")[2].strip()
            for path in PACK.glob("*.yaml")
            for line in path.read_text().splitlines()
            if line.startswith("- code:")
        }
        assert {tile.indicator for each in found for tile in each.layout.tiles} <= known

    def test_renew_until_somebody_edits_them_here(self):
        def ship(title: str) -> None:
            each = ShippedDashboard(
                code="start", role=Role.CITIZEN, audience=Audience.INSIDE,
                layout=Layout(title=title, tiles=(SPENDING,)),
            )  # fmt: skip
            raw = codec.encode_json({"dashboards": [each]})
            file = type("File", (), {"raw": raw, "path": "dashboards.yaml"})
            assert DashboardsLoader().load(file=file, now=NOW).written in (0, 1)

        ship("Een")
        ship("Twee")
        assert "Twee" in shown("insight:dashboards")
        answer("insight:dashboard_edit", "start", post=form_of("start", titel="Eigen"))
        ship("Drie")
        assert api.get_dashboard(code="start", actor=POLICY).draft.title == "Eigen"

    def test_stand_first_on_the_list(self):
        code = a_dashboard(SPENDING)
        publish(code, Audience.INSIDE)
        assert "Andere dashboards" in shown("insight:dashboards", actor=CLERK)

    def test_tell_of_a_change_between_reading_and_writing(self):
        code = a_dashboard(SPENDING)
        with pytest.raises(ChangedMeanwhile) as told:
            api.save_draft(code=code, layout=Layout(title="x"), revision=9, actor=POLICY, now=NOW)
        assert told.value.revision == 1
