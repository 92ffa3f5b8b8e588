"""Series as a file for a spreadsheet: what the page shows, hidden numbers hidden too, with source and
method.
"""

from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ocapi.kernel.ui import api as ui
from ocapi.kernel.ui.data import ColumnKind
from ocapi.modules.insight import spelled
from ocapi.modules.insight.api import indicators as api
from ocapi.modules.insight.data.indicators import IndicatorNotFound, IndicatorResult, QueryResult, SeriesOf
from ocapi.modules.insight.views import charted, mapped, showing, tiles
from ocapi.modules.insight.views.sheets import Line, answer

MOST_LINES = 100_000


@require_GET
def export(request: HttpRequest, code: str, space: str) -> HttpResponse:
    """Give the series of an indicator: of one municipality when it is named, else of all."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    if space == "insight":
        api.require_inside(actor=actor)
    try:
        result = api.get_result(code=code, actor=actor, now=now)
    except IndicatorNotFound:
        raise Http404(code) from None
    if request.GET.get("beeld") == charted.MAP:
        return _map(request, result, space)
    if request.GET.get("vorm") == "png" or request.GET.get("beeld"):
        return charted.answer(request, result, space)
    area = request.GET.get("gebied")
    found = api.list_series(code=code, actor=actor, now=now, area=area, part=request.GET.get("deel"))
    names = {nis: each.name for nis, each in api.list_areas(actor=actor).items()}
    lines = _lines(result, found, names)
    return answer(lines, name=code, as_xlsx=request.GET.get("vorm") == "xlsx")


def _map(request: HttpRequest, result: IndicatorResult, space: str) -> HttpResponse:
    found = mapped.map_of(request, result, space=space)
    if found is None:
        raise Http404(result.indicator.code)
    lines: list[Line] = [(_("Municipality"), _("NIS code"), found.unit or _("Value"))]
    lines += [
        (each.name, each.code, each.text if each.value is None else Decimal(each.value))
        for each in found.places
    ]
    lines += [(), (_("Indicator"), found.title), (_("Source"), found.source)]
    name = f"{result.indicator.code}-{charted.MAP}"
    return charted.files_of(request, lines, lambda: ui.map_picture(found), name=name)


def _lines(result: IndicatorResult, found: tuple[SeriesOf, ...], names: dict[str, str]) -> list[Line]:
    indicator = result.indicator
    lines: list[Line] = [
        (
            _("Municipality"),
            _("NIS code"),
            indicator.slices or _("Part"),
            _("Period"),
            spelled.unit(indicator) or _("Value"),
        )
    ]
    for series in found:
        for each in series.points:
            value = tiles.value_text(indicator, each) if each.value is None else each.value
            lines.append(
                (names.get(series.area, ""), series.area, series.slice, each.period.isoformat(), value)
            )
            if len(lines) >= MOST_LINES:
                break
    lines += [
        (),
        (_("Indicator"), f"{indicator.title.nl} ({indicator.code}, {_('version')} {indicator.version})"),
        (_("Method"), indicator.method),
        (_("Source"), tiles.sources(result)),
    ]
    return lines


def of_query(found: QueryResult, *, as_xlsx: bool) -> HttpResponse:
    """Give the answer to a question as a file."""
    kinds = showing.kinds_of(found)
    rows = [tuple(map(_cell, row, kinds)) for row in found.rows]
    return answer([found.columns, *rows], name="vraag", as_xlsx=as_xlsx)


def _cell(cell: str | None, kind: ColumnKind) -> str | Decimal:
    number = showing.number_of(cell) if kind is ColumnKind.NUMBER else None
    return (cell or "") if number is None else number
