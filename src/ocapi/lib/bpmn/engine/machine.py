"""One step: apply what happened, then move every token until each waits, has ended, or can't go on."""

from ocapi.lib.bpmn import model
from ocapi.lib.bpmn.engine import activities, compensating, events, gateways, relocating
from ocapi.lib.bpmn.engine.state import ROOT, Changes, ScopeKind, Snapshot, Stage, Token, World
from ocapi.lib.bpmn.engine.triggers import (
    CallFailed,
    Completed,
    Corrected,
    Happening,
    Occurred,
    Relocated,
    Skipped,
    Started,
    StepFailed,
    StepRefused,
)
from ocapi.lib.bpmn.engine.walking import Phase, Walk
from ocapi.lib.bpmn.model import Kind, Trigger

MAX_NODES = 10_000  # nodes one step may pass: a loop without a wait ends in an incident
CORRECTED = "corrected"  # in the history, with the name of the variable instead of a node
_STUCK = (Stage.STUCK_ENTERING, Stage.STUCK_LEAVING)


def take_step(before: Snapshot, happened: Happening, world: World) -> Changes:
    """Give what changes because of what happened; raises StepRefused when it does not fit the instance."""
    walk = Walk(before, world)
    _apply(walk, happened)
    if not _run(walk):
        walk = Walk(before, world)  # nothing of the endless walk stays but the incident
        _apply(walk, happened)
        for phase, number in list(walk.queue):
            token = walk.tokens.get(number)
            if phase is not Phase.CLOSE and token is not None:
                later = Phase.LEAVE if phase in (Phase.LEAVE, Phase.COMPLETE) else Phase.ENTER
                walk.fail(token, later, "stepBudget", f"more than {MAX_NODES} nodes without a wait")
    return walk.changes()


def _run(walk: Walk) -> bool:
    """Work off the queue; False when the budget of nodes is spent."""
    while True:
        while walk.queue:
            phase, number = walk.queue.popleft()
            if phase is Phase.CLOSE:
                _close(walk, number)
                continue
            token = walk.tokens.get(number)
            if token is None:
                continue
            walk.nodes += phase is Phase.ENTER or phase is Phase.BODY
            if walk.nodes > MAX_NODES:
                return False
            try:
                _do(walk, phase, token)
            except StepFailed as failure:
                _fail(walk, phase, token, failure)
            if walk.ended:
                return True
        if not gateways.settle_inclusive(walk):
            return True


def _fail(walk: Walk, phase: Phase, token: Token, failure: StepFailed) -> None:
    standing = walk.tokens.get(token.number, token)
    walk.fail(standing, phase, failure.reason, failure.detail)


def _close(walk: Walk, number: int) -> None:
    scope = walk.scopes.get(number)
    if scope is None:
        return
    try:
        activities.close(walk, scope)
    except StepFailed as failure:
        host = walk.tokens[scope.host]
        walk.fail(host, Phase.ENTER, failure.reason, failure.detail)


def _do(walk: Walk, phase: Phase, token: Token) -> None:
    step = walk.step(token)
    if phase is Phase.LEAVE and step.is_undo:
        compensating.undone(walk, token)
    elif phase is Phase.LEAVE:
        gateways.leave(walk, token, step)
    elif phase is Phase.COMPLETE:
        activities.complete(walk, token, step)
    elif phase is Phase.BODY:
        activities.do_work(walk, token, step)
    elif step.kind in model.GATEWAYS:
        gateways.enter_gateway(walk, token, step)
    elif step.kind in model.EVENTS:
        events.enter_event(walk, token, step)
    else:
        activities.enter_activity(walk, token, step)


