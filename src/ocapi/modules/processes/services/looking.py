"""What goes on in processes, for those who keep an eye on it: figures per node, runs, the way of one."""

import re
from collections import Counter
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ocapi.lib.bpmn.engine import CORRECTED
from ocapi.lib.bpmn.engine.state import ROOT, ScopeKind, Stage
from ocapi.lib.bpmn.model import Kind
from ocapi.modules.processes import data, queries
from ocapi.modules.processes.data import InstanceState, TaskState
from ocapi.modules.processes.models import (
    CallRow,
    CorrectionRow,
    DefinitionRow,
    HistoryRow,
    IncidentRow,
    InstanceRow,
    RelocationRow,
    ScopeRow,
    TaskRow,
    TimerRow,
    TokenRow,
    VariableRow,
)
from ocapi.modules.processes.services import called, showing
from ocapi.modules.processes.services.tables import TABLES

LAST_RUNS, LAST_TASKS = 100, 1000  # of each state, and of those runs, of which an average is taken
MAX_PLANNED = 200
HOUR = timedelta(hours=1)
_ASKED = re.compile(r'\s*(?P<name>[A-Za-z_]\w*)\s*=\s*(?:"(?P<text>[^"\\]*)"|(?P<truth>true|false))\s*')
_ALIVE = (InstanceState.RUNNING.value, InstanceState.SUSPENDED.value)
_LOOKED_AT = (InstanceState.COMPLETED, InstanceState.RUNNING, InstanceState.SUSPENDED)


def processes() -> tuple[data.ProcessFigures, ...]:
    """Give every process with its numbers, in a fixed number of statements."""
    keys = dict(DefinitionRow.objects.values_list("id", "key"))
    running: Counter[str] = Counter()
    for version, count in live_runs():
        running[keys[version]] += count
    broken = IncidentRow.objects.filter(resolved_at__isnull=True).values_list("instance__process")
    incidents = dict(broken.annotate(Count("id")))
    return tuple(
        data.ProcessFigures(
            definition=each, running=running[each.key], incidents=incidents.get(each.key, 0)
        )
        for each in queries.definitions()
    )


def live_runs() -> "QuerySet[InstanceRow, tuple[int, int]]":
    """Give how many runs of each version have not ended: by an index that is read at those alone."""
    versions = DefinitionRow.objects.values("id")
    live = InstanceRow.objects.filter(definition__in=versions, state__in=_ALIVE)
    return live.values_list("definition").annotate(Count("id"))


def row_of(definition: UUID) -> DefinitionRow:
    """Give the row of a version, or raise ProcessNotFound."""
    row = DefinitionRow.objects.select_related("model").filter(uuid=definition).first()
    if row is None:
        raise data.ProcessNotFound(str(definition))
    return row


def versions(row: DefinitionRow) -> tuple[data.Definition, ...]:
    """Give all versions of the same process, newest first."""
    rows = DefinitionRow.objects.select_related("model").filter(key=row.key).order_by("-version")[:100]
    return tuple(queries.definition(each) for each in rows)


def nodes(row: DefinitionRow) -> tuple[data.NodeFigures, ...]:
    """Give the nodes of a version at which something stands or was done, in the order of the drawing."""
    live = Q(instance__definition=row, instance__state__in=_ALIVE)
    standing = TokenRow.objects.filter(live).exclude(stage=Stage.DONE.value).exclude(_holds_turns())
    waiting = dict(standing.values_list("node").annotate(Count("id")))
    broken = IncidentRow.objects.filter(live, resolved_at__isnull=True).values_list("node")
    incidents = dict(broken.annotate(Count("id")))
    took: dict[str, list[timedelta]] = {}
    recent = [each for state in _LOOKED_AT for each in queries.latest(row, state, LAST_RUNS)]
    ended = TaskRow.objects.filter(instance__in=recent, state=TaskState.COMPLETED.value).order_by("-id")
    for node, made, done in ended.values_list("node", "created_at", "ended_at")[:LAST_TASKS]:
        if done is not None:
            took.setdefault(node, []).append(done - made)
    table = TABLES.get(str(row.uuid))
    return tuple(
        data.NodeFigures(
            node=step.id, name=called.plainly(step), kind=step.kind.value, waiting=waiting.get(step.id, 0),
            incidents=incidents.get(step.id, 0), done=len(took.get(step.id, ())),
            average_hours=_average(took.get(step.id, [])),
        )
        for step in table.steps.values() if step.id in waiting or step.id in incidents or step.id in took
    )


