"""The door of jobs: enqueue work, see and retry what failed, webhooks, and one visit of the worker."""

import threading
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.kernel.jobs import errands, neighbors, queries, queue, visiting, webhooks, worker
from ocapi.kernel.jobs.courier import Courier
from ocapi.kernel.jobs.data import (
    Arguments,
    DeadJob,
    DeliveryPage,
    DeliveryState,
    Followed,
    JobState,
    NotFound,
    Subscription,
    SubscriptionState,
    VisitResult,
)
from ocapi.kernel.jobs.extensions import jobs
from ocapi.kernel.jobs.models import DeliveryRow, FollowRow, JobRow, SubscriptionRow
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.tenants import api as tenants
from ocapi.lib.actor import Actor


def enqueue(*, job: str, arguments: Arguments, due_at: datetime, key: str = "") -> UUID:
    """Put a job into the bound organization's queue, in the caller's transaction; gives its uuid.

    arguments: ids and codes only. key: while one with that key waits, no second one is made, and the
    earlier due time counts. Raises UnknownName for a job nobody declared, InvalidArguments.
    """
    jobs.get(job)
    uuid = queue.put(job=job, arguments=arguments, due_at=due_at, key=key)
    tenants.after_commit(outbox.ring_worker)
    return uuid


def visit(
    *, now: datetime, budget_ms: int = 200, max_jobs: int = 50, courier: Courier | None = None,
    only: tuple[str, ...] = (),
) -> VisitResult:
    """Do what is due in the bound organization: seal the log, plan, relay, deliver, run jobs.

    courier: sends facts beside the visit; without one they are sent while the visit waits, and those for an
    organization of this installation at its end, while the bound one is let go.
    only: names of the jobs to run, the others wait on; empty means all.
    """
    return visiting.visit(now=now, budget_ms=budget_ms, max_jobs=max_jobs, courier=courier, only=only)


def finish(*, now: datetime, budget_ms: int, max_jobs: int, courier: Courier | None = None) -> VisitResult:
    """Finish what was set going before the bound organization was replaced; nothing recurs there any more."""
    return visiting.finish(now=now, budget_ms=budget_ms, max_jobs=max_jobs, courier=courier)


def work_off_long() -> int:
    """Do the long jobs that are due in the bound organization, then wake the worker; gives how many."""
    done = errands.work_off()
    outbox.ring_worker()
    return done


def worker_loop(stop: threading.Event) -> None:
    """Serve every organization until `stop` is set: the whole work of the worker process."""
    worker.worker_loop(stop)


def list_dead(*, actor: Actor, limit: int = 100) -> tuple[DeadJob, ...]:
    """Give the jobs that were given up, newest first, each with its reason. Raises NotAllowed."""
    access.require(actor, "jobs.list_dead")
    return queries.dead_jobs(limit=min(max(limit, 1), 500))


def retry(*, job: UUID, actor: Actor, now: datetime) -> None:
    """Try a job that was given up again, from the first attempt. Raises NotAllowed, NotFound."""
    access.require(actor, "jobs.retry")
    with transaction.atomic():
        row = JobRow.objects.filter(uuid=job, state=JobState.DEAD.value).first()
        if row is None:
            raise NotFound(str(job))
        JobRow.objects.filter(id=row.id).delete()
        queue.put(job=row.name, arguments=row.arguments, due_at=now, key=row.key)
        audit.changed(actor=actor, operation="jobs.retry", resource=f"job/{job}", now=now)
        tenants.after_commit(outbox.ring_worker)


def subscribe(
    *, url: str, patterns: tuple[str, ...], actor: Actor, now: datetime, is_internal: bool = False
) -> Subscription:
    """Subscribe a receiver to facts; it becomes active, and gets new ones, when it has agreed.

    patterns: event types, a last `*` for any rest. is_internal: private addresses and plain HTTP are
    approved too, for a demo on one machine. Raises NotAllowed, InvalidSubscription.
    """
    access.require(actor, "jobs.subscribe")
    with transaction.atomic():
        row = webhooks.subscribe(url=url, patterns=patterns, is_internal=is_internal, now=now)
        audit.changed(
            actor=actor, operation="jobs.subscribe", resource=f"webhookSubscription/{row.uuid}", now=now,
            fields=("url", "patterns"),
        )
        tenants.after_commit(outbox.ring_worker)
    return queries.subscription(row)


