"""Readings of entities from the log into files, and away. Not covered: who may ask."""

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ocapi.dataplane.context import changes, history
from ocapi.dataplane.context.history import Histories, Span
from ocapi.dataplane.context.store import Stores, forget_change, history_change
from ocapi.dataplane.context.vocabulary import CORE_TERMS, DEFAULT
from ocapi.dataplane.query import Columns, QueryFailed, QueryTooLong, Question
from ocapi.kernel.audit.testing import leaves_of
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib import seglog
from ocapi.lib.columns import answering, locking, readings
from ocapi.lib.columns.behind import Log
from ocapi.lib.snapshot import Stream
from ocapi.modules.capture import api
from ocapi.modules.capture.data import SensorInput, SensorRefused
from ocapi.modules.capture.models import PartRow
from ocapi.modules.capture.services import compaction

ADMIN = a_staff_member("tenant_admin")
WRITTEN = "2026-11-28T09:30:00Z"
NAME = f"{DEFAULT}co2"


def folder() -> Path:
    return tenants.folder() / "capture"


def put(*values: float, entity: str = "urn:x:1", day: int = 1, watched: tuple[Stream, ...] = ()) -> None:
    """Add readings of one entity, at the hours of a day."""
    held = [
        {
            "type": "Property",
            "value": value,
            "observedAt": f"2026-11-{day:02}T{hour:02}:00:00Z",
            "createdAt": WRITTEN,
            "modifiedAt": WRITTEN,
        }
        for hour, value in enumerate(values)
    ]
    head = changes.created({"id": entity, "type": "T"}, terms=CORE_TERMS, now=WRITTEN)
    _commit(history_change(head, {NAME: held}), watched=watched)


def forget(entity: str) -> None:
    _commit(forget_change(entity, now=WRITTEN, client="meter"))


def _commit(*made: Any, watched: tuple[Stream, ...] = ()) -> None:
    async def story() -> None:
        stores = Stores(folder().parents[2])
        store = await stores.of(folder().parent.name)
        store.watch(watched)
        await store.commit(made)
        await stores.close()

    asyncio.run(story())


def asked(entity: str = "urn:x:1", *, width: str | None = None) -> list[Any]:
    """Give values as the data plane answers them, or averages by period."""

    async def story() -> list[Any]:
        stores, columns = Stores(folder().parents[2]), Columns()
        store = await stores.of(folder().parent.name)
        histories = Histories(columns)
        if width is not None:
            rows = await histories.aggregates(
                store, entities=[entity], attributes=[NAME], span=Span(), width=width
            )
            found = [row["avg"] for row in rows]
        else:
            rows = await histories.rows(store, entities=[entity], attributes=[], span=Span())
            found = [float(row["instance"].partition('"value":')[2].partition(",")[0]) for row in rows]
        await columns.close()
        await stores.close()
        return found

    return asyncio.run(story())


def digest_of_files() -> str:
    """Compute from the files alone what a leaf about forgotten readings names."""
    files = sorted((folder() / "parquet").glob("*.parquet"))  # their names begin with their first sequence
    hashes = "".join(f"{hashlib.sha256(each.read_bytes()).hexdigest()}\n" for each in files)
    return hashlib.sha256(hashes.encode()).hexdigest()


