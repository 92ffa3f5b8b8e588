"""Moving running instances to another version: checked node by node, each instance in its own transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import models, transaction

from ocapi.lib import crashpoint
from ocapi.lib.bpmn.engine import Stage
from ocapi.modules.processes.data import InstanceState, Moved
from ocapi.modules.processes.models import (
    CallRow,
    IncidentRow,
    InstanceRow,
    ScopeRow,
    SubscriptionRow,
    TaskRow,
    TimerRow,
    TokenRow,
)
from ocapi.modules.processes.services import arming, steps, storing
from ocapi.modules.processes.services.arming import Move
from ocapi.modules.processes.services.storing import Held

MAX_INSTANCES = 10_000  # of one plan
_LIVE = (InstanceState.RUNNING.value, InstanceState.SUSPENDED.value)


@contextmanager
def one_move() -> Iterator[None]:
    """An instance moves in one transaction."""
    with transaction.atomic():
        yield
        crashpoint.point("processes.migrate.before_commit")
    crashpoint.point("processes.migrate.after_commit")


def instances(move: Move, *, after: int = 0, limit: int = MAX_INSTANCES) -> list[int]:
    """Give the instances of the old version that have not ended, oldest first."""
    rows = InstanceRow.objects.filter(definition=move.source, state__in=_LIVE, id__gt=after).order_by("id")
    return list(rows.values_list("id", flat=True)[:limit])


def count(move: Move) -> int:
    """Give how many instances of the old version have not ended."""
    return InstanceRow.objects.filter(definition=move.source, state__in=_LIVE).count()


def check(row: Held, move: Move, *, now: datetime) -> Moved:
    """Tell whether an instance can move, and if not, which nodes stand in the way."""
    scopes = _own_scopes(row, move)
    refused: dict[str, str] = {}
    tokens = TokenRow.objects.filter(instance_id=row.id, scope__in=scopes).order_by("number")
    for token in tokens:
        if reason := move.misfit(token.node):
            refused[token.node] = reason
        elif token.stage == Stage.JOINING.value and token.via not in move.flows_to(token.node):
            refused[token.node] = "flowGone"
    for kind in (TimerRow, SubscriptionRow):
        for node in kind.objects.filter(instance_id=row.id, scope__in=scopes).values_list("node", flat=True):
            if reason := move.misfit(node):
                refused[node] = reason
    for node in ScopeRow.objects.filter(instance_id=row.id, number__in=scopes).values_list("node", flat=True):
        if node and node in move.old.steps and (reason := move.misfit(node)):
            refused[node] = reason
    if not refused:
        try:
            arming.new_waits(row, move, now=now)
        except arming.NotArmed as failure:
            refused[failure.node] = failure.reason
    return Moved(instance=row.uuid, refused=refused)


def _own_scopes(row: Held, move: Move) -> "models.QuerySet[ScopeRow, int]":
    """Give the scopes that run by the old version; those of called processes stay as they are."""
    rows = ScopeRow.objects.filter(instance_id=row.id, process=str(move.source.uuid))
    return rows.order_by().values_list("number", flat=True)


def foresee(instance: int, move: Move, *, now: datetime) -> Moved:
    """Tell whether an instance can move; changes nothing."""
    return check(steps.found(instance), move, now=now)


def move_one(instance: int, move: Move, *, now: datetime) -> Moved:
    """Move one instance, or leave it as it is with the reasons."""
    with one_move():
        row = steps.locked(instance)
        if row.state.value not in _LIVE or row.definition_id != move.source.id:
            return Moved(instance=row.uuid, refused={"": "ended"})
        found = check(row, move, now=now)
        if not found.refused:
            waits = arming.new_waits(row, move, now=now)
            _write(row, move)
            storing.wait(row, waits, now=now)
    return found


def _write(row: Held, move: Move) -> None:
    numbers = list(_own_scopes(row, move))
    ScopeRow.objects.filter(instance_id=row.id, number__in=numbers).update(process=str(move.target.uuid))
    changed = {old: new for old, new in move.nodes.items() if old != new}
    if changed:
        renamed = models.Case(
            *[models.When(node=old, then=models.Value(new)) for old, new in changed.items()],
            default=models.F("node"), output_field=models.CharField(),
        )
        for kind in (TokenRow, TaskRow, TimerRow, SubscriptionRow, CallRow):
            kind.objects.filter(instance_id=row.id, scope__in=numbers, node__in=changed).update(node=renamed)
        ScopeRow.objects.filter(instance_id=row.id, number__in=numbers, node__in=changed).update(node=renamed)
        open_ones = IncidentRow.objects.filter(instance_id=row.id, resolved_at=None, node__in=changed)
        open_ones.update(node=renamed)
    InstanceRow.objects.filter(id=row.id).update(
        definition=move.target, version=move.target.version, revision=models.F("revision") + 1,
    )
