"""Charts as server-made SVG: bars from zero, lines with gaps, every number also in the table twin.

Horizontal places are percentages and vertical places pixels: a chart fits any width, its text never shrinks.
Colors and fonts come from the stylesheet by class; the markup holds no style attribute and no script.
"""

import math
from collections.abc import Iterator
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from ocapi.kernel.ui.data import Chart, ChartKind, Series

_BAR_PX = 22  # height of one bar
_BAR_GAP_PX = 6
_LABEL_PX = 26  # the line above a bar with the category
_ROW_GAP_PX = 16
PLOT_PX = 260  # height of a line chart between its highest and lowest grid line
TOP_PX = 28
_FOOT_PX = 34  # room for category labels under the plot
_LEFT, _RIGHT = Decimal(9), Decimal(96)  # percent of the width between which points lie
_LEFT_OF_GUTTER = Decimal(3)  # the same where the labels of the scale have a place of their own
_GUTTERS = ((3, "narrow"), (7, "wide"), (13, "widest"))  # most letters of a label, and the room they get
_MOST_MARKS = 120  # points that can be told apart; of more the marks are small
_MAX_TICKS = 4  # category labels that fit 240 pixels
_LONG_TICK, _MAX_LONG_TICKS = 5, 3  # of more than so many letters fewer fit
_NBSP = "\u00a0"


def number(value: Decimal | int, decimals: int) -> str:
    """Write a number the Dutch way: comma for decimals, dot for thousands, a real minus sign."""
    text = f"{abs(value):,.{decimals}f}".translate(str.maketrans(",.", ".,"))
    return f"\u2212{text}" if value < 0 else text


def value_text(chart: Chart, series: Series, place: int) -> str:
    """Write the number at a place as picture and table show it, or say it is missing or withheld."""
    value = series.values[place]
    if value is not None:
        written = number(value, chart.decimals)
        if chart.unit == "€":  # conventions.md 9: the sign before the number
            return f"€{_NBSP}{written}"
        return f"{written}{_NBSP}%" if chart.unit == "%" else written
    if place in series.suppressed:
        return gettext("fewer than %(limit)s") % {"limit": chart.suppressed_below}
    if place in series.withheld:
        return gettext("not shown")
    return gettext("no data")


def svg(chart: Chart) -> SafeString:
    """Draw a chart as one `<svg role="img">`; the caller puts the table twin beside it."""
    gutter = _gutter(chart)
    height, marks = _bars(chart) if chart.kind is ChartKind.BAR else _lines(chart)
    return format_html(
        '<svg class="ocapi-chart__picture{gutter}" role="img" width="100%" height="{height}" '
        'focusable="false" aria-labelledby="{code}-title" aria-describedby="{code}-desc">'
        '<title id="{code}-title">{title}</title><desc id="{code}-desc">{description}</desc>{marks}</svg>',
        height=height,
        gutter=f" ocapi-chart__picture--{gutter}" if gutter else "",
        code=chart.code,
        title=chart.title,
        description=description(chart),
        marks=marks,
    )


def description(chart: Chart) -> str:
    """Say in words what the picture shows: its size, and per series the lowest and the highest number."""
    if chart.description:
        return chart.description
    places = len(chart.categories)
    parts = [
        ngettext("Chart with %(count)s value.", "Chart with %(count)s values.", places) % {"count": places}
    ]
    parts += [_extremes(chart, series) for series in chart.series]
    parts.append(gettext("The table below holds all the numbers."))
    return " ".join(part for part in parts if part)


def _extremes(chart: Chart, series: Series) -> str:
    known = [(value, place) for place, value in enumerate(series.values) if value is not None]
    if not known:
        return gettext("%(series)s: no data.") % {"series": series.name}
    (low, low_at), (high, high_at) = min(known), max(known)
    return gettext("%(series)s: lowest %(low)s (%(low_at)s), highest %(high)s (%(high_at)s).") % {
        "series": series.name,
        "low": number(low, chart.decimals),
        "low_at": chart.categories[low_at],
        "high": number(high, chart.decimals),
        "high_at": chart.categories[high_at],
    }


def _known(chart: Chart) -> list[Decimal]:
    return [Decimal(value) for series in chart.series for value in series.values if value is not None]


def _bars(chart: Chart) -> tuple[int, SafeString]:
    longest = max((abs(value) for value in _known(chart)), default=Decimal(0)) or Decimal(1)
    if chart.unit == "%" and longest <= 100:
        longest = Decimal(100)  # a share is a part of the whole, so the whole is the full bar
    row_px = _LABEL_PX + len(chart.series) * (_BAR_PX + _BAR_GAP_PX) + _ROW_GAP_PX
    rows = [_bar_row(chart, place, place * row_px, longest) for place in range(len(chart.categories))]
    return len(chart.categories) * row_px - _ROW_GAP_PX, _joined(rows)


