"""An open loop of requests at one organization, and a calm visitor at another, timed meanwhile."""

import asyncio
import contextlib
import json
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

CONNECTIONS = 256
CROWD = 2048  # connections of a flood that waits for no answer before it opens the next
PATIENCE_S = 20.0
CALM_EVERY_S = 0.025
SHED = (429, 503)


@dataclass(slots=True)
class Told:
    """What was seen. calm: milliseconds of the visitor next door; took: of the flood's answered requests."""

    statuses: Counter[int] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    calm: list[float] = field(default_factory=list)
    calm_bad: list[str] = field(default_factory=list)
    promised: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    without_word: int = 0
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to ask. write: gives the bytes of a request that writes, by its name."""

    port: int
    host: str
    neighbor: str
    write: Callable[[str], bytes] | None = None


def read(host: str, number: int) -> bytes:
    """Give a request that no page cache answers."""
    return f"GET /zoeken?q=proef{number} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


def percentile(values: list[float], share: float) -> float:
    """Give the value below which that share lies; infinite of nothing."""
    found = sorted(values)
    return found[min(math.ceil(share * len(found)), len(found)) - 1] if found else math.inf


class Line:
    """One connection that asks one thing after the other, opened anew when the server closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, raw: bytes) -> tuple[int, bytes, bytes]:
        """Send a request and give status, head and body; raises OSError or TimeoutError."""
        try:
            return await asyncio.wait_for(self._ask(raw), PATIENCE_S)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            self.close()
            raise

    async def _ask(self, raw: bytes) -> tuple[int, bytes, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(raw)
        head = await reader.readuntil(b"\r\n\r\n")
        low = head.lower()
        at = low.find(b"content-length:")
        body = await reader.readexactly(int(low[at + 15 : low.find(b"\r\n", at)])) if at >= 0 else b""
        if b"connection: close" in low:
            self.close()
        return int(head.split()[1]), head, body

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


async def capacity(target: Target, *, seconds: float) -> float:
    """Give how many requests a second are answered when four ask in turn."""
    until, counted = time.monotonic() + seconds, 0

    async def one(number: int) -> None:
        nonlocal counted
        line = Line(target.port)
        while time.monotonic() < until:
            number += 10
            await line.ask(read(target.host, number))
            counted += 1
        line.close()

    await asyncio.gather(*(one(number) for number in range(4)))
    return counted / seconds


async def calm(target: Target, told: Told, *, seconds: float) -> None:
    """Ask next door at a steady pace."""
    line, number, until = Line(target.port), 10**9, time.monotonic() + seconds
    while time.monotonic() < until:
        number += 1
        began = time.perf_counter()
        try:
            status, _head, _body = await line.ask(read(target.neighbor, number))
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as failure:
            told.calm_bad.append(type(failure).__name__)
            continue
        took = time.perf_counter() - began
        if status == 200:
            told.calm.append(took * 1000)
        else:
            told.calm_bad.append(str(status))
        await asyncio.sleep(max(CALM_EVERY_S - took, 0))
    line.close()


async def flood(target: Target, told: Told, *, rate: float, seconds: float, over: int = CONNECTIONS) -> None:
    """Send at a steady rate whatever comes back, over connections that are free or opened for it."""
    lines: asyncio.Queue[Line] = asyncio.Queue()
    for _ in range(over):
        lines.put_nowait(Line(target.port))
    began, sent, running = time.monotonic(), 0, set()
    while (at := time.monotonic() - began) < seconds:
        while sent < at * rate:
            sent += 1
            if lines.empty():
                told.statuses[0] += 1  # every connection waits: a browser would wait too
                continue
            task = asyncio.create_task(_one(lines.get_nowait(), lines, target, told, sent))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.sleep(0.005)
    await asyncio.gather(*running)
    while not lines.empty():
        lines.get_nowait().close()


async def _one(line: Line, lines: "asyncio.Queue[Line]", target: Target, told: Told, number: int) -> None:
    name = f"spike-{number}" if target.write and number % 10 == 0 else ""
    raw = target.write(name) if name and target.write else read(target.host, number)
    began = time.perf_counter()
    try:
        status, head, body = await line.ask(raw)
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as failure:
        told.failed.append(type(failure).__name__)
        return
    finally:
        lines.put_nowait(line)
    told.statuses[status] += 1
    if status in SHED:
        told.without_word += b"\r\nretry-after:" not in head.lower()
        if name:
            told.refused.add(name)
    else:
        told.took.append((time.perf_counter() - began) * 1000)
        if name and status == 201:
            with contextlib.suppress(ValueError):
                told.promised.add(json.loads(body)["applicant"]["name"])


async def both(target: Target, told: Told, *, rate: float, seconds: float, over: int = CONNECTIONS) -> None:
    """Flood the one while the other is calm."""
    await asyncio.gather(
        flood(target, told, rate=rate, seconds=seconds, over=over), calm(target, told, seconds=seconds)
    )
