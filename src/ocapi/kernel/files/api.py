"""The door of files: receive, keep what the platform made, look up, read verified bytes, rescan."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from ocapi.kernel.files import store
from ocapi.kernel.files.data import (
    FileContent,
    FileNotFound,
    FileNotReleased,
    FileState,
    MediaType,
    StoredFile,
)
from ocapi.kernel.files.extensions import Verdict, scanners
from ocapi.kernel.files.models import FileRow
from ocapi.lib import durable

MEGABYTE = 1 << 20


class BlobDamaged(RuntimeError):
    """The bytes on disk no longer have the hash they are stored under."""


def receive(
    *, chunks: Iterable[bytes], name: str, accepted: tuple[MediaType, ...] = tuple(MediaType),
    max_bytes: int = 10 * MEGABYTE, now: datetime,
) -> StoredFile:
    """Take in a file while it streams: name, type and first bytes must agree, the size limit holds while
    reading.

    Raises FileRefused with the reason and what would be accepted; then nothing is kept. The file is released
    when every scanner called it clean, and stays in quarantine while one can't answer.
    """
    return store.receive(chunks=chunks, name=name, accepted=accepted, max_bytes=max_bytes, now=now)


def keep(*, content: bytes, name: str, now: datetime) -> StoredFile:
    """Store a file the platform made itself; its name must end in the extension of its type."""
    return store.receive(
        chunks=[content], name=name, accepted=tuple(MediaType), max_bytes=len(content), now=now
    )


def get(*, file: UUID) -> StoredFile:
    """Give a file's facts, or raise FileNotFound; the caller has asked the policy of the thing that holds
    it.
    """
    return store.to_data(_row(file))


def list_files(*, files: Iterable[UUID]) -> dict[UUID, StoredFile]:
    """Give the facts of several files by uuid; unknown ones are left out."""
    return {row.uuid: store.to_data(row) for row in FileRow.objects.filter(uuid__in=list(files))}


def read(*, file: UUID) -> FileContent:
    """Give a released file with its bytes, verified against their hash.

    Raises FileNotFound, FileNotReleased (still in quarantine), BlobDamaged (the hash no longer fits).
    """
    row = _row(file)
    if row.state != FileState.RELEASED.value:
        raise FileNotReleased(str(file))
    content = durable.read_file(store.blob_path(row.sha256))
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise BlobDamaged(row.sha256)
    return FileContent(file=store.to_data(row), content=content)


def list_blobs(*, since: str = "") -> Iterator[tuple[str, int, Path]]:
    """Give SHA-256, size in bytes and place of each blob that a file of the bound organization has, in the
    order of their hashes and from `since` on.
    """
    found = FileRow.objects.filter(sha256__gte=since).order_by("sha256")
    rows = found.values_list("sha256", "size_bytes").distinct()
    for sha256, size in rows.iterator(chunk_size=1000):
        yield sha256, size, store.blob_path(sha256)


def rescan(*, now: datetime) -> int:
    """Ask the scanners again about files in quarantine; gives how many were released."""
    released = 0
    for row in FileRow.objects.filter(state=FileState.QUARANTINED.value).order_by("id")[:100]:
        media_type = MediaType(row.media_type)
        verdicts = {each.scan(path=store.blob_path(row.sha256), media_type=media_type) for each in scanners}
        if verdicts == {Verdict.CLEAN}:
            row.state, row.released_at = FileState.RELEASED.value, now
            row.save(update_fields=["state", "released_at"])
            released += 1
    return released


def _row(file: UUID) -> FileRow:
    row = FileRow.objects.filter(uuid=file).first()
    if row is None:
        raise FileNotFound(str(file))
    return row
