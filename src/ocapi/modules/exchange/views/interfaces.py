"""Which interfaces for programs there are: a catalog for programs (RFC 9727) and a list for people."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ocapi.kernel.registry import api as registry
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, PageOf, Row, Table
from ocapi.lib import codec

PROFILE = "https://www.rfc-editor.org/info/rfc9727"


@require_safe
def catalog(request: HttpRequest) -> HttpResponse:
    """Give every interface with its OpenAPI document, as a linkset (RFC 9727, RFC 9264)."""
    root, here = ui.address(request, "/"), request.build_absolute_uri(reverse("exchange:api-catalog"))
    found = registry.list_apis()
    described = [
        {"anchor": root + each.path,
         "service-desc": [{"href": root + each.description, "type": "application/yaml"}]}
        for each in found if each.description
    ]
    items = [{"href": root + each.path, "title": each.title.nl} for each in found]
    body = {"linkset": [{"anchor": here, "item": items}, *described]}
    response = HttpResponse(
        codec.encode_json(body), content_type=f'application/linkset+json; profile="{PROFILE}"'
    )
    response["Link"] = f'<{here}>; rel="api-catalog"'
    response["Cache-Control"] = "public, max-age=300"
    return response


def table(request: HttpRequest) -> Table:
    """Give the interfaces with their addresses and what they follow."""
    root, found = ui.address(request, "/"), registry.list_apis()
    return Table(
        caption=_("APIs of this organization"),
        columns=(
            Column(code="name", label=_("Name")), Column(code="address", label=_("Address")),
            Column(code="standard", label=_("Follows")), Column(code="document", label=_("Description")),
        ),
        page=PageOf(items=tuple(
            Row(cells=(
                Cell(text=each.title.nl), Cell(text=root + each.path),
                Cell(text=each.standard or _("BelGIF REST guide")),
                Cell(text="OpenAPI", href=root + each.description) if each.description else Cell(text="–"),
            )) for each in found
        ), page_size=max(len(found), 1)),
        empty_title=_("No APIs"), empty_text=_("No part of this organization has one."),
    )
