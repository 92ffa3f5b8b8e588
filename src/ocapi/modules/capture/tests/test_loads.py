"""Files of readings from the desk. Not here: how a file comes in (the data plane), looks (the journeys)."""

import json
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.http import Http404
from django.test import RequestFactory, override_settings
from django.utils import translation

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.audit.testing import operations_of
from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.jobs import extensions
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib import codec, durable, handed, ids
from ocapi.lib.columns.tables import ColumnType, parquet
from ocapi.modules.capture import api
from ocapi.modules.capture.data import (
    LoadChoice,
    LoadMoved,
    LoadNotFound,
    LoadRefused,
    LoadState,
    SensorInput,
    UploadColumns,
)
from ocapi.modules.capture.models import FlagRow, HourRow, LoadRow
from ocapi.modules.capture.services import checking, loads
from ocapi.modules.capture.views import loading

ADMIN, READER = a_staff_member("tenant_admin"), a_staff_member("policy_maker")
COLUMNS = UploadColumns(time="Tijdstip", sensor="Meetpunt", value="Waarde", unit="Eenheid")
CHOICE = LoadChoice(columns=COLUMNS, zone="Europe/Brussels")
TABLE = b"""Tijdstip;Meetpunt;Waarde;Eenheid
22/11/2026 10:05;no2;20;ug/m3
22/11/2026 10:10;no2;0,03;mg/m3
22/11/2026 10:10;no2;30;
22/11/2026 10:15;no2;900;
22/11/2026 10:20;zwem;5;
29/03/2026 02:30;no2;5;
22/11/2026 10:25;no2;veel;
22/11/2026 11:00;no2;40;Cel
"""


def arrived(content: bytes, name: str = "no2.csv") -> UUID:
    """Put a file where the data plane does."""
    upload = ids.new_uuid(NOW)
    folder = handed.folder_of(tenants.folder() / "capture", upload)
    durable.make_directory(folder)
    durable.write_file(folder / handed.DATA, content)
    about = handed.About(name=name, size_bytes=len(content), sha256="0" * 64, arrived_at=NOW)
    handed.add_about(folder, about)
    return upload


def folder_of(upload: UUID) -> Path:
    return handed.folder_of(tenants.folder() / "capture", upload)


@pytest.fixture
def here(tenant, monkeypatch):
    """A sensor, and checks done in this process as soon as they are started."""
    durable.remove_tree(tenants.folder() / "capture" / "uploads")  # of other tests: files are not rolled back
    given = SensorInput(title="NO2", unit="ug/m3", minimum="0", maximum="400")
    api.add_sensor(code="no2", given=given, actor=ADMIN, now=NOW)
    started: list[Path] = []

    def start(_module: str, _act: str, folder: str) -> None:
        started.append(Path(folder))
        report = checking.check(Path(folder), now=NOW)
        durable.write_file(Path(folder) / checking.REPORT, codec.encode_json(report))

    monkeypatch.setattr("ocapi.lib.confined.start", start)
    return started


def checked(content: bytes = TABLE, choice: LoadChoice = CHOICE) -> UUID:
    upload = arrived(content)
    api.check_load(upload=upload, choice=choice, about_rows=8, actor=ADMIN, now=NOW)
    finish(upload)
    return upload


def finish(upload: UUID) -> None:
    for _ in range(9):
        if not api.carry_on(upload=upload, now=NOW):
            return
    raise AssertionError("it goes on for ever")


def counted() -> tuple[int, int]:
    rows = HourRow.objects.values_list("n", "total")
    return sum(n for n, _total in rows), sum(total for _n, total in rows)


