"""Lines as a file for a spreadsheet: CSV for a Dutch one, or a workbook; formulas are never run.

A number is a Decimal: the workbook can then count with it, and the CSV has a comma before its decimals.
A code is text and keeps its zeros.
"""

import io
from collections.abc import Sequence
from decimal import Decimal

from django.http import HttpResponse

from ocapi.lib import codec

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
Line = Sequence[str | Decimal]


def answer(lines: Sequence[Line], *, name: str, as_xlsx: bool) -> HttpResponse:
    """Give lines as CSV for a Dutch spreadsheet, or as a workbook."""
    if as_xlsx:
        response = HttpResponse(_workbook(lines), content_type=XLSX)
    else:
        rows = [[text(cell) for cell in each] for each in lines]
        response = HttpResponse(
            b"\xef\xbb\xbf" + codec.encode_csv(rows, delimiter=";"), content_type="text/csv; charset=utf-8"
        )
    kind = "xlsx" if as_xlsx else "csv"
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def text(cell: str | Decimal) -> str:
    """Write a cell as a Dutch spreadsheet reads it."""
    return cell if isinstance(cell, str) else f"{cell:f}".replace(".", ",")


def _workbook(lines: Sequence[Line]) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    for row, cells in enumerate(lines):
        for column, cell in enumerate(cells):
            if isinstance(cell, Decimal):
                sheet.write_number(row, column, float(cell))
            else:
                sheet.write_string(row, column, f"'{cell}" if cell.startswith(FORMULA) else cell)
    book.close()
    return buffer.getvalue()