def _holds_turns() -> Q:
    """Find what only holds a repetition: its turns are counted, each where it stands."""
    turns = ScopeRow.objects.filter(
        instance=OuterRef("instance"), number=OuterRef("child"), kind=ScopeKind.MANY.value
    )
    return Q(child__gt=0) & Q(Exists(turns))


def _average(found: list[timedelta]) -> float | None:
    return sum(found, timedelta()) / len(found) / HOUR if found else None


def instances(
    row: DefinitionRow, *, state: InstanceState | None, cursor: str, page_size: int, about: str = ""
) -> data.InstanceLines:
    """Give one page of the runs of a version, newest first."""
    states = tuple(InstanceState) if state is None else (state,)
    rows, more = queries.page_of(row, states, cursor=cursor, page_size=page_size, about=about)
    broken = IncidentRow.objects.filter(instance__in=[each.id for each in rows], resolved_at__isnull=True)
    stuck = set(broken.values_list("instance", flat=True))
    return data.InstanceLines(
        items=tuple(
            data.InstanceLine(
                uuid=each.uuid, version=each.version, business_key=each.business_key,
                state=InstanceState(each.state), started_at=each.started_at, ended_at=each.ended_at,
                is_stuck=each.id in stuck,
            )
            for each in rows
        ),
        cursor=more,
    )


def path(instance: UUID) -> data.Path:
    """Give the way of one run, or raise InstanceNotFound."""
    found = queries.outline(instance)
    row = InstanceRow.objects.select_related("definition", "definition__model").get(uuid=instance)
    table = TABLES.get(str(row.definition.uuid))
    passed = HistoryRow.objects.filter(instance=row).order_by("id")[: queries.MAX_SHOWN]
    names = VariableRow.objects.filter(instance=row, scope=ROOT).order_by("name")
    return data.Path(
        instance=found, definition=queries.definition(row.definition),
        passages=tuple(
            data.Passage(
                node=each.node, what=each.what, at=each.at,
                name=each.node if each.what == CORRECTED else called.step(table, each.node),
            )
            for each in passed
        ),
        standing=tuple((node, called.step(table, node)) for node in dict.fromkeys(found.nodes)),
        variables=tuple(names.values_list("name", flat=True)[: queries.MAX_SHOWN]),
        is_asked_otherwise=CorrectionRow.objects.filter(instance=row).exists(),
        is_asked_elsewhere=RelocationRow.objects.filter(instance=row, source__in=found.nodes).exists(),
    )


def choices(task: UUID) -> data.Choices | None:
    """Give what the gateway after an open task decides by, when each way out asks for one value.

    Conditions that are more than `name = "value"` or `name = true` give None: those need a form.
    """
    step, table = showing.place_of(showing.open_row(task))
    ways = step.outgoing if step else ()
    gateway = table.steps.get(ways[0].target) if len(ways) == 1 else None
    if gateway is None or gateway.kind is not Kind.EXCLUSIVE:
        return None
    found = [(arc, _ASKED.fullmatch(arc.condition.text)) for arc in gateway.outgoing if arc.condition]
    names = {asked["name"] for _arc, asked in found if asked}
    if not found or len(names) != 1 or not all(asked for _arc, asked in found):
        return None
    options = [(_value(asked), arc.name or str(_value(asked))) for arc, asked in found if asked]
    return data.Choices(variable=names.pop(), question=gateway.name, options=tuple(options))


def _value(asked: "re.Match[str]") -> str | bool:
    return asked["text"] if asked["truth"] is None else asked["truth"] == "true"


def planned() -> tuple[data.JobLine, ...]:
    """Give the timers that are armed, the first due first, and the calls that wait, at most 200 of each."""
    timers = TimerRow.objects.select_related("instance", "definition").order_by("due_at", "id")[:MAX_PLANNED]
    calls = CallRow.objects.select_related("instance").defer("values").order_by("id")[:MAX_PLANNED]
    return (
        *(data.JobLine(
            kind="timer", node=each.node, due_at=each.due_at, is_held=each.is_held,
            about=each.instance.business_key if each.instance else "",
            instance=each.instance.uuid if each.instance else None,
            process=each.instance.process if each.instance else each.definition.key,
        ) for each in timers),
        *(data.JobLine(
            kind=f"call:{each.connector}", node=each.node, due_at=None, attempts=each.attempts,
            about=each.instance.business_key, instance=each.instance.uuid, process=each.instance.process,
            is_held=each.instance.state == InstanceState.SUSPENDED.value,
        ) for each in calls),
    )
