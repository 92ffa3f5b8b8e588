"""Blobs on disk: streamed into quarantine with running limits, then moved to their hash."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from ocapi.kernel.files import sniffing, stripping
from ocapi.kernel.files.data import EXTENSIONS, FileRefused, FileState, MediaType, StoredFile
from ocapi.kernel.files.extensions import Verdict, scanners
from ocapi.kernel.files.models import FileRow
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import crashpoint, durable, ids


def blob_path(sha256: str) -> Path:
    """Give the place of a blob of the bound organization."""
    return tenants.folder() / "blobs" / sha256[:2] / sha256


def receive(
    *, chunks: Iterable[bytes], name: str, accepted: tuple[MediaType, ...], max_bytes: int, now: datetime
) -> StoredFile:
    """Stream a file into quarantine, check it while it comes, store it by hash and write its row."""
    cleaned = sniffing.clean_name(name)
    claimed = sniffing.type_of_name(cleaned)
    allowed = tuple(extension for kind in accepted for extension in EXTENSIONS[kind])
    if not cleaned or claimed is None or claimed not in accepted:
        raise FileRefused(name=cleaned, reason="wrongType", limit_bytes=max_bytes, accepted=allowed)
    quarantine = tenants.folder() / "blobs" / "quarantine"
    durable.make_directory(quarantine)
    with durable.StreamWriter(quarantine) as writer:
        for piece in stripping.stripped(_checked(chunks, cleaned, claimed, max_bytes, allowed), claimed):
            writer.write(piece)
        size = writer.size
        final = blob_path(writer.sha256)
        durable.make_directory(final.parent)
        crashpoint.point("files.temp.after_stream")
        writer.commit(final)
    crashpoint.point("files.rename.after_move")
    state = _scanned(final, claimed, cleaned)
    row = FileRow.objects.create(
        uuid=ids.new_uuid(now), sha256=final.name, size_bytes=size, media_type=claimed.value, name=cleaned,
        state=state.value, received_at=now, released_at=now if state is FileState.RELEASED else None,
    )
    crashpoint.point("files.row.after_write")
    return to_data(row)


def _checked(
    chunks: Iterable[bytes], name: str, claimed: MediaType, max_bytes: int, allowed: tuple[str, ...]
) -> Iterator[bytes]:
    """Pass on what comes while it is what it claims to be and within its limit, as it was sent."""
    size = 0
    for chunk in chunks:
        if size == 0 and sniffing.type_of_content(chunk) is not claimed:
            raise FileRefused(name=name, reason="contentDiffers", accepted=allowed)
        size += len(chunk)
        if size > max_bytes:
            raise FileRefused(name=name, reason="tooLarge", limit_bytes=max_bytes, accepted=allowed)
        yield chunk
    if size == 0:
        raise FileRefused(name=name, reason="empty", accepted=allowed)


def _scanned(path: Path, media_type: MediaType, name: str) -> FileState:
    verdicts = {scanner.scan(path=path, media_type=media_type) for scanner in scanners}
    if Verdict.INFECTED in verdicts:
        if not FileRow.objects.filter(sha256=path.name).exists():
            durable.remove_file(path)
        raise FileRefused(name=name, reason="infected")
    return FileState.RELEASED if verdicts == {Verdict.CLEAN} else FileState.QUARANTINED


def to_data(row: FileRow) -> StoredFile:
    """Give a row as data."""
    return StoredFile(
        uuid=row.uuid, sha256=row.sha256, size_bytes=row.size_bytes, media_type=MediaType(row.media_type),
        name=row.name, state=FileState(row.state),
    )
