"""A move between versions, and the events only the new version has: they begin to wait when it is made."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from ocapi.lib.bpmn import Step, StepTable
from ocapi.lib.bpmn.engine import Scope, Snapshot, Stage, Token, Wait
from ocapi.lib.bpmn.engine.evaluating import TRIGGERS, Evaluator
from ocapi.lib.bpmn.engine.state import ScopeKind, area_of
from ocapi.lib.bpmn.engine.triggers import StepFailed
from ocapi.modules.processes import data
from ocapi.modules.processes.data import MigrationPlan
from ocapi.modules.processes.models import DefinitionRow, ScopeRow
from ocapi.modules.processes.services import steps, storing
from ocapi.modules.processes.services.storing import Held
from ocapi.modules.processes.services.tables import TABLES

_STANDING = (Stage.WAITING, Stage.HOSTING)


class NotArmed(ValueError):
    """An event of the new version can't begin to wait: its time or key can't be computed."""

    def __init__(self, node: str, reason: str) -> None:
        super().__init__(f"{node} {reason}")
        self.node = node
        self.reason = reason


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


def new_waits(row: Held, move: Move, *, now: datetime) -> tuple[Wait, ...]:
    """Give what only the new version waits for where an instance stands; raises NotArmed.

    The terms of new timers are counted from now: nobody knows of them before.
    """
    if not any(_added(move, each) for each in move.old.steps) and not any(
        _added_handlers(move, each) for each in move.old.areas
    ):
        return ()
    own = ScopeRow.objects.filter(instance_id=row.id, process=str(move.source.uuid)).order_by("number")
    found: list[Wait] = []
    for number in own.values_list("number", flat=True):
        snapshot = storing.load(row, number)
        found += _waits_in(Evaluator(snapshot, steps.World(row, now)), snapshot, number, move)
    return tuple(found)


def _added(move: Move, node: str) -> tuple[Step, ...]:
    """Give the events that the new version attaches to a node, and the old one does not."""
    old, new = move.old.steps[node], move.new.steps.get(move.to(node))
    known = {move.to(each) for each in old.boundary}
    attached = (move.new.steps[each] for each in new.boundary if each not in known) if new else ()
    return tuple(each for each in attached if each.trigger in TRIGGERS)


def _added_handlers(move: Move, area: str) -> tuple[Step, ...]:
    known = {move.to(start) for _handler, start in move.old.areas[area].handlers}
    new = move.new.areas.get(move.to(area))
    starts = (move.new.steps[start] for _handler, start in new.handlers if start not in known) if new else ()
    return tuple(each for each in starts if each.trigger in TRIGGERS)


def _waits_in(evaluator: Evaluator, before: Snapshot, number: int, move: Move) -> Iterator[Wait]:
    scope = next(each for each in before.scopes if each.number == number)
    if scope.kind not in (ScopeKind.MANY, ScopeKind.ITEM):
        for step in _added_handlers(move, area_of(scope)):
            yield _wait(evaluator, step, number, 0)
    for token in before.tokens:
        if token.scope == number and token.stage in _STANDING and not _is_run(scope, token):
            for step in _added(move, token.node):
                yield _wait(evaluator, step, number, token.number)


def _is_run(scope: Scope, token: Token) -> bool:
    """Say whether a token is one run of a repetition, whose events belong to the whole."""
    return scope.kind is ScopeKind.ITEM and scope.node == token.node


def _wait(evaluator: Evaluator, step: Step, scope: int, token: int) -> Wait:
    try:
        return evaluator.wait_for(step, scope=scope, token=token)
    except StepFailed as failure:
        raise NotArmed(step.id, failure.reason) from None
