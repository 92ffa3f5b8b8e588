"""Goals that are not met yet, each with the figure it may not fall behind; the list can only get shorter.

A goal stands here with its floor so that a level can go on telling everything else red, and so that a figure
that gets worse is told too. A goal that is met takes its row away.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from tests.performance.results import Document

FILE = Path(__file__).parent / "open_goals.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGoal:
    """A goal of one scenario that is open. floor: the worst median that still counts as no worse."""

    job: str
    scenario: str
    ratio: str
    floor: float

    def is_kept(self, row: Document) -> bool:
        """Tell whether a measured row is no worse than the floor."""
        median = float(row["median"])
        return median >= self.floor if row["better"] == "higher" else median <= self.floor


def read(path: Path = FILE) -> tuple[OpenGoal, ...]:
    """Read the list."""
    with path.open(newline="") as file:
        return tuple(
            OpenGoal(job=row["job"], scenario=row["scenario"], ratio=row["ratio"], floor=float(row["floor"]))
            for row in csv.DictReader(file)
        )


def missed(found: Document, listed: tuple[OpenGoal, ...]) -> list[str]:
    """Give the goals a valid result misses, without those that are open and no worse than their floor."""
    here = (found["job"], found["scenario"])
    known = {each.ratio: each for each in listed if (each.job, each.scenario) == here}
    return [
        key for key, row in found["ratios"].items()
        if not row.get("passed", True) and not (key in known and known[key].is_kept(row))
    ]
