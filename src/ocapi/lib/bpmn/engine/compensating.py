"""Compensation: activities that are done are remembered, and undone in reverse order when asked.

A memory is a token in stage `done` at the activity, in the order of its number. What undoes it runs as a
token in the scope of who asked, one after the other; `via` says for whom.
"""

from ocapi.lib.bpmn.engine.leaving import go_on, leave_by_boundary
from ocapi.lib.bpmn.engine.state import Scope, ScopeKind, Stage, Token
from ocapi.lib.bpmn.engine.walking import Phase, Walk
from ocapi.lib.bpmn.model import Kind, Trigger
from ocapi.lib.bpmn.table import Step

_FOR = "undo:"


def remember(walk: Walk, token: Token, step: Step) -> None:
    """Remember an activity that is done, if something can undo it."""
    if step.undo:
        walk.add_token(scope=token.scope, node=step.id, stage=Stage.DONE)


def hand_up(walk: Walk, scope: Scope, host: Token, step: Step) -> None:
    """Let the scope around a sub-process remember what was done inside, unless its own handler undoes it."""
    if step.undo or step.kind is Kind.EVENT_SUB_PROCESS:
        return
    around = walk.scopes[host.scope]
    while around.kind in (ScopeKind.MANY, ScopeKind.ITEM):
        around = walk.scopes[around.parent]
    for memory in walk.done(scope.number):
        walk.add_token(scope=around.number, node=memory.node, stage=Stage.DONE, via=memory.via or step.id)


def begin(walk: Walk, token: Token, step: Step) -> None:
    """Begin to undo what a thrown event asks; a cancelled transaction first ends all that still runs."""
    walk.note(step.id, "undoing", token.number)
    if step.trigger is Trigger.CANCEL:
        for each in walk.running(token.scope):
            if each.number != token.number:
                walk.remove_token(each)
        walk.disarm(token.scope)
    _next(walk, walk.change(token, stage=Stage.UNDOING), step)


def _next(walk: Walk, asker: Token, step: Step) -> None:
    """Undo the latest that is left, or let who asked go on."""
    memories = [each for each in walk.done(_scope_of(walk, asker)) if _is_meant(each, step.event.activity)]
    if memories:
        latest = memories[-1]
        handler = walk.step(latest).undo
        walk.remove_token(latest)
        walk.push(Phase.ENTER, walk.add_token(
            scope=asker.scope, node=handler, via=f"{_FOR}{asker.number}"
        ))
    elif step.trigger is Trigger.CANCEL:
        host = walk.tokens[walk.scopes[asker.scope].host]
        steps = walk.table_of(host.scope).steps
        caught = next(
            steps[each] for each in steps[host.node].boundary if steps[each].trigger is Trigger.CANCEL
        )
        leave_by_boundary(walk, host, caught, interrupting=True)
    else:
        go_on(walk, walk.change(asker, stage=Stage.MOVING), step)


def _scope_of(walk: Walk, asker: Token) -> int:
    """Give the scope that is compensated: in an event sub-process, the one around it."""
    scope = walk.scopes[asker.scope]
    host = walk.tokens.get(scope.host)
    if host is not None and walk.step(host).kind is Kind.EVENT_SUB_PROCESS:
        return scope.parent
    return scope.number


def _is_meant(memory: Token, activity: str) -> bool:
    """Say whether a memory is of an activity, or was made inside it; any is meant when none is named."""
    return not activity or activity in (memory.node, memory.via)


def undone(walk: Walk, token: Token) -> None:
    """End an activity that undid another, and go on with the next."""
    walk.clear(token.number)
    walk.note(token.node, "left", token.number)
    asker = walk.tokens.get(int(token.via.removeprefix(_FOR) or 0)) if token.via.startswith(_FOR) else None
    walk.consume(token)
    if asker is not None and asker.stage is Stage.UNDOING:
        _next(walk, asker, walk.step(asker))
