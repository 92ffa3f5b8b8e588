"""Charts as one SVG file that stands alone: for a picture to download and for print, without a stylesheet.

The same numbers, scales and marks as `charts`; colors that stay apart for color-blind readers, on white.
"""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from ocapi.kernel.ui.charts import PLOT_PX, TOP_PX, Scale, joins, labeled, lettered, value_text
from ocapi.kernel.ui.data import Chart, ChartKind

WIDTH = 900  # units of the drawing
_COLORS = ("#0b62a4", "#c2500a", "#00795c", "#8d3f8a", "#7a6a00", "#5b6770")
_DASHES = ("", "7 5", "2 5", "11 4 2 4", "5 3", "1 3")
_LINE, _BAR, _MARGIN, _MOST_BARS = 22, 20, 24, 14
_TICKS = 7
_INK, _MUTED = "#1b2126", "#535e66"
_FONT = "Libertinus Serif, DejaVu Sans, serif"


def picture(chart: Chart) -> str:
    """Draw a chart with title, unit, legend and source as the text of an SVG file, 900 units wide.

    Without a title the drawing has none: its place is below a heading of the document it goes into.
    """
    head, top = _head(chart)
    body, height = _bars(chart, top) if chart.kind is ChartKind.BAR else _lines(chart, top)
    foot, end = _foot(chart, top + height)
    drawing: str = format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" '
        'font-family="{font}" font-size="17" fill="#1b2126"><rect width="{w}" height="{h}" fill="#ffffff"/>'
        "{parts}</svg>",
        w=WIDTH,
        h=end,
        font=_FONT,
        parts=_joined(iter((head, body, foot))),
    )
    return "".join(drawing)  # plain text: what reads it further knows no marked-up strings


