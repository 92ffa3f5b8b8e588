"""What people do: claim and complete tasks, suspend, resume and cancel instances, repair incidents."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from ocapi.kernel.outbox import api as outbox
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn.engine import Completed, Retried, Skipped
from ocapi.modules.processes import data, events
from ocapi.modules.processes.data import InstanceState, TaskState
from ocapi.modules.processes.models import (
    CallRow,
    IncidentRow,
    InstanceRow,
    ScopeRow,
    TaskRow,
    TimerRow,
    TokenRow,
)
from ocapi.modules.processes.services import steps, storing


def locked_task(task: UUID) -> tuple[TaskRow, InstanceRow]:
    """Give an open task with its instance, locked; raises TaskNotFound."""
    row = TaskRow.objects.filter(uuid=task, state=TaskState.OPEN.value).first()
    if row is None:
        raise data.TaskNotFound(str(task))
    held = steps.locked(row.instance_id)
    if connection.vendor == "postgresql":  # somebody else may have had the lock; SQLite has one writer
        row.refresh_from_db()
        if row.state != TaskState.OPEN.value:
            raise data.TaskNotFound(str(task))
    row.instance = held
    return row, held


def require_free(row: TaskRow, actor: Actor) -> None:
    """Refuse a task that somebody else has taken."""
    if row.assignee is not None and actor.person is not None and row.assignee != actor.person:
        raise data.TaskClaimed(row.assignee)


def claim(row: TaskRow, *, actor: Actor) -> None:
    """Let the actor take a task; again changes nothing. Raises TaskClaimed."""
    require_free(row, actor)
    row.assignee = actor.person
    row.save(update_fields=["assignee"])


def release(row: TaskRow, *, actor: Actor) -> None:
    """Give a task back to its group. Raises TaskClaimed for somebody else's."""
    require_free(row, actor)
    row.assignee = None
    row.save(update_fields=["assignee"])


def complete(
    row: TaskRow, instance: InstanceRow, values: data.Variables, *, actor: Actor, now: datetime
) -> None:
    """End a task with what it brought. Raises TaskClaimed, NotRunning, StepNotPossible."""
    require_free(row, actor)
    row.state, row.ended_at, row.assignee = TaskState.COMPLETED.value, now, actor.person or row.assignee
    row.save(update_fields=["state", "ended_at", "assignee"])
    happened = Completed(token=row.token, values=values)
    steps.step(instance, happened, scope=row.scope, actor=actor, now=now)
    outbox.publish(
        events.TaskCompleted(
            task=row.uuid, instance=instance.uuid, process=instance.process, node=row.node, group=row.group,
            business_key=instance.business_key,
        ), actor=actor, now=now,
    )


def suspend(row: InstanceRow) -> None:
    """Let an instance stand still: timers are held, messages and completions refused."""
    steps.require_running(row)
    row.state = InstanceState.SUSPENDED.value
    row.save(update_fields=["state"])
    TimerRow.objects.filter(instance=row).update(is_held=True)


def resume(row: InstanceRow, *, now: datetime) -> None:
    """Let a suspended instance go on; timers that fell due meanwhile fire at once."""
    if row.state != InstanceState.SUSPENDED.value:
        raise data.NotRunning(InstanceState(row.state))
    row.state = InstanceState.RUNNING.value
    row.save(update_fields=["state"])
    held = list(TimerRow.objects.filter(instance=row))
    TimerRow.objects.filter(instance=row).delete()
    for each in held:
        each.id, each.is_held = None, False
    storing.add_timers(held)


def cancel(row: InstanceRow, *, actor: Actor, now: datetime) -> None:
    """End an instance before its end; its open tasks are cancelled. An ended one stays as it is."""
    if row.state in (InstanceState.COMPLETED.value, InstanceState.CANCELLED.value):
        raise data.NotRunning(InstanceState(row.state))
    steps.finish(row, InstanceState.CANCELLED, now=now)
    row.save(update_fields=["state", "ended_at"])
    open_tasks = TaskRow.objects.filter(instance=row, state=TaskState.OPEN.value)
    open_tasks.update(state=TaskState.CANCELLED.value, ended_at=now)
    IncidentRow.objects.filter(instance=row, resolved_at=None).update(resolved_at=now)
    for kind in (CallRow, TokenRow, ScopeRow):
        kind.objects.filter(instance=row).delete()
    steps.failed(row, actor=actor, now=now)


def repair(incident: UUID, *, is_skip: bool, actor: Actor, now: datetime) -> InstanceRow:
    """Try the step of an incident again, or go on without it.

    Raises IncidentNotFound, NotRunning, StepNotPossible.
    """
    instance = IncidentRow.objects.filter(uuid=incident).values_list("instance_id", flat=True).first()
    if instance is None:
        raise data.IncidentNotFound(str(incident))
    row = steps.locked(instance)
    found = IncidentRow.objects.filter(uuid=incident, resolved_at=None).first()
    if found is None:
        raise data.IncidentNotFound(str(incident))
    scope = TokenRow.objects.filter(instance=row, number=found.token).values_list("scope", flat=True).first()
    kind = Skipped if is_skip else Retried
    steps.step(row, kind(token=found.token), scope=scope or 0, actor=actor, now=now)
    return row
