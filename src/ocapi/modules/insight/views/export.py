"""The numbers that a page shows as a file for a spreadsheet, hidden ones hidden too."""

from collections.abc import Iterable, Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ocapi.kernel.registry import api as registry
from ocapi.kernel.ui.data import Chart
from ocapi.lib import codec
from ocapi.lib.actor import Actor
from ocapi.modules.insight import api
from ocapi.modules.insight.data import Figures, UnknownDomain, UnknownService
from ocapi.modules.insight.views import charted, pages, showing
from ocapi.modules.insight.views.inputs import FiguresInput

Lines = Iterable[Sequence[str]]


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Give one table of the page with the same filters: by service, domain, municipality or month."""
    typed, table = FiguresInput.read(request.GET), request.GET.get("tabel", "")
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = request.now  # type: ignore[attr-defined]
    if table in ("gemeente", "digitaal", "doorlooptijd"):
        peers = api.list_comparison(domain=typed.domain, actor=actor, now=now)
        if table != "gemeente":
            charts = pages.peer_charts(peers, typed)
            return _chart(request, next((each for each in charts if each.code == table), None), table)
        lines: Lines = ((peer.name, *showing.peer_cells(peer), peer.until.isoformat()[:7]) for peer in peers)
        return _file(table, (*_header(_("Municipality")), _("Up to")), lines)
    figures = api.get_year(year=typed.year, actor=actor, now=now)
    if table == "maand":
        try:
            of = api.find_figures(figures=figures, domain=typed.domain, service=typed.service)
        except (UnknownDomain, UnknownService):
            raise Http404(table) from None
        if request.GET.get("vorm"):
            before = api.find_year_before(figures=figures, of=of, actor=actor)
            chart = pages.months_chart(figures, of, before, source=pages.source_text(), export="")
            return _chart(request, chart, table)
        months = enumerate(of.months[: figures.last_month], start=1)
        lines = ((f"{figures.year}-{number:02}", showing.count(each)) for number, each in months)
        return _file(table, (_("Month"), _("Requests")), lines)
    rows = {"dienst": figures.services, "domein": figures.domains}.get(table)
    if rows is None:
        raise Http404(table)
    found = showing.sorted_rows(each for each in rows if _fits(each, typed))
    return _file(
        table,
        _header(_("Service") if table == "dienst" else _("Domain")),
        ((showing.title_of(each), *showing.cells(each)) for each in found),
    )


def _chart(request: HttpRequest, chart: Chart | None, table: str) -> HttpResponse:
    if chart is None:
        raise Http404(table)
    return charted.file_of(request, chart, name=f"beleid-{table}")


def _fits(each: Figures, typed: FiguresInput) -> bool:
    is_service = not typed.service or each.code == typed.service or each.scope.value != "service"
    return is_service and typed.domain in ("", each.domain)


def _header(first: str) -> tuple[str, ...]:
    return (first, _("Requests"), _("Digital"), _("Decided"), _("Lead time (days)"), _("Within the term"))


def _file(table: str, header: Sequence[str], lines: Lines) -> HttpResponse:
    source = registry.setting("organization.name")
    body = codec.encode_csv([header, *lines, (), (_("Source"), source)], delimiter=";")
    response = HttpResponse(b"\xef\xbb\xbf" + body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="beleid-{table}.csv"'
    return response
