"""From the tiles of a dashboard to what components draw: figures and charts with their width."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from ocapi.kernel.ui.data import Chart, Figure, Map
from ocapi.lib import clock
from ocapi.lib.actor import Actor
from ocapi.modules.insight import spelled
from ocapi.modules.insight.api import indicators as api
from ocapi.modules.insight.api import outlines
from ocapi.modules.insight.data.dashboards import Layout, Shape, Size, Tile
from ocapi.modules.insight.data.indicators import Area, IndicatorResult
from ocapi.modules.insight.views import charted, mapped, tiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A tile as it is drawn. figures, chart, map: one of them, or none with the reason in `reason`."""

    title: str
    href: str
    size: str
    figures: tuple[Figure, ...] = ()
    chart: Chart | None = None
    map: Map | None = None
    reason: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address of a dashboard asks besides: another municipality, another number of years."""

    area: str = ""
    years: int | None = None


def drawn(
    layout: Layout, *, asked: Asked, actor: Actor, now: datetime, areas: dict[str, Area], space: str
) -> tuple[Drawn, ...]:
    """Give every tile this reader may see, in order; a tile without figures says why."""
    codes = {each.indicator for each in layout.tiles}
    found = {
        each.indicator.code: each for each in api.list_results(actor=actor, now=now, codes=sorted(codes))
    }
    drawings = [
        Drawing(
            place=place,
            tile=(of := _asked(tile, asked)),
            result=found[tile.indicator],
            elsewhere=_elsewhere(of, found[tile.indicator], actor, now),
        )
        for place, tile in enumerate(layout.tiles, start=1)
        if tile.indicator in found
    ]
    middles = _middles(drawings, actor, clock.local_day(now))
    return tuple(_tile(each, middles, actor, now, areas, space) for each in drawings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A tile and what it is drawn from. elsewhere: the result of its municipality, None when it has none."""

    place: int
    tile: Tile
    result: IndicatorResult
    elsewhere: IndicatorResult | None


def _middles(found: Iterable[Drawing], actor: Actor, today: date) -> dict[tuple[str, str], Decimal]:
    """Give by municipality and indicator what similar ones have, asked once for each municipality."""
    of: dict[str, list[IndicatorResult]] = {}
    for each in found:
        if each.tile.shape is Shape.NUMBER and each.elsewhere is not None and each.elsewhere.shown:
            of.setdefault(each.elsewhere.shown.area, []).append(each.elsewhere)
    return {
        (area, code): middle
        for area, results in of.items()
        for code, middle in tiles.middles(results, actor=actor, today=today).items()
    }


def _asked(tile: Tile, asked: Asked) -> Tile:
    return replace(
        tile,
        area=asked.area or tile.area,
        years=tile.years if asked.years is None else asked.years,
    )


def _tile(
    drawing: Drawing,
    middles: Mapping[tuple[str, str], Decimal],
    actor: Actor,
    now: datetime,
    areas: dict[str, Area],
    space: str,
) -> Drawn:
    tile, result, elsewhere, place = drawing.tile, drawing.result, drawing.elsewhere, drawing.place
    title = tile.title or result.indicator.title.nl
    href = reverse(f"{space}:indicator", args=[tile.indicator])
    frame = Drawn(title=title, href=href, size=_width(tile).value, source=tiles.sources(result))
    if elsewhere is None:
        return replace(
            frame, reason=_("There are no figures of %(place)s.") % {"place": _name(tile.area, areas)}
        )
    if tile.shape is Shape.NUMBER or elsewhere.shown is None:
        today = clock.local_day(now)
        middle = middles.get((elsewhere.shown.area, tile.indicator)) if elsewhere.shown else None
        figure = tiles.tile(elsewhere, today=today, areas=areas, space=space, middle=middle)
        return replace(frame, figures=(replace(figure, label=title),))
    if tile.shape is Shape.MAP:
        drawn_map = _map(tile, elsewhere, place, actor, now, space)
        return replace(frame, map=drawn_map) if drawn_map else replace(frame, reason=_reason(tile))
    chart = _chart(tile, elsewhere, actor, now, areas, space)
    if chart is None:
        return replace(frame, reason=_reason(tile))
    return replace(
        frame,
        chart=replace(
            chart,
            code=f"tegel-{place}",
            title=tile.title or chart.title,
            quality=tiles.age(elsewhere, clock.local_day(now)),
        ),
    )


def _width(tile: Tile) -> Size:
    """Give how wide a tile is drawn: in a small one the numbers of a chart stand over its bars."""
    return Size.HALF if tile.size is Size.SMALL and tile.shape is not Shape.NUMBER else tile.size


