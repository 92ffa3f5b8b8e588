"""What a user task asks: the form its key names, question by question, and answers as variables.

Only what a task can hold is asked: no files, no addresses; those belong to the case.
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from ocapi.lib.bpmn import Finding, ProcessReport, Step
from ocapi.lib.bpmn.model import Kind
from ocapi.modules.forms import api as forms
from ocapi.modules.forms.data import Field, FieldType, FormDefinition, FormNotFound, worded
from ocapi.modules.processes import data
from ocapi.modules.processes.models import TaskRow
from ocapi.modules.processes.services.tables import TABLES

_TYPES = {
    FieldType.TEXT: "text", FieldType.LONG_TEXT: "long_text", FieldType.DATE: "date",
    FieldType.INTEGER: "number", FieldType.AMOUNT: "amount", FieldType.EMAIL: "text",
    FieldType.TELEPHONE: "text", FieldType.CHOICE: "choice", FieldType.MULTIPLE_CHOICE: "choices",
    FieldType.YES_NO: "yes_no",
}
_YES_NO = {"true": True, "false": False}
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
LONGEST = 10_000  # characters of an answer


def find_form(key: str) -> FormDefinition | None:
    """Give the form of a key, or None."""
    try:
        return forms.get_form(code=key)
    except FormNotFound:
        return None


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
    foreign = [each.code for each in form.fields if each.type not in _TYPES]
    return [Finding(element=step.id, kind=step.kind.value, reason="formTooMuch", detail=", ".join(foreign))
            ] if foreign else []


def asked_at(task: UUID) -> tuple[str, tuple[data.Asked, ...]]:
    """Give the title and the questions of an open task's form, nothing for one without; raises TaskNotFound.

    A form that is gone since the version was published asks nothing.
    """
    row = TaskRow.objects.filter(uuid=task, ended_at=None).values_list(
        "node", "instance__definition__uuid"
    ).first()
    if row is None:
        raise data.TaskNotFound(str(task))
    step = TABLES.get(str(row[1])).steps.get(row[0])
    form = find_form(step.form) if step is not None and step.form else None
    if form is None:
        return "", ()
    known = [each for each in form.fields if each.type in _TYPES]
    return worded(form.title, "informal"), tuple(_asked(each) for each in known)


def _asked(field: Field) -> data.Asked:
    return data.Asked(
        code=field.code, type=_TYPES[field.type], label=worded(field.label, "informal"),
        help=worded(field.help, "informal"), max_length=field.max_length or 0,
        is_required=field.required and field.show_when is None,  # one that is not always asked may stay empty
        options=tuple((each.code, worded(each.label, "informal")) for each in field.options),
    )


def answers(
    asked: Sequence[data.Asked], typed: Mapping[str, Sequence[str]]
) -> tuple[dict[str, data.Value], dict[str, str]]:
    """Give the answers as variables, null for what stayed empty; and by question what is wrong, as a code."""
    found: dict[str, data.Value] = {}
    wrong: dict[str, str] = {}
    for each in asked:
        texts = [text.strip()[:LONGEST + 1] for text in typed.get(each.code, ()) if text.strip()]
        if not texts:
            found[each.code] = [] if each.type == "choices" else None
            if each.is_required:
                wrong[each.code] = "required"
            continue
        try:
            found[each.code] = _answer(each, texts)
        except ValueError:
            wrong[each.code] = each.type
    return found, wrong


def _answer(asked: data.Asked, texts: list[str]) -> data.Value:
    codes, text = {code for code, _label in asked.options}, texts[0]
    if asked.type == "choices":
        if not set(texts) <= codes:
            raise ValueError(text)
        return list(dict.fromkeys(texts))
    if asked.type == "choice":
        if text not in codes:
            raise ValueError(text)
        return text
    if asked.type == "yes_no":
        if text not in _YES_NO:
            raise ValueError(text)
        return _YES_NO[text]
    if asked.type == "date":
        return _day(text)
    if asked.type in ("number", "amount"):
        return _number(text, is_whole=asked.type == "number")
    if len(text) > (asked.max_length or LONGEST):
        raise ValueError("too long")
    return text


def _day(text: str) -> date:
    """Read a day as people write it in Dutch (31/12/2027) or as ISO 8601."""
    parts = text.replace("-", "/").replace(".", "/").split("/")
    if len(parts) == 3 and all(each.isascii() and each.isdigit() for each in parts) and len(parts[2]) == 4:
        return date(int(parts[2]), int(parts[1]), int(parts[0]))
    return date.fromisoformat(text)


def _number(text: str, *, is_whole: bool) -> Decimal:
    """Read a number as people write it in Dutch: 1.250,50."""
    plain = text.replace(" ", "").replace("\u00a0", "").replace("€", "")
    if "," in plain:
        plain = plain.replace(".", "").replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        raise ValueError(text)
    number = Decimal(plain)
    if is_whole and number != number.to_integral_value():
        raise ValueError(text)
    return number
