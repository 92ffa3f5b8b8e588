"""The one door to files of record: what returns from here survives a kill and a power cut.

Order of every write: temporary file, write, fdatasync, rename, fsync of the directory. A file whose name was
not synced can vanish although its content was (reliability rule 2.1), so both syncs belong to the act.
A sync that failed is fatal for its descriptor: the kernel may report success the next time without having
written, so `SyncFailed` means stop acknowledging, end the process and recover from the disk.
"""

import hashlib
import os
import secrets
import shutil
from pathlib import Path
from types import TracebackType

from ocapi.lib import crashpoint

FILE_MODE = 0o640
DIRECTORY_MODE = 0o750
TEMPORARY_SUFFIX = ".tmp"
EXIT_AFTER_FAILED_SYNC = 70
"""Status of a process that ended because a disk did not confirm; a restart recovers what is there."""


class SyncFailed(OSError):
    """The disk refused to confirm a write; never retry on the same descriptor, restart and recover."""


class Poisoned(RuntimeError):
    """An earlier failure left this appender in an unknown state; only a restart recovers it."""


class FileSystem:
    """The system calls this module needs, and no others; tests replace it by one that loses power."""

    def create(self, path: Path) -> int:
        """Open a new file for writing, or raise FileExistsError."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)

    def open_append(self, path: Path) -> int:
        """Open a file for appending, made when absent."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, FILE_MODE)

    def write(self, handle: int, data: bytes) -> None:
        """Write all bytes at the end of an open file."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]

    def truncate(self, handle: int, size: int) -> None:
        """Cut an open file to `size` bytes."""
        os.ftruncate(handle, size)

    def data_sync(self, handle: int) -> None:
        """Make the content of an open file survive a power cut."""
        os.fdatasync(handle)

    def close(self, handle: int) -> None:
        """Close an open file."""
        os.close(handle)

    def rename(self, source: Path, target: Path) -> None:
        """Put a file in the place of another in one step."""
        os.replace(source, target)

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name, or raise FileExistsError."""
        os.link(source, target)

    def remove(self, path: Path) -> None:
        """Take away a name, or raise FileNotFoundError."""
        os.unlink(path)

    def make_directory(self, path: Path) -> None:
        """Make one directory, or raise FileExistsError."""
        os.mkdir(path, DIRECTORY_MODE)

    def sync_directory(self, path: Path) -> None:
        """Make the names in a directory survive a power cut."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def read(self, path: Path) -> bytes:
        """Read a whole file, or raise FileNotFoundError."""
        return path.read_bytes()

    def size(self, path: Path) -> int:
        """Give the size of a file in bytes."""
        return path.stat().st_size

    def is_directory(self, path: Path) -> bool:
        """Tell whether a directory of that name exists."""
        return path.is_dir()

    def names(self, path: Path) -> list[str]:
        """List the names in a directory, sorted."""
        return sorted(os.listdir(path))


DISK = FileSystem()


def read_file(path: Path, *, file_system: FileSystem = DISK) -> bytes:
    """Read a whole file of record, or raise FileNotFoundError."""
    return file_system.read(path)


def write_file(path: Path, data: bytes, *, file_system: FileSystem = DISK) -> None:
    """Put `data` under `path`, wholly or not at all, and return when it survives a power cut.

    An earlier file of that name is replaced in one step. Raises OSError (disk full, no permission) with the
    earlier file untouched, or SyncFailed when the disk did not confirm.
    """
    temporary = temporary_beside(path)
    try:
        handle = file_system.create(temporary)
        try:
            crashpoint.point("durable.write_file.before_write")
            file_system.write(handle, data)
            crashpoint.point("durable.write_file.before_sync")
            sync_data(handle, file_system=file_system)
        finally:
            file_system.close(handle)
        crashpoint.point("durable.write_file.before_rename")
        file_system.rename(temporary, path)
    except OSError:
        _discard(temporary, file_system)
        raise
    crashpoint.point("durable.write_file.after_rename")
    sync_directory(path.parent, file_system=file_system)
    crashpoint.point("durable.write_file.after_sync")


def add_file(path: Path, data: bytes, *, file_system: FileSystem = DISK) -> None:
    """Put `data` under a name that nothing has yet, wholly or not at all; durable when this returns.

    Raises FileExistsError without touching what is there, OSError (disk full) and SyncFailed.
    """
    temporary = temporary_beside(path)
    try:
        handle = file_system.create(temporary)
        try:
            file_system.write(handle, data)
            sync_data(handle, file_system=file_system)
        finally:
            file_system.close(handle)
        crashpoint.point("durable.add_file.before_link")
        file_system.link(temporary, path)
    finally:
        _discard(temporary, file_system)
    crashpoint.point("durable.add_file.after_link")
    sync_directory(path.parent, file_system=file_system)
    crashpoint.point("durable.add_file.after_sync")


def replace_into(temporary: Path, final: Path, *, file_system: FileSystem = DISK) -> None:
    """Sync a file made by another writer and move it to its final name on the same file system.

    For files that a library wrote itself (Parquet, SQLite). Raises FileNotFoundError, SyncFailed.
    """
    file_system.size(temporary)  # raises when absent: opening it to append would make an empty one
    handle = file_system.open_append(temporary)
    try:
        crashpoint.point("durable.replace_into.before_sync")
        sync_data(handle, file_system=file_system)
    finally:
        file_system.close(handle)
    crashpoint.point("durable.replace_into.before_rename")
    file_system.rename(temporary, final)
    crashpoint.point("durable.replace_into.after_rename")
    sync_directory(final.parent, file_system=file_system)
    crashpoint.point("durable.replace_into.after_sync")


def place_directory(temporary: Path, final: Path, *, file_system: FileSystem = DISK) -> None:
    """Give a directory, whose files are durable already, its final name on the same file system.

    Raises FileExistsError when there is something of that name.
    """
    if final.exists():
        raise FileExistsError(str(final))
    sync_directory(temporary, file_system=file_system)
    crashpoint.point("durable.place_directory.before_rename")
    file_system.rename(temporary, final)
    crashpoint.point("durable.place_directory.after_rename")
    sync_directory(final.parent, file_system=file_system)
    crashpoint.point("durable.place_directory.after_sync")


def remove_file(path: Path, *, file_system: FileSystem = DISK) -> bool:
    """Take a file away for good; tells whether there was one."""
    crashpoint.point("durable.remove_file.before_remove")
    try:
        file_system.remove(path)
    except FileNotFoundError:
        return False
    crashpoint.point("durable.remove_file.after_remove")
    sync_directory(path.parent, file_system=file_system)
    crashpoint.point("durable.remove_file.after_sync")
    return True


def remove_tree(path: Path) -> bool:
    """Take a directory away for good with all it holds; tells whether there was one.

    A crash in between leaves a part of it: the caller repeats the removal, which is harmless.
    """
    if not path.is_dir():
        return False
    crashpoint.point("durable.remove_tree.before_remove")
    shutil.rmtree(path)
    crashpoint.point("durable.remove_tree.after_remove")
    sync_directory(path.parent)
    crashpoint.point("durable.remove_tree.after_sync")
    return True


def make_directory(path: Path, *, file_system: FileSystem = DISK) -> None:
    """Make a directory and its missing parents, each durable in its own parent; existing ones are fine."""
    missing = [path]
    while not file_system.is_directory(missing[-1]) and missing[-1] != missing[-1].parent:
        missing.append(missing[-1].parent)
    for directory in reversed(missing[:-1]):
        crashpoint.point("durable.make_directory.before_make")
        try:
            file_system.make_directory(directory)
        except FileExistsError:
            if not file_system.is_directory(directory):
                raise
        crashpoint.point("durable.make_directory.after_make")
        sync_directory(directory.parent, file_system=file_system)
        crashpoint.point("durable.make_directory.after_sync")


def sync_data(handle: int, *, file_system: FileSystem = DISK) -> None:
    """Make an open file's content survive a power cut, or raise SyncFailed."""
    try:
        file_system.data_sync(handle)
    except OSError as failure:
        raise SyncFailed(failure.errno, f"data sync failed: {failure.strerror}") from failure


