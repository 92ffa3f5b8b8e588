"""Gateways: where flows part and come together."""

from ocapi.lib.bpmn.engine.state import Stage, Token
from ocapi.lib.bpmn.engine.triggers import StepFailed
from ocapi.lib.bpmn.engine.walking import Phase, Walk
from ocapi.lib.bpmn.model import Kind
from ocapi.lib.bpmn.table import Arc, Step


def enter_gateway(walk: Walk, token: Token, step: Step) -> None:
    """Let a token come to a gateway."""
    if step.kind is Kind.PARALLEL and len(step.incoming) > 1:
        _join_all(walk, walk.change(token, stage=Stage.JOINING), step)
    elif step.kind is Kind.INCLUSIVE and len(step.incoming) > 1:
        walk.change(token, stage=Stage.JOINING)
    elif step.kind is Kind.EVENT_BASED:
        steps = walk.table_of(token.scope).steps
        waits = [
            walk.wait_for(steps[each], scope=token.scope, token=token.number) for each in step.waits_for
        ]
        walk.waits += waits
        walk.change(token, stage=Stage.WAITING)
    else:
        walk.push(Phase.LEAVE, token)


def leave(walk: Walk, token: Token, step: Step) -> None:
    """Let a token go on from any node."""
    walk.move(token, _one(walk, token, step) if step.kind is Kind.EXCLUSIVE else
              walk.open_arcs(step, token.scope))


def _one(walk: Walk, token: Token, step: Step) -> list[Arc]:
    for arc in step.outgoing:
        if arc.id != step.default and (arc.condition is None or walk.holds(arc.condition, token.scope)):
            return [arc]
    chosen = [arc for arc in step.outgoing if arc.id == step.default]
    if not chosen and step.outgoing:
        raise StepFailed("noFlow", "no condition holds and there is no default flow")
    return chosen


def _standing(walk: Walk, scope: int, node: str) -> list[Token]:
    found = [walk.tokens[each] for each in walk.by_scope.get(scope, {})]
    return [each for each in found if each.node == node and each.stage is Stage.JOINING]


def _join_all(walk: Walk, token: Token, step: Step) -> None:
    first_by_flow: dict[str, Token] = {}
    for each in _standing(walk, token.scope, step.id):
        first_by_flow.setdefault(each.via, each)
    if len(first_by_flow) < len(step.incoming):
        return
    for each in first_by_flow.values():
        if each.number != token.number:
            walk.remove_token(each)
    walk.push(Phase.LEAVE, walk.change(token, stage=Stage.MOVING))


def settle_inclusive(walk: Walk) -> bool:
    """Let inclusive gateways go on to which no more token can come; True when one did."""
    waiting = {
        (token.scope, token.node) for token in walk.tokens.values() if token.stage is Stage.JOINING
    }
    moved = False
    for scope, node in sorted(waiting):
        table = walk.table_of(scope)
        if table.steps[node].kind is not Kind.INCLUSIVE:
            continue
        here = _standing(walk, scope, node)
        upstream = table.upstream[node]
        others = walk.running(scope)
        if any(each.node in upstream or (each.node == node and each.stage is not Stage.JOINING)
               for each in others):
            continue
        for each in here[1:]:
            walk.remove_token(each)
        walk.push(Phase.LEAVE, walk.change(here[0], stage=Stage.MOVING))
        moved = True
    return moved
