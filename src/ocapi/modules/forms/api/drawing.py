"""What the design system draws of a form: its controls, what is wrong, and what was answered."""

from collections.abc import Sequence

from django.utils.translation import gettext

from ocapi.kernel.ui import data as ui
from ocapi.modules.forms.api.answering import source_title
from ocapi.modules.forms.data import Answered, Control, ErrorLine, FieldPage


def field_of(control: Control, page: FieldPage) -> ui.Field:
    """Give one control of a question as the design system's field; notes of the source go with it."""
    note = page.prefill
    is_locked = note is not None and note.is_locked
    return ui.Field(
        name=control.name,
        label=control.label,
        kind=ui.FieldKind(control.kind),
        value=control.value,
        values=control.values,
        help=control.help,
        error=control.error,
        required=control.is_required,
        options=tuple(ui.Option(value=choice.value, label=choice.label) for choice in control.options),
        autocomplete=control.autocomplete,
        max_length=control.max_length,
        width=control.width,
        unit=control.unit,
        source=gettext("these answers") if page.is_calculated else note.source if note and is_locked else "",
        source_date=note.date if note and is_locked else "",
        report_href=note.report_href if note else "",
        source_problem=note.problem if note and not is_locked and not page.is_group else "",
        accepted_types=control.accepted,
        max_size=control.max_size,
        multiple=control.is_multiple,
        stored_files=tuple(
            ui.StoredFile(name=file.name, size=file.size, remove_name=file.remove_name)
            for file in control.uploads
        ),
    )


def error_lines(errors: Sequence[ErrorLine]) -> tuple[ui.FieldError, ...]:
    """Give the lines of the error summary as the design system draws them."""
    return tuple(ui.FieldError(text=line.text, field_id=line.control_id) for line in errors)


def facts_of(answers: Sequence[Answered]) -> tuple[ui.Definition, ...]:
    """Give answers as facts, with the source that knew them."""
    return tuple(
        ui.Definition(
            term=each.label, value=each.value_text or "–", source=source_title(source=each.source)
        )
        for each in answers
    )
