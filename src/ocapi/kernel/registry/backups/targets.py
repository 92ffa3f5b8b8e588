"""The folder as a target of backups: adds, never changes; what it holds is proved again when read."""

import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from ocapi.kernel.registry.carrying.data import ArchiveRefused, Reason
from ocapi.kernel.registry.extensions import BackupTarget
from ocapi.lib import durable, ids


class FolderTarget:
    """A folder, best on another machine and under an identity that lets ours add only."""

    name = "folder"

    def __init__(self, home: Path) -> None:
        self._home = home

    def check_config(self) -> str:
        """Give what is wrong with the target, or an empty text."""
        if not self._home.is_dir():
            return f"{self._home} is no folder: make it, or mount it"
        return ""

    def is_append_only(self) -> bool:
        """Try to take away what was just added; True when the system does not let us."""
        probe = f"probes/{ids.token(9)}"
        self.add(probe, b"a probe: may this be taken away again?\n")
        try:
            os.unlink(self._home / probe)
        except PermissionError:
            return True
        return False

    @property
    def place(self) -> str:
        """Give the folder's path."""
        return str(self._home)

    def size_of(self, name: str) -> int | None:
        """Give the bytes of the object of that name; None when there is none. Raises: targetFails."""
        try:
            return (self._home / name).stat().st_size
        except FileNotFoundError:
            return None
        except OSError as failure:
            raise _failing(failure, name) from None

    def add(self, name: str, content: bytes) -> None:
        """Keep an object durably.

        Raises ArchiveRefused: exists when other bytes have that name, targetFull, targetFails.
        """
        path = self._home / name
        try:
            durable.make_directory(path.parent)
            durable.add_file(path, content)
        except FileExistsError:
            if durable.read_file(path) != content:
                raise ArchiveRefused(Reason.EXISTS, place=name, detail="with other bytes") from None
        except OSError as failure:
            if failure.errno in (errno.ENOSPC, errno.EDQUOT):
                raise ArchiveRefused(Reason.TARGET_FULL, place=str(self._home)) from None
            raise _failing(failure, name) from None

    def read(self, name: str) -> bytes:
        """Give an object's bytes; raises ArchiveRefused: missing."""
        try:
            return durable.read_file(self._home / name)
        except FileNotFoundError:
            raise ArchiveRefused(Reason.MISSING, place=name) from None
        except OSError as failure:
            raise _failing(failure, name) from None

    def list_names(self, folder: str) -> Iterator[str]:
        """Give the names of the objects and folders in a folder, in order."""
        try:
            names = sorted(os.listdir(self._home / folder))
        except FileNotFoundError:
            names = []
        except OSError as failure:
            raise _failing(failure, folder) from None
        return (name for name in names if not name.startswith("."))


def _failing(failure: OSError, name: str) -> ArchiveRefused:
    """Name what a disk or share answered but that it is full: unmounted, gone, broken, forbidden."""
    return ArchiveRefused(Reason.TARGET_FAILS, place=name, detail=failure.strerror or type(failure).__name__)


def prove_kept(target: BackupTarget, name: str, content: bytes) -> None:
    """Read an object back; raises ArchiveRefused: targetLies, missing."""
    if hashlib.sha256(target.read(name)).digest() != hashlib.sha256(content).digest():
        raise ArchiveRefused(Reason.TARGET_LIES, place=name, detail="it keeps other bytes than it was given")


def add_proved(target: BackupTarget, name: str, content: bytes) -> None:
    """Add an object and read it back: a target that keeps other bytes is found now, not on the bad day."""
    target.add(name, content)
    prove_kept(target, name, content)
