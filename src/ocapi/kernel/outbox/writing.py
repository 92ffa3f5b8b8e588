"""Writing facts, and giving them their place in commit order on both databases."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from ocapi.kernel.outbox import doorbell
from ocapi.kernel.outbox.data import OutsideTransaction, json_object
from ocapi.kernel.outbox.models import EventRow
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, crashpoint, ids
from ocapi.lib.actor import Actor
from ocapi.lib.envelope import Fact

LOCK_CLASS = 7102  # see audit.sequencer: advisory locks of PostgreSQL are per database
BATCH = 1000


def publish(fact: Fact, *, actor: Actor, now: datetime) -> UUID:
    """Write a fact in the transaction of its change; raises OutsideTransaction."""
    kind = type(fact)
    if not connection.in_atomic_block:
        raise OutsideTransaction(kind.event_type)
    members = json_object(codec.encode_json(fact))
    personal = members.pop("personal", None)
    crashpoint.point("outbox.commit.before_insert")
    row = EventRow.objects.create(
        uuid=ids.new_uuid(now), type=kind.event_type, subject=str(getattr(fact, kind.subject_field)),
        resources=getattr(kind, "resources", "") or _plural(kind.event_type.split(".")[3]),
        data=codec.encode_json(members).decode(),
        personal_data=codec.encode_json(personal).decode() if personal is not None else "",
        actor=actor.label, occurred_at=now, trace_id=actor.trace_id, sequence=_sequence_now(),
    )
    crashpoint.point("outbox.commit.before_commit")
    tenants.after_commit(_committed)
    return row.uuid


def _committed() -> None:
    crashpoint.point("outbox.commit.after_commit")
    doorbell.ring()


def _plural(noun: str) -> str:
    return noun[:-1] + "ies" if noun.endswith("y") else noun + "s"


def _sequence_now() -> int | None:
    """Give the next number on SQLite, whose only writer this is; None where a sequencer does it."""
    if connection.vendor != "sqlite":
        return None
    return (EventRow.objects.aggregate(last=Max("sequence"))["last"] or 0) + 1


def assign_sequences() -> int:
    """Number what was committed since last time; gives how many. On SQLite there is never anything to do."""
    if connection.vendor == "sqlite" or not EventRow.objects.filter(sequence__isnull=True).exists():
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(current_schema()))", [LOCK_CLASS])
        waiting = EventRow.objects.filter(sequence__isnull=True).order_by("id")
        row_ids = list(waiting.values_list("id", flat=True)[:BATCH])
        last = EventRow.objects.aggregate(last=Max("sequence"))["last"] or 0
        places = [(last + offset, row_id) for offset, row_id in enumerate(row_ids, start=1)]
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE outbox_event SET sequence = %s WHERE id = %s", places)
        crashpoint.point("outbox.sequence.before_commit")
    crashpoint.point("outbox.sequence.after_commit")
    return len(row_ids)
