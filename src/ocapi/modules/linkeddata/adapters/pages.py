"""Which document is about a thing of a data service."""

from ocapi.modules.linkeddata import api


class ObjectDocuments:
    """Answers `/id/{class}/{uuid}` with the document about the object."""

    name = "linkeddata"

    def find_path(self, *, kind: str, uuid: str) -> str | None:
        """Give the path of the document, also of a deleted object, or None."""
        return api.find_page(kind=kind, uuid=uuid)
