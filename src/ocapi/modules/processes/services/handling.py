"""What people do: claim and complete tasks, suspend, resume and cancel instances, repair incidents."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ocapi.kernel.tenants import api as tenants
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn.engine import Completed, Retried, Skipped
from ocapi.modules.processes import data, events, queries
from ocapi.modules.processes.data import InstanceState, TaskState
from ocapi.modules.processes.models import (
    CallRow,
    CorrectionRow,
    IncidentRow,
    InstanceRow,
    MessageRow,
    RelocationRow,
    ScopeRow,
    SubscriptionRow,
    TaskRow,
    TimerRow,
    TokenRow,
)
from ocapi.modules.processes.services import groups, messaging, steps, storing
from ocapi.modules.processes.services import statements as do
from ocapi.modules.processes.services.storing import Held


@dataclass(slots=True, kw_only=True)
class OpenTask:
    """An open task as it stands in its row."""

    id: int
    uuid: UUID
    scope: int
    token: int
    node: str
    title: str
    kind: str
    group: str
    assignee: UUID | None
    due_at: datetime | None
    created_at: datetime
    others: str | None


def locked_task(task: UUID) -> tuple[OpenTask, Held]:
    """Give an open task with its instance, which is locked; raises TaskNotFound."""
    found = do.LOCK_TASK.row(task)
    if found is None:
        raise data.TaskNotFound(str(task))
    number, uuid, scope, token, node, title, kind, group, assignee, due_at, created_at, others = found[10:]
    row = OpenTask(
        id=number, uuid=tenants.read_uuid(uuid), scope=scope, token=token, node=node, title=title, kind=kind,
        group=group, assignee=tenants.read_uuid(assignee) if assignee else None,
        due_at=tenants.read_instant(due_at) if due_at else None, created_at=tenants.read_instant(created_at),
        others=others,
    )
    return row, storing.held(found[:10])


def require_free(row: OpenTask, actor: Actor) -> None:
    """Refuse a task that somebody else has taken."""
    if row.assignee is not None and actor.person is not None and row.assignee != actor.person:
        raise data.TaskClaimed(row.assignee)


def require_member(row: OpenTask, instance: Held, actor: Actor) -> None:
    """Refuse a task others do, by its group; whoever was given it may do it. Raises NotInGroup."""
    if actor.person is not None and row.assignee != actor.person:
        groups.require_member(instance.process, queries.groups_of(row.group, row.others), actor)


def _require_taken(count: int, row: OpenTask, actor: Actor) -> None:
    """Refuse when the task changed while this transaction waited for the lock."""
    if not count:
        require_free(locked_task(row.uuid)[0], actor)
        raise data.TaskNotFound(str(row.uuid))


def claim(row: OpenTask, *, actor: Actor) -> None:
    """Let the actor take a task; again changes nothing. Raises TaskClaimed, TaskNotFound."""
    require_free(row, actor)
    _require_taken(do.TAKE_TASK.run(actor.person, row.id, row.assignee or actor.person), row, actor)
    row.assignee = actor.person


def assign(row: OpenTask, *, person: UUID, actor: Actor) -> None:
    """Give a free task, or one's own, to a colleague. Raises TaskClaimed, TaskNotFound."""
    require_free(row, actor)
    _require_taken(do.TAKE_TASK.run(person, row.id, row.assignee or actor.person), row, actor)
    row.assignee = person


def release(row: OpenTask, *, actor: Actor) -> None:
    """Give a task back to its group. Raises TaskClaimed for somebody else's, TaskNotFound."""
    require_free(row, actor)
    _require_taken(do.TAKE_TASK.run(None, row.id, row.assignee or actor.person), row, actor)
    row.assignee = None


def complete(
    row: OpenTask, instance: Held, values: data.Variables, *, actor: Actor, now: datetime
) -> None:
    """End a task with what it brought. Raises TaskClaimed, TaskNotFound, NotRunning, StepNotPossible."""
    require_free(row, actor)
    before, row.assignee = row.assignee, actor.person or row.assignee
    _require_taken(
        do.COMPLETE_TASK.run(row.assignee, now, row.id, before or actor.person), row, actor
    )
    done = events.TaskCompleted(
        task=row.uuid, instance=instance.uuid, process=instance.process, node=row.node, group=row.group,
        business_key=instance.business_key,
    )
    happened = Completed(token=row.token, values=values)
    steps.step(instance, happened, scope=row.scope, actor=actor, now=now, facts=(done,))


def _set_state(row: Held, state: InstanceState) -> None:
    row.state = state
    InstanceRow.objects.filter(id=row.id).update(state=state.value, ended_at=row.ended_at)


def told(row: OpenTask, instance: Held, state: TaskState) -> data.Task:
    """Give a task as data."""
    return data.Task(
        uuid=row.uuid, instance=instance.uuid, node=row.node, title=row.title, kind=row.kind,
        group=row.group, groups=queries.groups_of(row.group, row.others), assignee=row.assignee,
        due_at=row.due_at, state=state, reference=instance.business_key, process=instance.process,
        created_at=row.created_at,
    )


def suspend(row: Held) -> None:
    """Let an instance stand still: timers are held, messages and completions refused."""
    steps.require_running(row)
    _set_state(row, InstanceState.SUSPENDED)
    TimerRow.objects.filter(instance_id=row.id).update(is_held=True)


def resume(row: Held, *, now: datetime) -> None:
    """Let a suspended instance go on; timers that fell due meanwhile fire at once, signals are delivered."""
    if row.state is not InstanceState.SUSPENDED:
        raise data.NotRunning(row.state)
    _set_state(row, InstanceState.RUNNING)
    held = list(TimerRow.objects.filter(instance_id=row.id))
    TimerRow.objects.filter(instance_id=row.id).delete()
    for each in held:
        each.is_held = False
    storing.add_timers(held)
    messaging.deliver_kept(row.id, now=now)


def cancel(row: Held, *, actor: Actor, now: datetime) -> None:
    """End an instance before its end; its open tasks are cancelled. An ended one stays as it is."""
    if row.state in (InstanceState.COMPLETED, InstanceState.CANCELLED):
        raise data.NotRunning(row.state)
    row.ended_at = now
    _set_state(row, InstanceState.CANCELLED)
    open_tasks = TaskRow.objects.filter(instance_id=row.id, ended_at=None)
    open_tasks.update(state=TaskState.CANCELLED.value, ended_at=now)
    IncidentRow.objects.filter(instance_id=row.id, resolved_at=None).update(resolved_at=now)
    for call, connector in CallRow.objects.filter(instance_id=row.id).values_list("uuid", "connector"):
        # the worker finds it gone, and calls off what it began
        storing.queue_call(call, connector=connector, due_at=now)
    for kind in (TimerRow, SubscriptionRow, CallRow, TokenRow, ScopeRow, MessageRow, RelocationRow,
                 CorrectionRow):
        kind.objects.filter(instance_id=row.id).delete()
    steps.failed(row, actor=actor, now=now)


def repair(incident: UUID, *, is_skip: bool, actor: Actor, now: datetime) -> Held:
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
    standing = TokenRow.objects.filter(instance_id=row.id, number=found.token)
    scope = standing.values_list("scope", flat=True).first()
    kind = Skipped if is_skip else Retried
    steps.step(row, kind(token=found.token), scope=scope or 0, actor=actor, now=now)
    return row
