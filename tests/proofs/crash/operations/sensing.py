"""Readings and entities, as the data plane takes them in."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.proofs.crash.operations.register import operation


@operation
def reading(key: str, now: datetime) -> None:
    """Append readings as the data plane does: acknowledged when durable."""
    from ocapi.lib import codec, seglog
    from ocapi.lib.inbox import record

    raw = codec.encode_json({"observations": [{"id": key, "at": now, "value": 1}]})
    sent = record(raw, stream="p", client="proof", received_at=now)
    writer = seglog.Writer(inbox(), segment_bytes=400)
    writer.append([sent])
    writer.append([sent])
    writer.close()


@operation
def tear(key: str, now: datetime) -> None:
    """Leave what a power cut leaves: half a frame at the end of the log."""
    with sorted(inbox().iterdir())[-1].open("ab") as segment:
        segment.write(b"half a fra")


def inbox() -> Path:
    """Give the folder of the capture log."""
    from ocapi.kernel.tenants import api as tenants

    return tenants.folder() / "inbox"


@operation
def rollup(key: str, now: datetime) -> int:
    """Add what came in to the hours."""
    from ocapi.modules.capture import api
    from ocapi.modules.capture.data import StreamFacts

    facts = StreamFacts(code="p", title="Proef", unit="1", place="", source="", license="", quality="")
    api.load_hours(facts=facts, figures=(), now=now)
    return api.roll_up()


@operation
def load(key: str, now: datetime) -> bool:
    """Add an accepted file of readings up from its log; repeated, it goes on."""
    from uuid import NAMESPACE_URL, uuid5

    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import codec, handed, seglog
    from ocapi.modules.capture import api
    from ocapi.modules.capture.models import LoadRow

    upload, raw = uuid5(NAMESPACE_URL, key), {"stream": "p", "id": f"load {key}", "at": now, "value": 1}
    folder = handed.folder_of(tenants.folder() / "capture", upload) / "log"
    if not LoadRow.objects.filter(uuid=upload).exists():
        writer = seglog.Writer(folder)
        writer.append([codec.encode_json({**raw, "flags": {}})] if not writer.last_sequence else [])
        writer.close()
        LoadRow.objects.create(
            uuid=upload, name=key, size_bytes=1, sha256="", state="loading", arrived_at=now, choice={},
            about_rows=1, report={"sensors": {"p": 1}, "to_at": now.isoformat()},
        )
    return api.carry_on(upload=upload, now=now)


@operation
def tiers(key: str, now: datetime) -> int:
    """Let hours become days, and single readings go, when they are kept no longer."""
    from ocapi.lib import actor
    from ocapi.modules.capture import api

    days = {"raw": "1", "hourly": "1"}
    api.declare_tiers(sensor="p", days=days, actor=actor.system("crash"), now=now)
    return api.keep_tiers(now=now + timedelta(days=9))


@operation
def entity(key: str, now: datetime) -> None:
    """Change an entity as the data plane does, and save the state at once; repeated, it is put again."""
    import asyncio

    from ocapi.dataplane.context import changes
    from ocapi.dataplane.context.store import ENTITY
    from ocapi.dataplane.context.vocabulary import CORE_TERMS

    async def put() -> None:
        with opened_entities() as store:
            new = changes.created({"id": f"urn:x:{key}", "type": "Proef", "n": 1}, terms=CORE_TERMS,
                                  now=now.isoformat())
            await store.put_entity(store.newest(ENTITY, new.id), new)
            await store.settle()

    asyncio.run(put())


@operation
def compaction(key: str, now: datetime) -> int:
    """Put readings into files."""
    from ocapi.modules.capture import api

    return api.compact(now=now)


def compacted() -> list[str]:
    """Name the entities whose readings stand in the files of the list."""
    from ocapi.dataplane.context import history
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib.columns import readings, shelves

    files, _sequence = history.read_manifest(shelves.Folder(tenants.folder() / "capture" / "parquet"))
    return sorted({row["entity"].removeprefix("urn:x:") for row in readings.read(files)})


@contextlib.contextmanager
def opened_entities() -> Iterator[Any]:
    """Open the entities of the organization, with a state saved after every change."""
    from concurrent.futures import ThreadPoolExecutor

    from ocapi.dataplane.context.store import Store
    from ocapi.kernel.tenants import api as tenants

    with ThreadPoolExecutor(1) as threads:
        store = Store(tenants.folder() / "capture" / "log", threads, save_every=1)
        try:
            yield store
        finally:
            store.close()