def subscribe_organization(
    *, organization: str, patterns: tuple[str, ...], actor: Actor, now: datetime
) -> Subscription:
    """Subscribe another organization of this installation to facts; active at once, the same twice is one.

    organization: its key. What it does not follow it refuses at delivery, so nothing reaches who did not ask.
    Raises NotAllowed, InvalidSubscription.
    """
    access.require(actor, "jobs.subscribe")
    with transaction.atomic():
        row = neighbors.subscribe(organization=organization, patterns=patterns, now=now)
        audit.changed(
            actor=actor, operation="jobs.subscribe", resource=f"webhookSubscription/{row.uuid}", now=now,
            fields=("organization", "patterns"),
        )
        tenants.after_commit(outbox.ring_worker)
    return queries.subscription(row)


def follow(*, source: str, patterns: tuple[str, ...], actor: Actor, now: datetime) -> Followed:
    """Agree to take in facts of another organization, named by its IRI; replaces an earlier agreement.

    Raises NotAllowed, InvalidSubscription.
    """
    access.require(actor, "jobs.follow")
    with transaction.atomic():
        row = neighbors.follow(source=source, patterns=patterns, now=now)
        audit.changed(
            actor=actor, operation="jobs.follow", resource=f"followedOrganization/{row.uuid}", now=now,
            fields=("source", "patterns"),
        )
    return queries.followed(row)


def unfollow(*, source: str, actor: Actor, now: datetime) -> None:
    """Refuse further facts of another organization; what came before stays. Raises NotAllowed, NotFound."""
    access.require(actor, "jobs.follow")
    with transaction.atomic():
        row = FollowRow.objects.filter(source=source).first()
        if row is None:
            raise NotFound(source)
        FollowRow.objects.filter(id=row.id).delete()
        audit.changed(
            actor=actor, operation="jobs.follow", resource=f"followedOrganization/{row.uuid}", now=now
        )


def list_follows(*, actor: Actor) -> tuple[Followed, ...]:
    """Give the organizations whose facts are taken in, oldest first. Raises NotAllowed."""
    access.require(actor, "jobs.list_deliveries")
    return queries.follows()


def unsubscribe(*, subscription: UUID, actor: Actor, now: datetime) -> None:
    """End a subscription; what still waits for it is not sent. Raises NotAllowed, NotFound."""
    access.require(actor, "jobs.subscribe")
    with transaction.atomic():
        row = SubscriptionRow.objects.filter(uuid=subscription).first()
        if row is None:
            raise NotFound(str(subscription))
        webhooks.end(row, reason="unsubscribed")
        audit.changed(
            actor=actor, operation="jobs.subscribe", resource=f"webhookSubscription/{subscription}", now=now,
            fields=("state",),
        )


def list_subscriptions(*, actor: Actor) -> tuple[Subscription, ...]:
    """Give every subscription of the bound organization, oldest first. Raises NotAllowed."""
    access.require(actor, "jobs.list_deliveries")
    return queries.subscriptions()


def list_deliveries(
    *, actor: Actor, state: DeliveryState | None = None, cursor: str = "", page_size: int = 20
) -> DeliveryPage:
    """Give deliveries, newest first; state `failed` is the error queue. Raises NotAllowed, InvalidCursor."""
    access.require(actor, "jobs.list_deliveries")
    return queries.deliveries(state=state, cursor=cursor, page_size=min(max(page_size, 1), 100))


def replay(*, delivery: UUID, actor: Actor, now: datetime) -> None:
    """Send a failed or delivered fact again, under the same id. Raises NotAllowed, NotFound."""
    access.require(actor, "jobs.replay")
    _again(DeliveryRow.objects.filter(uuid=delivery), f"webhookDelivery/{delivery}", actor=actor, now=now)


def replay_since(*, subscription: UUID, sequence: int, actor: Actor, now: datetime) -> int:
    """Send a subscriber again what came after a place in the outbox; gives how many."""
    access.require(actor, "jobs.replay")
    rows = DeliveryRow.objects.filter(subscription__uuid=subscription, sequence__gt=sequence)
    return _again(rows, f"webhookSubscription/{subscription}", actor=actor, now=now)


def _again(rows: "queries.DeliveryRows", resource: str, *, actor: Actor, now: datetime) -> int:
    ended = (DeliveryState.FAILED.value, DeliveryState.DELIVERED.value)
    chosen = rows.filter(state__in=ended, subscription__state=SubscriptionState.ACTIVE.value)
    with transaction.atomic():
        row_ids = list(chosen.values_list("id", flat=True))
        if not row_ids:
            raise NotFound(resource)
        DeliveryRow.objects.filter(id__in=row_ids).update(
            state=DeliveryState.WAITING.value, attempts=0, due_at=now
        )
        audit.changed(actor=actor, operation="jobs.replay", resource=resource, now=now)
        tenants.after_commit(outbox.ring_worker)
    return len(row_ids)
