"""What a proof is made of: cases with a seed of their own, a check per case, canaries that must fail."""

import contextlib
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

LEVELS = ("commit", "nightly", "full")
STORES = ("sqlite", "postgres")
PROJECT = Path(__file__).resolve().parents[2]


class SetUpFailed(RuntimeError):
    """The proof could not begin; the run ends with exit code 3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much to do, with which chance. store: empty when the level decides. folder: throw-away data."""

    level: str
    seed: int
    store: str
    folder: Path

    def many(self, *, commit: int, nightly: int, full: int | None = None) -> int:
        """Give the number of cases this level asks for."""
        return {"commit": commit, "nightly": nightly, "full": full or nightly}[self.level]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing tried. id: says what, unique within its proof; seed: makes the same chance again."""

    id: str
    seed: int
    crashpoint: str = ""

    @property
    def coin(self) -> random.Random:
        """Give this case's own source of chance, the same one each time."""
        return random.Random(f"{self.id}:{self.seed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What should have been seen, and what was."""

    expected: str
    got: str


@dataclass(slots=True, kw_only=True)
class Told:
    """What a proof says beside its cases: figures for people, and why it saw nothing at all."""

    notes: list[str] = field(default_factory=list)
    blind_to: list[str] = field(default_factory=list)


class Proof(ABC):
    """One proof, entered once per run: `with Tamper(plan) as proof`.

    `cases` lists them, `check` gives None or the first fault of one, `canaries` gives for each planted fault
    a function that tells whether the proof's own oracle saw it.
    """

    name: str

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.told = Told()
        self.ending = contextlib.ExitStack()  # what to end of that which was started

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ending.close()

    @abstractmethod
    def cases(self) -> Iterable[Case]:
        """List what this level asks for."""

    @abstractmethod
    def check(self, case: Case) -> Fault | None:
        """Try one case."""

    @abstractmethod
    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Give the planted faults by name; True means that it was caught."""

    def conclude(self) -> Iterable[tuple[Case, Fault]]:
        """Give the faults that show only when every case is done; no cases of a replay reach it."""
        return ()
