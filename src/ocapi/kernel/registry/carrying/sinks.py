"""Where an archive is written: a folder or one tar file. Whole under its name, or not there."""

import contextlib
import hashlib
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, cast

from ocapi.kernel.registry.carrying.data import ArchiveRefused, Reason
from ocapi.lib import crashpoint, durable

CHUNK = 1 << 20
HELD_BYTES = 8 << 20  # of a part whose size is not known yet; more goes to a nameless file


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of an archive as it was written."""

    name: str
    size: int
    sha256: str


class Sink(Protocol):
    """Takes the files of one archive, in order; leaving the block without `finish` leaves nothing."""

    def put(self, name: str, chunks: Iterable[bytes]) -> Part:
        """Write a file in chunks."""

    def finish(self) -> None:
        """Put everything under its final name, durably."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def sink_for(target: Path) -> "FolderSink | TarSink":
    """Give the sink for a path: one file when it ends in .tar, else a folder.

    Raises ArchiveRefused: exists.
    """
    if target.exists() or target.is_symlink():
        raise ArchiveRefused(Reason.EXISTS, place=str(target))
    return TarSink(target) if target.suffix == ".tar" else FolderSink(target)


def chunks_of(path: Path, *, size: int | None = None) -> Iterator[bytes]:
    """Read a file in chunks, no more than `size` bytes of it: a log may grow meanwhile."""
    left = path.stat().st_size if size is None else size
    with path.open("rb") as file:
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


class FolderSink:
    """Files in a folder that gets its name last."""

    def __init__(self, final: Path) -> None:
        self._final = final
        self._stage = durable.temporary_beside(final)
        self._is_finished = False
        durable.make_directory(self._stage)

    def put(self, name: str, chunks: Iterable[bytes]) -> Part:
        """Write a file in chunks."""
        path = self._stage / name
        durable.make_directory(path.parent)
        with durable.StreamWriter(path.parent) as writer:
            for chunk in chunks:
                writer.write(chunk)
            writer.commit(path)
            return Part(name=name, size=writer.size, sha256=writer.sha256)

    def finish(self) -> None:
        """Give the folder its name."""
        crashpoint.point("tenants.export.before_folder")
        durable.place_directory(self._stage, self._final)
        self._is_finished = True
        crashpoint.point("tenants.export.after_folder")

    def __enter__(self) -> "FolderSink":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_finished:
            durable.remove_tree(self._stage)


class TarSink:
    """One uncompressed tar file (POSIX pax): it streams, any tool reads it, and it can't be a bomb."""

    def __init__(self, final: Path) -> None:
        self._final = final
        self._writer = durable.StreamWriter(final.parent)
        self._tar = tarfile.open(  # noqa: SIM115 (closed in finish)
            mode="w|", fileobj=cast(Any, self._writer), format=tarfile.PAX_FORMAT, bufsize=CHUNK
        )

    def put(self, name: str, chunks: Iterable[bytes]) -> Part:
        """Write a file in chunks; a tar wants its size first, so it is held aside until it ended."""
        digest = hashlib.sha256()
        with tempfile.SpooledTemporaryFile(HELD_BYTES, dir=str(self._final.parent)) as held:
            for chunk in chunks:
                digest.update(chunk)
                held.write(chunk)
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = held.tell(), durable.FILE_MODE
            held.seek(0)
            self._tar.addfile(entry, held)
            self._tar.members.clear()  # type: ignore[attr-defined]  # else tarfile keeps millions
        return Part(name=name, size=entry.size, sha256=digest.hexdigest())

    def finish(self) -> None:
        """Give the file its name."""
        self._tar.close()
        crashpoint.point("tenants.export.before_file")
        self._writer.commit(self._final)
        crashpoint.point("tenants.export.after_file")

    def __enter__(self) -> "TarSink":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError, ValueError):  # cut short: what it still writes is thrown away
            self._tar.close()
        self._writer.abort()
