"""The strip below a chart: the whole course, small, and a window around the part the chart shows."""

from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ocapi.kernel.ui.data import Brush

WIDE, HIGH, _AIR = 1000, 56, 6  # units of the drawing, which is stretched to the width of the page


def svg(of: Brush) -> SafeString:
    """Draw the strip; it is hidden from screen readers, who have the form that does the same."""
    start, end = _x(of, of.first), _x(of, of.last)
    return format_html(
        '<svg class="ocapi-brush__picture" viewBox="0 0 {w} {h}" preserveAspectRatio="none" '
        'aria-hidden="true" focusable="false" data-brush="{form}" data-periods="{periods}">'
        '<rect class="ocapi-brush__ground" width="{w}" height="{h}"/>{lines}'
        '<rect class="ocapi-brush__window" data-brush-window x="{x}" y="1" width="{wide}" '
        'height="{high}"/></svg>',
        w=WIDE,
        h=HIGH,
        form=of.form,
        periods=" ".join(f"{first}/{last}" for first, last in of.periods),
        lines=_lines(of),
        x=start,
        wide=max(end - start, Decimal(2)),
        high=HIGH - 2,
    )


def _x(of: Brush, place: int) -> Decimal:
    return (Decimal(place) * WIDE / max(len(of.periods) - 1, 1)).quantize(Decimal("0.1"))


def _lines(of: Brush) -> SafeString:
    known = [Decimal(each) for each in of.values if each is not None]
    low, high = min(known, default=Decimal(0)), max(known, default=Decimal(1))
    runs: list[list[str]] = [[]]
    for place, value in enumerate(of.values):
        if value is None:
            runs.append([])
            continue
        share = (high - Decimal(value)) / (high - low) if high > low else Decimal("0.5")
        runs[-1].append(f"{_x(of, place)},{(_AIR + share * (HIGH - 2 * _AIR)).quantize(Decimal('0.1'))}")
    return format_html_join(
        "",
        '<polyline class="ocapi-brush__line" points="{}"/>',
        ((" ".join(run),) for run in runs if len(run) > 1),
    )
