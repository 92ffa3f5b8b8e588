"""Writes of what people add: notes on points, questions they keep, dashboards they compose."""

from datetime import date, datetime
from uuid import UUID

from ocapi.kernel.audit import api as audit
from ocapi.lib import ids
from ocapi.lib.actor import Actor
from ocapi.modules.insight.data.indicators import Note, SavedQuery, TextMissing
from ocapi.modules.insight.models import NoteRow, QueryRow

LONGEST_NOTE = 500
LONGEST_TITLE = 120


def write(*, code: str, period: date, text: str, actor: Actor, now: datetime) -> Note:
    """Keep a note; raises TextMissing."""
    kept = " ".join(text.split())[:LONGEST_NOTE]
    if not kept:
        raise TextMissing
    row = NoteRow.objects.create(
        uuid=ids.new_uuid(now), indicator=code, period=period, text=kept, written_at=now
    )
    _told(actor, code, now, "text")
    return Note(uuid=row.uuid, indicator=code, period=period, text=kept, written_at=now)


def remove(*, note: UUID, actor: Actor, now: datetime) -> None:
    """Take a note away."""
    row = NoteRow.objects.filter(uuid=note).first()
    if row is not None:
        row.delete()
        _told(actor, row.indicator, now, "text")


def _told(actor: Actor, code: str, now: datetime, *names: str) -> None:
    audit.changed(
        actor=actor, operation="insight.write_note", resource=f"indicator/{code}", now=now, fields=names
    )


def save_query(*, title: str, sql: str, now: datetime) -> SavedQuery:
    """Keep a question; one of the same title is replaced. Raises TextMissing."""
    kept = " ".join(title.split())[:LONGEST_TITLE]
    if not kept or not sql.strip():
        raise TextMissing
    row, _is_new = QueryRow.objects.update_or_create(
        title=kept,
        defaults={"sql": sql, "saved_at": now},
        create_defaults={"uuid": ids.new_uuid(now), "sql": sql, "saved_at": now},
    )
    return SavedQuery(uuid=row.uuid, title=row.title, sql=row.sql)


def remove_query(*, query: UUID) -> None:
    """Take a kept question away."""
    QueryRow.objects.filter(uuid=query).delete()
