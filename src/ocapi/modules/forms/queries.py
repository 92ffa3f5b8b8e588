"""Reads of definitions, drafts and submissions; the only place that knows how rows are joined."""

from datetime import date
from uuid import UUID

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec
from ocapi.lib.actor import Subject
from ocapi.lib.bpmn.engine import values as variables
from ocapi.modules.forms.data import (
    Answered,
    DraftNotFound,
    FormDefinition,
    FormNotFound,
    OpenDraft,
    Submission,
)
from ocapi.modules.forms.models import DraftRow, FormRow, SubmissionRow

MAX_OPEN = 100  # open drafts of one owner that are listed


def current_form(*, code: str) -> FormRow:
    """Give the row of the form's current version, or raise FormNotFound."""
    row = FormRow.objects.filter(code=code, is_current=True).first()
    if row is None:
        raise FormNotFound(code)
    return row


def current_definitions() -> tuple[FormDefinition, ...]:
    """Give the current version of every form, by code, at most 500."""
    rows = FormRow.objects.filter(is_current=True).order_by("code")[:500]
    return tuple(definition_of(row) for row in rows)


def form_row(*, code: str, version: str) -> FormRow:
    """Give the row of one version of a form, or raise FormNotFound."""
    row = FormRow.objects.filter(code=code, version=version).first()
    if row is None:
        raise FormNotFound(f"{code} {version}")
    return row


def definition_of(row: FormRow) -> FormDefinition:
    """Give the definition a row holds; read once per process and version."""
    return tenants.cached(
        f"forms.{row.uuid}",
        generation=int(row.loaded_at.timestamp() * 1_000_000),
        compute=lambda: codec.convert(row.definition, FormDefinition),
    )


def draft_row(*, draft: UUID, today: date, lock: bool) -> DraftRow:
    """Give an open draft with its form, or raise DraftNotFound, also when it has expired."""
    rows = DraftRow.objects.select_related("form").filter(uuid=draft, expires_on__gt=today)
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if row is None:
        raise DraftNotFound(str(draft))
    return row


def find_open_draft(*, code: str, owner: Subject) -> DraftRow | None:
    """Give the owner's draft of a form, expired or not, or None."""
    return (
        DraftRow.objects.select_related("form")
        .filter(
            code=code,
            owner_kind=owner.kind,
            owner=owner.uuid,
        )
        .first()
    )


def list_open_drafts(*, owner: Subject, today: date) -> tuple[OpenDraft, ...]:
    """Give the drafts of an owner that did not expire, last saved first."""
    rows = (
        DraftRow.objects.select_related("form")
        .filter(
            owner_kind=owner.kind,
            owner=owner.uuid,
            expires_on__gt=today,
        )
        .order_by("-saved_at", "-id")[:MAX_OPEN]
    )
    return tuple(
        OpenDraft(
            uuid=row.uuid,
            form=row.code,
            title=definition_of(row.form).title,
            saved_at=row.saved_at,
            expires_on=row.expires_on,
        )
        for row in rows
    )


def find_submission(*, draft: UUID) -> Submission | None:
    """Give what became of a draft that was sent, or None."""
    row = SubmissionRow.objects.filter(draft=draft).first()
    return None if row is None else to_submission(row)


def find_submission_by_uuid(*, submission: UUID) -> Submission | None:
    """Give a submission, or None."""
    row = SubmissionRow.objects.filter(uuid=submission).first()
    return None if row is None else to_submission(row)


def facts_of(*, submission: UUID) -> dict[str, object]:
    """Give the answers of a submission as FEEL values, by field code."""
    stored = SubmissionRow.objects.values_list("facts", flat=True).get(uuid=submission)
    return {code: variables.read(text) for code, text in stored.items()}


def to_submission(row: SubmissionRow) -> Submission:
    """Give the submission a row holds."""
    return Submission(
        uuid=row.uuid,
        form=row.form,
        version=row.version,
        title=row.title,
        service=row.service,
        case_type=row.case_type,
        owner=Subject(kind=row.owner_kind, uuid=row.owner),
        answers=tuple(codec.convert(answer, Answered) for answer in row.answers),
        attachments=tuple(UUID(file) for file in row.attachments),
        submitted_at=row.submitted_at,
    )
