"""Pages of the inventory. Not covered: looks and axe (the journeys do), menus (web fills them)."""

from datetime import date, timedelta

import pytest
from django.http import Http404
from django.test import RequestFactory, override_settings
from django.utils import translation

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib.registry import Registry
from ocapi.modules.capture import api
from ocapi.modules.capture.data import (
    HourlyFigure,
    OpeningRefused,
    Openness,
    Publication,
    SensorInput,
    StreamFacts,
)
from ocapi.modules.capture.extensions import SensorPublisher
from ocapi.modules.capture.models import StreamRow
from ocapi.modules.capture.views import editing, inventory, opening

ADMIN = a_staff_member("tenant_admin")
SOUND = {"code": "no2-markt", "title": "NO2 Markt", "unit": "ug/m3", "place": "Markt", "owner": "VMM",
         "latitude": "51,0543", "longitude": "3.7174", "minimum": "0", "maximum": "400", "flat": "90"}


@pytest.fixture(autouse=True)
def addresses():
    """The addresses of capture, mounted as the manifest says."""
    with override_settings(ROOT_URLCONF="ocapi.modules.capture.tests.addresses"):
        yield


def asked(view, *args, actor=None, posted=None, **query):
    made = RequestFactory()
    request = made.get("/x", query) if posted is None else made.post("/x", posted)
    request.actor, request.now, request.address_form = actor or ADMIN, NOW, "informal"
    with translation.override("nl-be-x-informal"):
        return view(request, *args)


def text(view, *args, **query):
    return asked(view, *args, **query).content.decode()


class TestOverview:
    def test_says_how_a_sensor_does_and_how_old_its_last_reading_is(self, tenant):
        facts = StreamFacts(
            code="lus", title="Lus", unit="1", place="Markt", source="", license="", quality=""
        )
        hour = (NOW - timedelta(days=3)).replace(minute=0)
        figures = (HourlyFigure(hour=hour, n=1, total=1, minimum=1, maximum=1),)
        api.load_hours(facts=facts, figures=figures, now=NOW)
        shown = text(inventory.streams)
        assert "Stuurt niets" in shown
        assert "3 dagen geleden" in shown

    def test_finds_by_name_code_place_and_owner_and_says_when_nothing_is_found(self, tenant):
        for code, given in (
            ("b-1", SensorInput(title="Tellus", unit="1", owner="Fluvius")),
            ("b-2", SensorInput(title="Lus", unit="1", place="Dok")),
        ):
            api.add_sensor(code=code, given=given, actor=ADMIN, now=NOW)
        for query, found in (("fluv", "Tellus"), ("dok", ">Lus<"), ("B-2", ">Lus<")):
            shown = text(inventory.streams, q=query)
            assert found in shown
            assert ("Tellus" in shown) != (">Lus<" in shown)
        assert "Geen sensor gevonden" in text(inventory.streams, q="<zwem\0bad>")

    def test_leads_from_page_to_page_and_takes_a_wrong_cursor_for_none(self, tenant):
        for number in range(30):
            given = SensorInput(title=f"Paal {number // 2:02}", unit="1")
            api.add_sensor(code=f"paal-{number}", given=given, actor=ADMIN, now=NOW)
        first = api.list_sensors(text="paal", cursor="", actor=ADMIN, now=NOW)
        second = api.list_sensors(text="paal", cursor=first.cursor, actor=ADMIN, now=NOW)
        codes = [each.stream.code for each in (*first.items, *second.items)]
        assert (len(first.items), len(codes), len(set(codes)), second.cursor) == (25, 30, 30, "")
        for raw in (b"\0", b"[]", b'["a",true]', b'["\\u0000",1]', b'["a",99999999999999999999]'):
            page = api.list_sensors(text="", cursor=raw.hex(), actor=ADMIN, now=NOW)
            assert page.items[0].stream.code == "paal-0"
        assert api.list_sensors(text="", cursor="zz", actor=ADMIN, now=NOW).items == first.items

    def test_offers_no_change_to_who_may_only_read(self, tenant):
        reader = a_staff_member("policy_maker")
        api.add_sensor(code="a", given=SensorInput(title="A", unit="1"), actor=ADMIN, now=NOW)
        assert "Voeg een sensor toe" not in text(inventory.streams, actor=reader)
        assert "wijzigen" not in text(inventory.stream, "a", actor=reader)
        for view, args in ((editing.new, ()), (editing.edit, ("a",)), (editing.calibrate, ("a",))):
            with pytest.raises(NotAllowed):
                asked(view, *args, actor=reader, posted=SOUND)


