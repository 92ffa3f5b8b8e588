"""`bench footprint`: cold start, idle memory, organizations (performance.md 3.7).

Arms are alive one at a time: pages that two programs share would be counted half to each.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.performance import procfs, product, stats
from tests.performance.arms import Arm, Sample, Window
from tests.performance.engine import Gate, Scenario
from tests.performance.jobs import Plan, Scenarios
from tests.performance.jobs.portal import python_server
from tests.performance.programs import Program, SetUpFailed, fetch

NAMES = ("start", "idle", "organizations", "create")
ORGANIZATIONS = {"small": (1, 30), "medium": (1, 30), "large": (1, 30, 285)}
IDLE_S = {"small": 10.0, "medium": 60.0, "large": 60.0}
MB = 1_000_000
NOTHING = Window(seconds=0)


def scenarios(plan: Plan) -> Scenarios:
    """Give the scenarios asked for; organizations are only made when asked for or from medium on."""
    held = product.prepare(plan.folder / "ours", cases=0, seed=plan.seed, cache=plan.cache)
    if plan.wants("start"):
        yield _start(plan, held.folder)
    if plan.wants("idle"):
        yield _idle(plan, held.folder)
    if plan.wants("create", is_default=False):
        yield _create(plan, held.folder)
    if plan.wants("organizations", is_default=plan.size != "small"):
        yield _organizations(plan, held.folder)


def _limit(plan: Plan) -> Program:
    return python_server("limit", "wsgi", "djangohello", plan.folder / "limit", "--blocking-threads", "1")


@dataclass(slots=True, kw_only=True)
class StartArm:
    """From exec to the first wanted answer, each time anew."""

    name: str
    role: str
    program: Program
    durability: str = "none"
    absent: str = ""

    def start(self, ledger: procfs.Ledger) -> None:
        """Start nothing: starting is what is measured."""

    def measure(self, ledger: procfs.Ledger, window: Window) -> Sample:
        """Start it, take CPU and time at the first answer, and end it."""
        empty = procfs.Snapshot()
        wall = self.program.start(ledger)
        now = ledger.snapshot(self.program.owner)
        spent = procfs.used(empty, now, self.program.names(now))
        self.program.stop(ledger)
        return {
            "units": 1, "wall_s": round(wall, 4), "errors": 0, "shed": 0,
            "cpu_s": {"user": round(spent.user, 4), "sys": round(spent.system, 4),
                      "total": round(spent.total, 4), "by_process": spent.by_process,
                      "detached": round(spent.detached, 4)},
        }

    def stop(self, ledger: procfs.Ledger) -> None:
        """End what may be left."""
        self.program.stop(ledger)


def _start(plan: Plan, folder: Path) -> Scenario:
    arms: list[Arm] = [
        StartArm(name="ours", role="ours", program=product.up(folder)),
        StartArm(name="limit", role="limit", program=_limit(plan)),
    ]
    return Scenario(
        job="footprint", name="start", arms=arms, window=NOTHING,
        settings={"first_answer": product.COUNTER_PATH},
        gates=[Gate(basis="cpu_s.total", better="lower", goal=2.5, name="cpu-s"),
               Gate(basis="wall_s", better="lower", goal=None, name="wall s"),
               Gate(basis="cpu_s.total", better="lower", goal=None, against="limit")],
    )


@dataclass(slots=True, kw_only=True)
class IdleArm:
    """Proportional set size at rest: measured once after a long idle, then looked at again each round."""

    name: str
    role: str
    program: Program
    idle_s: float
    durability: str = "none"
    absent: str = ""
    rows: list[Sample] | None = None
    looks: int = 6

    def start(self, ledger: procfs.Ledger) -> None:
        """Start it alone, let it idle, take the looks of all rounds, and end it."""
        self.program.start(ledger)
        time.sleep(self.idle_s)
        self.rows = []
        for _look in range(self.looks):
            self.rows.append(pss_sample(self.program, ledger))
            time.sleep(0.3)
        self.program.stop(ledger)

    def measure(self, ledger: procfs.Ledger, window: Window) -> Sample:
        """Give the next look."""
        assert self.rows
        return self.rows.pop(0) if len(self.rows) > 1 else self.rows[0]

    def stop(self, ledger: procfs.Ledger) -> None:
        """End what may be left."""
        self.program.stop(ledger)


def pss_sample(program: Program, ledger: procfs.Ledger) -> Sample:
    """Give the memory of a program's tree now, in bytes and by process."""
    by_process = program.pss(ledger)
    held = ledger.snapshot(program.owner)
    return {
        "units": 1, "pss_bytes": sum(by_process.values()), "pss_by_process": by_process, "errors": 0,
        "rss_peak_bytes": sum(procfs.rss_bytes(pid) for pid in held.stats), "processes": len(held.stats),
    }


def _idle(plan: Plan, folder: Path) -> Scenario:
    idle = IDLE_S[plan.size]
    arms: list[Arm] = [
        IdleArm(name="ours", role="ours", program=product.up(folder), idle_s=idle),
        IdleArm(name="limit", role="limit", program=_limit(plan), idle_s=min(idle, 3.0)),
    ]
    return Scenario(
        job="footprint", name="idle", arms=arms, window=NOTHING, settings={"idle_s": idle},
        notes=["rounds are looks at one start; the start scenario starts anew each round"],
        gates=[Gate(basis="pss_bytes", better="lower", goal=4.0, against="limit"),
               Gate(basis="pss_bytes", better="lower", goal=380.0 * MB, name="bytes")],
    )


