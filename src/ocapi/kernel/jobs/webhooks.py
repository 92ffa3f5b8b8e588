"""Subscriptions and their deliveries: handshake, order per subject, retries, error queue."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

from django.db import connection, models, transaction

from ocapi.kernel.jobs import courier, queue, signing, timing
from ocapi.kernel.jobs.courier import Parcel, Receipt
from ocapi.kernel.jobs.data import (
    DeliveryState,
    HandshakeRefused,
    InvalidSubscription,
    SubscriptionState,
)
from ocapi.kernel.jobs.extensions import Outside
from ocapi.kernel.jobs.models import DeliveryRow, SubscriptionRow
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, crashpoint, egress, ids

LEASE = timedelta(seconds=60)
PER_VISIT = 20
PAUSE = timedelta(seconds=10)  # a receiver that can't be reached gets no other subject's facts meanwhile
LONGEST_WAIT_S = 3600
GONE = 410
OTHER_FACT = "otherFact"
"""Of a receipt: the receiver holds another fact under that id, and sending it again changes nothing."""
HANDSHAKE = "jobs.shake_hands"
PATTERN = re.compile(r"be\.ocapi\.[a-z0-9_.]*\*?")
OPEN = (DeliveryState.WAITING.value, DeliveryState.SENDING.value)


def subscribe(*, url: str, patterns: tuple[str, ...], is_internal: bool, now: datetime) -> SubscriptionRow:
    """Keep a subscription and ask its receiver whether it agrees; facts relayed later go to it."""
    _check(url, patterns, is_internal=is_internal)
    row = SubscriptionRow.objects.create(
        uuid=ids.new_uuid(now), url=url, patterns=sorted(set(patterns)),
        state=SubscriptionState.PENDING.value, is_internal=is_internal,
        since_sequence=outbox.position(reader="relay"), created_at=now,
    )
    queue.put(job=HANDSHAKE, arguments={"subscription": str(row.uuid)}, due_at=now, key=str(row.uuid))
    return row


def _check(url: str, patterns: tuple[str, ...], *, is_internal: bool) -> None:
    try:
        parts = urlsplit(url)
        has_place = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise InvalidSubscription("url: not an address") from None
    if not has_place or parts.username or parts.password or len(url) > 500:
        raise InvalidSubscription("url: not an address")
    if parts.scheme != "https" and not (is_internal and parts.scheme == "http"):
        raise InvalidSubscription("url: use https")
    check_patterns(patterns)


def check_patterns(patterns: tuple[str, ...]) -> None:
    """Refuse patterns that name no type of ours; raises InvalidSubscription."""
    if not patterns or not all(PATTERN.fullmatch(pattern) for pattern in patterns):
        raise InvalidSubscription("patterns: give event types that start with be.ocapi.")


def shake_hands(*, subscription: str) -> Outside | None:
    """Ask the receiver whether we may send (CloudEvents Web Hooks 1.0, section 4)."""
    row = SubscriptionRow.objects.get(uuid=UUID(subscription))
    if row.state != SubscriptionState.PENDING.value:
        return None
    origin = urlsplit(tenants.current().base_iri).hostname or ""
    ask = partial(
        egress.send, method="OPTIONS", url=row.url, headers={"WebHook-Request-Origin": origin}, body=b"",
        allowed=courier.allowed(row.url, is_internal=row.is_internal), limits=courier.LIMITS,
    )
    return Outside(ask=ask, settle=partial(_shaken, row.id, origin))


def _shaken(row_id: int, origin: str, answer: Callable[[], egress.Answer], *, now: datetime) -> None:
    given = answer()
    if not 200 <= given.status < 300 or given.headers.get("webhook-allowed-origin") not in (origin, "*"):
        raise HandshakeRefused(f"status {given.status}")
    pending = SubscriptionRow.objects.filter(id=row_id, state=SubscriptionState.PENDING.value)
    pending.update(state=SubscriptionState.ACTIVE.value)


def sendable(now: datetime) -> "models.QuerySet[DeliveryRow]":
    """Give deliveries that may go: due, receiver not paused, nothing earlier of the same subject open."""
    due = models.Q(state=DeliveryState.WAITING.value, due_at__lte=now)
    left_behind = models.Q(state=DeliveryState.SENDING.value, lease_until__lte=now)
    earlier = DeliveryRow.objects.filter(
        subscription=models.OuterRef("subscription"), subject=models.OuterRef("subject"),
        sequence__lt=models.OuterRef("sequence"), state__in=OPEN,
    )
    paused = models.Q(subscription__paused_until__gt=now)
    rows = DeliveryRow.objects.filter(due | left_behind).exclude(paused)
    rows = rows.filter(subscription__state=SubscriptionState.ACTIVE.value)
    return rows.filter(~models.Exists(earlier)).order_by("due_at", "sequence", "id")


def claim(*, now: datetime) -> tuple[Parcel, ...]:
    """Claim what may be sent now and give it as signed requests."""
    with transaction.atomic():
        rows = sendable(now).select_related("subscription")
        if connection.vendor == "postgresql":
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        claimed = list(rows[:PER_VISIT])
        for row in claimed:
            row.state, row.lease_until = DeliveryState.SENDING.value, now + LEASE
            row.attempts += 1
            row.fence += 1
            row.save(update_fields=["state", "lease_until", "attempts", "fence"])
        crashpoint.point("outbox.claim.before_commit")
    crashpoint.point("outbox.claim.after_commit")
    return tuple(_parcel(row, now) for row in claimed)


def _parcel(row: DeliveryRow, now: datetime) -> Parcel:
    fact = outbox.find(event=row.event)
    assert fact is not None, "facts are kept as long as their deliveries"
    tenant = tenants.current()
    if row.subscription.organization:
        return Parcel(
            tenant_key=tenant.key, delivery=row.uuid, fence=row.fence, url=row.subscription.url, headers={},
            body=codec.encode_json(outbox.to_cloud_event(fact, tenant.base_iri)), is_internal=True,
            organization=row.subscription.organization, trace_id=fact.trace_id,
        )
    body = codec.encode_json(outbox.to_public_event(fact, tenant.base_iri))
    sent = {
        "Content-Type": outbox.CONTENT_TYPE,
        "WebHook-Request-Origin": urlsplit(tenant.base_iri).hostname or "",
        "Idempotency-Key": str(fact.uuid),
        **signing.headers(event_id=str(fact.uuid), body=body, now=now),
    }
    return Parcel(
        tenant_key=tenant.key, delivery=row.uuid, fence=row.fence, url=row.subscription.url, headers=sent,
        body=body, is_internal=row.subscription.is_internal, trace_id=fact.trace_id,
    )


def send(parcels: tuple[Parcel, ...], carrier: courier.Courier) -> None:
    """Hand claimed requests to the courier."""
    for parcel in parcels:
        crashpoint.point("outbox.send.before_post")
        carrier.post(parcel)
        crashpoint.point("outbox.send.after_post")


def mark(receipt: Receipt, *, now: datetime, random: timing.Random) -> None:
    """Record what came of a delivery; a receipt under a lost lease changes nothing."""
    with transaction.atomic():
        held = DeliveryRow.objects.filter(
            uuid=receipt.delivery, fence=receipt.fence, state=DeliveryState.SENDING.value
        )
        row = held.select_related("subscription").first()
        if row is None:
            return
        row.status, row.error_code, row.lease_until = receipt.status, receipt.failure, None
        if 200 <= receipt.status < 300:
            row.state = DeliveryState.DELIVERED.value
        elif receipt.status == GONE:
            end(row.subscription, reason="gone")
            row.state = DeliveryState.ENDED.value
        elif receipt.failure == OTHER_FACT:
            row.state, row.due_at = DeliveryState.FAILED.value, now
        else:
            _postpone(row, receipt, now=now, random=random)
        row.save()
        crashpoint.point("outbox.mark.before_commit")
    crashpoint.point("outbox.mark.after_commit")


def _postpone(row: DeliveryRow, receipt: Receipt, *, now: datetime, random: timing.Random) -> None:
    due_at = timing.retry_at(attempts=row.attempts, now=now, random=random)
    row.error_code = receipt.failure or f"status{receipt.status}"
    if due_at is None:
        row.state, row.due_at = DeliveryState.FAILED.value, now
        return
    asked = now + timedelta(seconds=min(receipt.retry_after_s, LONGEST_WAIT_S))
    row.state, row.due_at = DeliveryState.WAITING.value, max(due_at, asked)
    if receipt.status == 0:
        SubscriptionRow.objects.filter(id=row.subscription_id).update(paused_until=now + PAUSE)


def end(subscription: SubscriptionRow, *, reason: str) -> None:
    """End a subscription; what still waits for it is not sent."""
    SubscriptionRow.objects.filter(id=subscription.id).update(
        state=SubscriptionState.ENDED.value, ended_reason=reason
    )
    waiting = DeliveryRow.objects.filter(subscription=subscription, state=DeliveryState.WAITING.value)
    waiting.update(state=DeliveryState.ENDED.value)


def next_due_at(now: datetime) -> datetime | None:
    """Give when the next delivery may be due, or None; what waits behind another is not counted."""
    active = DeliveryRow.objects.filter(subscription__state=SubscriptionState.ACTIVE.value)
    if sendable(now).exists():
        return now
    found = active.filter(state__in=OPEN).aggregate(
        due=models.Min("due_at", filter=models.Q(state=DeliveryState.WAITING.value, due_at__gt=now)),
        lease=models.Min("lease_until", filter=models.Q(lease_until__gt=now)),
        pause=models.Min("subscription__paused_until", filter=models.Q(subscription__paused_until__gt=now)),
    )
    return min((at for at in found.values() if at is not None), default=None)
