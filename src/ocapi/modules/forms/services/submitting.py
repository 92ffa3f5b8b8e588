"""Sending: the answers as they are now, in words, in a row that never changes."""

from datetime import datetime

from ocapi.lib import codec, ids
from ocapi.lib.actor import Actor
from ocapi.modules.forms.data import FormDefinition, worded
from ocapi.modules.forms.models import DraftRow, SubmissionRow
from ocapi.modules.forms.services import checking, drafts, wording


def freeze(
    row: DraftRow, definition: FormDefinition, *, actor: Actor, now: datetime, address_form: str
) -> SubmissionRow:
    """Write the submission of a complete draft and remove the draft, in the caller's transaction."""
    answers = checking.answers_of(definition, drafts.filled_of(row, definition))
    attachments = tuple(
        each
        for each in drafts.attachments_of(row)
        if (field := definition.find_field(each.field)) and checking.is_asked(field, answers)
    )
    made = SubmissionRow.objects.create(
        uuid=ids.new_uuid(now),
        draft=row.uuid,
        form=definition.code,
        version=definition.version,
        title=worded(definition.title, address_form),
        service=definition.service or "",
        case_type=definition.case_type or "",
        owner_kind=row.owner_kind,
        owner=row.owner,
        submitted_by=actor.person,
        answers=[
            codec.decode_untyped(codec.encode_json(each))
            for each in wording.answered(definition, answers, attachments, address_form=address_form)
        ],
        attachments=[str(each.file) for each in attachments],
        submitted_at=now,
    )
    row.delete()
    return made
