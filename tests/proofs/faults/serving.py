"""The product while something beneath it fails: a client that files cases, looks around and keeps count."""

import contextlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.performance import procfs
from tests.performance import product as measured
from tests.performance.programs import Program, SetUpFailed, ask
from tests.proofs import filing, product
from tests.proofs.proof import PROJECT

REFUSED = (503, 507)
PATIENCE_S = 30.0


@dataclass(slots=True)
class Seen:
    """What a client was told, by the names of its cases. took: seconds of each answer to a filing."""

    acknowledged: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    looks: Counter[int] = field(default_factory=Counter)
    consultations: Counter[int] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    without_word: int = 0


class Served:
    """`ocapi up` on a filled data folder, and the one client that asks it."""

    def __init__(self, program: Program, ledger: procfs.Ledger, cookie: str, more: Mapping[str, str]) -> None:
        self.program, self.seen = program, Seen()
        self._ledger, self._cookie, self._more, self._number = ledger, cookie, dict(more), 0
        self._host = measured.host_of(measured.KEY, program.port)

    def file(self, name: str) -> int:
        """File a case and give the status; 0 when no answer came."""
        began = time.monotonic()
        status, head = self._ask(filing.request(name, host=self._host, cookie=self._cookie))
        self.seen.took.append(time.monotonic() - began)
        self.seen.statuses[status] += 1
        if status in (200, 201):
            self.seen.acknowledged.add(name)
        elif status == 507:
            self.seen.refused.add(name)
        else:
            self.seen.doubtful.add(name)
        self.seen.without_word += status in REFUSED and "retry-after:" not in head.lower()
        return status

    def look(self) -> int:
        """Ask for a page that no cache answers and that needs no writing; gives the status."""
        self._number += 1
        request = f"GET /zoeken?q=proef{self._number} HTTP/1.1\r\nHost: {self._host}\r\n\r\n"
        status, _head = self._ask(request.encode())
        self.seen.looks[status] += 1
        return status

    def consult(self) -> int:
        """Ask for the worklist, which answers nothing without a consultation leaf; gives the status."""
        request = f"GET /desk/zaken/ HTTP/1.1\r\nHost: {self._host}\r\nCookie: {self._cookie}\r\n\r\n"
        status, _head = self._ask(request.encode())
        self.seen.consultations[status] += 1
        return status

    def until_filed(self, name: str, *, within_s: float) -> float:
        """File a case again and again until it is taken; gives the seconds, infinite when it never is."""
        began = time.monotonic()
        while self.file(name) not in (200, 201):
            if time.monotonic() - began > within_s:
                return float("inf")
            time.sleep(0.1)  # between two tries
        return time.monotonic() - began

    def processes(self) -> dict[int, str]:
        """Name the parts of `ocapi up` by number; not what they start for a job, which ends by itself."""
        held = self._ledger.snapshot(self.program.owner)
        top = self.program.process.pid if self.program.process is not None else 0
        return {pid: kind for pid, kind in self.program.names(held).items() if held.stats[pid].parent == top}

    def kept(self, *through: str) -> dict[str, list[str]]:
        """Tell what the organization holds; through: a command that sees the disk the product sees."""
        told: dict[str, list[str]] = product.step(
            self.program.folder, "filing", "kept", through=through, **self._more
        )
        return told

    def _ask(self, raw: bytes) -> tuple[int, str]:
        try:
            answer = ask(self.program.port, raw, timeout=PATIENCE_S)
        except OSError:
            return 0, ""
        return answer.status, answer.head


@contextlib.contextmanager
def served(
    folder: Path, *, command: tuple[str, ...] = (), cache: Path | None = None,
    more: Mapping[str, str] | None = None,
) -> Iterator[Served]:
    """Fill a folder, start the product and stop it. command: what to start it through. more: settings."""
    ledger = procfs.Ledger()
    procfs.become_subreaper()
    filled = measured.prepare(
        folder, cases=0, seed=0, cache=cache or PROJECT / "build" / "bench", more=more
    )
    program = measured.up(folder, more=more)
    program.command = (*command, *program.command)
    program.environment["PYTHONPATH"] = str(PROJECT)
    try:
        program.start(ledger)
        _until_worker_is_ready(program)
        yield Served(program, ledger, filled.facts["cookie"], more or {})
    finally:
        program.stop(ledger)


def _until_worker_is_ready(program: Program, *, within_s: float = 60.0) -> None:
    """Wait for the last part: pages are answered while the worker starts, and no fault is made for that."""
    assert program.process is not None
    told = Path(f"/proc/{program.process.pid}/root{program.folder.absolute()}", "run", "tenants")
    until = time.monotonic() + within_s
    while not told.exists():
        if time.monotonic() > until:
            raise SetUpFailed("the worker does not start")
        time.sleep(0.05)  # between two looks


def wrong(seen: Seen, names: list[str]) -> str:
    """Compare what was promised with what is there: lost, phantom, double, refused without a word."""
    double = sorted(name for name, count in Counter(names).items() if count > 1)
    lost = sorted(seen.acknowledged - set(names))
    phantom = sorted((set(names) - seen.acknowledged - seen.doubtful) | (seen.refused & set(names)))
    odd = {status: count for status, count in seen.statuses.items() if status not in (200, 201, *REFUSED)}
    checks = {
        f"lost {lost}": lost, f"phantom {phantom}": phantom,
        f"double {double}": double, f"answers of another kind: {odd}": odd,
        f"{seen.without_word} refused without Retry-After": seen.without_word,
    }
    return "; ".join(text for text, is_so in checks.items() if is_so)
