"""Sending: the answers as they are now, in words, in a row that never changes."""

from datetime import datetime

from ocapi.lib import codec, ids
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn.engine import values as variables
from ocapi.modules.forms.data import FormDefinition, worded
from ocapi.modules.forms.models import DraftRow, SubmissionRow
from ocapi.modules.forms.services import checking, drafts, wording


def freeze(
    row: DraftRow,
    definition: FormDefinition,
    decided: checking.Decided,
    *,
    actor: Actor,
    now: datetime,
    address_form: str,
) -> SubmissionRow:
    """Write the submission of a complete draft and remove the draft, in the caller's transaction."""
    answers = decided.answers
    attachments = tuple(each for each in drafts.attachments_of(row) if each.field in decided.asked)
    made = SubmissionRow.objects.create(
        uuid=ids.new_uuid(now),
        draft=row.uuid,
        form=definition.code,
        version=definition.version,
        form_sha256=row.form.sha256,
        title=worded(definition.title, address_form),
        service=definition.service or "",
        case_type=definition.case_type or "",
        owner_kind=row.owner_kind,
        owner=row.owner,
        submitted_by=actor.person,
        answers=[
            codec.decode_untyped(codec.encode_json(each))
            for each in wording.answered(
                definition, answers, attachments, decided.asked, address_form=address_form
            )
        ],
        facts={code: variables.write(fact) for code, fact in decided.facts.items() if fact is not None},
        attachments=[str(each.file) for each in attachments],
        submitted_at=now,
    )
    row.delete()
    return made
