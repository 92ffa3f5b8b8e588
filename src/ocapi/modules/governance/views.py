"""Pages of governance."""

from django.http import HttpRequest, HttpResponse

from ocapi.kernel.ui import api as ui
from ocapi.modules.governance import api


def principles(request: HttpRequest) -> HttpResponse:
    """Show every principle with what measures it."""
    found = api.list_principles(actor=request.actor)  # type: ignore[attr-defined]
    groups = [
        {"kind": kind, "principles": [each for each in found if each.kind == kind]}
        for kind in ("policy", "supporting")
    ]
    return ui.page(request, "governance/principles.html", groups=groups, total=len(found))
