"""Which municipalities are similar, and what can be compared between them. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from statistics import median

from ocapi.modules.insight.data.indicators import SeriesOf


def similar(own: str, inhabitants: Mapping[str, Decimal], *, most: int) -> tuple[str, ...]:
    """Give the own area and the `most` nearest in ratio of inhabitants; without an own one the largest.

    Ratio, not difference: 8,000 is as near to 10,000 as 80,000 to 100,000.
    """
    counted = {nis: count for nis, count in inhabitants.items() if count > 0}
    if own not in counted:
        largest = sorted(counted, key=lambda nis: (-counted[nis], nis))
        return tuple(largest[:most])

    def distance(nis: str) -> tuple[Decimal, str]:
        larger, smaller = max(counted[nis], counted[own]), min(counted[nis], counted[own])
        return larger / smaller, nis

    nearest = sorted((nis for nis in counted if nis != own), key=distance)
    return (own, *nearest[:most])


def middle(values: Mapping[str, Decimal | None], *, without: str) -> Decimal | None:
    """Give the median of the areas that have a number, one area left out; None without any."""
    known = [value for nis, value in values.items() if value is not None and nis != without]
    return median(known) if known else None


def common_period(found: Iterable[SeriesOf], *, until: date = date.max) -> date | None:
    """Give the newest period, not after a day, in which at least half of the areas have a number; None
    without.
    """
    series = list(found)
    counts: dict[date, int] = {}
    for each in series:
        for point in each.points:
            if point.period <= until:
                counts[point.period] = counts.get(point.period, 0) + (point.value is not None)
    enough = [period for period, count in counts.items() if count and 2 * count >= len(series)]
    return max(enough, default=None)


def value_on(series: SeriesOf, period: date) -> Decimal | None:
    """Give the number of a period, or None."""
    return next((each.value for each in series.points if each.period == period), None)