def _reason(tile: Tile) -> str:
    if tile.shape is Shape.PARTS:
        return _("This indicator has no parts to compare, or no own municipality to compare with.")
    if tile.shape is Shape.PEERS:
        return _("There are no similar municipalities with figures.")
    if tile.shape is Shape.MAP:
        return _("There is no map: the outlines of municipalities are not here, or they have no figures.")
    return _("No data in this period.")


def _name(area: str, areas: dict[str, Area]) -> str:
    return areas[area].name if area in areas else area


def _elsewhere(tile: Tile, result: IndicatorResult, actor: Actor, now: datetime) -> IndicatorResult | None:
    """Give the result of the municipality a tile asks for; None when it has none."""
    if not tile.area or result.shown is None or result.indicator.areas.value != "municipality":
        return result
    if result.shown.area == tile.area:
        return result
    found = api.list_series(code=tile.indicator, actor=actor, now=now, area=tile.area, part="")
    return replace(result, shown=found[0], is_own=False) if found else None


def _map(
    tile: Tile, result: IndicatorResult, place: int, actor: Actor, now: datetime, space: str
) -> Map | None:
    """Give all municipalities on a map, the one the tile is of outlined; each leads to its page."""
    code = tile.indicator
    found = outlines.find_map(code=code, actor=actor, now=now)
    if found is None:
        return None
    title = _("%(title)s by municipality, %(period)s") % {
        "title": result.indicator.title.nl,
        "period": spelled.period(result.indicator, found.period),
    }
    drawn = mapped.made(
        result,
        found,
        title=tile.title or title,
        chosen=tile.area or api.own_area(now=now),
        near=False,
        query={},
        here=reverse(f"{space}:indicator", args=[code]),
        code=f"tegel-{place}",
        export=f"{reverse(f'{space}:indicator_export', args=[code])}?",
    )
    return replace(drawn, near_href="")


def _chart(
    tile: Tile, result: IndicatorResult, actor: Actor, now: datetime, areas: dict[str, Area], space: str
) -> Chart | None:
    code, indicator, source = tile.indicator, result.indicator, tiles.sources(result)
    export, drawing = f"{reverse(f'{space}:indicator_export', args=[code])}?", charted.COURSE
    elsewhere = _name(tile.area, areas) if tile.area and tile.area != api.own_area(now=now) else ""
    if tile.area and tile.shape is not Shape.LINE:
        export += urlencode({"gebied": tile.area})
    if tile.shape is Shape.PARTS:
        parts: tuple[api.PartBesidePeers, ...] = ()
        if indicator.slices:
            parts = api.list_parts_beside_peers(code=code, actor=actor, now=now, area=tile.area)
        chart = tiles.parts_chart(indicator, parts, source=source, name=elsewhere)
        drawing = charted.PARTS
    elif tile.shape is Shape.PEERS:
        peers = api.list_peers(code=code, part="", actor=actor, now=now, area=tile.area)
        chart = tiles.peer_chart(indicator, peers, source=source, name=elsewhere)
        drawing = charted.PEERS
    elif result.shown is not None:
        series = result.shown
        name = _name(series.area, areas) if series.area in areas else _("Measured")
        shown = charted.since(series, tile.years)
        chart = tiles.chart(result, shown, name=name, export="", place=areas.get(series.area))
        if chart and space == "insight":  # notes are for colleagues
            chart = tiles.noted(chart, shown, api.list_notes(code=code, actor=actor, now=now), indicator)
        export += urlencode({"gebied": series.area, "deel": "", "jaren": tile.years})
    else:
        return None
    return charted.with_downloads(chart, export=export, drawing=drawing) if chart else None


def sources(found: Iterable[Drawn]) -> tuple[str, ...]:
    """Give what the tiles are made of, each once."""
    return tuple(dict.fromkeys(each.source for each in found if each.source))


def shape_name(shape: Shape) -> str:
    """Name what a tile shows."""
    return {
        Shape.NUMBER: _("The newest number"),
        Shape.LINE: _("The course, beside the target"),
        Shape.PARTS: _("The parts, beside similar municipalities"),
        Shape.PEERS: _("Similar municipalities"),
        Shape.MAP: _("All municipalities, on a map"),
    }[shape]


def size_name(size: Size) -> str:
    """Name how wide a tile is."""
    return {Size.SMALL: _("Small"), Size.HALF: _("Half the width"), Size.FULL: _("The whole width")}[size]


def span_name(years: int) -> str:
    """Name a number of years."""
    if not years:
        return _("Everything there is")
    return _("The last year") if years == 1 else _("The last %(years)s years") % {"years": years}