def _bar_row(chart: Chart, place: int, top: int, longest: Decimal) -> SafeString:
    parts = [
        format_html(
            '<text class="ocapi-chart__label" x="0" y="{}">{}</text>', top + 16, chart.categories[place]
        )
    ]
    for at, series in enumerate(chart.series):
        y = top + _LABEL_PX + at * (_BAR_PX + _BAR_GAP_PX)
        parts.append(_bar(chart, series, place, at, y, longest))
    return _joined(parts)


def _bar(chart: Chart, series: Series, place: int, at: int, y: int, longest: Decimal) -> SafeString:
    value = series.values[place]
    text_y = y + 16
    written = value_text(chart, series, place)
    if value is None:
        return format_html(
            '<rect class="ocapi-chart__missing" x="1" y="{}" width="80%" height="{}" rx="2"/>'
            '<text class="ocapi-chart__value ocapi-chart__value--missing" x="10" y="{}">{}</text>',
            y,
            _BAR_PX,
            text_y,
            written,
        )
    share = (abs(Decimal(value)) / longest * 80).quantize(Decimal("0.01"))  # 20 % stays free for the number
    return format_html(
        '<rect class="ocapi-chart__track" x="0" y="{y}" width="80%" height="{h}" rx="2"/>'
        '<rect class="ocapi-chart__bar ocapi-chart__series-{n}" x="0" y="{y}" width="{share}%" '
        'height="{h}" rx="2"/>'
        '<text class="ocapi-chart__value" x="100%" y="{text_y}" text-anchor="end">{written}</text>',
        y=y,
        h=_BAR_PX,
        n=at + 1,
        share=share,
        text_y=text_y,
        written=written,
    )


class Scale:
    """Places numbers between grid lines: pixels down for values, percent across for categories."""

    def __init__(self, chart: Chart) -> None:
        known = _known(chart)
        low, high = min([*known, Decimal(0)]), max([*known, Decimal(0)])
        self.step = _round_step((high - low) / 4 if high > low else Decimal(1))
        self.bottom = (low / self.step).to_integral_value(rounding="ROUND_FLOOR") * self.step
        self.top = max(
            (high / self.step).to_integral_value(rounding="ROUND_CEILING") * self.step,
            self.bottom + self.step,
        )
        self.left = _LEFT
        self._places = len(chart.categories)

    def y(self, value: Decimal | int) -> Decimal:
        share = (self.top - Decimal(value)) / (self.top - self.bottom)
        return (TOP_PX + share * PLOT_PX).quantize(Decimal("0.1"))

    def x(self, place: int) -> Decimal:
        share = Decimal(place) / (self._places - 1) if self._places > 1 else Decimal("0.5")
        return (self.left + share * (_RIGHT - self.left)).quantize(Decimal("0.01"))

    def grid(self) -> Iterator[Decimal]:
        value = self.bottom
        while value <= self.top:
            yield value
            value += self.step

    def written(self, decimals: int) -> list[tuple[Decimal, str]]:
        """Give the grid lines with their labels. decimals: of the numbers; used when the steps need any."""
        if self.step >= 1:
            decimals = 0
        else:
            decimals = max(decimals, -int(self.step.normalize().as_tuple().exponent))
        return [(value, number(value, decimals)) for value in self.grid()]


def _round_step(rough: Decimal) -> Decimal:
    power = Decimal(10) ** rough.adjusted()
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def _lines(chart: Chart) -> tuple[int, SafeString]:
    scale = Scale(chart)
    scale.left = _LEFT_OF_GUTTER
    parts = [_grid(scale, chart.decimals), _ticks(chart, scale)]
    parts += [_line(chart, scale, series, at) for at, series in enumerate(chart.series)]
    parts += [_break(scale, place, letter, text) for place, letter, text in lettered(chart)]
    parts += [_note(scale, place, number, text) for number, (place, text) in enumerate(chart.marks, start=1)]
    return TOP_PX + PLOT_PX + _FOOT_PX, _joined(parts)


def _gutter(chart: Chart) -> str:
    """Name how much room the labels of the scale take beside the plot: none by bars, which have no scale."""
    if chart.kind is ChartKind.BAR:
        return ""
    letters = max(len(text) for _value, text in Scale(chart).written(chart.decimals))
    return next((name for most, name in _GUTTERS if letters <= most), _GUTTERS[-1][1])


def _grid(scale: Scale, decimals: int) -> SafeString:
    rows = [
        (("zero" if value == 0 else "grid"), scale.y(value), text) for value, text in scale.written(decimals)
    ]
    return format_html_join(
        "",
        '<line class="ocapi-chart__{0}" x1="0" x2="100%" y1="{1}" y2="{1}"/>'
        '<text class="ocapi-chart__scale" x="-8" y="{1}" dy="5" text-anchor="end">{2}</text>',
        rows,
    )


