"""The proof: named crash points, random kills, a second kill during recovery; lost, phantom, double 0."""

import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from ocapi.lib import crashpoint
from tests.performance import procfs
from tests.performance import product as measured
from tests.proofs import product
from tests.proofs.crash import client, outside, stores
from tests.proofs.proof import PROJECT, Case, Fault, Plan, Proof

ELSEWHERE = {
    "sqlite": ("outbox.sequence.", "tenants.move."),  # numbers are given at insertion
    "postgres": ("durable.replace_into.", "durable.remove_file.", "tenants.move."),  # of whole database files
}
"""Points a store can't pass, by how their names begin; at those of a move `ocapi proof restore` kills."""
AFTER = "the-secret-after-" + "2" * 40  # what a script replaces the installation's secret by
CANARY_POINT = "cases.create.before_commit:1"


class Arm:
    """The product on one store: prepared once, loaded once, forked per case."""

    def __init__(self, store: stores.Store, folder: Path, received: outside.Received, **more: str) -> None:
        self.store, self._folder, self._received = store, folder, received
        product.step(store.live, "crash.zygote", "prepare", **more, **store.environment)
        store.keep()
        self._zygote = client.Zygote(store.live, folder, **more, **store.environment)
        self.passed = {script: self._count(script) for script in client.SCRIPTS}
        self.reached: set[str] = set()
        self.ready: list[float] = []

    def close(self) -> None:
        """End the loaded product and the store."""
        self._zygote.close()
        self.store.close()

    def _fresh(self) -> None:
        self.store.fresh()
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

    def scripts_of(self, point: str) -> list[str]:
        """Give the scripts that pass a crash point."""
        return [script for script, passed in self.passed.items() if point in passed]

    def judged(
        self, script: str, arms: list[str], *, kill_after: float = 0.0, coin: random.Random | None = None,
        plant: str = "",
    ) -> Fault | None:
        """Run a script to its death and back."""
        self._fresh()
        run = client.Run(self._zygote, script, self.store, self._received, plant=plant)
        wrong = run.play(arms, kill_after=kill_after, coin=coin)
        if not wrong and arms and not run.deaths:
            wrong = "the point was not passed"
        self.reached.update(each.partition(":")[0] for each in arms[:1])
        return Fault(expected="lost 0, phantom 0, double 0", got=wrong) if wrong else None

    def restart(self, coin: random.Random) -> Fault | None:
        """Kill every process of `ocapi up` at once and time how long it takes to answer again."""
        folder, ledger = self._folder / "up", procfs.Ledger()
        more = self.store.settings_of("up")
        if not folder.exists():
            procfs.become_subreaper()
            cache = self._folder / "filled" if more else PROJECT / "build" / "bench"
            measured.prepare(folder, cases=0, seed=0, cache=cache, more=more)
        ledger.own(self._zygote.pid, "zygote")  # else it would be taken for part of what is killed
        served = measured.up(folder, more=more)
        try:
            served.start(ledger)
            time.sleep(coin.random())  # anywhere in the work after start: no wait for an event
            served.kill(ledger)
            took = served.start(ledger)
        finally:
            served.stop(ledger)
        self.ready.append(took)
        allowed = self.store.ready_s
        return None if took <= allowed else Fault(expected=f"ready in {allowed} s", got=f"{took:.2f} s")


