"""An instance's rows into a snapshot, a step's changes into rows, in a fixed number of statements."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import ids
from ocapi.lib.bpmn.engine import Changes, Scope, Snapshot, Stage, Token, Wait, WaitKind
from ocapi.lib.bpmn.engine.state import ROOT, ScopeKind
from ocapi.modules.processes.data import InstanceState, TaskState
from ocapi.modules.processes.extensions import AsksOutside, connectors
from ocapi.modules.processes.models import TimerRow
from ocapi.modules.processes.services import groups
from ocapi.modules.processes.services import statements as do

FIRE, CALL = "processes.fire_timers", "processes.call"
CALL_OUTSIDE = "processes.call_outside"  # of connectors that wait for a system outside
_CHUNK = 500  # numbers in one statement
_STAGES = {stage.value: stage for stage in Stage}
_KINDS = {kind.value: kind for kind in ScopeKind}
_STATES = {state.value: state for state in InstanceState}
_SUBSCRIBED = (WaitKind.MESSAGE, WaitKind.SIGNAL)


@dataclass(slots=True)
class Held:
    """An instance whose row is locked until the transaction ends; the fields as they stand in it."""

    id: int
    uuid: UUID
    definition_id: int
    process: str
    version: int
    business_key: str
    state: InstanceState
    next_number: int
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """Work for a person that a step made."""

    uuid: UUID
    node: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIncident:
    """A step that could not be taken."""

    uuid: UUID
    node: str
    reason: str


def held(row: tuple[object, ...]) -> Held:
    """Give an instance from its row, columns as in `statements`."""
    number, uuid, definition, process, version, key, state, following, started_at, ended_at = row
    return Held(
        number, tenants.read_uuid(uuid), definition, process, version, key,  # type: ignore[arg-type]
        _STATES[state], following, tenants.read_instant(started_at),  # type: ignore[arg-type, index]
        tenants.read_instant(ended_at) if ended_at else None,  # type: ignore[arg-type]
    )


def load(row: Held, scope: int) -> Snapshot:
    """Give the scopes from one outward, with their tokens and variables: nothing else of the instance."""
    numbers = [ROOT]
    if scope != ROOT:
        found = do.PATH.row(row.id, scope)
        if found is None:
            return Snapshot(next_number=row.next_number, business_key=row.business_key)
        numbers = [int(each) for each in found[0].split(".") if each]
    scopes, tokens, variables = [], [], {}
    for part, number, second, third, fourth, fifth, sixth, seventh, first_text, text, more, path in (
        do.PARTS.rows(row.id, numbers, row.id, numbers, row.id, numbers)
    ):
        if part == 2:
            variables[number, first_text] = text
        elif part == 1:
            tokens.append(Token(
                number=number, scope=second, node=first_text, stage=_STAGES[text], via=more, child=third,
                turns=fourth,
            ))
        else:
            scopes.append(Scope(
                number=number, parent=second, host=third, node=first_text, kind=_KINDS[text], process=more,
                path=path, total=fourth, started=fifth, done=sixth, index=seventh,
            ))
    scopes.sort(key=lambda each: each.number)
    tokens.sort(key=lambda each: each.number)
    return Snapshot(
        scopes=tuple(scopes), tokens=tuple(tokens), variables=variables, next_number=row.next_number,
        business_key=row.business_key,
    )


def begin(row: Held, made: Changes) -> None:
    """Write an instance as its first step left it; fills in its id."""
    (row.id,) = do.BEGIN.one((
        row.uuid, row.definition_id, row.process, row.version, row.business_key, row.state.value,
        made.next_number, 1, row.started_at, row.ended_at,
    ))


def go_on(row: Held, made: Changes) -> None:
    """Write where an instance stands after another step; an end empties what it could still wait for."""
    if row.ended_at is None:
        do.GO_ON.later(made.next_number, row.id)
    else:
        do.END.later(made.next_number, row.state.value, row.ended_at, row.id)


def apply(row: Held, made: Changes, *, now: datetime) -> tuple[list[NewTask], list[NewIncident]]:
    """Write what a step changed; gives the new tasks and incidents, for their facts."""
    if made.dropped:
        _drop(row, made, now)
    _clear(row, made, now)
    _write_scopes(row, made)
    _write_tokens(row, made)
    if made.variables:
        do.SET_VARIABLES.later([
            (row.id, scope, name, text) for (scope, name), text in made.variables.items()
        ])
    if made.results:
        do.NEW_RESULTS.later([(row.id, scope, index, text) for (scope, index), text in made.results.items()])
    if made.history:
        do.NEW_HISTORY.later([(row.id, each.token, each.node, each.what, now) for each in made.history])
    tasks = wait(row, made.waits, now=now) if made.waits else []
    return tasks, _raise(row, made, now) if made.incidents else []


def keep_decisions(row: Held, decided: list[tuple[str, str]], *, now: datetime) -> None:
    """Write why decisions of a step came out as they did."""
    if decided:
        do.NEW_DECISIONS.later([(row.id, decision, explanation, now) for decision, explanation in decided])


def _drop(row: Held, made: Changes, now: datetime) -> None:
    """End scopes with all inside, level by level: their number says nothing of the size of the instance."""
    gone = [each.number for each in made.dropped]
    level = gone
    while level:
        level = [number for (number,) in do.INNER_SCOPES.rows(row.id, level)]
        gone += level
    for start in range(0, len(gone), _CHUNK):
        some = gone[start : start + _CHUNK]
        do.RESOLVE_INSIDE.later(now, row.id, row.id, some)
        do.CANCEL_TASKS_INSIDE.later(now, row.id, some)
        for each in do.DROP_INSIDE:
            each.later(row.id, some)
        do.DROP_SCOPES.later(row.id, some)


def _clear(row: Held, made: Changes, now: datetime) -> None:
    tokens, kinds = list(made.cleared), made.cleared_kinds
    if kinds:
        if WaitKind.TASK in kinds:
            do.CANCEL_TASKS.later(now, row.id, tokens)
        if WaitKind.TIMER in kinds:
            do.CLEAR_TIMERS.later(row.id, tokens)
        if WaitKind.MESSAGE in kinds or WaitKind.SIGNAL in kinds:
            do.CLEAR_SUBSCRIPTIONS.later(row.id, tokens)
        if WaitKind.CALL in kinds:
            do.CLEAR_CALLS.later(row.id, tokens)
    if made.disarmed:
        scopes = list(made.disarmed)
        do.DISARM_TIMERS.later(row.id, scopes)
        do.DISARM_SUBSCRIPTIONS.later(row.id, scopes)
    if made.resolved:
        do.RESOLVE.later(now, row.id, list(made.resolved))


def _write_scopes(row: Held, made: Changes) -> None:
    if made.new_scopes:
        do.NEW_SCOPES.later([
            (row.id, each.number, each.parent, each.host, each.node, each.kind.value, each.process, each.path,
             each.total, each.started, each.done, each.index) for each in made.new_scopes
        ])
    for each in made.changed_scopes:
        do.CHANGE_SCOPE.later(each.started, each.done, row.id, each.number)


def _write_tokens(row: Held, made: Changes) -> None:
    if made.removed_tokens:
        do.END_TOKENS.later(row.id, list(made.removed_tokens))
    for each in made.changed_tokens:
        do.CHANGE_TOKEN.later(
            each.node, each.stage.value, each.via, each.child, each.turns, row.id, each.number
        )
    if made.new_tokens:
        do.NEW_TOKENS.later([
            (row.id, each.number, each.scope, each.node, each.stage.value, each.via, each.child, each.turns)
            for each in made.new_tokens
        ])


def wait(row: Held, waits: tuple[Wait, ...], *, now: datetime) -> list[NewTask]:
    """Write what is waited for; gives the tasks among it."""
    by_kind: dict[WaitKind, list[Wait]] = {}
    for each in waits:
        by_kind.setdefault(each.kind, []).append(each)
    asked = by_kind.get(WaitKind.TASK, [])
    tasks = [NewTask(uuid=ids.new_uuid(now), node=each.node, group=each.group[:200]) for each in asked]
    if tasks:
        is_named = any(each.group for each in tasks)
        receivers = groups.receivers(row.process, now=now) if is_named else {}
        do.NEW_TASKS.later([
            (task.uuid, row.id, each.scope, each.token, each.node, each.title[:300], each.name, task.group,
             others_text(each.others),
             UUID(each.assignee) if each.assignee else receivers.get(task.group), each.due_at,
             TaskState.OPEN.value, now) for task, each in zip(tasks, asked, strict=True)
        ])
    is_held = row.state is InstanceState.SUSPENDED
    add_timers([
        timer_row(each, instance=row.id, is_held=is_held) for each in by_kind.get(WaitKind.TIMER, [])
    ])
    subscribed = [each for kind in _SUBSCRIBED for each in by_kind.get(kind, [])]
    if subscribed:
        do.NEW_SUBSCRIPTIONS.later([
            (row.id, each.scope, each.token, each.node, each.kind.value, each.name[:200], each.key)
            for each in subscribed
        ])
    calls = [(ids.new_uuid(now), each) for each in by_kind.get(WaitKind.CALL, [])]
    if calls:
        do.NEW_CALLS.later([
            (uuid, row.id, each.scope, each.token, each.node, each.name, each.values, 0)
            for uuid, each in calls
        ])
    for uuid, each in calls:
        queue_call(uuid, connector=each.name, due_at=now)
    return tasks


def others_text(groups: tuple[str, ...]) -> str | None:
    """Give the groups besides the first as a task's row keeps them; `"\\nname\\n" in` finds one."""
    return "".join(f"\n{each}\n" for each in groups) or None


