"""A chart of an indicator as a picture (PNG) or as lines for a spreadsheet: what the page draws, no more."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Chart, Series
from ocapi.lib import clock
from ocapi.modules.documents import api as documents
from ocapi.modules.documents.data import PdfRefused
from ocapi.modules.insight.api import indicators as api
from ocapi.modules.insight.data.dashboards import SPANS
from ocapi.modules.insight.data.indicators import IndicatorResult, SeriesOf
from ocapi.modules.insight.views import tiles
from ocapi.modules.insight.views.sheets import Line
from ocapi.modules.insight.views.sheets import answer as sheet

COURSE, PARTS, PEERS, MAP, FUTURE = "verloop", "delen", "vergelijking", "kaart", "vooruitzicht"


def with_downloads(chart: Chart, *, export: str, drawing: str) -> Chart:
    """Give a chart with the ways to its numbers and its picture. export: address of the series as CSV, with
    its query.
    """
    address = f"{export}&beeld={quote(drawing)}"
    return replace(
        chart,
        export_href=address,
        spreadsheet_href=f"{address}&vorm=xlsx",
        picture_href=f"{address}&vorm=png",
    )


def answer(request: HttpRequest, result: IndicatorResult, space: str) -> HttpResponse:
    """Give the chart that the address names, as PNG, XLSX or CSV; 404 when there is nothing to draw."""
    code, chart = result.indicator.code, _chart(request, result)
    if chart is None:
        raise Http404(code)
    return file_of(request, chart, name=f"{code}-{request.GET.get('beeld') or COURSE}")


def file_of(request: HttpRequest, chart: Chart, *, name: str) -> HttpResponse:
    """Give a chart as the address asks: as PNG, XLSX or CSV."""
    return files_of(request, lines_of(chart), lambda: ui.picture(chart), name=name)


def files_of(request: HttpRequest, lines: list[Line], svg: Callable[[], str], *, name: str) -> HttpResponse:
    """Give a drawing as the address asks: as PNG, XLSX or CSV."""
    if request.GET.get("vorm") != "png":
        return sheet(lines, name=name, as_xlsx=request.GET.get("vorm") == "xlsx")
    try:
        content = documents.print_picture(svg=svg())
    except PdfRefused:
        return ui.problem_page(request, status=503, reference="")
    response = HttpResponse(content, content_type="image/png")
    response["Content-Disposition"] = f'attachment; filename="{name}.png"'
    return response


def _chart(request: HttpRequest, result: IndicatorResult) -> Chart | None:
    actor, now, code = request.actor, request.now, result.indicator.code  # type: ignore[attr-defined]
    drawing, part = request.GET.get("beeld") or COURSE, request.GET.get("deel", "")
    asked = request.GET.get("gebied", "")
    places = api.list_areas(actor=actor)
    name = places[asked].name if asked in places else ""
    if drawing == PARTS:
        parts = api.list_parts_beside_peers(code=code, actor=actor, now=now, area=asked)
        return tiles.parts_chart(result.indicator, parts, source=tiles.sources(result), name=name)
    if drawing == PEERS:
        peers = api.list_peers(code=code, part=part, actor=actor, now=now, area=asked)
        return tiles.peer_chart(result.indicator, peers, source=tiles.sources(result), name=name)
    if drawing not in (COURSE, FUTURE) or result.shown is None:
        return None
    area = asked or result.shown.area
    found = api.list_series(code=code, actor=actor, now=now, area=area, part=part)
    if not found:
        return None
    if drawing == FUTURE:
        return tiles.future_chart(result, found[0], today=clock.local_day(now))
    name = places[area].name if area in places else _("Measured")
    years = request.GET.get("jaren", "")
    series = since(found[0], int(years) if years in {str(each) for each in SPANS} else 0)
    narrowed = between(series, request.GET.get("van", ""), request.GET.get("tot", ""))
    return tiles.chart(result, narrowed, name=name, export="", place=places.get(area))


def lines_of(chart: Chart) -> list[Line]:
    """Give the numbers of a chart as lines for a spreadsheet, with what they are and where they come from."""

    def cell(series: Series, place: int) -> str | Decimal:
        value = series.values[place]
        if value is not None:
            return Decimal(value)
        is_hidden = place in series.suppressed or place in series.withheld
        return _("not shown") if is_hidden else ""

    breaks = dict(chart.breaks)
    return [
        (chart.category_label, *(each.name for each in chart.series), *([_("Break")] if breaks else [])),
        *(
            (
                label,
                *(cell(each, place) for each in chart.series),
                *([breaks.get(place, "")] if breaks else []),
            )
            for place, label in enumerate(chart.categories)
        ),
        (),
        (_("Indicator"), chart.title),
        (_("Unit of measurement"), chart.unit),
        (_("Method"), chart.method),
        (_("Source"), chart.source),
    ]


def until_of(request: HttpRequest) -> date:
    """Give the last day an address asks for; the last one there is when it asks for none."""
    return _day(request.GET.get("tot", "")) or date.max


def since(series: SeriesOf, years: int) -> SeriesOf:
    """Give the last years of a series, counted from its newest number; 0 is all."""
    if not years or series.last is None:
        return series
    last = series.last.period
    first = date(last.year - years, last.month, min(last.day, 28))
    points = tuple(each for each in series.points if each.period > first)
    return SeriesOf(area=series.area, slice=series.slice, points=points)


def between(series: SeriesOf, first: str, last: str) -> SeriesOf:
    """Give the part of a series between two days of an address; what is no day counts as not asked."""
    since_day, until_day = _day(first), _day(last)
    points = tuple(
        each
        for each in series.points
        if (since_day is None or each.period >= since_day) and (until_day is None or each.period <= until_day)
    )
    return SeriesOf(area=series.area, slice=series.slice, points=points)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