def _apply(walk: Walk, happened: Happening) -> None:
    if isinstance(happened, Started | Occurred):
        try:
            _start(walk, happened) if isinstance(happened, Started) else events.occur(walk, happened)
        except StepFailed as failure:
            raise StepRefused(failure.reason, failure.detail) from None
    elif isinstance(happened, Corrected):
        _correct(walk, happened)
    else:
        token = walk.tokens.get(happened.token)
        if token is None:
            raise StepRefused("tokenGone")
        if isinstance(happened, Completed):
            _completed(walk, token, happened)
        elif isinstance(happened, CallFailed):
            _call_failed(walk, token, happened)
        elif isinstance(happened, Relocated):
            relocating.relocate(walk, token, happened.node)
        else:
            _repair(walk, token, is_skip=isinstance(happened, Skipped))


def _start(walk: Walk, happened: Started) -> None:
    root = walk.add_scope(
        parent=None, host=0, node="", kind=ScopeKind.PROCESS, process=happened.process
    )
    assert root.number == ROOT
    for name, value in happened.values.items():
        walk.put_here(name, value, ROOT)
    table = walk.world.table(happened.process)
    if happened.at:
        walk.arm_handlers(root)
        walk.push(Phase.LEAVE, walk.add_token(scope=ROOT, node=happened.at))
        return
    if not table.areas[""].starts:
        raise StepRefused("noPlainStart", happened.process)
    walk.open_area(root, "")


def _correct(walk: Walk, happened: Corrected) -> None:
    """Set a variable in the very scope that was looked at, so that none around it changes in its place."""
    if happened.scope not in walk.scopes:
        raise StepRefused("scopeGone")
    try:
        walk.put_here(happened.name, happened.value, happened.scope)
    except StepFailed as failure:
        raise StepRefused(failure.reason, failure.detail) from None
    walk.note(happened.name, CORRECTED)


def _completed(walk: Walk, token: Token, happened: Completed) -> None:
    if token.stage is not Stage.WAITING:
        raise StepRefused("notWaiting", token.node)
    step = walk.step(token)
    walk.clear(token.number, done=step.own_wait)
    moving = walk.change(token, stage=Stage.MOVING)
    try:
        activities.keep_outputs(walk, moving, step, happened.values)
    except StepFailed as failure:
        if step.kind in (Kind.USER, Kind.MANUAL):
            raise StepRefused(failure.reason, failure.detail) from None
        walk.fail(moving, Phase.ENTER, failure.reason, failure.detail)
        return
    walk.push(Phase.COMPLETE, moving)


def _call_failed(walk: Walk, token: Token, happened: CallFailed) -> None:
    if token.stage is not Stage.WAITING:
        raise StepRefused("notWaiting", token.node)
    if happened.error and events.raise_up(
        walk, token.scope, Trigger.ERROR, happened.error, None if walk.is_item(token) else token
    ):
        return
    walk.fail(token, Phase.ENTER, happened.reason, happened.detail)


def _repair(walk: Walk, token: Token, *, is_skip: bool) -> None:
    if token.stage not in _STUCK:
        raise StepRefused("notStuck", token.node)
    step = walk.step(token)
    walk.resolved.append(token.number)
    moving = walk.change(token, stage=Stage.MOVING)
    walk.note(token.node, "skipped" if is_skip else "retried", token.number)
    if not is_skip:
        is_body = walk.is_item(token) and token.stage is Stage.STUCK_ENTERING
        later = Phase.LEAVE if token.stage is Stage.STUCK_LEAVING else Phase.ENTER
        walk.push(Phase.BODY if is_body else later, moving)
        return
    arcs = [arc for arc in step.outgoing if arc.id == step.default] or list(step.outgoing)
    if step.kind in model.ACTIVITIES and token.stage is Stage.STUCK_ENTERING:
        walk.push(Phase.COMPLETE if walk.is_item(token) else Phase.LEAVE, moving)
    elif len(arcs) > 1:
        raise StepRefused("cantSkip", f"{token.node} has several flows and no default")
    else:
        walk.move(moving, arcs)


__all__ = ["CORRECTED", "MAX_NODES", "take_step"]
