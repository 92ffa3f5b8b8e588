"""The bus swallows everything without a word while cases come in, and answers again."""

import socketserver
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.proofs.faults.serving import served, wrong

PATIENCE_S = 2.0  # who waited for the bus would wait five seconds
HEALED_WITHIN_S = 90.0
NEWS = "nats-msg-id:"


class Bus:
    """As much of a NATS server as a publisher sees. heard: the ids of what it took in, in order."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.answers = threading.Event()
        self.answers.set()


@contextmanager
def bus() -> Iterator[tuple[str, Bus]]:
    """Play a bus that can stop answering; gives its address."""
    played = Bus()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if not played.answers.is_set():
                played.answers.wait()  # a black hole: the connection stands, nothing comes back
                return
            told = b'{"server_id":"x","version":"2.10.0","headers":true,"max_payload":1048576}'
            self.wfile.write(b"INFO " + told + b"\r\n")
            for line in self.rfile:
                if not played.answers.is_set():
                    return
                if line.startswith(b"PING"):
                    self.wfile.write(b"PONG\r\n")
                elif line.startswith(b"HPUB"):
                    _subject, size, whole = line.split()[-3:]
                    head = self.rfile.read(int(size)).decode()
                    self.rfile.read(int(whole) - int(size) + 2)
                    played.heard += [part.split(":", 1)[1].strip() for part in head.splitlines()
                                     if part.lower().startswith(NEWS)]

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"nats://127.0.0.1:{server.server_address[1]}", played
    finally:
        played.answers.set()
        server.shutdown()
        server.server_close()


def go_silent(folder: Path, *, seconds: float) -> tuple[str, str]:
    """Let the bus be silent for that long; gives what is wrong, and what there is to tell."""
    with bus() as (address, played), served(folder, more={"OCAPI_BUS_URL": address}) as client:
        client.file("before")
        _wait_until(lambda: bool(played.heard), within_s=HEALED_WITHIN_S)
        had_heard = len(played.heard)
        played.answers.clear()
        until, number = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            number += 1
            client.file(f"silent {number}")
            time.sleep(0.1)  # the pace of a client
        while_silent = len(played.heard) - had_heard
        played.answers.set()
        began = time.monotonic()
        _wait_until(lambda: set(client.kept()["facts"]) <= set(played.heard), within_s=HEALED_WITHIN_S)
        took = time.monotonic() - began
        kept = client.kept()
    facts, heard = set(kept["facts"]), set(played.heard)
    slowest, usual = max(client.seen.took), statistics.median(client.seen.took)
    found = wrong(client.seen, kept["names"])
    checks = {
        found: found,
        f"refused for the bus: {dict(client.seen.statuses)}": set(client.seen.statuses) - {200, 201},
        f"an answer usually took {usual:.1f} s": usual > PATIENCE_S,
        "the bus was not silent": while_silent,
        f"{len(facts - heard)} of {len(facts)} facts never came": facts - heard,
        f"{len(heard - facts)} facts came that are none": heard - facts,
    }
    return (
        "; ".join(text for text, is_so in checks.items() if is_so),
        f"bus silent for {seconds:.0f} s: {number} cases taken, slowest {slowest:.2f} s; all {len(facts)} "
        f"facts came within {took:.0f} s after it",
    )


def _wait_until(is_so: Callable[[], bool], *, within_s: float) -> None:
    until = time.monotonic() + within_s
    while time.monotonic() < until and not is_so():
        time.sleep(0.5)  # between two looks
