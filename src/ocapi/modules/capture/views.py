"""Pages of capture: the streams, and one of them by month."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Cell, Chart, ChartKind, Column, Definition, PageOf, Row, Series, Table
from ocapi.lib import written
from ocapi.modules.capture import api

SHOWN = timedelta(days=366)


def streams(request: HttpRequest) -> HttpResponse:
    """List the streams with where they are and their newest hour."""
    found = api.list_streams(actor=request.actor)  # type: ignore[attr-defined]
    rows = tuple(
        Row(cells=(
            Cell(text=each.title, href=reverse("capture:stream", args=[each.code])), Cell(text=each.place),
            Cell(text=_moment(each.last_hour) if each.last_hour else _("nothing yet")),
        ))
        for each in found
    )
    table = Table(
        caption=_("Sensors"), page=PageOf(items=rows),
        columns=(Column(code="title", label=_("Sensor")), Column(code="place", label=_("Place")),
                 Column(code="last", label=_("Last reading"))),
        empty_title=_("No sensors yet"), empty_text=_("A sensor appears here once its readings arrive."),
    )
    return ui.page(request, "capture/streams.html", table=table)


def stream(request: HttpRequest, code: str) -> HttpResponse:
    """Show one stream: what it is, and its last year by month as chart and table."""
    actor = request.actor  # type: ignore[attr-defined]
    found = api.get_stream(stream=code, actor=actor)
    facts = (
        Definition(term=_("Place"), value=found.place),
        Definition(term=_("Source"), value=found.source),
        Definition(term=_("License"), value=found.license),
        Definition(term=_("Quality"), value=found.quality),
    )
    chart = None
    if found.last_hour is not None:
        to_at = found.last_hour + timedelta(hours=1)
        buckets = api.series(stream=code, from_at=to_at - SHOWN, to_at=to_at, step="month", actor=actor)
        chart = Chart(
            code="per-maand", title=_("By month"), kind=ChartKind.BAR, unit=found.unit.strip("{}"),
            category_label=_("Month"),
            categories=tuple(date_format(each.start, "M Y") for each in buckets),
            series=(Series(name=found.title, values=tuple(
                None if each.is_missing else Decimal(each.total) for each in buckets)),),
            source=found.source,
        )
    return ui.page(request, "capture/stream.html", stream=found, facts=facts, chart=chart)


def _moment(at: datetime) -> str:
    return written.moment(at)
