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
        """Give the path of the product page, or None for other kinds and unknown uuids."""
        if kind not in ("dienst", "publieke-dienst"):
            return None
        return api.find_page(uuid=uuid, is_instance=kind == "publieke-dienst")
