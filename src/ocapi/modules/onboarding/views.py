"""Pages of onboarding."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Column, PageOf, Row, Table
from ocapi.modules.onboarding import api
from ocapi.modules.onboarding.data import InvalidCursor

QUERY_LENGTH = 100


def processes(request: HttpRequest) -> HttpResponse:
    """Show the reference processes by title, filtered by domain and words;
    the filter stands in the address.
    """
    actor = request.actor  # type: ignore[attr-defined]
    q = " ".join(request.GET.get("q", "").split())[:QUERY_LENGTH]
    domain = request.GET.get("domain", "")[:80]
    try:
        found = api.list_processes(actor=actor, domain=domain, q=q, cursor=request.GET.get("cursor", ""))
    except InvalidCursor:
        return ui.redirect(f"{request.path}?{urlencode({'q': q, 'domain': domain})}")
    rows = tuple(
        Row(cells=(Cell(text=each.title), Cell(text=each.group), Cell(text=each.domain_title)))
        for each in found.items
    )
    table = Table(
        caption=_("Reference processes"),
        columns=(Column(code="title", label=_("Process")), Column(code="group", label=_("Group")),
                 Column(code="domain", label=_("Domain"))),
        page=PageOf(items=rows, page_size=api.PAGE_SIZE, next_cursor=found.next_cursor),
        empty_title=_("No process found"), empty_text=_("Try another word, or all domains."),
    )
    return ui.page(request, "onboarding/processes.html", table=table, q=q, domain=domain,
                   domains=api.list_domains(actor=actor))
