"""Sending: a complete draft becomes a submission and a case in one transaction,
once however often one clicks.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access.data import NotAllowed, Reason
from ocapi.lib.actor import Actor
from ocapi.modules.cases import api as cases
from ocapi.modules.cases.data import AnsweredFact
from ocapi.modules.forms import api as forms
from ocapi.modules.forms.data import CITIZEN, Answered, Submission
from ocapi.modules.portal.data import CaseTypeMissing, Sent

CHANNEL = "portal"


def send(*, draft: UUID, actor: Actor, now: datetime, address_form: str) -> Sent:
    """Send a draft and open its case, or do neither; the draft's uuid is the idempotency key of the case.

    What answers a question of a process opens none: that process goes on with it.
    """
    with transaction.atomic():
        submission = forms.submit(draft=draft, actor=actor, now=now, address_form=address_form)
        if forms.answers_request(submission=submission.uuid):
            return Sent(submission=submission.uuid)
        if not submission.case_type:
            raise CaseTypeMissing(submission.form)
        made = cases.create(
            case_type=submission.case_type,
            applicant=submission.owner,
            applicant_name=_name_of(actor),
            answers=tuple(_fact(each) for each in submission.answers),
            attachments=submission.attachments,
            service=_service(submission),
            channel=CHANNEL,
            actor=actor,
            now=now,
            idempotency_key=str(draft),
            address_form=address_form,
            submission=submission.uuid,
        )
    return Sent(
        submission=submission.uuid, case=made.uuid, reference=made.reference, due_on=made.due_on
    )


def _name_of(actor: Actor) -> str:
    name = actor.represents_name or actor.display_name
    if not name:
        raise NotAllowed(operation="cases.create", reason=Reason.SIGN_IN_NEEDED)
    return name


def _service(submission: Submission) -> str:
    return submission.service or submission.form


def _fact(answer: Answered) -> AnsweredFact:
    return AnsweredFact(
        section=answer.section,
        field=answer.field,
        label=answer.label,
        value=answer.value_text,
        source="" if answer.source == CITIZEN else answer.source,
    )
