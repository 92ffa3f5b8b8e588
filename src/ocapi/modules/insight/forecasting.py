"""Where a series goes, whether it asks for attention, and what a target takes. Pure, without a statistics
library.

Forecast: the same period one season ago, with an interval from how far such forecasts were off before; too
short for seasons: the median of the last periods. Both shrug off single outliers (median, median absolute
deviation).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from ocapi.modules.insight.data.indicators import Frequency, Thresholds

SEASONS = {Frequency.MONTH: 12, Frequency.QUARTER: 4, Frequency.DAY: 7, Frequency.YEAR: 1}
AHEAD = {Frequency.MONTH: 6, Frequency.QUARTER: 4, Frequency.DAY: 7, Frequency.YEAR: 3}
FEWEST = 8  # numbers without which nothing is foretold
FEWEST_ERRORS = 4
RECENT = 12
SPREAD = Decimal("1.4826")  # median absolute deviation to standard deviation, for a normal distribution
EIGHTY = Decimal("1.2816")  # standard deviations to each side that hold 80 %
MOST_SLOPES = 200  # numbers from which slopes are taken, the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A number to come. low, high: an interval that should hold four in five."""

    period: date
    value: Decimal
    low: Decimal
    high: Decimal
    is_seasonal: bool


def following(period: date, frequency: Frequency, *, by: int = 1) -> date:
    """Give the first day of the period `by` later; also back, with a negative number."""
    if frequency is Frequency.DAY:
        return date.fromordinal(period.toordinal() + by)
    months = {Frequency.MONTH: 1, Frequency.QUARTER: 3, Frequency.YEAR: 12}[frequency] * by
    number = period.year * 12 + period.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def forecast(
    values: Sequence[tuple[date, Decimal | None]], frequency: Frequency, *, ahead: int | None = None
) -> tuple[Forecast, ...]:
    """Give the numbers to come after the last one; empty when there are fewer than eight."""
    known = [(period, value) for period, value in values if value is not None]
    if len(known) < FEWEST:
        return ()
    season, steps = SEASONS[frequency], ahead or AHEAD[frequency]
    by_period = dict(known)
    errors = [
        value - by_period[before]
        for period, value in known
        if (before := following(period, frequency, by=-season)) in by_period
    ]
    is_seasonal = season > 1 and len(errors) >= FEWEST_ERRORS
    recent = [value for _period, value in known[-RECENT:]]
    middle = median(recent)
    sigma = SPREAD * (
        median(abs(each) for each in errors) if is_seasonal else median(abs(each - middle) for each in recent)
    )
    floor = Decimal(0) if all(value >= 0 for _period, value in known) else None
    found = []
    last = known[-1][0]
    for step in range(1, steps + 1):
        period = following(last, frequency, by=step)
        seasons_away = (step - 1) // season + 1
        before = following(period, frequency, by=-season * seasons_away)
        value = by_period.get(before, middle) if is_seasonal else middle
        width = EIGHTY * sigma * Decimal(seasons_away).sqrt()
        low = value - width
        found.append(
            Forecast(
                period=period,
                value=value,
                low=low if floor is None else max(low, floor),
                high=value + width,
                is_seasonal=is_seasonal,
            )
        )
    return tuple(found)


def is_alarm(value: Decimal, thresholds: Thresholds, *, was_alarm: bool) -> bool:
    """Tell whether a number asks for attention: from the alarm on, until it is back beyond calm (hysteresis).

    Which way is bad follows from the thresholds: an alarm above calm means that high is bad.
    """
    if thresholds.alarm >= thresholds.calm:
        return value >= thresholds.alarm or (was_alarm and value > thresholds.calm)
    return value <= thresholds.alarm or (was_alarm and value < thresholds.calm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What a target takes. expected: at the pace of before on the day of the target. per_year: the pace of
    before. needed_per_year: the pace from now on that reaches the target; None when its day is past.
    """

    expected: Decimal
    per_year: Decimal
    needed_per_year: Decimal | None


def course(values: Sequence[tuple[date, Decimal | None]], *, target: Decimal, day: date) -> Course | None:
    """Give what reaching a target on a day takes, at a robust pace (Theil-Sen); None below three numbers."""
    known = [(period, value) for period, value in values if value is not None][-MOST_SLOPES:]
    if len(known) < 3:
        return None
    year = Decimal("365.25")
    slopes = [
        (later[1] - earlier[1]) / Decimal((later[0] - earlier[0]).days)
        for place, earlier in enumerate(known)
        for later in known[place + 1 :]
    ]
    pace = median(slopes)
    last_day, last = known[-1]
    left = Decimal((day - last_day).days)
    return Course(
        expected=last + pace * left,
        per_year=pace * year,
        needed_per_year=(target - last) / left * year if left > 0 else None,
    )
