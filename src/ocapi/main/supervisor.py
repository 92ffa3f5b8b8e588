"""`ocapi up`: starts worker, web, data plane (and idp in demo), watches them, and ends them cleanly.

This process imports neither Django nor granian, so that it stays small; it runs one loop in one thread:
the signal that ends a child with its parent is tied to the thread that started the child.
"""

import contextlib
import ctypes
import errno
import fcntl
import importlib.util
import os
import resource
import selectors
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from ocapi.lib import clock, durable, sockets
from ocapi.lib.tracing import spans
from ocapi.main import urgency
from ocapi.main.environment import Environment

SUPERVISED = "OCAPI_SUPERVISED"
METRICS = "metrics"
OPEN_FILES = 8192
READY_WITHIN_S = 90.0
STOP_WITHIN_S = 4.0
SOUND_AFTER_S = 60.0
LONGEST_PAUSE_S = 30.0
STARTS_BEFORE_READY = 3
TICK_S = 0.2
LOG_BYTES = 5 << 20
PR_SET_PDEATHSIG = 1
SERVER = (
    "--http", "1", "--no-ws", "--http1-header-read-timeout", "5000", "--backlog", "4096",
    "--backpressure", "4096", "--log-level", "warning", "--workers-kill-timeout", "3",
)


def end_with_parent() -> None:
    """Ask the kernel to end this process when its parent does; only below a supervisor."""
    if os.environ.get(SUPERVISED) == "1":
        _ask_to_end_with_parent()


def _ask_to_end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _begin_prompt() -> None:
    _ask_to_end_with_parent()
    urgency.be_prompt()


def _begin_patient() -> None:
    _ask_to_end_with_parent()
    urgency.give_way()


@dataclass(slots=True, kw_only=True)
class Part:
    """One child process: how to start it and how to see that it works, and what became of it."""

    name: str
    command: tuple[str, ...]
    is_healthy: Callable[[], bool]
    sockets: tuple[Path, ...] = ()
    is_urgent: bool = True  # somebody waits for it
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    starts: int = 0
    pause_s: float = 0.0
    is_ready: bool = False
    rest: bytes = b""
    last_lines: list[str] = field(default_factory=list)
    log: IO[bytes] | None = None


def parts(settings: Environment) -> list[Part]:
    """Give the processes of an installation in the order they are started."""
    run = Path(settings.data) / "run"
    tenants = run / "tenants"
    web = sockets.of_web(run, settings.workers)
    listed = [
        Part(name="web", is_healthy=lambda: all(_is_up(str(path)) for path in web),
             command=(sys.executable, "-m", "ocapi.main.serving"), sockets=web),
        Part(name="worker", is_healthy=tenants.exists, command=(sys.executable, "-m", "ocapi.main.worker"),
             is_urgent=False),
        Part(name="dataplane", is_healthy=lambda: _is_up((_reachable(settings.host), settings.port)),
             command=(
                 *_granian("asgi"), "--host", settings.host, "--port", str(settings.port), "--workers", "1",
                 "ocapi.main.asgi:application")),
    ]
    if settings.is_demo and importlib.util.find_spec("ocapi.main.idp") is not None:
        idp = Part(name="idp", is_healthy=lambda: _is_up(str(run / "idp.sock"), path="/"),
                   command=_wsgi("ocapi.main.idp:application", run / "idp.sock"),
                   sockets=(run / "idp.sock",))
        listed.insert(1, idp)
    return listed


def _granian(interface: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "granian", "--interface", interface, *SERVER)


def _wsgi(target: str, path: Path) -> tuple[str, ...]:
    return (
        *_granian("wsgi"), "--uds", str(path), "--uds-permissions", "600", "--blocking-threads", "1",
        "--workers", "1", target,
    )


