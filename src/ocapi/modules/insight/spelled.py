"""How numbers of indicators, their units and their periods read in Dutch: on screens and in messages."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils import formats
from django.utils.translation import gettext as _

from ocapi.modules.insight.data.indicators import Frequency, Indicator

NBSP = "\u00a0"
MOST_DECIMALS = 6  # an indicator has no more
_UNITS = {
    "EUR": "€",
    "%": "%",
    "ug/m3": "µg/m³",
    "kW.h": "kWh",
    "MW.h": "MWh",
    "m2": "m²",
    "1": "",
}


def digits(value: Decimal | int, decimals: int = 0) -> str:
    """Write a number the Dutch way, half rounded up."""
    return formats.number_format(rounded(value, decimals), decimals, use_l10n=True, force_grouping=True)


def rounded(value: Decimal | int, decimals: int = 0) -> Decimal:
    """Round half up, once, where a number is shown; table and chart then agree."""
    return Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def unit(indicator: Indicator) -> str:
    """Write the unit as readers know it."""
    return unit_of(indicator.unit)


def unit_of(code: str) -> str:
    """Write the code of a unit as readers know it."""
    if code == "d":
        return _("days")
    if code.startswith("{") and code.endswith("}/d"):
        return _("%(things)s a day") % {"things": code[1:-3]}
    return _UNITS.get(code, code.strip("{}"))


def number(indicator: Indicator, value: Decimal | None) -> str:
    """Write a number with its unit, or say that there is none."""
    if value is None:
        return _("no data")
    text, of = digits(value, indicator.decimals), unit(indicator)
    if of == "€":
        return f"€{NBSP}{text}"
    return f"{text}{NBSP}{of}" if of else text


def limit(indicator: Indicator, value: Decimal) -> str:
    """Write a number that somebody set for an indicator with its unit, and not rounded."""
    written = -int(value.normalize().as_tuple().exponent)
    return number(replace(indicator, decimals=min(max(written, indicator.decimals), MOST_DECIMALS)), value)


def plain(indicator: Indicator, value: Decimal | None) -> str:
    """Write a number without its unit; the euro sign stands before it."""
    if value is None:
        return _("no data")
    text = digits(value, indicator.decimals)
    return f"€{NBSP}{text}" if unit(indicator) == "€" else text


def period(indicator: Indicator, day: date) -> str:
    """Write a period in words."""
    return period_of(indicator.frequency, day)


def period_of(length: Frequency, day: date) -> str:
    """Write the period of a length that begins on a day in words."""
    if length is Frequency.YEAR:
        return str(day.year)
    if length is Frequency.QUARTER:
        return _("quarter %(number)s of %(year)s") % {"number": (day.month + 2) // 3, "year": day.year}
    return formats.date_format(day, "F Y" if length is Frequency.MONTH else "j F Y")
