"""From the plain values of a section page to the fields the design system draws: `{% load form_fields %}`."""

from django import template
from django.utils.translation import gettext

from ocapi.kernel.ui import data as ui
from ocapi.modules.forms import api as forms
from ocapi.modules.forms.data import Control, ErrorLine, FieldPage, LoosePage, SummarySection

register = template.Library()


@register.filter
def drawn(control: Control, page: FieldPage) -> ui.Field:
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


@register.inclusion_tag("forms/loose.html")
def whole_form(page: LoosePage) -> dict[str, object]:
    """Draw a form without a draft: its error summary, and every section with its questions."""
    return {"page": page, "errors": tuple(line for each in page.sections for line in each.errors)}


@register.filter
def error_lines(errors: tuple[ErrorLine, ...]) -> tuple[ui.FieldError, ...]:
    """Give the lines of the error summary as the design system draws them."""
    return tuple(ui.FieldError(text=line.text, field_id=line.control_id) for line in errors)


@register.filter
def definition_rows(section: SummarySection) -> tuple[ui.Definition, ...]:
    """Give the answers of a section as the design system draws facts."""
    return tuple(
        ui.Definition(
            term=answer.label,
            value=answer.value_text,
            source=forms.source_title(source=answer.source),
        )
        for answer in section.answers
    )
