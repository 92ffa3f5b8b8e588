"""Activities: their work, their repetition, their end, and the scopes inside them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from ocapi.lib.bpmn import timing
from ocapi.lib.bpmn.engine import compensating, repeating, values
from ocapi.lib.bpmn.engine.state import ROOT, Scope, ScopeKind, Stage, Token, Wait
from ocapi.lib.bpmn.engine.triggers import StepFailed
from ocapi.lib.bpmn.engine.walking import Phase, Walk
from ocapi.lib.bpmn.model import Kind, WaitKind
from ocapi.lib.bpmn.table import Step

MAX_GROUPS = 20  # of one task
MAX_GROUP = 200  # characters of its name
MAX_GROUPS_TEXT = 600  # characters of all names together
MAX_DEPTH = 40  # scopes inside each other, a call activity that calls itself included


def enter_activity(walk: Walk, token: Token, step: Step) -> None:
    """Let a token come to an activity: its events begin to wait, its runs begin."""
    if step.repeat is not None and not walk.is_item(token):
        if step.repeat.is_standard:
            if step.repeat.loop.is_tested_before and not repeating.goes_on(walk, token, step):
                walk.push(Phase.LEAVE, token)
                return
        else:
            repeating.start_many(walk, token, step)
            if token.number in walk.tokens and walk.tokens[token.number].stage is Stage.HOSTING:
                walk.arm_boundary(walk.tokens[token.number], step)
            return
    if not walk.is_item(token):
        walk.arm_boundary(token, step)
    do_work(walk, token, step)


def do_work(walk: Walk, token: Token, step: Step) -> None:
    """Do the work of one run."""
    if step.kind in (Kind.USER, Kind.MANUAL):
        groups = _candidates(walk, token, step)
        _await(walk, token, Wait(
            scope=token.scope, token=token.number, node=step.id, kind=WaitKind.TASK, title=step.name,
            group=groups[0] if groups else "", others=groups[1:], assignee=_assignee(walk, token, step),
            due_at=_due(walk, token, step), name=step.kind.value,
        ))
    elif step.kind is Kind.SERVICE or (step.kind is Kind.SEND and step.reference):
        _await(walk, token, Wait(
            scope=token.scope, token=token.number, node=step.id, kind=WaitKind.CALL, name=step.reference,
            values=_inputs_json(walk, token, step), due_at=walk.world.now,
        ))
    elif step.kind is Kind.RECEIVE:
        _await(walk, token, walk.wait_for(step, scope=token.scope, token=token.number))
    elif step.kind in (Kind.SUB_PROCESS, Kind.TRANSACTION):
        _go_inside(walk, token, step, ScopeKind.SUB, walk.scopes[token.scope].process, step.id)
    elif step.kind is Kind.CALL:
        called = walk.world.find_process(step.reference)
        if called is None:
            raise StepFailed("processUnknown", step.reference)
        _go_inside(walk, token, step, ScopeKind.CALL, called, "")
    else:
        _at_once(walk, token, step)
        walk.push(Phase.COMPLETE, token)


def _at_once(walk: Walk, token: Token, step: Step) -> None:
    if step.kind is Kind.SCRIPT and step.script is not None:
        _keep_result(walk, token, step, walk.value(step.script, token.scope))
    elif step.kind is Kind.RULE:
        try:
            answer = walk.world.decide(step.reference, _given(walk, token, step))
        except LookupError:
            raise StepFailed("decisionUnknown", step.reference) from None
        except ValueError as refusal:
            raise StepFailed("decisionFailed", str(refusal)) from None
        _keep_result(walk, token, step, answer)
    elif step.kind is Kind.SEND:
        walk.send(step, token.scope)


def _visible(walk: Walk, scope: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in reversed(walk.chain(scope)):
        found |= {name: text for (number, name), text in walk.variables.items() if number == each.number}
    return found


def _keep_result(walk: Walk, token: Token, step: Step, answer: object) -> None:
    if step.outputs:
        keep_outputs(walk, token, step, {"result": answer, **(answer if isinstance(answer, dict) else {})})
    elif step.result:
        walk.put(step.result, answer, token.scope)
    elif isinstance(answer, dict):
        walk.put_all(answer, token.scope)
    elif answer is not None:
        raise StepFailed("resultUnnamed", "give the context a name, or set resultVariable")


def keep_outputs(walk: Walk, token: Token, step: Step, given: Mapping[str, object]) -> None:
    """Set what an activity brought, by the outputs it declares; by name when it declares none."""
    if not step.outputs:
        walk.put_all(given, token.scope)
        return
    made = [(name, walk.value(formula, token.scope, given)) for formula, name in step.outputs]
    for name, value in made:
        walk.put(name, value, token.scope)


def _candidates(walk: Walk, token: Token, step: Step) -> tuple[str, ...]:
    """Give the groups that may do a task, at least one when they are computed."""
    if step.who is None:
        if sum(len(each) for each in step.others) > MAX_GROUPS_TEXT or len(step.others) >= MAX_GROUPS:
            raise StepFailed("tooManyGroups", step.group[:100])
        return (step.group, *step.others)
    value = walk.value(step.who, token.scope)
    found = value if isinstance(value, list) else [value]
    texts = tuple(each.strip() for each in found if isinstance(each, str) and each.strip())
    if not texts or len(texts) != len(found) or len(texts) > MAX_GROUPS:
        raise StepFailed("groupsNotTexts", step.who.text[:100])
    if any(len(each) > MAX_GROUP for each in texts) or sum(len(each) for each in texts) > MAX_GROUPS_TEXT:
        raise StepFailed("tooManyGroups", step.who.text[:100])
    return tuple(dict.fromkeys(texts))


def _assignee(walk: Walk, token: Token, step: Step) -> str:
    """Give the uuid of the person a task is given to; nobody for null or an empty text."""
    value = walk.value(step.assignee, token.scope) if step.assignee is not None else None
    if value is None or value == "":
        return ""
    try:
        return str(UUID(value if isinstance(value, str) else ""))
    except ValueError:
        raise StepFailed("assigneeUnknown", step.assignee.text[:100] if step.assignee else "") from None


def _due(walk: Walk, token: Token, step: Step) -> datetime | None:
    if step.due is None:
        return None
    value = walk.value(step.due, token.scope)
    try:
        return timing.read(kind="duration", value=value, now=walk.world.now).at
    except timing.NotATime:
        raise StepFailed("notATime", step.due.text[:100]) from None


def _inputs_json(walk: Walk, token: Token, step: Step) -> str:
    given = _given(walk, token, step)
    try:
        return values.write(given)
    except values.NotStorable as refusal:
        raise StepFailed(refusal.reason, refusal.detail) from None


def _given(walk: Walk, token: Token, step: Step) -> dict[str, object]:
    if step.inputs:
        return {name: walk.value(formula, token.scope) for formula, name in step.inputs}
    return {name: values.read(text) for name, text in _visible(walk, token.scope).items()}


def _await(walk: Walk, token: Token, wait: Wait) -> None:
    walk.waits.append(wait)
    walk.change(token, stage=Stage.WAITING)
    walk.note(wait.node, "waiting", token.number)


def _go_inside(walk: Walk, token: Token, step: Step, kind: ScopeKind, process: str, area: str) -> None:
    parent = walk.scopes[token.scope]
    if parent.path.count(".") >= MAX_DEPTH:
        raise StepFailed("tooDeep", f"more than {MAX_DEPTH} levels")
    inside = walk.add_scope(parent=parent, host=token.number, node=step.id, kind=kind, process=process)
    walk.change(token, stage=Stage.HOSTING, child=inside.number)
    if kind is ScopeKind.CALL:
        for name, text in _visible(walk, token.scope).items():
            walk.variables[(inside.number, name)] = text
        for formula, name in step.inputs:
            walk.put_here(name, walk.value(formula, token.scope), inside.number)
    walk.open_area(inside, area)


def complete(walk: Walk, token: Token, step: Step) -> None:
    """End one run of an activity: the next, the rest of the repetition, or on along the flows."""
    walk.clear(token.number)
    if walk.is_item(token):
        repeating.item_done(walk, token, step)
        return
    if step.repeat is not None and step.repeat.is_standard:
        again = walk.change(token, turns=token.turns + 1, stage=Stage.MOVING, child=0)
        if repeating.goes_on(walk, again, step):
            walk.arm_boundary(again, step)
            walk.push(Phase.BODY, again)
            return
    compensating.remember(walk, token, step)
    walk.push(Phase.LEAVE, walk.tokens[token.number])


def close(walk: Walk, scope: Scope) -> None:
    """End a scope in which no token is left."""
    if scope.kind in (ScopeKind.MANY, ScopeKind.ITEM) or walk.running(scope.number):
        return
    if scope.number == ROOT:
        for memory in walk.done(ROOT):
            walk.remove_token(memory)
        walk.disarm(ROOT)
        walk.ended = True
        return
    host = walk.tokens[scope.host]
    step = walk.step(host)
    if scope.kind is ScopeKind.CALL:
        _bring_back(walk, scope, host, step)
    else:
        compensating.hand_up(walk, scope, host, step)
    walk.drop(scope.number)
    moving = walk.change(host, child=0, stage=Stage.MOVING)
    if step.kind is Kind.EVENT_SUB_PROCESS:
        walk.consume(moving)
    else:
        walk.push(Phase.COMPLETE, moving)


def _bring_back(walk: Walk, scope: Scope, host: Token, step: Step) -> None:
    held = {name: text for (number, name), text in walk.variables.items() if number == scope.number}
    if step.outputs:
        keep_outputs(walk, host, step, {name: values.read(text) for name, text in held.items()})
        return
    for name, text in held.items():
        chain = walk.chain(host.scope)
        holder = next((each for each in chain if (each.number, name) in walk.variables), chain[-1])
        walk.variables[(holder.number, name)] = text
