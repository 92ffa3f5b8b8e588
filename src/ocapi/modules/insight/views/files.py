"""Series as a file for a spreadsheet: what the page shows, hidden numbers hidden too, with source and
method.
"""

import io
from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ocapi.lib import codec
from ocapi.modules.insight.api import indicators as api
from ocapi.modules.insight.data.indicators import IndicatorNotFound, IndicatorResult, QueryResult, SeriesOf
from ocapi.modules.insight.views import tiles, wording

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_LINES = 100_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    area = request.GET.get("gebied")
    found = api.list_series(code=code, actor=actor, now=now, area=area, part=request.GET.get("deel"))
    names = {nis: each.name for nis, each in api.list_areas(actor=actor).items()}
    lines = _lines(result, found, names)
    return answer(lines, name=code, as_xlsx=request.GET.get("vorm") == "xlsx")


def _lines(
    result: IndicatorResult, found: tuple[SeriesOf, ...], names: dict[str, str]
) -> list[Sequence[str]]:
    indicator = result.indicator
    lines: list[Sequence[str]] = [
        (
            _("Municipality"),
            _("NIS code"),
            indicator.slices or _("Part"),
            _("Period"),
            wording.unit(indicator) or _("Value"),
        )
    ]
    for series in found:
        for each in series.points:
            value = (
                f"{each.value:f}".replace(".", ",")
                if each.value is not None
                else tiles.value_text(indicator, each)
            )
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


def answer(lines: Sequence[Sequence[str]], *, name: str, as_xlsx: bool) -> HttpResponse:
    """Give lines as CSV for a Dutch spreadsheet, or as a workbook."""
    if as_xlsx:
        response = HttpResponse(_workbook(lines), content_type=XLSX)
    else:
        response = HttpResponse(
            b"\xef\xbb\xbf" + codec.encode_csv(lines, delimiter=";"), content_type="text/csv; charset=utf-8"
        )
    kind = "xlsx" if as_xlsx else "csv"
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _workbook(lines: Sequence[Sequence[str]]) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    for row, cells in enumerate(lines):
        for column, text in enumerate(cells):
            number = _number(text) if row and column == len(cells) - 1 else None
            if number is None:
                sheet.write_string(row, column, f"'{text}" if text.startswith(FORMULA) else text)
            else:
                sheet.write_number(row, column, number)
    book.close()
    return buffer.getvalue()


def _number(text: str) -> float | None:
    plain = text.replace(",", ".", 1)
    return float(plain) if plain.lstrip("-").replace(".", "", 1).isdecimal() else None


def of_query(found: QueryResult, *, as_xlsx: bool) -> HttpResponse:
    """Give the answer to a question as a file."""
    rows = [tuple("" if cell is None else cell for cell in row) for row in found.rows]
    return answer([found.columns, *rows], name="vraag", as_xlsx=as_xlsx)
