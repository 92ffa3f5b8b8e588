"""What modules fill: their manifest, loaders of content files, import formats and uri-to-page resolvers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ocapi.kernel.registry.data import Manifest
from ocapi.lib.registry import DuplicateName, Registry


class ManifestBook:
    """The manifests of the modules that run, by name."""

    def __init__(self) -> None:
        self._manifests: dict[str, Manifest] = {}

    def add(self, manifest: Manifest) -> None:
        """Add a module's manifest; raises DuplicateName."""
        if manifest.name in self._manifests:
            raise DuplicateName(manifest.name)
        self._manifests[manifest.name] = manifest

    def find(self, name: str) -> Manifest | None:
        """Give the manifest of that module, or None."""
        return self._manifests.get(name)

    def __iter__(self) -> Iterator[Manifest]:
        return iter(sorted(self._manifests.values(), key=lambda manifest: manifest.name))


manifests = ManifestBook()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFile:
    """One file of a content pack: its kind, where it comes from, and its bytes."""

    pack: str
    version: str
    kind: str
    path: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that was refused: the line it stands on (1-based; 0 when unknown), and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a load did: rows made or renewed, rows left as they were, rows refused with line and reason."""

    written: int
    unchanged: int = 0
    refused: tuple[BadRow, ...] = ()
    warnings: tuple[BadRow, ...] = ()


class ContentLoader(Protocol):
    """Loads one kind of content file into the bound organization, idempotently;
    rows are keyed by URI or code.
    """

    name: str  # the `kind` a pack.yaml names

    def load(self, *, file: PackFile, now: datetime) -> Loaded:
        """Load the file in one transaction; raises MalformedInput when it can't be read at all."""


class ImportFormat(Protocol):
    """A format `ocapi content import PATH --as NAME` reads."""

    name: str
    title: str

    def recognizes(self, *, path: Path, head: bytes) -> bool:
        """Tell from the name and the first 64 KiB whether this is the format."""

    def load(self, *, path: Path, now: datetime) -> Loaded:
        """Load the file in one transaction; bad rows are reported and the rest loads."""


content_loaders: Registry[ContentLoader] = Registry(ContentLoader)
import_formats: Registry[ImportFormat] = Registry(ImportFormat)


class BackupTarget(Protocol):
    """Where backups go. It can be added to and read; nothing here changes or takes away, and nothing may be
    added that does: retention runs under another identity, outside the platform.
    """

    name: str

    def check_config(self) -> str:
        """Give what is wrong with it, or an empty text."""

    def is_append_only(self) -> bool:
        """Tell, by trying, whether the application is kept from taking away what it added."""

    @property
    def place(self) -> str:
        """Give where it is: another place is another target."""

    def size_of(self, name: str) -> int | None:
        """Give the bytes of the object of that name; None when there is none. Raises ArchiveRefused."""

    def add(self, name: str, content: bytes) -> None:
        """Keep an object; the same bytes again change nothing, others under that name are refused."""

    def read(self, name: str) -> bytes:
        """Give an object's bytes, as they are: the caller proves them. Raises ArchiveRefused: missing."""

    def list_names(self, folder: str) -> Iterator[str]:
        """Give the names in a folder of objects, in order."""


class FolderCheck(Protocol):
    """Proves files of the bound organization that a module owns; whoever writes some registers one."""

    name: str

    def findings(self) -> Iterator[str]:
        """Give what does not hold, a line each with the place of the file in the organization's folder."""


folder_checks: Registry[FolderCheck] = Registry(FolderCheck)


class UriResolver(Protocol):
    """Answers which page shows a thing named by an IRI of the bound organization."""

    name: str

    def find_path(self, *, kind: str, uuid: str) -> str | None:
        """Give the path of the page that shows `/id/{kind}/{uuid}`, or None."""


uri_resolvers: Registry[UriResolver] = Registry(UriResolver)


class SettingFollower(Protocol):
    """Brings up to date what a module made by a setting of somebody else, when the setting changes."""

    name: str
    setting: str

    def follow(self, *, now: datetime) -> None:
        """Make it again; the new value is saved by now, in the same transaction."""


setting_followers: Registry[SettingFollower] = Registry(SettingFollower)
