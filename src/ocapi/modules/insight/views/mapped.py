"""An indicator as a map of municipalities: what the map component draws."""

from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from ocapi.kernel.ui.data import Map, Place
from ocapi.lib import written
from ocapi.modules.insight import spelled
from ocapi.modules.insight.api import indicators as indicators_api
from ocapi.modules.insight.api import outlines as api
from ocapi.modules.insight.api.outlines import MapOf
from ocapi.modules.insight.data.indicators import Indicator, IndicatorResult, Point
from ocapi.modules.insight.spelled import rounded
from ocapi.modules.insight.views import tiles
from ocapi.modules.insight.views.charted import MAP, until_of

KEPT = ("van", "tot", "deel", "gebied")  # what an address keeps when another municipality is chosen
NEAR = "rond"  # value of `kaart` in an address


def map_of(request: HttpRequest, result: IndicatorResult, *, space: str, export: str = "") -> Map | None:
    """Give the map of an indicator as the address asks: part, last period, and how much of it is shown."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    part = request.GET.get("deel", "")
    found = api.find_map(code=result.indicator.code, actor=actor, now=now, part=part, until=until_of(request))
    if found is None:
        return None
    query = {name: request.GET[name] for name in KEPT if request.GET.get(name)}
    own = indicators_api.own_area(now=now)
    return made(
        result,
        found,
        title=_title(result.indicator, found, part),
        chosen=query.get("gebied", own),
        near=request.GET.get("kaart") == NEAR,
        query=query,
        here=reverse(f"{space}:indicator", args=[result.indicator.code]),
        export=export,
    )


def _title(indicator: Indicator, found: MapOf, part: str) -> str:
    values = {"title": f"{indicator.title.nl}: {part}" if part else indicator.title.nl}
    values["period"] = spelled.period(indicator, found.period)
    return _("%(title)s by municipality, %(period)s") % values


def made(
    result: IndicatorResult,
    found: MapOf,
    *,
    title: str,
    chosen: str,
    near: bool,
    query: dict[str, str],
    here: str,
    code: str = "kaart",
    export: str = "",
) -> Map:
    """Give the map of numbers; every municipality leads to its own page. query: what its address keeps."""
    indicator = result.indicator
    has_chosen = any(each.nis == chosen for each in found.outlines)

    def address(**more: str) -> str:
        return f"{here}?{urlencode({**query, **more})}"

    return Map(
        code=code,
        title=title,
        place_label=_("Municipality"),
        value_label=spelled.unit(indicator) or _("Value"),
        unit=spelled.unit(indicator),
        decimals=indicator.decimals,
        places=tuple(
            Place(
                code=each.nis,
                name=found.areas[each.nis].name,
                path=each.path,
                box=each.box,
                value=_value(indicator, found.points.get(each.nis)),
                text=_text(indicator, found.points.get(each.nis)),
                href=address(gebied=each.nis),
            )
            for each in found.outlines
            if each.nis in found.areas
        ),
        chosen=chosen if has_chosen else "",
        near=near and has_chosen,
        near_href=f"{address(kaart=NEAR)}#{code}-kop" if has_chosen and len(found.outlines) > 1 else "",
        all_href=f"{address()}#{code}-kop",
        source="; ".join(each for each in (tiles.sources(result), _borders(found)) if each),
        updated=written.moment_in_words(result.lineage.computed_at) if result.lineage else "",
        method=_("Each class holds about as many municipalities."),
        notes=(_("These are totals: a large municipality has more of nearly everything."),)
        if indicator.is_additive or indicator.unit.startswith("{")
        else (),
        export_href=f"{export}&beeld={MAP}" if export else "",
        spreadsheet_href=f"{export}&beeld={MAP}&vorm=xlsx" if export else "",
        picture_href=f"{export}&beeld={MAP}&vorm=png" if export else "",
    )


def _borders(found: MapOf) -> str:
    return _("borders: %(source)s") % {"source": found.source} if found.source else ""


def _value(indicator: Indicator, point: Point | None) -> Decimal | None:
    if point is None or point.value is None:
        return None
    return rounded(point.value, indicator.decimals)


def _text(indicator: Indicator, point: Point | None) -> str:
    if point is None:
        return _("no data")
    if point.value is None:
        return tiles.value_text(indicator, point)
    return spelled.number(indicator, point.value)
