"""A chart and a map of a table, where it holds something that can be drawn; both made here, no tiles."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ocapi.kernel.ui.data import Chart, ChartKind, Series
from ocapi.lib import clock
from ocapi.lib.dcat.model import text_of
from ocapi.lib.written import MONTHS
from ocapi.modules.opendata import describing
from ocapi.modules.opendata.data import ColumnKind, Published, Table

MAX_MONTHS = 24
MAX_BARS = 12
MAX_POINTS = 2_000
WIDTH, EDGE = 640, 24  # of the map, in its own units
NARROWEST = 1e-3  # degrees: points on one spot lie in the middle of a low map
NUMBERS = frozenset({ColumnKind.INTEGER, ColumnKind.DECIMAL})
TIMES = frozenset({ColumnKind.DAY, ColumnKind.INSTANT})


def chart_of(found: Published) -> Chart | None:
    """Give sums by month of the last column of numbers, or its values by the first column; None else."""
    table = found.table
    if table is None or not table.rows:
        return None
    values = [place for place, each in enumerate(table.columns) if each.kind in NUMBERS]
    times = [place for place, each in enumerate(table.columns) if each.kind in TIMES]
    names = [place for place, each in enumerate(table.columns) if each.kind is ColumnKind.TEXT]
    if not values:
        return None
    if (
        names
        and len(table.rows) <= MAX_BARS
        and len({row[names[0]] for row in table.rows}) == len(table.rows)
    ):
        return _by_name(found, table, names[0], values[:3])
    return _by_month(found, table, times[0], values[-1]) if times else None


def _by_name(found: Published, table: Table, name: int, values: list[int]) -> Chart:
    return Chart(
        code="grafiek",
        title=_("In a chart"),
        kind=ChartKind.BAR,
        category_label=table.columns[name].label,
        categories=tuple(str(row[name]) for row in table.rows),
        series=tuple(
            Series(name=table.columns[place].label, values=tuple(_number(row[place]) for row in table.rows))
            for place in values
        ),
        source=text_of(found.dataset.publisher.name) if found.dataset.publisher else "",
        quality=text_of(found.dataset.quality),
    )


def _by_month(found: Published, table: Table, time: int, value: int) -> Chart | None:
    sums: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for row in table.rows:
        at, amount = row[time], _number(row[value])
        if amount is None or not isinstance(at, date):
            continue
        day = clock.local_day(at) if isinstance(at, datetime) else at
        sums[day.year, day.month] += amount
    if len(sums) < 2:
        return None
    months = [max(sums)]
    while len(months) < MAX_MONTHS and months[-1] > min(sums):
        year, month = months[-1]
        months.append((year, month - 1) if month > 1 else (year - 1, 12))
    months.reverse()
    return Chart(
        code="grafiek",
        title=_("By month"),
        kind=ChartKind.BAR,
        category_label=_("Month"),
        categories=tuple(f"{MONTHS[month - 1]} {year}" for year, month in months),
        series=(Series(name=table.columns[value].label, values=tuple(sums.get(each) for each in months)),),
        source=text_of(found.dataset.publisher.name) if found.dataset.publisher else "",
        quality=text_of(found.dataset.quality),
        decimals=0 if all(each == each.to_integral_value() for each in sums.values()) else 1,
    )


def _number(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None


def map_of(table: Table) -> SafeString | None:
    """Draw the points of a table in their rectangle, north up; None when it has none.

    No background is fetched: the picture shows how the points lie, the rows say where they are.
    """
    points = describing.points_of(table)[:MAX_POINTS]
    box = describing.box_of(table)
    if not points or box is None:
        return None
    wide, high = max(box.east - box.west, NARROWEST), max(box.north - box.south, NARROWEST / 4)
    west, north = (box.west + box.east - wide) / 2, (box.south + box.north + high) / 2
    squeeze = 0.63  # a degree of longitude is that part of a degree of latitude at 51 degrees north
    height = min(max(round((WIDTH - 2 * EDGE) * high / (wide * squeeze)), 160), 640) + 2 * EDGE

    def place(x: float, y: float) -> tuple[str, str]:
        across = EDGE + (x - west) / wide * (WIDTH - 2 * EDGE)
        down = EDGE + (north - y) / high * (height - 2 * EDGE)
        return f"{across:.1f}", f"{down:.1f}"

    name = next((p for p, each in enumerate(table.columns) if each.kind is ColumnKind.TEXT), None)
    marks = format_html_join(
        "",
        '<circle class="ocapi-chart__mark ocapi-chart__series-1" cx="{}" cy="{}" r="5">'
        "<title>{}</title></circle>",
        ((*place(x, y), table.rows[row][name] if name is not None else row + 1) for x, y, row in points),
    )
    said = ngettext("Map with %(count)s point.", "Map with %(count)s points.", len(points))
    return format_html(
        '<svg class="ocapi-chart__picture" role="img" width="100%" viewBox="0 0 {w} {h}" focusable="false" '
        'aria-label="{label}"><rect class="ocapi-chart__track" x="0" y="0" width="{w}" height="{h}" rx="6"/>'
        "{marks}</svg>",
        w=WIDTH,
        h=height,
        label=said % {"count": len(points)},
        marks=marks,
    )
