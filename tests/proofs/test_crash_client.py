"""A process that the crash proof asks. Not covered: the scripts and what the ledger says of them."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.proofs.crash.client import Died, Process, Silent

BEGIN = """
import faulthandler, signal, socket, sys, time
faulthandler.register(signal.SIGUSR1)
talk = socket.socket(fileno=int(sys.argv[1])).makefile("rw")
talk.readline()
"""
WORKS_ON = """
until = time.monotonic() + 1.5
while time.monotonic() < until: pass
print('{"answer": 7}', file=talk, flush=True)
"""
STANDS = """
def wait_for_nothing():
    while True: signal.pause()
wait_for_nothing()
"""


@contextmanager
def _asked(folder: Path, program: str) -> Iterator[tuple[Process, "subprocess.Popen[bytes]"]]:
    ours, theirs = socket.socketpair()
    log = folder / "log"
    with theirs, log.open("wb") as told:
        child = subprocess.Popen(
            [sys.executable, "-c", BEGIN + program, str(theirs.fileno())], stderr=told,
            pass_fds=[theirs.fileno()],
        )
    process = Process(child.pid, ours.makefile("rw"), ours, log, patience_s=0.5)
    try:
        yield process, child
    finally:
        child.kill()
        child.wait()
        process.close()


class TestProcess:
    def test_is_waited_for_while_it_works_on(self, tmp_path: Path) -> None:
        with _asked(tmp_path, WORKS_ON) as (process, _child):
            assert process.ask("step") == 7

    def test_is_ended_and_named_when_it_neither_answers_nor_works(self, tmp_path: Path) -> None:
        with _asked(tmp_path, STANDS) as (process, child):
            with pytest.raises(Silent, match="wait_for_nothing"):
                process.ask("step")
            assert child.wait(10) == -signal.SIGKILL

    def test_is_taken_for_dead_when_it_ends(self, tmp_path: Path) -> None:
        with _asked(tmp_path, "") as (process, _child), pytest.raises(Died):
            process.ask("step")
