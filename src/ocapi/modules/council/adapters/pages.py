"""Which page shows a thing of council on the web of data."""

from uuid import UUID

from ocapi.modules.council import api


class CouncilPages:
    """Answers which page shows `/id/zitting/…`, `/id/besluit/…` and the others."""

    name = "council"

    def find_path(self, *, kind: str, uuid: str) -> str | None:
        """Give the path, or None for other kinds and for what is not public."""
        return api.find_page(kind=kind, uuid=UUID(uuid))
