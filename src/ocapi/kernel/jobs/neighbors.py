"""Facts from one organization to another on this installation: consent, inbox, hand-over.

The sender's binding has ended before the receiver is bound. Only the CloudEvent crosses, without the personal
part; what is taken in stands in the inbox and never in the receiver's outbox, so it can't go round.
"""

from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, IntegrityError, transaction

from ocapi.kernel.jobs import queue, relay, webhooks
from ocapi.kernel.jobs.courier import Parcel, Receipt
from ocapi.kernel.jobs.data import InvalidSubscription, NotFollowed, OtherFact, SubscriptionState
from ocapi.kernel.jobs.extensions import foreign_handlers
from ocapi.kernel.jobs.models import FollowRow, InboxRow, SubscriptionRow
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.outbox.data import json_object
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import UnknownTenant
from ocapi.lib import codec, ids
from ocapi.lib.tracing import following

HANDLE = "jobs.handle_foreign"
TAKEN, MALFORMED, REFUSED = 202, 400, 403
OTHER_FACT = 409


def subscribe(*, organization: str, patterns: tuple[str, ...], now: datetime) -> SubscriptionRow:
    """Keep a subscription of an organization of this installation; its consent is asked at each delivery."""
    webhooks.check_patterns(patterns)
    try:
        receiver = tenants.by_key(organization)
    except UnknownTenant:
        raise InvalidSubscription("organization: none of this installation has that key") from None
    if receiver.uuid == tenants.current().uuid:
        raise InvalidSubscription("organization: an organization needs no subscription to its own facts")
    active = SubscriptionRow.objects.filter(organization=organization, state=SubscriptionState.ACTIVE.value)
    wanted = sorted(set(patterns))
    same = next((row for row in active.order_by("id") if row.patterns == wanted), None)
    return same or SubscriptionRow.objects.create(
        uuid=ids.new_uuid(now), url=receiver.base_iri, organization=organization, patterns=wanted,
        state=SubscriptionState.ACTIVE.value, is_internal=True,
        since_sequence=outbox.position(reader=relay.READER), created_at=now,
    )


def follow(*, source: str, patterns: tuple[str, ...], now: datetime) -> FollowRow:
    """Agree to take in facts of a source; a second call replaces the patterns."""
    webhooks.check_patterns(patterns)
    if not source.startswith(("https://", "http://")) or source == tenants.current().base_iri:
        raise InvalidSubscription("source: give the IRI of another organization")
    wanted = sorted(set(patterns))
    row, _is_new = FollowRow.objects.update_or_create(
        source=source, defaults={"patterns": wanted},
        create_defaults={"uuid": ids.new_uuid(now), "patterns": wanted, "created_at": now},
    )
    return row


def hand_over(parcel: Parcel, *, now: datetime) -> Receipt:
    """Bind the receiver, put the parcel into its inbox, and give a receipt as a web server would."""
    status, failure = TAKEN, ""
    try:
        sender = tenants.by_key(parcel.tenant_key)
        with tenants.bind(parcel.organization), following.within(parcel.trace_id):
            receive(body=parcel.body, source=sender.base_iri, now=now)
            outbox.ring_worker()
    except UnknownTenant:
        status, failure = webhooks.GONE, "unknownOrganization"
    except NotFollowed:
        status, failure = REFUSED, "notFollowed"
    except OtherFact:
        status, failure = OTHER_FACT, webhooks.OTHER_FACT
    except codec.MalformedInput:
        status, failure = MALFORMED, "malformedEvent"
    except DatabaseError:
        status, failure = 0, "databaseUnavailable"
    return Receipt(delivery=parcel.delivery, fence=parcel.fence, status=status, failure=failure)


def receive(*, body: bytes, source: str, now: datetime) -> bool:
    """Take a CloudEvent of `source` into the bound organization's inbox; False when it was there already.

    Raises NotFollowed unless the organization follows that source for that type, MalformedInput, and
    OtherFact when the first one of that id says something else: it stands.
    """
    event = _Event(body)
    if event.source != source:
        raise NotFollowed("an event speaks for its sender only")
    agreed = FollowRow.objects.filter(source=source).first()
    if agreed is None or not relay.matches(event.type, agreed.patterns):
        raise NotFollowed(event.type)
    try:
        with transaction.atomic():
            row = InboxRow.objects.create(
                uuid=ids.new_uuid(now), source=source, event=event.id, type=event.type, subject=event.subject,
                data=event.data, sequence=event.sequence, occurred_at=event.time, received_at=now,
            )
            for kind in foreign_handlers:
                if kind.event_type == event.type:
                    arguments = {"handler": kind.name, "received": str(row.uuid)}
                    queue.put(job=HANDLE, arguments=arguments, due_at=now, key=f"{kind.name}:{row.uuid}")
    except IntegrityError:
        first = InboxRow.objects.filter(source=source, event=event.id).first()
        if first is None:
            raise
        if not event.is_told_by(first):
            raise OtherFact(str(event.id)) from None
        return False
    return True


class _Event:
    """The members of a CloudEvent that the inbox keeps; raises MalformedInput."""

    def __init__(self, body: bytes) -> None:
        members = json_object(body)
        try:
            self.id = UUID(str(members["id"]))
            self.type, self.source = str(members["type"]), str(members["source"])
            self.subject = str(members.get("subject", ""))
            self.time = datetime.fromisoformat(str(members["time"]))
            self.sequence = int(str(members["sequence"]))
        except (KeyError, ValueError) as failure:
            raise codec.MalformedInput(codec.Reason.INVALID_VALUE, detail=str(failure)) from None
        self.data = codec.encode_json(members.get("data", {})).decode()

    def is_told_by(self, row: InboxRow) -> bool:
        """Tell whether a row says the same; the order of the members of `data` says nothing."""
        kept = (row.type, row.subject, row.sequence, row.occurred_at, json_object(row.data.encode()))
        return kept == (self.type, self.subject, self.sequence, self.time, json_object(self.data.encode()))
