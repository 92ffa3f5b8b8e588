"""Programs of arms: started in a folder of their own, found ready by a request, ended or killed as a tree."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.performance import procfs
from tests.performance.load import parsed

PROJECT = Path(__file__).resolve().parents[2]
SERVERS = Path(__file__).parent / "servers"
# the flags of `ocapi up` (main/supervisor.py), so that no arm has an easier server
SERVER = (
    "--http", "1", "--no-ws", "--http1-header-read-timeout", "5000", "--backlog", "4096",
    "--backpressure", "4096", "--log-level", "warning", "--workers-kill-timeout", "3", "--workers", "1",
)
POLL_S = 0.05  # asking more often would be work of its own for what starts


class SetUpFailed(RuntimeError):
    """An arm or its data could not be prepared; the run ends with exit code 3."""


def free_port() -> int:
    """Give a TCP port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def granian(interface: str, target: str, port: int, *more: str) -> tuple[str, ...]:
    """Give the command that serves an application with our server's flags."""
    return (
        sys.executable, "-m", "granian", "--interface", interface, *SERVER, "--host", "127.0.0.1",
        "--port", str(port), *more, target,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one plain request got."""

    status: int
    head: str
    body: bytes


def fetch(port: int, path: str, *, host: str = "127.0.0.1", headers: Mapping[str, str] | None = None,
          method: str = "GET", body: bytes = b"", timeout: float = 15.0) -> Answer:
    """Send one request on a connection of its own; raises OSError."""
    given = {"Host": host, "Connection": "close", **(headers or {})}
    if body:
        given["Content-Length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return ask(port, f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body, timeout=timeout)


def ask(port: int, raw: bytes, *, timeout: float = 15.0) -> Answer:
    """Send the bytes of one request on a connection of its own; raises OSError."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as sock:
        sock.sendall(raw)
        data, found = b"", None
        while found is None and (chunk := sock.recv(1 << 16)):
            data += chunk
            found = parsed(data)
    if found is None:
        raise ConnectionError("no whole answer")
    return Answer(status=found[0], head=data.partition(b"\r\n\r\n")[0].decode("latin-1"), body=found[1])


@dataclass(slots=True, kw_only=True)
class Program:
    """One server: its command, where it answers, and what tells its processes apart by name.

    wanted: path, host and status that mean ready. kinds: part of a command line → name in `by_process`.
    """

    owner: str
    command: tuple[str, ...]
    port: int
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    ready_path: str = "/"
    ready_host: str = "127.0.0.1"
    ready_status: int = 200
    kinds: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self, ledger: procfs.Ledger, *, within_s: float = 90.0) -> float:
        """Start it and wait for the first wanted answer; gives the seconds. Raises SetUpFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {
            name: value for name, value in os.environ.items()
            if not name.startswith(("OCAPI_", "DJANGO_")) or name == "OCAPI_BENCH_ARM"
        }
        environment |= {"PYTHONUNBUFFERED": "1", **self.environment, procfs.MARK: self.owner}
        began = time.perf_counter()
        with (self.folder / "output.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )
        ledger.own(self.process.pid, self.owner)
        while not self.is_ready():
            if self.process.poll() is not None or time.perf_counter() - began > within_s:
                tail = "\n".join((self.folder / "output.log").read_text(errors="replace").splitlines()[-8:])
                self.stop(ledger)
                raise SetUpFailed(f"{self.owner} does not start:\n{tail}")
            time.sleep(POLL_S)
        return time.perf_counter() - began

    def is_ready(self) -> bool:
        """Tell whether the wanted answer comes."""
        try:
            answer = fetch(self.port, self.ready_path, host=self.ready_host, timeout=10)
        except OSError:
            return False
        return answer.status == self.ready_status

    def stop(self, ledger: procfs.Ledger, *, number: int = signal.SIGTERM) -> None:
        """End it with everything it left behind; by force after five seconds."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(6)
            except subprocess.TimeoutExpired:
                self._kill_tree(ledger)
        self._kill_tree(ledger)
        ledger.disown(self.process.pid)
        self.process = None
        ledger.reap_orphans()

    def kill(self, ledger: procfs.Ledger) -> None:
        """End all its processes at once, as a crash would."""
        self._kill_tree(ledger)
        self.stop(ledger, number=signal.SIGKILL)

    def _kill_tree(self, ledger: procfs.Ledger) -> None:
        for pid in ledger.snapshot(self.owner).stats:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self.process is not None:
            self.process.wait()

    def names(self, snapshot: procfs.Snapshot) -> dict[int, str]:
        """Name processes by their command line, or that of the nearest process above that has a name."""
        own = {pid: self._kind(procfs.command_of(pid)) for pid in snapshot.stats}
        found = {}
        for pid in snapshot.stats:
            at = pid
            while not own.get(at) and at in snapshot.stats:
                at = snapshot.stats[at].parent
            found[pid] = own.get(at) or self.owner
        return found

    def _kind(self, command: str) -> str:
        return next((name for part, name in self.kinds.items() if part in command), "")

    def pss(self, ledger: procfs.Ledger) -> dict[str, int]:
        """Give the proportional set size in bytes by process name."""
        held = ledger.snapshot(self.owner)
        names, found = self.names(held), {}
        for pid in held.stats:
            found[names[pid]] = found.get(names[pid], 0) + procfs.pss_bytes(pid)
        return found

    def settle(self, ledger: procfs.Ledger, *, within_s: float = 40.0, share: float = 0.05) -> bool:
        """Wait until its work in the background is done; tells whether it came to rest."""
        until = time.perf_counter() + within_s
        quiet = 0
        while time.perf_counter() < until:
            before = ledger.snapshot(self.owner)
            time.sleep(0.5)
            spent = procfs.used(before, ledger.snapshot(self.owner), {}).total
            quiet = quiet + 1 if spent < share * 0.5 else 0
            if quiet >= 3:
                return True
        return False
