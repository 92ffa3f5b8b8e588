"""Restoring: from the target alone to an organization that is served, or to nothing and the reason."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError

from ocapi.kernel.registry.backups import erasures, proving, records, taking
from ocapi.kernel.registry.backups.data import PieceList, Restored
from ocapi.kernel.registry.backups.pieces import read_pieces
from ocapi.kernel.registry.carrying import acts, checking, reading, scratch
from ocapi.kernel.registry.carrying.checking import Checked
from ocapi.kernel.registry.carrying.data import (
    SUMS,
    TABLES,
    ArchiveRefused,
    Manifest,
    Progress,
    Reason,
)
from ocapi.kernel.registry.carrying.writing import require_name
from ocapi.kernel.registry.extensions import BackupTarget
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Tenant, UnknownTenant
from ocapi.lib import codec, crashpoint, durable

LARGEST_LINE = 64 << 20


def restore(
    *, target: BackupTarget, uuid: str, at: datetime | None, replace: bool, trusted: str, now: datetime,
    tell: Progress,
) -> Restored:
    """Put one organization back as it was at an instant (the newest state when left out).

    replace: take the one that is here away first, once the backup proved whole. Persons erased since are
    erased again before anybody sees them. Raises ArchiveRefused, KeyTaken, AlreadyHere.
    """
    newest, chosen = _choose(target, uuid, at, trusted)
    with scratch.folder() as folder:
        checked = assemble(target, chosen, folder, tell)
        erased = erasures.read(_lines_of_newest(target, newest, f"{TABLES}/{erasures.TABLE}.jsonl"))
        told: list[int] = []

        def before_open() -> None:
            told.append(erasures.replay(erased, now=now))
            acts.stage("tenants.restore", now=now)
            crashpoint.point("restore.open.before_row")

        tenant = reading.tenant_of(checked.manifest)
        if replace:
            _take_away(tenant)
        made = reading.read(
            checked=checked, code="", key="", hosts=(), now=now, tell=tell, finally_=before_open
        )
        crashpoint.point("restore.open.after_row")
        taking.remember(target, chosen)
    with tenants.bind_tenant(made):
        findings = proving.findings()
    manifest = checked.manifest
    return Restored(
        key=made.key, number=chosen.record.number, taken_at=chosen.taken_at, rows=sum(manifest.rows.values()),
        leaves=manifest.audit.leaves, root=manifest.audit.root, erased=told[0], findings=findings,
    )


def _choose(
    target: BackupTarget, uuid: str, at: datetime | None, trusted: str
) -> tuple[records.Kept, records.Kept]:
    newest = None
    for kept in records.newest_first(target, uuid, trusted=trusted):
        newest = newest or kept
        if at is None or kept.taken_at <= at:
            return newest, kept
    raise ArchiveRefused(Reason.MISSING, place=f"records/{uuid}", detail="no state as old as that")


def assemble(target: BackupTarget, chosen: records.Kept, folder: Path, tell: Progress) -> Checked:
    """Put the archive of a record together in an empty folder and prove it; raises ArchiveRefused."""
    manifest = chosen.record.manifest
    checking.require_release(manifest)
    for count, file in enumerate(files_of(target, chosen.record.index), start=1):
        path = folder / require_name(file.name)
        durable.make_directory(path.parent)
        crashpoint.point("restore.file.before_write")
        with durable.StreamWriter(path.parent) as writer:
            for piece in read_pieces(target, file):
                checking.require_space(folder)
                writer.write(piece)
            writer.commit(path)
        crashpoint.point("restore.file.after_write")
        if count % checking.TOLD_EVERY == 0:
            tell(f"{count} files read")
    return _checked(folder, manifest)


def _checked(folder: Path, manifest: Manifest) -> Checked:
    crashpoint.point("restore.verify.before_check")
    if not (folder / SUMS).is_file():
        raise ArchiveRefused(Reason.MISSING, place=SUMS)
    checking.check_sums(folder, manifest, besides=0)
    tables = checking.read_schema(folder, manifest)
    crashpoint.point("restore.verify.after_check")
    return Checked(folder=folder, manifest=manifest, tables=tables, fingerprint="")


def files_of(target: BackupTarget, index: PieceList) -> Iterator[PieceList]:
    """Give the files of an archive as its index lists them."""
    held = b""
    for piece in read_pieces(target, index):
        *lines, held = (held + piece).split(b"\n")
        for line in lines:
            yield codec.decode_json(line, PieceList, max_bytes=LARGEST_LINE)


def _lines_of_newest(target: BackupTarget, newest: records.Kept, name: str) -> list[bytes]:
    file = next((each for each in files_of(target, newest.record.index) if each.name == name), None)
    return b"".join(read_pieces(target, file)).splitlines() if file else []


def _take_away(tenant: Tenant) -> None:
    """Remove the organization that stands in the way, so that nobody can still write to it."""
    try:
        here = tenants.by_key(tenant.key)
    except UnknownTenant:
        return
    if here.uuid != tenant.uuid:
        return  # somebody else has that key: the restore refuses by itself
    # A damaged one refuses even this, which may be why it is restored.
    with contextlib.suppress(DatabaseError), tenants.bind_tenant(here), tenants.held():
        tenants.make_useless()
    tenants.delete(key=here.key)
