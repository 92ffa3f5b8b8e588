"""Taking a step: lock the instance, let the engine decide, write what changed with its facts, commit."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, crashpoint, ids
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn import StepTable
from ocapi.lib.bpmn.engine import Changes, Happening, Snapshot, Stage, Started, StepRefused, take_step
from ocapi.lib.envelope import Fact
from ocapi.modules.processes import data, events
from ocapi.modules.processes.data import InstanceState
from ocapi.modules.processes.extensions import decider_of
from ocapi.modules.processes.services import statements as do
from ocapi.modules.processes.services import storing
from ocapi.modules.processes.services.storing import Held, NewIncident, NewTask
from ocapi.modules.processes.services.tables import TABLES, Version, current

DELIVER = "processes.deliver"


@contextmanager
def one_step() -> Iterator[None]:
    """A step is one transaction."""
    with transaction.atomic():
        with tenants.together():
            yield
        crashpoint.point("processes.step.before_commit")
    crashpoint.point("processes.step.after_commit")


class World:
    """What the engine may ask while a step is taken."""

    def __init__(self, row: Held, now: datetime) -> None:
        self.now = now
        self.decided: list[tuple[str, str]] = []  # decision and its explanation
        self._row = row
        self._tables: dict[str, StepTable] = {}  # asked for some ten times a step

    def table(self, reference: str) -> StepTable:
        """Give the step table of a version."""
        known = self._tables.get(reference)
        if known is None:
            known = self._tables[reference] = TABLES.get(reference)
        return known

    def find_process(self, key: str) -> str | None:
        """Give the newest version of a process."""
        try:
            return str(current(key).uuid)
        except data.ProcessNotFound:
            return None

    def decide(self, name: str, values: Mapping[str, object]) -> object:
        """Ask the source that knows a decision; raises LookupError for an unknown one."""
        source = decider_of(name)
        if source is None:
            raise LookupError(name)
        answer = source.decide(name, values=values, now=self.now)  # type: ignore[arg-type]
        self.decided.append((name[:200], codec.encode_json(dict(answer.explanation)).decode()))
        return answer.value

    def results(self, scope: int) -> Mapping[int, str]:
        """Give what the runs of a repetition left."""
        return dict(do.RESULTS.rows(self._row.id, scope))


def locked(instance: int) -> Held:
    """Give an instance, locked until the transaction ends; raises InstanceNotFound."""
    found = do.LOCK.row(instance)
    if found is None:
        raise data.InstanceNotFound(str(instance))
    return storing.held(found)


def locked_free(instances: list[int]) -> dict[int, Held]:
    """Give instances by id, locked together; one of which a step is being taken elsewhere is left out."""
    found = [storing.held(row) for row in do.LOCK_FREE.rows(instances)]
    return {each.id: each for each in found}


def found(instance: int) -> Held:
    """Give an instance to look at, without a lock; raises InstanceNotFound."""
    row = do.LOOK.row(instance)
    if row is None:
        raise data.InstanceNotFound(str(instance))
    return storing.held(row)


def find_locked(instance: UUID) -> Held:
    """Give an instance by uuid, locked; raises InstanceNotFound."""
    found = do.LOCK_BY_UUID.row(instance)
    if found is None:
        raise data.InstanceNotFound(str(instance))
    return storing.held(found)


def require_running(row: Held) -> None:
    """Refuse a step of an instance that does not run."""
    if row.state is not InstanceState.RUNNING:
        raise data.NotRunning(row.state)


def begin(
    definition: Version, *, at: str, business_key: str, values: data.Variables, actor: Actor, now: datetime,
) -> data.Instance:
    """Make an instance and take its first step; gives where it stands then. Raises StepNotPossible."""
    row = Held(
        0, ids.new_uuid(now), definition.id, definition.key, definition.version, business_key,
        InstanceState.RUNNING, 1, now, None,
    )
    started = Started(process=str(definition.uuid), at=at, values=values)
    world = World(row, now)
    made = _decided(row, Snapshot(business_key=business_key), started, world)
    storing.begin(row, made)
    storing.keep_decisions(row, world.decided, now=now)
    incidents = _write(
        row, made, (events.InstanceStarted(**_facts(row)),), actor=actor, now=now
    )
    return data.Instance(
        uuid=row.uuid, process=row.process, version=row.version, business_key=row.business_key,
        state=row.state, started_at=now, ended_at=row.ended_at,
        nodes=tuple(each.node for each in made.new_tokens if each.stage is not Stage.DONE),
        incidents=tuple(
            data.Incident(uuid=new.uuid, instance=row.uuid, node=new.node, reason=new.reason,
                          detail=each.detail, raised_at=now)
            for new, each in zip(incidents, made.incidents, strict=True)
        ),
    )


def step(
    row: Held, happened: Happening, *, scope: int, actor: Actor, now: datetime, facts: Sequence[Fact] = ()
) -> Changes:
    """Take a step of a locked instance, affecting a scope; raises NotRunning, StepNotPossible.

    Refused, it has written nothing, and the instance is as it was.
    facts: what else is to be published with it, before what follows from it.
    """
    require_running(row)
    world = World(row, now)
    made = _decided(row, storing.load(row, scope), happened, world)
    storing.go_on(row, made)
    storing.keep_decisions(row, world.decided, now=now)
    _write(row, made, facts, actor=actor, now=now)
    return made


def _decided(row: Held, before: Snapshot, happened: Happening, world: World) -> Changes:
    try:
        made = take_step(before, happened, world)
    except StepRefused as refusal:
        raise data.StepNotPossible(refusal.reason, str(refusal)) from None
    row.next_number = made.next_number
    if made.ended:
        row.state, row.ended_at = InstanceState.COMPLETED, world.now
    return made


def _write(
    row: Held, made: Changes, facts: Sequence[Fact], *, actor: Actor, now: datetime
) -> list[NewIncident]:
    tasks, incidents = storing.apply(row, made, now=now)
    _send(made, now)
    told = [*facts, *_told(row, tasks, incidents)]
    if made.ended:
        told.append(events.InstanceCompleted(**_facts(row)))
    outbox.publish_all(told, actor=actor, now=now)
    return incidents


def _facts(row: Held) -> dict[str, object]:
    return {
        "instance": row.uuid, "process": row.process, "version": row.version,
        "business_key": row.business_key,
    }


def failed(row: Held, *, actor: Actor, now: datetime) -> None:
    """Publish that an instance was cancelled."""
    outbox.publish(events.InstanceFailed(**_facts(row)), actor=actor, now=now)


def _send(made: Changes, now: datetime) -> None:
    for sent in made.sent:
        uuid = ids.new_uuid(now)
        do.NEW_MESSAGES.later([(
            uuid, sent.trigger.value, sent.name[:200], sent.key,
            codec.encode_json(dict(sent.values)).decode(), 0, now,
        )])
        jobs.enqueue(job=DELIVER, arguments={"message": str(uuid)}, due_at=now, key=f"{DELIVER}:{uuid}")


def _told(row: Held, tasks: list[NewTask], incidents: list[NewIncident]) -> Iterator[Fact]:
    for task in tasks:
        yield events.TaskCreated(
            task=task.uuid, instance=row.uuid, process=row.process, node=task.node, group=task.group,
            business_key=row.business_key,
        )
    for incident in incidents:
        yield events.IncidentRaised(
            incident=incident.uuid, instance=row.uuid, process=row.process, node=incident.node,
            reason=incident.reason, business_key=row.business_key,
        )
