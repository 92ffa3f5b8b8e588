"""The page of one indicator: number, course with its notes, target, parts, peers and map.

All of it is of one municipality: the own one, or the one in the address.
It stands twice: at the desk with all indicators, in public with the open ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import Chart, Definition, Field, FieldKind, Figure, NavigationItem, Option
from ocapi.lib import clock
from ocapi.lib.actor import Actor
from ocapi.modules.insight import spelled
from ocapi.modules.insight.api import indicators as api
from ocapi.modules.insight.data.indicators import (
    Area,
    Areas,
    Indicator,
    IndicatorNotFound,
    IndicatorResult,
    Note,
    SeriesOf,
)
from ocapi.modules.insight.views import annotating, charted, mapped, periods, tiles, wording
from ocapi.modules.insight.views.indicators import DESK, reader, share_links, template
from ocapi.modules.insight.views.target import target_block


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page shows. result: of the municipality asked for. area: its NIS code, empty when none was
    asked for. series: the part and place asked for, whole; drawn: its stretch in the chart.
    """

    result: IndicatorResult
    area: str
    every: tuple[SeriesOf, ...]
    series: SeriesOf | None
    drawn: SeriesOf | None
    areas: dict[str, Area]


@require_http_methods(["GET", "POST"])
def indicator(request: HttpRequest, code: str, space: str) -> HttpResponse:
    """Show one indicator; a note that was typed is kept."""
    actor, now = reader(request, space), request.now  # type: ignore[attr-defined]
    try:
        result = api.get_result(code=code, actor=actor, now=now)
    except IndicatorNotFound:
        raise Http404(code) from None
    if request.method == "POST" and space == DESK:
        refused = annotating.done(request, code)
        if refused is None:
            return ui.redirect("insight:indicator", code)
        return _page(request, _shown(request, result), space, refused=refused)
    return _page(request, _shown(request, result), space)


def _thresholds(of: Indicator) -> tuple[Definition, ...]:
    """Say from where on the number asks for attention; nothing when it never does."""
    if of.thresholds is None:
        return ()
    values = {
        "alarm": spelled.limit(of, of.thresholds.alarm),
        "calm": spelled.limit(of, of.thresholds.calm),
    }
    text = _("Asks for attention from %(alarm)s, is fine again at %(calm)s.") % values
    return (Definition(term=_("Threshold"), value=text),)


def _shown(request: HttpRequest, result: IndicatorResult) -> Shown:
    actor, now, code = request.actor, request.now, result.indicator.code  # type: ignore[attr-defined]
    areas = api.list_areas(actor=actor)
    area, part = request.GET.get("gebied", ""), request.GET.get("deel", "")
    if result.indicator.areas is not Areas.MUNICIPALITY or area not in areas:
        area = ""
    of = area or (result.shown.area if result.shown else None)
    every = api.list_series(code=code, actor=actor, now=now, area=of)
    if area:  # the whole page is then of that municipality, also when it has no numbers
        whole = next((each for each in every if not each.slice), None)
        is_own = result.is_own and result.shown is not None and result.shown.area == area
        result = replace(result, shown=whole, is_own=is_own)
    series = next((each for each in every if each.slice == part), None) or result.shown
    drawn = None
    if series is not None:
        narrowed = charted.between(series, request.GET.get("van", ""), request.GET.get("tot", ""))
        drawn = replace(narrowed, points=narrowed.points[-tiles.MOST_POINTS :])
    return Shown(result=result, area=area, every=every, series=series, drawn=drawn, areas=areas)


def _page(
    request: HttpRequest, shown: Shown, space: str, *, refused: annotating.Refused | None = None
) -> HttpResponse:
    result = shown.result
    actor, definition = request.actor, result.indicator  # type: ignore[attr-defined]
    today = clock.local_day(request.now)  # type: ignore[attr-defined]
    notes = api.list_notes(code=definition.code, actor=actor, now=request.now) if space == DESK else ()  # type: ignore[attr-defined]
    point = tiles.point_now(result, today)
    export = f"{reverse(f'{space}:indicator_export', args=[definition.code])}?{_query(request)}"
    return ui.page(
        request,
        template("indicator", space),
        status=422 if refused else 200,
        title=definition.title.nl,
        indicator=definition,
        crumbs=(
            NavigationItem(label=_("Indicators"), href=reverse(f"{space}:indicators")),
            NavigationItem(label=definition.title.nl, href=""),
        ),
        tile=(_number(result, shown.areas, actor, today, space),) if point else (),
        reason=wording.reason_of(result),
        is_stale=result.is_stale(today),
        last=spelled.period(definition, point.period) if point else "",
        fields=_fields(shown),
        form_id=periods.FORM,
        target=target_block(request, result),
        facts=(
            Definition(term=_("Method"), value=definition.method),
            Definition(term=_("Measures"), value=wording.kind(definition.kind)),
            *_thresholds(definition),
            Definition(term=_("Owner"), value=definition.owner),
            Definition(term=_("Code and version"), value=f"{definition.code}, {definition.version}"),
        ),
        lineage_href=reverse(f"{space}:lineage", args=[definition.code]),
        csv_href=export,
        xlsx_href=f"{export}&vorm=xlsx",
        space=space,
        **share_links(request, space, "indicator", definition.code, is_open=definition.is_open),
        **_drawings(request, shown, notes, space, export),
        **(annotating.block(request, shown.result, shown.series, notes, refused) if space == DESK else {}),
    )