class Crash(Proof):
    """`<store>/<script>/point/<n>` kills at a crash point, `…/again/<point>` once more while recovering,
    `…/kill/<n>` at random, `<store>/up/<n>` the whole running product, whose way back is timed.
    """

    name = "crash"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        try:
            self._begin(plan)
        except BaseException:
            self.ending.close()  # what was started would keep a run waiting that can't begin
            raise

    def _begin(self, plan: Plan) -> None:
        address, received = self.ending.enter_context(outside.receiver(plan.folder / "received.jsonl"))
        bus = self.ending.enter_context(outside.bus())
        more = {"OCAPI_SECRET_ALSO": AFTER, "PROOF_RECEIVER": address, "OCAPI_BUS_URL": bus}
        self._arms: dict[str, Arm] = {}
        for kind in stores.chosen(plan.store, plan.level):
            folder = plan.folder / kind.name
            folder.mkdir()
            arm = Arm(kind(folder), folder, received, **more)
            self.ending.callback(arm.close)
            self._arms[kind.name] = arm

    def cases(self) -> Iterator[Case]:
        """Give those of each store."""
        for name, arm in self._arms.items():
            coin = random.Random(self.plan.seed)
            for case in self._of(arm, coin):
                yield Case(id=f"{name}/{case.id}", seed=self.plan.seed, crashpoint=case.crashpoint)

    def _of(self, arm: Arm, coin: random.Random) -> Iterator[Case]:
        """Give sound runs, every reached point at n = 1 (at night 2 and one by chance), and the kills."""
        seed, is_night = self.plan.seed, self.plan.level != "commit"
        for script in client.SCRIPTS:
            yield Case(id=f"sound/{script}", seed=seed)
        reached = [point for point in crashpoint.declared_in(PROJECT / "src") if arm.scripts_of(point)]
        for point in reached:
            for script in arm.scripts_of(point)[: None if is_night else 1]:
                times = arm.passed[script][point]
                numbers = {1, min(2, times), coin.randint(1, times)} if is_night else {1}
                for number in sorted(numbers):
                    yield Case(id=f"{script}/point/{number}", seed=seed, crashpoint=f"{point}:{number}")
                if is_night or coin.random() < 0.25:
                    again = f"{coin.choice([each for each in reached if each in arm.passed[script]])}:1"
                    yield Case(id=f"{script}/again/{again}", seed=seed, crashpoint=f"{point}:1")
        for number in range(self.plan.many(commit=20, nightly=200)):
            yield Case(id=f"{coin.choice(list(client.SCRIPTS))}/kill/{number}", seed=seed)
        for number in range(self.plan.many(commit=2, nightly=10)):
            yield Case(id=f"up/{number}", seed=seed)

    def check(self, case: Case) -> Fault | None:
        """Run one case on its store."""
        store, script, *rest = case.id.split("/", 3)
        arm = self._arms[store]
        if script == "up":
            return arm.restart(case.coin)
        if script == "sound":
            return arm.judged(rest[0], [])
        kind, detail = rest
        if kind == "kill":
            coin = case.coin
            return arm.judged(script, [], kill_after=max(coin.random(), 1e-9), coin=coin)
        return arm.judged(script, [case.crashpoint, detail] if kind == "again" else [case.crashpoint])

    def conclude(self) -> Iterable[tuple[Case, Fault]]:
        """Name the points that no script reaches, and tell the figures."""
        for name, arm in self._arms.items():
            if arm.ready:
                self.told.notes.append(f"{name}: ready again: median {statistics.median(arm.ready):.2f} s, "
                                       f"worst {max(arm.ready):.2f} s")
            self.told.notes.append(f"{name}: {len(arm.reached)} points killed at")
        return self._unreached(set(crashpoint.declared_in(PROJECT / "src")))

    def _unreached(self, declared: set[str]) -> list[tuple[Case, Fault]]:
        return [
            (Case(id=f"{store}/unreached", seed=self.plan.seed, crashpoint=name),
             Fault(expected="a workload that passes it", got="none"))
            for store, arm in self._arms.items()
            for name in sorted(declared)
            if not arm.scripts_of(name) and not name.startswith(ELSEWHERE[store])
        ]

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Plant what the oracle must see, on each store."""
        def seen(plant: str, point: str) -> bool:
            return all(arm.judged("cases", [point] if point else [], plant=plant) is not None
                       for arm in self._arms.values())

        return {
            "acknowledged before commit": lambda: seen("acknowledged before commit", CANARY_POINT),
            "a repeated request not recognized": lambda: seen(
                "repetition forgotten", "cases.create.after_commit:1"),
            "a fact that reaches no subscriber": lambda: seen("no subscriber", ""),
            "a crash point nobody reaches": lambda: bool(self._unreached({"proof.planted.before_nothing"})),
        }
