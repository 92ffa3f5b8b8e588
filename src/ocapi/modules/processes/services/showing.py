"""What an open task asks and shows: its step in the drawing, and the values the drawing hands it.

What a user task gets is computed when somebody looks, in the scope the task stands in, and kept nowhere.
"""

from datetime import datetime
from typing import cast
from uuid import UUID

from ocapi.lib.bpmn import Step, StepTable
from ocapi.lib.bpmn.engine.evaluating import Evaluator
from ocapi.lib.bpmn.engine.triggers import StepFailed
from ocapi.modules.processes import data, queries
from ocapi.modules.processes.models import ScopeRow, TaskRow
from ocapi.modules.processes.services import steps, storing
from ocapi.modules.processes.services.tables import TABLES

MAX_SHOWN = 50  # values of one task


def place_of(row: TaskRow) -> tuple[Step | None, StepTable]:
    """Give the step of a task and its table: of the process that was called, when it stands in one."""
    scope = ScopeRow.objects.filter(instance_id=row.instance_id, number=row.scope).values_list("process")
    table = TABLES.get(scope.get()[0])
    return table.steps.get(row.node), table


def open_row(task: UUID) -> TaskRow:
    """Give the row of an open task, or raise TaskNotFound."""
    rows = TaskRow.objects.select_related("instance").defer("assignee")
    row = rows.filter(uuid=task, ended_at=None).first()
    if row is None:
        raise data.TaskNotFound(str(task))
    return row


def is_taken_by(row: TaskRow, person: UUID) -> bool:
    """Tell whether a person has taken a task."""
    return TaskRow.objects.filter(id=row.id, assignee=person).exists()


def shown_at(row: TaskRow, *, now: datetime) -> tuple[data.Shown, ...]:
    """Give what a task gets, in the order of the drawing; one that can't be computed says so."""
    step, _table = place_of(row)
    if step is None or not step.inputs:
        return ()
    instance = steps.found(row.instance_id)
    evaluator = Evaluator(storing.load(instance, row.scope), steps.World(instance, now))
    found = []
    for formula, label in step.inputs[:MAX_SHOWN]:
        try:
            value = cast("data.Value", evaluator.value(formula, row.scope))
        except StepFailed as failure:
            found.append(data.Shown(label=label, reason=failure.reason))
        else:
            found.append(data.Shown(label=label, value=value))
    return tuple(found)


def proposed(*, reference: str, process: str, name: str, now: datetime) -> str:
    """Give the text of that name that an open task about a reference gets; empty when none gets one."""
    rows = queries.open_tasks(group="", assignee=None).defer("assignee").filter(
        instance__business_key=reference, instance__process=process
    )
    for row in rows[: queries.MAX_PAGE]:
        for each in shown_at(row, now=now):
            if each.label == name and isinstance(each.value, str):
                return each.value
    return ""
