"""From the outbox to whoever wants to know: a job per handler, a delivery per subscriber, the bus."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from ocapi.kernel.jobs import queue
from ocapi.kernel.jobs.data import DeliveryState, SubscriptionState
from ocapi.kernel.jobs.extensions import HandlerKind, handlers, watchers
from ocapi.kernel.jobs.models import DeliveryRow, SubscriptionRow
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.outbox.data import Published, json_object
from ocapi.lib import codec, crashpoint, ids
from ocapi.lib.tracing import following

READER = "relay"
BATCH = 100
LONGEST_VALUE = 90  # characters of what facts are told together by: a key is short
HANDLE = "jobs.handle"
BUS = "jobs.relay_to_bus"


def relay(*, now: datetime) -> int:
    """Turn the next facts into handler jobs and deliveries; gives how many."""
    outbox.assign_sequences()
    facts = outbox.list_since(sequence=outbox.position(reader=READER), limit=BATCH)
    if not facts:
        return 0
    with transaction.atomic():
        active = SubscriptionRow.objects.filter(state=SubscriptionState.ACTIVE.value)
        subscriptions = list(active.order_by("id"))
        watched = [(kind.name, kind.types()) for kind in watchers]
        for fact in facts:
            _to_handlers(fact, now)
            for name in (name for name, types in watched if fact.type in types):
                _queue(name, fact, now)
            _to_subscribers(fact, subscriptions, now)
        if settings.OCAPI.bus_url:
            queue.put(job=BUS, arguments={}, due_at=now, key="bus")
        outbox.advance(reader=READER, to=facts[-1].sequence)
        crashpoint.point("outbox.relay.before_commit")
    crashpoint.point("outbox.relay.after_commit")
    return len(facts)


def _to_handlers(fact: Published, now: datetime) -> None:
    for kind in handlers:
        if kind.event_type == fact.type:
            _queue(kind.name, fact, now, of=_of(kind, fact))


def _of(kind: HandlerKind, fact: Published) -> str:
    """Give what a handler is told once about: a value of the fact, or the fact itself."""
    if kind.once_per:
        value = codec.encode_json(json_object(fact.data).get(kind.once_per)).decode()
        if len(value) <= LONGEST_VALUE:
            return f"{kind.once_per}:{value}"
    return str(fact.uuid)


def _queue(handler: str, fact: Published, now: datetime, *, of: str = "") -> None:
    arguments = {"handler": handler, "event": str(fact.uuid)}
    with following.within(fact.trace_id):
        queue.put(job=HANDLE, arguments=arguments, due_at=now, key=f"{handler}:{of or fact.uuid}")


def _to_subscribers(fact: Published, subscriptions: list[SubscriptionRow], now: datetime) -> None:
    names = (fact.type, outbox.public_type(fact))
    DeliveryRow.objects.bulk_create([
        DeliveryRow(
            uuid=ids.new_uuid(now), subscription=row, event=fact.uuid, event_type=fact.type,
            subject=fact.subject, sequence=fact.sequence, state=DeliveryState.WAITING.value, due_at=now,
        )
        for row in subscriptions
        if fact.sequence > row.since_sequence and any(matches(name, row.patterns) for name in names)
    ])


def matches(event_type: str, patterns: list[str]) -> bool:
    """Tell whether a type fits one of the patterns; a last `*` stands for any rest."""
    return any(
        event_type.startswith(pattern[:-1]) if pattern.endswith("*") else event_type == pattern
        for pattern in patterns
    )


def is_behind() -> bool:
    """Tell whether facts wait to be relayed."""
    return bool(outbox.list_since(sequence=outbox.position(reader=READER), limit=1))
