"""The proof of exchange: an effect once, another body refused, outside the window refused.

Of what reliability.md asks, that is what has a subject today: requests with a key, assertions of machine
accounts, readings, and facts of other organizations. Payments, certificates and time-stamps of exchange are
not built.
"""

from collections.abc import Callable, Iterator, Mapping

from tests.proofs.inside import Inside
from tests.proofs.proof import Case, Fault, Plan, Proof

WALKS = ("requests", "assertions", "readings", "facts")
STEPS = 50  # of one walk


class Exchange(Proof):
    """`WALK/N`: fifty steps by chance, compared with a model after each, and the rows at the end."""

    name = "exchange"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        (plan.folder / "data").mkdir()
        self._house = Inside(
            plan.folder / "data", "tests.proofs.exchange.house", log=plan.folder / "house.log"
        )
        self.ending.callback(self._house.close)
        self._house.ask("build")

    def cases(self) -> Iterator[Case]:
        """Give each kind of walk: 200 steps at commit, 10,000 at night."""
        for kind in WALKS:
            for number in range(self.plan.many(commit=4, nightly=200)):
                yield Case(id=f"{kind}/{number}", seed=self.plan.seed)
        self.told.notes.append(
            f"{STEPS} steps a walk; payments, certificates and time-stamps are not built and so not walked"
        )

    def check(self, case: Case) -> Fault | None:
        """Take one walk."""
        found = self._house.ask("check", id=case.id, seed=case.seed)
        return Fault(expected=found[0], got=found[1]) if found else None

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Take each guard away."""
        return {
            name: lambda name=name: bool(self._house.ask("notices", mutant=name, seed=self.plan.seed))  # type: ignore[misc]
            for name in self._house.ask("list_mutants")
        }
