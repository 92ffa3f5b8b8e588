"""The part of the door for processes: ask somebody to fill in a form, and see whether they did."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.lib.actor import Actor, Subject
from ocapi.modules.forms import queries
from ocapi.modules.forms.data import FormNotFound, FormOpensCase, FormRequest, Withdrawn
from ocapi.modules.forms.models import RequestRow
from ocapi.modules.forms.services import requesting


def ask(
    *, form: str, owner: Subject, reference: str, key: str, actor: Actor, now: datetime
) -> FormRequest:
    """Ask somebody to fill in a form; what they send next of that form answers it, the oldest request first.

    key: of the occasion, at most 100 characters; asking again with it gives the same request, with
    `submission` once it was answered. Nothing is sent: who asks tells the person. Emits RequestAnswered
    when it is answered. Background work only. Raises FormNotFound, FormOpensCase, NotAllowed.
    """
    access.require(actor, "forms.ask")
    held = RequestRow.objects.defer("owner").filter(key=key).first()
    if held is not None:
        return requesting.to_data(held)
    definition = queries.definition_of(queries.current_form(code=form))
    if definition.is_internal:
        raise FormNotFound(form)
    if definition.case_type:
        raise FormOpensCase(form)
    with transaction.atomic():
        row, is_new = requesting.ask(form=form, owner=owner, reference=reference, key=key, now=now)
        if is_new:
            audit.changed(
                actor=actor,
                operation="forms.ask",
                resource=f"formRequest/{row.uuid}",
                about=(owner.uuid,) if owner.kind == "person" else (),
                fields=("form",),
                now=now,
                reference=reference,
            )
    return requesting.to_data(row, is_new=is_new)


def withdraw(*, key: str, actor: Actor, now: datetime) -> Withdrawn | None:
    """Close the request of an occasion that nobody waits for any more; gives whom to tell, None for nobody.

    Once it is closed, or was answered first, it does nothing and gives None. What the person sends of that
    form afterwards answers the next request, else none. Background work only. Raises NotAllowed.
    """
    access.require(actor, "forms.ask")
    with transaction.atomic():
        row = requesting.close(key, now=now)
        if row is None:
            return None
        about = (row.owner,) if row.owner_kind == "person" else ()
        audit.changed(
            actor=actor,
            operation="forms.ask",
            resource=f"formRequest/{row.uuid}",
            about=about,
            fields=("closed_at",),
            now=now,
            reference=row.reference,
        )
    owner = Subject(kind=row.owner_kind, uuid=row.owner)
    return Withdrawn(form=row.form, reference=row.reference, owner=owner)


def has_request(*, form: str, actor: Actor) -> bool:
    """Tell whether a process asked that form of whoever the actor acts for, and still waits for it.

    Raises NotAllowed.
    """
    access.require(actor, "forms.start")
    return actor.subject is not None and requesting.waits(form, actor.subject)


def answers_request(*, submission: UUID) -> bool:
    """Tell whether something that was sent is the answer to what a process asked: it makes no case."""
    return RequestRow.objects.filter(submission=submission).exists()
