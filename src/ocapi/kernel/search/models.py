"""Documents, their stemmed tokens with weights, and the words as written, for suggestions."""

from django.db import models

from ocapi.kernel.tenants import fields


class DocumentRow(fields.Record):
    """One findable thing: `uuid` is the thing's own. Personal data is never indexed here."""

    kind = fields.Text(max_length=30, personal=None)
    audience = fields.Text(max_length=10, personal=None)
    url = fields.Text(max_length=300, personal=None)
    title = fields.Text(max_length=300, personal=None)
    summary = fields.LongText(personal=None)
    indexed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "search_document"


class TokenRow(models.Model):
    """A stemmed token of a document with its weight in thousandths; no row outside an index needs a uuid."""

    id = models.BigAutoField(primary_key=True)
    document = fields.Reference(DocumentRow, on_delete=models.CASCADE, related_name="tokens", personal=None)
    token = fields.Text(max_length=60, personal=None)
    weight = fields.Integer(personal=None)

    class Meta:
        db_table = "search_token"
        indexes = [models.Index(fields=["token", "document", "weight"], name="search_token_lookup")]


class WordRow(models.Model):
    """A word as written somewhere in the index, accents folded, and in how many documents."""

    id = models.BigAutoField(primary_key=True)
    word = fields.Text(max_length=60, unique=True, personal=None)
    documents = fields.Integer(personal=None)

    class Meta:
        db_table = "search_word"
