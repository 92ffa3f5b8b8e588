"""What others may know of a stored file, and how a file can be refused."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class MediaType(StrEnum):
    """Types of file that are accepted; each has magic bytes that must agree with name and declared type."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"


EXTENSIONS = {
    MediaType.PDF: ("pdf",),
    MediaType.JPEG: ("jpg", "jpeg"),
    MediaType.PNG: ("png",),
}


class FileState(StrEnum):
    """Where a received file stands; only `released` ones are handed out."""

    QUARANTINED = "quarantined"
    RELEASED = "released"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A received file. sha256: lower-case hex, also its place on disk. name:
    as the sender called it, cleaned.
    """

    uuid: UUID
    sha256: str
    size_bytes: int
    media_type: MediaType
    name: str
    state: FileState


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """A released file with its bytes, ready to be sent as an attachment."""

    file: StoredFile
    content: bytes


class FileRefused(ValueError):
    """A file was not taken. reason: tooLarge, wrongType, contentDiffers, empty, badName, infected.

    limit_bytes and accepted say what would have been taken.
    """

    def __init__(
        self, *, name: str, reason: str, limit_bytes: int = 0, accepted: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f"{reason}: {name}")
        self.name = name
        self.reason = reason
        self.limit_bytes = limit_bytes
        self.accepted = accepted


class FileNotFound(LookupError):
    """No file of that uuid in the bound organization."""


class FileNotReleased(RuntimeError):
    """The file is still in quarantine, or was refused by the scanner."""
