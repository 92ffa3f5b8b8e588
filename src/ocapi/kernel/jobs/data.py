"""What others may know of jobs, subscriptions and deliveries, and how they can fail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from ocapi.kernel.access.data import Cell, Leaf, Operation, Surface
from ocapi.lib.actor import Assurance

Arguments: TypeAlias = "Mapping[str, str | int | bool]"
"""What a job is given: ids and codes, never personal data."""


class JobState(StrEnum):
    """Where a job stands; one that is done has no row."""

    WAITING = "waiting"
    RUNNING = "running"
    DEAD = "dead"


class SubscriptionState(StrEnum):
    """Where a subscription stands: pending until the receiver agreed, ended by either side."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


class DeliveryState(StrEnum):
    """Where the delivery of one fact to one subscriber stands; `failed` is the error queue."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadJob:
    """A job that was given up: what it was to do, how often it was tried, and why it failed."""

    uuid: UUID
    name: str
    arguments: Arguments
    attempts: int
    error_code: str
    error_text: str
    died_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who receives which facts. patterns: types in our or the BelGIF form, a last `*` for any rest.

    organization: key of an organization of this installation, empty for a webhook; `url` is then its IRI.
    """

    uuid: UUID
    url: str
    patterns: tuple[str, ...]
    state: SubscriptionState
    ended_reason: str = ""
    organization: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Another organization whose facts are taken in. source: its IRI. patterns: as in a subscription."""

    uuid: UUID
    source: str
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One fact on its way to one subscriber. status: last HTTP status, 0 without an answer."""

    uuid: UUID
    subscription: UUID
    event: UUID
    event_type: str
    subject: str
    sequence: int
    state: DeliveryState
    attempts: int
    due_at: datetime
    status: int
    error_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    """One page of deliveries, newest first; `cursor` asks for the next page, empty on the last."""

    items: tuple[Delivery, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitResult:
    """What a visit of the worker did, and when the organization needs the next one; None: not until woken."""

    next_due_at: datetime | None
    did: int


class InvalidArguments(ValueError):
    """A job was given something else than ids and codes."""


class InvalidSubscription(ValueError):
    """A subscription's address or patterns can't be used; the text says which and why."""


class NotFound(LookupError):
    """No job, subscription or delivery of that uuid is in the state asked for."""


class NotFollowed(PermissionError):
    """The organization did not agree to take in facts of this type from this source."""


class OtherFact(ValueError):
    """The source used this id before for a fact with another content; the first one stands."""


class HandshakeRefused(RuntimeError):
    """The receiver did not agree to be sent events."""


class LeaseLost(RuntimeError):
    """Another claim took the job over; what this one did is undone."""


class InvalidCursor(ValueError):
    """A cursor is not one this list gave out."""


def _operation(name: str, resource: str, leaf: Leaf, scope: str) -> Operation:
    return Operation(
        name=name, surface=Surface.REST, resource=resource, min_loa=Assurance.SUBSTANTIAL, leaf=leaf,
        scope=scope, cells={
            "anonymous": Cell.LOGIN, "tenant_admin": Cell.ALLOW, "collective_admin": Cell.ALLOW,
            "suspended": Cell.DENY,
        },
    )


OPERATIONS: tuple[Operation, ...] = (
    _operation("jobs.list_dead", "job", Leaf.NONE, "jobs:deadJobs:read"),
    _operation("jobs.retry", "job", Leaf.CHANGE, "jobs:deadJobs:write"),
    _operation("jobs.list_deliveries", "webhookDelivery", Leaf.NONE, "jobs:deliveries:read"),
    _operation("jobs.replay", "webhookDelivery", Leaf.CHANGE, "jobs:deliveries:write"),
    _operation("jobs.subscribe", "webhookSubscription", Leaf.CHANGE, "jobs:subscriptions:write"),
    _operation("jobs.follow", "followedOrganization", Leaf.CHANGE, "jobs:follows:write"),
)
"""Rows of the policy table that jobs asks for; the composition root adds them."""
