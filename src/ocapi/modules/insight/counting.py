"""From rollup rows to figures that may be shown: sums, then suppression over all of them at once. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocapi.lib.suppression import Cell, Hidden, Sum, protect
from ocapi.modules.insight.data import DIGITAL_CHANNELS, TOTAL, Figures, Number, PublishedFigures, Scope

LEVELS = (Scope.SERVICE, Scope.DOMAIN, Scope.TOTAL)

MEASURES = ("received", "open", "digital", "other", "decided", "in_term", "late")
WHOLE = 0  # month of a count over all months


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The sums of one service, channel and month; `month` counts from 1 within the window."""

    month: int
    service: str
    domain: str
    channel: str
    received: int
    open: int
    decided: int
    in_term: int
    lead_days: int
    term_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What is counted: everything, a domain or a service (whose domain is then named)."""

    scope: Scope
    code: str
    domain: str = ""


EVERYTHING = Unit(scope=Scope.TOTAL, code=TOTAL)


def dearness(cell: Cell) -> int:
    """Tell how dear a count is: months of a service go first, then parts, the year of everything last."""
    measure, month, unit = cell  # type: ignore[misc]
    is_whole = measure in ("received", "decided")
    return 4 * LEVELS.index(unit.scope) + 2 * (month == WHOLE) + is_whole


def is_vague(cell: Cell) -> bool:
    """Tell whether a zero reads as a small count: in months of a domain or service, most of which are."""
    _measure, month, unit = cell  # type: ignore[misc]
    return month != WHOLE and unit.scope is not Scope.TOTAL


class Cube:
    """The counts of a window by unit, whole and by month, with what must be hidden among them."""

    def __init__(self, rows: Iterable[Counted], *, months: int, with_services: bool = True) -> None:
        self.months = months
        self.values: dict[tuple[str, int, Unit], int] = {}
        self.days: dict[tuple[str, Unit], int] = {}
        self._seen: dict[Unit, None] = {EVERYTHING: None}
        for row in rows:
            self._add(row, with_services)
        self.units = tuple(self._seen)
        for unit in self.units:
            for measure in MEASURES:
                self.values.setdefault((measure, WHOLE, unit), 0)
            for month in range(1, months + 1):
                self.values.setdefault(("received", month, unit), 0)
        # Out-of-order facts may leave a count below zero until the missing one is counted.
        self.values = {cell: max(value, 0) for cell, value in self.values.items()}
        self.hidden: Hidden = protect(self.values, tuple(self._sums()), rank=dearness, is_vague=is_vague)

    def _add(self, row: Counted, with_services: bool) -> None:
        domain = Unit(scope=Scope.DOMAIN, code=row.domain)
        units = [EVERYTHING, domain]
        if with_services:
            units.append(Unit(scope=Scope.SERVICE, code=row.service, domain=row.domain))
        is_digital = row.channel in DIGITAL_CHANNELS
        found = {
            "received": row.received,
            "open": row.open,
            "digital": row.received * is_digital,
            "other": row.received * (not is_digital),
            "decided": row.decided,
            "in_term": row.in_term,
            "late": row.decided - row.in_term,
        }
        for unit in units:
            self._seen[unit] = None
            for measure, count in found.items():
                self._raise((measure, WHOLE, unit), count)
            if self.months:
                self._raise(("received", row.month, unit), row.received)
            for name, days in (("lead_days", row.lead_days), ("term_days", row.term_days)):
                self.days[name, unit] = self.days.get((name, unit), 0) + days

    def _raise(self, cell: tuple[str, int, Unit], by: int) -> None:
        self.values[cell] = self.values.get(cell, 0) + by

    def _sums(self) -> Iterable[Sum]:
        """Give every line in which shown counts add up: units in parents, parts in their whole, months."""
        domains = [unit for unit in self.units if unit.scope is Scope.DOMAIN]
        services = [unit for unit in self.units if unit.scope is Scope.SERVICE]
        parents: list[tuple[Unit, Sequence[Unit]]] = [(EVERYTHING, domains)]
        if services:
            parents += [(each, [one for one in services if one.domain == each.code]) for each in domains]
        shown = [(measure, WHOLE) for measure in MEASURES]
        shown += [("received", month) for month in range(1, self.months + 1)]
        for measure, month in shown:
            for parent, units in parents:
                yield Sum(
                    total=(measure, month, parent), parts=tuple((measure, month, each) for each in units)
                )
        for unit in self.units:
            for whole, parts in (("received", ("digital", "other")), ("decided", ("in_term", "late"))):
                yield Sum(total=(whole, WHOLE, unit), parts=tuple((part, WHOLE, unit) for part in parts))
            if self.months:
                parts_by_month = tuple(("received", month, unit) for month in range(1, self.months + 1))
                yield Sum(total=("received", WHOLE, unit), parts=parts_by_month)

    def number(self, measure: str, unit: Unit, month: int = WHOLE) -> Number:
        """Give a count as it may be shown."""
        cell = (measure, month, unit)
        if cell in self.hidden.small:
            return Number(value=None, is_small=True)
        return Number(value=None if cell in self.hidden.withheld else self.values[cell])

    def _days(self, name: str, unit: Unit) -> int | None:
        is_shown = self.number("decided", unit).value is not None
        return self.days.get((name, unit), 0) if is_shown else None

    def figures(self, unit: Unit, *, title: str) -> Figures:
        """Give all figures of a unit as they may be shown."""
        return Figures(
            scope=unit.scope,
            code=unit.code,
            title=title,
            domain=unit.code if unit.scope is Scope.DOMAIN else unit.domain,
            received=self.number("received", unit),
            open=self.number("open", unit),
            digital=self.number("digital", unit),
            other=self.number("other", unit),
            decided=self.number("decided", unit),
            in_term=self.number("in_term", unit),
            late=self.number("late", unit),
            lead_days=self._days("lead_days", unit),
            term_days=self._days("term_days", unit),
            months=tuple(self.number("received", unit, month) for month in range(1, self.months + 1)),
        )

    def published(self, unit: Unit) -> PublishedFigures:
        """Give the figures of a unit as they travel."""
        return PublishedFigures(
            code=unit.code,
            received=self.number("received", unit).value,
            digital=self.number("digital", unit).value,
            decided=self.number("decided", unit).value,
            in_term=self.number("in_term", unit).value,
            lead_days=self._days("lead_days", unit),
            term_days=self._days("term_days", unit),
        )
