"""What a user task asks: the form its key names, drawn and read by `forms` itself.

A task has no draft and takes no files: those belong to the case.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from ocapi.lib.bpmn import Finding, ProcessReport, Step
from ocapi.lib.bpmn.model import Kind
from ocapi.modules.forms import api as forms
from ocapi.modules.forms.data import FieldType, FormDefinition, FormNotFound, LoosePage, worded
from ocapi.modules.processes.services import showing

BUTTONS = frozenset({"claim", "release", "complete", "choice", "assign", "colleague"})
"""Names a task's page posts besides the answers; a question can't have one of them as its code."""


def find_form(key: str) -> FormDefinition | None:
    """Give the form of a key, or None."""
    try:
        return forms.get_form(code=key)
    except FormNotFound:
        return None


def askable() -> tuple[tuple[str, str], ...]:
    """Give code and title of the current forms that a task can ask, those for members of staff first."""
    found = [each for each in forms.list_current() if not _foreign(each)]
    found.sort(key=lambda each: (not each.is_internal, worded(each.title, "formal")))
    return tuple((each.code, worded(each.title, "formal")) for each in found)


def with_forms(report: ProcessReport) -> ProcessReport:
    """Give a report that also names forms which are not known, or ask what a task can't ask."""
    if report.table is None:
        return report
    found = [finding for step in report.table.steps.values() for finding in _problem(step)]
    return dataclasses.replace(report, table=None, reasons=tuple(found)) if found else report


def _problem(step: Step) -> list[Finding]:
    if step.kind is not Kind.USER or not step.form:
        return []
    form = find_form(step.form)
    if form is None:
        return [Finding(element=step.id, kind=step.kind.value, reason="formUnknown", detail=step.form)]
    foreign = _foreign(form)
    return [Finding(element=step.id, kind=step.kind.value, reason="formTooMuch", detail=", ".join(foreign))
            ] if foreign else []


def page_at(
    task: UUID, typed: Mapping[str, Sequence[str]] | None, *, address_form: str, now: datetime
) -> LoosePage | None:
    """Give an open task's form, ready to draw, with what was typed read; None without a form.

    A form that is gone since the version was published asks nothing. Raises TaskNotFound.
    """
    step, _table = showing.place_of(showing.open_row(task))
    if step is None or not step.form:
        return None
    try:
        return forms.fill_in(form=step.form, raw=typed, now=now, address_form=address_form)
    except FormNotFound:
        return None


def _foreign(form: FormDefinition) -> list[str]:
    return [each.code for each in form.fields if each.type is FieldType.UPLOAD or each.code in BUTTONS]