def _ticks(chart: Chart, scale: Scale) -> SafeString:
    last = len(chart.categories) - 1
    is_long = any(len(each) > _LONG_TICK for each in chart.categories)
    places = labeled(last + 1, _MAX_LONG_TICKS if is_long else _MAX_TICKS)
    y = TOP_PX + PLOT_PX + 22
    return _joined(
        format_html(
            '<text class="ocapi-chart__scale" x="{}%" y="{}" text-anchor="{}">{}</text>',
            Decimal(100) if place == last and last else scale.x(place),
            y,
            "end" if place == last and last else "middle",
            chart.categories[place],
        )
        for place in places
    )


def labeled(count: int, most: int) -> list[int]:
    """Give which of so many categories get a label: the first, the last, and those between at even steps.

    No two stand closer than the others: on a small screen they would touch.
    """
    last = count - 1
    step = max(1, math.ceil(last / (most - 1)))
    gaps = last // step + int(last % step > step / 2)
    return [last * each // gaps for each in range(gaps + 1)] if gaps else [0]


def _line(chart: Chart, scale: Scale, series: Series, at: int) -> SafeString:
    parts: list[SafeString] = []
    is_dense = len(series.values) > _MOST_MARKS
    for place, value in enumerate(series.values):
        text = f"{chart.categories[place]}: {value_text(chart, series, place)}"
        if value is None:
            parts.append(_gap(scale, place, f"{series.name}, {text}"))
            continue
        before = series.values[place - 1] if joins(chart, place) else None
        if before is not None:
            parts.append(
                format_html(
                    '<line class="ocapi-chart__line ocapi-chart__series-{}" '
                    'x1="{}%" y1="{}" x2="{}%" y2="{}"/>',
                    at + 1,
                    scale.x(place - 1),
                    scale.y(before),
                    scale.x(place),
                    scale.y(value),
                )
            )
        parts.append(_mark(scale.x(place), scale.y(value), at, text, is_dense))
    return _joined(parts)


def _gap(scale: Scale, place: int, text: str) -> SafeString:
    return format_html(
        '<line class="ocapi-chart__gap" x1="{0}%" x2="{0}%" y1="{1}" y2="{2}"><title>{3}</title></line>',
        scale.x(place),
        TOP_PX,
        TOP_PX + PLOT_PX,
        text,
    )


def lettered(chart: Chart) -> list[tuple[int, str, str]]:
    """Give the breaks of a chart with the letter that stands at each."""
    return [(place, chr(ord("A") + at), text) for at, (place, text) in enumerate(sorted(chart.breaks))]


def joins(chart: Chart, place: int) -> bool:
    """Tell whether a line leads from the place before to this one: not over a gap in how numbers are made."""
    return place > 0 and place not in {at for at, _text in chart.breaks}


def _break(scale: Scale, place: int, letter: str, text: str) -> SafeString:
    """Draw a break between the last number of the old way and the first of the new."""
    x = (scale.x(place - 1) + scale.x(place)) / 2 if place else scale.x(0)
    return format_html(
        '<g><title>{3}</title><line class="ocapi-chart__break" x1="{0}%" x2="{0}%" y1="{1}" y2="{2}"/>'
        '<text class="ocapi-chart__break-letter" x="{0}%" y="{1}" dy="-4" text-anchor="middle">{4}</text>'
        "</g>",
        x,
        TOP_PX - 6,
        TOP_PX + PLOT_PX,
        text,
        letter,
    )


def _note(scale: Scale, place: int, number: int, text: str) -> SafeString:
    return format_html(
        '<g><title>{3}</title><line class="ocapi-chart__note" x1="{0}%" x2="{0}%" y1="{1}" y2="{2}"/>'
        '<circle class="ocapi-chart__note-dot" cx="{0}%" cy="{1}" r="10"/>'
        '<text class="ocapi-chart__note-number" x="{0}%" y="{1}" dy="5" text-anchor="middle">{4}</text></g>',
        scale.x(place),
        TOP_PX - 14,
        TOP_PX + PLOT_PX,
        text,
        number,
    )


def _mark(x: Decimal, y: Decimal, at: int, text: str, is_dense: bool) -> SafeString:
    css = f"ocapi-chart__mark ocapi-chart__series-{at + 1}"
    if at % 2 and not is_dense:  # the shape tells the series apart without color
        return format_html(
            '<rect class="{}" x="{}%" y="{}" width="8" height="8" transform="translate(-4 -4)">'
            "<title>{}</title></rect>",
            css,
            x,
            y,
            text,
        )
    return format_html(
        '<circle class="{}" cx="{}%" cy="{}" r="{}"><title>{}</title></circle>',
        css,
        x,
        y,
        "1.5" if is_dense else "4",
        text,
    )


def _joined(parts: "Iterator[SafeString] | list[SafeString]") -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))
