"""The proof of faults beneath the product: what it stands on fails and comes back (reliability.md 5.1)."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from tests.proofs.faults import bus, database, disk, machine, rot, rotting
from tests.proofs.faults.serving import Seen, wrong
from tests.proofs.proof import Case, Fault, Plan, Proof

EXPECTED = "lost 0, phantom 0, refused with a word, back in time"


class Faults(Proof):
    """`disk`: full; `bus`: silent; `database`: PostgreSQL stops at once; `machine`: one of two on one
    PostgreSQL dies; `rot/<kind>`: bytes change.

    Not here: what rots inside a row of SQLite, whose pages have no checksums.
    """

    name = "faults"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._seconds = float(plan.many(commit=3, nightly=60))

    def cases(self) -> Iterator[Case]:
        """Give one case per fault; the database's at night, or when its store is asked for."""
        if self.plan.store != "postgres":
            if disk.is_possible():
                yield Case(id="disk", seed=self.plan.seed)
            else:
                self.told.blind_to.append("a full disk: nobody may lay a small one over a folder here")
            yield Case(id="bus", seed=self.plan.seed)
            yield Case(id="machine", seed=self.plan.seed)
            for kind in rotting.KINDS:
                yield Case(id=f"rot/{kind}", seed=self.plan.seed)
        if self.plan.store == "postgres" or (not self.plan.store and self.plan.level != "commit"):
            yield Case(id="database", seed=self.plan.seed)

    def check(self, case: Case) -> Fault | None:
        """Let one thing fail."""
        folder, (name, _, kind) = self.plan.folder / case.id.partition("/")[0], case.id.partition("/")
        if name == "rot":
            cases = self.plan.many(commit=25, nightly=250)
            found, told = rot.spoil(folder, kind=kind, cases=cases, seed=case.seed)
        else:
            acts = {"disk": disk.fill_up, "bus": bus.go_silent, "database": database.cut_off,
                    "machine": machine.one_dies}
            found, told = acts[name](folder, seconds=self._seconds)
        self.told.notes.append(told)
        return Fault(expected=EXPECTED, got=found) if found else None

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Plant what the oracle must see."""
        def seen(names: list[str], **changes: object) -> bool:
            sound = Seen(acknowledged={"a"}, refused={"b"}, statuses=Counter({201: 1, 507: 1}))
            assert not wrong(sound, ["a"])
            for name, value in changes.items():
                setattr(sound, name, value)
            return bool(wrong(sound, names))

        def rotten(**changes: object) -> bool:
            sound: dict[str, object] = {"refused": 3, "harmless": 0, "served": [], "unnamed": []}
            assert not rot.wrong(sound)
            return bool(rot.wrong(sound | changes))

        return {
            "a promise that was not kept": lambda: seen([]),
            "a refused write that was kept": lambda: seen(["a", "b"]),
            "a case kept twice": lambda: seen(["a", "a"]),
            "an answer of another kind": lambda: seen(["a"], statuses=Counter({201: 1, 500: 1})),
            "a refusal without a word": lambda: seen(["a"], without_word=1),
            "rotten bytes served as good": lambda: rotten(served=["x"]),
            "a refusal that names nothing": lambda: rotten(unnamed=["x"]),
            "bytes that did not rot": lambda: rotten(refused=0),
            **{name: lambda seen=seen: seen for name, seen in machine.planted().items()},
        }
