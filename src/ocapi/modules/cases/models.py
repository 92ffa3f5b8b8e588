"""Cases and what belongs to them. Names are snapshots: people read what was true when the case came in."""

from django.db import models

from ocapi.kernel.tenants import fields
from ocapi.kernel.tenants.fields import Personal

_NAME = Personal(category="identification", legal_basis="publicTask", purpose="cases.handle",
                 retention="caseRetention", source="dataSubject")
_CONTENT = Personal(category="content", legal_basis="publicTask", purpose="cases.handle",
                    retention="caseRetention", source="dataSubject")
_STAFF = Personal(category="staff", legal_basis="publicTask", purpose="cases.handle",
                  retention="caseRetention", source="employer")


class CaseTypeRow(fields.Record):
    """One version of a case type. Versions stay: a case keeps the rules it was received under."""

    code = fields.Text(max_length=80, personal=None)
    version = fields.Text(max_length=20, personal=None)
    sha256 = fields.Text(max_length=64, personal=None)
    definition = fields.Document(personal=None)
    is_current = fields.Boolean(personal=None)
    loaded_at = fields.Instant(personal=None)

    class Meta:
        db_table = "cases_case_type"
        constraints = [models.UniqueConstraint(fields=["code", "sha256"], name="cases_type_once"),
                       models.UniqueConstraint(fields=["code"], condition=models.Q(is_current=True),
                                               name="cases_type_one_current")]


class CounterRow(fields.Record):
    """The last number given out in a year; references are never reused."""

    year = fields.Integer(unique=True, personal=None)
    last = fields.Integer(personal=None)

    class Meta:
        db_table = "cases_counter"


class CaseRow(fields.Record):
    """One case. due_on moves when a pause ends; while `paused_on` is set the term stands still.

    submission: the form it came from, if any. applicant_folded serves search by name only. The answers
    deliberately stand apart: lists never read them.
    """

    reference = fields.Text(max_length=24, unique=True, personal=None)
    case_type = fields.Reference(CaseTypeRow, on_delete=models.PROTECT, related_name="+", personal=None)
    case_type_code = fields.Text(max_length=80, personal=None)
    status = fields.Text(max_length=40, personal=None)
    is_open = fields.Boolean(personal=None)
    received_at = fields.Instant(personal=None)
    received_on = fields.Day(personal=None)
    due_on = fields.Day(personal=None)
    paused_on = fields.Day(null=True, personal=None)
    decided_on = fields.Day(null=True, personal=None)
    closed_on = fields.Day(null=True, personal=None)
    outcome = fields.Text(max_length=40, personal=None)
    service = fields.Text(max_length=80, personal=None)
    channel = fields.Text(max_length=20, personal=None)
    submission = fields.Identifier(null=True, personal=None)
    applicant = fields.Identifier(personal=_NAME)
    applicant_kind = fields.Text(max_length=20, personal=None)
    applicant_name = fields.Text(max_length=200, personal=_NAME)
    applicant_folded = fields.Text(max_length=200, personal=_NAME)
    assignee = fields.Identifier(null=True, personal=_STAFF)
    assignee_name = fields.Text(max_length=200, personal=_STAFF)
    revision = fields.Integer(personal=None)

    class Meta:
        db_table = "cases_case"
        indexes = [
            models.Index(fields=["is_open", "due_on", "id"], name="cases_open_due"),
            models.Index(fields=["status", "due_on", "id"], name="cases_status_due"),
            models.Index(fields=["due_on", "id"], name="cases_due"),
            models.Index(fields=["received_on", "id"], name="cases_received"),
            models.Index(fields=["assignee", "is_open", "due_on", "id"], name="cases_assignee_due"),
            models.Index(fields=["applicant", "received_on", "id"], name="cases_applicant"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(revision__gte=1), name="cases_revision_positive")
        ]


class PartyRow(fields.Record):
    """Somebody in a case: the applicant, and who filed for them by power of attorney."""

    case = fields.Reference(CaseRow, on_delete=models.CASCADE, related_name="parties", personal=None)
    role = fields.Text(max_length=20, personal=None)
    kind = fields.Text(max_length=20, personal=None)
    party = fields.Identifier(personal=_NAME)
    name = fields.Text(max_length=200, personal=_NAME)

    class Meta:
        db_table = "cases_party"


