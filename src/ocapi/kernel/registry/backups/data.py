"""What a backup is made of, and what a restore found."""

from dataclasses import dataclass
from datetime import datetime

from ocapi.kernel.registry.carrying.data import Manifest

OBJECTS, RECORDS = "objects", "records"
RECORD_FORMAT = "ocapi-backup"
RECORD_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceList:
    """A file as the pieces it is put together from. sha256: of the whole; pieces: of each, in order."""

    name: str
    size: int
    sha256: str
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One state of one organization on a target, signed. previous: SHA-256 of the record before, or empty.

    number counts on without gaps. index: a file of one PieceList per line, for every file of the archive.
    """

    format: str
    version: int
    number: int
    previous: str
    manifest: Manifest
    index: PieceList


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """What one pass over an organization added. pieces, bytes: new ones only."""

    key: str
    number: int
    taken_at: datetime
    pieces: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """An organization that was put back. taken_at: the state it has. erased: persons erased again.

    findings: what does not hold in it, by invariant or verifier; empty when all does.
    """

    key: str
    number: int
    taken_at: datetime
    rows: int
    leaves: int
    root: str
    erased: int
    findings: tuple[str, ...]
