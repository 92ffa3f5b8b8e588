"""How long what is kept. Not here: kills in between (crash proof), how the data plane removes."""

import argparse
import re
from datetime import UTC, datetime, timedelta

import pytest

from ocapi.kernel.audit.testing import leaves_of
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib import actor as actors
from ocapi.lib import codec, durable, seglog, tiers
from ocapi.modules.capture import api, commands
from ocapi.modules.capture.adapters.inbox_check import InboxCheck
from ocapi.modules.capture.data import HourlyFigure, SensorInput, SensorRefused, StreamFacts
from ocapi.modules.capture.models import DayRow, FlagRow, HourRow

ADMIN, READER = a_staff_member("tenant_admin"), a_staff_member("policy_maker")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clean(tenant):
    """Files are not rolled back with the database."""
    durable.remove_tree(tenants.folder() / "inbox")
    durable.remove_file(tenants.folder() / "capture" / tiers.NAME)


def a_sensor(code: str = "no2", **said: str) -> None:
    given = SensorInput(title=code, unit="1", maximum="50", **said)
    api.add_sensor(code=code, given=given, actor=ADMIN, now=NOW)


def sent(*readings: tuple[str, str, datetime, float], segment_bytes: int = 64 << 20) -> None:
    """Put readings into the inbox and add them up."""
    writer = seglog.Writer(tenants.folder() / "inbox", segment_bytes=segment_bytes)
    for code, name, at, value in readings:
        writer.append([codec.encode_json(
            {"stream": code, "id": name, "at": at, "value": value, "client": "c", "receivedAt": max(at, NOW)}
        )])
    writer.close()
    api.roll_up()


def months(code: str = "no2", step: str = "month") -> list[int]:
    found = api.series(
        stream=code, from_at=datetime(2025, 12, 31, 23, tzinfo=UTC), to_at=NOW, step=step, actor=READER
    )
    return [each.total for each in found]


def outcomes() -> list[tuple[str, str]]:
    found = leaves_of("capture.manage_sensors")
    return [(each.outcome, each.reference) for each in found if each.outcome in ("folded", "removed")]


class TestHours:
    def test_become_days_and_every_sum_answers_as_before(self, tenant):
        registry.load_pack(name="bike-counts", now=NOW)
        code, year = "fietstelpaal-coupure-links", (datetime(2021, 12, 31, 23, tzinfo=UTC), NOW)
        given = SensorInput(title="Coupure", unit="1", hourly="30")
        before = {
            step: api.series(stream=code, from_at=year[0], to_at=year[1], step=step, actor=READER)
            for step in ("day", "month")
        }
        last = api.get_stream(stream=code, actor=READER).last_hour
        api.change_sensor(sensor=code, given=given, actor=ADMIN, now=NOW)
        assert api.keep_tiers(now=NOW) > 8_000
        assert HourRow.objects.count() == 0
        for step, found in before.items():
            again = api.series(stream=code, from_at=year[0], to_at=year[1], step=step, actor=READER)
            assert [(each.start, each.n, each.total) for each in again] == [
                (each.start, each.n, each.total) for each in found
            ]
        assert api.get_stream(stream=code, actor=READER).last_hour.date() == last.date()
        hours = api.series(stream=code, from_at=last - DAY, to_at=last, step="hour", actor=READER)
        assert {(each.is_missing, each.is_coarser) for each in hours} == {(True, True)}
        assert api.keep_tiers(now=NOW) == 0

    def test_reopen_as_days_for_what_comes_late_or_again(self, tenant):
        a_sensor(hourly="10")
        old = NOW - 20 * DAY
        sent(("no2", "a", old, 3), ("no2", "b", NOW - DAY, 5))
        api.keep_tiers(now=NOW)
        assert (HourRow.objects.count(), DayRow.objects.get().total) == (1, 3)
        late = ("no2", "late", old + timedelta(minutes=5), 40)
        sent(late, ("no2", "a", old, 3), ("no2", "other", old - DAY, 1))
        assert list(DayRow.objects.order_by("day").values_list("n", "total", "minimum", "maximum")) == [
            (1, 1, 1, 1), (2, 43, 3, 40),
        ]
        assert HourRow.objects.count() == 1
        facts = StreamFacts(code="no2", title="x", unit="1", place="", source="", license="", quality="")
        figures = [HourlyFigure(hour=old.replace(minute=0), n=1, total=7, minimum=7, maximum=7)]
        assert api.load_hours(facts=facts, figures=figures, now=NOW) == 1
        assert DayRow.objects.order_by("day").last().total == 7
        assert sum(months()) == 1 + 7 + 5

    def test_are_kept_where_nothing_is_declared(self, tenant):
        a_sensor()
        sent(("no2", "a", NOW - 3000 * DAY, 3))
        assert api.keep_tiers(now=NOW) == 0
        assert HourRow.objects.count() == 1


