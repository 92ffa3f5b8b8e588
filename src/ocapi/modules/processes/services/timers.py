"""Timers that are due: each fires once, whoever of the workers comes first."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import models, transaction

from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock, crashpoint
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn import timing
from ocapi.lib.bpmn.engine import Occurred
from ocapi.modules.processes import data
from ocapi.modules.processes.models import TimerRow
from ocapi.modules.processes.services import deploying, steps, storing, tables
from ocapi.modules.processes.services import statements as do
from ocapi.modules.processes.services.storing import Held

BATCH = 100
LONGEST_S = 10.0  # of one run of the job; what is left is for the next


@contextmanager
def one_timer() -> Iterator[None]:
    """A timer fires in one transaction."""
    with transaction.atomic():
        yield
        crashpoint.point("processes.timer.before_commit")
    crashpoint.point("processes.timer.after_commit")


def fire_due(*, actor: Actor, now: datetime) -> int:
    """Fire what is due, earliest first, and let the worker come back for the rest; gives how many fired."""
    ends_at = clock.monotonic() + LONGEST_S
    fired = 0
    while True:
        due = list(due_timers(now)[:BATCH])
        for row in due:
            fired += _fire(row, actor=actor, now=now)
        if len(due) < BATCH or clock.monotonic() > ends_at:
            break
    later = TimerRow.objects.filter(is_held=False).order_by("due_at", "id")
    next_due = later.values_list("due_at", flat=True).first()
    if next_due is not None:
        jobs.enqueue(job=storing.FIRE, arguments={}, due_at=max(next_due, now), key=storing.FIRE)
    return fired


def due_timers(now: datetime) -> "models.QuerySet[TimerRow]":
    """Give the timers that are due, earliest first."""
    return TimerRow.objects.filter(is_held=False, due_at__lte=now).order_by("due_at", "id")


def _fire(row: TimerRow, *, actor: Actor, now: datetime) -> int:
    with one_timer():
        instance = _locked(row)
        if not do.TAKE_TIMER.run(row.id):  # another worker fired it, or it was cancelled
            return 0
        if row.instance_id is None:
            _start(row, actor=actor, now=now)
        elif instance is not None:
            happened = Occurred(
                scope=row.scope, token=row.token, node=row.node, left=row.left, every=row.every
            )
            try:
                with transaction.atomic(), tenants.together():
                    steps.step(instance, happened, scope=row.scope, actor=actor, now=now)
            except (data.StepNotPossible, data.NotRunning):
                return 0
    return 1


def _locked(row: TimerRow) -> Held | None:
    if row.instance_id is None:
        return None
    try:
        return steps.locked(row.instance_id)
    except data.InstanceNotFound:
        return None


def _start(row: TimerRow, *, actor: Actor, now: datetime) -> None:
    definition = row.definition
    if definition is None:
        return
    later = timing.following(timing.Due(at=row.due_at, left=row.left, every=row.every))
    if later is not None:
        storing.add_timers([deploying.start_timer(definition, row.node, later)])
    try:
        with transaction.atomic():
            version = tables.version_of(definition)
            steps.begin(version, at=row.node, business_key="", values={}, actor=actor, now=now)
    except data.StepNotPossible:
        return
