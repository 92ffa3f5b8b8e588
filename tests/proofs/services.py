"""Every profile becomes a data service without code: made, filled, read, replicated, in the catalogue.

A case is a profile; the notes give the table of profile and step. Shapes that check nothing are refused, and
taken out as the message says.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.proofs import shapes
from tests.proofs.inside import Inside
from tests.proofs.proof import Case, Fault, Plan, Proof

WITHOUT_SHAPES = "take the shapes out"  # what the command says of shapes that check nothing
OWN = shapes.OWN
MODULE = "tests.proofs.profiled"


class Services(Proof):
    """Each folder of official profiles; the canary is a profile with shapes that nothing satisfies."""

    name = "services"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        (plan.folder / "data").mkdir()
        self._house = Inside(plan.folder / "data", MODULE, log=plan.folder / "house.log", OCAPI_DEMO="1")
        self.ending.callback(self._house.close)
        self._house.ask("build")
        self._passed = self._total = 0

    def cases(self) -> Iterator[Case]:
        """Give each profile, and the sum when all were tried."""
        folders = shapes.official_folders()
        if not folders:
            self.told.blind_to.append("all: set OCAPI_SHARED to the reference data")
        for folder in folders:
            yield Case(id=str(folder.name), seed=self.plan.seed)
        self.told.notes.append(f"{self._passed} / {self._total} steps passed")

    def check(self, case: Case) -> Fault | None:
        """Take one profile through every step."""
        folder = next(each for each in shapes.official_folders() if each.name == case.id)
        said: dict[str, str] = self._house.ask("walk", folder=str(folder))
        if WITHOUT_SHAPES in said["created"]:  # do what the message says
            self.told.notes.append(f"{case.id}: its shapes check nothing, so without them")
            said = self._house.ask("walk", folder=str(self._by_context(folder)))
        passed = [step for step, wrong in said.items() if not wrong]
        self._passed, self._total = self._passed + len(passed), self._total + len(said)
        wrong = {step: text for step, text in said.items() if text}
        self.told.notes.append(f"{case.id}: {len(passed)} / {len(said)}  {next(iter(wrong.items()), '')}")
        if not wrong:
            return None
        step, text = next(iter(wrong.items()))
        return Fault(expected=f"{step} done", got=text)

    def _by_context(self, folder: Path) -> Path:
        alone = self.plan.folder / "alone" / folder.name
        alone.mkdir(parents=True)
        for each in folder.glob("context*"):
            shutil.copy(each, alone)
        return alone

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Take a folder that holds no profile, and one whose shapes ask what nobody posts."""
        return {
            "a folder without a profile": self._nothing_is_made,
            "a shape nothing satisfies": self._nothing_fits,
        }

    def _nothing_is_made(self) -> bool:
        empty = self.plan.folder / "empty"
        empty.mkdir()
        return bool(self._house.ask("walk", folder=str(empty))["created"])

    def _nothing_fits(self) -> bool:
        folder = self.plan.folder / "unfit"
        folder.mkdir()
        own = (OWN / "besluiten.yaml").read_text()
        (folder / "profile.yaml").write_text(own.replace("count: \"1\"", "count: \"1\", pattern: \"^#\""))
        said = self._house.ask("walk", folder=str(folder))
        return not said["created"] and bool(said["posted"])
