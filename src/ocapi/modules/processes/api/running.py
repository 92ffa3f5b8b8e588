"""Deploy versions, run instances, do tasks, correlate messages, repair."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.kernel.jobs.extensions import Outside
from ocapi.lib import actor as actors
from ocapi.lib import bpmn, codec, ids
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn.engine import values
from ocapi.modules.processes import queries
from ocapi.modules.processes.data import (
    Choices,
    Correlated,
    Definition,
    Incident,
    IncidentPage,
    Instance,
    InstanceLines,
    InstanceState,
    JobLine,
    MigrationPlan,
    Moved,
    NodeFigures,
    Path,
    ProcessFigures,
    Report,
    StepNotPossible,
    Task,
    TaskPage,
    TaskState,
    Variables,
)
from ocapi.modules.processes.extensions import persons_about
from ocapi.modules.processes.models import MessageRow
from ocapi.modules.processes.services import (
    arming,
    awaiting,
    calls,
    deploying,
    groups,
    handling,
    looking,
    messaging,
    migrating,
    personal,
    steps,
    tables,
    timers,
)

MAX_KEY = 200  # characters of a business or correlation key


def inspect_file(*, raw: bytes) -> Report:
    """Tell what of a BPMN 2.0 file can be executed; touches no organization. Raises MalformedInput."""
    return bpmn.inspect(raw)


def deploy(*, raw: bytes, actor: Actor, now: datetime) -> tuple[Definition, ...]:
    """Store a file and give its executable processes, each as a new version; the same file changes nothing.

    Instances that run keep their version. Raises MalformedInput, DefinitionRefused with every reason,
    StepNotPossible for a start timer that says no time, NotAllowed.
    """
    access.require(actor, "processes.deploy")
    ready = deploying.read(raw)
    with transaction.atomic():
        rows = deploying.deploy(raw, ready, now=now)
        for row in rows:
            audit.changed(
                actor=actor, operation="processes.deploy", resource=f"processDefinition/{row.uuid}", now=now,
                fields=("xml",),
            )
    return tuple(queries.definition(row) for row in rows)


def load_drawing(*, raw: bytes, now: datetime) -> bool:
    """Deploy a file of a content pack; gives False when all of it was there already.

    Raises MalformedInput, DefinitionRefused, StepNotPossible. Packs come from the command line, so no policy
    is asked.
    """
    ready = deploying.read(raw)
    with transaction.atomic():
        return any(row.deployed_at == now for row in deploying.deploy(raw, ready, now=now))


def list_definitions(*, actor: Actor) -> tuple[Definition, ...]:
    """Give the newest version of every process, by key. Raises NotAllowed."""
    access.require(actor, "processes.read_definitions")
    return queries.definitions()


def list_figures(*, actor: Actor) -> tuple[ProcessFigures, ...]:
    """Give every process with how many runs and incidents it has now, by key. Raises NotAllowed."""
    access.require(actor, "processes.read_definitions")
    return looking.processes()


def get_definition(*, definition: UUID, actor: Actor) -> tuple[Definition, tuple[Definition, ...]]:
    """Give a version, and all versions of its process, newest first. Raises ProcessNotFound, NotAllowed."""
    access.require(actor, "processes.read_definitions")
    row = looking.row_of(definition)
    return queries.definition(row), looking.versions(row)


def read_drawing(*, definition: UUID, actor: Actor) -> bytes:
    """Give the BPMN file of a version as it came. Raises ProcessNotFound, NotAllowed."""
    access.require(actor, "processes.read_definitions")
    return bytes(looking.row_of(definition).model.xml)


def list_node_figures(*, definition: UUID, actor: Actor) -> tuple[NodeFigures, ...]:
    """Give what stands and what was done at the nodes of a version. Raises ProcessNotFound, NotAllowed."""
    access.require(actor, "processes.read_definitions")
    return looking.nodes(looking.row_of(definition))


def list_planned(*, actor: Actor) -> tuple[JobLine, ...]:
    """Give the timers that are armed and the calls that wait, at most 200 of each. Raises NotAllowed."""
    access.require(actor, "processes.list_jobs")
    return looking.planned()


def list_instances(
    *, definition: UUID, actor: Actor, state: InstanceState | None = None, cursor: str = "",
    page_size: int = 20, about: str = "",
) -> InstanceLines:
    """Give the runs of a version, newest first, by the reference of what they are about.

    about: only those of this case, or whose key begins so. page_size: 1 to 100. Raises ProcessNotFound,
    NotAllowed, InvalidCursor.
    """
    access.require(actor, "processes.list_instances")
    return looking.instances(
        looking.row_of(definition), state=state, cursor=cursor, page_size=page_size, about=about
    )


def get_path(*, instance: UUID, actor: Actor) -> Path:
    """Give one run and its way through the drawing, with no value of a variable.

    Raises InstanceNotFound, NotAllowed.
    """
    access.require(actor, "processes.list_instances")
    return looking.path(instance)


def start(
    *, process: str, business_key: str, variables: Variables, actor: Actor, now: datetime
) -> Instance:
    """Start the newest version of a process; emits InstanceStarted and whatever its first step brings.

    business_key: what the instance is about, such as a case's reference; it need not be unique.
    Raises ProcessNotFound, StepNotPossible, NotAllowed.
    """
    access.require(actor, "processes.start")
    _check_key(business_key)
    with steps.one_step():
        begun = steps.begin(
            tables.current(process), at="", business_key=business_key, values=variables, actor=actor, now=now
        )
        audit.changed(
            actor=actor, operation="processes.start", resource=f"processInstance/{begun.uuid}", now=now,
            fields=tuple(variables), reference=business_key,
        )
    return begun


def get_instance(*, instance: UUID, actor: Actor, now: datetime) -> Instance:
    """Give an instance with its variables, and leave a consultation leaf.

    Raises InstanceNotFound, NotAllowed.
    """
    access.require(actor, "processes.read_instance")
    found = queries.get_instance(instance)
    _read(found, actor, now)
    return found


def get_masked_instance(*, instance: UUID, actor: Actor, now: datetime) -> Instance:
    """Give an instance without the values that a form in use marks as personal data: `hidden` names those.

    Leaves a consultation leaf of what is given. Raises InstanceNotFound, NotAllowed.
    """
    access.require(actor, "processes.read_instance")
    whole, names = queries.get_instance(instance), personal.names()
    found = replace(
        whole, variables={name: each for name, each in whole.variables.items() if name not in names},
        hidden=tuple(name for name in whole.variables if name in names),
    )
    _read(found, actor, now)
    return found


def _read(found: Instance, actor: Actor, now: datetime) -> None:
    audit.consulted(
        actor=actor, operation="processes.read_instance", about=persons_about(found.business_key),
        fields=tuple(found.variables), resource=f"processInstance/{found.uuid}", now=now,
        reference=found.business_key,
    )


def list_tasks(
    *, actor: Actor, group: str = "", is_mine: bool = False, about: str = "", cursor: str = "",
    page_size: int = 20,
) -> TaskPage:
    """Give open tasks, oldest first: of a group, the actor's own, or all.

    A task names its case by reference and holds nothing of persons. about: only of what has this key, as a
    person types it: a whole reference, or a part of a key. page_size: 1 to 100.
    Raises NotAllowed, InvalidCursor.
    """
    access.require(actor, "processes.list_tasks")
    mine = actor.person if is_mine else None
    return queries.tasks(group=group, assignee=mine, about=about, cursor=cursor, page_size=page_size)


def list_tasks_of_groups(*, actor: Actor, cursor: str = "", page_size: int = 20) -> TaskPage:
    """Give the open tasks of the groups the actor is a member of, oldest first; as `list_tasks` otherwise."""
    access.require(actor, "processes.list_tasks")
    own = groups.of_person(actor.person) if actor.person else ()
    return queries.tasks_of(own, cursor=cursor, page_size=page_size)


def list_incidents(*, actor: Actor, cursor: str = "", page_size: int = 20) -> IncidentPage:
    """Give the steps that could not be taken, oldest first, without any variable.

    page_size: 1 to 100. Raises NotAllowed, InvalidCursor.
    """
    access.require(actor, "processes.list_incidents")
    return queries.incidents(cursor=cursor, page_size=page_size)


def get_incident(*, incident: UUID, actor: Actor) -> Incident:
    """Give a step that waits to be repaired. Raises IncidentNotFound (also once repaired), NotAllowed."""
    access.require(actor, "processes.list_incidents")
    return queries.open_incident(incident)


def get_task(*, task: UUID, actor: Actor) -> Task:
    """Give an open task. Raises TaskNotFound, NotAllowed."""
    access.require(actor, "processes.list_tasks")
    return queries.open_task(task)


def get_choices(*, task: UUID, actor: Actor) -> Choices | None:
    """Give what the way after an open task is chosen by, or None. Raises TaskNotFound, NotAllowed."""
    access.require(actor, "processes.list_tasks")
    return looking.choices(task)


def claim_task(*, task: UUID, actor: Actor, now: datetime) -> Task:
    """Take a task; taking it again changes nothing.

    Raises TaskNotFound, TaskClaimed, NotInGroup when others do the work of its group, NotAllowed.
    """
    access.require(actor, "processes.claim_task")
    with transaction.atomic():
        row, instance = handling.locked_task(task)
        handling.require_member(row, instance, actor)
        handling.claim(row, actor=actor)
        audit.changed(
            actor=actor, operation="processes.claim_task", resource=f"task/{task}", now=now,
            fields=("assignee",),
        )
    return handling.told(row, instance, TaskState.OPEN)


def release_task(*, task: UUID, actor: Actor, now: datetime) -> Task:
    """Give a task back to its group. Raises TaskNotFound, TaskClaimed, NotAllowed."""
    access.require(actor, "processes.claim_task")
    with transaction.atomic():
        row, instance = handling.locked_task(task)
        handling.release(row, actor=actor)
        audit.changed(
            actor=actor, operation="processes.claim_task", resource=f"task/{task}", now=now,
            fields=("assignee",),
        )
    return handling.told(row, instance, TaskState.OPEN)


def complete_task(*, task: UUID, variables: Variables, actor: Actor, now: datetime) -> Task:
    """End a task with what it brought; emits TaskCompleted and whatever follows.

    Raises TaskNotFound (also when it was done before), TaskClaimed, NotInGroup, NotRunning, StepNotPossible,
    NotAllowed.
    """
    access.require(actor, "processes.complete_task")
    with steps.one_step():
        row, instance = handling.locked_task(task)
        handling.require_member(row, instance, actor)
        handling.complete(row, instance, variables, actor=actor, now=now)
        audit.changed(
            actor=actor, operation="processes.complete_task", resource=f"task/{task}", now=now,
            fields=tuple(variables), reference=instance.business_key,
        )
    return handling.told(row, instance, TaskState.COMPLETED)


def correlate_message(
    *, name: str, key: str, variables: Variables, actor: Actor, now: datetime
) -> Correlated:
    """Hand a message to the one instance that waits for it under that key, else start a process with it.

    Raises MessageUnmatched, NotRunning, StepNotPossible, NotAllowed. It is taken up once.
    """
    access.require(actor, "processes.correlate_message")
    _check_key(key)
    if awaiting.is_reserved(name):
        raise StepNotPossible("nameReserved", name[:100])
    with messaging.one_message():
        done = messaging.correlate(name=name, key=key, given=variables, actor=actor, now=now)
        audit.changed(
            actor=actor, operation="processes.correlate_message", now=now, fields=tuple(variables),
            resource=f"processInstance/{done.instance}", reference=key,
        )
    return done


def broadcast_signal(*, name: str, variables: Variables, actor: Actor, now: datetime) -> None:
    """Let the worker hand a signal to all that wait for it now. Raises StepNotPossible, NotAllowed."""
    access.require(actor, "processes.broadcast_signal")
    try:
        written = {each: values.write(value) for each, value in variables.items()}
    except values.NotStorable as refusal:
        raise StepNotPossible(refusal.reason, refusal.detail) from None
    with transaction.atomic():
        row = MessageRow.objects.create(
            uuid=ids.new_uuid(now), kind="signal", name=name[:200], key="", last=0, sent_at=now,
            values=codec.encode_json(written).decode(),
        )
        audit.changed(
            actor=actor, operation="processes.broadcast_signal", resource=f"signal/{row.uuid}", now=now,
            fields=tuple(variables),
        )
        messaging.queue(row.uuid, due_at=now)


def cancel(*, instance: UUID, actor: Actor, now: datetime) -> Instance:
    """End an instance early; emits InstanceFailed. Raises InstanceNotFound, NotRunning, NotAllowed."""
    access.require(actor, "processes.cancel")
    with steps.one_step():
        row = steps.find_locked(instance)
        handling.cancel(row, actor=actor, now=now)
        _changed(actor, "processes.cancel", instance, now)
    return queries.outline(instance)


def suspend(*, instance: UUID, actor: Actor, now: datetime) -> Instance:
    """Let an instance stand still until it is resumed. Raises InstanceNotFound, NotRunning, NotAllowed."""
    access.require(actor, "processes.suspend")
    with transaction.atomic():
        handling.suspend(steps.find_locked(instance))
        _changed(actor, "processes.suspend", instance, now)
    return queries.outline(instance)


def resume(*, instance: UUID, actor: Actor, now: datetime) -> Instance:
    """Let a suspended instance go on; timers that fell due meanwhile fire at once.

    Raises InstanceNotFound, NotRunning when it is not suspended, NotAllowed.
    """
    access.require(actor, "processes.suspend")
    with transaction.atomic():
        handling.resume(steps.find_locked(instance), now=now)
        _changed(actor, "processes.suspend", instance, now)
    return queries.outline(instance)


def retry_incident(*, incident: UUID, actor: Actor, now: datetime) -> Instance:
    """Try the step of an incident again. Raises IncidentNotFound, NotRunning, StepNotPossible, NotAllowed."""
    return _repair(incident, is_skip=False, actor=actor, now=now)


def skip_incident(*, incident: UUID, actor: Actor, now: datetime) -> Instance:
    """Go on past a failed step. Raises IncidentNotFound, NotRunning, StepNotPossible, NotAllowed."""
    return _repair(incident, is_skip=True, actor=actor, now=now)


def _repair(incident: UUID, *, is_skip: bool, actor: Actor, now: datetime) -> Instance:
    access.require(actor, "processes.repair_incident")
    with steps.one_step():
        row = handling.repair(incident, is_skip=is_skip, actor=actor, now=now)
        audit.changed(
            actor=actor, operation="processes.repair_incident", resource=f"incident/{incident}", now=now,
            outcome="skipped" if is_skip else "retried", reference=row.business_key,
        )
    return queries.outline(row.uuid)


def plan_migration(*, plan: MigrationPlan, actor: Actor, now: datetime) -> tuple[Moved, ...]:
    """Tell of each running instance of a version whether it can move to another; changes nothing.

    Oldest first, at most 10,000. Raises ProcessNotFound, StepNotPossible, NotAllowed.
    """
    access.require(actor, "processes.migrate")
    move = arming.Move(plan)
    return tuple(migrating.foresee(row, move, now=now) for row in migrating.instances(move))


def migrate_instances(*, plan: MigrationPlan, actor: Actor, now: datetime) -> tuple[Moved, ...]:
    """Move each running instance of a version that can; the others stay as they are, with the reasons.

    Each moves in a transaction of its own: repeat the call after a crash. Events that only the new version
    has begin to wait, timers counted from now. Raises ProcessNotFound, StepNotPossible, NotAllowed.
    """
    access.require(actor, "processes.migrate")
    move = arming.Move(plan)
    moved = tuple(migrating.move_one(row, move, now=now) for row in migrating.instances(move))
    with transaction.atomic():
        audit.changed(
            actor=actor, operation="processes.migrate", now=now, fields=("definition",),
            resource=f"processDefinition/{plan.target}",
        )
    return moved


def fire_timers(*, now: datetime) -> int:
    """Fire the timers that are due, for the worker; gives how many fired."""
    return timers.fire_due(actor=actors.system("processes.fire_timers"), now=now)


def run_call(*, call: UUID, now: datetime) -> Outside | None:
    """Do a connector's work and let its instance go on, for the worker; gives what is asked outside."""
    return calls.run(call, actor=actors.system("processes.call"), now=now)


def deliver_message(*, message: UUID, now: datetime) -> None:
    """Deliver a message or signal that an instance sent, for the worker."""
    messaging.deliver(message, actor=actors.system("processes.deliver"), now=now)


def _changed(actor: Actor, operation: str, instance: UUID, now: datetime) -> None:
    audit.changed(
        actor=actor, operation=operation, resource=f"processInstance/{instance}", now=now, fields=("state",)
    )


def _check_key(key: str) -> None:
    if len(key) > MAX_KEY or not key.isprintable():
        raise StepNotPossible("keyRefused", f"at most {MAX_KEY} printable characters")
