"""What differs between two versions: as a list, and marked on the drawing."""

from collections.abc import Iterable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, PageOf, Row, Table
from ocapi.lib.actor import Actor
from ocapi.modules.processes import api
from ocapi.modules.processes.data import Change, Difference, ProcessNotFound
from ocapi.modules.processes.views import naming

_TONES = {Change.ADDED: "added", Change.REMOVED: "removed", Change.CHANGED: "changed"}


def table(found: Iterable[Difference]) -> Table:
    """Give differences as a list."""
    rows = tuple(
        Row(cells=(
            Cell(text=each.name, note=naming.kind(each.kind)), _change(each.change),
            Cell(text=", ".join(dict.fromkeys(naming.part(part) for part in each.parts)) or "–"),
        )) for each in found
    )
    return Table(
        caption=_("What changes"),
        columns=(
            Column(code="element", label=_("Element")), Column(code="change", label=_("What happened to it")),
            Column(code="what", label=_("What of it")),
        ),
        page=PageOf(items=rows, page_size=max(len(rows), 1)),
        empty_title=_("Nothing differs"), empty_text=_("Only where things are drawn may differ."),
    )


def sentences(found: Iterable[Difference]) -> list[str]:
    """Say what the drawing here has, lacks or has otherwise than the other one, at most thirty."""
    said = {
        Change.ADDED: _("{name} ({kind}): only in the drawing here."),
        Change.REMOVED: _("{name} ({kind}): only in the other drawing."),
        Change.CHANGED: _("{name} ({kind}): different ({parts})."),
    }
    return [
        said[each.change].format(
            name=each.name, kind=naming.kind(each.kind),
            parts=", ".join(dict.fromkeys(naming.part(part) for part in each.parts)) or "–",
        ) for each in list(found)[:30]
    ]


def _change(change: Change) -> Cell:
    return {
        Change.ADDED: Cell(text=_("Added"), tone="success"),
        Change.REMOVED: Cell(text=_("Removed"), tone="error"),
        Change.CHANGED: Cell(text=_("Changed"), tone="warning"),
    }[change]


def _marks(found: Iterable[Difference], *kinds: Change) -> list[dict[str, object]]:
    return [
        {"node": each.element, "count": 0, "label": f"{each.name}: {_change(each.change).text}",
         "tone": _TONES[each.change]}
        for each in found if each.change in kinds
    ]


@require_safe
def compare(request: HttpRequest, definition: UUID, other: UUID) -> HttpResponse:
    """Show what changed from an earlier version to a later one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        newer, _versions = api.get_definition(definition=definition, actor=actor)
        older, _others = api.get_definition(definition=other, actor=actor)
        found = api.compare_drawings(
            before=api.read_drawing(definition=other, actor=actor),
            after=api.read_drawing(definition=definition, actor=actor), actor=actor,
        )
    except ProcessNotFound:
        raise Http404 from None
    removed = _marks(found, Change.REMOVED)
    return ui.page(
        request, "processes/difference.html", name=newer.name or newer.key, older=older, newer=newer,
        table=table(found), drawing_href=reverse("processes:drawing", args=[definition]),
        marks=_marks(found, Change.ADDED, Change.CHANGED), removed=removed,
        older_href=reverse("processes:drawing", args=[other]) if removed else "",
        back_href=reverse("processes:definition", args=[definition]),
    )
