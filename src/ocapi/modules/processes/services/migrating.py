"""Moving running instances to another version: checked node by node, each instance in its own transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import models, transaction

from ocapi.lib import crashpoint
from ocapi.lib.bpmn import StepTable
from ocapi.lib.bpmn.engine import Stage
from ocapi.modules.processes import data
from ocapi.modules.processes.data import InstanceState, MigrationPlan, Moved
from ocapi.modules.processes.models import (
    CallRow,
    DefinitionRow,
    IncidentRow,
    InstanceRow,
    ScopeRow,
    SubscriptionRow,
    TaskRow,
    TimerRow,
    TokenRow,
)
from ocapi.modules.processes.services import steps
from ocapi.modules.processes.services.storing import Held
from ocapi.modules.processes.services.tables import TABLES

MAX_INSTANCES = 10_000  # of one plan
_LIVE = (InstanceState.RUNNING.value, InstanceState.SUSPENDED.value)


@contextmanager
def one_move() -> Iterator[None]:
    """An instance moves in one transaction."""
    with transaction.atomic():
        yield
        crashpoint.point("processes.migrate.before_commit")
    crashpoint.point("processes.migrate.after_commit")


class Move:
    """A plan with both step tables at hand; raises ProcessNotFound, StepNotPossible for one that can't be."""

    def __init__(self, plan: MigrationPlan) -> None:
        self.nodes = dict(plan.nodes)
        self.source, self.target = _definition(plan.source), _definition(plan.target)
        if self.source.key != self.target.key:
            raise data.StepNotPossible("otherProcess", f"{self.source.key}, {self.target.key}")
        self.old: StepTable = TABLES.get(str(plan.source))
        self.new: StepTable = TABLES.get(str(plan.target))

    def to(self, node: str) -> str:
        """Give the id that a node has in the new version."""
        return self.nodes.get(node, node)

    def flows_to(self, node: str) -> tuple[str, ...]:
        """Give the flows that lead to a node in the new version."""
        return self.new.steps[self.to(node)].incoming

    def misfit(self, node: str) -> str:
        """Give why nothing can stand at a node of the old version after the move; "" when it can."""
        old, new = self.old.steps.get(node), self.new.steps.get(self.to(node))
        if new is None:
            return "nodeGone"
        if old is None:
            return "nodeUnknown"
        if new.kind is not old.kind or new.trigger is not old.trigger:
            return "otherKind"
        if new.scope != self.to(old.scope) or new.attached_to != self.to(old.attached_to):
            return "otherPlace"
        return "otherRepetition" if (new.repeat is None) is not (old.repeat is None) else ""


def _definition(uuid: UUID) -> DefinitionRow:
    row = DefinitionRow.objects.filter(uuid=uuid).first()
    if row is None:
        raise data.ProcessNotFound(str(uuid))
    return row


def instances(move: Move) -> list[int]:
    """Give the instances of the old version that have not ended, oldest first."""
    rows = InstanceRow.objects.filter(definition=move.source, state__in=_LIVE).order_by("id")
    return list(rows.values_list("id", flat=True)[:MAX_INSTANCES])


def check(row: InstanceRow | Held, move: Move) -> Moved:
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
    return Moved(instance=row.uuid, refused=refused)


def _own_scopes(row: InstanceRow | Held, move: Move) -> "models.QuerySet[ScopeRow, int]":
    """Give the scopes that run by the old version; those of called processes stay as they are."""
    rows = ScopeRow.objects.filter(instance_id=row.id, process=str(move.source.uuid))
    return rows.order_by().values_list("number", flat=True)


def move_one(instance: int, move: Move) -> Moved:
    """Move one instance, or leave it as it is with the reasons."""
    with one_move():
        row = steps.locked(instance)
        if row.state.value not in _LIVE or row.definition_id != move.source.id:
            return Moved(instance=row.uuid, refused={"": "ended"})
        found = check(row, move)
        if not found.refused:
            _write(row, move)
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
