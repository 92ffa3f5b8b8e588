"""Unpacking an archive and proving it whole before a byte of it is used."""

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ocapi.kernel.registry.carrying import signing
from ocapi.kernel.registry.carrying.data import (
    FORMAT,
    MANIFEST,
    README,
    SCHEMA,
    SIGNATURE,
    SUMS,
    VERSION,
    ArchiveRefused,
    Manifest,
    Progress,
    Reason,
)
from ocapi.kernel.registry.carrying.sinks import CHUNK, chunks_of
from ocapi.kernel.registry.carrying.writing import require_name
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Table
from ocapi.lib import codec, durable

MARGIN_BYTES = 256 << 20  # left free for what the machine does besides
LARGEST_PAGE = 16 << 20  # of manifest, signature and schema
SUM_LINE = 64 + 2 + 240 + 1
TOLD_EVERY = 1000  # files


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An archive that proved whole. folder: its files. fingerprint: of its signer."""

    folder: Path
    manifest: Manifest
    tables: tuple[Table, ...]
    fingerprint: str


def unpack(source: Path, into: Path, *, tell: Progress) -> None:
    """Copy an archive, file or folder, into an empty folder. Raises ArchiveRefused.

    Names are checked before they are used: absolute ones, `..`, links and devices are refused.
    """
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            name = path.relative_to(source).as_posix()
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise ArchiveRefused(Reason.BAD_NAME, place=repr(name), detail="neither file nor folder")
            if path.is_file():
                _take(into, name, chunks_of(path))
        return
    is_ours = False
    try:
        with source.open("rb") as raw, tarfile.open(mode="r|", fileobj=raw) as archive:
            for number, entry in enumerate(archive, start=1):
                if entry.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
                    raise ArchiveRefused(Reason.BAD_NAME, place=repr(entry.name), detail="not a plain file")
                is_ours = is_ours or entry.name == README
                content = archive.extractfile(entry)
                assert content is not None
                _take(into, entry.name, _chunks(content))
                archive.members.clear()  # type: ignore[attr-defined]  # else tarfile keeps millions
                if number % TOLD_EVERY == 0:
                    tell(f"{number} files unpacked")
    except FileNotFoundError:
        raise ArchiveRefused(Reason.NOT_AN_ARCHIVE, place=str(source), detail="no such file") from None
    except tarfile.ReadError as failure:
        reason = Reason.TRUNCATED if is_ours else Reason.NOT_AN_ARCHIVE
        raise ArchiveRefused(reason, place=str(source), detail=str(failure)) from None


def _chunks(content: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: content.read(CHUNK), b"")


def _take(into: Path, name: str, chunks: Iterator[bytes]) -> None:
    path = into / require_name(name)
    if path.exists():
        raise ArchiveRefused(Reason.UNEXPECTED, place=name, detail="it stands in the archive twice")
    durable.make_directory(path.parent)
    try:
        with durable.StreamWriter(path.parent) as writer:
            for chunk in chunks:
                require_space(into)
                writer.write(chunk)
            writer.commit(path)
    except FileExistsError:
        raise ArchiveRefused(Reason.BAD_NAME, place=repr(name), detail="a file where a folder is") from None


def require_space(folder: Path) -> None:
    """Raise ArchiveRefused: noSpace while the data folder's disk still has room for the rest."""
    if tenants.free_bytes() < MARGIN_BYTES:
        raise ArchiveRefused(Reason.NO_SPACE, place=str(folder))


def check(folder: Path, *, trusted: str = "", tell: Progress) -> Checked:
    """Prove an unpacked archive whole: signature, every hash, no file too few or too many.

    Raises ArchiveRefused and names the first thing that is wrong.
    """
    raw = _page(folder, MANIFEST)
    manifest = read_manifest(raw)
    fingerprint = signing.verify(raw, _page(folder, SIGNATURE), trusted=trusted)
    require_release(manifest)
    check_sums(folder, manifest, besides=len((MANIFEST, SIGNATURE)), tell=tell)
    return Checked(
        folder=folder, manifest=manifest, tables=read_schema(folder, manifest), fingerprint=fingerprint
    )


