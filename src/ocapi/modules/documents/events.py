"""Facts documents publishes."""

from uuid import UUID

from ocapi.lib.envelope import Fact, event


@event("be.ocapi.documents.document.rendered.v1")
class DocumentRendered(Fact):
    """Emitted when the PDF of a document is stored beside its HTML; not when a letter is previewed or opened."""

    document: UUID
    template: str
    kind: str
    reference: str
