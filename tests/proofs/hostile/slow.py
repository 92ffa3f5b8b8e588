"""Many clients that begin and do not go on; meanwhile a good one is answered, and they are closed."""

import asyncio
import contextlib
import math
import resource
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

GOOD_MS = 500.0  # p99 of the good client, reliability.md 5.2
CLOSED_S = 10.0  # half requests are closed by then
EVERY_S = 0.05  # how often the good client asks
PATIENCE_S = 5.0  # of the good client
FILES = 8_192
KINDS = ("header", "body", "reader")


@dataclass(slots=True)
class Told:
    """What was seen. took: milliseconds of each good answer; bad: good requests without a 200."""

    took: list[float] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    opened: int = 0
    open_after: int = 0

    @property
    def p99(self) -> float:
        """Give the 99th percentile of the good client's times."""
        found = sorted(self.took)
        return found[min(math.ceil(0.99 * len(found)), len(found)) - 1] if found else math.inf


def allow_connections() -> None:
    """Let this process hold as many connections as attackers do, as far as the machine lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, hard), hard))


def attack(port: int, *, host: str, path: str, count: int, hold_s: float, closed_s: float = CLOSED_S) -> Told:
    """Open that many connections, hold them, ask as a good client all the while, and count who is left."""
    allow_connections()
    return asyncio.run(_attack(port, host, path, count, hold_s, closed_s))


def wrong(told: Told, *, count: int) -> str:
    """Give what is not as promised, or nothing."""
    if told.opened < count * 0.95:
        return f"only {told.opened} of {count} connections could be opened: nothing was proven"
    if told.bad:
        return f"{len(told.bad)} good requests of {len(told.bad) + len(told.took)} failed: {told.bad[:3]}"
    if told.p99 > GOOD_MS:
        return f"the good client's p99 is {told.p99:.0f} ms"
    return f"{told.open_after} half requests are still open" if told.open_after else ""


async def _attack(port: int, host: str, path: str, count: int, hold_s: float, closed_s: float) -> Told:
    told, ended = Told(), asyncio.Event()
    good = asyncio.create_task(_good(port, host, path, told, ended))
    began = time.monotonic()
    async with contextlib.AsyncExitStack() as stack:
        halves = []
        for number in range(count):
            kind = KINDS[number % len(KINDS)]
            half = await stack.enter_async_context(_half(port, host, path, kind))
            if half is not None:
                told.opened += 1
                halves.append((kind, half))
        watched = [
            asyncio.create_task(_closed(reader)) for kind, (reader, _writer) in halves if kind != "reader"
        ]
        await asyncio.sleep(
            max(hold_s - (time.monotonic() - began), 0)
        )  # what is measured: this long a siege
        left = closed_s - (time.monotonic() - began)
        done, open_still = await asyncio.wait(watched, timeout=max(left, 0.1)) if watched else (set(), set())
        told.open_after = len(open_still)
        for each in open_still:
            each.cancel()
        ended.set()
        await good
    return told


@contextlib.asynccontextmanager
async def _half(
    port: int, host: str, path: str, kind: str
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter] | None]:
    try:
        reader, writer = await asyncio.wait_for(
            asyncio.open_connection("127.0.0.1", port, limit=1 << 10), PATIENCE_S
        )
    except (OSError, TimeoutError):
        yield None
        return
    start = {
        "header": f"GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Slow: ",
        "body": f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100000\r\n\r\nx",
        "reader": f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n",
    }[kind]
    writer.write(start.encode())
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _closed(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(1 << 16):
            pass


async def _good(port: int, host: str, path: str, told: Told, ended: asyncio.Event) -> None:
    while not ended.is_set():
        began = time.perf_counter()
        try:
            status = await asyncio.wait_for(_ask(port, host, path), PATIENCE_S)
        except (OSError, TimeoutError, ValueError) as failure:
            told.bad.append(type(failure).__name__)
        else:
            if status == 200:
                told.took.append((time.perf_counter() - began) * 1000)
            else:
                told.bad.append(f"status {status}")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), EVERY_S)


async def _ask(port: int, host: str, path: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        line = await reader.readline()
        while await reader.read(1 << 16):
            pass
        return int(line.split()[1]) if line else 0
    finally:
        writer.transport.abort()


def weak(*, is_serial: bool, count: int = 60, hold_s: float = 1.0) -> Told:
    """Attack a server that never gives up on a half request; serial: it also serves one at a time."""

    async def scenario() -> Told:
        turn = asyncio.Lock()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            async with turn if is_serial else contextlib.nullcontext():
                head = await reader.readuntil(b"\r\n\r\n")
                if b"Content-Length" in head:
                    await reader.readexactly(100_000)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                writer.close()

        async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await serve(reader, writer)

        server = await asyncio.start_server(quietly, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            return await _attack(port, "x", "/", count, hold_s, hold_s)

    return asyncio.run(scenario())