def read_manifest(raw: bytes) -> Manifest:
    """Read manifest.json; raises ArchiveRefused: notAnArchive, newerFormat, changed."""
    try:
        found = codec.decode_signed_json(raw, max_bytes=LARGEST_PAGE)
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise ArchiveRefused(Reason.NOT_AN_ARCHIVE, place=MANIFEST, detail="another format")
        version = found.get("version")
        if not isinstance(version, int) or version > VERSION:
            raise ArchiveRefused(Reason.NEWER_FORMAT, place=MANIFEST, detail=f"version {version!r}")
        return codec.convert(found, Manifest)
    except codec.MalformedInput as failure:
        raise ArchiveRefused(Reason.CHANGED, place=MANIFEST, detail=str(failure)) from None


def require_release(manifest: Manifest) -> None:
    """Raise ArchiveRefused: newerRelease when the archive knows migrations that this release does not."""
    unknown = sorted(set(manifest.migrations) - tenants.known_migrations())
    if unknown:
        raise ArchiveRefused(Reason.NEWER_RELEASE, place=MANIFEST, detail=", ".join(unknown[:5]))


def _page(folder: Path, name: str) -> bytes:
    path = folder / name
    if not path.is_file():
        is_ours = any((folder / each).is_file() for each in (README, SCHEMA, MANIFEST, SUMS))
        reason = Reason.TRUNCATED if is_ours else Reason.NOT_AN_ARCHIVE
        raise ArchiveRefused(reason, place=name, detail="missing")
    if path.stat().st_size > LARGEST_PAGE:
        raise ArchiveRefused(Reason.CHANGED, place=name, detail=f"larger than {LARGEST_PAGE} bytes")
    return durable.read_file(path)


def check_sums(
    folder: Path, manifest: Manifest, *, besides: int, tell: Progress = lambda _words: None
) -> None:
    """Prove every file by SHA256SUMS, and that there are no others but `besides` pages.

    Raises ArchiveRefused: missing, changed, unexpected - with the file.
    """
    sums = folder / SUMS
    if not sums.is_file():
        raise ArchiveRefused(Reason.MISSING, place=SUMS)
    if hash_of(sums) != manifest.sums_sha256:
        raise ArchiveRefused(Reason.CHANGED, place=SUMS)
    count = 0
    with sums.open("rb") as lines:
        while line := lines.readline(SUM_LINE):
            sha256, _, name = line.decode(errors="replace").rstrip("\n").partition("  ")
            path = folder / require_name(name)
            if not path.is_file():
                raise ArchiveRefused(Reason.MISSING, place=name)
            if hash_of(path) != sha256:
                raise ArchiveRefused(Reason.CHANGED, place=name)
            count += 1
            if count % TOLD_EVERY == 0:
                tell(f"{count} files proved")
    found = sum(1 for path in folder.rglob("*") if path.is_file())
    if found != count + 1 + besides:  # SHA256SUMS stands for itself
        raise ArchiveRefused(Reason.UNEXPECTED, place=_unlisted(folder, sums))


def _unlisted(folder: Path, sums: Path) -> str:
    listed = {line.partition("  ")[2] for line in sums.read_text().splitlines()} | {MANIFEST, SIGNATURE, SUMS}
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return ", ".join(sorted(name for name in names if name not in listed)[:5])


def hash_of(path: Path) -> str:
    """Give the SHA-256 of a file."""
    digest = hashlib.sha256()
    for chunk in chunks_of(path):
        digest.update(chunk)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Schema:
    tables: tuple[Table, ...]


def read_schema(folder: Path, manifest: Manifest) -> tuple[Table, ...]:
    """Give the tables that schema.json describes; raises ArchiveRefused: changed."""
    try:
        raw = _page(folder, SCHEMA)
        tables = codec.convert(codec.decode_untyped(raw, max_bytes=LARGEST_PAGE, max_keys=100_000), _Schema)
    except codec.MalformedInput as failure:
        raise ArchiveRefused(Reason.CHANGED, place=SCHEMA, detail=str(failure)) from None
    if {table.name for table in tables.tables} != set(manifest.rows):
        raise ArchiveRefused(Reason.CHANGED, place=SCHEMA, detail="other tables than in the manifest")
    return tables.tables
