"""From the plain values of a section page to the fields the design system draws: `{% load form_fields %}`."""

from django import template

from ocapi.kernel.ui import data as ui
from ocapi.modules.forms import api as forms
from ocapi.modules.forms.data import LoosePage, SummarySection

register = template.Library()
register.filter("drawn", forms.field_of)
register.filter("error_lines", forms.error_lines)


@register.inclusion_tag("forms/loose.html")
def whole_form(page: LoosePage) -> dict[str, object]:
    """Draw a form without a draft: its error summary, and every section with its questions."""
    return {"page": page, "errors": tuple(line for each in page.sections for line in each.errors)}


@register.filter
def definition_rows(section: SummarySection) -> tuple[ui.Definition, ...]:
    """Give the answers of a section as the design system draws facts."""
    return forms.facts_of(section.answers)
