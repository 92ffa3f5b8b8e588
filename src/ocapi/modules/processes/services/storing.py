"""An instance's rows into a snapshot, a step's changes into rows, in a fixed number of statements."""

from datetime import datetime
from uuid import UUID

from django.db import models

from ocapi.kernel.jobs import api as jobs
from ocapi.lib import ids
from ocapi.lib.bpmn.engine import Changes, Scope, Snapshot, Stage, Token, Wait, WaitKind
from ocapi.lib.bpmn.engine.state import ROOT, ScopeKind
from ocapi.modules.processes.data import TaskState
from ocapi.modules.processes.models import (
    CallRow,
    HistoryRow,
    IncidentRow,
    InstanceRow,
    ResultRow,
    ScopeRow,
    SubscriptionRow,
    TaskRow,
    TimerRow,
    TokenRow,
    VariableRow,
)

FIRE, CALL = "processes.fire_timers", "processes.call"
_CHUNK = 500  # numbers in one statement
_ROWS = (
    (TimerRow, frozenset({WaitKind.TIMER})),
    (SubscriptionRow, frozenset({WaitKind.MESSAGE, WaitKind.SIGNAL})),
    (CallRow, frozenset({WaitKind.CALL})),
)


def load(row: InstanceRow, scope: int) -> Snapshot:
    """Give the scopes from one outward, with their tokens and variables: nothing else of the instance."""
    path: str | None = f"{ROOT}."
    if scope != ROOT:
        path = ScopeRow.objects.filter(instance=row, number=scope).values_list("path", flat=True).first()
    if path is None:
        return Snapshot(next_number=row.next_number, business_key=row.business_key)
    numbers = [int(each) for each in path.split(".") if each]
    scopes = ScopeRow.objects.filter(instance=row, number__in=numbers).order_by("number")
    tokens = TokenRow.objects.filter(instance=row, scope__in=numbers).order_by("number")
    held = VariableRow.objects.filter(instance=row, scope__in=numbers).order_by("id")
    return Snapshot(
        scopes=tuple(_scope(each) for each in scopes), tokens=tuple(_token(each) for each in tokens),
        variables={(each.scope, each.name): each.value for each in held}, next_number=row.next_number,
        business_key=row.business_key,
    )


def _scope(row: ScopeRow) -> Scope:
    return Scope(
        number=row.number, parent=row.parent, host=row.host, node=row.node, kind=ScopeKind(row.kind),
        process=row.process, path=row.path, total=row.total, started=row.started, done=row.done,
        index=row.index,
    )


def _token(row: TokenRow) -> Token:
    return Token(
        number=row.number, scope=row.scope, node=row.node, stage=Stage(row.stage), via=row.via,
        child=row.child, turns=row.turns,
    )


def apply(row: InstanceRow, made: Changes, *, now: datetime) -> tuple[list[TaskRow], list[IncidentRow]]:
    """Write what a step changed; gives the new tasks and incidents, for their facts."""
    _drop(row, made, now)
    _clear(row, made, now)
    _write_scopes(row, made)
    _write_tokens(row, made)
    if made.variables:
        VariableRow.objects.bulk_create(
            [VariableRow(instance=row, scope=scope, name=name, value=text)
             for (scope, name), text in made.variables.items()],
            update_conflicts=True, unique_fields=["instance", "scope", "name"], update_fields=["value"],
        )
    ResultRow.objects.bulk_create([
        ResultRow(instance=row, scope=scope, index=index, value=text)
        for (scope, index), text in made.results.items()
    ])
    HistoryRow.objects.bulk_create([
        HistoryRow(instance=row, token=each.token, node=each.node, what=each.what, at=now)
        for each in made.history
    ])
    return _wait(row, made.waits, now), _raise(row, made, now)


def _drop(row: InstanceRow, made: Changes, now: datetime) -> None:
    """End scopes with all inside, level by level: their number says nothing of the size of the instance."""
    if not made.dropped:
        return
    gone = [each.number for each in made.dropped]
    level = gone
    while level:
        level = list(ScopeRow.objects.filter(instance=row, parent__in=level).values_list("number", flat=True))
        gone += level
    for start in range(0, len(gone), _CHUNK):
        some = gone[start : start + _CHUNK]
        tokens = TokenRow.objects.filter(instance=row, scope__in=some)
        _resolve(row, list(tokens.values_list("number", flat=True)), now)
        tokens.delete()
        _end_tasks(TaskRow.objects.filter(instance=row, scope__in=some), now)
        for kind in (TimerRow, SubscriptionRow, CallRow, VariableRow, ResultRow):
            kind.objects.filter(instance=row, scope__in=some).delete()
        ScopeRow.objects.filter(instance=row, number__in=some).delete()


