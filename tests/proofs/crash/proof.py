"""The proof: named crash points, random kills, a second kill during recovery; lost, phantom, double 0."""

import random
import shutil
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from ocapi.lib import crashpoint
from tests.performance import procfs
from tests.performance import product as measured
from tests.proofs import product
from tests.proofs.crash import client, outside
from tests.proofs.proof import PROJECT, Case, Fault, Plan, Proof, SetUpFailed

ONLY_ON_POSTGRES = frozenset({  # those of a move: `ocapi proof restore` kills there
    "outbox.sequence.before_commit", "outbox.sequence.after_commit",
    "tenants.move.before_load", "tenants.move.before_switch", "tenants.move.after_switch",
})
READY_S = 5.0  # reliability.md 5.1, SQLite
CANARY_POINT = "cases.create.before_commit:1"


class Crash(Proof):
    """`<point>:<n>` kills there, `<point>:<n>+<point>:<n>` again while recovering, `kill/<n>` at random,
    `up/<n>` the whole running product, whose way back is timed.
    """

    name = "crash"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        if plan.store == "postgres":
            raise SetUpFailed("crash: not built on PostgreSQL")
        self._live, self._kept = plan.folder / "live", plan.folder / "kept"
        address, self._received = self.ending.enter_context(outside.receiver(plan.folder / "received.jsonl"))
        bus = self.ending.enter_context(outside.bus())
        more = {"PROOF_RECEIVER": address, "OCAPI_BUS_URL": bus}
        self._live.mkdir()
        product.step(self._live, "crash.zygote", "prepare", **more)
        self._live.rename(self._kept)
        self._zygote = client.Zygote(self._live, plan.folder, **more)
        self.ending.callback(self._zygote.close)
        self._passed = {script: self._count(script) for script in client.SCRIPTS}
        self._reached: set[str] = set()
        self._ready: list[float] = []

    def _fresh(self) -> None:
        shutil.rmtree(self._live, ignore_errors=True)
        shutil.copytree(self._kept, self._live)
        self._received.reset()

    def _count(self, script: str) -> dict[str, int]:
        self._fresh()
        process = self._zygote.fork(count=True)
        try:
            for name, key, minutes in client.SCRIPTS[script]:
                process.ask(name, key, minutes)
            passed: dict[str, int] = process.ask("passed")
        finally:
            process.close()
        return passed

    def _scripts_of(self, point: str) -> list[str]:
        return [script for script, passed in self._passed.items() if point in passed]

    def cases(self) -> Iterator[Case]:
        """Give sound runs, every reached point at n = 1 (at night 2 and one by chance), and the kills."""
        coin, seed = random.Random(self.plan.seed), self.plan.seed
        for script in client.SCRIPTS:
            yield Case(id=f"sound/{script}", seed=seed)
        reached = [point for point in crashpoint.declared_in(PROJECT / "src") if self._scripts_of(point)]
        is_night = self.plan.level != "commit"
        for point in reached:
            for script in self._scripts_of(point)[: None if is_night else 1]:
                times = self._passed[script][point]
                numbers = {1, min(2, times), coin.randint(1, times)} if is_night else {1}
                for number in sorted(numbers):
                    yield Case(id=f"{script}/point/{number}", seed=seed, crashpoint=f"{point}:{number}")
                if is_night or coin.random() < 0.25:
                    again = f"{coin.choice([each for each in reached if each in self._passed[script]])}:1"
                    yield Case(id=f"{script}/again/{again}", seed=seed, crashpoint=f"{point}:1")
        for number in range(self.plan.many(commit=20, nightly=200)):
            yield Case(id=f"{coin.choice(list(client.SCRIPTS))}/kill/{number}", seed=seed)
        for number in range(self.plan.many(commit=2, nightly=10)):
            yield Case(id=f"up/{number}", seed=seed)

    def check(self, case: Case) -> Fault | None:
        """Run one script to its death and back."""
        script, _, rest = case.id.partition("/")
        if script == "up":
            return self._restart(case.coin)
        if script == "sound":
            return self._judged(rest, [])
        kind, _, detail = rest.partition("/")
        if kind == "kill":
            coin = case.coin
            return self._judged(script, [], kill_after=max(coin.random(), 1e-9), coin=coin)
        arms = [case.crashpoint, detail] if kind == "again" else [case.crashpoint]
        fault = self._judged(script, arms)
        self._reached.add(case.crashpoint.partition(":")[0])
        return fault

    def _judged(
        self, script: str, arms: list[str], *, kill_after: float = 0.0, coin: random.Random | None = None,
        plant: str = "",
    ) -> Fault | None:
        self._fresh()
        run = client.Run(self._zygote, script, self._live, self._received, plant=plant)
        wrong = run.play(arms, kill_after=kill_after, coin=coin)
        if not wrong and arms and not run.deaths:
            wrong = "the point was not passed"
        return Fault(expected="lost 0, phantom 0, double 0", got=wrong) if wrong else None

    def _restart(self, coin: random.Random) -> Fault | None:
        """Kill every process of `ocapi up` at once and time how long it takes to answer again."""
        folder, ledger = self.plan.folder / "up", procfs.Ledger()
        if not folder.exists():
            procfs.become_subreaper()
            measured.prepare(folder, cases=0, seed=0, cache=PROJECT / "build" / "bench")
        ledger.own(self._zygote.pid, "zygote")  # else it would be taken for part of what is killed
        served = measured.up(folder)
        try:
            served.start(ledger)
            time.sleep(coin.random())  # anywhere in the work after start: no wait for an event
            served.kill(ledger)
            took = served.start(ledger)
        finally:
            served.stop(ledger)
        self._ready.append(took)
        return None if took <= READY_S else Fault(expected=f"ready in {READY_S} s", got=f"{took:.2f} s")

    def conclude(self) -> Iterable[tuple[Case, Fault]]:
        """Name the points that no script reaches, and tell the figures."""
        if self._ready:
            self.told.notes.append(
                f"ready again: median {statistics.median(self._ready):.2f} s, worst {max(self._ready):.2f} s"
            )
        self.told.notes.append(f"{len(self._reached)} points killed at on SQLite; PostgreSQL: not built")
        return self._unreached(set(crashpoint.declared_in(PROJECT / "src")))

    def _unreached(self, declared: set[str]) -> list[tuple[Case, Fault]]:
        missing = sorted(name for name in declared - ONLY_ON_POSTGRES if not self._scripts_of(name))
        return [
            (Case(id="unreached", seed=self.plan.seed, crashpoint=name),
             Fault(expected="a workload that passes it", got="none"))
            for name in missing
        ]

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Plant what the oracle must see."""
        def seen(plant: str, point: str) -> bool:
            return self._judged("cases", [point] if point else [], plant=plant) is not None

        return {
            "acknowledged before commit": lambda: seen("acknowledged before commit", CANARY_POINT),
            "a repeated request not recognized": lambda: seen(
                "repetition forgotten", "cases.create.after_commit:1"),
            "a fact that reaches no subscriber": lambda: seen("no subscriber", ""),
            "a crash point nobody reaches": lambda: bool(self._unreached({"proof.planted.before_nothing"})),
        }