def up(settings: Environment) -> int:
    """Run everything until told to stop; gives the exit code (2: cannot start, 1: a part keeps failing)."""
    run = Path(settings.data) / "run"
    run.mkdir(parents=True, exist_ok=True)
    lock = os.open(run / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _refuse("OCAPI draait al met deze gegevens. Stop het eerst, of kies een map met OCAPI_DATA.")
    problem = port_problem(settings.host, settings.port) or traces_problem(settings)
    if problem:
        return _refuse(problem)
    _raise_open_files()
    if settings.metrics_port:
        shutil.rmtree(run / METRICS, ignore_errors=True)  # counts begin anew with each `up`
        (run / METRICS).mkdir(mode=0o700)
    for name in ("idp.sock", "front.sock", "snapshot.sock", "tenants"):
        (run / name).unlink(missing_ok=True)
    for path in run.glob("web*.sock"):  # also of a start with more processes
        path.unlink()
    return Supervisor(settings, parts(settings), run).run()


def port_problem(host: str, port: int) -> str:
    """Say in Dutch why the port cannot be used; empty when it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as failure:
            if failure.errno == errno.EADDRINUSE:
                other = port + 1 if port < 65535 else 8000
                return f"Poort {port} is bezet door een ander programma. Zet OCAPI_PORT={other}, of stop dat."
            reason = f"OCAPI kan niet luisteren op {host}, poort {port}: {failure.strerror}."
            return f"{reason} Zie OCAPI_HOST en OCAPI_PORT."
    return ""


def traces_problem(settings: Environment) -> str:
    """Say in Dutch why steps cannot be recorded; empty when they can, or need not."""
    if not settings.traces or spans.is_installed():
        return ""
    return (
        "OCAPI_TRACES vraagt het pakket OpenTelemetry, en dat is hier niet. "
        "Installeer het met `make build/.otel`, of zet OCAPI_TRACES=0."
    )


class Supervisor:
    """Starts the parts, passes their lines on, restarts what ended, and stops all when asked."""

    def __init__(self, settings: Environment, listed: list[Part], run: Path) -> None:
        self._settings = settings
        self._parts = listed
        self._run_folder = run
        self._selector = selectors.DefaultSelector()
        self._is_stopping = False
        self._is_announced = False
        self._began_at = clock.monotonic()

    def run(self) -> int:
        """Run until a signal comes or a part cannot start."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        code = 0
        try:
            for part in self._parts:
                self._start(part)
            while not self._is_stopping and code == 0:
                self._read_lines(TICK_S if self._is_announced else TICK_S / 4)
                code = self._look_after()
        finally:
            self._stop()
        return code

    def _asked_to_stop(self, number: int, frame: object) -> None:
        self._is_stopping = True

    def _start(self, part: Part) -> None:
        environment = {
            **os.environ, SUPERVISED: "1", "PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2",
            "DJANGO_SETTINGS_MODULE": "ocapi.main.settings",
        }
        if self._settings.metrics_port:
            environment["PROMETHEUS_MULTIPROC_DIR"] = str(self._run_folder / METRICS)
        for path in part.sockets:
            path.unlink(missing_ok=True)  # left by a process that was killed; its name would be taken
        part.process = subprocess.Popen(
            part.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=environment,
            process_group=0,  # no session of its own: the kernel shares by session, then by standing
            preexec_fn=_begin_prompt if part.is_urgent else _begin_patient,  # noqa: PLW1509
        )
        part.started_at = clock.monotonic()
        part.starts += 1
        lines = [f"{each.name} {each.starts}\n" for each in self._parts]
        with contextlib.suppress(OSError):  # for the operator's figures only: a full disk stops no part
            durable.write_file(self._run_folder / "starts", "".join(lines).encode())
        pipe = part.process.stdout
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ, part)

    def _look_after(self) -> int:
        now = clock.monotonic()
        for part in self._parts:
            if part.process is None:
                if now >= part.start_again_at:
                    self._start(part)
            elif part.process.poll() is not None:
                if not self._ended(part, now):
                    return 1
            elif not part.is_ready and part.is_healthy():
                part.is_ready = True
                if not self._is_announced:
                    self._say(f"{part.name} is klaar na {now - self._began_at:.1f} s")
        if not self._is_announced:
            if all(part.is_ready for part in self._parts):
                self._announce()
            elif now - self._began_at > READY_WITHIN_S:
                late = ", ".join(part.name for part in self._parts if not part.is_ready)
                self._say(f"{late} is niet klaar na {READY_WITHIN_S:.0f} s; zie {self._run_folder}")
                return 1
        return 0

    def _ended(self, part: Part, now: float) -> bool:
        """Plan a part that ended to start again; tells whether that makes sense."""
        status = part.process.returncode if part.process else 0
        self._forget(part)
        if not self._is_announced and part.starts >= STARTS_BEFORE_READY:
            self._say(f"{part.name} start niet (code {status}). De laatste regels:")
            for line in part.last_lines:
                self._say(f"  {line}")
            return False
        is_sound = now - part.started_at > SOUND_AFTER_S
        part.pause_s = 0.5 if is_sound else min(max(part.pause_s * 2, 0.5), LONGEST_PAUSE_S)
        part.start_again_at = now + part.pause_s
        self._say(f"{part.name} eindigde (code {status}) en start opnieuw over {part.pause_s:.1f} s")
        return True

    def _forget(self, part: Part) -> None:
        """Take in the last lines of an ended part and end what it left behind."""
        process = part.process
        if process is None:
            return
        if process.stdout is not None:
            self._take(part, process.stdout)
            self._selector.unregister(process.stdout)
            process.stdout.close()
        _signal_group(process, signal.SIGKILL)
        part.process, part.is_ready = None, False

    def _read_lines(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            part: Part = key.data
            pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]
            if not self._take(part, pipe):
                clock.sleep(0.05)  # the pipe is closed; its process is about to be found ended

    def _take(self, part: Part, pipe: IO[bytes]) -> bool:
        found = os.read(pipe.fileno(), 65536) if _is_readable(pipe) else b""
        *lines, part.rest = (part.rest + found).split(b"\n")
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            part.last_lines = [*part.last_lines[-11:], text]
            self._log(part, line)
            self._say(text, name=part.name)
        return bool(found)

    def _log(self, part: Part, line: bytes) -> None:
        path = self._run_folder / f"{part.name}.log"
        with contextlib.suppress(OSError):  # the disk is full: the line is said all the same
            if part.log is None:
                part.log = path.open("ab", buffering=0)
            part.log.write(line + b"\n")
            if part.log.tell() > LOG_BYTES:
                part.log.close()
                part.log = None
                path.unlink(missing_ok=True)

    def _announce(self) -> None:
        self._is_announced = True
        print(announcement(self._settings, seconds=clock.monotonic() - self._began_at), flush=True)

    def _say(self, text: str, *, name: str = "ocapi") -> None:
        at = clock.now().isoformat(timespec="milliseconds")
        with contextlib.suppress(OSError):  # where it is sent to may be full, or gone
            print(f"{at} {name:9} {text}", file=sys.stderr, flush=True)

    def _stop(self) -> None:
        """Ask every part to end, the front door first, and end by force what does not."""
        running = [part for part in reversed(self._parts) if part.process is not None]
        for part in running:
            if part.process is not None:
                _signal_group(part.process, signal.SIGTERM)
        until = clock.monotonic() + STOP_WITHIN_S
        while clock.monotonic() < until and any(_is_running(part) for part in running):
            self._read_lines(0.05)
        for part in running:
            self._forget(part)


