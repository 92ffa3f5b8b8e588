"""The client of a process that dies: asks, keeps its ledger, repeats what is in doubt, and compares."""

import collections
import contextlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocapi.lib.tests.exported_log import VERIFIER
from tests.performance import procfs
from tests.proofs.crash.outside import Ledger, Received
from tests.proofs.crash.stores import Store
from tests.proofs.product import settings
from tests.proofs.proof import PROJECT, SetUpFailed

Step = tuple[str, str, int]  # operation, key, minutes since the beginning
ONCE = (
    "case", "decision", "reading", "form", "process", "organization", "exported", "imported", "kept",
    "restored", "sealing", "entity", "filled", "followed",
)
"""Repeated until acknowledged."""
NOT_REPEATED = ("file", "consultation", "failing", "tear")
ANSWER_S = 60
"""How long a process may neither answer nor work. A busy machine makes it slow, which is no death."""
WORKING_S = 600  # how long one that works on is waited for
WITHIN_S = {"filled": 0.1, "followed": 0.1}  # of the beginning of a longer step a random kill comes


def steps(name: str, *keys: str, at: int = 0) -> tuple[Step, ...]:
    """Give one step per key."""
    return tuple((name, key, at) for key in keys or ("",))


SCRIPTS: dict[str, tuple[Step, ...]] = {
    "cases": (*steps("handshake"), *steps("work"), *steps("case", "case0", "case1", "case2"), *steps("work"),
              *steps("decision", "case0", "case1", at=1), *steps("work", at=2)),
    "files": steps("file", "file0", "file1", "file2"),
    "capture": (*steps("reading", "r0", "r1", "r2"), *steps("tear"), *steps("reading", "r3"),
                *steps("rollup"), *steps("load", "f0"), *steps("tiers"), *steps("reading", "r4"),
                *steps("rollup"),
                *steps("tiers")),
    "context": (*steps("entity", "e0", "e1"), *steps("compaction"), *steps("entity", "e2"),
                *steps("compaction")),
    "filling": (*steps("filled", "f0"), *steps("followed", "g0"), *steps("work"),
                *steps("filled", "f0", "f1"), *steps("followed", "g0", "g1")),
    "forms": steps("form", "form0", "form1"),
    "processes": (*steps("process", "p0", "p1", at=5), *steps("migration", "m0")),
    "audit": (*steps("consultation", "a0", "a1"), *steps("seal"), *steps("forgetting", "a0"),
              *steps("consultation", "a2", at=2), *steps("seal", at=3)),
    "jobs": (*steps("failing", "f0"), *steps("work")),
    "keys": (*steps("sealing", "k0", "k1", "k2", "k3", "k4"), *steps("rotation"), *steps("sealing", "k5"),
             *steps("rewrapping", at=1), *steps("rewrapping", at=5), *steps("rewrapping", at=60)),
    "secret": (*steps("lookup"), *steps("sealing", "k0", "k1"), *steps("resealing"), *steps("sealing", "k2"),
               *steps("rotation"), *steps("rewrapping", at=5), *steps("resealing", at=6)),
    "tenants": (*steps("organization", "new0", "new1"), *steps("farewell", "new1"), *steps("upgrade")),
    "template": steps("template"),
    "merging": (*steps("organization", "new0", "new1"), *steps("planned"), *steps("taken_back", at=1),
                *steps("planned", at=2), *steps("agreed", at=3)),
    "carrying": (*steps("exported", "one.tar", "folder"), *steps("imported", "guest")),
    "backups": (*steps("kept", "kept1"), *steps("consultation", "a0"), *steps("kept", "kept2"),
                *steps("restored", "lost")),
}


class Died(ConnectionError):
    """The process ended instead of answering."""


class Silent(AssertionError):
    """The process lives and does not answer; it was ended, so that it works beside no other."""