class TestLook:
    def test_guesses_columns_and_shows_the_first_rows_of_both_kinds(self, tenant):
        found = api.look_at(upload=arrived(TABLE), actor=ADMIN)
        assert (found.guessed, len(found.rows), found.about_rows) == (COLUMNS, 5, 8)
        table = parquet(
            {"time": ColumnType.INSTANT, "sensor": ColumnType.TEXT, "value": ColumnType.NUMBER},
            [(NOW, "no2", 1.5), (NOW, None, None)],
        )
        found = api.look_at(upload=arrived(table), actor=ADMIN)
        assert found.header == ("time", "sensor", "value")
        assert (found.rows[1][1:], found.about_rows) == (("", ""), 2)

    @pytest.mark.parametrize(("content", "code"), [
        (b"PAR1 broken", "unreadable"), (b"x" * 70_000, "malformed"), (b'a;b\n1;"c', "malformed"),
    ])
    def test_says_why_a_file_cannot_be_read(self, tenant, content, code):
        assert checking.look(folder_of(arrived(content)) / handed.DATA).code == code


class TestCheck:
    def test_tells_each_refused_row_by_line_and_each_flag_and_counts_nothing(self, here):
        found = api.get_load(upload=checked(), actor=ADMIN)
        assert found.state is LoadState.CHECKED
        report = found.report
        assert [(each.line, each.code) for each in report.faults] == [
            (6, "unknownSensor"), (7, "clockForward"), (8, "notNumber"), (9, "unknownUnit"),
        ]
        assert (report.rows, report.sound, report.refused, report.repeated) == (8, 3, 4, 1)
        assert report.flags == {"converted": 1, "range": 1}
        assert [(each.line, each.value) for each in report.doubtful] == [(5, 900.0)]
        assert [each.at for each in report.sample][0] == "2026-11-22T09:05:00+00:00"
        assert counted() == (0, 0)

    def test_may_be_done_again_by_another_choice(self, here):
        upload = checked(b"when;n\n2026-11-28T09:00:00Z;4\n", LoadChoice(columns=COLUMNS))
        assert api.get_load(upload=upload, actor=ADMIN).report.code == "column"
        again = LoadChoice(columns=UploadColumns(time="when", value="n"), sensor="no2")
        api.check_load(upload=upload, choice=again, about_rows=1, actor=ADMIN, now=NOW)
        finish(upload)
        assert api.get_load(upload=upload, actor=ADMIN).report.sensors == {"no2": 1}

    def test_refuses_a_choice_by_field(self, here):
        upload = arrived(TABLE)
        for choice, problems in (
            (LoadChoice(), {"time", "value", "sensor"}),
            (LoadChoice(columns=COLUMNS, zone="Mars/Olympus", unit="parsec/week", sensor="x"),
             {"zone", "unit", "sensor"}),
        ):
            with pytest.raises(LoadRefused) as refused:
                api.check_load(upload=upload, choice=choice, about_rows=1, actor=ADMIN, now=NOW)
            assert set(refused.value.problems) == problems

    def test_that_breaks_is_begun_again_and_given_up_after_three_times(self, here, monkeypatch):
        monkeypatch.setattr("ocapi.lib.confined.start", lambda *_: here.append(Path()))
        found = api.get_load(upload=checked(), actor=ADMIN)
        assert (found.state, found.report.code, len(here)) == (LoadState.REFUSED, "broken", 3)


