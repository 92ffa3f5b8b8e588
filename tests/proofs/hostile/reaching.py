"""The egress client with addresses of this machine in every spelling, names that lie, and redirects."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from ocapi.lib import egress
from ocapi.lib.egress import (
    AllowedDestinations,
    Answer,
    Destination,
    DestinationRefused,
    EgressFailed,
    Limits,
)
from tests.proofs.hostile import generators
from tests.proofs.hostile.listening import Listener

LIMITS = Limits(connect_seconds=1.0, total_seconds=3.0, max_bytes=1 << 16)
LIES = (
    "127.0.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "64:ff9b::7f00:1",
    "0.0.0.0",
    "fe80::1",
    "2002:7f00:1::",
    "nonsense",
)
Wrong = tuple[str, str]


def spelled(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """An address of this machine, although somebody approved that very host."""
    url = coin.choice(generators.addresses(listener.port))
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        host = ""
    allowed = AllowedDestinations(
        destinations=(
            Destination(host=host, ports=frozenset({listener.port}), plain=True),
            Destination(host="example.org", ports=frozenset({listener.port}), plain=True),
        )
    )
    return _unreached(listener, url, allowed, None)


def resolved(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """A name whose addresses are ours, at once, among good ones, or only when it is asked again."""
    lies = coin.sample(LIES, 2)
    kind = coin.choice(("at once", "among", "again"))
    asked = 0

    async def resolve(host: str, port: int) -> Sequence[str]:
        nonlocal asked
        asked += 1
        if kind == "again" and asked == 1:
            return ("192.0.2.1",)  # for documentation: nobody answers there, and it is not public either
        return lies if kind != "among" else ("193.190.1.1", *lies)

    url = f"{coin.choice(('https', 'http'))}://rebound.example:{listener.port}/"
    allowed = AllowedDestinations(
        destinations=(Destination(host="rebound.example", ports=frozenset({listener.port}), plain=True),)
    )
    return _unreached(listener, url, allowed, resolve)


def redirected(coin: random.Random, listener: Listener, file: Path) -> Wrong | None:
    """A receiver that was approved, inside, and answers with a way to this machine, or round and round."""
    status = coin.choice((301, 302, 303, 307, 308))
    target = coin.choice(
        generators.addresses(listener.port) + ["/again", f"http://localhost:{listener.port}/"]
    )

    async def scenario() -> Wrong | None:
        async def answer(request: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": target})

        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        hosts = {"localhost", "127.0.0.1", (urlsplit(target).hostname or "x") if "[" not in target else "::1"}
        allowed = AllowedDestinations(
            destinations=(
                Destination(host="127.0.0.1", ports=frozenset({port}), plain=True, internal=True),
                *(
                    Destination(host=host, ports=frozenset({listener.port}), plain=True)
                    for host in sorted(hosts)
                ),
            )
        )
        before = listener.hits
        try:
            got: object = await egress.fetch(
                method=coin.choice(("GET", "POST")),
                url=f"http://127.0.0.1:{port}/",
                headers={"Authorization": "secret"},
                body=b"x",
                allowed=allowed,
                limits=LIMITS,
            )
        except (DestinationRefused, EgressFailed) as refusal:
            got = refusal
        except Exception as failure:
            return "a refusal", f"{target}: {type(failure).__name__}: {failure}"[:200]
        finally:
            await runner.cleanup()
        if listener.hits != before:
            return "no packet", f"{listener.hits - before} after {status} to {target}"
        return ("a refusal", f"{target}: {got!r}"[:200]) if isinstance(got, Answer) else None

    return asyncio.run(scenario())


def _unreached(
    listener: Listener, url: str, allowed: AllowedDestinations, resolve: egress.Resolve | None
) -> Wrong | None:
    before = listener.hits
    try:
        got = asyncio.run(
            egress.fetch(
                method="GET", url=url, headers={}, body=b"", allowed=allowed, limits=LIMITS, resolve=resolve
            )
        )
    except (DestinationRefused, EgressFailed):
        got = None
    except Exception as failure:
        return "DestinationRefused or EgressFailed", f"{url}: {type(failure).__name__}: {failure}"[:200]
    if listener.hits != before:
        return "no packet", f"{listener.hits - before} for {url}"
    return ("a refusal", f"{url}: {got.status}") if got is not None else None


CHECKS = {"spelled": spelled, "resolved": resolved, "redirected": redirected}
