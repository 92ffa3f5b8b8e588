"""Reference processes as rows, keyed by IRI."""

from django.db import models

from ocapi.kernel.tenants import fields


class ProcessRow(fields.Record):
    """One conceptual process: a title in a group of a domain; `search` holds it folded, for matching."""

    iri = fields.Text(max_length=200, unique=True, personal=None)
    number = fields.Integer(personal=None)
    title = fields.Text(max_length=300, personal=None)
    search = fields.Text(max_length=600, personal=None)
    group_title = fields.Text(max_length=200, personal=None)
    group_iri = fields.Text(max_length=200, personal=None)
    domain = fields.Text(max_length=80, personal=None)
    domain_title = fields.Text(max_length=200, personal=None)

    class Meta:
        db_table = "onboarding_process"
        indexes = [
            models.Index(fields=["title", "id"], name="onboarding_process_title"),
            models.Index(fields=["domain", "title", "id"], name="onboarding_process_domain"),
        ]
