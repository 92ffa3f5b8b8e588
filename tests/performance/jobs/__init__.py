"""The jobs of `ocapi bench`, one module each: `scenarios(plan)` gives what is to be run, in order."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.performance import procfs
from tests.performance.engine import Scenario

SIZES = ("small", "medium", "large")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a job is told: size, seconds of one window, where its files go, and what is kept between runs."""

    size: str
    seed: int
    seconds: float
    folder: Path
    cache: Path
    ledger: procfs.Ledger
    scenario: str = ""
    peers: tuple[Path, ...] = ()
    connections: int = 0
    store: str = "sqlite"

    def wants(self, name: str, *, is_default: bool = True) -> bool:
        """Tell whether a scenario is to be run."""
        return name == self.scenario if self.scenario else is_default


Scenarios = Iterator[Scenario]
