"""Reads: tasks by page, instances with where they stand, versions, incidents."""

import base64
import binascii
import dataclasses
from collections.abc import Sequence
from typing import cast
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from ocapi.lib import identifiers
from ocapi.lib.bpmn.engine import values
from ocapi.lib.bpmn.engine.state import ROOT, Stage
from ocapi.modules.processes import data
from ocapi.modules.processes.data import InstanceState, TaskState
from ocapi.modules.processes.models import (
    DecisionRow,
    DefinitionRow,
    IncidentRow,
    InstanceRow,
    TaskRow,
    TokenRow,
    VariableRow,
)

MAX_PAGE = 100
MAX_SHOWN = 500  # tokens, incidents and variables of one instance


def definition(row: DefinitionRow) -> data.Definition:
    """Give a version as data."""
    return data.Definition(
        uuid=row.uuid, key=row.key, version=row.version, name=row.name, sha256=row.model.sha256
    )


def definitions() -> tuple[data.Definition, ...]:
    """Give the newest version of every process, by key."""
    rows = DefinitionRow.objects.select_related("model").filter(is_current=True).order_by("key")[:1000]
    return tuple(definition(row) for row in rows)


def open_tasks(*, group: str, assignee: UUID | None) -> "QuerySet[TaskRow]":
    """Give open tasks of a group or a person, oldest first."""
    rows = TaskRow.objects.filter(ended_at__isnull=True)
    if group:
        rows = rows.filter(group=group)
    if assignee is not None:
        rows = rows.filter(assignee=assignee)
    return rows.order_by("id")


def _about(rows: "QuerySet[TaskRow]", typed: str) -> "QuerySet[TaskRow]":
    """Choose by a key as people type it: a case's reference with other signs between its parts, or a part.

    A part is looked for in the keys of the open tasks, one by one: joined, PostgreSQL may choose to read the
    keys of all runs there ever were.
    """
    try:
        read = identifiers.parse_case_reference(typed)
    except identifiers.InvalidIdentifier:
        key = InstanceRow.objects.filter(id=OuterRef("instance")).values("business_key")
        return rows.alias(key=Subquery(key)).filter(key__icontains=typed)
    whole = identifiers.case_reference(read.prefix, read.year, read.number)
    return rows.filter(instance__business_key__in=(whole, typed))


def also_for(group: str, assignee: UUID | None) -> "QuerySet[TaskRow]":
    """Give open tasks of which a group is one of several and not the first, by the index of those few."""
    few = TaskRow.objects.filter(ended_at__isnull=True, others__gt="", others__contains=f"\n{group}\n")
    return open_tasks(group="", assignee=assignee).filter(id__in=few.values("id"))


def tasks(
    *, group: str, assignee: UUID | None, about: str, cursor: str, page_size: int
) -> data.TaskPage:
    """Give one page of open tasks, whatever the number of instances: one statement, two for a group."""
    size = min(max(page_size, 1), MAX_PAGE)
    after = _place(cursor) if cursor else 0
    parts = [open_tasks(group=group, assignee=assignee), *([also_for(group, assignee)] if group else [])]
    parts = [_about(each, about) for each in parts] if about else parts
    rows = [
        row for each in parts for row in each.select_related("instance").filter(id__gt=after)[: size + 1]
    ]
    found = sorted(rows, key=lambda row: row.id)[: size + 1]
    is_more = len(found) > size
    found = found[:size]
    return data.TaskPage(
        items=tuple(task(row) for row in found), cursor=_cursor(found[-1].id) if is_more else ""
    )


def tasks_of(groups: Sequence[tuple[str, str]], *, cursor: str, page_size: int) -> data.TaskPage:
    """Give one page of open tasks of groups, each by process and name, in one statement."""
    size, asked = min(max(page_size, 1), MAX_PAGE), Q(pk__in=())
    for process, group in groups:
        is_one = Q(group=group) | Q(others__gt="", others__contains=f"\n{group}\n")
        asked |= Q(instance__process=process) & is_one
    rows = open_tasks(group="", assignee=None).filter(asked).select_related("instance")
    found = list(rows.filter(id__gt=_place(cursor) if cursor else 0)[: size + 1])
    is_more, found = len(found) > size, found[:size]
    return data.TaskPage(
        items=tuple(task(row) for row in found), cursor=_cursor(found[-1].id) if is_more else ""
    )


def open_task(uuid: UUID) -> data.Task:
    """Give an open task, or raise TaskNotFound."""
    row = open_tasks(group="", assignee=None).select_related("instance").filter(uuid=uuid).first()
    if row is None:
        raise data.TaskNotFound(str(uuid))
    return task(row)


def groups_of(first: str, others: str | None) -> tuple[str, ...]:
    """Give all groups that may do a task."""
    return tuple(each for each in (first, *(others or "").split("\n")) if each)


def task(row: TaskRow) -> data.Task:
    """Give a task as data."""
    return data.Task(
        uuid=row.uuid, instance=row.instance.uuid, node=row.node, title=row.title, kind=row.kind,
        group=row.group, groups=groups_of(row.group, row.others), assignee=row.assignee, due_at=row.due_at,
        state=TaskState(row.state),
        reference=row.instance.business_key, process=row.instance.process, created_at=row.created_at,
    )


