"""The proof: what was carried, backed up or moved comes back equal; what was damaged is refused by name."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ocapi.lib import crashpoint
from tests.proofs import product
from tests.proofs.proof import PROJECT, Case, Fault, Plan, Proof, SetUpFailed
from tests.proofs.restore.program import KEYS

OTHER_SECRET = "another-installation-" + "1" * 40
MOVE_POINTS = ("tenants.move.before_load", "tenants.move.before_switch", "tenants.move.after_switch")
OF_THE_LOG = frozenset({"audit_leaf", "audit_head", "audit_node"})
ROT_CASES = 24


class Restore(Proof):
    """`drill`, `empty`, `elsewhere`, `engines`, `erased`, `forged`, `append-only`, `rot/<n>`, `move/<point>`.

    The ledger is what the source said of itself before; it stands in this process and in no data folder.
    """

    name = "restore"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._home, self._target = plan.folder / "source", plan.folder / "target"
        self._home.mkdir()
        self._target.mkdir()
        self._program(self._home, "fill")
        self._cli(self._home, "backup", "--to", str(self._target))
        self._ledger = {key: self._program(self._home, "ledger", key) for key in KEYS}
        self._database_url = ""

    def _program(self, home: Path, *arguments: str, **more: str) -> Any:
        return product.step(home, "restore.program", *arguments, **more)

    def _run(
        self, home: Path, *arguments: str, given: str = "", **more: str
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "ocapi.main.cli", *arguments], cwd=PROJECT, capture_output=True, text=True,
            check=False, input=given, env=product.settings(home, **more),
        )

    def _cli(self, home: Path, *arguments: str, given: str = "", **more: str) -> str:
        done = self._run(home, *arguments, given=given, **more)
        if done.returncode != 0:
            raise SetUpFailed(f"ocapi {' '.join(arguments)}: {done.returncode}\n{done.stderr[-1500:]}")
        return done.stdout

    def _folder(self, name: str) -> Path:
        made = self.plan.folder / name
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
        return made

    def cases(self) -> Iterator[Case]:
        """Give one case per promise, and as much rot as the level asks for."""
        seed = self.plan.seed
        for name in ("drill", "empty", "elsewhere", "engines", "erased", "forged", "append-only"):
            yield Case(id=name, seed=seed)
        for number in range(self.plan.many(commit=1, nightly=12)):
            yield Case(id=f"rot/{number}", seed=seed)
        for point in MOVE_POINTS if self.plan.level != "commit" else MOVE_POINTS[-1:]:
            yield Case(id=f"move/{point}", seed=seed, crashpoint=f"{point}:1")

    def check(self, case: Case) -> Fault | None:
        """Try one."""
        kind, _, rest = case.id.partition("/")
        wrong = {
            "drill": self._drill, "empty": self._empty, "elsewhere": self._elsewhere,
            "engines": self._engines, "erased": self._erased, "forged": self._forged,
            "append-only": self._append_only, "rot": lambda: self._rot(f"{case.seed}/{rest}"),
            "move": lambda: self._move(case.crashpoint),
        }[kind]()
        return Fault(expected="as it was, or refused by name", got=wrong) if wrong else None

    def _drill(self) -> str:
        done = self._run(self._home, "drill", "--from", str(self._target))
        self.told.notes += [line for line in done.stdout.splitlines() if line.startswith(("RPO", "RTO"))]
        is_passed = done.returncode == 0 and "verdict: pass" in done.stdout
        return "" if is_passed else done.stdout + done.stderr[-300:]

    def _empty(self) -> str:
        home = self._folder("empty")
        self._cli(home, "restore", "--from", str(self._target))
        return self._compared(home)

    def _compared(self, home: Path, *keys: str, grown: int = 0, **more: str) -> str:
        for key in keys or KEYS:
            if wrong := self._against(self._ledger[key], home, key, grown=grown, **more):
                return f"{key}: {wrong}"
        return ""

    def _against(self, before: dict[str, Any], home: Path, key: str, *, grown: int = 0, **more: str) -> str:
        """Compare an organization with what it was; its log may have grown by so many leaves under heads."""
        after = self._program(home, "ledger", key, str(before["leaves"]), **more)
        return differences(before, after, grown=grown)

    def _elsewhere(self) -> str:
        """Another installation, another secret: by fingerprint and carrying code alone."""
        home, archive = self._folder("elsewhere"), self._folder("archives") / "one.tar"
        told = self._cli(self._home, "tenant", "export", "one", "--to", str(archive))
        signer, code = (re.findall(rf"^{name}: (.+)$", told, re.MULTILINE)[0] for name in (
            "signed by", "carrying code"))
        before = self._program(self._home, "ledger", "one")
        self._cli(home, "template", "build", OCAPI_SECRET=OTHER_SECRET)
        refused = self._run(home, "tenant", "import", str(archive), OCAPI_SECRET=OTHER_SECRET)
        if refused.returncode == 0 or signer not in refused.stderr:
            return f"a stranger's archive: {refused.returncode} {refused.stderr}"
        self._cli(home, "tenant", "import", str(archive), "--signed-by", signer, "--code-file", "-",
                  given=code, OCAPI_SECRET=OTHER_SECRET)
        return self._against(before, home, "one", OCAPI_SECRET=OTHER_SECRET)

    def _engines(self) -> str:
        """SQLite to PostgreSQL and back by archives: the same values in every row."""
        more = {"OCAPI_STORE": "postgres", "OCAPI_DATABASE_URL": self._server()}
        there, back = self._folder("there"), self._folder("back")
        archives = self._folder("archives")
        self._cli(self._home, "tenant", "export", "two", "--to", str(archives / "out.tar"))
        before = self._program(self._home, "ledger", "two")
        self._cli(there, "template", "build", **more)
        self._cli(there, "tenant", "import", str(archives / "out.tar"), **more)
        wrong = self._against(before, there, "two", **more)
        told = self._cli(there, "tenant", "export", "two", "--to", str(archives / "home.tar"), **more)
        signer = re.findall(r"^signed by: (.+)$", told, re.MULTILINE)[0]
        self._cli(there, "tenant", "delete", "two", "--yes", **more)
        self._cli(back, "template", "build")
        self._cli(back, "tenant", "import", str(archives / "home.tar"), "--signed-by", signer)
        return wrong or self._against(before, back, "two", grown=2)  # one of the import, one of the export

    def _server(self) -> str:
        if not self._database_url:
            from ocapi.kernel.tenants import testing

            os.environ["OCAPI_TEST_HOME"] = str(self.plan.folder)
            self._database_url = testing.a_server_beside()
        return self._database_url

    def _move(self, point: str) -> str:
        """Kill the move there; what is served is whole, and a repetition ends it."""
        home = self._folder("moving")
        self._cli(home, "restore", "--from", str(self._target))
        more = {"OCAPI_DATABASE_URL": self._server()}
        died = self._run(home, "tenant", "move", "one", "--to", "postgres",
                         **more, **{crashpoint.VARIABLE: point})
        if died.returncode != crashpoint.STATUS:
            return f"the point was not passed: {died.returncode} {died.stderr[-300:]}"
        wrong = self._compared(home, "one", grown=3, **more)
        again = self._run(home, "tenant", "move", "one", "--to", "postgres", **more)
        if again.returncode != 0 and "already" not in again.stderr:
            wrong = wrong or f"a repetition: {again.stderr[-300:]}"
        wrong = wrong or self._compared(home, "one", grown=3, **more)
        if (home / "tenants" / "one" / "db.sqlite").exists():
            wrong = wrong or "the old database is still there"
        self._cli(home, "tenant", "delete", "one", "--yes", **more)
        return wrong

    def _rot(self, seed: str, plant: str = "") -> str:
        unseen = self._program(self._folder("rotten"), "rot", str(self._target), seed, str(ROT_CASES), plant)
        return "; ".join(unseen["unseen"][:3])

    def _erased(self, plant: str = "") -> str:
        home, target = self._folder("erased"), self._folder("erased-target")
        self._cli(home, "restore", "--from", str(self._target))
        back = self._program(home, "erase", str(target), plant)["back"]
        return f"{back} consultations of an erased person are back" if back else ""

    def _forged(self, plant: str = "") -> str:
        refused = self._program(self._folder("forged"), "forge", str(self._target), plant)["refused"]
        return "" if refused == "unknownSigner" else f"a forged record: refused as {refused!r}"

    def _append_only(self, plant: str = "") -> str:
        """Whatever a target says of itself is held against what the application can do to it."""
        found = self._program(self._folder("appending"), "append", str(self._folder("appended")), plant)
        if found["said"] == found["kept"]:
            return ""
        return f"the target says append-only: {found['said']}; what was added could not go: {found['kept']}"

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Plant what the proof must see."""
        first = KEYS[0]
        fewer = json.loads(json.dumps(self._ledger[first]))
        fewer["counts"]["files_file"] -= 1
        return {
            "a backup the application can delete": lambda: bool(
                self._append_only("a backup the application can delete")),
            "a changed piece served as good": lambda: bool(
                self._rot("canary", "a changed piece served as good")),
            "an erased person brought back": lambda: bool(self._erased("an erased person brought back")),
            "a record anybody signed is taken": lambda: bool(
                self._forged("a record anybody signed is taken")),
            "a row lost on the way": lambda: bool(differences(self._ledger[first], fewer)),
        }


def differences(before: dict[str, Any], after: dict[str, Any], *, grown: int = 0) -> str:
    """Give what is not the same any more. grown: leaves that the journey itself put under a head."""
    for name in ("uuid", "iri", "blobs", "inbox", "root"):
        if before[name] != after[name]:
            return f"{name}: {after[name]!r} instead of {before[name]!r}"
    if not before["leaves"] <= after["leaves"] <= before["leaves"] + grown:
        return f"log: {after['leaves']} leaves under a head instead of {before['leaves']}"
    for table, digest in before["rows"].items():
        counts = before["counts"][table], after["counts"][table]
        if table in OF_THE_LOG:  # the root over its first leaves is the same: what follows is of the journey
            if not counts[0] <= counts[1] <= counts[0] + 1 + 2 * grown:
                return f"{table}: {counts[1]} rows instead of {counts[0]}"
        elif digest != after["rows"][table] or counts[0] != counts[1]:
            return f"{table}: other rows than before ({counts[1]} instead of {counts[0]})"
    return "; ".join(after["findings"])
