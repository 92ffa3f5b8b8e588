"""From the rows a formula gave to series that may be shown: checked, rounded, small groups unreadable.
Pure.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TypeAlias

from ocapi.lib import codec
from ocapi.lib.columns.running import Answer
from ocapi.lib.suppression import Sum, protect
from ocapi.modules.insight.data.indicators import FormulaNotRun, Indicator, Point, SeriesOf

COLUMNS = frozenset({"period", "value", "area", "slice", "n"})
NEEDED = ("period", "value")
WHOLE = ""  # the slice that is everything
MOST_ROWS = 200_000
LONGEST_SLICE, LONGEST_AREA = 120, 20

Cell: TypeAlias = tuple[str, str, date]  # area, slice, period


def check_columns(indicator: Indicator, columns: Iterable[str]) -> None:
    """Raise FormulaNotRun unless a formula gives what an indicator needs: missing, unknown, groupNeeded."""
    found = set(columns)
    for name in NEEDED:
        if name not in found:
            raise FormulaNotRun("missing", name)
    for name in sorted(found - COLUMNS):
        raise FormulaNotRun("unknown", name)
    if indicator.min_group and "n" not in found:
        raise FormulaNotRun("groupNeeded", "n")
    if indicator.slices and "slice" not in found:
        raise FormulaNotRun("missing", "slice")


def series(indicator: Indicator, answer: Answer) -> tuple[SeriesOf, ...]:
    """Give the series of an indicator by area and slice, oldest point first.

    A number is rounded half up to two decimals more than are shown. Raises FormulaNotRun: tooLarge, twice
    (two rows for one area, slice and period), noPeriod, noNumber.
    """
    if answer.is_cut:
        raise FormulaNotRun("tooLarge")
    places = {name: place for place, name in enumerate(answer.columns)}
    values: dict[Cell, Decimal | None] = {}
    counts: dict[Cell, int] = {}
    for row in answer.rows:
        cell = (
            _text(row, places, "area")[:LONGEST_AREA],
            _text(row, places, "slice")[:LONGEST_SLICE],
            _period(row[places["period"]]),
        )
        if cell in values:
            raise FormulaNotRun("twice", " ".join((cell[0], cell[1], cell[2].isoformat())).strip())
        values[cell] = _number(row[places["value"]], indicator.decimals)
        if indicator.min_group:
            counts[cell] = int(Decimal(str(row[places["n"]] or 0)))
    small, withheld = _hidden(indicator, counts)
    found: dict[tuple[str, str], list[Point]] = {}
    for cell in sorted(values):
        area, part, period = cell
        is_small, is_withheld = cell in small, cell in withheld
        point = Point(
            period=period,
            value=None if is_small or is_withheld else values[cell],
            is_small=is_small,
            is_withheld=is_withheld,
        )
        found.setdefault((area, part), []).append(point)
    return tuple(
        SeriesOf(area=area, slice=part, points=tuple(points)) for (area, part), points in found.items()
    )


def _hidden(indicator: Indicator, counts: dict[Cell, int]) -> tuple[frozenset[Cell], frozenset[Cell]]:
    if not counts:
        return frozenset(), frozenset()
    if not indicator.is_additive:
        small = frozenset(cell for cell, count in counts.items() if 0 < count < indicator.min_group)
        return small, frozenset()
    parts: dict[tuple[str, date], list[Cell]] = {}
    for area, part, period in counts:
        if part != WHOLE:
            parts.setdefault((area, period), []).append((area, part, period))
    small_cells: set[Cell] = set()
    withheld: set[Cell] = set()
    for (area, period), cells in parts.items():  # each area and period is a table of its own
        whole = (area, WHOLE, period)
        table = {cell: counts[cell] for cell in cells}
        table[whole] = counts.get(whole, sum(table.values()))
        hidden = protect(table, (Sum(total=whole, parts=tuple(cells)),), k=indicator.min_group)
        small_cells |= hidden.small  # type: ignore[arg-type]
        withheld |= hidden.withheld  # type: ignore[arg-type]
    for cell, count in counts.items():
        if 0 < count < indicator.min_group and cell not in withheld:
            small_cells.add(cell)
    return frozenset(small_cells), frozenset(withheld)


def _text(row: list[str | int | bool | None], places: dict[str, int], name: str) -> str:
    return str(row[places[name]] or "") if name in places else ""


def _period(value: object) -> date:
    try:
        return datetime.fromisoformat(str(value)).date()
    except ValueError:
        raise FormulaNotRun("noPeriod", str(value)) from None


def _number(value: object, decimals: int) -> Decimal | None:
    if value is None:
        return None
    try:
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals - 2), ROUND_HALF_UP).normalize() + 0
    except InvalidOperation:
        raise FormulaNotRun("noNumber", str(value)) from None


SHOWN, SMALL, WITHHELD = "", "<", "x"


def written(points: Iterable[Point]) -> str:
    """Write points as they are kept: [day, number as text or null, state]."""
    rows = [
        [
            each.period.isoformat(),
            None if each.value is None else f"{each.value:f}",
            SMALL if each.is_small else WITHHELD if each.is_withheld else SHOWN,
        ]
        for each in points
    ]
    return codec.encode_json(rows).decode()
