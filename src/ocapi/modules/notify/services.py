"""Sending messages, carrying them by channels, and loading topics."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.jobs.extensions import Outside
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.extensions import Loaded, PackFile
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, crashpoint, ids
from ocapi.modules.notify import queries, topics
from ocapi.modules.notify.data import DeliveryState, LinkRefused, Outcome, Parcel, TemporarilyRefused
from ocapi.modules.notify.extensions import Channel, channels
from ocapi.modules.notify.models import DeliveryRow, MessageRow, PreferenceRow, TopicRow
from ocapi.modules.notify.topics import Filled

DELIVER = "notify.deliver"
MAX_ATTEMPTS = 5
LANGUAGE = "nl-BE"


def load_topics(file: PackFile, *, now: datetime) -> Loaded:
    """Store the topics of a pack in place of its earlier ones; raises MalformedInput."""
    read = topics.read_topics(file.raw)
    for topic in read:
        values = {
            "pack": file.pack,
            "loaded_at": now,
            "definition": codec.decode_untyped(codec.encode_json(topic)),
        }
        TopicRow.objects.update_or_create(
            code=topic.code, defaults=values, create_defaults={"uuid": ids.new_uuid(now), **values}
        )
    TopicRow.objects.filter(pack=file.pack).exclude(code__in=[topic.code for topic in read]).delete()
    return Loaded(written=len(read))


def check_link(link: str) -> None:
    """Refuse a link that leaves the organization's own site."""
    is_path = link.startswith("/") and not link.startswith(("//", "/\\"))
    if not is_path or any(each.isspace() or not each.isprintable() for each in link):
        raise LinkRefused("a link is a path on the own site, such as /mijn/zaken")


def find_sent(*, recipient: UUID, key: str) -> MessageRow | None:
    """Find the message that was sent to a recipient under a key."""
    return MessageRow.objects.filter(recipient=recipient, key=key).first()


def put(
    filled: Filled, *, recipient: UUID, topic: str, link: str, reference: str, key: str, now: datetime
) -> tuple[MessageRow, bool]:
    """Put a message in an inbox and queue its deliveries; gives the row and whether it is new."""
    try:
        with transaction.atomic():
            row = MessageRow.objects.create(
                uuid=ids.new_uuid(now),
                recipient=recipient,
                key=key,
                topic=topic,
                title=filled.title[:300],
                body=filled.body,
                email_subject=filled.email_subject[:300],
                email_body=filled.email_body,
                link=link,
                reference=reference,
                sent_at=now,
            )
    except IntegrityError:
        held = find_sent(recipient=recipient, key=key)
        if held is None:
            raise
        return held, False
    for channel in channels:
        if wants(channel, recipient) and channel.find_address(person=recipient):
            _queue(row, channel, now)
    return row, True


def wants(channel: Channel, person: UUID) -> bool:
    """Tell whether a person wants to hear by a channel; a choice exists for e-mail."""
    return channel.name != "email" or queries.preferences(person).email


def _queue(row: MessageRow, channel: Channel, now: datetime) -> None:
    delivery = DeliveryRow.objects.create(
        uuid=ids.new_uuid(now),
        message=row,
        channel=channel.name,
        state=DeliveryState.QUEUED.value,
        changed_at=now,
    )
    jobs.enqueue(
        job=DELIVER, arguments={"delivery": str(delivery.uuid)}, due_at=now, key=f"{DELIVER}:{delivery.uuid}"
    )


def deliver(delivery: UUID, *, now: datetime) -> Outside | None:
    """Begin to carry a queued message by its channel, at most once; None when there is nothing to carry.

    The row says `sending` durably before anything goes out. A run that finds `sending` follows one that was
    cut short: whether the message went out is unknown, and it is not sent twice.
    """
    row = _claim(delivery, now)
    if row is None:
        return None
    channel = channels.find(row.channel)
    if channel is None:
        _record(row, Outcome(state=DeliveryState.NOT_SENT, reason="noChannel"), now)
        return None
    address = channel.find_address(person=row.message.recipient)
    if not address or not wants(channel, row.message.recipient):
        _record(
            row,
            Outcome(state=DeliveryState.NOT_SENT, reason="noAddress" if not address else "switchedOff"),
            now,
        )
        return None
    crashpoint.point("notify.deliver.before_hand_over")
    ask = partial(channel.deliver, parcel=_parcel(row, address))
    return Outside(ask=ask, settle=partial(_carried, row))


def _carried(row: DeliveryRow, answer: Callable[[], Outcome], *, now: datetime) -> None:
    """Record what became of a message; TemporarilyRefused means: try again."""
    try:
        outcome = answer()
    except TemporarilyRefused as refusal:
        if row.attempts >= MAX_ATTEMPTS:
            _record(row, Outcome(state=DeliveryState.FAILED, reason=refusal.reason), now)
            return
        _record(row, Outcome(state=DeliveryState.QUEUED, reason=refusal.reason), now)
        raise
    crashpoint.point("notify.deliver.after_hand_over")
    _record(row, outcome, now)


def _claim(delivery: UUID, now: datetime) -> DeliveryRow | None:
    with transaction.atomic():
        row = DeliveryRow.objects.select_for_update().filter(uuid=delivery).first()
        if row is None or row.state not in (DeliveryState.QUEUED.value, DeliveryState.SENDING.value):
            return None
        if row.state == DeliveryState.SENDING.value:
            _record(row, Outcome(state=DeliveryState.FAILED, reason="interrupted"), now)
            return None
        row.state, row.attempts, row.changed_at = DeliveryState.SENDING.value, row.attempts + 1, now
        row.save(update_fields=["state", "attempts", "changed_at"])
    return row


def _record(row: DeliveryRow, outcome: Outcome, now: datetime) -> None:
    row.state, row.reason, row.changed_at = outcome.state.value, outcome.reason[:60], now
    row.save(update_fields=["state", "reason", "changed_at"])


def _parcel(row: DeliveryRow, address: str) -> Parcel:
    organization = registry.settings_of("organization")["name"] or tenants.current().key
    chosen = registry.settings_of("notify")
    site = (chosen["site_url"] or tenants.current().base_iri).rstrip("/")
    text = "\n\n".join((row.message.email_body, f"{site}{row.message.link}", organization)) + "\n"
    return Parcel(
        delivery=row.uuid,
        address=address,
        sender=organization,
        subject=row.message.email_subject,
        text=text,
        sender_address=chosen["sender_address"] or f"noreply@{_domain(site)}",
        language=LANGUAGE,
    )


def _domain(site: str) -> str:
    return urlsplit(site).hostname or str(settings.OCAPI.base_domain)


def mark_read(row: MessageRow, *, now: datetime) -> bool:
    """Note when a message was first read; tells whether this was the first time."""
    return MessageRow.objects.filter(pk=row.pk, read_at__isnull=True).update(read_at=now) == 1


def save_preferences(person: UUID, *, email: bool, now: datetime) -> None:
    """Keep a person's choice."""
    values = {"email": email, "changed_at": now}
    PreferenceRow.objects.update_or_create(
        person=person, defaults=values, create_defaults={"uuid": ids.new_uuid(now), **values}
    )
