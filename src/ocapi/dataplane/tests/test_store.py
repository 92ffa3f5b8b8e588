"""What was acknowledged is there after a stop. Not covered here: kill and power cut, which the proofs do."""

import asyncio
import errno
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.dataplane.context import changes, saved
from ocapi.dataplane.context.entity import Entity, applied, difference
from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.store import ENTITY, Store, StoreBusy, decoded, entity_change, removal
from ocapi.dataplane.context.vocabulary import CORE_TERMS
from ocapi.dataplane.tests.driving import Client, drive, room
from ocapi.lib import codec, durable, seglog

NOW = "2026-11-28T09:30:00Z"
NAMES = st.sampled_from(["a", "b", "location"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3)
VALUES = st.one_of(st.integers(-5, 5), TEXTS, st.lists(st.integers(), max_size=2))


def made(number: int, **attributes: Any) -> Entity:
    return changes.created({"id": f"urn:x:{number}", "type": "T", **attributes}, terms=CORE_TERMS, now=NOW)


def opened(folder: Path, **more: Any) -> Store:
    return Store(folder, ThreadPoolExecutor(2), **more)


class TestStore:
    def test_is_after_a_stop_what_it_was(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await client.make(room(1), room(2))
            assert (
                await client.ask("PATCH", "/entities/urn:ngsi-ld:Room:1/attrs/temperature", {"value": 5})
            ).status == 204
            assert (await client.ask("DELETE", "/entities/urn:ngsi-ld:Room:2")).status == 204

        async def again(client: Client) -> None:
            found = await client.get("/entities?type=Room&options=keyValues,sysAttrs")
            assert [(each["id"], each["temperature"]) for each in found] == [("urn:ngsi-ld:Room:1", 5)]
            assert found[0]["createdAt"] == NOW

        drive(tmp_path, story)
        drive(tmp_path, again)

    def test_reads_a_saved_state_and_the_tail_and_survives_a_damaged_state(self, tmp_path: Path) -> None:
        async def fill(save_every: int, start: int) -> None:
            store = opened(tmp_path, save_every=save_every)
            for number in range(start, start + 5):
                await store.put_entity(None, made(number, n=number))
            await store.settle()
            store.close()

        asyncio.run(fill(4, 0))
        states = list(tmp_path.glob("state-*"))
        assert len(states) == 1
        asyncio.run(fill(1000, 5))
        store = opened(tmp_path)
        assert len(list(store.entities())) == 10
        store.close()
        states[0].write_bytes(states[0].read_bytes()[:-5])
        store = opened(tmp_path)
        assert len(list(store.entities())) == 10
        store.close()

    def test_passes_over_a_state_that_knows_more_than_the_log(self, tmp_path: Path) -> None:
        saved.write(tmp_path, 99, [difference(None, made(1))])
        store = opened(tmp_path)
        assert list(store.entities()) == []
        store.close()

    def test_is_held_by_one_process(self, tmp_path: Path) -> None:
        store = opened(tmp_path)
        with pytest.raises(StoreBusy):
            opened(tmp_path)
        store.close()
        opened(tmp_path).close()

    def test_writes_what_arrives_together_with_one_sync(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counted: list[int] = []
        append = seglog.Writer.append

        def counting(writer: seglog.Writer, payloads: Any) -> int:
            counted.append(len(payloads))
            return append(writer, payloads)

        monkeypatch.setattr(seglog.Writer, "append", counting)

        async def story() -> None:
            store = opened(tmp_path)
            await asyncio.gather(*(store.put_entity(None, made(number)) for number in range(50)))
            store.close()

        asyncio.run(story())
        assert (sum(counted), len(counted) <= 3) == (50, True)

    def test_shows_nothing_before_it_is_durable(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[object] = []

        async def story() -> None:
            store = opened(tmp_path)
            append = store._writer.append

            def looking(payloads: Any) -> int:
                seen.append(store.entity("urn:x:1"))
                return append(payloads)

            monkeypatch.setattr(store._writer, "append", looking)
            await store.put_entity(None, made(1))
            seen.append(store.entity("urn:x:1"))
            store.close()

        asyncio.run(story())
        assert (seen[0], seen[1] is not None) == (None, True)

    @pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 507), (errno.EIO, 503)])
    def test_refuses_all_under_way_when_the_disk_does_and_goes_on_later(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, status: int
    ) -> None:
        class Full(durable.FileSystem):
            is_full = False

            def write(self, handle: int, data: bytes) -> None:
                if self.is_full:
                    raise OSError(number, "no")
                super().write(handle, data)

        async def story() -> None:
            disk = Full()
            store = opened(tmp_path)
            store._writer.close()
            store._writer = seglog.Writer(tmp_path, file_system=disk)
            await store.put_entity(None, made(1))
            disk.is_full = True
            got = await asyncio.gather(
                store.put_entity(None, made(2)), store.put_entity(None, made(3)), return_exceptions=True
            )
            assert [each.status for each in got if isinstance(each, Refusal)] == [status, status]
            assert store.newest(ENTITY, "urn:x:2") is None
            disk.is_full = False
            await store.put_entity(None, made(4))
            assert [each.id for each in store.entities()] == ["urn:x:1", "urn:x:4"]
            store.close()
            assert len(list(opened(tmp_path).entities())) == 2

        asyncio.run(story())

    def test_raises_the_alarm_for_damage_before_the_tail(self, tmp_path: Path) -> None:
        async def fill() -> None:
            store = opened(tmp_path)
            for number in range(3):
                await store.put_entity(None, made(number))
            store.close()

        asyncio.run(fill())
        segment = next(tmp_path.glob("*.seg"))
        raw = bytearray(segment.read_bytes())
        raw[60] ^= 1
        segment.write_bytes(bytes(raw))
        with pytest.raises(seglog.CorruptSegment):
            opened(tmp_path)


class TestDifference:
    @settings(max_examples=60, deadline=None)
    @given(st.dictionaries(NAMES, VALUES), st.dictionaries(NAMES, VALUES))
    def test_turns_one_version_into_the_next(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        old = made(1, **{name: {"type": "Property", "value": each} for name, each in before.items()})
        new = made(1, **{name: {"type": "Property", "value": each} for name, each in after.items()})
        change = decoded(codec.encode_record(difference(old, new)))
        assert applied(old, change) == new

    def test_holds_only_what_changed(self) -> None:
        old = made(1, a=1, b=2)
        new = changes.attribute_updated(old, "a", {"value": 3}, terms=CORE_TERMS, now=NOW)
        assert len(difference(old, new)["set"]) == 1
        assert json.loads(removal(ENTITY, "urn:x:1", old, now=NOW).payload)["kind"] == "gone"
        assert entity_change(old, new).value is new