def _is_running(part: Part) -> bool:
    return part.process is not None and part.process.poll() is None


def _is_readable(pipe: IO[bytes]) -> bool:
    with selectors.DefaultSelector() as once:
        once.register(pipe, selectors.EVENT_READ)
        return bool(once.select(0))


def _signal_group(process: "subprocess.Popen[bytes]", number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def announcement(settings: Environment, *, seconds: float) -> str:
    """Say what to open and, when the demo left `announcement.txt`, who to sign in as."""
    run = Path(settings.data) / "run"
    rows = [line.split() for line in _text_of(run / "tenants").splitlines()]
    reached = _reachable(settings.host)
    origin = "localhost" if reached == "127.0.0.1" else reached  # the one name sign-in can send back to
    lines = ["", f"OCAPI is klaar na {seconds:.1f} s. Open in uw browser:"]
    for key, host in rows:
        also = f"   of http://{origin}:{settings.port}/o/{key}/" if settings.is_demo else ""
        lines.append(f"  http://{host}:{settings.port}/{also}")
    if not rows:
        lines.append("  Er is nog geen organisatie. Maak er een met `ocapi tenant create KEY`.")
    lines += ["", _text_of(run.parent / "announcement.txt").rstrip(), "Stoppen: Ctrl-C."]
    return "\n".join(line for place, line in enumerate(lines) if line or place == 0 or lines[place - 1])


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104


def _is_up(address: "str | tuple[str, int]", *, path: str = "/health") -> bool:
    """Tell whether GET /health on an address answers 200; another path may answer anything."""
    family = socket.AF_UNIX if isinstance(address, str) else (
        socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    )
    target = address if isinstance(address, str) else (address[0].strip("[]"), address[1])
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(2)
            probe.connect(target)
            probe.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            wanted = b" 200 " if path == "/health" else b"HTTP/1.1 "
            return wanted in probe.recv(64)
    except OSError:
        return False


def _raise_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= OPEN_FILES:
        return
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < OPEN_FILES:
        print(f"Let op: dit proces mag {wanted} bestanden openen; {OPEN_FILES} is beter.", file=sys.stderr)


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return 2
