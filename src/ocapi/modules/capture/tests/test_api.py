"""Streams from pack, file and inbox to hourly rows. Not covered here: the data plane that fills the inbox."""

from datetime import UTC, datetime, timedelta

import pytest

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.jobs import api as job_api
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import codec, inbox, seglog, written
from ocapi.modules.capture import api, jobs
from ocapi.modules.capture.data import SensorInput, SensorState, StreamFacts, StreamNotFound
from ocapi.modules.capture.models import SeenRow, StreamRow
from ocapi.modules.capture.services import rolling, seen

READER, ADMIN = a_staff_member("policy_maker"), a_staff_member("tenant_admin")
CODE = "fietstelpaal-coupure-links"
YEAR = (datetime(2021, 12, 31, 23, tzinfo=UTC), datetime(2022, 12, 31, 23, tzinfo=UTC))


def months() -> list[int]:
    buckets = api.series(stream=CODE, from_at=YEAR[0], to_at=YEAR[1], step="month", actor=READER)
    return [each.total for each in buckets]


class TestPack:
    def test_brings_a_real_year_by_month(self, tenant):
        registry.load_pack(name="bike-counts", now=NOW)
        assert len(months()) == 12
        assert all(total > 10_000 for total in months())

    def test_agrees_with_the_public_file_it_restates(self, tenant, shared):
        registry.load_pack(name="bike-counts", now=NOW)
        restated = months()
        path = shared / "data/sensors/fietstelpaal-coupure-links-2022-gent.zip"
        done = registry.import_file(path=path, format_name="", now=NOW)
        assert done.written > 8000
        assert months() == restated


class TestSeries:
    def test_gives_a_day_in_march_23_hours_and_one_in_october_25(self, tenant):
        registry.load_pack(name="bike-counts", now=NOW)
        for day, hours in ((27, 23), (30, 25)):
            month = 3 if hours == 23 else 10
            start = datetime(2022, month, day, tzinfo=UTC).replace(hour=0)
            buckets = api.series(
                stream=CODE, from_at=start, to_at=start.replace(hour=12), step="day", actor=READER
            )
            assert buckets[0].start.isoformat().startswith(f"2022-{month:02}-{day}T00:00:00")

    def test_draws_missing_hours_as_missing(self, tenant):
        registry.load_pack(name="bike-counts", now=NOW)
        later = datetime(2030, 1, 1, tzinfo=UTC)
        found = api.series(stream=CODE, from_at=later, to_at=later.replace(hour=2), step="hour", actor=READER)
        assert [each.is_missing for each in found] == [True, True]

    def test_is_not_for_citizens(self, tenant):
        with pytest.raises(NotAllowed):
            api.list_streams(actor=a_citizen())

    def test_does_not_know_a_random_stream(self, tenant):
        with pytest.raises(StreamNotFound):
            api.get_stream(stream="x", actor=READER)


class TestImport:
    def test_reports_a_bad_row_by_line_and_loads_the_rest(self, tenant, tmp_path):
        path = tmp_path / "fietstelpaal.csv"
        path.write_text(
            "Code;Ordening;Totaal\nC;2022-01-01T00:00:00+01:00;3\nC;gisteren;4\nC;2022-01-01T00:05:00;5\n"
            "C;2022-01-01T00:10:00+01:00;-1\n"
        )
        done = registry.import_file(path=path, format_name="", now=NOW)
        assert (done.written, [each.line for each in done.refused]) == (1, [3, 4, 5])

    def test_refuses_a_damaged_archive_and_keeps_nothing(self, tenant, tmp_path):
        path = tmp_path / "fietstelpaal.zip"
        path.write_bytes(b"PK\x03\x04 broken")
        with pytest.raises(codec.MalformedInput):
            registry.import_file(path=path, format_name="", now=NOW)
        assert api.list_streams(actor=READER) == ()