class TestCompaction:
    def test_gives_the_same_answers_before_and_after(self, committed_tenant):
        put(1, 2, 3)
        put(7, entity="urn:x:2")
        before = (asked(), asked(width="2 hours"))
        assert api.compact(now=NOW) == 4
        assert (asked(), asked(width="2 hours")) == before == ([1, 2, 3], [1.5, 3])
        assert api.compact(now=NOW) == 0
        assert PartRow.objects.get().row_count == 4

    def test_puts_late_and_corrected_readings_in_their_place(self, committed_tenant):
        put(1, 2, day=5)
        api.compact(now=NOW)
        put(9, day=4)
        put(1, 8, day=5)
        api.compact(now=NOW)
        assert asked() == [9, 1, 8]
        assert PartRow.objects.count() == 1
        rows = readings.read(folder() / "parquet" / each.path for each in PartRow.objects.all())
        assert [row["observed_at"].day for row in rows] == [4, 5, 5, 5, 5]

    def test_begins_another_file_when_one_is_large(self, committed_tenant, monkeypatch):
        monkeypatch.setattr(compaction, "SMALL", 2)
        for day in (1, 2, 3):
            put(day, day, day=day)
            api.compact(now=NOW)
        assert PartRow.objects.count() == 3
        assert asked() == [1, 1, 2, 2, 3, 3]
        spans = list(
            PartRow.objects.order_by("first_sequence").values_list("first_sequence", "last_sequence")
        )
        assert all(one[1] < other[0] for one, other in zip(spans, spans[1:], strict=False))

    def test_forgets_in_every_file_and_in_the_log_and_proves_it(self, committed_tenant, monkeypatch):
        monkeypatch.setattr(compaction, "SMALL", 2)
        for day in (1, 2):
            put(11.5, 12.5, day=day)
            put(3, entity="urn:x:2", day=day)
            api.compact(now=NOW)
        before = digest_of_files()
        forget("urn:x:1")
        assert asked() == []
        api.compact(now=NOW)
        assert before != digest_of_files()
        files = list((folder() / "parquet").glob("*.parquet"))
        assert {row["entity"] for row in readings.read(files)} == {"urn:x:2"}
        assert len(files) == PartRow.objects.count()
        (leaf,) = leaves_of("capture.write_entities")
        assert leaf.resource.startswith("entity/") and "urn" not in leaf.resource
        assert leaf.reference == f"rows=4 before={before} after={digest_of_files()}"

        async def tidy() -> None:
            stores = Stores(folder().parents[2])
            await stores.of(folder().parent.name)
            await stores.tidy(lambda store: history.manifest_of(store.shelf)[1])
            await stores.close()

        asyncio.run(tidy())
        assert asked() == []  # not from what a start reads back either
        assert b"11.5" not in b"".join(each.read_bytes() for each in (folder() / "log").iterdir())
        assert asked("urn:x:2") == [3, 3]
        put(5, day=9)
        api.compact(now=NOW)
        assert asked() == [5]

    def test_takes_away_what_a_crash_left_and_shows_the_list_again(self, committed_tenant):
        put(1)
        api.compact(now=NOW)
        manifest = folder() / "parquet" / "manifest.json"
        shown = manifest.read_bytes()
        manifest.unlink()
        (folder() / "parquet" / "00-orphan.parquet").write_bytes(b"half")
        api.compact(now=NOW + timedelta(minutes=1))
        assert manifest.read_bytes() == shown
        assert len(list((folder() / "parquet").glob("*.parquet"))) == 1

    def test_does_nothing_where_nothing_was_sent(self, committed_tenant):
        assert api.compact(now=NOW) == 0
        assert not (folder() / "parquet").exists()


