"""Where files of readings are kept for every machine: a folder all of them see, or an S3-compatible store.

The one port to such files. Names and hashes come from the manifest; a file from a store is fetched once, held
against its hash and kept beside the process. Files never change under a name, so a copy is never stale.
"""

import contextlib
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ocapi.lib import durable

if TYPE_CHECKING:
    from pyarrow import fs

SCHEMES = ("s3://",)


class BadShelf(ValueError):
    """The setting names no store; the message says what to write."""


class Spoiled(OSError):
    """A file of the store is another one than the manifest names, or is not there."""


class Shelf(Protocol):
    """The files of one organization."""

    def keep(self, name: str, path: Path) -> None:
        """Let every machine see a file of this name that stands, durable, at `path`. Raises OSError."""

    def path(self, name: str, sha256: str) -> Path:
        """Give where a file may be read here; raises OSError, of which Spoiled is one."""

    def names(self) -> list[str]:
        """List what is kept. Raises OSError."""

    def remove(self, name: str) -> None:
        """Take a file away everywhere; one that is not there is fine. Raises OSError."""

    def let_go(self, used: frozenset[str]) -> None:
        """Let copies here go of files that are not used any more. Raises OSError."""

    def read(self, name: str) -> bytes:
        """Read a small file as it is now; raises FileNotFoundError, OSError."""

    def write(self, name: str, raw: bytes) -> None:
        """Put a small file in the place of the one before, wholly or not at all. Raises OSError."""


class Folder:
    """A folder, which is all there is on one machine, and which a network may share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, path: Path) -> None:
        """Nothing is left to do: it stands where all look."""
        assert path == self._folder / name

    def path(self, name: str, sha256: str) -> Path:
        """Give its place; what reads it finds damage by the checksums of its pages."""
        return self._folder / name

    def names(self) -> list[str]:
        """List the folder."""
        return durable.DISK.names(self._folder) if self._folder.is_dir() else []

    def remove(self, name: str) -> None:
        """Take a file away."""
        durable.remove_file(self._folder / name)

    def let_go(self, used: frozenset[str]) -> None:
        """Nothing here is a copy."""

    def read(self, name: str) -> bytes:
        """Read a file."""
        return durable.read_file(self._folder / name)

    def write(self, name: str, raw: bytes) -> None:
        """Write a file."""
        durable.make_directory(self._folder)
        durable.write_file(self._folder / name, raw)


class Store:
    """A folder of a store, with copies of its files in a folder of this machine."""

    def __init__(self, files: "fs.FileSystem", prefix: str, copies: Path) -> None:
        self._files = files
        self._prefix = prefix.rstrip("/")
        self._copies = copies

    def keep(self, name: str, path: Path) -> None:
        """Send a file to the store; the copy here stays."""
        self._put(name, durable.read_file(path))
        if path != self._copies / name:
            durable.make_directory(self._copies)
            durable.write_file(self._copies / name, durable.read_file(path))

    def path(self, name: str, sha256: str) -> Path:
        """Give the copy here, fetched when there is none or when it is damaged."""
        copy = self._copies / name
        try:
            if _digest(durable.read_file(copy)) == sha256:
                return copy
        except FileNotFoundError:
            durable.make_directory(self._copies)
        raw = self.read(name)
        if _digest(raw) != sha256:
            raise Spoiled(f"{name} is not what the manifest names")
        durable.write_file(copy, raw)
        return copy

    def names(self) -> list[str]:
        """List the store. Raises FileNotFoundError for a bucket that is not there, as writing to it would."""
        from pyarrow import fs

        wanted = fs.FileSelector(self._prefix, allow_not_found=True)
        found = sorted(each.base_name for each in self._files.get_file_info(wanted) if each.is_file)
        bucket = self._prefix.partition("/")[0]
        if not found and self._files.get_file_info(bucket).type == fs.FileType.NotFound:
            raise FileNotFoundError(f"the store has no bucket {bucket!r}: make it, or mend the address")
        return found

    def remove(self, name: str) -> None:
        """Take a file away from the store, and the copy here."""
        with contextlib.suppress(FileNotFoundError):
            self._files.delete_file(f"{self._prefix}/{name}")
        durable.remove_file(self._copies / name)

    def let_go(self, used: frozenset[str]) -> None:
        """Remove copies; for a process that only reads."""
        for name in durable.DISK.names(self._copies) if self._copies.is_dir() else ():
            if name not in used:
                durable.remove_file(self._copies / name)

    def read(self, name: str) -> bytes:
        """Read a file of the store."""
        with self._files.open_input_file(f"{self._prefix}/{name}") as file:
            return bytes(file.read())

    def write(self, name: str, raw: bytes) -> None:
        """Write a file of the store, which shows it when it is whole."""
        self._put(name, raw)

    def _put(self, name: str, raw: bytes) -> None:
        self._files.create_dir(self._prefix, recursive=True)
        with self._files.open_output_stream(f"{self._prefix}/{name}") as file:
            file.write(raw)


def of(address: str, *, tenant: str, folder: Path) -> Shelf:
    """Give the shelf of an organization; raises BadShelf. address: of a store, empty for the folder."""
    if not address:
        return Folder(folder)
    require(address)
    from pyarrow import fs

    try:
        files, prefix = fs.FileSystem.from_uri(address)
    except (ValueError, OSError) as failure:
        raise BadShelf(f"the store cannot be used: {type(failure).__name__}") from None  # it may hold a key
    return Store(files, f"{prefix.rstrip('/')}/{tenant}", folder)


def require(address: str) -> None:
    """Raise BadShelf for an address of no store we know."""
    if not address.startswith(SCHEMES):
        raise BadShelf("write the address of a store as s3://bucket/folder?region=…&endpoint_override=…")


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
