"""Maps as server-made SVG: areas colored by the class of their number, without tiles, scripts or styles.

Classes hold equally many areas (quantiles), at most five, so that one outlier does not turn the map pale.
An area without a number is hatched, never colored.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from ocapi.kernel.ui.charts import number
from ocapi.kernel.ui.data import Map, Place

MOST_CLASSES = 5
NEAR_TIMES = 5  # how many times wider than the chosen area a map around it is
_MARGIN = 60  # units around the areas, room for the line of the chosen one
_COLORS = ("#d6e6f4", "#a3c8e4", "#64a2d0", "#2b74b3", "#0b3f78")
_INK, _MUTED, _NONE = "#1b2126", "#535e66", "#f0f0f0"
_WIDTH, _FONT = 900, "Libertinus Serif, DejaVu Sans, serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """A class of numbers. number: from 1. low, high: the least and the largest number in it."""

    number: int
    low: Decimal
    high: Decimal
    count: int


def classes(values: Iterable[Decimal | int | None]) -> tuple[Class, ...]:
    """Give at most five classes of equally many numbers; equal numbers are never in two."""
    known = sorted(Decimal(each) for each in values if each is not None)
    starts = sorted({known[len(known) * at // MOST_CLASSES] for at in range(MOST_CLASSES)} if known else ())
    if known and len(set(known)) <= MOST_CLASSES:
        starts = sorted(set(known))
    members: dict[int, list[Decimal]] = {}
    for each in known:
        members.setdefault(bisect_right(starts, each), []).append(each)
    return tuple(
        Class(number=at, low=found[0], high=found[-1], count=len(found))
        for at, found in sorted(members.items())
    )


def class_of(value: Decimal | int | None, of: tuple[Class, ...]) -> int:
    """Give the number of the class of a value; 0 without one."""
    return 0 if value is None else bisect_right([each.low for each in of], Decimal(value))


def range_text(of: Map, each: Class) -> str:
    """Write a class as from and to, with the sign of its unit."""
    low, high = number(each.low, of.decimals), number(each.high, of.decimals)
    text = low if low == high else f"{low} – {high}"
    return f"€\u00a0{text}" if of.unit == "€" else f"{text}\u00a0%" if of.unit == "%" else text


def sorted_places(of: Map) -> tuple[Place, ...]:
    """Give the areas with the highest number first; those without one last, by name."""
    return tuple(sorted(of.places, key=lambda each: (each.value is None, -(each.value or 0), each.name)))


def frame(of: Map) -> tuple[int, int, int, int]:
    """Give left, top, width and height of what is drawn: every area, or what lies around the chosen one."""
    boxes = [each.box for each in of.places]
    chosen = next((each.box for each in of.places if each.code == of.chosen), None)
    if of.near and chosen is not None:
        reach = (NEAR_TIMES - 1) * max(chosen[2] - chosen[0], chosen[3] - chosen[1]) // 2
        boxes = [(chosen[0] - reach, chosen[1] - reach // 2, chosen[2] + reach, chosen[3] + reach // 2)]
    left, top = min(each[0] for each in boxes), min(each[1] for each in boxes)
    right, bottom = max(each[2] for each in boxes), max(each[3] for each in boxes)
    return left - _MARGIN, top - _MARGIN, right - left + 2 * _MARGIN, bottom - top + 2 * _MARGIN


def svg(of: Map) -> SafeString:
    """Draw a map; areas that lead somewhere are links; the chosen or the first one takes the focus."""
    found = classes(each.value for each in of.places)
    left, top, width, height = frame(of)
    shown = [each for each in of.places if _meets(each.box, (left, top, left + width, top + height))]
    shown.sort(key=lambda each: (each.code == of.chosen, each.name))  # the chosen one is drawn on top
    first = of.chosen if any(each.code == of.chosen for each in shown) else (shown[0].code if shown else "")
    parts = format_html_join("", "{}", ((_area(of, each, found, each.code == first),) for each in shown))
    return format_html(
        '<svg class="ocapi-map__picture" viewBox="{l} {t} {w} {h}" role="group" data-map '
        'aria-labelledby="{code}-title" aria-describedby="{code}-desc">'
        '<title id="{code}-title">{title}</title><desc id="{code}-desc">{text}</desc>'
        '<defs><pattern id="{code}-none" width="140" height="140" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="ocapi-map__none" width="140" height="140"/>'
        '<line class="ocapi-map__hatch" x1="0" x2="0" y1="0" y2="140"/></pattern></defs>{parts}</svg>',
        l=left, t=top, w=width, h=height, code=of.code, title=of.title, text=description(of), parts=parts,
    )  # fmt: skip


def _meets(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _area(of: Map, place: Place, found: tuple[Class, ...], takes_focus: bool) -> SafeString:
    at = 0 if place.value is None else shade(class_of(place.value, found), found) + 1
    css = f"ocapi-map__area ocapi-map__area--{at}" + (" ocapi-map__area--chosen" * (place.code == of.chosen))
    label = f"{place.name}: {place.text}"
    shape = format_html('<path class="{}" d="{}"><title>{}</title></path>', css, place.path, label)
    if not at:
        shape = format_html(
            '<path class="{}" fill="url(#{}-none)" d="{}"><title>{}</title></path>',
            css, of.code, place.path, label,
        )  # fmt: skip
    if not place.href:
        return shape
    return format_html(
        '<a href="{}" aria-label="{}" tabindex="{}">{}</a>',
        place.href, label, "0" if takes_focus else "-1", shape,
    )  # fmt: skip


def description(of: Map) -> str:
    """Say in words what a map shows: how many areas, the lowest and the highest, and how many have none."""
    known = [each for each in sorted_places(of) if each.value is not None]
    count = len(of.places)
    parts = [ngettext("Map of %(count)s area.", "Map of %(count)s areas.", count) % {"count": count}]
    if known:
        values = {"low": known[-1].text, "low_at": known[-1].name}
        values |= {"high": known[0].text, "high_at": known[0].name}
        parts.append(gettext("Lowest %(low)s (%(low_at)s), highest %(high)s (%(high_at)s).") % values)
    missing = count - len(known)
    if missing:
        parts.append(
            ngettext("%(count)s area has no number.", "%(count)s areas have no number.", missing)
            % {"count": missing}
        )
    parts.append(gettext("The table below holds all the numbers."))
    return " ".join(parts)


def picture(of: Map) -> str:
    """Draw a map with title, legend and source as the text of an SVG file, 900 units wide."""
    found = classes(each.value for each in of.places)
    left, top, width, height = frame(of)
    tall = round((_WIDTH - 48) * height / width)
    head = [_text(24, 40, of.title, 24)] + ([_text(24, 64, of.unit, 16)] if of.unit else [])
    areas = [
        format_html(
            '<path d="{}" fill="{}" fill-rule="evenodd" stroke="{}" stroke-width="{}"/>',
            each.path, _color(each, found),
            _INK if each.code == of.chosen else "#ffffff", 60 if each.code == of.chosen else 12,
        )
        for each in sorted(of.places, key=lambda each: each.code == of.chosen)
    ]  # fmt: skip
    y = 90 + tall
    legend = [(_COLORS[shade(each.number, found)], range_text(of, each)) for each in found]
    if any(each.value is None for each in of.places):
        legend.append((_NONE, gettext("no number")))
    keys = [
        format_html(
            '<rect x="{}" y="{}" width="22" height="14" fill="{}" stroke="{}"/>{}',
            24 + at % 3 * 285, y + at // 3 * 26, color, _MUTED,
            _text(54 + at % 3 * 285, y + 13 + at // 3 * 26, text, 16),
        )
        for at, (color, text) in enumerate(legend)
    ]  # fmt: skip
    y += 26 * ((len(legend) + 2) // 3) + 24
    foot = [_text(24, y, f"{gettext('Source:')} {of.source}"[:130], 14)] if of.source else []
    drawing: str = format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" '
        'font-family="{font}"><rect width="{w}" height="{h}" fill="#ffffff"/>{head}'
        '<svg x="24" y="76" width="{inner}" height="{tall}" viewBox="{l} {t} {vw} {vh}">{areas}</svg>'
        "{keys}{foot}</svg>",
        w=_WIDTH, h=y + 20, font=_FONT, inner=_WIDTH - 48, tall=tall, l=left, t=top, vw=width, vh=height,
        head=_joined(head), areas=_joined(areas), keys=_joined(keys), foot=_joined(foot),
    )  # fmt: skip
    return "".join(drawing)


def _color(place: Place, found: tuple[Class, ...]) -> str:
    return _NONE if place.value is None else _COLORS[shade(class_of(place.value, found), found)]


def shade(number_of: int, found: tuple[Class, ...]) -> int:
    """Give the color of a class: few classes are spread over all of them."""
    return round((number_of - 1) * (MOST_CLASSES - 1) / max(len(found) - 1, 1))


def _text(x: int, y: int, text: str, size: int) -> SafeString:
    return format_html('<text x="{}" y="{}" font-size="{}" fill="{}">{}</text>', x, y, size, _INK, text)


def _joined(parts: list[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))