class TestForm:
    def test_keeps_what_was_typed_and_shows_it_again_as_it_was(self, tenant):
        assert asked(editing.new, posted={**SOUND, "owner": "V\0MM"}).status_code == 302
        shown = text(inventory.stream, "no2-markt")
        for part in ("51,0543 noord", "VMM", "400 ug/m3", "90 minuten", "Nog geen meting"):
            assert part in shown
        again = text(editing.edit, "no2-markt")
        assert 'value="51,0543"' in again
        assert 'value="90"' in again

    @pytest.mark.parametrize(("name", "typed", "told"), [
        ("code", "No2 Markt", "Gebruik alleen kleine letters"), ("code", "staat-er-al", "heeft deze code"),
        ("title", " ", "Vul een naam in"), ("place", "x" * 201, "Deze tekst is te lang"),
        ("unit", "parsec/week", "Deze eenheid is niet bekend"), ("latitude", "151", "geen plaats op aarde"),
        ("longitude", "", "Vul zowel de breedtegraad"), ("minimum", "nan", "Dit is geen getal"),
        ("maximum", "1e999", "Dit is geen getal"), ("maximum", "-1", "ligt onder de laagste waarde"),
        ("flat", "0", "Geef een getal boven nul"),
    ])
    def test_says_how_to_repair_a_field_and_keeps_nothing(self, tenant, name, typed, told):
        api.add_sensor(code="staat-er-al", given=SensorInput(title="X", unit="1"), actor=ADMIN, now=NOW)
        answer = asked(editing.new, posted={**SOUND, name: typed})
        assert answer.status_code == 422
        assert told in answer.content.decode()
        assert len(api.list_sensors(text="", cursor="", actor=ADMIN, now=NOW).items) == 1

    def test_takes_a_calibration_of_today_at_the_latest(self, tenant):
        asked(editing.new, posted=SOUND)
        sent = {"day": "1/2/2020", "laboratory": "Labo", "result": "Afwijking 2 %"}
        assert asked(editing.calibrate, "no2-markt", posted=sent).status_code == 302
        assert "Afwijking 2 %" in text(inventory.stream, "no2-markt")
        for day, told in (("31/2/2020", "Geef een dag als"), ("1/1/2999", "Deze dag moet nog komen")):
            answer = asked(editing.calibrate, "no2-markt", posted={**sent, "day": day})
            assert (answer.status_code, told in answer.content.decode()) == (422, True)
        (kept,) = api.list_calibrations(sensor="no2-markt", actor=ADMIN)
        assert kept.day == date(2020, 2, 1)


class TestTwoAtOnce:
    def test_who_saves_second_sees_both_versions_and_nothing_of_the_first_is_lost(self, tenant):
        asked(editing.new, posted=SOUND)
        opened = {**SOUND, "version": "1"}
        assert asked(editing.edit, "no2-markt", posted={**opened, "owner": "Fluvius"}).status_code == 302
        answer = asked(editing.edit, "no2-markt", posted={**opened, "owner": "Farys"})
        shown = answer.content.decode()
        assert answer.status_code == 409
        assert all(part in shown for part in ("collega", "Fluvius", "Farys", 'value="2"'))
        assert "Fluvius" in text(inventory.stream, "no2-markt")
        again = asked(editing.edit, "no2-markt", posted={**SOUND, "version": "2", "owner": "Farys"})
        assert again.status_code == 302
        assert "Farys" in text(inventory.stream, "no2-markt")

    def test_a_version_that_is_none_saves_nothing(self, tenant):
        asked(editing.new, posted=SOUND)
        for version in ("", "x", "9" * 30):
            sent = {**SOUND, "version": version, "owner": "Farys"}
            assert asked(editing.edit, "no2-markt", posted=sent).status_code == 409


class TestCarriedRules:
    @pytest.mark.parametrize("rules", [
        ["x"], {"minimum": "laag"}, {"maximum": 10**400}, {"minimum": 2, "maximum": 1}, {"zwaarte": 1},
    ])
    def test_that_are_broken_are_named_and_judge_nothing(self, tenant, rules):
        asked(editing.new, posted=SOUND)
        StreamRow.objects.filter(code="no2-markt").update(rules=rules, newest_value="veel", newest_at=NOW)
        assert "kunnen niet toegepast worden" in text(inventory.stream, "no2-markt")
        assert "NO2 Markt" in text(inventory.streams)


class TestOpening:
    def test_offers_no_switch_where_nobody_publishes_and_none_to_who_may_not(self, tenant, monkeypatch):
        api.add_sensor(code="lus", given=SensorInput(title="Lus", unit="1"), actor=ADMIN, now=NOW)
        made = Registry(SensorPublisher)
        monkeypatch.setattr("ocapi.modules.capture.api.opening.sensor_publishers", made)
        with pytest.raises(Http404):
            asked(opening.switch, "lus")
        assert "Open data" not in text(inventory.stream, "lus")
        made.add(Publisher)
        shown = text(opening.switch, "lus")
        assert "Alleen voor de organisatie" in shown
        assert "<form" not in shown.partition("<main")[2].partition("</main")[0]


class Publisher:
    """Publishes nothing, and lets nobody."""

    name = "none"

    def find(self, *, sensor, actor, now):
        return Publication(state=Openness.CLOSED, may_change=False)

    def open(self, *, sensor, license, actor, now):
        raise OpeningRefused("gate")

    def close(self, *, sensor, actor, now):
        raise OpeningRefused("gate")
