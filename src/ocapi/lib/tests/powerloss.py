"""A file system in memory that loses power: only what was synced is certain to survive.

Per file it keeps the durable bytes and the writes since; per directory the durable names and the present
ones. At `power_off_after` acts the power fails and each later act raises PowerLost. `disk_after_cut` gives
one possible disk: pending writes cut into 512-byte sectors, each kept or lost by a seeded coin, and names
that were not synced kept or lost the same way.
"""

import errno
import random
from pathlib import Path

from ocapi.lib.durable import FileSystem

SECTOR = 512


class PowerLost(OSError):
    """The power is off; nothing after this moment happened."""


class _Inode:
    def __init__(self, data: bytes = b"") -> None:
        self.durable = bytearray(data)
        self.present = bytearray(data)


class PowerLossFileSystem(FileSystem):
    """`fails_at`: the act that fails once with `failure`, an error number, while the power stays on."""

    def __init__(
        self, *, power_off_after: int | None = None, syncs: bool = True, syncs_names: bool = True,
        fails_at: int | None = None, failure: int = errno.EIO,
    ) -> None:
        self.files: dict[Path, _Inode] = {}
        self.durable_names: dict[Path, _Inode] = {}
        self.directories: set[Path] = {Path("/")}
        self.durable_directories: set[Path] = {Path("/")}
        self.handles: dict[int, _Inode] = {}
        self.acts = 0
        self.power_off_after = power_off_after
        self.fails_at = fails_at
        self.failure = failure
        self.syncs = syncs
        self.syncs_names = syncs_names

    def _act(self) -> None:
        self.acts += 1
        if self.power_off_after is not None and self.acts > self.power_off_after:
            raise PowerLost("power is off")
        if self.acts == self.fails_at:
            raise OSError(self.failure, "planted")

    def _open(self, inode: _Inode) -> int:
        handle = len(self.handles) + 3
        self.handles[handle] = inode
        return handle

    def create(self, path: Path) -> int:
        self._act()
        if path in self.files:
            raise FileExistsError(path)
        self.files[path] = _Inode()
        return self._open(self.files[path])

    def open_append(self, path: Path) -> int:
        if path not in self.files:
            return self.create(path)
        return self._open(self.files[path])

    def write(self, handle: int, data: bytes) -> None:
        inode = self.handles[handle]
        try:
            self._act()
        except PowerLost:
            inode.present += data  # the write was under way: some of its sectors may have arrived
            raise
        inode.present += data

    def truncate(self, handle: int, size: int) -> None:
        self._act()
        del self.handles[handle].present[size:]

    def data_sync(self, handle: int) -> None:
        self._act()
        if self.syncs:
            self.handles[handle].durable = bytearray(self.handles[handle].present)

    def close(self, handle: int) -> None:
        """Closing syncs nothing and cannot fail."""

    def rename(self, source: Path, target: Path) -> None:
        self._act()
        self.files[target] = self.files.pop(source)

    def remove(self, path: Path) -> None:
        self._act()
        if path not in self.files:
            raise FileNotFoundError(path)
        del self.files[path]

    def make_directory(self, path: Path) -> None:
        self._act()
        self.directories.add(path)

    def sync_directory(self, path: Path) -> None:
        self._act()
        if not self.syncs_names:
            return
        self.durable_names = {p: i for p, i in self.durable_names.items() if p.parent != path}
        self.durable_names |= {p: i for p, i in self.files.items() if p.parent == path}
        self.durable_directories |= {d for d in self.directories if d.parent == path}

    def read(self, path: Path) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(path)
        return bytes(self.files[path].present)

    def size(self, path: Path) -> int:
        return len(self.files[path].present)

    def is_directory(self, path: Path) -> bool:
        return path in self.directories

    def names(self, path: Path) -> list[str]:
        return sorted(p.name for p in self.files if p.parent == path)

    def disk_after_cut(self, coin: random.Random) -> "PowerLossFileSystem":
        """Give one disk that a restart may find after the power cut."""
        disk = PowerLossFileSystem()
        disk.directories = {
            d for d in self.directories if d in self.durable_directories or coin.random() < 0.5
        }
        names = dict(self.durable_names)
        for path in sorted(set(self.files) | set(self.durable_names)):
            if self.files.get(path) is self.durable_names.get(path) or coin.random() < 0.5:
                continue  # the name was synced, or its change is lost
            if path in self.files:
                names[path] = self.files[path]
            else:
                del names[path]
        for path, inode in names.items():
            if path.parent in disk.directories:
                disk.files[path] = _Inode(_torn(inode, coin))
        disk.durable_names = dict(disk.files)
        disk.durable_directories = set(disk.directories)
        return disk


def _torn(inode: _Inode, coin: random.Random) -> bytes:
    if len(inode.present) < len(inode.durable):
        return bytes(inode.present if coin.random() < 0.5 else inode.durable)
    image = bytearray(inode.durable)
    for start in range(len(inode.durable), len(inode.present), SECTOR):
        sector = inode.present[start : start + SECTOR]
        if coin.random() < 0.5:
            image += b"\0" * (start - len(image)) + sector
    return bytes(image)