@dataclass(slots=True)
class Process:
    """One forked process of the product. log: where it writes where it stands when it is asked."""

    pid: int
    talk: Any
    sock: socket.socket
    log: Path
    patience_s: float = ANSWER_S

    def ask(self, name: str, key: str = "", minutes: int = 0, **more: object) -> Any:
        """Ask for one operation; raises Died, Silent, or AssertionError when the product refuses."""
        line = json.dumps({"name": name, "key": key, "minutes": minutes, **more}) + "\n"
        try:
            self.talk.write(line)
            self.talk.flush()
            self._await_answer(name)
            told = self.talk.readline()
        except OSError as failure:
            raise Died(name) from failure
        if not told:
            raise Died(name)
        answer = json.loads(told)
        if "error" in answer:
            raise AssertionError(f"{name} {key}: {answer['error']}")
        return answer["answer"]

    def _await_answer(self, name: str) -> None:
        """Return when it answers or ends."""
        worked, until = self._worked(), time.monotonic() + max(WORKING_S, self.patience_s)
        while not select.select([self.sock], [], [], self.patience_s)[0]:
            before, worked = worked, self._worked()
            if worked == before or time.monotonic() > until:
                where = self._where()
                self.kill()
                raise Silent(f"{name}: no answer, and it stands at {where}")

    def _worked(self) -> float:
        stat = procfs.read_stat(self.pid)
        return stat.total + stat.reaped if stat else 0.0

    def _where(self) -> str:
        told = self.log.stat().st_size
        os.kill(self.pid, signal.SIGUSR1)
        for _ in range(20):
            time.sleep(0.05)  # it writes all at once, and nothing tells that it did
            if text := self.log.read_bytes()[told:].decode(errors="replace"):
                return text[:1500]
        return "a place it does not tell"

    def kill(self) -> None:
        """End it as SIGKILL does."""
        os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Hang up; the process ends by itself."""
        with contextlib.suppress(OSError):  # what a killed process did not take in
            self.talk.close()
        self.sock.close()


class Zygote:
    """The loaded product, from which each case's process is forked."""

    def __init__(self, live: Path, folder: Path, **environment: str) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._path = str(folder / "talk")
        self._listener.bind(self._path)
        self._listener.listen(8)
        self._listener.settimeout(ANSWER_S)
        self._told = folder / "zygote.log"
        self._log = self._told.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.proofs.crash.zygote", "serve"], cwd=PROJECT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
            env=settings(live, OPENBLAS_NUM_THREADS="1", **environment),  # one thread until it is forked
        )
        if self._process.stdout is None or self._process.stdout.readline().strip() != "ready":
            raise SetUpFailed(f"the product does not load: {self._told.read_text()[-900:]}")

    @property
    def pid(self) -> int:
        """Give its process id."""
        return self._process.pid

    def fork(self, *, arm: str = "", plant: str = "", count: bool = False) -> Process:
        """Start one process with a crash point armed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wanted = {"socket": self._path, "arm": arm, "plant": plant, "count": count}
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        sock, _address = self._listener.accept()
        sock.settimeout(ANSWER_S)
        return Process(pid, sock.makefile("rw"), sock, self._told)

    def close(self) -> None:
        """End the loaded product."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:  # on a busy machine; what was seen is told all the same
            self._process.kill()
            self._process.wait()
        self._listener.close()
        self._log.close()


