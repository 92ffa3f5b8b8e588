"""Drives an ASGI application without a network, and plays web on a Unix socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from starlette.types import ASGIApp, Message

from ocapi.dataplane.app import DataPlane
from ocapi.dataplane.plan import Plan

HOST = b"aalter.localhost:8000"
Handler = Callable[[web.Request], Awaitable[web.Response]]


@dataclass
class Got:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class StubWeb:
    """What web was asked, and what it answers."""

    answer: Handler
    asked: list[web.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        self.bodies.append(await request.read())
        return await self.answer(request)


def plan(folder: Path, **changes: object) -> Plan:
    """Make a plan in a folder of the test, that tells refusals at once; `changes` replace limits."""
    limits = {"refusal_hold_s": 0.0, **changes}
    return Plan(data=folder, static=folder / "static", upload_bytes=1 << 20, **limits)  # type: ignore[arg-type]


@asynccontextmanager
async def running(its_plan: Plan) -> AsyncIterator[DataPlane]:
    """Start and stop a data plane."""
    plane = DataPlane(its_plan)
    await plane.start()
    try:
        yield plane
    finally:
        await plane.stop()


@asynccontextmanager
async def web_answering(
    its_plan: Plan, answer: Handler, *, name: str = "web.sock"
) -> AsyncIterator[StubWeb]:
    """Play web on its Unix socket."""
    its_plan.run.mkdir(parents=True, exist_ok=True)
    stub = StubWeb(answer)
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{rest:.*}", stub.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, str(its_plan.run / name)).start()
    try:
        yield stub
    finally:
        await runner.cleanup()


async def ask(
    app: ASGIApp, method: str, target: str, *, headers: tuple[tuple[bytes, bytes], ...] = (),
    chunks: tuple[bytes, ...] = (b"",), host: bytes = HOST, never_ends: bool = False,
) -> Got:
    """Send one request; with `never_ends` the body stays open after its chunks."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", host), *headers], "client": ("192.0.2.7", 5), "scheme": "http", "root_path": "",
        "http_version": "1.1", "server": ("127.0.0.1", 8000),
    }
    last = len(chunks) - 1
    waiting: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": place < last or never_ends}
        for place, chunk in enumerate(chunks)
    ]

    async def receive() -> Message:
        if waiting:
            return waiting.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    pairs = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Got(sent[0]["status"], pairs, b"".join(message.get("body", b"") for message in sent[1:]))