class TestChild:
    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT * FROM read_csv('/etc/hostname')",
            "ATTACH '/tmp/x.db'",
            "COPY (SELECT 1) TO '/tmp/x.csv'",
            "INSTALL httpfs",
            "SET enable_external_access=true",
            "SELECT * FROM read_parquet('/tmp/*.parquet')",
        ],
    )
    def test_reads_the_files_it_was_given_and_nothing_else(self, sql):
        import duckdb

        connection = duckdb.connect(":memory:")
        locking.shut(connection, ["/nowhere/a.parquet"], memory_mb=64, threads=1, zone="UTC")
        locking.seal(connection)
        with pytest.raises(duckdb.Error):
            connection.execute(sql)

    def test_knows_no_query_but_its_own_and_tells_of_a_missing_file(self):
        assert answering.answer(answering.Question(name="../../x", files=[], parameters={})) == {
            "error": "no such query"
        }
        values = {
            "entities": ["a"],
            "attributes": [],
            "property": "observedAt",
            "from_at": None,
            "to_at": None,
            "last_n": 0,
            "most": 5,
        }
        found = answering.answer(
            answering.Question(name="history", files=["/nowhere/a.parquet"], parameters=values)
        )
        assert "error" in found

    def test_is_ended_when_it_takes_too_long_and_started_anew(self, tmp_path):
        async def story() -> None:
            columns = Columns(patience_s=0.0)
            nothing = Log(folder=str(tmp_path), after=0, until=0)
            question = Question(name="other", files=[], parameters={}, log=nothing)
            with pytest.raises(QueryTooLong):
                await columns.ask(question)
            patient = Columns()
            with pytest.raises(QueryFailed):
                await patient.ask(question)
            values = {
                "entities": ["a"],
                "attributes": [],
                "property": "observedAt",
                "from_at": None,
                "to_at": None,
                "last_n": 0,
                "most": 5,
            }
            question = Question(name="history", files=[], parameters=values, log=nothing)
            assert await patient.ask(question) == []
            await patient.close()
            await columns.close()

        asyncio.run(story())


class TestRemoving:
    def test_takes_whole_segments_away_and_keeps_the_last(self, tmp_path):
        writer = seglog.Writer(tmp_path, segment_bytes=100)
        for number in range(6):
            writer.append([b"x" * 60 + bytes([number])])
        assert seglog.remove_up_to(tmp_path, 2) > 0
        left = [record.sequence for record in seglog.read(tmp_path, after_sequence=2)]
        assert left == [3, 4, 5, 6]
        seglog.remove_up_to(tmp_path, 99)
        assert len(seglog.segment_names(tmp_path)) == 1
        assert writer.append([b"y"]) == 7
        writer.close()
        assert seglog.Writer(tmp_path).last_sequence == 7


class TestWatched:
    """What the inventory watches of datastreams and entities stands in its figures too."""

    def test_readings_count_once_with_their_flags_until_they_are_forgotten(
        self, committed_tenant: Any
    ) -> None:
        given = SensorInput(title="CO2", unit="[ppm]", entity="urn:x:1", attribute="co2", maximum="400")
        api.add_sensor(code="co2", given=given, actor=ADMIN, now=NOW)
        (policy,) = [each for each in api.snapshot_part() if isinstance(each, Stream)]
        assert (policy.entity, policy.attribute, policy.rules) == ("urn:x:1", NAME, {"maximum": 400.0})
        put(390, 410, watched=(policy,))
        put(500, entity="urn:x:2")
        api.compact(now=NOW)
        put(390, watched=(policy,))
        api.compact(now=NOW)
        shown = api.get_sensor(sensor="co2", actor=ADMIN, now=NOW)
        start = NOW.replace(day=1, hour=0, minute=0)
        day = api.series(stream="co2", from_at=start, to_at=NOW, step="day", actor=ADMIN)
        assert (shown.newest, sum(each.n for each in day), sum(each.total for each in day)) == (410, 2, 800)
        assert [each.flag.value for each in api.list_flags(sensor="co2", actor=ADMIN)] == ["range"]
        forget("urn:x:1")
        api.compact(now=NOW)
        assert api.list_flags(sensor="co2", actor=ADMIN) == ()

    @pytest.mark.parametrize("said", [
        {"entity": "urn:x:1"}, {"attribute": "co2"}, {"entity": "een sensor", "attribute": "co2"},
        {"entity": "urn:x:1", "attribute": "c o"}, {"datastream": "1", "entity": "urn:x:1"},
    ])
    def test_is_one_thing_that_has_a_name(self, committed_tenant: Any, said: dict[str, str]) -> None:
        with pytest.raises(SensorRefused):
            api.add_sensor(code="x", given=SensorInput(title="X", unit="1", **said), actor=ADMIN, now=NOW)
