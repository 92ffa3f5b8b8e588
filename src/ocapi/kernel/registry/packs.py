"""Content packs on disk: read, verified by hash, handed file by file to the loader of their kind."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from ocapi.kernel.registry.extensions import BadRow, Loaded, PackFile, content_loaders, import_formats
from ocapi.kernel.registry.models import PackRow
from ocapi.lib import codec, ids

HEAD_BYTES = 64 << 10  # a Turtle file may name the class that tells it apart far down


class PackRefused(ValueError):
    """A pack's description or one of its files does not hold what it says."""


class UnknownFormat(ValueError):
    """No import format of that name, or none that recognizes the file; `known` lists the names."""

    def __init__(self, what: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{what}: no import format reads it; use --as with one of {', '.join(known)}")
        self.known = known


@dataclass(frozen=True, slots=True, kw_only=True)
class _FileEntry:
    path: str
    kind: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A content pack as its `pack.yaml` describes it."""

    id: str
    version: str
    license: str
    files: tuple[_FileEntry, ...]
    folder: Path


def read_pack(folder: Path) -> Pack:
    """Read and check `pack.yaml` in a folder; raises PackRefused with the member that is wrong."""
    described = codec.decode_yaml((folder / "pack.yaml").read_bytes(), object)
    if not isinstance(described, dict) or described.get("schema") != "ocapi-content/1":
        raise PackRefused(f"{folder.name}/pack.yaml: schema must be ocapi-content/1")
    try:
        files = tuple(codec.convert(entry, _FileEntry) for entry in described["files"])
        return Pack(
            id=str(described["id"]), version=str(described["version"]), license=str(described["license"]),
            files=files, folder=folder,
        )
    except KeyError as missing:
        raise PackRefused(f"{folder.name}/pack.yaml: member {missing} is missing") from None


def verified_files(pack: Pack) -> Iterator[PackFile]:
    """Give the files of a pack in order, each compared with its hash; raises PackRefused."""
    for entry in pack.files:
        raw = (pack.folder / entry.path).read_bytes()
        if hashlib.sha256(raw).hexdigest() != entry.sha256:
            raise PackRefused(f"{pack.id}/{entry.path}: the file differs from the hash in pack.yaml")
        yield PackFile(pack=pack.id, version=pack.version, kind=entry.kind, path=entry.path, raw=raw)


def load(pack: Pack, *, now: datetime) -> Loaded:
    """Load what is new or changed of a pack; each file is whole or absent."""
    written = unchanged = 0
    problems: list[BadRow] = []
    for file in verified_files(pack):
        loader = content_loaders.find(file.kind)
        if loader is None:
            continue
        digest = hashlib.sha256(file.raw).hexdigest()
        if PackRow.objects.filter(pack=pack.id, path=file.path, sha256=digest).exists():
            unchanged += 1
            continue
        with transaction.atomic():
            done = loader.load(file=file, now=now)
            PackRow.objects.update_or_create(
                pack=pack.id, path=file.path,
                defaults={"version": pack.version, "sha256": digest, "loaded_at": now},
                create_defaults={
                    "uuid": ids.new_uuid(now), "version": pack.version, "sha256": digest, "loaded_at": now
                },
            )
        written += done.written
        problems.extend(done.refused)
    return Loaded(written=written, unchanged=unchanged, refused=tuple(problems))


def import_file(*, path: Path, format_name: str, now: datetime) -> Loaded:
    """Import one file in the named format, or in the one that recognizes it; raises UnknownFormat."""
    known = tuple(found.name for found in import_formats)
    if format_name:
        chosen = import_formats.find(format_name)
        if chosen is None:
            raise UnknownFormat(f"--as {format_name}", known)
        return chosen.load(path=path, now=now)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    for candidate in import_formats:
        if candidate.recognizes(path=path, head=head):
            return candidate.load(path=path, now=now)
    raise UnknownFormat(path.name, known)
