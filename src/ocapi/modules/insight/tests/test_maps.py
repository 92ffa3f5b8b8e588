"""Outlines and maps of indicators, the municipality of the address, the period, and who wrote a note.

Not covered: look and arrow keys (journeys), reading of files (lib).
"""

import json
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import RequestFactory, override_settings
from django.urls import resolve, reverse
from django.utils import translation

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib.actor import ANONYMOUS
from ocapi.modules.insight.api import indicators as reading
from ocapi.modules.insight.api import outlines as api
from ocapi.modules.insight.data.indicators import NotTheWriter
from ocapi.modules.insight.data.outlines import OutlinesNotTaken
from ocapi.modules.insight.tests.factories import POLICY
from ocapi.modules.insight.tests.indicators import quickly, stock_small
from ocapi.modules.insight.tests.test_indicator_pages import answer, shown

CLERK, COLLEAGUE = a_staff_member("clerk"), a_staff_member("policy_maker")


def a_square(nis: str, west: float) -> dict[str, object]:
    ring = [[west, 51.0], [west + 0.1, 51.0], [west + 0.1, 51.1], [west, 51.1], [west, 51.0]]
    return {
        "type": "Feature",
        "properties": {"NISCODE": nis},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


BORDERS = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            a_square(nis, 3.4 + at / 10) for at, nis in enumerate(("44084", "24001", "44040", "44043"))
        ],
    }
).encode()


pytestmark = pytest.mark.stocked(by=stock_small)


@pytest.fixture(autouse=True)
def _pages(files_as_before, monkeypatch):
    quickly(monkeypatch)
    with override_settings(ROOT_URLCONF="ocapi.modules.insight.tests.urls"), translation.override("nl"):
        yield


def load_borders() -> None:
    api.replace_outlines(raw=BORDERS, source="Eigen schets", actor=POLICY, now=NOW)


def upload(raw: bytes | None, **post: str):
    """Send a file to the screen of outlines."""
    files = {} if raw is None else {"bestand": SimpleUploadedFile("grenzen.geojson", raw)}
    request = RequestFactory().post(reverse("insight:outlines"), {**post, **files})
    request.actor, request.now, request.address_form = POLICY, NOW, "informal"
    request._dont_enforce_csrf_checks = True
    return resolve(request.path).func(request)


class TestOutlines:
    def test_join_the_municipalities_of_before_a_merger(self):
        load_borders()
        found = api.list_outlines(actor=POLICY)
        assert [each.nis for each in found.outlines] == ["24001", "44084", "44088"]
        assert found.outlines[2].path.count("M") == 1

    def test_are_replaced_whole_or_not_at_all(self):
        load_borders()
        with pytest.raises(OutlinesNotTaken):
            api.replace_outlines(raw=b"{}", source="x", actor=POLICY, now=NOW)
        assert len(api.list_outlines(actor=POLICY).outlines) == 3

    def test_are_brought_in_and_taken_away_on_a_screen(self):
        assert "Nog geen grenzen" in shown("insight:outlines")
        assert upload(BORDERS, bron="Eigen schets").status_code == 302
        assert "Er staan 3 gemeenten op de kaart" in shown("insight:outlines")
        assert upload(None, doe="weg").status_code == 302
        assert "Nog geen grenzen" in shown("insight:outlines")

    @pytest.mark.parametrize(
        ("raw", "source", "text"),
        [
            (None, "x", "Kies een bestand"),
            (b"nis,x\n", "x", "geen JSON"),
            (b'{"type": "Point"}', "x", "geen GeoJSON met gebieden"),
            (BORDERS, " ", "van wie de grenzen zijn"),
            (
                BORDERS.replace(b"NISCODE", b"x").replace(b"44", b"99").replace(b"24001", b"9"),
                "x",
                "NIS-code",
            ),
        ],
    )
    def test_that_are_refused_say_how_to_repair_the_file(self, raw, source, text):
        done = upload(raw, bron=source)
        assert done.status_code == 422
        assert text in done.content.decode()

    @pytest.mark.parametrize("actor", [ANONYMOUS, CLERK])
    def test_are_for_makers(self, actor):
        with pytest.raises(NotAllowed):
            answer("insight:outlines", actor=actor)
        with pytest.raises(NotAllowed):
            api.replace_outlines(raw=BORDERS, source="x", actor=actor, now=NOW)
        with pytest.raises(NotAllowed):
            api.remove_outlines(actor=actor, now=NOW)