def _clear(row: InstanceRow, made: Changes, now: datetime) -> None:
    if WaitKind.TASK in made.cleared_kinds:
        _end_tasks(TaskRow.objects.filter(instance=row, token__in=made.cleared), now)
    for kind, kinds in _ROWS:
        if kinds & made.cleared_kinds:
            kind.objects.filter(instance=row, token__in=made.cleared).delete()
    if made.disarmed:
        for kind in (TimerRow, SubscriptionRow):
            kind.objects.filter(instance=row, token=0, scope__in=made.disarmed).delete()
    _resolve(row, list(made.resolved), now)


def _end_tasks(rows: "models.QuerySet[TaskRow]", now: datetime) -> None:
    rows.filter(state=TaskState.OPEN.value).update(state=TaskState.CANCELLED.value, ended_at=now)


def _resolve(row: InstanceRow, tokens: list[int], now: datetime) -> None:
    if tokens:
        IncidentRow.objects.filter(instance=row, resolved_at=None, token__in=tokens).update(resolved_at=now)


def _write_scopes(row: InstanceRow, made: Changes) -> None:
    ScopeRow.objects.bulk_create([
        ScopeRow(
            instance=row, number=each.number, parent=each.parent, host=each.host, node=each.node,
            kind=each.kind.value, process=each.process, path=each.path, total=each.total,
            started=each.started, done=each.done, index=each.index,
        ) for each in made.new_scopes
    ])
    for each in made.changed_scopes:
        ScopeRow.objects.filter(instance=row, number=each.number).update(
            started=each.started, done=each.done
        )


def _write_tokens(row: InstanceRow, made: Changes) -> None:
    if made.removed_tokens:
        TokenRow.objects.filter(instance=row, number__in=made.removed_tokens).delete()
    for each in made.changed_tokens:
        TokenRow.objects.filter(instance=row, number=each.number).update(
            node=each.node, stage=each.stage.value, via=each.via, child=each.child, turns=each.turns
        )
    TokenRow.objects.bulk_create([
        TokenRow(
            instance=row, number=each.number, scope=each.scope, node=each.node, stage=each.stage.value,
            via=each.via, child=each.child, turns=each.turns,
        ) for each in made.new_tokens
    ])


def _wait(row: InstanceRow, waits: tuple[Wait, ...], now: datetime) -> list[TaskRow]:
    by_kind: dict[WaitKind, list[Wait]] = {kind: [] for kind in WaitKind}
    for each in waits:
        by_kind[each.kind].append(each)
    tasks = TaskRow.objects.bulk_create([
        TaskRow(
            uuid=ids.new_uuid(now), instance=row, scope=each.scope, token=each.token, node=each.node,
            title=each.title[:300], kind=each.name, group=each.group[:200], due_at=each.due_at,
            state=TaskState.OPEN.value, created_at=now,
        ) for each in by_kind[WaitKind.TASK]
    ])
    add_timers([timer_row(each, instance=row) for each in by_kind[WaitKind.TIMER]])
    SubscriptionRow.objects.bulk_create([
        SubscriptionRow(
            instance=row, scope=each.scope, token=each.token, node=each.node, kind=each.kind.value,
            name=each.name[:200], key=each.key,
        ) for each in (*by_kind[WaitKind.MESSAGE], *by_kind[WaitKind.SIGNAL])
    ])
    calls = CallRow.objects.bulk_create([
        CallRow(
            uuid=ids.new_uuid(now), instance=row, scope=each.scope, token=each.token, node=each.node,
            connector=each.name, values=each.values, attempts=0,
        ) for each in by_kind[WaitKind.CALL]
    ])
    for call in calls:
        queue_call(call.uuid, due_at=now)
    return tasks


def timer_row(wait: Wait, *, instance: InstanceRow) -> TimerRow:
    """Give the row of a timer."""
    assert wait.due_at is not None
    return TimerRow(
        instance=instance, scope=wait.scope, token=wait.token, node=wait.node, due_at=wait.due_at,
        left=wait.left, every=wait.every, is_held=False,
    )


def add_timers(rows: list[TimerRow]) -> None:
    """Arm timers, and let the worker come when the first is due."""
    if rows:
        TimerRow.objects.bulk_create(rows)
        jobs.enqueue(job=FIRE, arguments={}, due_at=min(each.due_at for each in rows), key=FIRE)


def queue_call(call: UUID, *, due_at: datetime) -> None:
    """Let the worker do a connector's work."""
    jobs.enqueue(job=CALL, arguments={"call": str(call)}, due_at=due_at, key=f"{CALL}:{call}")


def _raise(row: InstanceRow, made: Changes, now: datetime) -> list[IncidentRow]:
    return IncidentRow.objects.bulk_create([
        IncidentRow(
            uuid=ids.new_uuid(now), instance=row, token=each.token, node=each.node, reason=each.reason,
            detail=each.detail[:300], raised_at=now,
        ) for each in made.incidents
    ])
