"""What stands outside the system and outlives it: the client's ledger and the receivers of its effects."""

import hashlib
import http.server
import json
import os
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


class Ledger:
    """What the client intended and was told; each line is on the disk before the next thing happens."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        self.intended: dict[str, list[str]] = {}
        self.acknowledged: dict[str, list[str]] = {}

    def intend(self, name: str, key: str) -> None:
        """Write down that something will be asked, before asking."""
        self._write({"intent": name, "key": key})
        self.intended.setdefault(name, []).append(key)

    def acknowledge(self, name: str, key: str, answer: object) -> None:
        """Write down that it was done, after being told so."""
        told = hashlib.sha256(json.dumps(answer, sort_keys=True).encode()).hexdigest()
        self._write({"ack": name, "key": key, "answer": told})
        self.acknowledged.setdefault(name, []).append(key)

    def close(self) -> None:
        """End it."""
        os.close(self._handle)

    def _write(self, line: dict[str, str]) -> None:
        os.write(self._handle, json.dumps(line).encode() + b"\n")
        os.fdatasync(self._handle)


@dataclass(slots=True)
class Received:
    """What came to the receiver: the bytes of each event id, and every delivery in order."""

    bodies: dict[str, set[bytes]] = field(default_factory=dict)
    order: list[tuple[str, str]] = field(default_factory=list)

    def reset(self) -> None:
        """Forget, for the next case."""
        self.bodies.clear()
        self.order.clear()


@contextmanager
def receiver(path: Path) -> Iterator[tuple[str, Received]]:
    """Take webhooks in and write each down durably before answering; gives its address."""
    received, log = Received(), os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_OPTIONS(self) -> None:  # noqa: N802
            self.send_response(200)
            self.send_header("WebHook-Allowed-Origin", "*")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers["Content-Length"]))
            key = self.headers["Idempotency-Key"]
            os.write(log, body + b"\n")
            os.fdatasync(log)
            received.bodies.setdefault(key, set()).add(body)
            received.order.append((json.loads(body).get("subject", ""), key))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Stay quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/in", received
    finally:
        server.shutdown()
        server.server_close()
        os.close(log)


@contextmanager
def bus() -> Iterator[str]:
    """Play as much of a NATS server as a publisher sees; gives its address."""
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            told = b'{"server_id":"x","version":"2.10.0","headers":true,"max_payload":1048576}'
            self.wfile.write(b"INFO " + told + b"\r\n")
            for line in self.rfile:
                if line.startswith(b"PING"):
                    self.wfile.write(b"PONG\r\n")
                elif line.startswith(b"HPUB"):
                    self.rfile.read(int(line.split()[-1]) + 2)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"nats://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
