"""The proof of the clock: order by sequence, no timer twice, terms of the law right, tokens forgiven 60 s."""

from collections.abc import Callable, Iterator, Mapping

from tests.proofs.clock import running
from tests.proofs.inside import Inside
from tests.proofs.proof import Case, Fault, Plan, Proof

CLASSES = {
    "timers": 30,
    "planner": 30,
    "walls": 60,
    "terms": 60,
    "lengths": 200,
    "tokens": 40,
    "log": 10,
    "order": 10,
    "leases": 20,
}
"""How many of each class at commit; ten times as many at night."""


class Clock(Proof):
    """`CLASS/N` under a clock moved by chance, `years` the holidays reckoned a second time; at night
    `running`, the whole product while the clock of its processes jumps.
    """

    name = "clock"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        (plan.folder / "data").mkdir()
        self._house = Inside(plan.folder / "data", "tests.proofs.clock.house", log=plan.folder / "house.log")
        self.ending.callback(self._house.close)
        self._house.ask("build")

    def cases(self) -> Iterator[Case]:
        """Give every class, and the calendar."""
        times = self.plan.many(commit=1, nightly=10)
        yield Case(id="years", seed=self.plan.seed)
        for kind, count in CLASSES.items():
            for number in range(count * times):
                yield Case(id=f"{kind}/{number}", seed=self.plan.seed)
        if running.LIBRARY is None:
            self.told.notes.append(
                "the clock of a running process is not skewed, for libfaketime is not there (package "
                "faketime): `now` is moved, where all of it asks"
            )
        elif self.plan.level != "commit":
            yield Case(id="running", seed=self.plan.seed)

    def check(self, case: Case) -> Fault | None:
        """Try one case."""
        if case.id == "years":
            wrong = self._house.ask("years")
            return Fault(expected="the holidays of each year", got=", ".join(wrong)) if wrong else None
        if case.id == "running":
            wrong = running.skewed(self.plan.folder)
            return Fault(expected="nothing lost, the log in one order", got=wrong) if wrong else None
        found = self._house.ask("check", id=case.id, seed=case.seed)
        return Fault(expected=found[0], got=found[1]) if found else None

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Take each rule about time away."""
        planted: dict[str, Callable[[], bool]] = {
            f"running: {name}": lambda args=args: bool(running.wrong(*args[:3], is_same=args[3]))  # type: ignore[misc]
            for name, args in running.PLANTED.items()
        }
        return planted | {
            name: lambda name=name: bool(self._house.ask("notices", mutant=name, seed=self.plan.seed))  # type: ignore[misc]
            for name in self._house.ask("list_mutants")
        }
