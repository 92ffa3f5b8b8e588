"""The proof of supply: hash-locked, listed, no known advisory, no secret; blind without a recent snapshot."""

import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from ocapi.lib import clock
from tests.proofs.proof import PROJECT, Case, Fault, Plan, Proof
from tests.proofs.supply import advisories, bill, locks, secret_search
from tests.proofs.supply.locks import NODE, PYPI, Package

SETTING = "OCAPI_ADVISORIES"
BILL = PROJECT / "build" / "sbom.cdx.json"
HASH = "--hash=sha256:" + "0" * 64


class Supply(Proof):
    """`lock/FILE`, `bill`, `secrets`, and `advisories/NAME` for each package when there is a snapshot."""

    name = "supply"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._packages, self._wrong = locks.read_all(PROJECT)
        self._found: dict[str, set[str]] = {}
        self._snapshot: advisories.Snapshot | None = None
        given = os.environ.get(SETTING, "")
        try:
            self._snapshot = advisories.load(Path(given), now=clock.now()) if given else None
            if not given:
                self.told.blind_to.append(
                    f"advisories: set {SETTING} to a folder with OSV's archives of PyPI and npm"
                )
        except advisories.Unusable as refusal:
            self.told.blind_to.append(f"advisories: {refusal}")

    def cases(self) -> Iterator[Case]:
        """Give the locks, the bill, the secrets, and each package."""
        seed = self.plan.seed
        for name in (*locks.PYTHON, locks.NPM):
            yield Case(id=f"lock/{name}", seed=seed)
        yield Case(id="bill", seed=seed)
        yield Case(id="secrets", seed=seed)
        told = f"{len(self._packages)} pins in {len(locks.PYTHON) + 1} locks, bill in build/{BILL.name}"
        if self._snapshot:
            told += f", {self._snapshot.count} advisories"
            now = clock.now()
            for package, advisory in advisories.matches(self._packages, self._snapshot):
                sentence = advisories.told(package, advisory, now=now)
                self._found.setdefault(package.purl, set()).add(sentence)
            for purl in sorted({each.purl for each in self._packages}):
                yield Case(id=f"advisories/{purl}", seed=seed)
        self.told.notes.append(told)

    def check(self, case: Case) -> Fault | None:
        """Judge one of them."""
        kind, _, name = case.id.partition("/")
        if kind == "lock":
            wrong = [
                each
                for each in self._wrong
                if each.startswith(name) or not each.partition(":")[0].endswith("lock")
            ]
            return Fault(expected="every line a pin with hashes", got="; ".join(wrong[:5])) if wrong else None
        if kind == "bill":
            return self._bill()
        if kind == "secrets":
            found = list(secret_search.search(secret_search.committed(PROJECT), project=PROJECT))
            return Fault(expected="no secret", got="; ".join(found[:10])) if found else None
        known = self._found.get(name)
        return Fault(expected="no known advisory", got=", ".join(sorted(known))) if known else None

    def _bill(self) -> Fault | None:
        version = re.search(r'^version = "(.+)"$', (PROJECT / "pyproject.toml").read_text(), re.MULTILINE)
        raw = bill.written(self._packages, version=version[1] if version else "0")
        BILL.write_bytes(raw)
        wrong = bill.faults(raw, self._packages)
        return Fault(expected="every package listed with a hash", got="; ".join(wrong[:5])) if wrong else None

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Plant a bad line, a bad pin, a bad snapshot and secrets."""
        return {
            "an unpinned package": lambda: self._is_refused(f"django>=5.2 {HASH}"),
            "a package without a hash": lambda: self._is_refused("django==5.2.19"),
            "a package with a weak hash": lambda: self._is_refused("django==5.2.19 --hash=md5:" + "0" * 32),
            "a package from an address": lambda: self._is_refused("django @ git+https://example.org/django"),
            "another registry": lambda: self._is_refused("--index-url https://example.org/simple"),
            "an npm package without integrity": lambda: bool(
                locks.read_npm('{"packages": {"": {}, "node_modules/x": {"version": "1.0.0"}}}')[1]
            ),
            "an npm package from an address": lambda: bool(
                locks.read_npm(
                    json.dumps(
                        {
                            "packages": {
                                "node_modules/x": {
                                    "version": "1.0.0",
                                    "integrity": "sha512-AAAA",
                                    "resolved": "https://e.org/x",
                                }
                            }
                        }
                    )
                )[1]
            ),
            "a known-bad pin of Python": lambda: self._finds(PYPI, "Jinja2", "2.4", fixed="2.4.1"),
            "a known-bad pin of npm": lambda: self._finds(NODE, "@x/left", "1.0.0-rc.1", fixed="1.0.0"),
            "a bad pin listed by version": lambda: self._finds(PYPI, "django", "1.0", versions=["1.0"]),
            "a time frame that has passed": self._sees_overdue,
            "no snapshot": lambda: self._is_blind(lambda folder: folder / "missing"),
            "a snapshot of last month": lambda: self._is_blind(
                lambda folder: self._snapshot_in(folder, days=30)
            ),
            "a snapshot of one ecosystem": lambda: self._is_blind(
                lambda folder: self._snapshot_in(folder, ecosystems=(PYPI,))
            ),
            "a snapshot cut short": lambda: self._is_blind(self._torn),
            "a snapshot that is a part of one": lambda: self._is_blind(
                self._snapshot_in, least=advisories.LEAST
            ),
            "a package that the bill leaves out": lambda: bool(
                bill.faults(bill.written(self._all_but_one(), version="0"), self._packages)
            ),
            "a planted secret": self._sees_secrets,
        }

    def _all_but_one(self) -> list[Package]:
        return [each for each in self._packages if each.purl != self._packages[0].purl]

    @staticmethod
    def _is_refused(line: str) -> bool:
        return bool(locks.read_requirements(f"{line}\n", lock="requirements.lock")[1])

    def _snapshot_in(
        self, folder: Path, *, days: int = 0, ecosystems: tuple[str, ...] = (PYPI, NODE), **affected: Any
    ) -> Path:
        made = folder / f"advisories-{len(list(folder.iterdir()))}"
        made.mkdir()
        for ecosystem in ecosystems:
            advisory = {
                "id": f"TEST-{ecosystem}",
                "modified": (clock.now() - timedelta(days=days)).isoformat(),
                "affected": [
                    {"package": {"ecosystem": ecosystem, "name": "nothing"}, "versions": ["0"], **affected}
                ],
            }
            (made / f"{ecosystem}.json").write_text(json.dumps(advisory))
        return made

    def _finds(
        self, ecosystem: str, name: str, version: str, *, fixed: str = "", versions: list[str] | None = None
    ) -> bool:
        """Tell whether a bad pin is found, and the good one beside it is not."""
        ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}] if fixed else []
        folder = self._snapshot_in(
            self.plan.folder,
            package={"ecosystem": ecosystem, "name": name},
            ranges=ranges,
            versions=versions or [],
            ecosystems=(ecosystem,),
        )
        other = self._snapshot_in(folder)
        snapshot = advisories.load(other.parent, now=clock.now(), least=1)
        plain = locks.normalized(name) if ecosystem == PYPI else name
        bad, good = (
            list(
                advisories.matches(
                    [Package(ecosystem=ecosystem, name=plain, version=each, hashes=(), lock="")], snapshot
                )
            )
            for each in (version, fixed or "9.9.9")
        )
        return bool(bad) and not good

    def _sees_overdue(self) -> bool:
        """Tell whether an advisory is overdue a day after its time frame, and was not a day before it."""
        now, days = clock.now(), advisories.FRAMES["HIGH"].days
        pin = Package(ecosystem=PYPI, name="x", version="1", hashes=(), lock="requirements.lock")
        after, before = (
            advisories.told(pin, {"id": "TEST", "database_specific": {"severity": "HIGH"},
                                  "published": (now - timedelta(days=each)).isoformat()}, now=now)
            for each in (days + 1, days - 1)
        )
        return "OVERDUE" in after and "OVERDUE" not in before

    def _is_blind(self, make: Callable[[Path], Path], *, least: int = 1) -> bool:
        try:
            advisories.load(make(self.plan.folder), now=clock.now(), least=least)
        except advisories.Unusable:
            return True
        return False

    def _torn(self, folder: Path) -> Path:
        made = self._snapshot_in(folder)
        with zipfile.ZipFile(made / "all.zip", "w") as archive:
            archive.writestr("a.json", '{"id": "x"}' * 100)
        raw = (made / "all.zip").read_bytes()
        (made / "all.zip").write_bytes(raw[: len(raw) // 2])
        return made

    def _sees_secrets(self) -> bool:
        """Plant one of each form, put together here so that this file holds none."""
        chance = "q7Rz0Lk3Wd9Xc5Vb1Nm8"
        planted = {
            "private key": "-----BEGIN " + "PRIVATE KEY-----\n" + chance * 4,
            "cloud key": "AKIA" + "Q7RZ0LK3WD9XC5VB",
            "code host token": "ghp" + "_" + chance * 2,
            "chat token": "xox" + "b-" + chance * 2,
            "registry token": "npm" + "_" + (chance * 2)[:36],
            "signed token": f"eyJ{chance}.eyJ{chance}.{chance * 3}",
            "private half of a key": '"d": "' + (chance * 3)[:43] + '"',
            "password in an address": "https://jan:" + chance + "@example.org",
            "assigned secret": f'api_key = "{chance}"',
        }
        seen = set()
        for form, text in planted.items():
            path = self.plan.folder / f"{form.replace(' ', '-')}.txt"
            path.write_text(f"x = 1\n{text}\n")
            told = secret_search.search([path], project=self.plan.folder)
            seen |= {line.rpartition(": ")[2] for line in told}
        return seen == set(secret_search.FORMS)