def get_instance(uuid: UUID) -> data.Instance:
    """Give an instance with its variables, in a fixed number of statements; raises InstanceNotFound."""
    found = outline(uuid)
    held = VariableRow.objects.filter(instance__uuid=uuid, scope=ROOT).order_by("name")[:MAX_SHOWN]
    made = DecisionRow.objects.filter(instance__uuid=uuid).order_by("id")[:MAX_SHOWN]
    return dataclasses.replace(
        found, variables={each.name: cast("data.Value", values.read(each.value)) for each in held},
        decisions=tuple(
            data.DecisionMade(
                decision=each.decision, made_at=each.made_at, explanation=each.explanation.encode()
            ) for each in made
        ),
    )


def outline(uuid: UUID) -> data.Instance:
    """Give where an instance stands, without its variables; raises InstanceNotFound."""
    row = InstanceRow.objects.filter(uuid=uuid).first()
    if row is None:
        raise data.InstanceNotFound(str(uuid))
    standing = TokenRow.objects.filter(instance=row).exclude(stage=Stage.DONE.value)
    tokens = standing.order_by("number")[:MAX_SHOWN]
    return data.Instance(
        uuid=row.uuid, process=row.process, version=row.version, business_key=row.business_key,
        state=InstanceState(row.state), started_at=row.started_at, ended_at=row.ended_at,
        nodes=tuple(tokens.values_list("node", flat=True)), incidents=_incidents(row),
    )


def _incidents(row: InstanceRow) -> tuple[data.Incident, ...]:
    rows = IncidentRow.objects.select_related("instance").filter(instance=row, resolved_at=None)
    return tuple(_incident(each) for each in rows.order_by("id")[:MAX_SHOWN])


def _incident(row: IncidentRow) -> data.Incident:
    return data.Incident(
        uuid=row.uuid, instance=row.instance.uuid, about=row.instance.business_key, node=row.node,
        reason=row.reason, detail=row.detail, raised_at=row.raised_at,
    )


def open_incidents() -> "QuerySet[IncidentRow]":
    """Give open incidents, oldest first."""
    return IncidentRow.objects.filter(resolved_at__isnull=True).order_by("id")


def open_incident(uuid: UUID) -> data.Incident:
    """Give an open incident; raises IncidentNotFound."""
    found = open_incidents().select_related("instance").filter(uuid=uuid).first()
    if found is None:
        raise data.IncidentNotFound(str(uuid))
    return _incident(found)


def incidents(*, cursor: str, page_size: int) -> data.IncidentPage:
    """Give one page of open incidents in one statement."""
    size = min(max(page_size, 1), MAX_PAGE)
    rows = open_incidents().select_related("instance")
    if cursor:
        rows = rows.filter(id__gt=_place(cursor))
    found = list(rows[: size + 1])
    is_more = len(found) > size
    found = found[:size]
    return data.IncidentPage(
        items=tuple(_incident(row) for row in found), cursor=_cursor(found[-1].id) if is_more else ""
    )


def latest(
    version: DefinitionRow, state: InstanceState, count: int, *, before: int | None = None, about: str = ""
) -> "QuerySet[InstanceRow]":
    """Give the last instances of a version in one state, by the index that is in that order.

    about: a case's reference as people type it, or how a key begins.
    """
    rows = InstanceRow.objects.filter(definition=version, state=state.value)
    if about:
        rows = rows.filter(_begins_with(about))
    return (rows if before is None else rows.filter(id__lt=before)).order_by("-id")[:count]


def _begins_with(typed: str) -> Q:
    """Choose by a case's reference, or by how a key begins: those runs first, then version and state."""
    try:
        read = identifiers.parse_case_reference(typed)
    except identifiers.InvalidIdentifier:
        begun = Q(business_key__begins=typed) | Q(business_key__begins=typed.upper())
        return Q(id__in=InstanceRow.objects.filter(begun).values("id"))
    return Q(business_key__in=(identifiers.case_reference(read.prefix, read.year, read.number), typed))


def page_of(
    version: DefinitionRow, states: Sequence[InstanceState], *, cursor: str, page_size: int, about: str = ""
) -> tuple[list[InstanceRow], str]:
    """Give one page of instances in any of some states, newest first, and the cursor of the next.

    A statement for each state: in one, a million finished ones would be sorted for a page.
    """
    size = min(max(page_size, 1), MAX_PAGE)
    before = _place(cursor) if cursor else None
    rows = [row for each in states for row in latest(
        version, each, size + 1, before=before, about=about)]
    found = sorted(rows, key=lambda row: -row.id)[: size + 1]
    return found[:size], _cursor(found[size - 1].id) if len(found) > size else ""


def _cursor(row: int) -> str:
    return base64.urlsafe_b64encode(str(row).encode()).rstrip(b"=").decode()


def _place(cursor: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        raise data.InvalidCursor(cursor[:20]) from None
    if not text.isdigit() or len(text) > 18:
        raise data.InvalidCursor(cursor[:20])
    return int(text)