class Run:
    """One case: a script, deaths, the way back to rest, and what the ledger says of it all."""

    def __init__(
        self, zygote: Zygote, script: str, store: Store, received: Received, *, plant: str = ""
    ) -> None:
        self._zygote, self._script, self._store, self._received = zygote, script, store, received
        self._plant = plant
        self.ledger = Ledger(store.live.with_name("ledger.jsonl"))
        self.deaths = 0

    def play(self, arms: list[str], *, kill_after: float = 0.0, coin: random.Random | None = None) -> str:
        """Go through the script, dying as `arms` say one after the other, and give what is wrong, or nothing.

        kill_after: the step, as a fraction of the script, in the middle of which the process is killed.
        """
        left, waiting = list(arms), list(SCRIPTS[self._script])
        kill_at = int(kill_after * len(waiting)) if kill_after else -1
        doubtful: Step | None = None
        try:
            while True:
                process = self._zygote.fork(arm=left.pop(0) if left else "", plant=self._plant)
                try:
                    if doubtful is not None and doubtful[0] not in NOT_REPEATED:
                        waiting.insert(0, doubtful)
                    doubtful = None
                    while waiting:
                        step = waiting.pop(0)
                        doubtful = step
                        self._do(process, step, kill=kill_at == 0, coin=coin)
                        kill_at -= 1
                        doubtful = None
                    return self._at_rest(process)
                except Died:
                    self.deaths += 1
                    kill_at = -1
                    if self.deaths > len(arms) + 1:
                        return "the process keeps dying"
                finally:
                    process.close()
        except AssertionError as refusal:
            return str(refusal)
        finally:
            self.ledger.close()

    def _do(self, process: Process, step: Step, *, kill: bool, coin: random.Random | None) -> None:
        name, key, minutes = step
        later = 5 * self.deaths  # so that the leases of every dead process have ended
        self.ledger.intend(name, key)
        if kill and coin is not None:
            import threading

            threading.Timer(coin.random() * WITHIN_S.get(name, 0.03), process.kill).start()
        answer = process.ask(name, key, minutes + later)
        self.ledger.acknowledge(name, key, answer)

    def _at_rest(self, process: Process) -> str:
        if self._script == "capture":
            process.ask("rollup")
            process.ask("tiers")
        if self._script == "context":
            process.ask("compaction")
        process.ask("work", minutes=20)
        process.ask("work", minutes=40)
        process.ask("seal", minutes=50)
        stored = process.ask("stored")
        exported = process.ask("export")
        return (wrong_with(stored, self.ledger, self._received) or self._store.wrong()
                or wrong_with_log(exported))


def wrong_with(stored: dict[str, list[str]], ledger: Ledger, received: Received) -> str:
    """Compare what is stored with what the client knows: lost, phantom or double, and effects likewise."""
    gone = set(ledger.acknowledged.get("farewell", []))
    for name in (*ONCE, "file", "consultation"):
        acknowledged = set(ledger.acknowledged.get(name, [])) - gone
        intended = set(ledger.intended.get(name, []))
        found = stored[name]
        lost, phantom = acknowledged - set(found), set(found) - intended
        double = [key for key, count in collections.Counter(found).items() if count > 1]
        if lost or phantom or double:
            return f"{name}: lost {sorted(lost)}, phantom {sorted(phantom)}, double {double}"
    wanted = [f"{key} received" for key in stored["case"]] + [
        f"{key} {kind}" for key in stored["decision"] for kind in ("started", "decided")]
    if sorted(stored["fact"]) != sorted(wanted):
        return f"facts {sorted(stored['fact'])} instead of {sorted(wanted)}"
    leaves = [f"{key} cases.create" for key in stored["case"]] + [
        f"{key} cases.decide" for key in stored["decision"]]
    if sorted(stored["leaf"]) != sorted(leaves):
        return f"leaves {sorted(stored['leaf'])} instead of {sorted(leaves)}"
    if stored["found_elsewhere"]:
        return "look-ups start elsewhere than before"
    if "agreed" in ledger.acknowledged and stored["succession"] != ["agreed"]:
        return f"succession: {stored['succession']}"
    if "rewrapping" in ledger.acknowledged and stored["not_rotated"]:
        return f"still in use: {stored['not_rotated']}"
    if "rollup" in ledger.acknowledged and sorted(stored["rolled"]) != sorted(stored["reading"]):
        return f"rolled up {stored['rolled']} of {stored['reading']}"
    if "tiers" in ledger.acknowledged and stored["in_days"] != stored["seen"]:
        return f"{stored['in_days']} in days of {stored['seen']}"
    if "compaction" in ledger.acknowledged and sorted(stored["compacted"]) != sorted(stored["entity"]):
        return f"in files {stored['compacted']} of {stored['entity']}"
    if "handshake" in ledger.acknowledged and len(received.bodies) != len(wanted):
        return f"{len(received.bodies)} effects at the receiver instead of {len(wanted)}"
    changed = [key for key, bodies in received.bodies.items() if len(bodies) > 1]
    return f"deliveries of {changed} differ" if changed else ""


def wrong_with_log(exported: str) -> str:
    """Let the independent verifier look at the exported log; an empty one has no export."""
    if not exported:
        return ""
    told = subprocess.run([sys.executable, "-I", str(VERIFIER), exported], capture_output=True, text=True,
                          check=False)
    return f"log: {told.stdout.strip()[:200]}" if told.returncode != 0 else ""
