"""Choosing the part of a series that is shown: the form, and the strip over which a reader drags."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ocapi.kernel.ui.data import Brush, Field, FieldKind, Option
from ocapi.modules.insight import spelled
from ocapi.modules.insight.data.indicators import Frequency, Indicator, Point, SeriesOf

FORM = "kies-periode"  # html id
MOST_SPANS = 240  # places of a list or a strip that can still be told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a series one can begin or end at. value: the mean of its numbers, None without any."""

    first: date
    last: date
    label: str
    value: Decimal | None


def spans(indicator: Indicator, series: SeriesOf) -> tuple[Span, ...]:
    """Give the stretches of a series: its periods, or months, quarters or years when those are too many."""
    ways: tuple[tuple[Callable[[date], object], Frequency], ...] = (
        (lambda day: day, indicator.frequency),
        (lambda day: (day.year, day.month), Frequency.MONTH),
        (lambda day: (day.year, (day.month + 2) // 3), Frequency.QUARTER),
        (lambda day: day.year, Frequency.YEAR),
    )
    made: tuple[Span, ...] = ()
    for key, length in ways:
        found: dict[object, list[Point]] = {}
        for each in series.points:
            found.setdefault(key(each.period), []).append(each)
        made = tuple(_span(points, length) for points in found.values())
        if len(made) <= MOST_SPANS:
            break
    return made


def _span(points: list[Point], length: Frequency) -> Span:
    known = [each.value for each in points if each.value is not None]
    return Span(
        first=points[0].period,
        last=points[-1].period,
        label=spelled.period_of(length, points[0].period),
        value=sum(known, Decimal(0)) / len(known) if known else None,
    )


def fields(found: tuple[Span, ...], shown: SeriesOf) -> tuple[Field, ...]:
    """Give the fields from and up to; shown: the part of the series that is drawn now."""
    if not found:
        return ()
    first, last = _places(found, shown)
    return (
        Field(
            name="van", label=_("From"), kind=FieldKind.SELECT, value=found[first].first.isoformat(),
            required=False,
            options=tuple(Option(value=each.first.isoformat(), label=each.label) for each in found),
        ),
        Field(
            name="tot", label=_("Up to"), kind=FieldKind.SELECT, value=found[last].last.isoformat(),
            required=False,
            options=tuple(Option(value=each.last.isoformat(), label=each.label) for each in found),
        ),
    )  # fmt: skip


def brush(found: tuple[Span, ...], shown: SeriesOf, request: HttpRequest) -> Brush | None:
    """Give the strip below a chart of a series; None when there is nothing to choose from."""
    if len(found) < 3 or not shown.points:
        return None
    first, last = _places(found, shown)
    is_narrowed = first > 0 or last < len(found) - 1
    return Brush(
        form=FORM,
        periods=tuple((each.first.isoformat(), each.last.isoformat()) for each in found),
        values=tuple(each.value for each in found),
        first=first,
        last=last,
        text=_("Shown: %(first)s to %(last)s") % {"first": found[first].label, "last": found[last].label},
        all_href=f"?{_without_period(request)}" if is_narrowed else "",
    )


def _places(found: tuple[Span, ...], shown: SeriesOf) -> tuple[int, int]:
    """Give the first and last stretch that are shown, all of them when nothing is."""
    if not shown.points:
        return 0, len(found) - 1
    start, end = shown.points[0].period, shown.points[-1].period
    first = max((at for at, each in enumerate(found) if each.first <= start), default=0)
    last = min((at for at, each in enumerate(found) if each.last >= end), default=len(found) - 1)
    return first, max(first, last)


def _without_period(request: HttpRequest) -> str:
    kept = request.GET.copy()
    for name in ("van", "tot"):
        kept.pop(name, None)
    return kept.urlencode()
