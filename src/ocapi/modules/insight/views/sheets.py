"""Lines of text as a file for a spreadsheet: CSV for a Dutch one, or a workbook; formulas are never run."""

import io
from collections.abc import Sequence

from django.http import HttpResponse

from ocapi.lib import codec

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
