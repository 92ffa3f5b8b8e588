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

    def has(self, name: str) -> bool:
        """Tell whether there is an object of that name."""
        return (self._home / name).is_file()

    def add(self, name: str, content: bytes) -> None:
        """Keep an object durably; raises ArchiveRefused: exists when other bytes have that name, noSpace."""
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
            raise

    def read(self, name: str) -> bytes:
        """Give an object's bytes; raises ArchiveRefused: missing."""
        try:
            return durable.read_file(self._home / name)
        except FileNotFoundError:
            raise ArchiveRefused(Reason.MISSING, place=name) from None

    def list_names(self, folder: str) -> Iterator[str]:
        """Give the names of the objects and folders in a folder, in order."""
        path = self._home / folder
        names = sorted(os.listdir(path)) if path.is_dir() else []
        return (name for name in names if not name.startswith("."))


def add_proved(target: BackupTarget, name: str, content: bytes) -> None:
    """Add an object and read it back: a target that keeps other bytes is found now, not on the bad day."""
    target.add(name, content)
    if hashlib.sha256(target.read(name)).digest() != hashlib.sha256(content).digest():
        raise ArchiveRefused(Reason.TARGET_LIES, place=name, detail="it keeps other bytes than it was given")
