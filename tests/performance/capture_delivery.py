"""What `ocapi bench capture` tells of delivery: readable after how long, and every subscriber told of all.

100 entities change five times for 1,000 subscribers (the case in which another broker lost notifications).
Receivers are one real HTTP server in this process; every subscriber must have been told of every change of
every entity.
"""

import asyncio
import time
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from ocapi.dataplane.app import DataPlane
from ocapi.dataplane.tests import asgi, driving
from ocapi.lib import clock

ENTITIES, UPDATES, SUBSCRIBERS = 100, 5, 1_000
ASKED = 100  # times a reading was waited for
LONGEST_S = 120.0


class Receivers:
    """Holds what every subscriber was told; what is told again, after a late answer, counts once."""

    def __init__(self) -> None:
        self.told: set[tuple[str, str, int]] = set()
        self._runner: web.AppRunner | None = None

    async def start(self) -> int:
        """Listen; gives the port."""
        application = web.Application(client_max_size=64 << 20)
        application.router.add_post("/{subscriber}", self._take)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        subscriber = request.match_info["subscriber"]
        for each in msgspec.json.decode(await request.read())["data"]:
            self.told.add((subscriber, each["id"], each["level"]["value"]))
        return web.Response(status=204)


def changed(turn: int) -> bytes:
    """Give all entities as they are at a turn."""
    return msgspec.json.encode([
        {"id": f"urn:ngsi-ld:Tank:{each}", "type": "Tank", "level": {"type": "Property", "value": turn}}
        for each in range(ENTITIES)
    ])


async def deliver(folder: Path) -> tuple[int, int, float]:
    """Give how many changes were told, how many of them are missing, and after how many seconds."""
    receivers = Receivers()
    port = await receivers.start()
    driving.publish(folder, receiver_port=port)
    async with asgi.running(asgi.plan(folder)) as plane:
        client = driving.Client(plane, driving.bearer())
        for number in range(SUBSCRIBERS):
            got = await client.ask("POST", "/subscriptions", {
                "type": "Subscription", "entities": [{"type": "Tank"}],
                "notification": {"endpoint": {"uri": f"http://127.0.0.1:{port}/{number}"}},
            })
            if got.status != 201:
                raise RuntimeError(f"subscription {number}: {got.status} {got.body[:300]!r}")
        started = time.perf_counter()
        for turn in range(UPDATES):
            got = await client.ask("POST", "/entityOperations/upsert?options=update", changed(turn))
            if got.status not in (201, 204):
                raise RuntimeError(f"{got.status} {got.body[:300]!r}")
        wanted = ENTITIES * UPDATES * SUBSCRIBERS
        while len(receivers.told) < wanted and time.perf_counter() - started < LONGEST_S:
            await asyncio.sleep(0.05)
        seconds = time.perf_counter() - started
    await receivers.stop()
    return len(receivers.told), wanted - len(receivers.told), seconds


async def readable(plane: DataPlane) -> float:
    """Give the 95th percentile of the seconds from an acknowledgement to the reading in an answer."""
    client, waited = driving.Client(plane, driving.bearer()), []
    for number in range(ASKED):
        at = f"2026-11-28T08:{number // 60:02}:{number % 60:02}Z"
        got = await client.ask("POST", "/entityOperations/upsert", msgspec.json.encode([
            {"id": "urn:ngsi-ld:Probe:1", "type": "Probe", "level": {
                "type": "Property", "value": number, "observedAt": at,
            }}
        ]))
        acknowledged = time.perf_counter()
        if got.status not in (201, 204):
            raise RuntimeError(f"{got.status} {got.body[:300]!r}")
        while await _last(client) != number:
            if time.perf_counter() - acknowledged > LONGEST_S:
                raise RuntimeError("an acknowledged reading does not become readable")
            await asyncio.sleep(0.01)
        waited.append(time.perf_counter() - acknowledged)
    return sorted(waited)[int(0.95 * ASKED)]


async def _last(client: driving.Client) -> Any:
    found = await client.get("/temporal/entities/urn:ngsi-ld:Probe:1?options=temporalValues"
                             "&timerel=after&timeAt=2026-11-28T07:00:00Z&lastN=1")
    values = found.get("level", {}).get("values", [])
    return values[-1][0] if values else None


def run(folder: Path) -> tuple[int, int, float]:
    """Deliver in a folder of its own, at the clock of the tokens."""
    with clock.Travelling(driving.NOW):
        return asyncio.run(deliver(folder))
