"""Writing facts, and giving them their place in commit order on both databases."""

import dataclasses
from collections.abc import Sequence
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
from ocapi.lib.tracing import following

LOCK_CLASS = 7102  # see audit.sequencer: advisory locks of PostgreSQL are per database
BATCH = 1000


_INSERT = tenants.Insert(
    EventRow, "uuid", "type", "subject", "resources", "data", "personal_data", "actor", "occurred_at",
    "trace_id", "sequence",
)
_LAST = tenants.Statement("SELECT MAX({t.sequence}) FROM {t}", t=EventRow)


def publish(facts: Sequence[Fact], *, actor: Actor, now: datetime) -> list[UUID]:
    """Write facts in the transaction of their change, in order; raises OutsideTransaction."""
    if not facts:
        return []
    if not connection.in_atomic_block:
        raise OutsideTransaction(type(facts[0]).event_type)
    last = (_LAST.rows()[0][0] or 0) if connection.vendor == "sqlite" else None
    label, trace = actor.label, actor.trace_id or following.current()
    kinds: set[type[Fact]] = {type(fact) for fact in facts}
    named = {kind: (kind.event_type, kind.subject_field, _resources(kind)) for kind in kinds}
    rows = []
    parts = _parts_of_plain(facts) if all(map(_is_plain, kinds)) else [_parts(each) for each in facts]
    for place, (uuid, fact) in enumerate(zip(ids.new_uuids(now, len(facts)), facts, strict=True), start=1):
        kind, subject, resources = named[type(fact)]
        data, personal = parts[place - 1]
        # SQLite has one writer, so that its next number is known; elsewhere a sequencer gives it
        rows.append((
            uuid, kind, str(getattr(fact, subject)), resources, data, personal, label, now, trace,
            None if last is None else last + place,
        ))
    crashpoint.point("outbox.commit.before_insert")
    _INSERT.later(rows)
    crashpoint.point("outbox.commit.before_commit")
    tenants.after_commit(_committed)
    return [row[0] for row in rows]


def _is_plain(kind: type[Fact]) -> bool:
    """Tell whether a fact holds texts and whole numbers alone, so that there is nothing to look at twice."""
    return all(each.type in (str, int) for each in dataclasses.fields(kind))  # type: ignore[arg-type]


def _parts_of_plain(facts: Sequence[Fact]) -> list[tuple[str, str]]:
    return [(each.decode(), "") for each in codec.encode_records(facts)]


def _parts(fact: Fact) -> tuple[str, str]:
    """Give the JSON of a fact without its personal part, and of that part, empty without one."""
    raw = codec.encode_json(fact)
    if not hasattr(fact, "personal"):
        return raw.decode(), ""
    members = json_object(raw)
    personal = members.pop("personal", None)
    return (
        codec.encode_json(members).decode(),
        codec.encode_json(personal).decode() if personal is not None else "",
    )


def _committed() -> None:
    crashpoint.point("outbox.commit.after_commit")
    doorbell.ring()


def _resources(kind: type[Fact]) -> str:
    return getattr(kind, "resources", "") or _plural(kind.event_type.split(".")[3])


def _plural(noun: str) -> str:
    return noun[:-1] + "ies" if noun.endswith("y") else noun + "s"


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
