"""Forecasts by statsmodels, for who wants to compare; screens use `forecasting`, which needs no library."""

from datetime import datetime
from itertools import pairwise

from ocapi.lib import actor as actors
from ocapi.lib import foretelling
from ocapi.lib.foretelling import CannotForetell, Foretold
from ocapi.modules.insight import forecasting
from ocapi.modules.insight.api import indicators
from ocapi.modules.insight.forecasting import Forecast

READER = actors.system("insight.forecast")


def foretell(*, code: str, area: str, now: datetime) -> tuple[tuple[Forecast, Foretold], ...]:
    """Give the numbers to come of a series of an indicator, as the screens do and by a seasonal ARIMA model.

    area: NIS code, empty for the series that is shown. Raises IndicatorNotFound, LookupError, CannotForetell.
    """
    result = indicators.get_result(code=code, actor=READER, now=now)
    series = result.shown
    if area:
        series = next(iter(indicators.list_series(code=code, actor=READER, now=now, area=area)), None)
    if series is None:
        raise LookupError(area)
    frequency = result.indicator.frequency
    known = [(each.period, each.value) for each in series.points if each.value is not None]
    plain = forecasting.forecast(known, frequency)
    if not plain:
        raise CannotForetell(f"the series has {len(known)} numbers, {forecasting.FEWEST} are needed")
    periods = [period for period, _value in known]
    for period, next_one in pairwise(periods):
        if forecasting.following(period, frequency) != next_one:
            raise CannotForetell(f"the series has a gap after {period}; the forecast of the screens bears it")
    found = foretelling.foretell(
        [float(value) for _period, value in known], season=forecasting.SEASONS[frequency], steps=len(plain)
    )
    return tuple(zip(plain, found, strict=True))
