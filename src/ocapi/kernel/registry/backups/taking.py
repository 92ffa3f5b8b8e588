"""Taking backups: each pass adds what changed and a record that names the whole state."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from ocapi.kernel.audit import api as audit
from ocapi.kernel.audit.data import NoSuchTree
from ocapi.kernel.registry.backups import records
from ocapi.kernel.registry.backups.data import RECORD_FORMAT, RECORD_VERSION, BackedUp, Record
from ocapi.kernel.registry.backups.pieces import PieceSink
from ocapi.kernel.registry.carrying import acts, writing
from ocapi.kernel.registry.carrying.data import ArchiveRefused, Manifest, Progress, Reason
from ocapi.kernel.registry.extensions import BackupTarget
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, crashpoint, durable


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """What this installation remembers of the newest record it added, apart from the target."""

    number: int
    sha256: str


def take(*, target: BackupTarget, now: datetime, is_first: bool, tell: Progress) -> BackedUp:
    """Back up the bound organization: what the target lacks, then the record.

    is_first: of a run; the run leaves one leaf in the log. Raises ArchiveRefused: targetFull, targetLies,
    missing when the target lost records, exists when somebody else adds to it, sourceDamaged.
    """
    tenant = tenants.current()
    if is_first:
        acts.record("tenants.backup", now=now)
    last = _last(target, str(tenant.uuid))
    crashpoint.point("backup.snapshot.before_read")
    _require_same_log(target, str(tenant.uuid))
    with PieceSink(target, turn=last.number) as sink:
        kept: list[records.Kept] = []

        def conclude(manifest: Manifest, _raw: bytes) -> None:
            crashpoint.point("backup.snapshot.after_read")
            record = Record(
                format=RECORD_FORMAT, version=RECORD_VERSION, number=last.number + 1, previous=last.sha256,
                manifest=manifest, index=sink.keep_index(),
            )
            kept.append(records.add(target, record))

        writing.write(sink=sink, now=now, code="", tell=tell, conclude=conclude)
        added, added_bytes = sink.added, sink.added_bytes
    remember(target, kept[0])
    return BackedUp(key=tenant.key, number=last.number + 1, taken_at=now, pieces=added, bytes=added_bytes)


def _last(target: BackupTarget, uuid: str) -> Last:
    """Give the newest record on the target, which must not be older than the one remembered."""
    found, remembered = records.numbers(target, uuid), _remembered(target, uuid)
    number = found[-1] if found else 0
    if number < remembered.number:
        raise ArchiveRefused(
            Reason.MISSING, place=f"records/{uuid}", detail=f"ends at {number}, {remembered.number} was added"
        )
    if number == 0:
        return Last(number=0, sha256="")
    kept = records.read(target, uuid, number)
    if number == remembered.number and kept.sha256 != remembered.sha256:
        raise ArchiveRefused(
            Reason.TARGET_LIES, place=f"records/{uuid}", detail=f"number {number} is not the one we added"
        )
    return Last(number=number, sha256=kept.sha256)


def _require_same_log(target: BackupTarget, uuid: str) -> None:
    """Refuse a log that does not begin with the one in the record added last: its end was cut off.

    Raises ArchiveRefused: sourceDamaged.
    """
    number = _remembered(target, uuid).number
    if number == 0:
        return
    promised = records.read(target, uuid, number).record.manifest.audit
    try:
        root = audit.recomputed_root(size=promised.leaves).hex() if promised.leaves else promised.root
    except NoSuchTree as failure:
        root = str(failure)
    if root != promised.root:
        raise ArchiveRefused(
            Reason.SOURCE_DAMAGED, place="audit_leaf",
            detail=f"record {number} holds {promised.leaves} leaves with root {promised.root}, here: {root}",
        )


def _note(target: BackupTarget, uuid: str) -> Path:
    place = hashlib.sha256(target.place.encode()).hexdigest()[:16]
    return Path(settings.OCAPI.data) / "backups" / f"{uuid}-{place}.json"


def _remembered(target: BackupTarget, uuid: str) -> Last:
    try:
        return codec.decode_json(durable.read_file(_note(target, uuid)), Last)
    except FileNotFoundError:
        return Last(number=0, sha256="")


def remember(target: BackupTarget, kept: records.Kept) -> None:
    """Remember the record whose state the organization has now: just added, or just restored."""
    note = _note(target, kept.record.manifest.organization.uuid)
    durable.make_directory(note.parent)
    durable.write_file(note, codec.encode_json(Last(number=kept.record.number, sha256=kept.sha256)))
