"""Puts readings of entities from the log into sorted Parquet files, and forgets what is to go.

Files are written first, then their rows and the watermark change in one transaction, then the data plane is
shown the new list. A crash in between leaves a file that nothing names, which the next run takes away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from ocapi.kernel.audit import api as audit
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import actor, codec, crashpoint, durable, ids, observed, quality, seglog
from ocapi.lib.columns import readings, shelves
from ocapi.lib.columns.shelves import Shelf
from ocapi.modules.capture import queries
from ocapi.modules.capture.models import FlagRow, PartRow, WatermarkRow
from ocapi.modules.capture.services import rolling

ENTITIES = 2  # the watermark's row for the log of entities; 1 is that of the inbox
RECORDS = 50_000  # of the log in one run
READINGS = 200_000  # in one run, unless one record brings more: a batch of entities holds many
SMALL = 500_000  # rows up to which a file is written anew together with later readings
MANIFEST = "manifest.json"
JOB = actor.system("capture.compact")


@dataclass(slots=True)
class _Batch:
    rows: list[readings.Reading] = field(default_factory=list)
    forgotten: list[readings.Forgotten] = field(default_factory=list)
    first: int = 0
    last: int = 0
    member: str = ""


def compact(*, now: datetime, member: str = "", store: str = "") -> int:
    """Put what the log holds since last time into files; gives how many readings were new.

    member: who wrote it, of several. store: address of the one that keeps the files for other machines.
    """
    folder = tenants.folder() / "capture"
    if not (folder / "log").is_dir():
        return 0
    shelf = shelves.of(store, tenant=tenants.current().key, folder=folder / "parquet")
    watermark, _made = WatermarkRow.objects.get_or_create(id=ENTITIES, defaults={"sequence": 0})
    batch = _read(folder / "log", after=watermark.sequence)
    if batch.last:
        batch.member = member
        _take_in(folder / "parquet", shelf, batch, watermark, now)
    _publish(shelf, watermark.sequence)
    _tidy(folder / "parquet", shelf)
    return len(batch.rows)


def _read(log: Path, *, after: int) -> _Batch:
    batch = _Batch(first=after + 1)
    for count, record in enumerate(seglog.read(log, after_sequence=after), start=1):
        found = codec.decode_untyped(
            record.payload, max_bytes=seglog.MAX_PAYLOAD_BYTES, max_depth=200, max_keys=1_000_000
        )
        if not isinstance(found, dict):
            raise codec.MalformedInput(codec.Reason.NOT_JSON, detail="a record is no object")
        batch.rows += readings.of_record(found, record.sequence)
        gone = readings.forgotten_of(found, record.sequence)
        batch.forgotten += [gone] if gone is not None else []
        batch.last = record.sequence
        if count >= RECORDS or len(batch.rows) >= READINGS:
            break
    return batch


def _take_in(
    folder: Path, shelf: Shelf, batch: _Batch, watermark: WatermarkRow, now: datetime
) -> None:
    """Write the files this batch needs, and then say so in one transaction."""
    held = list(PartRow.objects.order_by("first_sequence"))
    newest = [held[-1]] if held and held[-1].row_count < SMALL else []
    older = [each for each in held if each not in newest]
    old = [each for each in older if _has_forgotten(shelf, each, batch.forgotten)]
    written: list[tuple[int, int, list[PartRow], Sequence[readings.Reading]]] = [
        (each.first_sequence, each.last_sequence, [each], ()) for each in old
    ]
    if batch.rows or (newest and _has_forgotten(shelf, newest[0], batch.forgotten)):
        first = newest[0].first_sequence if newest else batch.first
        written.append((first, batch.last, newest, batch.rows))
    made: list[tuple[list[PartRow], PartRow | None]] = []
    for first, last, earlier, rows in written:
        made.append((earlier, _part(folder, shelf, first, last, batch, earlier, rows, now)))
    before, rows = queries.files_digest(), sum(each.row_count for each in held) + len(batch.rows)
    crashpoint.point("capture.manifest.before_commit")
    with transaction.atomic():
        for earlier, part in made:
            PartRow.objects.filter(id__in=[each.id for each in earlier]).delete()
            if part is not None:
                part.save(force_insert=True)
        left = sum(PartRow.objects.values_list("row_count", flat=True))
        proof = f"rows={rows - left} before={before} after={queries.files_digest()}"
        _watch(batch)
        for gone in batch.forgotten:
            audit.changed(
                actor=JOB, operation="capture.write_entities", resource=_resource(gone.entity), now=now,
                fields=("readings",), outcome="forgotten", reference=proof,
            )
        watermark.sequence = batch.last
        watermark.save(update_fields=["sequence"])
    crashpoint.point("capture.manifest.after_commit")


def _watch(batch: _Batch) -> None:
    """Add what the inventory watches to the hours of its sensors, with the flags the data plane gave.

    A moment counts once: what is corrected later is in the files. Flags of what is to be forgotten go.
    """
    watched = queries.watched()
    found = []
    for row in batch.rows if watched else ():
        code = watched.get((row.entity, row.attribute))
        if code is None or row.number is None:
            continue
        at = row.observed_at or row.modified_at
        instance = codec.decode_untyped(row.instance.encode(), max_bytes=seglog.MAX_PAYLOAD_BYTES)
        flags = observed.flags_of(instance) if isinstance(instance, dict) else {}
        known = {flag: is_fault for flag, is_fault in flags.items() if flag in quality.FLAGS}
        found.append(rolling.Reading(
            stream=code, id=f"log {at.isoformat()} {row.dataset}"[:128], at=at, value=row.number,
            receivedAt=row.modified_at, flags=known,
        ))
    for start in range(0, len(found), rolling.BATCH):
        rolling.add(found[start : start + rolling.BATCH])
    for gone in batch.forgotten:
        codes = [
            code for (entity, attribute), code in watched.items()
            if entity == gone.entity and gone.attribute in ("", attribute)
        ]
        flags_gone = FlagRow.objects.filter(stream__code__in=codes)
        if gone.observed_at is not None:
            flags_gone = flags_gone.filter(at=gone.observed_at)
        if codes and (gone.observed_at is not None or gone.row_sequence < 0):
            flags_gone.delete()


def _part(
    folder: Path, shelf: Shelf, first: int, last: int, batch: _Batch, earlier: Sequence[PartRow],
    rows: Sequence[readings.Reading], now: datetime,
) -> PartRow | None:
    name = f"{first:020d}-{last:020d}-{batch.last:020d}.parquet"
    done = readings.write(
        folder / name, rows, earlier=[shelf.path(each.path, each.sha256) for each in earlier],
        without=batch.forgotten,
    )
    if done is None:
        return None
    shelf.keep(name, folder / name)
    writers = {name for each in earlier for name in each.members.split()} | {batch.member} - {""}
    return PartRow(
        members=" ".join(sorted(writers)),
        uuid=ids.new_uuid(now), path=name, row_count=done.rows, first_sequence=first, last_sequence=last,
        from_at=done.from_at, to_at=done.to_at, size_bytes=done.size_bytes, sha256=done.sha256,
    )


def _has_forgotten(shelf: Shelf, part: PartRow, forgotten: Sequence[readings.Forgotten]) -> bool:
    return any(readings.holds(shelf.path(part.path, part.sha256), each) for each in forgotten)


def _resource(entity: str) -> str:
    """Name an entity in a leaf without its id, which may be that of a person's thing."""
    return f"entity/{uuid5(NAMESPACE_URL, entity)}"


def _publish(shelf: Shelf, sequence: int) -> None:
    """Show the data plane which files hold the readings, and up to where in the log."""
    parts = [
        {"path": each.path, "rows": each.row_count, "sha256": each.sha256}
        for each in PartRow.objects.order_by("first_sequence")
    ]
    raw = codec.encode_json({"sequence": sequence, "parts": parts})
    try:
        if shelf.read(MANIFEST) == raw:
            return
    except FileNotFoundError:
        pass  # the first one
    crashpoint.point("capture.manifest.before_publish")
    shelf.write(MANIFEST, raw)
    crashpoint.point("capture.manifest.after_publish")


def _tidy(folder: Path, shelf: Shelf) -> None:
    """Take away files the list does not name: those put together with others, and what a crash left."""
    named = set(PartRow.objects.values_list("path", flat=True))
    here = durable.DISK.names(folder) if folder.is_dir() else []
    for name in sorted({*here, *shelf.names()}):
        if name.endswith(".parquet") and name not in named:
            shelf.remove(name)
        elif name.startswith(".") and name.endswith(".tmp"):
            durable.remove_file(folder / name)
