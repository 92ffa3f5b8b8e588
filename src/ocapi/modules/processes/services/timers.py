"""Timers that are due: each fires once, whoever of the workers comes first."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from types import TracebackType

from django.db import connection, models, transaction

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
FIRST = 25  # of the first turn
LONGEST_S = 10.0  # of one run of the job; what is left is for the next
TURN_S = {"sqlite": 0.05, "postgresql": 0.5}
"""Of one transaction. On SQLite nobody else writes meanwhile; on PostgreSQL only these instances wait."""


@contextmanager
def one_turn() -> Iterator[None]:
    """Timers that fire in one turn fire in one transaction."""
    with transaction.atomic():
        yield
        crashpoint.point("processes.timer.before_commit")
    crashpoint.point("processes.timer.after_commit")


def fire_due(*, actor: Actor, now: datetime) -> int:
    """Fire what is due, earliest first, and let the worker come back for the rest; gives how many fired."""
    ends_at = clock.monotonic() + LONGEST_S
    fired, size = 0, FIRST
    while True:
        due = list(due_timers(now)[:BATCH])
        is_last = len(due) < BATCH
        while due:
            done, count = _fire_together(due[:size], actor=actor, now=now)
            due, fired = due[done:], fired + count
            size = min(2 * done, BATCH) or FIRST  # what a turn has no time for was locked in vain
        if is_last or clock.monotonic() > ends_at:
            break
    later = TimerRow.objects.filter(is_held=False).order_by("due_at", "id")
    next_due = later.values_list("due_at", flat=True).first()
    if next_due is not None:
        jobs.enqueue(job=storing.FIRE, arguments={}, due_at=max(next_due, now), key=storing.FIRE)
    return fired


def due_timers(now: datetime) -> "models.QuerySet[TimerRow]":
    """Give the timers that are due, earliest first."""
    return TimerRow.objects.filter(is_held=False, due_at__lte=now).order_by("due_at", "id")


def _fire_together(rows: list[TimerRow], *, actor: Actor, now: datetime) -> tuple[int, int]:
    """Fire the first of these in one transaction, as many as a turn has time for.

    When it fails, each is fired alone, so that one that can't be holds no other; its own error is raised.
    Gives how many were dealt with, and how many of these fired.
    """
    alone = _Alone(rows, actor=actor, now=now)
    with ExitStack() as stack:
        stack.push(alone)
        return _turn(rows, actor=actor, now=now)
    return len(rows), alone.fired


class _Alone:
    """What is left to do when a turn failed: each timer in a transaction of its own, an error at the end."""

    def __init__(self, rows: list[TimerRow], *, actor: Actor, now: datetime) -> None:
        self._rows, self._actor, self._now = rows, actor, now
        self.fired = 0

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if kind is None or not issubclass(kind, Exception):
            return False
        with ExitStack() as each:
            for row in reversed(self._rows):  # a stack ends with what was put on it first
                each.callback(self._fire, row)
        return True

    def _fire(self, row: TimerRow) -> None:
        self.fired += _fire(row, actor=self._actor, now=self._now)


def _turn(rows: list[TimerRow], *, actor: Actor, now: datetime) -> tuple[int, int]:
    ends_at, done, fired = clock.monotonic() + TURN_S[connection.vendor], 0, 0
    busy = []
    with one_turn(), tenants.together():
        held = steps.locked_free([row.instance_id for row in rows if row.instance_id is not None])
        # whoever takes a timer of an instance away has locked that instance: what is armed now stays so
        armed = {number for (number,) in do.ARMED.rows([row.id for row in rows])}
        moved: set[int] = set()  # instances of which a step may have taken other timers away
        for row in rows:
            if done and clock.monotonic() > ends_at:
                break
            done += 1
            if row.instance_id is None or row.instance_id in moved:
                fired += _take(row, held.get(row.instance_id or 0), actor=actor, now=now)
            elif row.instance_id not in held:
                busy.append(row)
            elif row.id in armed:
                moved.add(row.instance_id)
                do.TAKE_TIMER.later(row.id)
                fired += _go_on(row, held[row.instance_id], actor=actor, now=now)
    return done, fired + sum(_fire(row, actor=actor, now=now) for row in busy)


def _fire(row: TimerRow, *, actor: Actor, now: datetime) -> int:
    """Fire a timer in a transaction of its own, after a step of its instance that is being taken."""
    with one_turn():
        return _take(row, _locked(row), actor=actor, now=now)


def _take(row: TimerRow, instance: Held | None, *, actor: Actor, now: datetime) -> int:
    if not do.TAKE_TIMER.run(row.id):  # another worker fired it, or it was cancelled
        return 0
    if row.instance_id is None:
        _start(row, actor=actor, now=now)
    elif instance is not None:
        return _go_on(row, instance, actor=actor, now=now)
    return 1


def _go_on(row: TimerRow, instance: Held, *, actor: Actor, now: datetime) -> int:
    happened = Occurred(scope=row.scope, token=row.token, node=row.node, left=row.left, every=row.every)
    try:
        with tenants.together():
            steps.step(instance, happened, scope=row.scope, actor=actor, now=now)
    except (data.StepNotPossible, data.NotRunning):  # refused before anything of it was written
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
    version = tables.version_of(definition)
    try:
        steps.begin(version, at=row.node, business_key="", values={}, actor=actor, now=now)
    except data.StepNotPossible:
        return
