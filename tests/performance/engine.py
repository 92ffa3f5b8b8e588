"""Rounds: all arms interleaved in rotating order, a warm-up thrown away, and a verdict on the run itself.

A reason begins with its kind: `noise`, `answers`, `detached`, `shed`, `errors`, `durability`, `lost`,
`absent`. Noise says nothing about the code; every other kind says something about an arm.
"""

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.performance import procfs, stats
from tests.performance.arms import Arm, Sample, Window, has_detached
from tests.performance.programs import SetUpFailed

OUTSIDE_LOAD = 0.3
NOISE_IQR = 0.25
SHED_SHARE = 0.001
BUSY_LOAD = 0.8  # of a core: above it the load generator is the bottleneck
PROBE_S = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What is judged: ours ÷ `against` when it names an arm, else our own figure. goal None: only told."""

    basis: str
    better: str
    goal: float | None
    against: str = ""
    name: str = ""

    @property
    def key(self) -> str:
        """Give the name under `ratios`; several figures of one pair carry theirs behind a space."""
        pair = f"ours/{self.against}" if self.against else "ours"
        return f"{pair} {self.name}" if self.name else pair


@dataclass(slots=True, kw_only=True)
class Scenario:
    """One comparison. equal: arms that must answer alike. between: what happens to the data each round."""

    job: str
    name: str
    arms: list[Arm]
    gates: list[Gate]
    window: Window
    equal: tuple[str, ...] = ()
    between: Callable[[int], None] | None = None
    finish: Callable[[], list[str]] | None = None
    growth: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the caller asked: rounds, goals on|half|off, required arms, and where files of the run go."""

    rounds: int
    goals: str
    seed: int
    folder: Path
    only: tuple[str, ...] = ()
    require: tuple[str, ...] = ()


class OutsideLoad:
    """How many cores others kept busy since it was last asked."""

    def __init__(self, ledger: procfs.Ledger) -> None:
        self._ledger = ledger
        self._mark()

    def _ours(self) -> float:
        return procfs.own_seconds(self._ledger.owned("stranger"))

    def _mark(self) -> None:
        self._at, self._busy, self._own = time.monotonic(), procfs.busy_seconds(), self._ours()

    def take(self, least_s: float = 0.3) -> float:
        """Give the mean since the last call, over at least a moment of rest."""
        if (short := least_s - (time.monotonic() - self._at)) > 0:
            time.sleep(short)
        wall = time.monotonic() - self._at
        busy = procfs.busy_seconds() - self._busy
        own = self._ours() - self._own
        self._mark()
        return max(busy - own, 0.0) / wall


def probe_sync(folder: Path) -> dict[str, float]:
    """Append 8 KiB and sync, again and again for a moment; gives n, p50 and p99 in microseconds."""
    folder.mkdir(parents=True, exist_ok=True)
    taken: list[float] = []
    with tempfile.TemporaryFile(dir=folder) as file:
        until = time.perf_counter() + PROBE_S
        while time.perf_counter() < until or len(taken) < 5:
            os.write(file.fileno(), b"x" * 8192)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - began) * 1e6)
    return {"n": len(taken), "p50_us": round(stats.quantile(taken, 0.5), 1),
            "p99_us": round(stats.quantile(taken, 0.99), 1)}


def run(scenario: Scenario, options: Options, ledger: procfs.Ledger) -> dict[str, Any]:
    """Run all rounds of a scenario; gives rounds, ratios, verdict and reasons for the result file."""
    able = [arm for arm in scenario.arms if not arm.absent and _is_wanted(arm, options)]
    missing = [arm for arm in scenario.arms if arm.absent and arm.name in options.require]
    if missing:
        raise SetUpFailed("; ".join(f"{arm.name} is required: {arm.absent}" for arm in missing))
    outside, rounds = OutsideLoad(ledger), []
    try:
        for arm in able:
            arm.start(ledger)
        outside.take()
        for number in range(options.rounds + 1):
            one = _round(number, able, scenario, options, ledger, outside)
            if number:  # the first one warms up
                rounds.append(one)
        found = scenario.finish() if scenario.finish is not None else []
    finally:
        for arm in able:
            arm.stop(ledger)
    return judged(scenario, rounds, goals=options.goals, reasons=found)


def _is_wanted(arm: Arm, options: Options) -> bool:
    return not options.only or arm.role in ("ours", "limit") or arm.name in options.only


