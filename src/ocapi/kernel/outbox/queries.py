"""Reads of the outbox, in commit order."""

from ocapi.kernel.outbox.data import Published
from ocapi.kernel.outbox.models import EventRow, PositionRow


def list_since(*, sequence: int, limit: int) -> tuple[Published, ...]:
    """Give facts after a place, in order."""
    rows = EventRow.objects.filter(sequence__gt=sequence).order_by("sequence")[:limit]
    return tuple(published(row) for row in rows)


def published(row: EventRow) -> Published:
    """Give a row as data; the row has its sequence."""
    assert row.sequence is not None
    return Published(
        uuid=row.uuid, type=row.type, subject=row.subject, resources=row.resources, data=row.data.encode(),
        personal=row.personal_data.encode(), actor=row.actor, occurred_at=row.occurred_at,
        trace_id=row.trace_id, sequence=row.sequence,
    )


def position(*, reader: str) -> int:
    """Give how far a reader has come; 0 for a new one."""
    return PositionRow.objects.filter(reader=reader).values_list("sequence", flat=True).first() or 0
