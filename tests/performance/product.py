"""The arm under test: `ocapi up` with production settings, in a data folder of its own."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.performance import procfs
from tests.performance.programs import PROJECT, Program, SetUpFailed, free_port

SECRET = "ocapi-bench-" + "0" * 40  # of data that is thrown away; nothing outside knows it
KEY = "bench"
COUNTER_PATH = "/loket/kapvergunning/"
QUIET_LOOKS = 5  # seconds in a row without work
LEAST_START_S = 0.5  # CPU a worker needs before it can have begun
KINDS = {
    "ocapi.main.serving": "web", "ocapi.main.asgi": "dataplane", "ocapi.main.worker": "worker",
    "ocapi.main.cli": "supervisor",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A filled data folder; facts: what the preparation tells, such as a cookie."""

    folder: Path
    facts: Mapping[str, str]

    @property
    def database(self) -> Path:
        """Give the database file of the organization."""
        return self.folder / "tenants" / KEY / "db.sqlite"


def host_of(key: str, port: int) -> str:
    """Give the Host header of an organization."""
    return f"{key}.localhost:{port}"


def environment(folder: Path, port: int) -> dict[str, str]:
    """Give production's settings for a data folder: no demo, no debug, a secret from outside."""
    return {
        "OCAPI_DATA": str(folder), "OCAPI_SECRET": SECRET, "OCAPI_PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "ocapi.main.settings",
    }


def prepare(
    folder: Path, *, cases: int, seed: int, cache: Path, more: Mapping[str, str] | None = None
) -> Installation:
    """Fill a data folder through the product's own doors; `cache` keeps filled ones by content and code.

    more: settings of another store, whose cache is of that store alone. The clerk signs in anew each time, so
    that the session lasts for the run. Raises SetUpFailed.
    """
    kept = cache / f"filled-{cases}-{_fingerprint(cases, seed)}"
    if not kept.exists():
        new = kept.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        if cases:
            prepare(new, cases=0, seed=0, cache=cache)
            _let_come_in(new, cases, seed)
        else:
            _run(new, "fill", more=more)
        new.rename(kept)
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    return Installation(folder=folder, facts=json.loads(_run(folder, "clerk", more=more).splitlines()[-1]))


def _let_come_in(folder: Path, cases: int, seed: int, *, within_s: float = 1800.0) -> None:
    """Let cases come in while a worker does what each leaves to it, so that no run measures that."""
    command = (sys.executable, "-m", "ocapi.main.worker")
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(command, env={**os.environ, **environment(folder, 8000)}, stdout=log,
                                  stderr=subprocess.STDOUT)
    try:
        _run(folder, "cases", str(cases), str(seed))
        _come_to_rest(worker, within_s)
    finally:
        worker.terminate()
        worker.wait()


def _come_to_rest(worker: "subprocess.Popen[bytes]", within_s: float) -> None:
    until, quiet, before = time.monotonic() + within_s, 0, 0.0
    while quiet < QUIET_LOOKS and time.monotonic() < until and worker.poll() is None:
        time.sleep(1.0)
        found = procfs.read_stat(worker.pid)
        spent = found.total if found else 0.0
        quiet = quiet + 1 if spent - before < 0.05 and spent > LEAST_START_S else 0
        before = spent
    if quiet < QUIET_LOOKS:
        raise SetUpFailed("the worker does not come to rest")


def add_organizations(folder: Path, *, first: int, last: int) -> list[float]:
    """Create organizations o<first>…o<last> from the template; gives the seconds of each."""
    told = json.loads(_run(folder, "organizations", str(first), str(last)).splitlines()[-1])
    return [float(each) for each in told["seconds"]]


def up(
    folder: Path, owner: str = "ours", *, at: Path | None = None, more: Mapping[str, str] | None = None
) -> Program:
    """Give the program `ocapi up` for a data folder; ready when the e-counter answers 200."""
    port = free_port()
    return Program(
        owner=owner, command=(sys.executable, "-m", "ocapi.main.cli", "up"), port=port, folder=at or folder,
        environment=environment(folder, port) | dict(more or {}), ready_path=COUNTER_PATH,
        ready_host=host_of(KEY, port), kinds=KINDS,
    )


class Newcomers:
    """A process that lets one more case come in through the product's door, whenever asked."""

    def __init__(self, folder: Path, seed: int, ledger: procfs.Ledger) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.performance.prepare", "helper", str(seed)], cwd=PROJECT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **environment(folder, 8000)},
        )
        ledger.own(self._process.pid, "helper")
        self._wait_for("ready")

    def receive(self) -> None:
        """Let one case come in."""
        self._process.stdin.write("\n")  # type: ignore[union-attr]
        self._process.stdin.flush()  # type: ignore[union-attr]
        self._wait_for("done")

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _wait_for(self, word: str) -> None:
        for line in self._process.stdout:  # type: ignore[union-attr]
            if line.strip() == word:
                return
        raise SetUpFailed("the process that receives cases ended")


def _run(folder: Path, *arguments: str, more: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.performance.prepare", *arguments], cwd=PROJECT, capture_output=True,
        text=True, check=False, env={**os.environ, **environment(folder, 8000), **(more or {})},
    )
    if done.returncode != 0:
        raise SetUpFailed(f"preparing {arguments[0]}:\n{done.stderr[-1500:]}")
    return done.stdout


def _fingerprint(cases: int, seed: int) -> str:
    """Give a hash over what a filled folder depends on: migrations, content, the preparation itself."""
    digest = hashlib.sha256(f"{cases} {seed}".encode())
    sources = [*(PROJECT / "src").rglob("migrations/*.py"), *(PROJECT / "content").rglob("*.*"),
               Path(__file__), Path(__file__).with_name("prepare.py")]
    for path in sorted(sources):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