class TestMap:
    def test_stands_with_an_indicator_once_there_are_outlines(self):
        assert "data-map" not in shown("insight:indicator", "spending")
        load_borders()
        page = shown("figures:indicator", "spending", actor=ANONYMOUS)
        assert 'aria-label="Aarschot: €\u00a0400"' in page
        assert "Uitgaven per inwoner per gemeente, 2025" in page
        assert "grenzen: Eigen schets" in page

    def test_follows_the_period_and_leads_to_each_municipality(self):
        load_borders()
        page = shown("insight:indicator", "spending", tot="2023-01-01")
        assert "per gemeente, 2023" in page
        assert "tot=2023-01-01&amp;gebied=24001" in page

    def test_is_none_for_what_is_not_by_municipality(self):
        load_borders()
        assert api.find_map(code="internal", actor=POLICY, now=NOW) is None
        with pytest.raises(reading.IndicatorNotFound):
            api.find_map(code="internal", actor=ANONYMOUS, now=NOW)

    def test_comes_as_a_sheet_too(self):
        load_borders()
        lines = shown("insight:indicator_export", "spending", beeld="kaart").lstrip("\ufeff").split("\r\n")
        assert lines[:2] == ["Gemeente;NIS-code;€", "Aarschot;24001;400"]
        with pytest.raises(Http404):
            answer("insight:indicator_export", "internal", beeld="kaart")


class TestMunicipalityOfTheAddress:
    def test_is_that_of_the_number_and_of_the_comparison(self):
        page = shown("insight:indicator", "spending", gebied="24001").replace("\u00a0", " ")
        assert "Aarschot naast gelijkaardige gemeenten" in page
        assert "(eigen)" not in page
        assert "€ 400" in page[: page.index("kies-periode")]

    def test_that_nobody_knows_counts_as_not_asked(self):
        page = shown("insight:indicator", "spending", gebied="99999")
        assert " naast gelijkaardige gemeenten" in page
        assert ": Aarschot naast" not in page

    def test_is_the_one_peers_are_near_to(self):
        peers = reading.list_peers(code="spending", part="", area="24001", actor=POLICY, now=NOW)
        assert [each.area.nis for each in peers if each.is_own] == ["24001"]


class TestPeriod:
    def test_is_chosen_on_a_strip_that_shows_the_whole_course(self):
        page = shown("insight:indicator", "spending", van="2024-01-01")
        assert 'data-brush="kies-periode"' in page
        assert page.count("/2025-01-01") == 1
        assert "Getoond: 2024 tot 2025" in page


class TestNote:
    def a_note(self, actor=POLICY):
        return reading.write_note(
            code="spending", period=date(2025, 1, 1), text="Brug dicht", actor=actor, now=NOW
        )

    def test_is_changed_and_removed_by_its_writer_only(self):
        note = self.a_note(COLLEAGUE)
        for act in (
            lambda: reading.change_note(note=note, text="Anders", actor=POLICY, now=NOW),
            lambda: reading.remove_note(note=note, actor=POLICY, now=NOW),
        ):
            with pytest.raises(NotTheWriter):
                act()
        reading.change_note(note=note, text="Brug open", actor=COLLEAGUE, now=NOW)
        (found,) = reading.list_notes(code="spending", actor=COLLEAGUE, now=NOW)
        assert (found.text, found.changed_at, found.is_mine) == ("Brug open", NOW, True)
        reading.remove_note(note=note, actor=COLLEAGUE, now=NOW)
        assert reading.list_notes(code="spending", actor=COLLEAGUE, now=NOW) == ()

    def test_says_on_the_page_who_may_not_change_it(self):
        note = self.a_note(COLLEAGUE)
        done = answer("insight:indicator", "spending", post={"wijzig": str(note), "tekst": "Anders"})
        assert done.status_code == 422
        assert "Alleen wie een notitie schreef" in done.content.decode()
        assert f"?wijzig={note}" not in shown("insight:indicator", "spending")

    def test_is_changed_on_the_page_and_keeps_what_was_typed(self):
        note = self.a_note()
        assert f"?wijzig={note}" in shown("insight:indicator", "spending")
        assert f"id_note_{note}" in shown("insight:indicator", "spending", wijzig=str(note))
        done = answer("insight:indicator", "spending", post={"wijzig": str(note), "tekst": " "})
        assert done.status_code == 422
        assert f"id_note_{note}" in done.content.decode()
        assert (
            answer("insight:indicator", "spending", post={"wijzig": str(note), "tekst": "Open"}).status_code
            == 302
        )
        assert "gewijzigd op" in shown("insight:indicator", "spending")