class TestAccept:
    def test_adds_the_readings_beside_the_loop_that_serves_others(self, here):
        upload = checked()
        jobs.visit(now=NOW, budget_ms=60_000, only=("capture.load",))  # the check's own, which finds it done
        api.accept_load(upload=upload, actor=ADMIN, now=NOW)
        assert extensions.jobs.get("capture.add_load").is_long
        jobs.visit(now=NOW, budget_ms=60_000, only=("capture.load",))
        assert counted() == (0, 0)
        jobs.visit(now=NOW, budget_ms=60_000, only=("capture.add_load",))
        assert counted()[0] == 3
        assert api.get_load(upload=upload, actor=ADMIN).state is LoadState.LOADED

    def test_lets_all_count_once_with_their_flags_and_leaves_a_leaf(self, here):
        upload = checked()
        api.accept_load(upload=upload, actor=ADMIN, now=NOW)
        finish(upload)
        assert counted() == (3, 950)
        assert sorted(FlagRow.objects.values_list("flag", flat=True)) == ["converted", "range"]
        assert api.get_load(upload=upload, actor=ADMIN).state is LoadState.LOADED
        assert operations_of("capture.") == ["capture.manage_sensors", *["capture.load_readings"] * 2]
        again = checked()
        api.accept_load(upload=again, actor=ADMIN, now=NOW)
        finish(again)
        assert counted() == (3, 950)

    def test_goes_on_where_it_was_when_the_worker_was_killed(self, here, monkeypatch):
        upload = checked()
        api.accept_load(upload=upload, actor=ADMIN, now=NOW)
        monkeypatch.setattr("ocapi.modules.capture.services.rolling.BATCH", 2)
        monkeypatch.setattr("ocapi.modules.capture.services.rolling.MOST", 2)
        before = loads.rolling.batches
        monkeypatch.setattr(loads.rolling, "batches", lambda *given, **more: before(*given, **more, most=2))
        assert api.carry_on(upload=upload, now=NOW)
        assert counted()[0] == 2
        finish(upload)
        assert counted() == (3, 950)

    def test_is_refused_for_what_is_not_checked_and_a_second_time(self, here):
        with pytest.raises(LoadNotFound):
            api.accept_load(upload=arrived(TABLE), actor=ADMIN, now=NOW)
        upload = checked()
        api.accept_load(upload=upload, actor=ADMIN, now=NOW)
        for act in (api.accept_load, api.cancel_load):
            with pytest.raises(LoadMoved):
                act(upload=upload, actor=ADMIN, now=NOW)


class TestCancel:
    @pytest.mark.parametrize("is_checked", [True, False])
    def test_leaves_no_reading_and_no_file(self, here, is_checked):
        upload = checked() if is_checked else arrived(TABLE)
        api.cancel_load(upload=upload, actor=ADMIN, now=NOW)
        finish(upload)
        assert not folder_of(upload).exists()
        assert api.get_load(upload=upload, actor=ADMIN).state is LoadState.CANCELLED
        assert counted() == (0, 0)

    def test_stops_a_check_that_is_under_way(self, here, monkeypatch):
        upload = checked()
        folder = folder_of(upload)
        monkeypatch.setattr(checking, "AT_ONCE", 1)
        durable.write_file(folder / checking.STOP, b"")
        with pytest.raises(checking.Stopped):
            checking.check(folder, now=NOW)


class TestFiles:
    def test_that_nobody_went_on_with_are_swept_and_those_that_count_stay(self, here):
        left, waiting, loaded = arrived(TABLE), checked(), checked()
        api.accept_load(upload=loaded, actor=ADMIN, now=NOW)
        finish(loaded)
        assert api.sweep_loads(now=NOW + timedelta(days=1)) == 0
        assert api.sweep_loads(now=NOW + timedelta(days=3)) == 2
        assert [folder_of(each).exists() for each in (left, waiting, loaded)] == [False, False, True]
        assert {each.state for each in api.list_loads(actor=ADMIN)} == {LoadState.CANCELLED, LoadState.LOADED}

    def test_are_for_who_may_load_readings(self, here):
        upload = arrived(TABLE)
        for act in (
            lambda: api.hand_pass(back="/x", actor=READER, now=NOW), lambda: api.list_loads(actor=READER),
            lambda: api.get_load(upload=upload, actor=READER),
            lambda: api.look_at(upload=upload, actor=READER),
            lambda: api.check_load(upload=upload, choice=CHOICE, about_rows=1, actor=READER, now=NOW),
            lambda: api.accept_load(upload=upload, actor=READER, now=NOW),
            lambda: api.cancel_load(upload=upload, actor=READER, now=NOW),
        ):
            with pytest.raises(NotAllowed):
                act()

    def test_are_checked_by_a_process_of_their_own(self, committed_tenant):
        api.add_sensor(code="no2", given=SensorInput(title="NO2", unit="ug/m3"), actor=ADMIN, now=NOW)
        upload = arrived(TABLE)
        asked = checking.Asked(choice=CHOICE, sensors={"no2": checking.Known(unit="ug/m3")})
        durable.write_file(folder_of(upload) / checking.ASKED, codec.encode_json(asked))
        done = loads.confined.run(
            loads.CHECKER, asked=b"", wall_seconds=30, arguments=("check", str(folder_of(upload)))
        )
        assert done.code == 0
        assert json.loads((folder_of(upload) / checking.REPORT).read_bytes())["sound"] == 3
        assert not checking.is_under_way(folder_of(upload))
        assert LoadRow.objects.count() == 0


