"""The door of notify: send a message once, read one's inbox, choose how to hear of messages."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.access.data import NotAllowed, Reason, Scope
from ocapi.kernel.audit import api as audit
from ocapi.kernel.jobs.extensions import Outside
from ocapi.kernel.registry.extensions import Loaded, PackFile
from ocapi.lib.actor import Actor, Subject
from ocapi.modules.notify import queries, services, topics
from ocapi.modules.notify.data import Delivery, InboxPage, Message, Preferences


def send(
    *,
    person: UUID,
    topic: str,
    values: Mapping[str, str],
    link: str,
    reference: str,
    address_form: str,
    key: str,
    actor: Actor,
    now: datetime,
) -> Message:
    """Put a message in somebody's inbox and have the worker tell them by e-mail, once per key.

    person: recipient, also the uuid of an organization. values: text by placeholder name, others are ignored.
    link: path on the own site. key: names the occasion, such as `case_decided:<case uuid>`; a second call
    with it gives the first message and sends nothing. Runs in the caller's transaction.
    Raises TopicUnknown, PlaceholderMissing, LinkRefused, NotAllowed.
    """
    access.require(actor, "notify.send")
    services.check_link(link)
    held = services.find_sent(recipient=person, key=key)
    if held is not None:
        return queries.to_message(held)
    filled = topics.fill(queries.get_topic(topic), values, address_form=address_form)
    with transaction.atomic():
        row, is_new = services.put(
            filled, recipient=person, topic=topic, link=link, reference=reference, key=key, now=now
        )
        if is_new:
            audit.changed(
                actor=actor,
                operation="notify.send",
                resource=f"message/{row.uuid}",
                now=now,
                about=(person,),
                fields=("title", "body", "email"),
                reference=reference,
            )
    return queries.to_message(row)


def list_inbox(*, actor: Actor, now: datetime, cursor: str | None = None, page_size: int = 20) -> InboxPage:
    """Give the messages of whom the actor is or represents, newest first, and leave a consultation leaf.

    page_size: 1 to 100. Raises NotAllowed, InvalidCursor.
    """
    recipient = _own(actor, "notify.read_inbox")
    page = queries.inbox(recipient, cursor=cursor or "", page_size=min(max(page_size, 1), 100))
    if page.items:
        audit.consulted(
            actor=actor,
            operation="notify.read_inbox",
            about=(recipient,),
            fields=("title", "body"),
            resource=f"inbox/{recipient}",
            now=now,
        )
    return page


def count_unread(*, actor: Actor) -> int:
    """Count the actor's unread messages; 0 for who has no inbox."""
    if actor.subject is None or not access.may(actor, "notify.read_inbox"):
        return 0
    return queries.unread(actor.subject.uuid)


def mark_read(*, message: UUID, actor: Actor, now: datetime) -> None:
    """Note that the recipient read a message; again changes nothing. Raises MessageNotFound, NotAllowed."""
    row = queries.get_message_row(message)
    owners = frozenset(Subject(kind=kind, uuid=row.recipient) for kind in ("person", "organization"))
    access.require(actor, "notify.mark_read", Scope(subjects=owners))
    with transaction.atomic():
        if services.mark_read(row, now=now):
            audit.changed(
                actor=actor,
                operation="notify.mark_read",
                resource=f"message/{row.uuid}",
                now=now,
                about=(row.recipient,),
                fields=("read_at",),
                reference=row.reference,
            )


def get_preferences(*, actor: Actor) -> Preferences:
    """Give how the actor wants to hear of messages; raises NotAllowed."""
    return queries.preferences(_own(actor, "notify.change_preferences"))


def save_preferences(*, email: bool, actor: Actor, now: datetime) -> Preferences:
    """Switch e-mail about messages on or off for the actor; raises NotAllowed."""
    person = _own(actor, "notify.change_preferences")
    with transaction.atomic():
        services.save_preferences(person, email=email, now=now)
        audit.changed(
            actor=actor,
            operation="notify.change_preferences",
            resource=f"preferences/{person}",
            now=now,
            about=(person,),
            fields=("email",),
        )
    return Preferences(email=email)


def list_deliveries(*, messages: Iterable[UUID], actor: Actor) -> dict[UUID, tuple[Delivery, ...]]:
    """Give how far messages came by each channel, by the message's uuid; raises NotAllowed."""
    access.require(actor, "notify.read_deliveries")
    return queries.deliveries(messages)


def deliver(*, delivery: UUID, now: datetime) -> Outside | None:
    """Begin to carry a queued message by its channel, for the worker; gives what is asked of the channel.

    Settling that raises TemporarilyRefused when trying later makes sense.
    """
    return services.deliver(delivery, now=now)


def list_topics() -> tuple[str, ...]:
    """Give the codes of the topics that can be sent."""
    return queries.list_topics()


def load_topics(*, file: PackFile, now: datetime) -> Loaded:
    """Load the topics of a content pack; raises MalformedInput."""
    return services.load_topics(file, now=now)


def _own(actor: Actor, operation: str) -> UUID:
    subject = access.row_filter(actor, operation).subject
    if subject is None:  # the system itself has no inbox
        raise NotAllowed(operation=operation, reason=Reason.NOT_PERMITTED)
    return subject.uuid
