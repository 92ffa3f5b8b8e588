"""Migrations that were asked: the worker looks at each instance, and moves each when somebody says so."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction

from ocapi.kernel.jobs import api as jobs
from ocapi.lib import clock, ids
from ocapi.lib.actor import Actor
from ocapi.lib.bpmn import Step
from ocapi.lib.bpmn.engine.state import Stage
from ocapi.lib.bpmn.model import Kind
from ocapi.modules.processes import data
from ocapi.modules.processes.data import MigrationPlan, MigrationStage, Moved
from ocapi.modules.processes.models import DefinitionRow, InstanceRow, MigrationRow, TokenRow
from ocapi.modules.processes.services import called, migrating
from ocapi.modules.processes.services.arming import Move

JOB = "processes.migrate"
BATCH = 100  # instances of one turn of the worker, at most
TURN_S = 0.2  # of one transaction that moves: nobody else writes meanwhile (SQLite), or these wait
PAUSE = timedelta(milliseconds=100)  # between two turns, so that people who write come in between
MAX_STAYS = 50  # instances that stay, shown one by one
MAX_KEPT = 20  # migrations of one version, shown
_NOWHERE = frozenset({Kind.END, Kind.THROW})  # nothing waits there
_BUSY = (MigrationStage.CHECKING.value, MigrationStage.MOVING.value)


def misfits(move: Move) -> tuple[data.Misfit, ...]:
    """Give what of the old version the new one lacks, in the order of the drawing, with what may replace it.

    What only stands elsewhere because of such an element is not told of: it goes along.
    """
    standing = TokenRow.objects.filter(instance__in=_live(move)).exclude(stage=Stage.DONE.value)
    waiting = dict(standing.order_by().values_list("node").annotate(models.Count("instance", distinct=True)))
    return tuple(
        _misfit(move, step, waiting.get(step.id, 0)) for step in move.old.steps.values()
        if step.kind not in _NOWHERE and move.misfit(step.id) not in ("", "otherPlace")
    )


def _live(move: Move) -> "models.QuerySet[InstanceRow]":
    states = (data.InstanceState.RUNNING.value, data.InstanceState.SUSPENDED.value)
    return InstanceRow.objects.filter(definition=move.source, state__in=states)


def _misfit(move: Move, step: Step, waiting: int) -> data.Misfit:
    alike = [
        each for each in move.new.steps.values()
        if each.kind is step.kind and each.trigger is step.trigger and each.is_undo is step.is_undo
        and (each.repeat is None) is (step.repeat is None)
    ]
    same = [each.id for each in alike if step.name and each.name.casefold() == step.name.casefold()]
    return data.Misfit(
        node=step.id, name=called.plainly(step), kind=step.kind.value, reason=move.misfit(step.id),
        waiting=waiting, options=tuple((each.id, called.apart(each)) for each in alike),
        proposed=same[0] if len(same) == 1 else "",
    )


def ask(plan: MigrationPlan, *, actor: Actor, now: datetime) -> UUID:
    """Keep a migration and let the worker look at each instance; an earlier plan not carried out is gone.

    Raises ProcessNotFound, StepNotPossible (otherProcess, sameVersion, nodeUnknown).
    """
    move = Move(plan)
    if move.source.id == move.target.id:
        raise data.StepNotPossible("sameVersion")
    for old, new in plan.nodes.items():
        if old not in move.old.steps or new not in move.new.steps:
            raise data.StepNotPossible("nodeUnknown", old)
    same = MigrationRow.objects.filter(source=move.source, target=move.target)
    same.filter(stage__in=(MigrationStage.CHECKING.value, MigrationStage.CHECKED.value)).delete()
    row = MigrationRow.objects.create(
        uuid=ids.new_uuid(now), source=move.source, target=move.target, nodes=dict(plan.nodes),
        stage=MigrationStage.CHECKING.value, asked_by=actor.person, asked_at=now, total=migrating.count(move),
        done=0, fits=0, last=0, refused=_none(),
    )
    _queue(row.uuid, now)
    return row.uuid


def _none() -> dict[str, Any]:
    return {"nodes": {}, "runs": []}


def _queue(migration: UUID, now: datetime) -> None:
    jobs.enqueue(job=JOB, arguments={"migration": str(migration)}, due_at=now, key=f"{JOB}:{migration}")


def carry_out(migration: UUID, *, now: datetime) -> MigrationRow:
    """Let the worker move each instance; raises MigrationNotFound unless all were looked at before."""
    row = row_of(migration)
    begun = MigrationRow.objects.filter(id=row.id, stage=MigrationStage.CHECKED.value).update(
        stage=MigrationStage.MOVING.value, total=migrating.count(_move(row)), done=0, fits=0, last=0,
        refused=_none(), ended_at=None,
    )
    if not begun:
        raise data.MigrationNotFound(str(migration))
    _queue(migration, now)
    return row


def row_of(migration: UUID) -> MigrationRow:
    """Give the row of a migration, or raise MigrationNotFound."""
    rows = MigrationRow.objects.select_related("source", "target").defer("asked_by")
    found = rows.filter(uuid=migration).first()
    if found is None:
        raise data.MigrationNotFound(str(migration))
    return found


def _move(row: MigrationRow) -> Move:
    return Move(MigrationPlan(source=row.source.uuid, target=row.target.uuid, nodes=row.nodes))


def go_on(migration: UUID, *, now: datetime) -> None:
    """Deal with the next instances, and come back for the rest; what is gone or ended asks nothing."""
    row = _busy(migration)
    if row is None:
        return
    if row.stage == MigrationStage.CHECKING.value:  # reads only: nobody waits for it
        move = _move(row)
        batch = migrating.instances(move, after=row.last, limit=BATCH)
        for number in batch:
            _add(row, number, migrating.foresee(number, move, now=now))
        _end_turn(row, is_last=len(batch) < BATCH, now=now)
        return
    with transaction.atomic():
        row = _busy(migration)
        if row is not None:
            _end_turn(row, is_last=_moved_all(row, now=now), now=now)


def _busy(migration: UUID) -> MigrationRow | None:
    rows = MigrationRow.objects.select_related("source", "target").defer("asked_by")
    return rows.filter(uuid=migration, stage__in=_BUSY).first()


def _moved_all(row: MigrationRow, *, now: datetime) -> bool:
    """Move the next instances in one transaction, as many as there is time for; says whether none is left."""
    move, ends_at = _move(row), clock.monotonic() + TURN_S
    batch = migrating.instances(move, after=row.last, limit=BATCH)
    for number in batch:
        _add(row, number, migrating.move_one(number, move, now=now))
        if clock.monotonic() > ends_at:
            break
    return row.last == batch[-1] and len(batch) < BATCH if batch else True


def _end_turn(row: MigrationRow, *, is_last: bool, now: datetime) -> None:
    if is_last:
        is_real = row.stage == MigrationStage.MOVING.value
        row.stage = (MigrationStage.DONE if is_real else MigrationStage.CHECKED).value
        row.ended_at = now
    else:
        _queue(row.uuid, now + PAUSE)
    MigrationRow.objects.filter(id=row.id).update(  # perhaps none: it was asked anew meanwhile
        stage=row.stage, ended_at=row.ended_at, last=row.last, done=row.done, fits=row.fits,
        refused=row.refused,
    )


def _add(row: MigrationRow, number: int, found: Moved) -> None:
    row.last, row.done = number, row.done + 1
    row.fits += not found.refused
    for node, reason in found.refused.items():
        counts = row.refused["nodes"].setdefault(node, {})
        counts[reason] = counts.get(reason, 0) + 1
    if found.refused and len(row.refused["runs"]) < MAX_STAYS:
        row.refused["runs"].append([str(found.instance), dict(found.refused)])


def told(row: MigrationRow) -> data.Migration:
    """Give a migration as data, with the names of elements and what the instances that stay are about."""
    move = _move(row)
    runs = [(UUID(uuid), reasons) for uuid, reasons in row.refused["runs"]]
    about = dict(
        InstanceRow.objects.filter(uuid__in=[uuid for uuid, _reasons in runs])
        .values_list("uuid", "business_key")
    )
    counts = Counter({
        (node, reason): count for node, reasons in row.refused["nodes"].items()
        for reason, count in reasons.items()
    })
    return data.Migration(
        uuid=row.uuid, process=row.target.name or row.target.key, source=row.source.uuid,
        target=row.target.uuid, versions=(row.source.version, row.target.version),
        stage=MigrationStage(row.stage), asked_at=row.asked_at, ended_at=row.ended_at,
        total=max(row.total, row.done), done=row.done, fits=row.fits,
        refused=tuple(
            data.Refusal(node=node, name=_name(move, node), reason=reason, count=count)
            for (node, reason), count in counts.most_common()
        ),
        stays=tuple(
            data.Stayed(
                instance=uuid, business_key=about.get(uuid, ""),
                reasons=tuple((_name(move, node), reason) for node, reason in reasons.items()),
            ) for uuid, reasons in runs
        ),
        chosen=tuple(row.nodes.items()),
    )


def _name(move: Move, node: str) -> str:
    step = move.old.steps.get(node) or move.new.steps.get(node)
    return (step.name if step else "") or node


def of_version(version: DefinitionRow) -> tuple[data.Migration, ...]:
    """Give the last migrations away from a version, newest first."""
    rows = MigrationRow.objects.select_related("source", "target").defer("asked_by").filter(source=version)
    return tuple(told(row) for row in rows.order_by("-id")[:MAX_KEPT])
