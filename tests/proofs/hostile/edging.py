"""What stands at the front door: requests two readers could understand differently, bodies without end."""

import asyncio
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from ocapi.dataplane.tests import asgi
from tests.proofs.hostile.listening import Listener

HOST = b"alpha.localhost:8000"
LIMIT = (1 << 20) + (1 << 20)  # of the plan below: an upload and its form
Headers = tuple[tuple[bytes, bytes], ...]
Wrong = tuple[str, str]
Asked = tuple[str, str, Headers, tuple[bytes, ...], bytes, bool]


def front(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """One hostile request; refused with a status of its kind before web is asked, or handed on clean."""
    kind = coin.choice(sorted(KINDS))
    make, statuses = KINDS[kind]
    method, target, headers, chunks, host, never_ends = make(coin)
    got, stub = asyncio.run(_ask(method, target, headers, chunks, host, never_ends))
    if got.status not in statuses:
        return f"one of {sorted(statuses)}", f"{kind} {method} {headers[:2]}: {got.status}"
    for request in stub.asked:
        wrong = _clean(request)
        if wrong:
            return wrong[0], f"{kind}: {wrong[1]}"
    if got.status >= 400 and stub.asked:
        return "refused before web is asked", f"{kind}: asked {len(stub.asked)} times"
    return None


async def _ask(
    method: str, target: str, headers: Headers, chunks: tuple[bytes, ...], host: bytes, never_ends: bool
) -> tuple[asgi.Got, asgi.StubWeb]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="ok", headers={"Cache-Control": "private"})

    with tempfile.TemporaryDirectory() as folder:
        its = asgi.plan(Path(folder), body_deadline_s=0.05, min_rate=1 << 40)
        async with asgi.web_answering(its, answer) as stub, asgi.running(its) as app:
            return await asgi.ask(
                app, method, target, headers=headers, chunks=chunks, host=host, never_ends=never_ends
            ), stub


def _clean(request: web.Request) -> Wrong | None:
    told = {name.lower(): value for name, value in request.headers.items()}
    if told.get("x-forwarded-for") != "192.0.2.7":
        return "the sender as we saw it", str(told.get("x-forwarded-for"))
    if told.get("x-forwarded-host") != told.get("host"):
        return "the host that was asked", str(told.get("x-forwarded-host"))
    spoofed = {"forwarded", "x-real-ip", "ocapi-tenant", "x-accel-redirect", "proxy", "te"} & set(told)
    if spoofed or any("_" in name for name in told):
        return "no word of a client about itself", str(sorted(spoofed))
    return None


def _smuggled(coin: random.Random) -> Asked:
    headers = coin.choice(
        (
            ((b"content-length", b"5"), (b"content-length", b"6")),
            ((b"content-length", b"5"), (b"transfer-encoding", b"chunked")),
            ((b"content-length", b"+5"),),
            ((b"content-length", b"-1"),),
            ((b"content-length", b"5, 5"),),
            ((b"content-length", b"0x5"),),
            ((b"content-length", b""),),
            ((b"host", b"beta.localhost"),),
        )
    )
    return "POST", "/", headers, (b"12345",), HOST, False


def _odd_host(coin: random.Random) -> Asked:
    host = coin.choice(
        (
            b"",
            b"a b",
            b"a/b",
            b"a@b",
            b"a#b",
            b"a\\b",
            b"a,b",
            b"a:port",
            b"a:999999",
            b"\xff",
            b"a\tb",
            b"[::1",
            b"x" * 300,
        )
    )
    return coin.choice(("GET", "POST")), "/", (), (b"",), host, False


def _odd_method(coin: random.Random) -> Asked:
    return (
        coin.choice(("TRACE", "CONNECT", "PROPFIND", "DEBUG", "get", "PURGE")),
        "/",
        (),
        (b"",),
        HOST,
        False,
    )


def _too_large(coin: random.Random) -> Asked:
    if coin.random() < 0.5:
        return "POST", "/", ((b"content-length", str(10 << 30).encode()),), (), HOST, True
    return "POST", "/", (), tuple(b"x" * (1 << 20) for _ in range(4)), HOST, True


def _dripping(coin: random.Random) -> Asked:
    return "POST", "/", (), tuple(b"x" for _ in range(coin.choice((1, 5)))), HOST, True


def _spoofed(coin: random.Random) -> Asked:
    names = (
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"forwarded",
        b"x-real-ip",
        b"ocapi-tenant",
        b"x_forwarded_for",
        b"proxy",
        b"te",
        b"x-accel-redirect",
        b"belgov-trace-id",
    )
    headers = tuple((name, b"beta.localhost") for name in coin.sample(names, 5))
    return "GET", f"/{coin.choice(('', 'desk/', 'zoeken?q=x'))}", headers, (b"",), HOST, False


KINDS: dict[str, tuple[Callable[[random.Random], Asked], frozenset[int]]] = {
    "smuggled": (_smuggled, frozenset({400})),
    "host": (_odd_host, frozenset({400})),
    "method": (_odd_method, frozenset({405})),
    "large": (_too_large, frozenset({413})),
    "dripping": (_dripping, frozenset({408})),
    "spoofed": (_spoofed, frozenset({200})),
}
CHECKS = {"front": front}
