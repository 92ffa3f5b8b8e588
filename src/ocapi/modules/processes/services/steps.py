"""Taking a step: lock the instance, let the engine decide, write what changed with its facts, commit."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.outbox import api as outbox
from ocapi.lib import codec, crashpoint, ids
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn import StepTable
from ocapi.lib.bpmn.engine import Changes, Happening, Snapshot, Started, StepRefused, take_step
from ocapi.modules.processes import data, events
from ocapi.modules.processes.data import InstanceState
from ocapi.modules.processes.extensions import deciders
from ocapi.modules.processes.models import (
    DefinitionRow,
    IncidentRow,
    InstanceRow,
    MessageRow,
    ResultRow,
    SubscriptionRow,
    TaskRow,
    TimerRow,
)
from ocapi.modules.processes.services import storing
from ocapi.modules.processes.services.tables import TABLES, current

DELIVER = "processes.deliver"


@contextmanager
def one_step() -> Iterator[None]:
    """A step is one transaction."""
    with transaction.atomic():
        yield
        crashpoint.point("processes.step.before_commit")
    crashpoint.point("processes.step.after_commit")


class World:
    """What the engine may ask while a step is taken."""

    def __init__(self, row: InstanceRow, now: datetime) -> None:
        self.now = now
        self._row = row

    def table(self, reference: str) -> StepTable:
        """Give the step table of a version."""
        return TABLES.get(reference)

    def find_process(self, key: str) -> str | None:
        """Give the newest version of a process."""
        try:
            return str(current(key).uuid)
        except data.ProcessNotFound:
            return None

    def decide(self, name: str, values: Mapping[str, object]) -> object:
        """Ask the decider of that name."""
        return deciders.get(name).decide(values=values, now=self.now)  # type: ignore[arg-type]

    def results(self, scope: int) -> Mapping[int, str]:
        """Give what the runs of a repetition left."""
        rows = ResultRow.objects.filter(instance=self._row, scope=scope).order_by("index")
        return dict(rows.values_list("index", "value"))


def locked(instance: int) -> InstanceRow:
    """Give an instance's row, locked until the transaction ends."""
    return InstanceRow.objects.select_for_update().get(id=instance)


def find_locked(instance: UUID) -> InstanceRow:
    """Give an instance by uuid, locked; raises InstanceNotFound."""
    row = InstanceRow.objects.select_for_update().filter(uuid=instance).first()
    if row is None:
        raise data.InstanceNotFound(str(instance))
    return row


def require_running(row: InstanceRow) -> None:
    """Refuse a step of an instance that does not run."""
    if row.state != InstanceState.RUNNING.value:
        raise data.NotRunning(InstanceState(row.state))


def begin(
    definition: DefinitionRow, *, at: str, business_key: str, values: data.Variables, actor: Actor,
    now: datetime,
) -> InstanceRow:
    """Make an instance and take its first step; raises StepNotPossible."""
    row = InstanceRow.objects.create(
        uuid=ids.new_uuid(now), definition=definition, process=definition.key, version=definition.version,
        business_key=business_key, state=InstanceState.RUNNING.value, next_number=1, revision=0,
        started_at=now,
    )
    outbox.publish(events.InstanceStarted(**_facts(row)), actor=actor, now=now)
    started = Started(process=str(definition.uuid), at=at, values=values)
    _take(row, Snapshot(business_key=business_key), started, actor=actor, now=now)
    return row


def step(row: InstanceRow, happened: Happening, *, scope: int, actor: Actor, now: datetime) -> Changes:
    """Take a step of a locked instance, affecting a scope; raises NotRunning, StepNotPossible."""
    require_running(row)
    return _take(row, storing.load(row, scope), happened, actor=actor, now=now)


def _take(
    row: InstanceRow, before: Snapshot, happened: Happening, *, actor: Actor, now: datetime
) -> Changes:
    try:
        made = take_step(before, happened, World(row, now))
    except StepRefused as refusal:
        raise data.StepNotPossible(refusal.reason, str(refusal)) from None
    tasks, incidents = storing.apply(row, made, now=now)
    row.next_number = made.next_number
    row.revision += 1
    if made.ended:
        finish(row, InstanceState.COMPLETED, now=now)
    row.save(update_fields=["next_number", "revision", "state", "ended_at"])
    _send(made, now)
    _publish(row, tasks, incidents, actor=actor, now=now)
    if made.ended:
        outbox.publish(events.InstanceCompleted(**_facts(row)), actor=actor, now=now)
    return made


def finish(row: InstanceRow, state: InstanceState, *, now: datetime) -> None:
    """End an instance: what it still waits for is no longer waited for. The caller saves the row."""
    row.state, row.ended_at = state.value, now
    TimerRow.objects.filter(instance=row).delete()
    SubscriptionRow.objects.filter(instance=row).delete()


def _facts(row: InstanceRow) -> dict[str, object]:
    return {
        "instance": row.uuid, "process": row.process, "version": row.version,
        "business_key": row.business_key,
    }


def failed(row: InstanceRow, *, actor: Actor, now: datetime) -> None:
    """Publish that an instance was cancelled."""
    outbox.publish(events.InstanceFailed(**_facts(row)), actor=actor, now=now)


def _send(made: Changes, now: datetime) -> None:
    for sent in made.sent:
        row = MessageRow.objects.create(
            uuid=ids.new_uuid(now), kind=sent.trigger.value, name=sent.name[:200], key=sent.key,
            values=codec.encode_json(dict(sent.values)).decode(), last=0, sent_at=now,
        )
        jobs.enqueue(
            job=DELIVER, arguments={"message": str(row.uuid)}, due_at=now, key=f"{DELIVER}:{row.uuid}"
        )


def _publish(
    row: InstanceRow, tasks: list[TaskRow], incidents: list[IncidentRow], *, actor: Actor, now: datetime
) -> None:
    for task in tasks:
        outbox.publish(
            events.TaskCreated(
                task=task.uuid, instance=row.uuid, process=row.process, node=task.node, group=task.group,
                business_key=row.business_key,
            ), actor=actor, now=now,
        )
    for incident in incidents:
        outbox.publish(
            events.IncidentRaised(
                incident=incident.uuid, instance=row.uuid, process=row.process, node=incident.node,
                reason=incident.reason, business_key=row.business_key,
            ), actor=actor, now=now,
        )
