"""Background work of documents."""

from datetime import datetime
from uuid import UUID

from ocapi.kernel.jobs.extensions import job
from ocapi.modules.documents import api


@job("documents.make_pdf")
def make_pdf(*, document: str, now: datetime) -> None:
    """Make the PDF of the document named; a document that has one stays as it is."""
    api.make_pdf(document=UUID(document), now=now)
