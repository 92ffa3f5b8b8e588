"""The door of outbox: publish facts, read them in commit order, and pass them to the bus."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from ocapi.kernel.outbox import bus, cloudevents, doorbell, queries, writing
from ocapi.kernel.outbox.data import Published
from ocapi.kernel.outbox.models import EventRow, PositionRow
from ocapi.lib.actor import Actor
from ocapi.lib.envelope import Fact

CONTENT_TYPE = cloudevents.CONTENT_TYPE


def publish(fact: Fact, *, actor: Actor, now: datetime) -> UUID:
    """Publish a fact in the transaction of the change it tells of; gives the event's id.

    After commit the worker is woken. Raises OutsideTransaction.
    """
    return writing.publish((fact,), actor=actor, now=now)[0]


def publish_all(facts: Sequence[Fact], *, actor: Actor, now: datetime) -> None:
    """Publish facts of one change, in order, in one statement; see `publish`. Raises OutsideTransaction."""
    writing.publish(facts, actor=actor, now=now)


def list_since(*, sequence: int, limit: int = 100) -> tuple[Published, ...]:
    """Give the facts after a place in commit order, at most `limit`; 0 begins at the first."""
    return queries.list_since(sequence=sequence, limit=limit)


def find(*, event: UUID) -> Published | None:
    """Give a sequenced fact by its id, or None."""
    row = EventRow.objects.filter(uuid=event, sequence__isnull=False).first()
    return queries.published(row) if row else None


def assign_sequences() -> int:
    """Number what was committed since last time, in commit order; the relay calls it before it reads."""
    return writing.assign_sequences()


def position(*, reader: str) -> int:
    """Give the last sequence number a reader dealt with; 0 for a new reader."""
    return queries.position(reader=reader)


def advance(*, reader: str, to: int) -> None:
    """Remember how far a reader has come, in the transaction of what it did."""
    PositionRow.objects.update_or_create(reader=reader, defaults={"sequence": to})


def to_cloud_event(published: Published, base_iri: str) -> dict[str, object]:
    """Give a fact as a CloudEvents 1.0 object with our own type; the personal part is never in it."""
    return cloudevents.to_cloud_event(published, base_iri)


def to_public_event(published: Published, base_iri: str) -> dict[str, object]:
    """Give a fact as subscribers outside receive it: BelGIF type and service, no personal part."""
    return cloudevents.to_public_event(published, base_iri)


def public_type(published: Published) -> str:
    """Give the BelGIF type under which subscribers outside know a fact."""
    return cloudevents.public_type(published)[0]


def ring_worker() -> None:
    """Wake the worker for the bound organization; call it after commit."""
    doorbell.ring()


def worker_socket() -> Path:
    """Give the path of the datagram socket at which the worker listens."""
    return doorbell.socket_path()


def relay_to_bus(*, limit: int = 500) -> int:
    """Send the next facts to the bus of OCAPI_BUS_URL; gives how many, 0 without a bus.

    Raises OSError or nats' own errors when the bus is down; the caller's job tries again.
    """
    return bus.relay(limit=limit)