def _joined(parts: Iterator[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def _text(
    x: Decimal | int, y: Decimal | int, text: str, *, size: int = 17, fill: str = _INK, anchor: str = "start"
) -> SafeString:
    return format_html(
        '<text x="{}" y="{}" font-size="{}" fill="{}" text-anchor="{}">{}</text>',
        x, y, size, fill, anchor, text,
    )  # fmt: skip


def _head(chart: Chart) -> tuple[SafeString, int]:
    title = _wrapped(chart.title, 70) if chart.title else []
    parts = [_text(_MARGIN, 38 + 28 * at, line, size=24) for at, line in enumerate(title)]
    y = 38 + 28 * len(title)
    if chart.unit:
        parts.append(_text(_MARGIN, y, gettext("in %(unit)s") % {"unit": chart.unit}, size=16, fill=_MUTED))
        y += _LINE
    if len(chart.series) > 1:
        for at, series in enumerate(chart.series):
            parts.append(
                format_html('<rect x="{}" y="{}" width="14" height="14" fill="{}"/>', _MARGIN, y, _COLORS[at])
            )
            parts.append(_text(_MARGIN + 22, y + 13, series.name))
            y += _LINE
    return _joined(iter(parts)), y + 6


def _bars(chart: Chart, top: int) -> tuple[SafeString, int]:
    known = [abs(Decimal(value)) for each in chart.series for value in each.values if value is not None]
    longest, room = max(known, default=Decimal(1)) or Decimal(1), WIDTH - 2 * _MARGIN - 130
    parts, y = [], top
    for place, label in enumerate(chart.categories[:_MOST_BARS]):
        parts.append(_text(_MARGIN, y + 16, label))
        y += _LINE
        for at, series in enumerate(chart.series):
            value, written = series.values[place], value_text(chart, series, place)
            width = 0 if value is None else (abs(Decimal(value)) / longest * room).quantize(Decimal("0.1"))
            parts.append(
                format_html(
                    '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>',
                    _MARGIN, y, width, _BAR - 4, _COLORS[at],
                )
            )  # fmt: skip
            parts.append(_text(_MARGIN + width + 8, y + 14, written))
            y += _BAR
        y += 6
    left = len(chart.categories) - _MOST_BARS
    if left > 0:
        parts.append(_text(_MARGIN, y + 16, gettext("and %(count)s more in the table") % {"count": left}))
        y += _LINE
    return _joined(iter(parts)), y - top


def _lines(chart: Chart, top: int) -> tuple[SafeString, int]:
    scale, up = Scale(chart), top - TOP_PX + 14
    parts = []
    for value, label in scale.written(chart.decimals):
        y = scale.y(value) + up
        parts.append(
            format_html(
                '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}"/>',
                _MARGIN, WIDTH - _MARGIN, y, y, "#6b757c" if value == 0 else "#d5dadd",
            )
        )  # fmt: skip
        parts.append(_text(_MARGIN, y - 4, label, size=14, fill=_MUTED))
    for place in labeled(len(chart.categories), _TICKS):
        parts.append(
            _text(
                _x(scale, place), TOP_PX + PLOT_PX + up + 20, chart.categories[place],
                size=14, fill=_MUTED, anchor="middle",
            )
        )  # fmt: skip
    for at in range(len(chart.series)):
        parts += list(_course(chart, scale, at, up))
    below, height = _breaks(chart, scale, up)
    return _joined(iter((*parts, *below))), PLOT_PX + 44 + height


def _breaks(chart: Chart, scale: Scale, up: int) -> tuple[list[SafeString], int]:
    """Draw the breaks, and say below what each is."""
    parts, y = [], TOP_PX + PLOT_PX + up + 48
    for place, letter, text in lettered(chart):
        x = (_x(scale, place - 1) + _x(scale, place)) / 2 if place else _x(scale, 0)
        parts.append(
            format_html(
                '<line x1="{0}" x2="{0}" y1="{1}" y2="{2}" stroke="{3}" stroke-width="2" '
                'stroke-dasharray="8 4"/>',
                x, TOP_PX + up - 6, TOP_PX + PLOT_PX + up, _INK,
            )
        )  # fmt: skip
        parts.append(_text(x, TOP_PX + up - 10, letter, size=15, anchor="middle"))
        for line in _wrapped(f"{letter}. {text}", 96):
            parts.append(_text(_MARGIN, y, line, size=14, fill=_MUTED))
            y += 18
    return parts, y - (TOP_PX + PLOT_PX + up + 48)


def _x(scale: Scale, place: int) -> Decimal:
    return (scale.x(place) * WIDTH / 100).quantize(Decimal("0.1"))


def _course(chart: Chart, scale: Scale, at: int, up: int) -> Iterator[SafeString]:
    values = chart.series[at].values
    for place, value in enumerate(values):
        if value is None:  # a gap stays a gap; the table says why
            continue
        x, y = _x(scale, place), scale.y(value) + up
        before = values[place - 1] if joins(chart, place) else None
        if before is not None:
            yield format_html(
                '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="2.5" '
                'stroke-dasharray="{}"/>',
                _x(scale, place - 1), scale.y(before) + up, x, y, _COLORS[at], _DASHES[at] or "none",
            )  # fmt: skip
        if at % 2:
            yield format_html(
                '<rect x="{}" y="{}" width="8" height="8" fill="{}"/>', x - 4, y - 4, _COLORS[at]
            )
        else:
            yield format_html('<circle cx="{}" cy="{}" r="4" fill="{}"/>', x, y, _COLORS[at])


def _foot(chart: Chart, y: int) -> tuple[SafeString, int]:
    lines = _wrapped(f"{gettext('Source:')} {chart.source}", 108) if chart.source else []
    lines += _wrapped(f"{gettext('Quality:')} {chart.quality}", 108) if chart.quality else []
    if not lines:
        return SafeString(""), y + 10
    parts = [_text(_MARGIN, y + 16 + 18 * at, line, size=14, fill=_MUTED) for at, line in enumerate(lines)]
    return _joined(iter(parts)), y + 18 * len(lines) + 18


def _wrapped(text: str, most: int) -> list[str]:
    lines: list[str] = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()[: most + 40]
    return lines
