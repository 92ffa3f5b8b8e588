"""The proof of isolation: 0 violations, 0 leaks, 0 crossings, every guard missed when it is taken away."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping

from tests.proofs.inside import Inside
from tests.proofs.isolation import postgres
from tests.proofs.proof import Case, Fault, Plan, Proof
from tests.security import reviewed

HOLES = {
    "a policy table without a row": lambda rows: rows.pop(),
    "an empty cell": lambda rows: rows[0].update(clerk=""),
    "a word that is no cell": lambda rows: rows[0].update(clerk="maybe"),
    "an operation reviewed twice": lambda rows: rows.append(dict(rows[0])),
    "personal data for anybody": lambda rows: next(row for row in rows if row["personal"] == "yes").update(
        anonymous="allow"
    ),
    "personal data without a leaf": lambda rows: next(row for row in rows if row["personal"] == "yes").update(
        leaf="none"
    ),
    "a stranger's thing opened": lambda rows: next(
        row for row in rows if row["citizen_self"] == "own"
    ).update(citizen_other="own"),
}


class Isolation(Proof):
    """A fifth of the matrix and all of it that is anonymous at commit, the whole of it at night."""

    name = "isolation"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        (plan.folder / "data").mkdir()
        more: dict[str, str] = {}
        if plan.store == "postgres":
            more = self.ending.enter_context(postgres.serving(plan.folder / "server"))
        self._house = Inside(
            plan.folder / "data", "tests.proofs.isolation.house", log=plan.folder / "house.log", **more
        )
        self.ending.callback(self._house.close)
        built = self._house.ask("build", seed=plan.seed)
        self._silent = built["silent"]
        self.told.notes.append(
            f"{built['held']} text columns hold marks in each of 3 organizations, {built['unfilled']} more "
            f"could; the rest of {built['columns']} hold codes, hashes or shapes (columns.csv)"
        )

    def cases(self) -> Iterator[Case]:
        """Give the tables, the sampled matrix, decisions, data plane, channels, crossings and timings."""
        seed, coin = self.plan.seed, random.Random(self.plan.seed)
        yield Case(id="tables", seed=seed)
        counted: dict[str, int] = {}
        for name in self._house.ask("list_cases", seed=seed):
            kind = name.partition("/")[0]
            is_taken = (
                kind != "step" or self.plan.level != "commit" or _is_always(name) or coin.random() < 0.2
            )
            if is_taken:
                counted[kind] = counted.get(kind, 0) + 1
                yield Case(id=name, seed=seed)
        requests = self.plan.many(commit=600, nightly=100_000)
        yield Case(id=f"crossing/{requests}", seed=seed)
        if self.plan.store != "sqlite":
            yield Case(id="postgres", seed=seed)
        self.told.notes.append(
            ", ".join(f"{kind}: {count}" for kind, count in counted.items())
            + f", {requests} requests on 8 threads"
        )

    def check(self, case: Case) -> Fault | None:
        """Try one case in the process that holds the organizations."""
        if case.id == "tables":
            wrong = [*reviewed.faults(*reviewed.tables()), *self._silent]
            return (
                Fault(expected="no hole, no contradiction, no silent column", got="; ".join(wrong))
                if wrong
                else None
            )
        if case.id == "postgres":
            return postgres.check(self.plan.folder)
        found = self._house.ask("check", id=case.id)
        return Fault(expected=found[0], got=found[1]) if found else None

    def conclude(self) -> Iterable[tuple[Case, Fault]]:
        """Search everything that was logged meanwhile."""
        lines = self._house.ask("searched_log", path=str(self._house.log))
        return (
            [(Case(id="log", seed=self.plan.seed), Fault(expected="no mark in a log line", got=lines[0]))]
            if lines
            else []
        )

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Take each guard away, open each row, and put holes into the table."""
        made: dict[str, Callable[[], bool]] = {
            name: lambda name=name: bool(self._house.ask("notices", mutant=name))  # type: ignore[misc]
            for name in self._house.ask("list_mutants")
        }
        return made | {name: lambda hole=hole: _is_named(hole) for name, hole in HOLES.items()}  # type: ignore[misc]


def _is_always(name: str) -> bool:
    *_, party, _whose, place = name.split("|")
    return party == "anonymous" or place != "path"


def _is_named(hole: Callable[[list[dict[str, str]]], object]) -> bool:
    policy, routes = reviewed.tables()
    hole(policy)
    return bool(reviewed.faults(policy, routes))
