"""The import format of the standards register."""

from datetime import datetime
from pathlib import Path

from ocapi.kernel.registry.extensions import Loaded
from ocapi.modules.linkeddata import api


class StandardsFormat:
    """The register of OSLO standards, as JSON."""

    name = "oslo-standards"
    title = "OSLO-standaardenregister (JSON)"

    def recognizes(self, *, path: Path, head: bytes) -> bool:
        """Tell by suffix and by the members of an entry."""
        is_build_list = b'"configuration"' in head and b'"repository"' in head
        return path.suffix == ".json" and (is_build_list or b'"specificationDocuments"' in head)

    def load(self, *, path: Path, now: datetime) -> Loaded:
        """Load the file in one transaction."""
        return api.import_standards(path=path, now=now)
