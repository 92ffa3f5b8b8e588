"""The start of the desk: what waits for this member of staff, and the way to each task."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Card, DeskNote, NavigationItem
from ocapi.kernel.ui.extensions import desk_notes

NOTHING = DeskNote(text="")


def start(request: HttpRequest) -> HttpResponse:
    """Show the tasks this actor may do as cards, with what waits there; each module brings its own."""
    access.require(request.actor, "web.desk")  # type: ignore[attr-defined]
    cards = tuple(_card(request, item) for item in ui.shell(request).navigation)
    return ui.page(request, "web/desk_start.html", cards=cards, title=_("Start"))


def _card(request: HttpRequest, item: NavigationItem) -> Card:
    source = desk_notes.find(item.code)
    note = source.note(request) if source else NOTHING
    return Card(
        title=item.label, href=item.href, icon=item.icon, text=item.hint, meta=note.text, tone=note.tone
    )
