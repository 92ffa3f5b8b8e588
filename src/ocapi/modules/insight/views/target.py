"""What a target takes, and what another target would take."""

from decimal import Decimal, InvalidOperation

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ocapi.kernel.ui.data import Field, FieldKind
from ocapi.modules.insight import forecasting, spelled
from ocapi.modules.insight.data.indicators import IndicatorResult

LONGEST = 20


def target_block(request: HttpRequest, result: IndicatorResult) -> dict[str, object] | None:
    """Give the target in words and the field to try another one; None without a target or a number."""
    indicator, series = result.indicator, result.shown
    if indicator.target is None or series is None or series.last is None:
        return None
    typed = request.GET.get("doel", "")[:LONGEST]
    value, error = read_number(typed)
    target = indicator.target.value if value is None else value
    values = [(each.period, each.value) for each in series.points]
    known = [value for _period, value in values if value is not None]
    enough = len(known) > 2 * forecasting.SEASONS[indicator.frequency]
    course = forecasting.course(values, target=target, day=indicator.target.day) if enough else None
    gap = target - known[-1]
    tried = "" if value is None else spelled.number(indicator, value)
    lines = [_place(spelled.number(indicator, abs(gap)), tried, is_below=gap > 0)]
    if not enough:
        lines.append(_("There are no two whole years yet, so no pace can be told."))
    if course is not None:
        lines.append(
            _("At the pace of before it will be %(expected)s in %(year)s.")
            % {"expected": spelled.number(indicator, course.expected), "year": indicator.target.day.year}
        )
        if course.needed_per_year is not None:
            lines.append(
                _("To get to %(target)s it must change by %(needed)s a year. The pace of before is %(pace)s.")
                % {
                    "target": spelled.number(indicator, target),
                    "needed": spelled.number(indicator, course.needed_per_year),
                    "pace": spelled.number(indicator, course.per_year),
                }
            )
    return {
        "lines": lines,
        "source": indicator.target.source,
        "fields": (
            Field(
                name="doel",
                label=_("Try another target"),
                kind=FieldKind.AMOUNT,
                value=typed,
                required=False,
                error=error,
                unit=spelled.unit(indicator),
            ),
        ),
    }


def _place(gap: str, tried: str, *, is_below: bool) -> str:
    """Tell how far the newest number is from the target, or from one that somebody tries."""
    said = {"gap": gap, "tried": tried}
    if tried and is_below:
        return _("The newest number is %(gap)s below %(tried)s, the target tried out here.") % said
    if tried:
        return _("The newest number is %(gap)s above %(tried)s, the target tried out here.") % said
    if is_below:
        return _("The newest number is %(gap)s below the target.") % said
    return _("The newest number is %(gap)s above the target.") % said


def read_number(text: str) -> tuple[Decimal | None, str]:
    """Read a number as it is typed; gives it, or what is wrong, and neither of nothing."""
    if not text:
        return None, ""
    try:
        value = Decimal(text.replace(".", "").replace(",", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > Decimal(10) ** 12:
        return None, _("Type a number, for example 12.500 or 3,5.")
    return value, ""
