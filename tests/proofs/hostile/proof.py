"""The proof against hostile input: refused quickly and by name, no failure of ours, no packet, no markup."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from tests.performance import procfs
from tests.performance import product as measured
from tests.proofs.hostile import slow
from tests.proofs.inside import Inside
from tests.proofs.proof import PROJECT, Case, Fault, Plan, Proof

CLASSES = {
    "json": 200,
    "signed": 200,
    "xml": 200,
    "linked data": 200,
    "feel": 100,
    "pattern": 15,
    "dmn": 10,
    "address": 50,
    "bpmn": 200,
    "csv": 200,
    "upload": 200,
    "request": 500,
    "host": 200,
    "receiver": 100,
    "front": 200,
    "spelled": 200,
    "resolved": 200,
    "redirected": 100,
}
"""How many of each class at commit; ten times as many at night."""
CONNECTIONS = 2_000


class Hostile(Proof):
    """`CLASS/N` made by chance, `page/…` every page with hostile texts, `slow/N` many half requests."""

    name = "hostile"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        (plan.folder / "data").mkdir()
        self._house = Inside(
            plan.folder / "data", "tests.proofs.hostile.house", log=plan.folder / "house.log"
        )
        self.ending.callback(self._house.close)
        if not self._house.ask("build", seed=plan.seed):
            self.told.blind_to.append("packets: the listener does not see a connection of our own")

    def cases(self) -> Iterator[Case]:
        """Give every class and page, and the siege."""
        times = self.plan.many(commit=1, nightly=10)
        for kind, count in CLASSES.items():
            for number in range(count * times):
                yield Case(id=f"{kind}/{number}", seed=self.plan.seed)
        for name in self._house.ask("list_pages"):
            yield Case(id=f"page/{name}", seed=self.plan.seed)
        yield Case(id=f"slow/{CONNECTIONS}", seed=self.plan.seed)

    def check(self, case: Case) -> Fault | None:
        """Try one case."""
        if case.id.startswith("slow/"):
            return self._siege(int(case.id.partition("/")[2]))
        found = self._house.ask("check", id=case.id, seed=case.seed)
        return Fault(expected=found[0], got=found[1]) if found else None

    def _siege(self, count: int) -> Fault | None:
        """Start the whole product and hold it under half requests."""
        folder, ledger = self.plan.folder / "up", procfs.Ledger()
        procfs.become_subreaper()
        ledger.own(self._house.pid, "house")  # else it would be taken for part of what is stopped
        measured.prepare(folder, cases=0, seed=0, cache=PROJECT / "build" / "bench")
        served = measured.up(folder)
        try:
            served.start(ledger)
            hold_s = self.plan.many(commit=6, nightly=60)
            told = slow.attack(
                served.port,
                host=measured.host_of(measured.KEY, served.port),
                path=measured.COUNTER_PATH,
                count=count,
                hold_s=hold_s,
                closed_s=hold_s + slow.CLOSED_S,
            )
        finally:
            served.stop(ledger)
        wrong = slow.wrong(told, count=count)
        self.told.notes.append(
            f"{told.opened} half requests for {hold_s} s: {len(told.took)} good requests answered, "
            f"{len(told.bad)} not, p99 {told.p99:.0f} ms, {told.open_after} half requests left open"
        )
        return (
            Fault(expected="the good client answered, the half requests closed", got=wrong) if wrong else None
        )

    def conclude(self) -> Iterable[tuple[Case, Fault]]:
        """Nothing at all may have come to the listener, and hostile texts must have been seen on pages."""
        seed, found = self.plan.seed, []
        hits, sighted = self._house.ask("hits"), self._house.ask("sighted")
        if hits:
            found.append((Case(id="packets", seed=seed), Fault(expected="0 packets", got=str(hits))))
        if not sighted:
            found.append((Case(id="page", seed=seed), Fault(expected="hostile texts on pages", got="none")))
        self.told.notes.append(f"{hits} packets, hostile texts on {sighted} pages")
        return found

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Take each guard away, and besiege servers that can't stand it."""
        made: dict[str, Callable[[], bool]] = {
            name: lambda name=name: bool(self._house.ask("notices", mutant=name, seed=self.plan.seed))  # type: ignore[misc]
            for name in self._house.ask("list_mutants")
        }
        return made | {
            "a server that keeps half requests": lambda: bool(
                slow.wrong(slow.weak(is_serial=False), count=60)
            ),
            "a server that one slow client stops": lambda: bool(slow.weak(is_serial=True).bad),
        }