class TestRollUp:
    def test_adds_each_message_once_and_goes_on_where_it_was(self, committed_tenant):
        api.load_hours(facts=StreamFacts(code="lus", title="Lus", unit="1", place="", source="", license="",
                                         quality=""), figures=(), now=NOW)
        writer = seglog.Writer(tenants.folder() / "inbox")

        def send(*ids: str) -> None:
            writer.append([
                codec.encode_json({"stream": "lus", "id": each, "at": NOW, "value": 2.0, "client": "c",
                                   "receivedAt": NOW})
                for each in ids
            ])

        send("a", "b", "a")
        assert api.roll_up() == 2
        assert api.roll_up() == 0
        send("b", "c")
        assert api.roll_up() == 1
        writer.close()
        hour = NOW.replace(minute=0)
        found = api.series(stream="lus", from_at=hour, to_at=hour.replace(hour=10), step="hour", actor=READER)
        assert (found[0].n, found[0].total) == (3, 6)

    def test_adds_fractions_up_exactly_also_below_zero_and_in_days(self, committed_tenant):
        api.add_sensor(
            code="t", given=SensorInput(title="T", unit="Cel", hourly="1", daily="900"), actor=ADMIN, now=NOW
        )
        old = NOW - timedelta(days=9)
        writer = seglog.Writer(tenants.folder() / "inbox")
        writer.append([
            codec.encode_json({"stream": "t", "id": str(place), "at": old, "value": value, "client": "c",
                               "receivedAt": NOW})
            for place, value in enumerate((0.4, 0.4, 0.1, -1.2))
        ])
        writer.close()
        span = {"from_at": old - timedelta(days=1), "to_at": old + timedelta(days=1)}
        for turn in ("hour", "day"):
            if turn == "hour":
                api.roll_up()
            else:
                api.keep_tiers(now=NOW)
            found = [each for each in api.series(stream="t", step=turn, actor=READER, **span) if each.n]
            assert [(each.n, str(each.total), str(each.minimum), str(each.maximum), str(each.mean))
                    for each in found] == [(4, "-0.3", "-1.2", "0.4", "-0.075")]

    def test_judges_each_reading_once_by_the_rules_of_its_sensor_and_drops_none(self, committed_tenant):
        api.add_sensor(
            code="no2", actor=ADMIN, now=NOW,
            given=SensorInput(title="NO2", unit="ug/m3", minimum="0", maximum="400", change="60", gap="10"),
        )
        writer = seglog.Writer(tenants.folder() / "inbox")

        def send(*readings: tuple[int, float]) -> None:
            writer.append([
                codec.encode_json({"stream": "no2", "id": f"{minute} {value}", "value": value, "client": "c",
                                   "at": NOW + timedelta(minutes=minute), "receivedAt": NOW})
                for minute, value in readings
            ])

        send((-60, 20.0), (-59, 500.0))
        assert api.roll_up() == 2
        send((-59, 500.0), (-59, 21.0), (-40, 30.0), (-50, 25.0), (90, 30.0))
        assert api.roll_up() == 4
        writer.close()
        told = {(round((each.at - NOW).total_seconds() / 60), each.value, each.flag.value)
                for each in api.list_flags(sensor="no2", actor=READER)}
        assert told == {
            (-59, 500.0, "range"), (-59, 500.0, "rate"), (-59, 21.0, "duplicate"), (-40, 30.0, "gap"),
            (-50, 25.0, "late"), (90, 30.0, "clock"), (90, 30.0, "gap"),
        }
        found = api.get_sensor(sensor="no2", actor=READER, now=NOW)
        assert (found.newest, found.last_at) == (30.0, NOW - timedelta(minutes=40))
        assert found.state is SensorState.SILENT
        later = api.get_sensor(sensor="no2", actor=READER, now=NOW - timedelta(minutes=35))
        assert later.state is SensorState.FLAGGED
        day = NOW.replace(hour=0, minute=0) - timedelta(days=1)
        until = day + timedelta(days=3)
        hours = api.series(stream="no2", from_at=day, to_at=until, step="hour", actor=READER)
        assert sum(each.n for each in hours) == 6

    def test_comes_back_at_once_while_more_waits_than_one_turn_takes(self, committed_tenant, monkeypatch):
        api.add_sensor(code="a", given=SensorInput(title="A", unit="1"), actor=ADMIN, now=NOW)
        writer = seglog.Writer(tenants.folder() / "inbox")
        writer.append([
            codec.encode_json({"stream": "a", "id": str(n), "value": n, "at": NOW}) for n in range(7)
        ])
        writer.close()
        monkeypatch.setattr(rolling, "BATCH", 2)
        monkeypatch.setattr(rolling.batches, "__kwdefaults__", {"most": 4})
        jobs.roll_up(now=NOW)
        visit = job_api.visit(now=NOW, only=("capture.roll_up",), budget_ms=60_000)
        assert (api.last_added_up(), visit.did > 0) == (7, True)

    def test_comes_back_at_once_also_when_a_record_holds_many_readings(self, committed_tenant, monkeypatch):
        api.add_sensor(code="a", given=SensorInput(title="A", unit="1"), actor=ADMIN, now=NOW)
        observations = [{"id": str(n), "value": n, "at": NOW.isoformat()} for n in range(5)]
        raw = codec.encode_json({"observations": observations})
        writer = seglog.Writer(tenants.folder() / "inbox")
        writer.append([inbox.record(raw, stream="a", client="x", received_at=NOW) for _record in range(3)])
        writer.close()
        monkeypatch.setattr(rolling.batches, "__kwdefaults__", {"most": 4})
        jobs.roll_up(now=NOW)
        assert api.last_added_up() == 1
        job_api.visit(now=NOW, only=("capture.roll_up",), budget_ms=60_000)
        assert api.last_added_up() == 3

    def test_ends_its_turn_when_its_time_is_over(self, committed_tenant, monkeypatch):
        api.add_sensor(code="a", given=SensorInput(title="A", unit="1"), actor=ADMIN, now=NOW)
        writer = seglog.Writer(tenants.folder() / "inbox")
        writer.append([
            codec.encode_json({"stream": "a", "id": str(n), "value": n, "at": NOW}) for n in range(5)
        ])
        writer.close()
        monkeypatch.setattr(rolling, "BATCH", 2)
        monkeypatch.setattr(rolling, "TURN_S", -1.0)
        assert (api.roll_up(), api.has_more_to_add()) == (2, True)
        assert (api.roll_up(), api.roll_up(), api.has_more_to_add()) == (2, 1, False)

    def test_keeps_what_cannot_be_added_up_with_a_flag_and_goes_on(self, committed_tenant):
        api.add_sensor(code="a", given=SensorInput(title="A", unit="1"), actor=ADMIN, now=NOW)
        writer = seglog.Writer(tenants.folder() / "inbox")
        writer.append([
            codec.encode_json({"stream": "a", "id": str(value), "value": value, "at": at})
            for value, at in ((1e300, NOW), (2.0, NOW), (3.0, "9999-12-31T23:59:59Z"))
        ])
        writer.close()
        assert api.roll_up() == 3
        told = {(each.value, each.flag.value) for each in api.list_flags(sensor="a", actor=READER)}
        assert {(1e300, "range"), (3.0, "range")} <= told
        hour = NOW.replace(minute=0)
        (found,) = api.series(
            stream="a", from_at=hour, to_at=hour + timedelta(hours=1), step="hour", actor=READER
        )
        assert (found.n, found.total) == (1, 2)
        assert written.moment(datetime(9999, 12, 31, 23, 59, tzinfo=UTC)) == "31/12/9999 23:59"