@dataclass(slots=True, kw_only=True)
class CreateArm:
    """One organization from the template through the product's door, and its first page through the front."""

    name: str
    role: str
    program: Program
    folder: Path
    made: int = 0
    durability: str = "synced files and rows before it is told"
    absent: str = ""

    def start(self, ledger: procfs.Ledger) -> None:
        """Start the installation."""
        self.program.start(ledger)
        self.program.settle(ledger)

    def measure(self, ledger: procfs.Ledger, window: Window) -> Sample:
        """Create one and open it."""
        self.made += 1
        seconds = product.add_organizations(self.folder, first=self.made, last=self.made)[0]
        took = open_once(self.program, f"o{self.made}")
        return {"units": 1, "wall_s": seconds, "first_page_s": took, "errors": 0, "shed": 0}

    def stop(self, ledger: procfs.Ledger) -> None:
        """End the installation."""
        self.program.stop(ledger)


def open_once(program: Program, key: str) -> float:
    """Ask for an organization's home page through the front; gives the seconds. Raises SetUpFailed."""
    began = time.perf_counter()
    for _attempt in range(20):  # web reads its list of organizations anew within a second
        answer = fetch(program.port, "/", host=product.host_of(key, program.port))
        if answer.status == 200:
            return round(time.perf_counter() - began, 4)
        time.sleep(0.1)
    raise SetUpFailed(f"the home page of {key} answers {answer.status}")


def _create(plan: Plan, folder: Path) -> Scenario:
    arm = CreateArm(name="ours", role="ours", program=product.up(folder), folder=folder)
    return Scenario(
        job="footprint", name="create", arms=[arm], window=NOTHING,
        gates=[Gate(basis="wall_s", better="lower", goal=2.0, name="create s"),
               Gate(basis="first_page_s", better="lower", goal=None, name="first page s")],
    )


def _organizations(plan: Plan, folder: Path) -> Scenario:
    """Start with 1, 30, 285 organizations; each is opened once by its host name before memory is taken."""
    growth: dict[str, Any] = {"axis": "organizations", "points": [], "cold_cpu_s": [], "open_s": [],
                              "create_s": [], "by_process": []}
    arm = GrowthArm(name="ours", role="ours", folder=folder, counts=ORGANIZATIONS[plan.size], told=growth,
                    idle_s=IDLE_S[plan.size])
    return Scenario(
        job="footprint", name="organizations", arms=[arm], window=NOTHING, growth=[growth],
        settings={"organizations": list(arm.counts)},
        notes=["one start per size; rounds repeat the last look"],
        gates=[Gate(basis="bytes_per_organization", better="lower", goal=2.0 * MB, name="bytes each"),
               Gate(basis="pss_bytes", better="lower", goal=950.0 * MB if 285 in arm.counts else None,
                    name="bytes")],
    )


@dataclass(slots=True, kw_only=True)
class GrowthArm:
    """The same installation with more and more organizations, every one opened."""

    name: str
    role: str
    folder: Path
    counts: tuple[int, ...]
    told: dict[str, Any]
    idle_s: float
    durability: str = "none"
    absent: str = ""
    row: Sample | None = None

    def start(self, ledger: procfs.Ledger) -> None:
        """Run every size and keep its figures."""
        held = 1  # the prepared one
        for count in self.counts:
            if count > held:
                self.told["create_s"] += product.add_organizations(self.folder, first=held, last=count - 1)
                held = count
            self._look(count, ledger)
        points, first, last = self.told["points"], self.told["points"][0], self.told["points"][-1]
        each = (last[1] - first[1]) / max(last[0] - first[0], 1)
        cold = self.told["cold_cpu_s"]
        self.told |= {"last_over_first": last[1] / first[1], "loglog_slope": stats.loglog_slope(points),
                      "bytes_each": each, "goal": 2.0 * MB, "met": each <= 2.0 * MB,
                      "cold_last_over_first": cold[-1] / cold[0]}
        self.row = {"units": 1, "pss_bytes": last[1], "bytes_per_organization": each, "errors": 0}

    def _look(self, count: int, ledger: procfs.Ledger) -> None:
        program = product.up(self.folder)
        program.start(ledger)
        now = ledger.snapshot(program.owner)
        self.told["cold_cpu_s"].append(round(procfs.used(procfs.Snapshot(), now, {}).total, 3))
        keys = [product.KEY, *(f"o{number}" for number in range(1, count))]
        took = [open_once(program, key) for key in keys]
        self.told["open_s"].append({"n": count, "p50": stats.quantile(took, 0.5), "max": max(took)})
        time.sleep(self.idle_s)
        sample = pss_sample(program, ledger)
        self.told["points"].append([count, sample["pss_bytes"]])
        self.told["by_process"].append(sample["pss_by_process"])
        program.stop(ledger)

    def measure(self, ledger: procfs.Ledger, window: Window) -> Sample:
        """Give the figures of the largest size."""
        assert self.row is not None
        return dict(self.row)

    def stop(self, ledger: procfs.Ledger) -> None:
        """End nothing: every size ended its own."""