def _number(result: IndicatorResult, areas: dict[str, Area], actor: Actor, today: date, space: str) -> Figure:
    """Give the number that counts today; it leads nowhere, because this is its page."""
    middle = tiles.middles([result], actor=actor, today=today).get(result.indicator.code)
    is_alarm = result.indicator.code in api.list_alarms(actor=actor)
    drawn = tiles.tile(result, today=today, areas=areas, space=space, is_alarm=is_alarm, middle=middle)
    return replace(drawn, href="")


def _drawings(
    request: HttpRequest, shown: Shown, notes: tuple[Note, ...], space: str, export: str
) -> dict[str, object]:
    """Give every chart, table and map of the page; all of the municipality that was asked for."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    result, definition, part = shown.result, shown.result.indicator, request.GET.get("deel", "")
    code, source = definition.code, tiles.sources(result)
    peers = api.list_peers(code=code, part=part, actor=actor, now=now, area=shown.area)
    name = shown.areas[shown.area].name if shown.area and shown.area != api.own_area(now=now) else ""
    parts: tuple[api.PartBesidePeers, ...] = ()
    if definition.slices:
        parts = api.list_parts_beside_peers(code=code, actor=actor, now=now, area=shown.area)
    return {
        "chart": _drawn(_course(request, shown, notes), export, charted.COURSE),
        "future": _drawn(
            tiles.future_chart(result, shown.series, today=clock.local_day(now)) if shown.series else None,
            export,
            charted.FUTURE,
        ),
        "parts": tiles.slice_table(result, shown.every, today=clock.local_day(now), export=export)
        if definition.slices
        else None,
        "parts_chart": _drawn(
            tiles.parts_chart(definition, parts, source=source, name=name), export, charted.PARTS
        ),
        "peer_chart": _drawn(
            tiles.peer_chart(definition, peers, source=source, name=name), export, charted.PEERS
        ),
        "map": mapped.map_of(request, result, space=space, export=export),
    }


def _course(request: HttpRequest, shown: Shown, notes: tuple[Note, ...]) -> Chart | None:
    series, drawn = shown.series, shown.drawn
    if series is None or drawn is None:
        return None
    found = shown.areas.get(series.area)
    name = found.name if found else _("Measured")
    chart = tiles.chart(shown.result, drawn, name=name, export="", place=found)
    if chart is None:
        return None
    marked = tiles.noted(chart, drawn, notes, shown.result.indicator)
    spans = periods.spans(shown.result.indicator, series)
    return replace(marked, brush=periods.brush(spans, drawn, request))


def _drawn(chart: Chart | None, export: str, drawing: str) -> Chart | None:
    return charted.with_downloads(chart, export=export, drawing=drawing) if chart else None


def _query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    kept.pop("vorm", None)
    return kept.urlencode()


def _fields(shown: Shown) -> tuple[Field, ...]:
    definition, series = shown.result.indicator, shown.series
    found: list[Field] = []
    if series is not None and shown.drawn is not None:
        found += periods.fields(periods.spans(definition, series), shown.drawn)
        if definition.slices and len(shown.every) > 1:
            found.append(
                _choice(
                    "deel",
                    definition.slices,
                    series.slice,
                    ((each.slice, each.slice or _("Everything")) for each in shown.every),
                )
            )
    if definition.areas is Areas.MUNICIPALITY and shown.areas and shown.result.lineage is not None:
        names = sorted((each.name, nis) for nis, each in shown.areas.items())
        value = shown.area or (series.area if series else "")
        found.append(_choice("gebied", _("Municipality"), value, ((nis, name) for name, nis in names)))
    return tuple(found)


def _choice(name: str, label: str, value: str, known: Iterable[tuple[str, str]]) -> Field:
    return Field(
        name=name,
        label=label,
        kind=FieldKind.SELECT,
        value=value,
        required=False,
        options=tuple(Option(value=code, label=text) for code, text in known),
    )