class AnswerRow(fields.Record):
    """One answer of the service request, in the order of the form."""

    case = fields.Reference(CaseRow, on_delete=models.CASCADE, related_name="answers", personal=None)
    position = fields.Integer(personal=None)
    section = fields.Text(max_length=80, personal=None)
    field = fields.Text(max_length=80, personal=None)
    label = fields.Text(max_length=300, personal=None)
    value = fields.LongText(personal=_CONTENT)
    source = fields.Text(max_length=80, personal=None)

    class Meta:
        db_table = "cases_answer"
        constraints = [models.UniqueConstraint(fields=["case", "position"], name="cases_answer_position")]


class InformationRequestRow(fields.Record):
    """A question to the applicant; `answered_at` is empty while it stands open."""

    case = fields.Reference(CaseRow, on_delete=models.CASCADE, related_name="requests", personal=None)
    question = fields.LongText(personal=_CONTENT)
    asked_at = fields.Instant(personal=None)
    asked_by = fields.Identifier(null=True, personal=_STAFF)
    answer_by = fields.Day(personal=None)
    answer = fields.LongText(personal=_CONTENT)
    answered_at = fields.Instant(null=True, personal=None)

    class Meta:
        db_table = "cases_information_request"


class AttachmentRow(fields.Record):
    """A file of a case; the bytes stand in `files`. One file belongs to one case."""

    case = fields.Reference(CaseRow, on_delete=models.CASCADE, related_name="attachments", personal=None)
    file = fields.Identifier(unique=True, personal=None)
    is_from_applicant = fields.Boolean(personal=None)
    added_at = fields.Instant(personal=None)

    class Meta:
        db_table = "cases_attachment"


class StatusRow(fields.Record):
    """One thing that happened to a case, at which revision; rows are only ever added."""

    case = fields.Reference(CaseRow, on_delete=models.CASCADE, related_name="history", personal=None)
    revision = fields.Integer(personal=None)
    action = fields.Text(max_length=30, personal=None)
    status = fields.Text(max_length=40, personal=None)
    at = fields.Instant(personal=None)
    by = fields.Identifier(null=True, personal=_STAFF)
    by_name = fields.Text(max_length=200, personal=_STAFF)

    class Meta:
        db_table = "cases_status"
        constraints = [models.UniqueConstraint(fields=["case", "revision"], name="cases_status_revision")]


class DecisionRow(fields.Record):
    """The decision of a case; there is one, and it is not edited."""

    case = fields.Reference(
        CaseRow, on_delete=models.CASCADE, related_name="decisions", unique=True, personal=None
    )
    outcome = fields.Text(max_length=40, personal=None)
    motivation = fields.LongText(personal=_CONTENT)
    decided_at = fields.Instant(personal=None)
    decided_by = fields.Identifier(null=True, personal=_STAFF)
    decided_by_name = fields.Text(max_length=200, personal=_STAFF)

    class Meta:
        db_table = "cases_decision"


class LetterRow(fields.Record):
    """A letter of a case; the document itself stands in `documents`."""

    case = fields.Reference(CaseRow, on_delete=models.CASCADE, related_name="letters", personal=None)
    document = fields.Identifier(unique=True, personal=None)
    template = fields.Text(max_length=80, personal=None)
    title = fields.Text(max_length=300, personal=None)
    sent_at = fields.Instant(personal=None)

    class Meta:
        db_table = "cases_letter"


class RequestKeyRow(fields.Record):
    """An idempotency key that was used: the hash of who sent it, of what, and which case it led to."""

    key_sha256 = fields.Text(max_length=64, unique=True, personal=None)
    body_sha256 = fields.Text(max_length=64, personal=None)
    case = fields.Reference(CaseRow, on_delete=models.CASCADE, related_name="+", personal=None)
    used_at = fields.Instant(personal=None)

    class Meta:
        db_table = "cases_request_key"
        indexes = [models.Index(fields=["used_at"], name="cases_key_used")]
