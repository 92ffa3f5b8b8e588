"""One visit of the worker to the bound organization: short, so that no organization starves another."""

import random as chance
from datetime import datetime

from django.db.models import F, Min

from ocapi.kernel.audit import api as audit
from ocapi.kernel.jobs import neighbors, planner, queue, relay, running, webhooks
from ocapi.kernel.jobs.callers import Callers
from ocapi.kernel.jobs.courier import Courier, WaitingCourier
from ocapi.kernel.jobs.data import JobState, VisitResult
from ocapi.kernel.jobs.errands import Errands, long_names
from ocapi.kernel.jobs.models import JobRow
from ocapi.kernel.jobs.timing import Random
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock


def visit(
    *, now: datetime, budget_ms: int, max_jobs: int, courier: Courier | None, random: Random = chance.random,
    only: tuple[str, ...] = (), errands: Errands | None = None, callers: Callers | None = None,
) -> VisitResult:
    """Do what is due, for at most `budget_ms` and `max_jobs` jobs, and tell when to come back.

    errands: does the long jobs elsewhere; without it they are done here, like all others. callers: asks what
    jobs ask outside; without it they are waited for.
    """
    without = long_names() if errands is not None else ()
    did = planner.plan(now=now) + _work(
        now=now, budget_ms=budget_ms, max_jobs=max_jobs, courier=courier, random=random, only=only,
        without=without, callers=callers,
    )
    if errands is not None:
        errands.tend(now=now)
    without += callers.without_room() if callers is not None else ()
    return VisitResult(next_due_at=next_due_at(now, without=without), did=did)


def finish(
    *, now: datetime, budget_ms: int, max_jobs: int, courier: Courier | None, callers: Callers | None = None
) -> VisitResult:
    """Finish what was set going before the bound organization was replaced; nothing recurs there any more."""
    with tenants.lifted():
        did = _work(
            now=now, budget_ms=budget_ms, max_jobs=max_jobs, courier=courier, random=chance.random, only=(),
            without=(), callers=callers,
        )
    without = callers.without_room() if callers is not None else ()
    return VisitResult(next_due_at=now if relay.is_behind() else _set_going(now, without=without), did=did)


def _work(
    *, now: datetime, budget_ms: int, max_jobs: int, courier: Courier | None, random: Random,
    only: tuple[str, ...], without: tuple[str, ...], callers: Callers | None,
) -> int:
    carrier = courier or WaitingCourier()
    ends_at = clock.monotonic() + budget_ms / 1000
    did = _seal(now)
    did += settle(callers, now=now, random=random) if callers is not None else 0
    did += relay.relay(now=now)
    did += _deliver(carrier, now=now, random=random)
    if courier is None:
        did += _hand_over(carrier, now=now, random=random)
    left = max_jobs
    while left and clock.monotonic() < ends_at:
        full = callers.without_room() if callers is not None else ()
        claimed = queue.claim(now=now, only=only, without=without + full)
        if claimed is None:
            break
        running.run(claimed, now=now, random=random, callers=callers)
        left -= 1
        did += 1
    return did


def settle(callers: Callers, *, now: datetime, random: Random = chance.random) -> int:
    """End the jobs of the bound organization whose questions were answered, and keep the lease of the others;
    gives how many ended.
    """
    key = tenants.current().key
    found = callers.answered(key)
    queue.renew(callers.under_way(key), now=now)
    for each in found:
        running.settle(each, now=now, random=random)
    return len(found)


def _seal(now: datetime) -> int:
    due_at = audit.seal_due_at(now=now)
    return int(due_at is not None and due_at <= now and audit.seal(now=now) is not None)


def _deliver(carrier: Courier, *, now: datetime, random: Random) -> int:
    key = tenants.current().key
    receipts = list(carrier.collect(key))
    for receipt in receipts:
        webhooks.mark(receipt, now=now, random=random)
    webhooks.send(webhooks.claim(now=now), carrier)
    at_once = carrier.collect(key)
    for receipt in at_once:
        webhooks.mark(receipt, now=now, random=random)
    return len(receipts) + len(at_once)


def _hand_over(carrier: Courier, *, now: datetime, random: Random) -> int:
    """Bring parcels next door in a visit that stands alone; the worker's loop does it between visits."""
    with tenants.unbound():
        handed = carrier.hand_over(neighbors.hand_over, now=now)
    for receipt in carrier.collect(tenants.current().key):
        webhooks.mark(receipt, now=now, random=random)
    return handed


def next_due_at(now: datetime, *, without: tuple[str, ...] = ()) -> datetime | None:
    """Give when the organization has work again, or None when only a new fact or job can bring some.

    without: jobs that are done elsewhere: those that are due or going wait for no visit.
    """
    if relay.is_behind():
        return now
    candidates = (_set_going(now, without=without), planner.next_due_at())
    return min((at for at in candidates if at is not None), default=None)


def _set_going(now: datetime, *, without: tuple[str, ...] = ()) -> datetime | None:
    """Give when something is due that is under way: a job, a lease, a delivery, a head."""
    queued = JobRow.objects.exclude(state=JobState.DEAD.value)
    if without:
        queued = queued.exclude(name__in=without, due_at__lte=now)
    due = queued.filter(state=JobState.WAITING.value).aggregate(found=Min("due_at"))["found"]
    lease = queued.filter(state=JobState.RUNNING.value).aggregate(found=Min(F("lease_until")))["found"]
    candidates = (due, lease, webhooks.next_due_at(now), audit.seal_due_at(now=now))
    return min((at for at in candidates if at is not None), default=None)
