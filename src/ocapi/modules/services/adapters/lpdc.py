"""Import formats of the regional catalogue, and the resolver of IRIs of public services."""

from datetime import datetime
from pathlib import Path

from ocapi.kernel.registry.extensions import Loaded
from ocapi.modules.services import api
from ocapi.modules.services.data import EntryKind

SUFFIXES = (".ttl", ".nt", ".json", ".jsonld")


class ConceptFormat:
    """Flemish service concepts (LPDC) in Turtle, N-Triples or JSON-LD."""

    name = "lpdc-concepts"
    title = "LPDC-concepten (Turtle, JSON-LD)"
    markers = (b"ConceptualPublicService", b"\"ConceptSnapshot\"", b"\"Concept\"")

    def recognizes(self, *, path: Path, head: bytes) -> bool:
        """Tell by suffix and by the class the file names."""
        return path.suffix in SUFFIXES and any(marker in head for marker in self.markers)

    def load(self, *, path: Path, now: datetime) -> Loaded:
        """Load the file in one transaction."""
        return api.import_catalog(path=path, kind=EntryKind.CONCEPT, now=now)


class InstanceFormat:
    """Local service instances (LPDC) in Turtle, N-Triples or JSON-LD."""

    name = "lpdc-instances"
    title = "LPDC-instanties (Turtle, JSON-LD)"
    markers = (b"InstancePublicService", b"\"InstantieSnapshot\"", b"\"Instantie\"")

    def recognizes(self, *, path: Path, head: bytes) -> bool:
        """Tell by suffix and by the class the file names."""
        return path.suffix in SUFFIXES and any(marker in head for marker in self.markers)

    def load(self, *, path: Path, now: datetime) -> Loaded:
        """Load the file in one transaction."""
        return api.import_catalog(path=path, kind=EntryKind.INSTANCE, now=now)


class ServicePages:
    """Answers which page shows `/id/dienst/{uuid}` and `/id/publieke-dienst/{uuid}`."""

    name = "services"

    def find_path(self, *, kind: str, uuid: str) -> str | None:
        """Give the path of the page, or None for other kinds and unknown uuids."""
        if kind == "publieke-dienst":
            return f"/versies/diensten/{uuid}" if api.has_version(instance=uuid) else None
        return api.find_page(uuid=uuid) if kind == "dienst" else None


class InstanceVersions:
    """Answers which page shows `/id/publieke-dienst/{uuid}/{number}`."""

    name = "services"

    def find_path(self, *, kind: str, uuid: str, number: int) -> str | None:
        """Give the path of the version, or None for other kinds and what is not public."""
        if kind != "publieke-dienst" or not api.has_version(instance=uuid, number=number):
            return None
        return f"/versies/diensten/{uuid}/{number}"