def _round(
    number: int, arms: list[Arm], scenario: Scenario, options: Options, ledger: procfs.Ledger,
    outside: OutsideLoad,
) -> dict[str, Any]:
    held: dict[str, Any] = {
        "i": number, "load1_before": round(os.getloadavg()[0], 2),
        "outside_before": round(outside.take(), 3), "fdatasync": probe_sync(options.folder), "arms": {},
    }
    if scenario.between is not None:
        scenario.between(number)
    by_name = {arm.name: arm for arm in arms}
    held["order"] = stats.rotated(list(by_name), number)
    for name in held["order"]:
        held["arms"][name] = by_name[name].measure(ledger, scenario.window)
        ledger.reap_orphans()
    held["ratios"] = {
        gate.key: value for gate in scenario.gates
        if gate.against and (value := _value(gate, held["arms"])) is not None
    }
    return held


def _value(gate: Gate, arms: dict[str, Sample]) -> float | None:
    ours = _figure(arms.get("ours", {}), gate.basis)
    if ours is None or not gate.against:
        return ours
    theirs = _figure(arms.get(gate.against, {}), gate.basis)
    return None if theirs is None else stats.ratio(ours, theirs)


def _figure(sample: Sample, basis: str) -> float | None:
    value: Any = sample
    for part in basis.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return float(value) if isinstance(value, int | float) else None


def judged(
    scenario: Scenario, rounds: list[dict[str, Any]], *, goals: str, reasons: list[str]
) -> dict[str, Any]:
    """Give ratios with goals, and whether the run may be believed."""
    reasons = [*reasons, *_dishonest(scenario, rounds)]
    ratios: dict[str, Any] = {}
    for gate in scenario.gates:
        values = [value for each in rounds if (value := _value(gate, each["arms"])) is not None]
        if not values:
            continue
        held = stats.spread(values)
        row: dict[str, Any] = {
            "basis": gate.basis, "better": gate.better, "median": held.median, "q1": held.q1, "q3": held.q3,
            "iqr_over_median": held.iqr_over_median, "n": held.n,
        }
        if gate.goal is not None:
            row |= {"goal": gate.goal, "met": stats.is_met(held.median, gate.goal, better=gate.better),
                    "passed": stats.is_met(held.median, gate.goal, better=gate.better, goals=goals)}
            if held.iqr_over_median > NOISE_IQR:
                reasons.append(f"noise: {gate.key} spreads {held.iqr_over_median:.2f} of its median")
        ratios[gate.key] = row
    loads = [each["outside_before"] for each in rounds if each["outside_before"] > OUTSIDE_LOAD]
    if loads:
        reasons.append(f"noise: others used up to {max(loads):.2f} cores before {len(loads)} rounds")
    return {
        "arms": {arm.name: {"role": arm.role, "durability": arm.durability, "absent": arm.absent or None}
                 for arm in scenario.arms},
        "rounds": rounds, "ratios": ratios, "growth": scenario.growth, "settings": scenario.settings,
        "notes": [*scenario.notes, *_notes(rounds)], "verdict": "invalid" if reasons else "valid",
        "reasons": list(dict.fromkeys(reasons)),
    }


def _dishonest(scenario: Scenario, rounds: list[dict[str, Any]]) -> list[str]:
    found = []
    for each in rounds:
        answers = {name: each["arms"][name].get("answer") for name in scenario.equal if name in each["arms"]}
        if len(set(answers.values())) > 1:
            found.append(f"answers: {' and '.join(answers)} differ")
        for name, sample in each["arms"].items():
            found.extend(f"{reason} ({name})" for reason in _faults(sample))
    return found


def _faults(sample: Sample) -> list[str]:
    tried = sample.get("units", 0) + sample.get("errors", 0) + sample.get("shed", 0)
    found = []
    if sample.get("varied"):
        found.append("answers: the same request got different answers within one window")
    if sample.get("shed", 0) > SHED_SHARE * tried:
        found.append("shed: more than 0.1 % of the requests was turned away")
    if sample.get("errors", 0) > SHED_SHARE * tried or not sample.get("units", 1):
        found.append("errors: more than 0.1 % of the requests failed")
    if has_detached(sample):
        found.append("detached: work was done in a process that left the tree")
    if sample.get("unsynced_pages"):
        found.append("durability: acknowledged writes were not on the disk")
    if sample.get("lost") or sample.get("duplicated"):
        found.append("lost: acknowledged writes are missing or doubled")
    return found


def _notes(rounds: list[dict[str, Any]]) -> list[str]:
    busy = {
        name for each in rounds for name, sample in each["arms"].items()
        if sample.get("wall_s") and sample.get("load_cpu_s", 0) > BUSY_LOAD * sample["wall_s"]
    }
    told = "the load generator used more than 80 % of a core: only figures per CPU-second count"
    return [f"{told} ({', '.join(sorted(busy))})"] if busy else []


def is_noise_only(reasons: list[str]) -> bool:
    """Tell whether a run is invalid for no other reason than noise."""
    return bool(reasons) and all(each.startswith("noise:") for each in reasons)