def sync_directory(path: Path, *, file_system: FileSystem = DISK) -> None:
    """Make the names in a directory survive a power cut, or raise SyncFailed."""
    try:
        file_system.sync_directory(path)
    except OSError as failure:
        raise SyncFailed(failure.errno, f"directory sync failed: {failure.strerror}", str(path)) from failure


def temporary_beside(path: Path) -> Path:
    """Name a temporary file in the same directory; leftovers of a crash end in `.tmp` and mean nothing."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")


def _discard(path: Path, file_system: FileSystem) -> None:
    try:
        file_system.remove(path)
    except OSError:
        return  # a leftover temporary file is harmless, and the first failure is the one to report


class Appender:
    """An append-only file. Nothing appended may be acknowledged before `sync` returned."""

    def __init__(self, path: Path, *, file_system: FileSystem = DISK) -> None:
        """Open or make the file; its name is durable when this returns."""
        self.path = path
        self._file_system = file_system
        self._handle = file_system.open_append(path)
        self._is_poisoned = False
        self._is_closed = False
        self.size = file_system.size(path)
        crashpoint.point("durable.appender.after_open")
        sync_directory(path.parent, file_system=file_system)

    def append(self, data: bytes) -> int:
        """Add bytes at the end and give the offset where they begin; durable only after `sync`.

        Raises OSError (disk full) with the file cut back to its earlier size, Poisoned after a failed sync.
        """
        self._require_sound()
        offset = self.size
        crashpoint.point("durable.append.before_write")
        try:
            self._file_system.write(self._handle, data)
        except OSError:
            self.truncate(offset)
            raise
        crashpoint.point("durable.append.after_write")
        self.size = offset + len(data)
        return offset

    def truncate(self, size: int) -> None:
        """Cut the file back to `size` bytes: a write that failed halfway, or a torn tail in recovery."""
        self._require_sound()
        try:
            self._file_system.truncate(self._handle, size)
        except OSError:
            self._is_poisoned = True
            raise
        self.size = size

    def sync(self) -> None:
        """Make everything appended so far durable; raises SyncFailed once and Poisoned ever after."""
        self._require_sound()
        crashpoint.point("durable.append.before_sync")
        try:
            sync_data(self._handle, file_system=self._file_system)
        except SyncFailed:
            self._is_poisoned = True
            raise
        crashpoint.point("durable.append.after_sync")

    def close(self) -> None:
        """Close the file without syncing; closing twice is fine."""
        if not self._is_closed:
            self._is_closed = True
            self._file_system.close(self._handle)

    def __enter__(self) -> "Appender":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _require_sound(self) -> None:
        if self._is_poisoned or self._is_closed:
            raise Poisoned(f"{self.path.name} is {'poisoned' if self._is_poisoned else 'closed'}")


class StreamWriter:
    """Takes a file of unknown size in chunks, hashes it on the way, and names it at the end.

    `with StreamWriter(directory) as writer: writer.write(chunk); writer.commit(directory / writer.sha256)`.
    Leaving the block without `commit` leaves nothing behind.
    """

    def __init__(self, directory: Path, *, file_system: FileSystem = DISK) -> None:
        self._file_system = file_system
        self._temporary = temporary_beside(directory / "stream")
        self._handle: int | None = file_system.create(self._temporary)
        self._is_committed = False
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """Give the SHA-256 of what was written so far, in lower-case hexadecimal."""
        return self._digest.hexdigest()

    def write(self, chunk: bytes) -> int:
        """Add a chunk and give its size, as files do; raises OSError when the disk is full."""
        if self._handle is None:
            raise Poisoned("this stream has ended")
        self._file_system.write(self._handle, chunk)
        self._digest.update(chunk)
        self.size += len(chunk)
        return len(chunk)

    def commit(self, final: Path) -> None:
        """Put the whole file under its final name and return when it survives a power cut."""
        if self._handle is None:
            raise Poisoned("this stream has ended")
        crashpoint.point("durable.stream.before_sync")
        sync_data(self._handle, file_system=self._file_system)
        self._close()
        crashpoint.point("durable.stream.before_rename")
        self._file_system.rename(self._temporary, final)
        self._is_committed = True
        crashpoint.point("durable.stream.after_rename")
        sync_directory(final.parent, file_system=self._file_system)
        crashpoint.point("durable.stream.after_sync")

    def abort(self) -> None:
        """Throw away what was written; after `commit` this does nothing."""
        self._close()
        if not self._is_committed:
            _discard(self._temporary, self._file_system)

    def _close(self) -> None:
        if self._handle is not None:
            self._file_system.close(self._handle)
            self._handle = None

    def __enter__(self) -> "StreamWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()
