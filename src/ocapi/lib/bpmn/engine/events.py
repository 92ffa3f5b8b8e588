"""Events: thrown, caught on the way out, or started by what happened outside."""

from ocapi.lib.bpmn import timing
from ocapi.lib.bpmn.engine import compensating
from ocapi.lib.bpmn.engine.leaving import go_on, leave_by_boundary
from ocapi.lib.bpmn.engine.state import Scope, ScopeKind, Stage, Token, Wait
from ocapi.lib.bpmn.engine.triggers import Occurred, StepFailed, StepRefused
from ocapi.lib.bpmn.engine.walking import Phase, Walk
from ocapi.lib.bpmn.model import Kind, Trigger, WaitKind
from ocapi.lib.bpmn.table import Step


def enter_event(walk: Walk, token: Token, step: Step) -> None:
    """Do what an event does when a token comes to it."""
    if step.kind is Kind.CATCH and step.trigger is not Trigger.LINK:
        walk.waits.append(walk.wait_for(step, scope=token.scope, token=token.number))
        walk.change(token, stage=Stage.WAITING)
        return
    if step.kind in (Kind.THROW, Kind.END) and not _throw(walk, token, step):
        return
    go_on(walk, token, step)


def _throw(walk: Walk, token: Token, step: Step) -> bool:
    """Throw what the event throws; False when the token itself went with it."""
    if step.trigger in (Trigger.MESSAGE, Trigger.SIGNAL):
        walk.send(step, token.scope)
    elif step.trigger is Trigger.ERROR:
        if not raise_up(walk, token.scope, Trigger.ERROR, step.event.name):
            raise StepFailed("errorNotCaught", step.event.name)
        return False
    elif step.trigger is Trigger.ESCALATION:
        raise_up(walk, token.scope, Trigger.ESCALATION, step.event.name)
        return token.number in walk.tokens
    elif step.trigger in (Trigger.COMPENSATION, Trigger.CANCEL):
        compensating.begin(walk, token, step)
        return False
    elif step.trigger is Trigger.TERMINATE:
        walk.note(token.node, "terminated", token.number)
        terminate(walk, token.scope)
        return False
    return True


def terminate(walk: Walk, scope: int) -> None:
    """End all that runs in a scope."""
    for number in list(walk.by_scope.get(scope, {})):
        walk.remove_token(walk.tokens[number])
    walk.disarm(scope)
    walk.push_close(scope)


def raise_up(walk: Walk, scope: int, trigger: Trigger, code: str, thrower: Token | None = None) -> bool:
    """Bring an error or escalation to the nearest that catches it, from the inside out."""
    if thrower is not None and _caught_at(walk, thrower, trigger, code):
        return True
    current = walk.scopes.get(scope)
    is_handler = False  # a handler does not catch what it throws itself
    while current is not None:
        if not is_handler and _handled_in(walk, current, trigger, code):
            return True
        host = walk.tokens.get(current.host) if current.host else None
        is_handler = host is not None and walk.step(host).kind is Kind.EVENT_SUB_PROCESS
        if host is not None and not walk.is_item(host) and _caught_at(walk, host, trigger, code):
            return True
        current = walk.scopes.get(current.parent)
    return False


def _matches(step: Step, trigger: Trigger, code: str) -> bool:
    return step.trigger is trigger and step.event.name in ("", code)


def _caught_at(walk: Walk, host: Token, trigger: Trigger, code: str) -> bool:
    steps = walk.table_of(host.scope).steps
    found = [steps[each] for each in steps[host.node].boundary if _matches(steps[each], trigger, code)]
    found.sort(key=lambda each: not each.event.name)  # the named code before the one that catches all
    if not found:
        return False
    leave_by_boundary(walk, host, found[0], interrupting=found[0].interrupting or trigger is Trigger.ERROR)
    return True


def _handled_in(walk: Walk, scope: Scope, trigger: Trigger, code: str) -> bool:
    if scope.kind in (ScopeKind.MANY, ScopeKind.ITEM):
        return False
    table = walk.world.table(scope.process)
    for handler, start in table.areas[scope.node if scope.kind is ScopeKind.SUB else ""].handlers:
        step = table.steps[start]
        if _matches(step, trigger, code):
            always = trigger is Trigger.ERROR
            start_handler(walk, scope, handler, step, interrupting=step.interrupting or always)
            return True
    return False


def start_handler(walk: Walk, scope: Scope, handler: str, start: Step, *, interrupting: bool) -> None:
    """Start an event sub-process; all else in the scope ends when it interrupts."""
    walk.note(start.id, "caught")
    if interrupting:
        for each in walk.running(scope.number):
            walk.remove_token(each)
        walk.disarm(scope.number)
    host = walk.add_token(scope=scope.number, node=handler, stage=Stage.HOSTING)
    inside = walk.add_scope(
        parent=scope, host=host.number, node=handler, kind=ScopeKind.SUB, process=scope.process
    )
    walk.change(host, child=inside.number)
    walk.push(Phase.LEAVE, walk.add_token(scope=inside.number, node=start.id))


def occur(walk: Walk, happened: Occurred) -> None:
    """Let a timer, message or signal that was waited for do its work."""
    scope = walk.scopes.get(happened.scope)
    if scope is None:
        raise StepRefused("tokenGone")
    table = walk.world.table(scope.process)
    step = table.steps.get(happened.node)
    if step is None:
        raise StepRefused("nodeGone", happened.node)
    walk.put_all(happened.values, scope.number)
    if not happened.token:
        handler = next(
            name for area in table.areas.values() for name, start in area.handlers if start == happened.node
        )
        _wait_again(walk, happened, step)
        start_handler(walk, scope, handler, step, interrupting=step.interrupting)
        return
    token = walk.tokens.get(happened.token)
    if token is None:
        raise StepRefused("tokenGone")
    if step.kind is Kind.BOUNDARY:
        _wait_again(walk, happened, step)
        leave_by_boundary(walk, token, step, interrupting=step.interrupting)
    elif token.stage is not Stage.WAITING:
        raise StepRefused("notWaiting", token.node)
    elif step.kind is Kind.RECEIVE and token.node == step.id:
        walk.push(Phase.COMPLETE, walk.change(token, stage=Stage.MOVING))
    elif token.node == step.id:
        walk.clear(token.number, done=next(iter(step.waits)))
        walk.push(Phase.LEAVE, walk.change(token, stage=Stage.MOVING))
    else:  # one behind an event gateway
        walk.clear(token.number)
        walk.push(Phase.LEAVE, walk.change(token, node=step.id, stage=Stage.MOVING))


def _wait_again(walk: Walk, happened: Occurred, step: Step) -> None:
    if step.interrupting:
        return
    kinds = {Trigger.TIMER: WaitKind.TIMER, Trigger.MESSAGE: WaitKind.MESSAGE}
    kind = kinds.get(step.trigger, WaitKind.SIGNAL)
    if kind is not WaitKind.TIMER:
        walk.waits.append(Wait(scope=happened.scope, token=happened.token, node=step.id, kind=kind,
                               name=happened.name, key=happened.key))
        return
    last = timing.Due(at=walk.world.now, left=happened.left, every=happened.every)
    later = timing.following(last)
    if later is not None:
        walk.waits.append(Wait(
            scope=happened.scope, token=happened.token, node=step.id, kind=kind, due_at=later.at,
            left=later.left, every=later.every,
        ))
