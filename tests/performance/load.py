"""The load generator, a process of its own: keep-alive HTTP/1.1 over raw sockets, closed or open loop.

Reads a plan as JSON on its first line, connects, says `ready`, starts at `go`, and writes one line of JSON.
Every body is compared with the first one for the same request; the first ones travel back to be judged.
"""

import base64
import json
import resource
import select
import socket
import sys
from time import perf_counter

LARGEST_READ = 256 << 10
SHED = (429, 503)


class Exchange:
    """One connection and the request under way on it."""

    __slots__ = ("begun", "buffer", "number", "sock")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.buffer = b""
        self.begun = 0.0
        self.number = 0


def parsed(data: bytes) -> tuple[int, bytes, int] | None:
    """Give (status, body, bytes used) of one whole answer, or None while it is not whole."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    status = int(data[9:12])
    if status in (204, 304):
        return status, b"", end + 4
    head = data[:end].lower()
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        line_end = head.find(b"\r\n", at + 2)
        length = int(head[at + 17 : line_end if line_end > 0 else None])
        whole = end + 4 + length
        return (status, data[end + 4 : whole], whole) if len(data) >= whole else None
    if b"chunked" in head:
        return _chunked(status, data, end + 4)
    return status, b"", end + 4


def _chunked(status: int, data: bytes, at: int) -> tuple[int, bytes, int] | None:
    body = b""
    while True:
        line_end = data.find(b"\r\n", at)
        if line_end < 0:
            return None
        size = int(data[at:line_end].partition(b";")[0], 16)
        if len(data) < line_end + 4 + size:
            return None
        body += data[line_end + 2 : line_end + 2 + size]
        at = line_end + 4 + size
        if size == 0:
            return status, body, at


class Load:
    """Sends the requests of a plan in turn over its connections and counts what comes back."""

    def __init__(self, plan: dict) -> None:
        self.requests = [base64.b64decode(each) for each in plan["requests"]]
        self.address = (plan["host"], plan["port"])
        self.expected = set(plan["expected"])
        self.is_varying = plan.get("varies", False)
        self.first: dict[int, bytes] = {}
        self.latencies: list[float] = []
        self.done = self.errors = self.shed = self.varied = 0
        self.sent = 0
        self.statuses: dict[int, int] = {}
        self.poll = select.epoll()
        self.open: dict[int, Exchange] = {}
        for _ in range(plan["connections"]):
            self._connect()

    def _connect(self) -> Exchange:
        sock = socket.create_connection(self.address, timeout=10)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        exchange = Exchange(sock)
        self.open[sock.fileno()] = exchange
        self.poll.register(sock.fileno(), select.EPOLLIN)
        return exchange

    def send(self, exchange: Exchange, begun: float) -> None:
        exchange.number = self.sent % len(self.requests)
        exchange.begun = begun
        self.sent += 1
        exchange.sock.sendall(self.requests[exchange.number])

    def answers(self, timeout: float) -> list[Exchange]:
        """Wait for answers; gives the connections that are free again."""
        free = []
        for number, _event in self.poll.poll(timeout):
            exchange = self.open[number]
            data = exchange.sock.recv(LARGEST_READ)
            if not data:
                free.append(self._reopened(exchange, number))
                continue
            exchange.buffer = exchange.buffer + data if exchange.buffer else data
            found = parsed(exchange.buffer)
            if found is not None:
                self._take(exchange, found[0], found[1])
                exchange.buffer = exchange.buffer[found[2] :]
                free.append(exchange)
        return free

    def _reopened(self, exchange: Exchange, number: int) -> Exchange:
        self.errors += 1
        self.poll.unregister(number)
        del self.open[number]
        exchange.sock.close()
        return self._connect()

    def _take(self, exchange: Exchange, status: int, body: bytes) -> None:
        self.latencies.append(perf_counter() - exchange.begun)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status in SHED:
            self.shed += 1
        elif status not in self.expected:
            self.errors += 1
            self.first.setdefault(exchange.number, body)
        else:
            self.done += 1
            known = self.first.setdefault(exchange.number, body)
            if not self.is_varying and known != body:
                self.varied += 1

    def closed(self, seconds: float) -> float:
        """Keep every connection busy for so long, then wait for what is under way; gives the seconds."""
        start = perf_counter()
        until, busy = start + seconds, 0
        for exchange in list(self.open.values()):
            self.send(exchange, perf_counter())
            busy += 1
        while busy:
            for exchange in self.answers(10.0):
                now = perf_counter()
                if now < until:
                    self.send(exchange, now)
                else:
                    busy -= 1
            if perf_counter() > until + 30:
                self.errors += busy
                break
        return perf_counter() - start

    def steady(self, seconds: float, rate: float) -> float:
        """Send at a constant rate; each latency counts from the instant the request should have left."""
        start = perf_counter()
        free, number, total = list(self.open.values()), 0, max(int(seconds * rate), 1)
        while self.done + self.errors + self.shed < total and perf_counter() < start + seconds + 30:
            now = perf_counter()
            while free and number < total and now >= start + number / rate:
                self.send(free.pop(), start + number / rate)
                number += 1
            due = start + number / rate - perf_counter() if free and number < total else 1.0
            free.extend(self.answers(max(due, 0.0)))
        return perf_counter() - start


def quantile(held: list[float], share: float) -> float:
    """Give a quantile of a sorted list in milliseconds."""
    return round(held[min(int(len(held) * share), len(held) - 1)] * 1000, 3) if held else 0.0


def cpu_seconds() -> float:
    """Give the CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    """Run one plan."""
    plan = json.loads(sys.stdin.readline())
    load = Load(plan)
    print("ready", flush=True)
    sys.stdin.readline()
    before = cpu_seconds()
    rate = plan.get("rate", 0)
    wall = load.steady(plan["seconds"], rate) if rate else load.closed(plan["seconds"])
    held = sorted(load.latencies)
    print(json.dumps({
        "units": load.done, "errors": load.errors, "shed": load.shed, "varied": load.varied, "wall_s": wall,
        "load_cpu_s": cpu_seconds() - before, "statuses": load.statuses,
        "latency_ms": {
            "p50": quantile(held, 0.5), "p95": quantile(held, 0.95), "p99": quantile(held, 0.99),
            "max": quantile(held, 1.0), "loop": "open" if rate else "closed",
        },
        "answers": {number: base64.b64encode(body).decode() for number, body in load.first.items()},
    }), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
