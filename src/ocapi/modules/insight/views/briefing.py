"""A dashboard as a briefing of two pages: its figures and charts as they are shown, with their sources."""

import textwrap
from collections.abc import Iterable
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Chart, Figure, Map, Tokens
from ocapi.modules.documents import api as documents
from ocapi.modules.documents.data import (
    LONGEST_LINE,
    MOST_CHARTS,
    MOST_FIGURES,
    MOST_SOURCES,
    Briefing,
    BriefingChart,
    BriefingFigure,
    PdfRefused,
)
from ocapi.modules.insight.api import indicators
from ocapi.modules.insight.views import board
from ocapi.modules.insight.views.dashboards import asked_of, find, reader


@require_GET
def briefing(request: HttpRequest, code: str, space: str) -> HttpResponse:
    """Give the dashboard as the page shows it, on two pages A4."""
    actor, now = reader(request, space), request.now  # type: ignore[attr-defined]
    _found, layout = find(request, code, space)
    areas = indicators.list_areas(actor=actor)
    drawn = board.drawn(
        layout, asked=asked_of(request, areas), actor=actor, now=now, areas=areas, space=space
    )
    here = request.build_absolute_uri().replace("/briefing.pdf", "/").rstrip("?")
    try:
        content = documents.print_briefing(
            briefing=made(layout.title, layout.lead, drawn, here, documents.date_in_words(now)), now=now
        )
    except PdfRefused:
        return ui.problem_page(request, status=503, reference="")
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{code}.pdf"'
    return response


def made(title: str, lead: str, drawn: Iterable[board.Drawn], link: str, day: str) -> Briefing:
    """Give the briefing of tiles that were drawn; what two pages do not hold is counted, not dropped
    silently.
    """
    found = tuple(drawn)
    figures = [figure for each in found for figure in each.figures]
    charts = [one for each in found for one in (each.chart, each.map) if one is not None]
    sources = board.sources(found)
    left = max(len(figures) - MOST_FIGURES, 0) + max(len(charts) - MOST_CHARTS, 0)
    empty = [each.title for each in found if each.reason]
    rest = [_("%(count)s more tiles stand online.") % {"count": left}] if left else []
    rest += [_("Without figures: %(titles)s.") % {"titles": ", ".join(empty)}] if empty else []
    return Briefing(
        title=_short(title),
        lead=lead,
        sender=registry.setting("organization.name") or tenants.current().key,
        color=Tokens().brand,
        date=day,
        figures=tuple(_figure(each) for each in figures[:MOST_FIGURES]),
        charts=tuple(_chart(each) for each in charts[:MOST_CHARTS]),
        sources_title=_("Sources"),
        sources=tuple(_short(each) for each in sources[:MOST_SOURCES]),
        rest=_short(" ".join(rest)),
        link=link[:LONGEST_LINE],
    )


def _figure(figure: Figure) -> BriefingFigure:
    value = f"{figure.value} {figure.unit}".strip()
    return BriefingFigure(label=_short(figure.label), value=value, note=_short(figure.trend))


def _chart(chart: Chart | Map) -> BriefingChart:
    if isinstance(chart, Map):
        svg = ui.map_picture(replace(chart, title="", source=""))
        return BriefingChart(title=_short(chart.title), svg=svg, description=ui.map_in_words(chart))
    drawing = replace(chart, title="", source="")
    return BriefingChart(title=_short(chart.title), svg=ui.picture(drawing), description=ui.in_words(chart))


def _short(text: str) -> str:
    return textwrap.shorten(text, LONGEST_LINE, placeholder=" …")
