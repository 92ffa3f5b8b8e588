"""Reads of notify: rows to data."""

from collections.abc import Iterable
from uuid import UUID

from ocapi.lib import codec
from ocapi.modules.notify.data import (
    Delivery,
    DeliveryState,
    InboxPage,
    InvalidCursor,
    Message,
    MessageNotFound,
    Preferences,
    TopicUnknown,
)
from ocapi.modules.notify.models import DeliveryRow, MessageRow, PreferenceRow, TopicRow
from ocapi.modules.notify.topics import Topic


def get_topic(code: str) -> Topic:
    """Give a topic, or raise TopicUnknown with the codes that are loaded."""
    row = TopicRow.objects.filter(code=code).first()
    if row is None:
        raise TopicUnknown(code, list_topics())
    return codec.convert(row.definition, Topic)


def list_topics() -> tuple[str, ...]:
    """Give the codes of the loaded topics."""
    return tuple(TopicRow.objects.order_by("code").values_list("code", flat=True))


def inbox(recipient: UUID, *, cursor: str, page_size: int) -> InboxPage:
    """Give a page of somebody's messages, newest first; raises InvalidCursor."""
    rows = MessageRow.objects.filter(recipient=recipient).order_by("-id")
    if cursor:
        rows = rows.filter(id__lt=_place(recipient, cursor))
    found = list(rows[: page_size + 1])
    shown = found[:page_size]
    following = str(shown[-1].uuid) if len(found) > page_size else ""
    return InboxPage(items=tuple(to_message(row) for row in shown), cursor=following)


def _place(recipient: UUID, cursor: str) -> int:
    try:
        last = MessageRow.objects.filter(recipient=recipient, uuid=UUID(cursor)).values_list("id", flat=True).first()
    except ValueError:
        last = None
    if last is None:
        raise InvalidCursor(cursor)
    return last


def unread(recipient: UUID) -> int:
    """Count the messages a recipient has not read."""
    return MessageRow.objects.filter(recipient=recipient, read_at__isnull=True).count()


def get_message_row(message: UUID) -> MessageRow:
    """Give the row of a message, or raise MessageNotFound."""
    row = MessageRow.objects.filter(uuid=message).first()
    if row is None:
        raise MessageNotFound(str(message))
    return row


def deliveries(messages: Iterable[UUID]) -> dict[UUID, tuple[Delivery, ...]]:
    """Give the deliveries of messages by the message's uuid."""
    found: dict[UUID, tuple[Delivery, ...]] = {}
    rows = DeliveryRow.objects.filter(message__uuid__in=list(messages)).select_related("message").order_by("id")
    for row in rows:
        made = Delivery(
            uuid=row.uuid, channel=row.channel, state=DeliveryState(row.state), reason=row.reason,
            attempts=row.attempts, changed_at=row.changed_at,
        )
        found[row.message.uuid] = (*found.get(row.message.uuid, ()), made)
    return found


def preferences(person: UUID) -> Preferences:
    """Give what a person chose, or what holds without a choice."""
    chosen = PreferenceRow.objects.filter(person=person).values_list("email", flat=True).first()
    return Preferences() if chosen is None else Preferences(email=chosen)


def to_message(row: MessageRow) -> Message:
    """Give a message as data."""
    return Message(
        uuid=row.uuid, topic=row.topic, title=row.title, body=row.body, link=row.link, reference=row.reference,
        sent_at=row.sent_at, read_at=row.read_at,
    )
