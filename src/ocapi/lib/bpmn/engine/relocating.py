"""Putting a token at another node than its flows lead to: what people do when a process has gone wrong."""

from ocapi.lib.bpmn import model
from ocapi.lib.bpmn.engine.state import Scope, ScopeKind, Stage, Token, area_of
from ocapi.lib.bpmn.engine.triggers import StepRefused
from ocapi.lib.bpmn.engine.walking import Phase, Walk
from ocapi.lib.bpmn.model import Kind, Trigger
from ocapi.lib.bpmn.table import Step, StepTable

_STUCK = (Stage.STUCK_ENTERING, Stage.STUCK_LEAVING)
_FROM = (*_STUCK, Stage.WAITING, Stage.HOSTING, Stage.JOINING)
_TO = (model.ACTIVITIES | {Kind.CATCH, Kind.END}) - {Kind.EVENT_SUB_PROCESS}


def can_leave(token: Token, scope: Scope) -> bool:
    """Say whether a token can be put elsewhere: it stands, and is no run of a repetition nor an undoing."""
    return token.stage in _FROM and scope.kind not in (ScopeKind.MANY, ScopeKind.ITEM)


def targets(table: StepTable, scope: Scope) -> tuple[Step, ...]:
    """Give the nodes beside each other to which a token of a scope can be put, in the order of the file.

    No gateway: one that joins would count on a flow that nobody came by. Nothing in or out of a sub-process.
    """
    area = area_of(scope)
    return tuple(
        each for each in table.steps.values()
        if each.kind in _TO and each.scope == area and not each.is_undo and each.trigger is not Trigger.LINK
    )


def relocate(walk: Walk, token: Token, node: str) -> None:
    """End all a token waits for and hosts, and let it come to another node; raises StepRefused."""
    scope = walk.scopes[token.scope]
    table = walk.world.table(scope.process)
    if not can_leave(token, scope) or walk.step(token).is_undo:
        raise StepRefused("cantRelocate", token.node)
    if node not in {each.id for each in targets(table, scope)}:
        raise StepRefused("cantRelocate", node)
    if token.stage in _STUCK:
        walk.resolved.append(token.number)
    if token.child:
        walk.drop(token.child)
    walk.clear(token.number)
    walk.note(token.node, "relocated", token.number)
    walk.push(Phase.ENTER, walk.change(token, node=node, via="", stage=Stage.MOVING, child=0, turns=0))
