"""From results to what components draw: tiles, charts with target and forecast, comparison, tables."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _

from ocapi.kernel.ui.data import (
    Cell,
    Chart,
    ChartKind,
    Column,
    ColumnKind,
    Figure,
    PageOf,
    Row,
    Series,
    Table,
)
from ocapi.lib import written
from ocapi.lib.actor import Actor
from ocapi.modules.insight import forecasting, spelled
from ocapi.modules.insight.api import indicators as api
from ocapi.modules.insight.api.indicators import PartBesidePeers, Peer
from ocapi.modules.insight.data.indicators import (
    Area,
    Areas,
    Direction,
    Indicator,
    IndicatorResult,
    Note,
    Point,
    SeriesOf,
)
from ocapi.modules.insight.spelled import digits, rounded
from ocapi.modules.insight.views import wording

MOST_POINTS = 366  # that a chart can show apart


def point_now(result: IndicatorResult, today: date) -> Point | None:
    """Give the number that counts today: of a plan the one of the running period, else the newest."""
    if result.shown is None:
        return None
    points = [each for each in result.shown.points if each.value is not None]
    if result.indicator.is_plan:
        begun = [each for each in points if each.period <= today]
        return begun[-1] if begun else (points[0] if points else None)
    return points[-1] if points else None


def middles(results: Iterable[IndicatorResult], *, actor: Actor, today: date) -> dict[str, Decimal]:
    """Give by code the middle number of similar municipalities, in the period each tile shows."""
    of = {}
    for each in results:
        point = point_now(each, today)
        if point is not None and each.shown is not None and each.indicator.areas is Areas.MUNICIPALITY:
            of[each.indicator.code] = (each.shown.area, point.period)
    return api.peer_middles(of=of, actor=actor) if of else {}


def tile(
    result: IndicatorResult,
    *,
    today: date,
    areas: dict[str, Area],
    space: str,
    is_alarm: bool = False,
    middle: Decimal | None = None,
) -> Figure:
    """Give one tile: the number, of when and of where, how it moved, its target, and whether it is old.

    middle: the number of similar municipalities in the same period.
    """
    indicator, point = result.indicator, point_now(result, today)
    href = reverse(f"{space}:indicator", args=[indicator.code])
    if point is None or result.shown is None:
        return Figure(
            label=indicator.title.nl,
            value="–",
            trend=wording.outcome(result.outcome) or _("no data"),
            href=href,
        )
    parts = [spelled.period(indicator, point.period), place(result, areas), moved(result, point)]
    if indicator.target is not None:
        values = {
            "value": spelled.number(indicator, indicator.target.value),
            "year": indicator.target.day.year,
        }
        parts.append(_("target %(value)s in %(year)s") % values)
    if middle is not None:
        parts.append(
            _("middle of similar municipalities: %(value)s") % {"value": spelled.number(indicator, middle)}
        )
    if is_alarm:
        parts.append(_("past the threshold"))
    if result.is_stale(today):
        parts.append(_("old data"))
    if result.is_behind:
        parts.append(_("the newest data could not be computed"))
    return Figure(
        label=indicator.title.nl,
        value=spelled.plain(indicator, point.value),
        unit="" if spelled.unit(indicator) == "€" else spelled.unit(indicator),
        trend=". ".join(part[:1].upper() + part[1:] for part in parts if part) + ".",
        href=href,
    )


def age(result: IndicatorResult, today: date) -> str:
    """Say that the data are old, or the newest not in it; empty when neither is so."""
    last = result.shown.last if result.shown else None
    if last is not None and result.is_behind:
        return _("the newest data could not be computed, these are the numbers of before.")
    if last is None or not result.is_stale(today):
        return ""
    period = spelled.period(result.indicator, last.period)
    return _("these data are old, the newest figure is of %(period)s.") % {"period": period}


def place(result: IndicatorResult, areas: dict[str, Area]) -> str:
    """Say of where the number is when it is not of the own organization."""
    if result.is_own or result.shown is None:
        return ""
    if result.indicator.areas is Areas.REGION:
        return _("in all of Flanders")
    found = areas.get(result.shown.area)
    return _("measured in %(place)s") % {"place": found.name} if found else ""


def moved(result: IndicatorResult, point: Point) -> str:
    """Say how a number moved against the same period a year before."""
    indicator, series = result.indicator, result.shown
    if series is None or point.value is None:
        return ""
    season = forecasting.SEASONS[indicator.frequency] if indicator.frequency.value != "day" else 0
    before_day = forecasting.following(point.period, indicator.frequency, by=-season) if season else None
    before = next((each.value for each in series.points if each.period == before_day), None)
    if before is None:
        return ""
    if spelled.unit(indicator) == "%":
        return _moved_points(indicator, point.value, before)
    if before == 0:
        return ""
    change = (point.value - before) * 100 / abs(before)
    if abs(change) < 1:
        return _("as much as a year before")
    values = {"change": digits(abs(change))}
    text = (
        _("%(change)s %% more than a year before")
        if change > 0
        else _("%(change)s %% less than a year before")
    )
    return text % values + _judged(indicator, change)


def _moved_points(indicator: Indicator, value: Decimal, before: Decimal) -> str:
    """Say how a share moved: in points, because a percentage of a percentage misleads."""
    change = rounded(value, indicator.decimals) - rounded(before, indicator.decimals)
    if change == 0:
        return _("as much as a year before")
    values = {"change": digits(abs(change), indicator.decimals)}
    text = (
        _("%(change)s percentage points more than a year before")
        if change > 0
        else _("%(change)s percentage points less than a year before")
    )
    return text % values + _judged(indicator, change)


def _judged(indicator: Indicator, change: Decimal) -> str:
    if indicator.direction is Direction.NONE:
        return ""
    is_better = (change > 0) == (indicator.direction is Direction.UP)
    return f" ({_('better')})" if is_better else f" ({_('worse')})"


def chart(
    result: IndicatorResult, series: SeriesOf, *, name: str, export: str, place: Area | None = None
) -> Chart | None:
    """Give a series as a line beside its target, with its breaks; None with nothing to draw.

    place: the municipality it is of, which may have come out of a merger.
    """
    indicator, lineage = result.indicator, result.lineage
    points = series.points[-MOST_POINTS:]
    if not any(each.value is not None for each in points):
        return None
    lines = [
        Series(
            name=name,
            values=tuple(
                None if each.value is None else rounded(each.value, indicator.decimals) for each in points
            ),
            suppressed=frozenset(at for at, each in enumerate(points) if each.is_small),
            withheld=frozenset(at for at, each in enumerate(points) if each.is_withheld),
        )
    ]
    if indicator.target is not None:
        lines.append(Series(name=_("Target"), values=(indicator.target.value,) * len(points)))
    return Chart(
        code="verloop",
        title=indicator.title.nl if not series.slice else f"{indicator.title.nl}: {series.slice}",
        kind=ChartKind.LINE if len(points) > 1 else ChartKind.BAR,
        category_label=_("Period"),
        categories=tuple(wording.short_period(indicator, each.period) for each in points),
        series=tuple(lines),
        unit=spelled.unit(indicator),
        decimals=indicator.decimals,
        source=sources(result),
        updated=written.moment_in_words(lineage.computed_at) if lineage else "",
        method=indicator.method,
        export_href=export,
        suppressed_below=indicator.min_group or 5,
        breaks=_breaks(points, indicator, place),
    )


def _breaks(
    points: tuple[Point, ...], indicator: Indicator, place: Area | None
) -> tuple[tuple[int, str], ...]:
    """Give where a series breaks and why: another way of counting, and the merger the place came out of, from
    before which numbers are sums of the former municipalities.
    """
    why = [(each.day, each.reason) for each in indicator.breaks]
    if place is not None and place.merged_on is not None and indicator.backcast:
        text = _("%(name)s came out of a merger in %(year)s. Older figures are the sum of what was before.")
        why.append((place.merged_on, text % {"name": place.name, "year": place.merged_on.year}))
    found = []
    for day, reason in why:
        at = next((number for number, each in enumerate(points) if each.period >= day), None)
        if at:  # before the first number that is drawn there is nothing to break with
            found.append((at, f"{spelled.period(indicator, points[at].period)}: {reason}"))
    return tuple(found)


def noted(chart: Chart, series: SeriesOf, notes: tuple[Note, ...], indicator: Indicator) -> Chart:
    """Give a chart of a series with what was written about its points: period, text, and the day it was
    written.
    """
    places = {each.period: at for at, each in enumerate(series.points[-MOST_POINTS:])}
    found = [(places[each.period], each) for each in notes if each.period in places]
    marks = sorted(found, key=lambda one: (one[0], one[1].written_at))
    return replace(
        chart,
        marks=tuple(
            (
                place,
                _("%(period)s: %(text)s (%(name)s, %(day)s)")
                % {
                    "period": spelled.period(indicator, note.period),
                    "text": note.text,
                    "name": note.author_name or _("a former colleague"),
                    "day": written.moment_in_words(note.written_at),
                },
            )
            for place, note in marks
        ),
    )


def future_chart(result: IndicatorResult, series: SeriesOf, *, today: date) -> Chart | None:
    """Give the numbers to come with their interval; None when nothing can be foretold.

    Of old data the forecast may be of periods that are over; the chart then says so.
    """
    indicator = result.indicator
    found = forecasting.forecast([(each.period, each.value) for each in series.points], indicator.frequency)
    if not indicator.forecasts or not found:
        return None
    method = (
        _("The same period one season before. The number should lie between low and high four times in five.")
        if found[0].is_seasonal
        else _(
            "The middle of the last periods. The number should lie between low and high four times in five."
        )
    )
    return Chart(
        code="vooruitzicht",
        title=_("Forecast"),
        kind=ChartKind.LINE,
        category_label=_("Period"),
        categories=tuple(wording.short_period(indicator, each.period) for each in found),
        series=(
            Series(
                name=_("Forecast"), values=tuple(rounded(each.value, indicator.decimals) for each in found)
            ),
            Series(name=_("Low"), values=tuple(rounded(each.low, indicator.decimals) for each in found)),
            Series(name=_("High"), values=tuple(rounded(each.high, indicator.decimals) for each in found)),
        ),
        unit=spelled.unit(indicator),
        decimals=indicator.decimals,
        method=method,
        source=sources(result),
        quality=_over(indicator, found[0].period, today),
    )


def _over(indicator: Indicator, first: date, today: date) -> str:
    if forecasting.following(first, indicator.frequency, by=1) > today:
        return ""
    text = _("the data are old, so this forecast begins with %(period)s, which is over.")
    return text % {"period": spelled.period(indicator, first)}


def parts_chart(
    indicator: Indicator, parts: tuple[PartBesidePeers, ...], *, source: str, name: str = ""
) -> Chart | None:
    """Give the parts of an indicator beside the middle of similar municipalities; None without any.

    name: of the municipality when it is not the own one.
    """
    if not parts:
        return None

    def values(found: list[Decimal | None]) -> tuple[Decimal | None, ...]:
        return tuple(None if each is None else rounded(each, indicator.decimals) for each in found)

    return Chart(
        code="delen-vergeleken",
        title=_("%(title)s by %(slice)s, %(period)s")
        % {
            "title": indicator.title.nl,
            "slice": indicator.slices.lower(),
            "period": spelled.period(indicator, parts[0].period),
        },
        kind=ChartKind.BAR,
        category_label=indicator.slices,
        categories=tuple(each.part for each in parts),
        series=(
            Series(name=name or _("own municipality"), values=values([each.own for each in parts])),
            Series(
                name=_("middle of similar municipalities"), values=values([each.middle for each in parts])
            ),
        ),
        unit=spelled.unit(indicator),
        decimals=indicator.decimals,
        source=source,
        method=_("Similar are the municipalities nearest in number of inhabitants."),
    )


def sources(result: IndicatorResult) -> str:
    """Name what the numbers are made of."""
    return "; ".join(result.lineage.sources) if result.lineage else ""


def peer_chart(indicator: Indicator, peers: tuple[Peer, ...], *, source: str, name: str = "") -> Chart | None:
    """Give similar municipalities as bars; those without a number are drawn as missing.

    name: of the municipality the others are near to, when it is not the own one.
    """
    if len(peers) < 2:
        return None
    return Chart(
        code="vergelijking",
        title=(
            _("%(title)s: %(name)s beside similar municipalities, %(period)s")
            if name
            else _("%(title)s beside similar municipalities, %(period)s")
        )
        % {"title": indicator.title.nl, "name": name, "period": spelled.period(indicator, peers[0].period)},
        kind=ChartKind.BAR,
        unit=spelled.unit(indicator),
        decimals=indicator.decimals,
        category_label=_("Municipality"),
        categories=tuple(
            each.area.name + (f" ({_('own')})" if each.is_own and not name else "") for each in peers
        ),
        series=(
            Series(
                name=indicator.title.nl,
                values=tuple(
                    None if each.value is None else rounded(each.value, indicator.decimals) for each in peers
                ),
            ),
        ),
        source=source,
        method=_("Similar are the municipalities nearest in number of inhabitants."),
    )


def slice_table(
    result: IndicatorResult, parts: tuple[SeriesOf, ...], *, today: date, export: str
) -> Table | None:
    """Give every part of an indicator in the period of today as a table."""
    indicator = result.indicator
    rows = []
    for each in parts:
        shown = next((p for p in reversed(each.points) if p.period <= today or not indicator.is_plan), None)
        if each.slice and shown is not None:
            rows.append((each.slice, shown))
    if not rows:
        return None
    newest = max(point.period for _name, point in rows)
    rows = [(name, point) for name, point in rows if point.period == newest]
    rows.sort(key=lambda row: (row[1].value is None, -(row[1].value or 0), row[0]))
    return Table(
        caption=_("%(title)s by %(slice)s, %(period)s")
        % {
            "title": indicator.title.nl,
            "slice": indicator.slices.lower(),
            "period": spelled.period(indicator, newest),
        },
        columns=(
            Column(code="slice", label=indicator.slices),
            Column(code="value", label=spelled.unit(indicator) or _("Value"), kind=ColumnKind.NUMBER),
        ),
        page=PageOf(
            items=tuple(
                Row(
                    cells=(
                        Cell(text=name, href=f"?deel={quote(name)}"),
                        Cell(text=value_text(indicator, point)),
                    )
                )
                for name, point in rows
            )
        ),
        export_href=export,
    )


def value_text(indicator: Indicator, point: Point) -> str:
    """Write the number of a point, or say that it is small, withheld or missing."""
    if point.value is not None:
        return digits(point.value, indicator.decimals)
    if point.is_small:
        return f"< {indicator.min_group}"
    return _("not shown") if point.is_withheld else _("no data")
