"""The start of the desk: what waits for this member of staff, and the way to each task."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ocapi.kernel.access import api as access
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Card


def start(request: HttpRequest) -> HttpResponse:
    """Show the tasks this actor may do as cards; each module's manifest brings its own."""
    access.require(request.actor, "web.desk")  # type: ignore[attr-defined]
    shell = ui.shell(request)
    cards = tuple(
        Card(title=item.label, href=item.href, icon=item.icon) for item in shell.navigation
    )
    return ui.page(request, "web/desk_start.html", cards=cards, title=_("Start"))
