"""The proof: cuts and failing calls at every store of record, judged by what a restart finds."""

import errno
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ocapi.kernel.registry import invariants
from ocapi.lib.tests.powerloss import PowerLossFileSystem
from tests.proofs import product
from tests.proofs.power import files, tape
from tests.proofs.power.disk import Disk, Trouble
from tests.proofs.proof import Case, Fault, Plan, Proof

NEVER_CUT = 1 << 40
FULL_FOR = 12  # writes in a row that find the disk full
SAMPLED = 20  # failing calls tried per store and kind at level commit
CANARY_CUTS = 40
CARELESS_ACTS = 30
TROUBLES = {"io": errno.EIO, "full": errno.ENOSPC, "lost": errno.EIO}


class Power(Proof):
    """`<store>/cut/<n>`: the power fails at a call by chance. `<store>/io|full|lost/<n>`: the n-th fails."""

    name = "power"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        recorded = plan.folder / "recorded"
        recorded.mkdir()
        stores = product.step(plan.folder, "power.record", str(recorded))
        self._tapes = {store: tape.load(recorded, store) for store in stores}
        self._invariants = invariants.load()
        self._calls = {store: self._calls_of(store) for store in self._tapes}
        self._acts = {kind: self._acts_of(kind) for kind in files.KINDS}
        self.told.notes.append("calls without fault: " + ", ".join(
            f"{name} {count}" for name, count in (self._calls | self._acts).items()
        ))

    def _calls_of(self, store: str) -> int:
        disk = Disk()
        with self._folder() as name:
            tape.play(self._tapes[store], disk, Path(name))
        return disk.calls

    def _acts_of(self, kind: str) -> int:
        disk = PowerLossFileSystem()
        files.KINDS[kind]().run(disk)
        return disk.acts

    def _folder(self) -> "tempfile.TemporaryDirectory[str]":
        return tempfile.TemporaryDirectory(dir=self.plan.folder)

    def cases(self) -> Iterator[Case]:
        """Give the cuts of every store, and the failing calls: a sample at commit, each of them at night."""
        for store, calls in (self._calls | self._acts).items():
            for number in range(self.plan.many(commit=50, nightly=300)):
                yield Case(id=f"{store}/cut/{number}", seed=self.plan.seed)
            for kind in (each for each in TROUBLES if each != "lost" or store in self._tapes):
                every = range(1, calls + 2)  # up to the first that the work passes untouched
                chosen = every
                if self.plan.level == "commit":
                    coin = random.Random(f"{self.plan.seed} {store} {kind}")
                    chosen = sorted(coin.sample(every, min(SAMPLED, len(every))))
                for at in chosen:
                    yield Case(id=f"{store}/{kind}/{at}", seed=self.plan.seed)

    def check(self, case: Case) -> Fault | None:
        """Play one store on a bad disk and judge what a restart finds."""
        store, kind, number = case.id.split("/")
        if store in files.KINDS:
            wrong = self._file_case(store, kind, int(number), case.coin)
        elif kind == "cut":
            wrong = self._cut(store, case.coin)
        else:
            wrong = self._trouble(store, kind, int(number), case.coin)
        return Fault(expected="lost 0, corrupt 0", got=wrong) if wrong else None

    def _cut(self, store: str, coin: random.Random, *, synchronous: str = "", syncs: bool = True) -> str:
        disk = Disk(cut_after=coin.randrange(1, self._calls[store]), syncs=syncs, is_hard=coin.random() < 0.5)
        with self._folder() as name:
            played = tape.play(self._tapes[store], disk, Path(name), synchronous=synchronous)
            return played.complaint or self._judged(store, disk, Path(name), played, coin)

    def _trouble(self, store: str, kind: str, at: int, coin: random.Random) -> str:
        disk = Disk(trouble=Trouble(kind=kind, at=at, lasts=FULL_FOR if kind == "full" else 1))
        with self._folder() as name:
            played = tape.play(self._tapes[store], disk, Path(name))
            is_whole = played.acknowledged == len(self._tapes[store].transactions)
            if not is_whole and kind != "lost":
                return played.complaint or "the work stopped"
            return self._judged(store, disk, Path(name), played, coin)

    def _judged(
        self, store: str, disk: Disk, folder: Path, played: tape.Played, coin: random.Random
    ) -> str:
        found = folder / "found"
        found.mkdir()
        image = disk.after_cut(coin)
        return tape.judge(self._tapes[store], image, found, played, invariants=self._invariants_of(store))

    def _invariants_of(self, store: str) -> dict[str, str]:
        """Give what must hold in a store's database: the platform's holds none of the modules' tables."""
        return {} if store == "control" else self._invariants

    def _file_case(
        self, kind: str, trouble: str, number: int, coin: random.Random, *, syncs: bool = True,
        syncs_names: bool = True,
    ) -> str:
        cut = coin.randrange(1, self._acts.get(kind, CARELESS_ACTS)) if trouble == "cut" else NEVER_CUT
        disk = PowerLossFileSystem(
            power_off_after=cut, syncs=syncs, syncs_names=syncs_names,
            fails_at=None if trouble == "cut" else number, failure=TROUBLES.get(trouble, 0),
        )
        work = (files.KINDS | files.CARELESS)[kind]()
        work.run(disk)
        return work.wrong(disk.disk_after_cut(coin))

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Weaken each promise in turn; in so many cuts at least one loss must be seen."""
        def any_cut(**weak: object) -> bool:
            coins = (random.Random(f"canary {number}") for number in range(CANARY_CUTS))
            return any(self._cut(store, coin, **weak) for coin in coins  # type: ignore[arg-type]
                       for store in self._tapes)

        def any_file(kind: str, **weak: bool) -> bool:
            coins = (random.Random(f"canary {number}") for number in range(CANARY_CUTS))
            return any(self._file_case(kind, "cut", 0, coin, **weak) for coin in coins)

        return {
            "synchronous NORMAL": lambda: any_cut(synchronous="normal"),
            "synchronous OFF": lambda: any_cut(synchronous="off"),
            "a disk that only says it synced": lambda: any_cut(syncs=False),
            "a log that acknowledges before sync": lambda: any_file("segments", syncs=False),
            "a blob renamed without directory sync": lambda: any_file("blobs", syncs_names=False),
            "a file replaced without directory sync": lambda: any_file("replaced", syncs_names=False),
            "a file moved without content sync": lambda: any_file("moved", syncs=False),
            "a file removed without directory sync": lambda: any_file("removed carelessly"),
        }
