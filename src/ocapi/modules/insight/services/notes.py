"""Writes of what people add: notes on points, questions they keep, dashboards they compose."""

from datetime import date, datetime
from uuid import UUID

from ocapi.kernel.audit import api as audit
from ocapi.lib import codec, ids
from ocapi.lib.actor import Actor
from ocapi.modules.insight.data.indicators import (
    NotesFull,
    NotTheWriter,
    QueryResult,
    ShownAs,
    TextMissing,
)
from ocapi.modules.insight.models import NoteRow, QueryRow

LONGEST_NOTE = 500
LONGEST_TITLE = 120
MOST_NOTES = 200  # of one indicator; as many as a page shows


def write(*, code: str, period: date, text: str, actor: Actor, now: datetime) -> UUID:
    """Keep a note of whoever acts; raises TextMissing, NotesFull."""
    kept = _kept(text)
    if NoteRow.objects.filter(indicator=code).count() >= MOST_NOTES:
        raise NotesFull
    row = NoteRow.objects.create(
        uuid=ids.new_uuid(now), indicator=code, period=period, text=kept, author=actor.person, written_at=now
    )
    _told(actor, code, now, "text")
    return row.uuid


def _kept(text: str) -> str:
    kept = " ".join(text.split())[:LONGEST_NOTE]
    if not kept:
        raise TextMissing
    return kept


def change(*, note: UUID, text: str, actor: Actor, now: datetime) -> None:
    """Change the text of an own note; one that is gone is no error. Raises TextMissing, NotTheWriter."""
    kept, row = _kept(text), _own(note, actor)
    if row is not None and row.text != kept:
        row.text, row.changed_at = kept, now
        row.save(update_fields=["text", "changed_at"])
        _told(actor, row.indicator, now, "text")


def remove(*, note: UUID, actor: Actor, now: datetime) -> None:
    """Take an own note away; one that is gone is no error. Raises NotTheWriter."""
    row = _own(note, actor)
    if row is not None:
        row.delete()
        _told(actor, row.indicator, now, "text")


def _own(note: UUID, actor: Actor) -> NoteRow | None:
    """Give a note of whoever acts. A note without a known writer belongs to all who may write."""
    row = NoteRow.objects.select_for_update().filter(uuid=note).first()
    if row is not None and row.author is not None and row.author != actor.person:
        raise NotTheWriter
    return row


def _told(actor: Actor, code: str, now: datetime, *names: str) -> None:
    audit.changed(
        actor=actor, operation="insight.write_note", resource=f"indicator/{code}", now=now, fields=names
    )


def save_query(*, title: str, sql: str, shown_as: ShownAs, answer: QueryResult, now: datetime) -> UUID:
    """Keep a question; one of the same title is replaced, and no longer offered. Raises TextMissing."""
    kept = " ".join(title.split())[:LONGEST_TITLE]
    if not kept or not sql.strip():
        raise TextMissing
    values = {
        "sql": sql,
        "shown_as": shown_as.value,
        "columns": codec.encode_json(list(zip(answer.columns, answer.types, strict=True))).decode(),
        "is_offered": False,
        "saved_at": now,
    }
    row, _is_new = QueryRow.objects.update_or_create(
        title=kept, defaults=values, create_defaults={"uuid": ids.new_uuid(now), **values}
    )
    return row.uuid


def offer_query(*, query: UUID, actor: Actor, now: datetime) -> None:
    """Offer the answer of a question as open data."""
    QueryRow.objects.filter(uuid=query).update(is_offered=True)
    audit.changed(
        actor=actor,
        operation="insight.edit_indicators",
        resource=f"query/{query}",
        now=now,
        fields=("is_offered",),
    )


def remove_query(*, query: UUID) -> None:
    """Take a kept question away."""
    QueryRow.objects.filter(uuid=query).delete()
