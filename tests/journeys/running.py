"""A whole installation for journeys: its own data folder, its own port, all processes of `ocapi up`."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
ORGANIZATIONS = ("aalter", "koepel")
READY = "http://"  # begins the announcement that everything is up
READY_WITHIN_S = 60.0
STOP_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A running installation. data: its folder; port: where it listens."""

    data: Path
    port: int

    def at(self, key: str) -> str:
        """Give the origin of an organization under its own name."""
        return f"http://{key}.localhost:{self.port}"

    def under_path(self, key: str) -> str:
        """Give the address of an organization under the one origin of the machine."""
        return f"http://localhost:{self.port}/o/{key}"

    def let_sessions_age(self, key: str, *, minutes: int) -> None:
        """Make every session of an organization look idle for so long."""
        _run(self.data, self.port, "tests.journeys.furnish", "age", key, str(minutes))


def free_port() -> int:
    """Give a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(data: Path, *, months: int = 2) -> Iterator[City]:
    """Make the organizations, start everything, and stop it afterwards.

    months: of invented requests, 0 for the whole past of the demo. Few, because the worker writes a
    letter and figures for each of them.

    With OCAPI_JOURNEYS_CITY=FOLDER:PORT the one running there is used and left alone, to try a test quickly.
    """
    if os.environ.get("OCAPI_JOURNEYS_CITY"):
        folder, _, port = os.environ["OCAPI_JOURNEYS_CITY"].rpartition(":")
        yield City(data=Path(folder), port=int(port))
        return
    city = City(data=data, port=free_port())
    _run(data, city.port, "tests.journeys.furnish", "make", str(months), *ORGANIZATIONS)
    process = subprocess.Popen(
        [sys.executable, "-m", "ocapi.main.cli", "up"], cwd=PROJECT, env=_environment(data, city.port),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )
    lines: list[str] = []
    is_ready = threading.Event()
    reader = threading.Thread(target=_read, args=(process, lines, is_ready), daemon=True)
    reader.start()
    try:
        assert is_ready.wait(READY_WITHIN_S) and process.poll() is None, "".join(lines)
        _run(data, city.port, "tests.journeys.furnish", "settle", *ORGANIZATIONS)
        yield city
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
        shutil.rmtree(data, ignore_errors=True)


def _read(process: "subprocess.Popen[str]", lines: list[str], is_ready: threading.Event) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if READY in line:
            is_ready.set()
    is_ready.set()  # it ended; the fixture shows why


def _environment(data: Path, port: int) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items()
        if not name.startswith("OCAPI_") and name != "DJANGO_SETTINGS_MODULE"
    }
    return {
        **inherited, "OCAPI_DATA": str(data), "OCAPI_PORT": str(port), "OCAPI_DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "ocapi.main.settings",
    }


def _run(data: Path, port: int, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=PROJECT, env=_environment(data, port), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )
    assert done.returncode == 0, done.stdout
