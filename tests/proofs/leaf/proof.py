"""Every request and job of the suite that reads something personal has its leaf (reliability.md 4.6).

A case is a route or job; the log of each known person as a citizen sees it is part of the suite that runs.
"""

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from tests.proofs.leaf import earlier
from tests.proofs.proof import PROJECT, Case, Fault, Plan, Proof, SetUpFailed

SUITE = ("src/ocapi/kernel", "src/ocapi/modules", "src/ocapi/web", "src/ocapi/main", "tests/security")
EXCEPTIONS = PROJECT / "tests" / "security" / "leafless.csv"
READING = "tests/security/test_consultations.py"  # reads known persons on every surface
PLANTED = "tests/proofs/leaf/planted.py"
LEAST = 30  # routes and jobs with personal reads; fewer means that the watch did not look


class Watch:
    """What the watch told of one run of tests. uncovered: lines by route or job; used: exceptions needed."""

    def __init__(self, folder: Path) -> None:
        self.count: Counter[str] = Counter()
        self.uncovered: dict[str, list[str]] = {}
        self.used: set[str] = set()
        for file in folder.glob("*.json"):
            told = json.loads(file.read_text())
            self.count.update(told["watched"])
            self.used.update(told["leafless"])
            for what, lines in told["uncovered"].items():
                self.uncovered.setdefault(what, []).extend(lines)

    @property
    def faults(self) -> int:
        """Count what was read without a leaf."""
        return sum(map(len, self.uncovered.values()))


class Leaf(Proof):
    """The whole suite without browsers, on SQLite; at night on the store that is asked for.

    For a commit the run of `make test` on the very same code is looked at, when there is one.
    """

    name = "leaf"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._suite: Watch | None = None

    def cases(self) -> Iterator[Case]:
        """Give each route and job that read something personal."""
        seen = self._seen()
        self.told.notes.append(f"{seen.count.total()} requests and jobs that read something personal")
        if len(seen.count) < LEAST:
            self.told.blind_to.append(f"all but {len(seen.count)} routes and jobs; at least {LEAST} read")
        for what in sorted(seen.count):
            yield Case(id=what, seed=self.plan.seed)

    def check(self, case: Case) -> Fault | None:
        """Ask what was read there without a leaf."""
        lines = self._seen().uncovered.get(case.id, [])
        return Fault(expected="a leaf before the answer", got=lines[0]) if lines else None

    def conclude(self) -> Iterable[tuple[Case, Fault]]:
        """Give the exceptions that nothing needs any more: each is a hole to read through."""
        with EXCEPTIONS.open(newline="") as file:
            for row in csv.DictReader(file):
                named = f"{row['table']} {row['file']}:{row['function']}"
                if named not in self._seen().used:
                    yield (Case(id=f"exception {named}", seed=self.plan.seed),
                           Fault(expected="a read that needs it", got="none"))

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Plant a page without a leaf, leaves that are not written, and an exception that is taken away."""
        return {
            "a SELECT of personal data without leaf": lambda: self._run("planted", PLANTED).faults == 1,
            "the leaf of a case is not written": lambda: self._mute("cases.read"),
            "the leaf of a worklist is not written": lambda: self._mute("cases.worklist"),
            "a reviewed exception is taken away": self._take_exceptions_away,
        }

    def _mute(self, operation: str) -> bool:
        return self._run(f"muted-{operation}", READING, OCAPI_LEAVES_MUTED=operation).faults > 0

    def _take_exceptions_away(self) -> bool:
        empty = self.plan.folder / "leafless.csv"
        empty.write_text("table,file,function,reason\n")
        return self._run("no-exceptions", READING, OCAPI_LEAFLESS=str(empty)).faults > 0

    def _seen(self) -> Watch:
        if self._suite is None and self.plan.level == "commit" and not self.plan.store and (
            earlier.is_of_this_code()
        ):
            self.told.notes.append("the suite is that of `make test`, run by the same code")
            self._suite = Watch(earlier.TOLD)
        if self._suite is None:
            self._suite = self._run("suite", "-n", "2", "-m", "not browser", *SUITE, may_fail=False)
        return self._suite

    def _run(self, name: str, *arguments: str, may_fail: bool = True, **more: str) -> Watch:
        told = self.plan.folder / name
        told.mkdir()
        ours = ("OCAPI_", "PYTEST_", "DJANGO_")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        store = {"OCAPI_STORE": self.plan.store} if self.plan.store else {}
        shared = {"OCAPI_SHARED": os.environ.get("OCAPI_SHARED", str(PROJECT.parent / "shared"))}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments], cwd=PROJECT, check=False, capture_output=True,
            text=True, env=kept | store | shared | more | {"OCAPI_LEAVES_REPORT": str(told)},
        )
        seen = Watch(told)
        if done.returncode > 1 or (done.returncode and not may_fail and not seen.faults):
            raise SetUpFailed(f"pytest ended with {done.returncode}:\n{done.stdout[-1500:]}")
        return seen
