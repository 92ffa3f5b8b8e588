"""Small groups stay unreadable: which counts of a set of tables may be shown. Pure.

A count from 1 to k - 1 is small and never shown. Tables add up, so a small count alone under a shown total
could be subtracted out; then a second one is withheld as well, until none follows from what is shown:
(1) the hidden counts of a line are more than one, and together no small group; (2) no small count follows
from any sum of lines; (3) nor from the limits of what "small" can be. A zero tells of nobody and is shown,
save in the cells called vague: there it reads as a small count, which leaves those far more room.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

K = 5  # smallest group that is shown (conventions.md 7.8)
PRIME = (1 << 61) - 1  # lines are solved in the integers modulo this, so that no fraction grows
ROUNDS = 30  # of narrowing limits; each narrows at least one, more than this gains nothing in a dashboard
NO_LIMIT = 1 << 50

Cell: TypeAlias = Hashable
Equation: TypeAlias = dict[Cell, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """One line of a table: the total equals its parts."""

    total: Cell
    parts: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """The cells that are not shown. small: said to be under k. withheld: nothing is said of them."""

    small: frozenset[Cell]
    withheld: frozenset[Cell]


def no_rank(cell: Cell) -> int:
    """Hold every cell as dear as any other."""
    return 0


def never_vague(cell: Cell) -> bool:
    """Show every zero."""
    return False


def protect(
    values: Mapping[Cell, int],
    sums: Sequence[Sum],
    *,
    k: int = K,
    rank: Callable[[Cell], int] = no_rank,
    is_vague: Callable[[Cell], bool] = never_vague,
) -> Hidden:
    """Give what must be hidden so that no small count can be computed from what is shown.

    rank: how dear a cell is to the reader; where there is a choice the least dear is withheld.
    is_vague: tells whether a zero in this cell is not told apart from a small count.
    """
    vague = frozenset(cell for cell in values if is_vague(cell))
    return _Protection(values, sums, k, rank, vague).run()


class _Protection:
    def __init__(
        self,
        values: Mapping[Cell, int],
        sums: Sequence[Sum],
        k: int,
        rank: Callable[[Cell], int],
        vague: frozenset[Cell],
    ) -> None:
        self.values, self.sums, self.k, self.rank, self.vague = values, sums, k, rank, vague
        self.secret = frozenset(cell for cell, value in values.items() if 0 < value < k)
        self.small = {cell for cell, value in values.items() if value < k and (value or cell in vague)}
        self.withheld: set[Cell] = set()
        self.lines_of: dict[Cell, list[Sum]] = {}
        for line in sums:
            for cell in (line.total, *line.parts):
                self.lines_of.setdefault(cell, []).append(line)

    def run(self) -> Hidden:
        while True:
            while self._repair_all():
                pass
            # One at a time, the largest first: company for it often covers the others too.
            exposed = max(self._exposed(), key=lambda cell: (self.values[cell], str(cell)), default=None)
            if exposed is None or not self._give_company(exposed):
                return Hidden(small=frozenset(self.small), withheld=frozenset(self.withheld))

    def _repair_all(self) -> bool:
        return sum(self._repair(line) for line in self.sums) > 0

    def _is_hidden(self, cell: Cell) -> bool:
        return cell in self.small or cell in self.withheld

    def _repair(self, line: Sum) -> bool:
        """Withhold one more cell of a line whose hidden ones are too few; tells whether it did."""
        parts = [cell for cell in line.parts if self._is_hidden(cell)]
        if self._is_hidden(line.total):
            if parts:
                return False
        elif not any(self.values[cell] for cell in parts) or (
            len(parts) > 1 and sum(self.values[cell] for cell in parts) >= self.k
        ):
            return False
        return self._withhold([cell for cell in line.parts if self._is_useful(cell)] or [line.total])

    def _is_useful(self, cell: Cell) -> bool:
        return not self._is_hidden(cell) and self.values[cell] > 0

    def _withhold(self, candidates: Iterable[Cell]) -> bool:
        chosen = min(
            candidates, key=lambda cell: (self.rank(cell), self.values[cell], str(cell)), default=None
        )
        if chosen is None or self._is_hidden(chosen):
            return False
        self.withheld.add(chosen)
        return True

    def _give_company(self, cell: Cell) -> bool:
        """Withhold a neighbor of an exposed cell; without one, stop saying that the cell is small."""
        beside = {other for line in self.lines_of[cell] for other in (line.total, *line.parts)}
        if self._withhold(other for other in beside if self._is_useful(other)):
            return True
        if cell in self.small:
            self.small.discard(cell)
            self.withheld.add(cell)
            return True
        return self._withhold(other for other in self.values if self._is_useful(other))

    def _exposed(self) -> set[Cell]:
        if not self.secret:
            return set()
        rows = []
        for line in self.sums:
            row: Equation = {cell: 1 for cell in line.parts if self._is_hidden(cell)}
            if self._is_hidden(line.total):
                row[line.total] = PRIME - 1
            if row:
                rows.append(row)
        return (set(solved(rows)) | self._cornered()) & self.secret

    def _cornered(self) -> set[Cell]:
        """Give the hidden cells whose limits leave one value."""
        low, high = dict(self.values), dict(self.values)
        for cell in self.small | self.withheld:
            low[cell] = int(cell not in self.vague)
            high[cell] = self.k - 1 if cell in self.small else NO_LIMIT
        for _round in range(ROUNDS):
            if not sum(_narrow(line, low, high) for line in self.sums):
                break
        return {cell for cell in self.small | self.withheld if low[cell] == high[cell]}


def _narrow(line: Sum, low: dict[Cell, int], high: dict[Cell, int]) -> bool:
    lows, highs = sum(low[cell] for cell in line.parts), sum(high[cell] for cell in line.parts)
    found = [(line.total, lows, highs)]
    for cell in line.parts:
        rest_low, rest_high = lows - low[cell], highs - high[cell]
        found.append((cell, low[line.total] - rest_high, high[line.total] - rest_low))
    is_narrower = False
    for cell, least, most in found:
        if least > low[cell] or most < high[cell]:
            low[cell], high[cell] = max(low[cell], least), min(high[cell], most)
            is_narrower = True
    return is_narrower


def solved(rows: Iterable[Equation]) -> list[Cell]:
    """Give the unknowns that a system of equations fixes: alone in a row of its reduced form."""
    pivots: dict[Cell, Equation] = {}
    for row in rows:
        rest = dict(row)
        for cell in [each for each in row if each in pivots]:
            if cell in rest:
                _subtract(rest, pivots[cell], rest[cell])
        if not rest:
            continue
        cell = next(iter(rest))
        inverse = pow(rest[cell], PRIME - 2, PRIME)
        rest = {each: value * inverse % PRIME for each, value in rest.items()}
        for other in pivots.values():
            if cell in other:
                _subtract(other, rest, other[cell])
        pivots[cell] = rest
    return [cell for cell, row in pivots.items() if len(row) == 1]


def _subtract(row: Equation, pivot: Equation, times: int) -> None:
    for cell, value in pivot.items():
        left = (row.get(cell, 0) - value * times) % PRIME
        if left:
            row[cell] = left
        else:
            row.pop(cell, None)