class TestForgetSeen:
    def test_takes_the_oldest_in_small_steps_and_leaves_a_quarter(self, tenant, monkeypatch):
        api.load_hours(facts=StreamFacts(code="lus", title="Lus", unit="1", place="", source="", license="",
                                         quality=""), figures=(), now=NOW)
        stream = StreamRow.objects.get(code="lus")
        days = {"old": 93, "older": 400, "oldest": 401, "kept": 92, "new": 0}
        SeenRow.objects.bulk_create([
            SeenRow(stream=stream, message=name, noted_on=NOW.date() - timedelta(days=count))
            for name, count in days.items()
        ] + [SeenRow(stream=stream, message="of an earlier release")])
        monkeypatch.setattr(seen, "AT_ONCE", 2)
        assert (api.forget_seen(now=NOW), api.forget_seen(now=NOW)) == (3, 0)
        left = set(SeenRow.objects.values_list("message", flat=True))
        assert left == {"kept", "new", "of an earlier release"}
        assert api.forget_seen(now=NOW + timedelta(days=93)) == 3

    def test_knows_the_day_a_message_came_in(self, committed_tenant):
        api.load_hours(facts=StreamFacts(code="lus", title="Lus", unit="1", place="", source="", license="",
                                         quality=""), figures=(), now=NOW)
        told = {"stream": "lus", "id": "a", "at": NOW - timedelta(days=300), "value": 2.0, "client": "c"}
        writer = seglog.Writer(tenants.folder() / "inbox")
        writer.append([codec.encode_json({**told, "receivedAt": NOW})])
        api.roll_up()
        assert SeenRow.objects.get().noted_on == NOW.astimezone(UTC).date()
