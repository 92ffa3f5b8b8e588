"""Forms that processes ask for: one row per occasion, answered by the next form of that kind that is sent."""

from datetime import datetime

from django.db.models import QuerySet

from ocapi.kernel.outbox import api as outbox
from ocapi.lib import ids
from ocapi.lib.actor import Actor, Subject
from ocapi.modules.forms.data import FormRequest, Submission
from ocapi.modules.forms.events import RequestAnswered
from ocapi.modules.forms.models import RequestRow


def ask(*, form: str, owner: Subject, reference: str, key: str, now: datetime) -> tuple[RequestRow, bool]:
    """Note that somebody is asked, once per key; gives the row and whether it is new."""
    return RequestRow.objects.get_or_create(
        key=key,
        defaults={
            "uuid": ids.new_uuid(now),
            "form": form,
            "owner_kind": owner.kind,
            "owner": owner.uuid,
            "reference": reference[:200],
            "asked_at": now,
        },
    )


def answer(sent: Submission, *, actor: Actor, now: datetime) -> None:
    """Let what was sent answer the oldest request for that form, in the caller's transaction."""
    row = _waiting(sent.form, sent.owner).select_for_update().order_by("id").first()
    if row is None:
        return
    row.submission = sent.uuid
    row.save(update_fields=["submission"])
    outbox.publish(
        RequestAnswered(
            request=row.uuid,
            submission=sent.uuid,
            form=row.form,
            reference=row.reference,
            occasion=row.key,
        ),
        actor=actor,
        now=now,
    )


def _waiting(form: str, owner: Subject) -> QuerySet[RequestRow]:
    return RequestRow.objects.filter(
        owner_kind=owner.kind, owner=owner.uuid, form=form, submission__isnull=True, closed_at__isnull=True
    )


def waits(form: str, owner: Subject) -> bool:
    """Tell whether a process waits for that form of somebody."""
    return _waiting(form, owner).exists()


def close(key: str, *, now: datetime) -> RequestRow | None:
    """Close the request of an occasion; gives it, or None when none of it waits."""
    waiting = RequestRow.objects.select_for_update().filter(
        key=key, submission__isnull=True, closed_at__isnull=True
    )
    row = waiting.first()
    if row is not None:
        row.closed_at = now
        row.save(update_fields=["closed_at"])
    return row


def to_data(row: RequestRow, *, is_new: bool = False) -> FormRequest:
    """Give a request as others see it."""
    return FormRequest(
        uuid=row.uuid, form=row.form, reference=row.reference, submission=row.submission, is_new=is_new
    )
