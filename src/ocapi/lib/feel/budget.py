"""One evaluation's means: the instant it happens at, what it may spend, and the reasons it gathered.

Only what can repeat spends steps (iterations, calls, elements of lists); straight-line code is bounded by the
length of its text.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ocapi.lib import clock
from ocapi.lib.feel.errors import BudgetExceeded, Issue

MAX_DEPTH = 64
MAX_LIST = 100_000
MAX_STRING = 1 << 20
MAX_TEXT = 1 << 15
MAX_ISSUES = 50
MAX_RESULT = 1_000_000
STEPS = 2_000_000
MILLISECONDS = 180  # the promise is 200, stopping included
CONTAINERS = frozenset({list, dict})
LOOK_EVERY = 1_000  # steps between two looks at the clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one evaluation may spend; the defaults are those of the platform."""

    steps: int = STEPS
    milliseconds: int = MILLISECONDS


DEFAULT = Limits()


class Run:
    """One evaluation: `now` (aware; its zone is the local one), steps, call depth, reasons for nulls."""

    __slots__ = ("_deadline", "_look_at", "depth", "element", "issues", "limits", "now", "patterns", "steps")

    def __init__(self, *, now: datetime, limits: Limits = DEFAULT) -> None:
        if now.tzinfo is None:
            raise ValueError("an evaluation needs an aware instant")
        self.now = now
        self.limits = limits
        self.issues: list[Issue] = []
        self.steps = 0
        self.depth = 0
        self.element = ""
        self.patterns: dict[tuple[str, str], Any] = {}
        self._look_at = min(LOOK_EVERY, limits.steps)  # what is done sooner can't be late by its own doing
        self._deadline = clock.monotonic() + limits.milliseconds / 1000

    def spend(self, steps: int) -> None:
        """Count steps; raises BudgetExceeded when they or the time are used up."""
        self.steps += steps
        if self.steps >= self._look_at:
            self.look()

    def look(self) -> None:
        """Look at the clock and the steps; raises BudgetExceeded when either is used up."""
        if self.steps > self.limits.steps:
            raise BudgetExceeded("steps", self.limits.steps)
        if clock.monotonic() > self._deadline:
            raise BudgetExceeded("time", self.limits.milliseconds)
        self._look_at = self.steps + LOOK_EVERY

    def fault(self, code: str, position: int = 0, detail: str = "") -> None:
        """Remember why something became null; gives None, so that `return run.fault(…)` reads well."""
        if len(self.issues) < MAX_ISSUES:
            self.issues.append(Issue(code=code, detail=detail, position=position, element=self.element))

    def enter(self) -> None:
        """Go into a function; raises BudgetExceeded beyond the depth allowed."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise BudgetExceeded("callDepth", MAX_DEPTH)
        self.spend(1)

    def leave(self) -> None:
        """Come back from a function."""
        self.depth -= 1


def paid(run: Run, value: Any) -> Any:
    """Let a new list or string cost steps by its size, so that memory has a bound too; gives the value."""
    kind = type(value)
    if kind is str:
        run.spend(len(value) >> 4)
    elif kind is list:
        run.spend(len(value))
    return value


def weigh(run: Run, value: Any) -> None:
    """Spend a step for every part of a value, shared parts as often as they appear; without recursion."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        inner = item if type(item) is list else list(item.values())
        run.spend(1 + len(inner))
        waiting += [part for part in inner if type(part) in CONTAINERS]


def require_list(size: int) -> None:
    """Refuse to build a list longer than allowed, before it is built."""
    if size > MAX_LIST:
        raise BudgetExceeded("listSize", MAX_LIST)


def require_string(size: int) -> None:
    """Refuse to build a string longer than allowed, before it is built."""
    if size > MAX_STRING:
        raise BudgetExceeded("stringSize", MAX_STRING)
