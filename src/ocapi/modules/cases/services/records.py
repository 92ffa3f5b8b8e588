"""What every change of a case shares: lock and revision, history, event and leaf, keys used before."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from ocapi.kernel.audit import api as audit
from ocapi.kernel.outbox import api as outbox
from ocapi.lib import codec, ids
from ocapi.lib.actor import Actor, Capacity
from ocapi.lib.envelope import Fact
from ocapi.modules.cases import data, queries
from ocapi.modules.cases.data import Action
from ocapi.modules.cases.models import CaseRow, RequestKeyRow, StatusRow

KEY_KEPT = timedelta(days=31)  # conventions.md 3.7
MAX_KEYS_PER_RUN = 5000


def locked(*, case: UUID) -> CaseRow:
    """Give a case's row, locked until the transaction ends, or raise CaseNotFound."""
    row = (
        CaseRow.objects.select_for_update(of=("self",)).select_related("case_type").filter(uuid=case).first()
    )
    if row is None:
        raise data.CaseNotFound(str(case))
    return row


def require_revision(row: CaseRow, *, revision: int, reader: queries.Reader) -> None:
    """Raise CaseChanged with the present case when the caller saw another revision."""
    if row.revision != revision:
        theirs = queries.summary_of(row, queries.case_type_of(row.case_type), reader)
        raise data.CaseChanged(
            theirs=theirs, since=queries.history_since(row, revision=revision, reader=reader)
        )


def require_action(row: CaseRow, action: Action) -> None:
    """Raise InvalidTransition when the case type forbids the action now."""
    if not queries.case_type_of(row.case_type).allows(action, status=row.status):
        raise data.InvalidTransition(status=row.status, action=action)


def staff_name(actor: Actor) -> str:
    """Give the name that history shows: of staff only, others are the applicant or a machine."""
    return actor.display_name if actor.capacity is Capacity.STAFF else ""


def record(row: CaseRow, action: Action, *, fact: type[Fact] | None, fields: tuple[str, ...], operation: str,
           actor: Actor, now: datetime, reference_only: bool = False) -> None:
    """Save a changed case as its next revision with history, event and change leaf."""
    if not reference_only:
        row.revision += 1
        row.save()
    StatusRow.objects.create(
        uuid=ids.new_uuid(now),
        case=row,
        revision=row.revision,
        action=action.value,
        status=row.status,
        at=now,
        by=actor.person,
        by_name=staff_name(actor),
    )
    if fact is not None:
        outbox.publish(_fact(fact, row), actor=actor, now=now)
    audit.changed(
        actor=actor, operation=operation, resource=f"case/{row.uuid}", now=now, about=queries.persons_of(row),
        fields=fields, reference=row.reference,
    )


def _fact(fact: type[Fact], row: CaseRow) -> Fact:
    return fact(  # type: ignore[call-arg]
        case=row.uuid,
        case_type=row.case_type_code,
        service=row.service,
        channel=row.channel,
        status=row.status,
        outcome=row.outcome,
        received_on=row.received_on,
        due_on=row.due_on,
        decided_on=row.decided_on,
    )


def fingerprint(value: object) -> str:
    """Give the hash under which a request's body is compared with a later one."""
    return hashlib.sha256(codec.canonical_json(value)).hexdigest()


def find_repeated(*, operation: str, key: str, body: str, actor: Actor, now: datetime) -> UUID | None:
    """Give the case an earlier request with this key led to, or None; raises IdempotencyConflict."""
    if not key:
        return None
    row = RequestKeyRow.objects.select_related("case").filter(
        key_sha256=_key_hash(operation, key, actor), used_at__gt=now - KEY_KEPT).first()
    if row is None:
        return None
    if row.body_sha256 != body:
        raise data.IdempotencyConflict(key)
    return row.case.uuid


def remember(row: CaseRow, *, operation: str, key: str, body: str, actor: Actor, now: datetime) -> None:
    """Keep an idempotency key in the transaction of what it led to; an older use of it makes way."""
    if not key:
        return
    hashed = _key_hash(operation, key, actor)
    RequestKeyRow.objects.filter(key_sha256=hashed, used_at__lte=now - KEY_KEPT).delete()
    RequestKeyRow.objects.create(
        uuid=ids.new_uuid(now), key_sha256=hashed, body_sha256=body, case=row, used_at=now
    )


def forget_keys(*, now: datetime) -> int:
    """Delete keys older than 31 days, at most MAX_KEYS_PER_RUN; gives how many."""
    old = (
        RequestKeyRow.objects.filter(used_at__lte=now - KEY_KEPT)
        .order_by("used_at")
        .values_list("id", flat=True)
    )
    count, _per_model = RequestKeyRow.objects.filter(id__in=list(old[:MAX_KEYS_PER_RUN])).delete()
    return count


def _key_hash(operation: str, key: str, actor: Actor) -> str:
    return hashlib.sha256(f"{operation}\n{actor.label}\n{key}".encode()).hexdigest()
