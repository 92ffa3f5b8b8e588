"""CSV in and out: strict UTF-8, line numbers for every row, cells that no spreadsheet runs as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import BinaryIO, NamedTuple, TypeAlias

from ocapi.lib.codec.malformed import MalformedInput, Reason, require_size, require_utf8

MAX_CSV_BYTES = 64 << 20
LONGEST_LINE = 64 << 10  # bytes, of a table that is read a line at a time
UNREADABLE = "\ufffe"  # stands for a line that is no text; no text holds it
DELIMITERS = ",;\t|"
Cell: TypeAlias = str | int | Decimal | date | None

# What a spreadsheet takes for a formula, full-width forms included; an apostrophe before it is the escape,
# so texts that already look escaped get one more and the way back is exact.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


class Row(NamedTuple):
    """One record of a table: the line it begins on, counted from 1, and its cells."""

    line: int
    cells: list[str]


def decode_csv(
    raw: bytes, *, max_bytes: int = MAX_CSV_BYTES, delimiter: str | None = None, unescape: bool = True
) -> tuple[list[str], Iterator[Row]]:
    """Decode a table into its header and an iterator over its rows; empty lines are skipped.

    delimiter: guessed from the first line among comma, semicolon, tab and bar when left out.
    unescape: take away the apostrophe that `encode_csv` puts before a formula.
    Raises MalformedInput with the line, at once or while iterating. Rows may be shorter or longer than the
    header: the importer knows what that means and reports the line.
    """
    require_size(raw, max_bytes)
    text = require_utf8(raw)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise MalformedInput(Reason.NUL_CHARACTER, path=f"line {line}", detail="U+0000 is not allowed")
    rows = _rows(text, delimiter or _guess_delimiter(text), unescape)
    header = next(rows, None)
    if header is None:
        raise MalformedInput(Reason.NOT_CSV, path="line 1", detail="the file has no header")
    return header.cells, rows


def encode_csv(rows: Iterable[Sequence[Cell]], *, delimiter: str = ",") -> bytes:
    """Encode rows, the header first, as UTF-8 with CRLF (RFC 4180); None becomes an empty cell.

    Texts that a spreadsheet would run get an apostrophe before them; numbers and dates stay as they are.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_escape(cell) if isinstance(cell, str) else cell for cell in row])
    return buffer.getvalue().encode()


def _escape(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unescape(cell: str) -> str:
    return cell[1:] if _ESCAPED.match(cell) else cell


def _guess_delimiter(text: str) -> str:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    return max(DELIMITERS, key=first.count)


def _rows(text: str, delimiter: str, unescape: bool) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as failure:
            raise MalformedInput(Reason.NOT_CSV, path=f"line {line}", detail=str(failure)) from None
        if cells:
            yield Row(line, [_unescape(cell) for cell in cells] if unescape else cells)


def stream_csv(file: BinaryIO, *, delimiter: str | None = None) -> tuple[list[str], Iterator[Row]]:
    """Decode a table of any size, a line at a time; memory is bounded by a line of 64 KiB.

    A line that is no UTF-8 comes as a row without cells. Raises MalformedInput with the line, at once or when
    iterating, for a line that is too long and for a quote that is not closed.
    """
    first = _line(file, 1)
    separator = delimiter or _guess_delimiter(first or "")
    lines = _lines(file, first)
    header = next(csv.reader([first or ""], delimiter=separator), None)
    if not header:
        raise MalformedInput(Reason.NOT_CSV, path="line 1", detail="the file has no header")
    next(lines)
    return [name.strip() for name in header], _streamed(lines, separator)


def _streamed(lines: Iterator[str], delimiter: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 2
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as failure:
            raise MalformedInput(Reason.NOT_CSV, path=f"line {line}", detail=str(failure)) from None
        if cells == [UNREADABLE]:
            yield Row(line, [])
        elif cells:
            yield Row(line, [_unescape(cell) for cell in cells])


def _lines(file: BinaryIO, first: str | None) -> Iterator[str]:
    number, text = 1, first
    while text is None or text:
        yield UNREADABLE if text is None else text
        number += 1
        text = _line(file, number)


def _line(file: BinaryIO, number: int) -> str | None:
    """Give a line, an empty text at the end, None for one that is no UTF-8 or holds a NUL."""
    raw = file.readline(LONGEST_LINE + 1)
    if len(raw) > LONGEST_LINE:
        raise MalformedInput(Reason.TOO_LARGE, path=f"line {number}", detail="the line is too long")
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
