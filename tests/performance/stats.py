"""The arithmetic of a run: quartiles, ratios per round, slopes, and whether a goal is met. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HIGHER, LOWER = "higher", "lower"
GOALS = ("on", "half", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Median and quartiles of one figure over the rounds; n is how many rounds gave it."""

    median: float
    q1: float
    q3: float
    n: int

    @property
    def iqr_over_median(self) -> float:
        """Give the interquartile range as a share of the median; infinite around zero."""
        return (self.q3 - self.q1) / abs(self.median) if self.median else math.inf


def quantile(values: Iterable[float], share: float) -> float:
    """Give a quantile by linear interpolation between the two nearest values; raises ValueError for none."""
    held = sorted(values)
    if not held:
        raise ValueError("no value")
    place = (len(held) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(held) - 1)
    return held[low] + (held[high] - held[low]) * (place - low)


def spread(values: Sequence[float]) -> Spread:
    """Give median and quartiles; raises ValueError for no value."""
    return Spread(
        median=quantile(values, 0.5), q1=quantile(values, 0.25), q3=quantile(values, 0.75), n=len(values)
    )


def ratio(ours: float, theirs: float) -> float | None:
    """Give ours ÷ theirs of one round, or None when either is no figure."""
    if not theirs or not math.isfinite(ours) or not math.isfinite(theirs):
        return None
    return ours / theirs


def threshold(goal: float, *, better: str, goals: str) -> float:
    """Give what must be reached: `half` asks half of a ≥ goal and twice a ≤ goal."""
    if goals != "half":
        return goal
    return goal / 2 if better == HIGHER else goal * 2


def is_met(value: float, goal: float, *, better: str, goals: str = "on") -> bool:
    """Tell whether a median reaches its goal; always when goals are off."""
    if goals == "off":
        return True
    wanted = threshold(goal, better=better, goals=goals)
    return value >= wanted if better == HIGHER else value <= wanted


def loglog_slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Give the least-squares slope of log(cost) over log(size); None below two sizes."""
    logs = [(math.log(size), math.log(cost)) for size, cost in points if size > 0 and cost > 0]
    if len({x for x, _ in logs}) < 2:
        return None
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    below = sum((x - mean_x) ** 2 for x, _ in logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / below


def rotated(names: Sequence[str], turn: int) -> list[str]:
    """Give the order of one round: ABC, BCA, CAB, ABC, ..."""
    at = turn % len(names) if names else 0
    return [*names[at:], *names[:at]]


def has_fallen(before: Spread, after: Spread, *, better: str, by: float = 0.15) -> bool:
    """Tell whether a median got worse by more than a share while the quartiles do not overlap."""
    if better == HIGHER:
        return after.median < before.median * (1 - by) and after.q3 < before.q1
    return after.median > before.median * (1 + by) and after.q1 > before.q3
