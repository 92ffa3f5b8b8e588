"""Repetition: while a condition holds, or once for each of a list, one after the other or side by side."""

from decimal import Decimal

from ocapi.lib.bpmn.engine import compensating, values
from ocapi.lib.bpmn.engine.state import Scope, ScopeKind, Stage, Token
from ocapi.lib.bpmn.engine.triggers import StepFailed
from ocapi.lib.bpmn.engine.walking import Phase, Walk
from ocapi.lib.bpmn.table import Repeat, Step

MAX_RUNS = 5_000  # of one repeated activity
COUNTER = "loopCounter"


def goes_on(walk: Walk, token: Token, step: Step) -> bool:
    """Say whether a loop runs (again)."""
    assert step.repeat is not None
    if step.repeat.loop.maximum and token.turns >= step.repeat.loop.maximum:
        return False
    condition = step.repeat.condition
    return condition is None or walk.holds(condition, token.scope, {COUNTER: Decimal(token.turns)})


def start_many(walk: Walk, token: Token, step: Step) -> None:
    """Begin the runs of a repeated activity; none when there is nothing to repeat."""
    repeat = step.repeat
    assert repeat is not None
    items = _items(walk, token, repeat)
    total = len(items) if items is not None else _number(walk, token, repeat)
    if total > MAX_RUNS:
        raise StepFailed("tooManyRuns", f"{total}; {MAX_RUNS} are allowed")
    if total == 0:
        if repeat.loop.output:
            walk.put(repeat.loop.output, [], token.scope)
        walk.push(Phase.LEAVE, token)
        return
    parent = walk.scopes[token.scope]
    many = walk.add_scope(
        parent=parent, host=token.number, node=step.id, kind=ScopeKind.MANY, process=parent.process,
        total=total,
    )
    walk.change(token, stage=Stage.HOSTING, child=many.number)
    for _each in range(total if repeat.loop.style == "parallel" else 1):
        _start_item(walk, many.number, step, items)


def _items(walk: Walk, token: Token, repeat: Repeat) -> list[object] | None:
    if repeat.collection is None:
        return None
    found = walk.value(repeat.collection, token.scope)
    if not isinstance(found, list):
        raise StepFailed("notAList", repeat.collection.text)
    return found


def _number(walk: Walk, token: Token, repeat: Repeat) -> int:
    assert repeat.cardinality is not None
    found = walk.value(repeat.cardinality, token.scope)
    if not isinstance(found, Decimal) or found != found.to_integral_value() or found < 0:
        raise StepFailed("notANumber", repeat.cardinality.text)
    return int(min(found, Decimal(MAX_RUNS + 1)))


def _start_item(walk: Walk, many: int, step: Step, items: list[object] | None) -> None:
    scope = walk.scopes[many]
    assert step.repeat is not None
    item = walk.add_scope(
        parent=scope, host=0, node=step.id, kind=ScopeKind.ITEM, process=scope.process, index=scope.started
    )
    walk.put_here(COUNTER, scope.started + 1, item.number)
    name = step.repeat.loop.item
    if items is not None and name:
        walk.put_here(name, items[scope.started] if scope.started < len(items) else None, item.number)
    result = step.repeat.loop.output_item
    if step.repeat.loop.output and result and result != name:  # each run has its own, not the last one's
        walk.put_here(result, None, item.number)
    walk.change_scope(scope, started=scope.started + 1)
    walk.push(Phase.BODY, walk.add_token(scope=item.number, node=step.id))


def item_done(walk: Walk, token: Token, step: Step) -> None:
    """End one run: keep its result, then begin the next or end the whole."""
    repeat = step.repeat
    assert repeat is not None
    item = walk.scopes[token.scope]
    many = walk.scopes[item.parent]
    done = many.done + 1
    is_over = done >= many.total
    if not is_over and repeat.condition is not None:
        counts = {
            "numberOfInstances": many.total, "numberOfCompletedInstances": done,
            "numberOfActiveInstances": many.started - done,
        }
        is_over = walk.holds(repeat.condition, item.number, counts)
    if repeat.loop.output:
        result = walk.value(repeat.output_item, item.number) if repeat.output_item else None
        try:
            walk.results[(many.number, item.index)] = values.write(result)
        except values.NotStorable as refusal:
            raise StepFailed(refusal.reason, refusal.detail) from None
    many = walk.change_scope(many, done=done)
    walk.drop(item.number)
    host = walk.tokens[many.host]
    try:
        if is_over:
            _end(walk, many, host, step)
        elif repeat.loop.style == "sequential":
            _start_item(walk, many.number, step, _items(walk, host, repeat))
    except StepFailed as failure:
        walk.fail(host, Phase.ENTER, failure.reason, failure.detail)


def _end(walk: Walk, many: Scope, host: Token, step: Step) -> None:
    repeat = step.repeat
    assert repeat is not None
    if repeat.loop.output:
        found = dict(walk.world.results(many.number))
        found |= {index: text for (scope, index), text in walk.results.items() if scope == many.number}
        walk.put(repeat.loop.output, [values.read(found[each]) for each in sorted(found)], host.scope)
    walk.drop(many.number)
    walk.clear(host.number)
    compensating.remember(walk, host, step)
    walk.push(Phase.LEAVE, walk.change(host, stage=Stage.MOVING, child=0))
