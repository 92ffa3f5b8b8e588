"""Scanners look at a file in quarantine; all of them must answer before it is released."""

from enum import StrEnum
from pathlib import Path
from typing import Protocol

from ocapi.kernel.files.data import MediaType
from ocapi.lib.registry import Registry


class Verdict(StrEnum):
    """What a scanner says; `unavailable` keeps the file in quarantine."""

    CLEAN = "clean"
    INFECTED = "infected"
    UNAVAILABLE = "unavailable"


class Scanner(Protocol):
    """Looks at a quarantined file, without changing it."""

    name: str

    def scan(self, *, path: Path, media_type: MediaType) -> Verdict:
        """Give the verdict; a scanner that is down answers `unavailable` instead of raising."""


scanners: Registry[Scanner] = Registry(Scanner)
