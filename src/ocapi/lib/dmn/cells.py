"""Which cells of a decision table are no FEEL, to say it at the cell; and moving its columns."""

from collections.abc import Iterable
from dataclasses import replace

from ocapi.lib.dmn.sheets import Sheet
from ocapi.lib.feel.errors import FeelSyntaxError
from ocapi.lib.feel.names import Known
from ocapi.lib.feel.parser import parse_expression, parse_unary_tests


def wrong(sheet: Sheet, names: Iterable[str]) -> dict[tuple[int, int], int]:
    """Give the cells that can't be read, by row and column from 0, inputs first; the value counts characters.

    The row of the headings is -1. names: what may be named in a cell, for those with spaces.
    """
    known, found = Known(names), dict[tuple[int, int], int]()
    for column, each in enumerate(sheet.inputs):
        _check(found, (-1, column), each.text, known, is_test=False)
    for row, line in enumerate(sheet.lines):
        for column, cell in enumerate((*line.inputs, *line.outputs)):
            _check(found, (row, column), cell, known, is_test=column < len(line.inputs))
    return found


def _check(
    found: dict[tuple[int, int], int], place: tuple[int, int], text: str, known: Known, *, is_test: bool
) -> None:
    if not text.strip():
        return
    try:
        parse_unary_tests(text, known=known) if is_test else parse_expression(text, known=known)
    except FeelSyntaxError as failure:
        found[place] = failure.position + 1


def moved_left(sheet: Sheet, place: int) -> Sheet:
    """Give a sheet with a column one place to the left among its kind, inputs counted before outputs."""
    count = len(sheet.inputs)
    if place < count:
        return replace(
            sheet, inputs=_swapped(sheet.inputs, place),
            lines=tuple(replace(each, inputs=_swapped(each.inputs, place)) for each in sheet.lines),
        )
    at = place - count
    return replace(
        sheet, outputs=_swapped(sheet.outputs, at),
        lines=tuple(replace(each, outputs=_swapped(each.outputs, at)) for each in sheet.lines),
    )


def _swapped(given: tuple, place: int) -> tuple:  # type: ignore[type-arg]
    if not 0 < place < len(given):
        return given
    return (*given[:place - 1], given[place], given[place - 1], *given[place + 1:])