@pytest.fixture
def addresses():
    with override_settings(ROOT_URLCONF="ocapi.modules.capture.tests.addresses"):
        yield


def shown(view, *args, posted=None, actor=ADMIN, **query):
    made = RequestFactory()
    request = made.get("/x", query) if posted is None else made.post("/x", posted)
    request.actor, request.now, request.address_form = actor, NOW, "informal"
    with translation.override("nl-be-x-informal"):
        answer = view(request, *args)
    return answer.status_code, answer.content.decode()


class TestPages:
    def test_hand_a_pass_that_leads_back_to_the_page_of_the_file(self, here, addresses):
        status, text = shown(loading.loads)
        address = re.search(r'action="/ingest/v1/uploads/([^"]+)"', text)
        told = handed.read_pass(address[1], sealer=tenants.sealer(), now=NOW)
        assert (status, told.tenant, told.back.endswith(f"{told.upload}/")) == (200, "alpha", True)
        with pytest.raises(handed.BadPass):
            handed.read_pass(address[1], sealer=tenants.sealer(), now=NOW + timedelta(hours=2))

    def test_lead_from_columns_by_what_was_found_to_readings_that_count(self, here, addresses):
        upload = arrived(TABLE)
        status, text = shown(loading.load, upload)
        assert (status, '<option value="Meetpunt" selected>' in text, "22/11/2026 10:05" in text) == (
            200, True, True)
        typed = {"time": "Tijdstip", "value": "Waarde", "sensor": "Meetpunt", "unit": "Eenheid",
                 "zone": "Europe/Brussels"}
        status, text = shown(loading.load, upload, posted={**typed, "time": "", "unit_code": "vadem"})
        assert (status, "Kies een kolom." in text, "Geef een UCUM-code" in text) == (422, True, True)
        assert shown(loading.load, upload, posted=typed)[0] == 302
        assert "Wordt nagekeken" in shown(loading.load, upload)[1]
        finish(upload)
        text = shown(loading.load, upload)[1]
        for part in ("Wacht op aanvaarding", "Buiten de laagste", "zwem", "de klok ging toen vooruit"):
            assert part in text
        assert "7;Dit tijdstip bestaat niet" in shown(loading.faults, upload)[1]
        assert shown(loading.accept, upload, posted={})[0] == 302
        status, text = shown(loading.accept, upload, posted={})
        assert (status, "Iemand anders was eerst" in text) == (409, True)
        finish(upload)
        assert "Telt mee" in shown(loading.loads)[1]

    def test_say_how_to_repair_a_file_that_cannot_be_read_and_throw_it_away_when_asked(self, here, addresses):
        upload = arrived(b"x" * 70_000)
        page = shown(loading.load, upload)[1]
        assert "geen leesbare tabel (regel 1: de regel is te lang)" in page
        assert "line" not in page[page.index("geen leesbare") :][:200]
        assert "Er telde niets van mee" in shown(loading.stop, upload)[1]
        assert shown(loading.stop, upload, posted={})[0] == 302
        assert "Weggegooid" in shown(loading.load, upload)[1]
        with pytest.raises(Http404):
            shown(loading.load, ids.new_uuid(NOW))
