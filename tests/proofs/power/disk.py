"""A disk under SQLite that loses power or fails a call: an apsw VFS over files in memory.

Per file it keeps what is durable (the bytes at the last sync), what is present, and the writes in between.
The real file beneath stays empty and serves locks and shared memory only.
"""

import random
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import apsw

SECTOR = 512
_numbers = count(1)


@dataclass(slots=True, kw_only=True)
class Held:
    """One file. pending: writes (offset, bytes) and truncations (size, None) since the last sync."""

    present: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Trouble:
    """A call that fails. at: which one, from 1.

    kind: `io` fails once; `full` fails the next `lasts` writes; `lost` fails the next sync, whose writes
    never reach the disk (the system may report success the next time, reliability.md 2.1), and ends the
    process, as the rule for a failed sync demands.
    """

    kind: str
    at: int
    lasts: int = 1
    met: int = 0


class Disk:
    """The files of one machine. cut_after: the number of calls after which the power is off."""

    def __init__(
        self, *, cut_after: int = 0, trouble: Trouble | None = None, syncs: bool = True, is_hard: bool = True
    ) -> None:
        self.files: dict[str, Held] = {}
        self.deleted: dict[str, Held] = {}
        self.calls = 0
        self.is_off = False
        self._cut_after, self._trouble = cut_after, trouble
        self._syncs, self._is_hard = syncs, is_hard

    def put(self, name: str, data: bytes) -> None:
        """Lay a file down that has been there for long."""
        self.files[name] = Held(present=bytearray(data), durable=bytearray(data))

    def passes(self, kind: str, held: Held | None = None) -> None:
        """Count a write, truncation, sync or deletion; raises what SQLite sees when it fails."""
        self.require_power()
        self.calls += 1
        if self._cut_after and self.calls > self._cut_after:
            self.is_off = True
            self.require_power()
        trouble = self._trouble
        if trouble is None or self.calls < trouble.at or trouble.met >= trouble.lasts:
            return
        if trouble.kind == "io":
            trouble.met += 1
            raise apsw.IOError("planted")
        if trouble.kind == "lost" and kind == "sync" and held is not None:
            held.pending.clear()
            self.is_off = True
            self.require_power()
        if kind in ("write", "truncate"):
            trouble.met += 1
            raise apsw.FullError("planted")

    def require_power(self) -> None:
        """Raise when the power is off."""
        if self.is_off:
            raise apsw.IOError("power is off")

    def write(self, held: Held, data: bytes, offset: int) -> None:
        """Write, so that a restart may or may not find it."""
        is_cut = bool(self._cut_after) and self.calls == self._cut_after
        if is_cut:  # under way when the power failed: some of its sectors may have arrived
            held.pending.append((offset, data))
        self.passes("write", held)
        if len(held.present) < offset:
            held.present.extend(bytes(offset - len(held.present)))
        held.present[offset : offset + len(data)] = data
        held.pending.append((offset, data))

    def truncate(self, held: Held, size: int) -> None:
        """Cut a file, so that a restart may or may not find it cut."""
        self.passes("truncate", held)
        del held.present[size:]
        held.pending.append((size, None))

    def sync(self, held: Held) -> None:
        """Make a file durable, unless this disk only says so."""
        self.passes("sync", held)
        if self._syncs:
            _apply(held.durable, held.pending, coin=None)
            held.pending.clear()

    def delete(self, name: str) -> None:
        """Take a name away."""
        self.passes("delete")
        self.deleted[name] = self.files.pop(name)

    def after_cut(self, coin: random.Random) -> dict[str, bytes]:
        """Give one set of files that a restart may find."""
        names = dict(self.files)
        if self._is_hard:
            names = {name: held for name, held in self.deleted.items() if coin.random() < 0.5} | names
        image = {}
        for name, held in names.items():
            data = bytearray(held.durable)
            _apply(data, held.pending, coin=coin)
            image[name] = bytes(data)
        return image


def _apply(data: bytearray, pending: list[tuple[int, bytes | None]], *, coin: random.Random | None) -> None:
    """Put pending writes into `data`, all of them, or each sector and truncation by the coin."""
    for offset, written in pending:
        if written is None:
            if coin is None or coin.random() < 0.5:
                del data[offset:]
            continue
        start = 0
        while start < len(written):
            end = len(written)
            if coin is not None:
                end = min(start + SECTOR - (offset + start) % SECTOR, end)
            if coin is None or coin.random() < 0.5:
                if len(data) < offset + start:
                    data.extend(bytes(offset + start - len(data)))
                data[offset + start : offset + end] = written[start:end]
            start = end


class PowerVFS(apsw.VFS):
    """Registers the disk under a name of its own; `close` takes it away."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self.disk, self.folder = disk, folder
        self.vfs_name = f"power{next(_numbers)}"
        super().__init__(self.vfs_name, "unix")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> "PowerFile":  # noqa: N802
        """Open a file of the disk; a temporary file has no name and no place here."""
        assert name is not None, "temp_store is memory"
        text = name if isinstance(name, str) else name.filename()
        self.disk.require_power()
        return PowerFile(self.disk, text, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        """Delete a file of the disk."""
        if Path(filename).name in self.disk.files:
            self.disk.delete(Path(filename).name)

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: N802
        """Tell whether the disk holds a file."""
        self.disk.require_power()
        return Path(pathname).name in self.disk.files


class PowerFile(apsw.VFSFile):
    """One open file of the disk."""

    def __init__(self, disk: Disk, filename: str, flags: list[int]) -> None:
        self._disk = disk
        self._held = disk.files.setdefault(Path(filename).name, Held())
        super().__init__("unix", filename, flags)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        """Read what is present."""
        self._disk.require_power()
        return bytes(self._held.present[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        """Write."""
        self._disk.write(self._held, bytes(data), offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        """Truncate."""
        self._disk.truncate(self._held, newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        """Sync."""
        self._disk.sync(self._held)

    def xFileSize(self) -> int:  # noqa: N802
        """Give the size."""
        self._disk.require_power()
        return len(self._held.present)

    def xSectorSize(self) -> int:  # noqa: N802
        """Give the size of what is written whole."""
        return SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        """Promise nothing: neither whole sectors nor safe appends, so that SQLite relies on syncs alone."""
        return 0

    def xFileControl(self, op: int, ptr: int) -> bool:  # noqa: N802
        """Know no special requests."""
        return False
