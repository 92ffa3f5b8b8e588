"""What is being typed about a form, as it will look on a telephone, and beside what a colleague saved."""

from collections.abc import Callable
from dataclasses import replace

from django.http import HttpRequest

from ocapi.kernel.ui.data import Table
from ocapi.modules.forms import api
from ocapi.modules.forms.data import (
    Edit,
    EditRefused,
    FormDefinition,
    LoosePage,
    SetField,
    SetSection,
)
from ocapi.modules.forms.views import naming
from ocapi.modules.forms.views.inputs import Read

NAMELESS = "nieuw"  # stands for the code of a question or a part that has no good one yet
PREVIEW, FRAGMENT = "preview", "fragment"  # name of the button, and its value when a script asks


def is_asked(request: HttpRequest) -> bool:
    """Tell whether a post only wants to see what it would give."""
    return request.method == "POST" and PREVIEW in request.POST


def of(
    request: HttpRequest, definition: FormDefinition, *, section: str, edit: Callable[[Read], Edit]
) -> LoosePage:
    """Draw the section that is being changed, with what was typed so far; nothing is kept."""
    if request.method == "POST":
        wanted = edit(Read(request.POST))
        definition = _as_far_as_it_goes(definition, wanted)
        section = section or (wanted.code if isinstance(wanted, SetSection) else "")
    return api.example(
        definition=definition,
        section=section,
        actor=request.actor,  # type: ignore[attr-defined]
        now=request.now,  # type: ignore[attr-defined]
        address_form=request.address_form,  # type: ignore[attr-defined]
    )


def _as_far_as_it_goes(definition: FormDefinition, wanted: Edit) -> FormDefinition:
    """Give the definition with an edit; a code that is not there yet, or is wrong, is passed over."""
    for each in (wanted, _named(wanted)):
        try:
            return api.edited(definition=definition, edit=each)
        except EditRefused:
            continue
    return definition


def _named(wanted: Edit) -> Edit:
    if isinstance(wanted, SetField):
        return replace(wanted, field=replace(wanted.field, code=wanted.replaces or NAMELESS))
    return replace(wanted, code=NAMELESS) if isinstance(wanted, SetSection) else wanted


def both_versions(theirs: FormDefinition, wanted: Edit) -> Table | None:
    """Give what a colleague saved beside what was typed here; None when the typed edit no longer fits."""
    try:
        mine = api.edited(definition=theirs, edit=wanted)
    except EditRefused:
        return None
    return naming.conflict_table(api.differences(old=theirs, new=mine))
