"""Letter templates and the names they may use, as loaded from packs, and the documents made from them."""

from django.db import models

from ocapi.kernel.tenants import fields
from ocapi.kernel.tenants.fields import Personal

CONTENT = Personal(
    category="content",
    legal_basis="publicTask",
    purpose="documents.letters",
    retention="caseRetention",
    source="organization",
)
CONCERNED = Personal(
    category="identification",
    legal_basis="publicTask",
    purpose="documents.letters",
    retention="caseRetention",
    source="organization",
)


class LetterRow(fields.Record):
    """A letter template; `definition` has the shape of `letters.Template`."""

    code = fields.Text(max_length=60, unique=True, personal=None)
    version = fields.Text(max_length=20, personal=None)
    pack = fields.Text(max_length=60, personal=None)
    definition = fields.Document(personal=None)
    loaded_at = fields.Instant(personal=None)

    class Meta:
        db_table = "documents_letter"


class PlaceholderRow(fields.Record):
    """A name letters may use between braces."""

    name = fields.Text(max_length=60, unique=True, personal=None)
    label = fields.Text(max_length=200, personal=None)
    example = fields.Text(max_length=200, personal=None)

    class Meta:
        db_table = "documents_placeholder"


class DocumentRow(fields.Record):
    """A rendered letter; `letter` has the shape of `data.Letter`, `pdf` is a file's uuid once made.

    key: of the occasion, by which making it again gives this one; empty for who needs no such promise.
    """

    template = fields.Text(max_length=60, personal=None)
    template_version = fields.Text(max_length=20, personal=None)
    kind = fields.Text(max_length=30, personal=None)
    title = fields.Text(max_length=300, personal=CONTENT)
    language = fields.Text(max_length=10, personal=None)
    reference = fields.Text(max_length=60, personal=None)
    letter = fields.Document(personal=CONTENT)
    created_at = fields.Instant(personal=None)
    pdf = fields.Identifier(null=True, personal=None)
    pdf_at = fields.Instant(null=True, personal=None)
    key = fields.Text(max_length=100, personal=None, default="")

    class Meta:
        db_table = "documents_document"
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=~models.Q(key=""), name="documents_document_key_once"
            )
        ]


class ConcernedRow(fields.Record):
    """Whom a document is about: the uuid of a person or organization, for the decision who may read it."""

    document = fields.Reference(
        DocumentRow, on_delete=models.CASCADE, related_name="concerned", personal=None
    )
    subject = fields.Identifier(personal=CONCERNED)

    class Meta:
        db_table = "documents_concerned"
        constraints = [
            models.UniqueConstraint(fields=["document", "subject"], name="documents_concerned_once")
        ]
        indexes = [models.Index(fields=["subject"], name="documents_concerned_subject")]
