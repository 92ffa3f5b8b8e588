"""Arms and windows: what is compared, and one measured window of an HTTP arm."""

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.performance import procfs
from tests.performance.programs import PROJECT, Program, SetUpFailed

Sample = dict[str, Any]
Normalize = Callable[[bytes], bytes]
DETACHED_SHARE = 0.05
DETACHED_LEAST_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How one window runs: seconds, connections, or requests per second for an open loop."""

    seconds: float
    connections: int = 16
    rate: float = 0.0


class Arm(Protocol):
    """One side of a comparison. absent: why it cannot run, empty when it can."""

    name: str
    role: str
    durability: str
    absent: str

    def start(self, ledger: procfs.Ledger) -> None:
        """Get ready to be measured; raises SetUpFailed."""

    def measure(self, ledger: procfs.Ledger, window: Window) -> Sample:
        """Run one window and give its figures in the shape of the result file."""

    def stop(self, ledger: procfs.Ledger) -> None:
        """End everything that `start` began."""


def as_is(body: bytes) -> bytes:
    """Take an answer as it came."""
    return body


def same_fields(names: tuple[str, ...]) -> Normalize:
    """Make a reading of `{"items": [...]}` that keeps the named fields of each item, in order."""

    def read(body: bytes) -> bytes:
        items = json.loads(body)["items"]
        kept = [[_plain(each.get(name)) for name in names] for each in items]
        return json.dumps(kept, ensure_ascii=False).encode()

    return read


def _plain(value: Any) -> str:
    # one side writes a uuid with dashes, the other as the 32 digits the database holds; absent is empty
    text = "" if value is None else str(value)
    return text.replace("-", "").lower()


@dataclass(slots=True, kw_only=True)
class HttpArm:
    """A server asked by the load generator. `normalize` makes its answers comparable with other arms'.

    requests: whole requests as bytes with the placeholder {port}. before and after: what the harness does
    around a window; `after` adds to the sample, such as acknowledged against found.
    """

    name: str
    role: str
    program: Program
    requests: tuple[str, ...]
    durability: str = "none: reads"
    absent: str = ""
    expected: tuple[int, ...] = (200,)
    normalize: Normalize = as_is
    varies: bool = False
    is_shared: bool = False
    has_background: bool = True
    before: Callable[["HttpArm"], None] | None = None
    after: Callable[["HttpArm", Sample], None] | None = None
    state: dict[str, Any] = field(default_factory=dict)

    def start(self, ledger: procfs.Ledger) -> None:
        """Start the server, unless an earlier scenario left it running."""
        if self.program.process is None:
            self.program.start(ledger)
            if self.has_background:
                self.program.settle(ledger)

    def stop(self, ledger: procfs.Ledger) -> None:
        """End the server, unless the job keeps it for its next scenario."""
        if not self.is_shared:
            self.program.stop(ledger)

    def measure(self, ledger: procfs.Ledger, window: Window) -> Sample:
        """Ask for a while and give what came back, with the CPU of the server's whole tree."""
        if self.before is not None:
            self.before(self)
        load = self._load(ledger, window)
        start = ledger.snapshot(self.program.owner)
        told, _ = load.communicate("go\n")
        end = ledger.snapshot(self.program.owner)
        ledger.disown(load.pid)
        if load.returncode != 0:
            raise SetUpFailed(f"the load generator for {self.name} ended with {load.returncode}")
        spent = procfs.used(start, end, self.program.names(end))
        sample = self._sample(json.loads(told), spent)
        sample["rss_peak_bytes"] = sum(procfs.rss_bytes(pid) for pid in end.stats)
        if self.after is not None:
            self.after(self, sample)
        return sample

    def _load(self, ledger: procfs.Ledger, window: Window) -> "subprocess.Popen[str]":
        load = subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROJECT / "tests" / "performance" / "load.py")], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        ledger.own(load.pid, "load")
        assert load.stdin is not None and load.stdout is not None
        requests = [each.replace("{port}", str(self.program.port)) for each in self.requests]
        load.stdin.write(json.dumps({
            "host": "127.0.0.1", "port": self.program.port, "connections": window.connections,
            "requests": [base64.b64encode(each.encode()).decode() for each in requests],
            "expected": self.expected, "varies": self.varies, "seconds": window.seconds, "rate": window.rate,
        }) + "\n")
        load.stdin.flush()
        if load.stdout.readline().strip() != "ready":
            raise SetUpFailed(f"the load generator cannot reach {self.name}")
        return load

    def _sample(self, told: dict[str, Any], spent: procfs.Used) -> Sample:
        units, wall = told["units"], told["wall_s"]
        digest = hashlib.sha256()
        for number in sorted(told["answers"], key=int):
            digest.update(self._read(base64.b64decode(told["answers"][number])))
        return {
            "units": units, "wall_s": round(wall, 6), "load_cpu_s": round(told["load_cpu_s"], 6),
            "cpu_s": {"user": round(spent.user, 6), "sys": round(spent.system, 6),
                      "total": round(spent.total, 6), "by_process": spent.by_process,
                      "detached": round(spent.detached, 6)},
            "units_per_cpu_s": round(units / spent.total, 3) if spent.total else 0.0,
            "units_per_wall_s": round(units / wall, 3) if wall else 0.0,
            "latency_ms": told["latency_ms"], "errors": told["errors"], "shed": told["shed"],
            "varied": told["varied"], "statuses": told["statuses"], "answer": f"sha256:{digest.hexdigest()}",
        }

    def _read(self, body: bytes) -> bytes:
        try:
            return self.normalize(body)
        except (ValueError, KeyError, TypeError):
            return b"unreadable: " + body[:200]


def get(path: str, *, host: str, headers: dict[str, str] | None = None) -> str:
    """Write a GET request down as it travels."""
    given = {"Host": host, "User-Agent": "ocapi-bench", "Accept-Encoding": "gzip, deflate, br"}
    given |= headers or {}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n"


def has_detached(sample: Sample) -> bool:
    """Tell whether work was done in a process that had left the arm's tree."""
    cpu = sample.get("cpu_s", {})
    least = max(DETACHED_LEAST_S, DETACHED_SHARE * cpu.get("total", 0.0))
    return bool(cpu.get("detached", 0.0) > least)
