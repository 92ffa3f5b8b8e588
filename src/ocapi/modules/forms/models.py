"""Definitions by version, open drafts, and submissions that never change."""

from django.db import models

from ocapi.kernel.tenants import fields
from ocapi.kernel.tenants.fields import Personal

_DRAFT = Personal(
    category="content",
    legal_basis="publicTask",
    purpose="forms.draft",
    retention="draftDays",
    source="dataSubject",
)
_PREFILL = Personal(
    category="content",
    legal_basis="publicTask",
    purpose="forms.draft",
    retention="draftDays",
    source="authenticSource",
)
_OWNER = Personal(
    category="identification",
    legal_basis="publicTask",
    purpose="forms.draft",
    retention="draftDays",
    source="dataSubject",
)
_SENT = Personal(
    category="content",
    legal_basis="publicTask",
    purpose="forms.submission",
    retention="caseRetention",
    source="dataSubject",
)
_SENDER = Personal(
    category="identification",
    legal_basis="publicTask",
    purpose="forms.submission",
    retention="caseRetention",
    source="dataSubject",
)


class FormRow(fields.Record):
    """One version of a form. Older ones stay: a draft is finished in the version it was started with.

    sha256: of the definition without what is left at its default; it pins what was asked. origin: `pack` or
    `desk`; a version made at the desk stays current when a pack is loaded again.
    """

    code = fields.Text(max_length=60, personal=None)
    version = fields.Text(max_length=20, personal=None)
    definition = fields.Document(personal=None)
    sha256 = fields.Text(max_length=64, personal=None, default="")
    origin = fields.Text(max_length=10, personal=None, default="pack")
    is_current = fields.Boolean(personal=None)
    loaded_at = fields.Instant(personal=None)

    class Meta:
        db_table = "forms_form"
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="forms_form_version"),
            models.UniqueConstraint(
                fields=["code"], condition=models.Q(is_current=True), name="forms_form_current"
            ),
        ]


class DesignRow(fields.Record):
    """The working copy of a form that somebody designs; one per form, gone once it is published or dropped.

    base: version it began from, empty for a new form. definition: may be incomplete; nobody fills it in.
    revision rises with each change, so that two designers can't overwrite each other. Who changed it
    stands in the log and not here.
    """

    code = fields.Text(max_length=60, unique=True, personal=None)
    base = fields.Text(max_length=20, personal=None)
    definition = fields.Document(personal=None)
    revision = fields.Integer(personal=None)
    changed_at = fields.Instant(personal=None)

    class Meta:
        db_table = "forms_design"


class DraftRow(fields.Record):
    """One open draft: an owner has at most one per form. Sent or expired drafts have no row.

    answers: JSON value by field code, only what the citizen gave. typed: posted texts by name that
    could not be read. prefill: what sources said, by field code. attachments: file uuids by field code.
    """

    form = fields.Reference(FormRow, on_delete=models.PROTECT, related_name="drafts", personal=None)
    code = fields.Text(max_length=60, personal=None)
    owner_kind = fields.Text(max_length=20, personal=None)
    owner = fields.Identifier(personal=_OWNER)
    started_by = fields.Identifier(null=True, personal=_OWNER)
    revision = fields.Integer(personal=None)
    answers = fields.Document(personal=_DRAFT)
    typed = fields.Document(personal=_DRAFT)
    prefill = fields.Document(personal=_PREFILL)
    attachments = fields.Document(personal=_DRAFT)
    visited = fields.Document(personal=None)
    started_at = fields.Instant(personal=None)
    saved_at = fields.Instant(personal=None)
    expires_on = fields.Day(personal=None)

    class Meta:
        db_table = "forms_draft"
        constraints = [
            models.UniqueConstraint(fields=["code", "owner_kind", "owner"], name="forms_draft_one_per_owner"),
        ]
        indexes = [models.Index(fields=["expires_on"], name="forms_draft_expiry")]


class SubmissionRow(fields.Record):
    """One form as it was sent, answers in words. `draft` makes sending twice give the same submission.

    facts: the same answers by code as FEEL values, for the process it starts, as variables are written.
    form_sha256: of the definition it was sent in.
    """

    draft = fields.Identifier(unique=True, personal=None)
    form = fields.Text(max_length=60, personal=None)
    version = fields.Text(max_length=20, personal=None)
    title = fields.Text(max_length=200, personal=None)
    service = fields.Text(max_length=60, personal=None)
    case_type = fields.Text(max_length=60, personal=None)
    owner_kind = fields.Text(max_length=20, personal=None)
    owner = fields.Identifier(personal=_SENDER)
    submitted_by = fields.Identifier(null=True, personal=_SENDER)
    form_sha256 = fields.Text(max_length=64, personal=None, default="")
    answers = fields.Document(personal=_SENT)
    facts = fields.Document(personal=_SENT, default=dict)
    attachments = fields.Document(personal=_SENT)
    submitted_at = fields.Instant(personal=None)

    class Meta:
        db_table = "forms_submission"
        indexes = [models.Index(fields=["owner_kind", "owner", "id"], name="forms_submission_owner")]


class RequestRow(fields.Record):
    """A form that a process asked somebody to fill in; what they send next of that form answers it.

    key: of the occasion, so that asking again asks once. submission: what answered it, empty while it waits.
    closed_at: when the process no longer needed it, empty for one that waits or was answered.
    There is no draft before the person begins one, and who may not sign in is never asked.
    """

    key = fields.Text(max_length=100, unique=True, personal=None)
    form = fields.Text(max_length=60, personal=None)
    owner_kind = fields.Text(max_length=20, personal=None)
    owner = fields.Identifier(personal=_SENDER)
    reference = fields.Text(max_length=200, personal=None)
    submission = fields.Identifier(null=True, personal=None)
    asked_at = fields.Instant(personal=None)
    closed_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "forms_request"
        indexes = [
            models.Index(
                fields=["owner_kind", "owner", "form", "id"],
                condition=models.Q(submission__isnull=True, closed_at__isnull=True),
                name="forms_request_waits",
            ),
            models.Index(fields=["submission"], name="forms_request_submission"),
        ]
