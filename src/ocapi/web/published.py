"""IRIs of published things: `/id/…` answers 303 to the page that shows the thing."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from ocapi.kernel.registry import api as registry
from ocapi.kernel.ui import api as ui
from ocapi.web import middleware


def identifier(request: HttpRequest, kind: str, uuid: UUID) -> HttpResponse:
    """Send a reader on to the page of a thing (303 See Other), or say that it is unknown."""
    path = registry.page_of_iri(kind=kind, uuid=str(uuid))
    if path is None:
        return middleware.problem(request, status=404)
    return ui.see_other(path)
