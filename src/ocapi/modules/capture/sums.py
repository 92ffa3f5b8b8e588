"""Exact sums of readings: in millionths of the unit, kept as whole units and the millionths above."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

E6 = 1_000_000
FIGURES = ("total", "minimum", "maximum")
COLUMNS = ("n", *FIGURES, *(f"{each}_e6" for each in FIGURES))


def millionths(value: float) -> int:
    """Give a value in millionths; what is finer is rounded, half to even."""
    return round(Decimal(repr(value)) * E6)


def exact(count: int) -> Decimal:
    """Give millionths as a number without zeros at its end: 3, 0.25."""
    whole, rest = divmod(abs(count), E6)
    number = Decimal(f"{whole}.{rest:06}".rstrip("0").rstrip("."))
    return -number if count < 0 else number


@dataclass(slots=True)
class Sum:
    """What is added to one hour or day; total, minimum and maximum in millionths of the unit."""

    n: int = 0
    total: int = 0
    minimum: int = 0
    maximum: int = 0

    def add(self, other: "Sum") -> None:
        """Add other readings of the same time."""
        self.minimum = min(self.minimum, other.minimum) if self.n else other.minimum
        self.maximum = max(self.maximum, other.maximum) if self.n else other.maximum
        self.n, self.total = self.n + other.n, self.total + other.total

    def columns(self) -> dict[str, int]:
        """Give it as rows keep it: 2.25 is 2 and 250,000; -0.25 is -1 and 750,000."""
        found = {"n": self.n}
        for name in FIGURES:
            found[name], found[f"{name}_e6"] = divmod(getattr(self, name), E6)
        return found

    def __str__(self) -> str:
        return " ".join(map(str, (self.n, *(exact(getattr(self, name)) for name in FIGURES))))


def one(value: float) -> Sum:
    """Give the sum of one reading."""
    found = millionths(value)
    return Sum(n=1, total=found, minimum=found, maximum=found)


def of(row: Mapping[str, Any]) -> Sum:
    """Give the sum a row keeps, from its COLUMNS."""
    return Sum(n=row["n"], **{name: row[name] * E6 + row[f"{name}_e6"] for name in FIGURES})
