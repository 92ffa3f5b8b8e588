"""Facts of council that others may react to."""

from uuid import UUID

from ocapi.lib.envelope import Fact, event


@event("be.ocapi.council.document.published.v1")
class DocumentPublished(Fact):
    """Emitted when a second person publishes an agenda, list of decisions, minutes or extract; not when
    a draft is prepared or withdrawn.

    A correction is a new fact with a higher version of the same document. kind: code of the document type.
    """

    document: UUID
    release: UUID
    meeting: UUID
    kind: str
    version: int
    digest: str
    is_reported: bool
