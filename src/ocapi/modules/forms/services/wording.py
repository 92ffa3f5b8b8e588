"""Answers and problems in words, for pages, summaries and submissions."""

from collections.abc import Iterator, Mapping
from datetime import date

from django.utils.translation import gettext

from ocapi.modules.forms.data import (
    CITIZEN,
    Answered,
    Attachment,
    Field,
    FieldProblem,
    FieldValue,
    FormDefinition,
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
    *,
    address_form: str,
) -> Iterator[Answered]:
    """Write out the answers of every field that is asked and answered, files by name, in order."""
    for section in definition.sections:
        for field in section.fields:
            answer = answers.get(field.code)
            names = ", ".join(each.name for each in attachments if each.field == field.code)
            if answer is None and (not names or not checking.is_asked(field, answers)):
                continue
            yield Answered(
                section=section.code,
                field=field.code,
                label=worded(field.label, address_form),
                value_text=text_of(field, answer.value, address_form=address_form) if answer else names,
                source=answer.source if answer else CITIZEN,
                is_to_verify=bool(answer and answer.is_to_verify),
            )


def problems_of(found: list[checking.Found], *, address_form: str, today: date) -> tuple[FieldProblem, ...]:
    """Say each fault in words, with the control it leads to."""
    return tuple(
        FieldProblem(
            field=each.field.code,
            name=each.name or values.names_of(each.field)[0],
            message=messages.text_of(each.field, each.fault, address_form=address_form, today=today),
        )
        for each in found
    )
