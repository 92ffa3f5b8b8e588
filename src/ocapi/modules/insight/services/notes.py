"""Writes of what people add: notes on points, questions they keep, dashboards they compose."""

from datetime import date, datetime
from uuid import UUID

from ocapi.kernel.audit import api as audit
from ocapi.lib import ids
from ocapi.lib.actor import Actor
from ocapi.modules.insight.data.indicators import Note, TextMissing
from ocapi.modules.insight.models import NoteRow

LONGEST_NOTE = 500


def write(*, code: str, period: date, text: str, actor: Actor, now: datetime) -> Note:
    """Keep a note; raises TextMissing."""
    kept = " ".join(text.split())[:LONGEST_NOTE]
    if not kept:
        raise TextMissing
    row = NoteRow.objects.create(uuid=ids.new_uuid(now), indicator=code, period=period, text=kept, written_at=now)
    _told(actor, code, now, "text")
    return Note(uuid=row.uuid, indicator=code, period=period, text=kept, written_at=now)


def remove(*, note: UUID, actor: Actor, now: datetime) -> None:
    """Take a note away."""
    row = NoteRow.objects.filter(uuid=note).first()
    if row is not None:
        row.delete()
        _told(actor, row.indicator, now, "text")


def _told(actor: Actor, code: str, now: datetime, *names: str) -> None:
    audit.changed(actor=actor, operation="insight.write_note", resource=f"indicator/{code}", now=now, fields=names)
