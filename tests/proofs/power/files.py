"""Files of record on a twin of the disk that loses power or fails an act: acknowledged means there, whole."""

import contextlib
import hashlib
from abc import ABC, abstractmethod
from pathlib import Path

from ocapi.lib import durable, seglog
from ocapi.lib.durable import FileSystem, SyncFailed
from ocapi.lib.tests.powerloss import PowerLost

HOME = Path("/data")
ROUNDS = 8
SEGMENT_BYTES = 600  # so that the log rolls every few records


class Work(ABC):
    """One kind of file: a workload that goes on after a failed act, and what must be found afterwards."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.begun: list[str] = []

    def run(self, disk: FileSystem) -> None:
        """Do every round; a failed one is not acknowledged, a failed sync ends the process."""
        with contextlib.suppress(PowerLost):
            for number in range(ROUNDS):
                name = f"{number}"
                self.begun.append(name)
                try:
                    self.act(disk, name)
                except PowerLost:
                    raise
                except OSError as failure:
                    if isinstance(failure, SyncFailed):
                        return
                    self.recover()
                    continue
                self.acknowledged.append(name)

    def recover(self) -> None:
        """Begin anew after a failed act; most kinds keep nothing in between."""
        return

    @abstractmethod
    def act(self, disk: FileSystem, name: str) -> None:
        """Do one round; what returns is acknowledged."""

    @abstractmethod
    def wrong(self, disk: FileSystem) -> str:
        """Say what a restart misses or finds that nobody wrote, or nothing."""


class Segments(Work):
    """The log of readings: each acknowledged payload is there once, in order."""

    def __init__(self) -> None:
        super().__init__()
        self._writer: seglog.Writer | None = None

    def act(self, disk: FileSystem, name: str) -> None:
        if self._writer is None:
            self._writer = seglog.Writer(HOME / "log", segment_bytes=SEGMENT_BYTES, file_system=disk)
        self._writer.append([f"{name}/{part}".encode() * 8 for part in range(3)])

    def recover(self) -> None:
        self._writer = None

    def wrong(self, disk: FileSystem) -> str:
        if not disk.is_directory(HOME / "log"):
            return "the log is gone" if self.acknowledged else ""
        try:
            seglog.Writer(HOME / "log", segment_bytes=SEGMENT_BYTES, file_system=disk)  # recovers
            found = [record.payload for record in seglog.read(HOME / "log", file_system=disk)]
        except seglog.CorruptSegment as damage:
            return f"corrupt: {damage}"
        wanted = [f"{name}/{part}".encode() * 8 for name in self.acknowledged for part in range(3)]
        known = [f"{name}/{part}".encode() * 8 for name in self.begun for part in range(3)]
        missing = [payload for payload in wanted if payload not in found]
        if missing:
            return f"lost {len(missing)} of {len(wanted)} acknowledged records"
        if any(payload not in known for payload in found) or len(set(found)) != len(found):
            return "records that nobody wrote, or one twice"
        return ""


class Blobs(Work):
    """Streamed files under their hash: each acknowledged one is there, and none under a wrong hash."""

    def act(self, disk: FileSystem, name: str) -> None:
        durable.make_directory(HOME / "blobs" / name[0], file_system=disk)
        with durable.StreamWriter(HOME / "blobs", file_system=disk) as writer:
            for _part in range(3):
                writer.write(name.encode() * 700)
            writer.commit(HOME / "blobs" / name[0] / writer.sha256)

    def wrong(self, disk: FileSystem) -> str:
        for name in self.begun:
            content = name.encode() * 2100
            path = HOME / "blobs" / name[0] / hashlib.sha256(content).hexdigest()
            try:
                if disk.read(path) != content:
                    return f"blob {name} is not what its name says"
            except FileNotFoundError:
                if name in self.acknowledged:
                    return f"lost blob {name}"
        return ""


class Replaced(Work):
    """One name whose content is replaced (a policy, a manifest): the newest acknowledged or a later one."""

    def act(self, disk: FileSystem, name: str) -> None:
        durable.make_directory(HOME, file_system=disk)
        durable.write_file(HOME / "index.json", name.encode() * 900, file_system=disk)

    def wrong(self, disk: FileSystem) -> str:
        least = self.begun.index(self.acknowledged[-1]) if self.acknowledged else -1
        try:
            found = disk.read(HOME / "index.json")
        except FileNotFoundError:
            return "lost the file" if self.acknowledged else ""
        allowed = [name.encode() * 900 for name in self.begun[max(least, 0) :]]
        return "" if found in allowed else f"found {found[:8]!r} ({len(found)} bytes), acknowledged {least}"


class Moved(Work):
    """Files that a library wrote aside (Parquet, SQLite) and that are moved to their name."""

    def act(self, disk: FileSystem, name: str) -> None:
        durable.make_directory(HOME, file_system=disk)
        aside = HOME / f"{name}.aside"
        handle = disk.create(aside)
        disk.write(handle, name.encode() * 1100)
        disk.close(handle)
        durable.replace_into(aside, HOME / f"{name}.parquet", file_system=disk)

    def wrong(self, disk: FileSystem) -> str:
        for name in self.begun:
            try:
                if disk.read(HOME / f"{name}.parquet") != name.encode() * 1100:
                    return f"{name}.parquet is torn"
            except FileNotFoundError:
                if name in self.acknowledged:
                    return f"lost {name}.parquet"
        return ""


class Removed(Work):
    """Files that are taken away for good: what was acknowledged as gone stays gone."""

    def act(self, disk: FileSystem, name: str) -> None:
        durable.make_directory(HOME, file_system=disk)
        durable.write_file(HOME / name, b"secret" * 50, file_system=disk)
        durable.remove_file(HOME / name, file_system=disk)

    def wrong(self, disk: FileSystem) -> str:
        if not disk.is_directory(HOME):
            return ""
        back = [name for name in self.acknowledged if name in disk.names(HOME)]
        return f"removed files came back: {back}" if back else ""


KINDS: dict[str, type[Work]] = {
    "segments": Segments, "blobs": Blobs, "replaced": Replaced, "moved": Moved, "removed": Removed,
}


class RemovedCarelessly(Removed):
    """A canary: takes the name away and does not sync the directory."""

    def act(self, disk: FileSystem, name: str) -> None:
        durable.make_directory(HOME, file_system=disk)
        durable.write_file(HOME / name, b"secret" * 50, file_system=disk)
        disk.remove(HOME / name)


CARELESS: dict[str, type[Work]] = {"removed carelessly": RemovedCarelessly}
