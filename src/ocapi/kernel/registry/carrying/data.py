"""What an archive says of itself, and the ways to refuse one."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ocapi.kernel.tenants.data import Succession

FORMAT = "ocapi-archive"
VERSION = 1
README, SCHEMA, SUMS, KEYS = "README.md", "schema.json", "SHA256SUMS", "keys.json"
MANIFEST, SIGNATURE = "manifest.json", "signature.json"
TABLES, AUDIT, BLOBS, FILES = "tables", "audit", "blobs", "files"

Progress = Callable[[str], None]
"""Is told what is being done, in a few words, now and then."""


class Reason(StrEnum):
    """Why an archive, a backup or a target is refused; the command adds what to do."""

    NOT_AN_ARCHIVE = "notAnArchive"
    NEWER_FORMAT = "newerFormat"
    NEWER_RELEASE = "newerRelease"
    OLDER_RELEASE = "olderRelease"
    TRUNCATED = "truncated"
    CHANGED = "changed"
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    BAD_NAME = "badName"
    WRONG_SIGNATURE = "wrongSignature"
    UNKNOWN_SIGNER = "unknownSigner"
    CODE_NEEDED = "codeNeeded"
    CODE_WRONG = "codeWrong"
    BAD_ROW = "badRow"
    COUNT_DIFFERS = "countDiffers"
    ROOT_DIFFERS = "rootDiffers"
    NO_SPACE = "noSpace"
    EXISTS = "exists"
    TARGET_FULL = "targetFull"
    TARGET_LIES = "targetLies"
    TARGET_FAILS = "targetFails"
    NO_BACKUP = "noBackup"
    SOURCE_DAMAGED = "sourceDamaged"


class ArchiveRefused(ValueError):
    """An archive can't be made or taken. place: the file or table concerned. detail: what was found."""

    def __init__(self, reason: Reason, *, place: str = "", detail: str = "") -> None:
        super().__init__(": ".join(part for part in (reason.value, place, detail) if part))
        self.reason = reason
        self.place = place
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """Who is in the archive; the names are those of `Tenant`."""

    uuid: str
    key: str
    base_iri: str
    kind: str
    hosts: tuple[str, ...]
    is_reference: bool
    is_canary: bool
    is_demo: bool
    succession: Succession | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """The newest signed state of the audit log. root: lower-case hexadecimal."""

    leaves: int
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many files, and how many bytes they have together."""

    count: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The signed page: who, when, how much. rows: number by table. sums_sha256: hash of SHA256SUMS.

    taken_at: instant of the state shown, RFC 3339. migrations: of the release that wrote it.
    """

    format: str
    version: int
    organization: Organization
    taken_at: str
    migrations: tuple[str, ...]
    rows: dict[str, int]
    blobs: Counted
    files: Counted
    audit: LogState
    sums_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export made. code: opens the sealed columns on another installation; it is kept nowhere."""

    manifest: Manifest
    fingerprint: str
    code: str