def timer_row(wait: Wait, *, instance: int, is_held: bool) -> TimerRow:
    """Give the row of a timer; one that is held does not fire."""
    assert wait.due_at is not None
    return TimerRow(
        instance_id=instance, scope=wait.scope, token=wait.token, node=wait.node, due_at=wait.due_at,
        left=wait.left, every=wait.every, is_held=is_held,
    )


def add_timers(rows: list[TimerRow]) -> None:
    """Arm timers, and let the worker come when the first is due."""
    if rows:
        do.NEW_TIMERS.later([
            (each.instance_id, each.definition_id, each.scope, each.token, each.node, each.due_at, each.left,
             each.every, each.is_held) for each in rows
        ])
        jobs.enqueue(job=FIRE, arguments={}, due_at=min(each.due_at for each in rows), key=FIRE)


def queue_call(call: UUID, *, connector: str, due_at: datetime) -> None:
    """Let the worker do a connector's work."""
    job = CALL_OUTSIDE if isinstance(connectors.find(connector), AsksOutside) else CALL
    jobs.enqueue(job=job, arguments={"call": str(call)}, due_at=due_at, key=f"{CALL}:{call}")


def _raise(row: Held, made: Changes, now: datetime) -> list[NewIncident]:
    found = [
        NewIncident(uuid=ids.new_uuid(now), node=each.node, reason=each.reason) for each in made.incidents
    ]
    do.NEW_INCIDENTS.later([
        (new.uuid, row.id, each.token, each.node, each.reason, each.detail[:300], now)
        for new, each in zip(found, made.incidents, strict=True)
    ])
    return found
