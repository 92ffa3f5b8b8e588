"""Answers and problems in words, for pages, summaries and submissions."""

from collections.abc import Iterator, Mapping
from datetime import date

from django.utils.translation import gettext

from ocapi.modules.forms.data import (
    CITIZEN,
    Answered,
    AnswerState,
    Attachment,
    Field,
    FieldProblem,
    FieldValue,
    FormDefinition,
    Rows,
    Section,
    Value,
    worded,
)
from ocapi.modules.forms.services import checking, messages, values


def text_of(field: Field, value: Value, *, address_form: str) -> str:
    """Write an answer as the citizen reads it."""
    labels = {option.code: worded(option.label, address_form) for option in field.options}
    with messages.in_form(address_form):
        return values.written(
            field,
            value,
            option_label=lambda code: labels.get(code, code),
            yes=gettext("Yes"),
            no=gettext("No"),
        )


def answered(
    definition: FormDefinition,
    answers: Mapping[str, FieldValue],
    attachments: tuple[Attachment, ...],
    asked: frozenset[str],
    *,
    address_form: str,
) -> Iterator[Answered]:
    """Write out the answers of every field that is asked and answered, files by name, rows one by one."""
    for section in definition.sections:
        for field in section.fields:
            answer = answers.get(field.code)
            names = ", ".join(each.name for each in attachments if each.field == field.code)
            if answer is None and (not names or field.code not in asked):
                continue
            if answer is not None and isinstance(answer.value, Rows):
                yield from _rows(section, field, answer, answer.value, address_form=address_form)
                continue
            yield Answered(
                section=section.code,
                field=field.code,
                label=worded(field.label, address_form),
                value_text=text_of(field, answer.value, address_form=address_form) if answer else names,
                source=answer.source if answer else CITIZEN,
                is_to_verify=bool(answer and answer.is_to_verify),
                state=answer.state if answer else AnswerState.TYPED,
            )


def _asked(field: Field, address_form: str) -> str:
    label = worded(field.label, address_form)
    return label if label.endswith("?") else f"{label}:"


def _rows(
    section: Section, field: Field, answer: FieldValue, held: Rows, *, address_form: str
) -> Iterator[Answered]:
    for number, row in enumerate(held.items, start=1):
        cells = (
            f"{_asked(cell, address_form)} {text_of(cell, row[cell.code], address_form=address_form)}"
            for cell in field.fields
            if cell.code in row
        )
        yield Answered(
            section=section.code,
            field=field.code,
            label=row_title(field, number, address_form=address_form),
            value_text="; ".join(cells),
            source=answer.source,
            is_to_verify=answer.is_to_verify,
            state=answer.state,
        )


def row_title(field: Field, number: int, *, address_form: str) -> str:
    """Give the name of a row of a repeat: `Lid 2`."""
    return f"{worded(field.row_title or field.label, address_form)} {number}"


def problems_of(found: list[checking.Found], *, address_form: str, today: date) -> tuple[FieldProblem, ...]:
    """Say each fault in words, with the control it leads to."""
    return tuple(
        FieldProblem(
            field=each.field.code,
            name=each.name or values.names_of(each.field)[0],
            message=_message(each, address_form=address_form, today=today),
        )
        for each in found
    )


def _message(found: checking.Found, *, address_form: str, today: date) -> str:
    if found.check is not None:
        return worded(found.check.message, address_form)
    return messages.text_of(found.cell or found.field, found.fault, address_form=address_form, today=today)