class TestDays:
    def test_go_after_their_time_with_a_leaf_that_says_what(self, tenant):
        a_sensor(hourly="10", daily="100")
        sent(("no2", "a", NOW - 200 * DAY, 3), ("no2", "b", NOW - 50 * DAY, 4))
        api.keep_tiers(now=NOW)
        assert [row.total for row in DayRow.objects.all()] == [4]
        told = outcomes()
        assert [outcome for outcome, _reference in told] == ["folded", "folded", "removed"]
        assert all(re.search(r"[0-9a-f]{64}$", reference) for _outcome, reference in told)

    @pytest.mark.parametrize("said", [
        {"daily": "10"}, {"hourly": "20", "daily": "10"}, {"raw": "0"}, {"raw": "1,5"}, {"hourly": "99999"},
        {"raw": "²"},
    ])
    def test_are_not_kept_shorter_than_hours_and_are_whole(self, tenant, said):
        with pytest.raises(SensorRefused):
            a_sensor(**said)


class TestReadings:
    def test_go_by_whole_segments_that_no_sensor_needs(self, tenant):
        a_sensor("short", raw="10")
        a_sensor("long", raw="100")
        old = [("short", f"a{n}", NOW - 50 * DAY, 1.0) for n in range(4)]
        sent(*old, ("long", "b", NOW - 50 * DAY, 1.0), *old[:1], segment_bytes=150)
        assert api.keep_tiers(now=NOW) == 4
        assert tiers.read(tenants.folder() / "capture") == api.last_removable() == 4
        assert api.keep_tiers(now=NOW + 60 * DAY) == 2
        assert api.last_removable() == 6
        assert len([each for each in outcomes() if "readings=" in each[1] or "records=" in each[1]]) >= 2

    def test_never_go_before_they_were_added_up(self, tenant):
        a_sensor(raw="10")
        sent(("no2", "a", NOW - 50 * DAY, 1.0))
        writer = seglog.Writer(tenants.folder() / "inbox")
        writer.append([codec.encode_json({"stream": "no2", "id": "b", "at": NOW - 50 * DAY, "value": 1.0})])
        writer.close()
        api.keep_tiers(now=NOW)
        assert api.last_removable() == 0
        assert api.roll_up() == 1
        api.keep_tiers(now=NOW)
        assert api.last_removable() == 2

    def test_of_sensors_that_say_nothing_go_as_the_setting_says(self, tenant):
        a_sensor()
        sent(("no2", "a", NOW - 50 * DAY, 1.0))
        assert api.keep_tiers(now=NOW) == 0
        registry.save_setting(name="capture.raw_days", value="10", actor=actors.system("test"), now=NOW)
        assert api.keep_tiers(now=NOW) == 1

    def test_take_their_flags_along_and_a_clock_ahead_keeps_none_longer(self, tenant):
        a_sensor(raw="10")
        sent(("no2", "a", NOW - 50 * DAY, 99.0), ("no2", "b", NOW - 50 * DAY, 98.0))
        assert FlagRow.objects.count() == 3
        api.keep_tiers(now=NOW)
        assert FlagRow.objects.count() == 0
        sent(("no2", "ahead", NOW + 3000 * DAY, 1.0))
        api.keep_tiers(now=NOW + 3011 * DAY)
        assert api.last_removable() == 3

    def test_that_are_gone_are_no_damage_but_more_than_said_is(self, tenant):
        a_sensor(raw="10")
        sent(*(("no2", f"a{n}", NOW - 50 * DAY, 1.0) for n in range(3)), segment_bytes=100)
        api.keep_tiers(now=NOW)
        seglog.remove_up_to(tenants.folder() / "inbox", 2)
        assert list(InboxCheck().findings()) == []
        assert sum(months()) == 3
        (tenants.folder() / "inbox" / f"{3:020}.seg").rename(tenants.folder() / "inbox" / f"{9:020}.seg")
        assert len(list(InboxCheck().findings())) == 1


class TestCommand:
    def test_declares_and_shows_and_refuses(self, tenant, capsys):
        a_sensor(hourly="10")
        said = {"sensor": "no2", "raw": "30", "hourly": None, "daily": "400"}
        assert commands.tiers(argparse.Namespace(**said)) == 0
        assert capsys.readouterr().out == "raw  30 days\nhourly  10 days\ndaily  400 days\n"
        assert commands.tiers(argparse.Namespace(**{**said, "raw": "ever", "daily": "5"})) == 1
        assert "daily: notLonger" in capsys.readouterr().err
        assert commands.tiers(argparse.Namespace(**{**said, "sensor": "x"})) == 1
