"""What `ocapi bench capture` tells of a flood by MQTT: one source sends all it can, from its own process.

Two others go on at their own pace: a source of the same organization and one of another. Told are what of the
flood was stored a second against its limit, the time to an acknowledgement of the others before and during
the flood, and how much the memory grew.
"""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiomqtt

from ocapi.dataplane.app import DataPlane
from ocapi.dataplane.tests import asgi, driving
from ocapi.dataplane.tests.test_sensorthings import ask, thing
from ocapi.lib import clock
from ocapi.lib.mqtt import packets
from tests.performance.procfs import rss_bytes

SECONDS, CONNECTIONS = 15.0, 4
ASKED = 150  # messages of each polite source, before and during the flood
PACE_S = 0.05
LATEST_S = 0.5  # an acknowledgement of the others while one floods, 95th percentile
MOST_OF_LIMIT = 1.3  # two seconds' worth may come at once
MOST_GROWN = 64 << 20
TOPIC = "v1.1/Datastreams(1)/Observations"


@dataclass(frozen=True, kw_only=True)
class Flood:
    """What was measured. before, during: seconds to an acknowledgement, 95th percentile, by who sent."""

    stored_per_s: float
    limit_per_s: int
    before: dict[str, float]
    during: dict[str, float]
    lost: int
    grown_bytes: int

    @property
    def is_good(self) -> bool:
        """Tell whether others were unaffected and the limit held."""
        return (
            self.lost == 0 and self.stored_per_s <= MOST_OF_LIMIT * self.limit_per_s
            and max(self.during.values()) <= LATEST_S and self.grown_bytes <= MOST_GROWN
        )

    def told(self) -> str:
        """Say it in lines."""
        lines = [f"flood by MQTT: {self.stored_per_s:,.0f} of {self.limit_per_s:,} messages a second stored, "
                 f"memory +{self.grown_bytes / (1 << 20):.0f} MB, {self.lost} of the others lost"]
        lines += [f"  {name}: acknowledged within {self.before[name] * 1000:.0f} ms before, "
                  f"{self.during[name] * 1000:.0f} ms during (95th percentile)" for name in self.before]
        return "\n".join(lines)


async def measure(folder: Path) -> Flood:
    """Let one source flood and two others go on."""
    driving.publish(folder)
    async with asgi.running(asgi.plan(folder, mqtt_port=0)) as plane:
        polite = {
            "another source": driving.Client(plane, driving.bearer(client_id="other")),
            "another organization": driving.Client(
                plane, driving.bearer(uuid=driving.BETA), host=b"beta.localhost:8000"),
        }
        flooding = driving.Client(plane, driving.bearer())
        for client in (flooding, polite["another organization"]):
            if (await ask(client, "POST", "/Things", thing())).status != 201:
                raise RuntimeError("no datastream")
        if (await ask(flooding, "POST", "/Things", thing())).status != 201:
            raise RuntimeError("no second datastream")
        before, _lost = await _paced(plane, polite, day=1)
        size = rss_bytes(os.getpid())
        flood = _started(plane.devices.port, flooding.token.decode().removeprefix("Bearer "))
        stored = await _count(flooding)
        started = time.perf_counter()
        during, lost = await _paced(plane, polite, day=2)
        await asyncio.sleep(max(0.0, SECONDS - (time.perf_counter() - started)))
        seconds = time.perf_counter() - started
        flood.kill()
        flood.wait()
        grown = rss_bytes(os.getpid()) - size
        per_second = (await _count(flooding) - stored - ASKED) / seconds
        part = plane.policy.current().parts["aalter"]
    return Flood(stored_per_s=per_second, limit_per_s=part.limits.messages_per_second, before=before,
                 during=during, lost=lost, grown_bytes=grown)


async def _count(client: driving.Client) -> int:
    store = await client.plane.intake._stores.of("aalter")
    return store.last_sequence


async def _paced(
    plane: DataPlane, polite: dict[str, driving.Client], *, day: int
) -> tuple[dict[str, float], int]:
    found = await asyncio.gather(*(_one(plane, client, name, day) for name, client in polite.items()))
    lost = sum(ASKED - len(waited) for waited in found)
    late = [sorted(waited)[int(0.95 * len(waited))] for waited in found]
    return dict(zip(polite, late, strict=True)), lost


async def _one(plane: DataPlane, client: driving.Client, name: str, day: int) -> list[float]:
    who = "other" if name == "another source" else "meter"
    stream = 2 if name == "another source" else 1
    token = client.token.decode().removeprefix("Bearer ")
    waited = []
    port = plane.devices.port
    async with aiomqtt.Client("127.0.0.1", port, username=who, password=token, timeout=30) as device:
        for number in range(ASKED):
            at = f"2026-11-{day:02}T{number // 60:02}:{number % 60:02}:00Z"
            started = time.perf_counter()
            body = json.dumps({"result": number, "phenomenonTime": at})
            await device.publish(f"v1.1/Datastreams({stream})/Observations", body, qos=1)
            waited.append(time.perf_counter() - started)
            await asyncio.sleep(PACE_S)
    return waited


def _started(port: int, token: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "tests.performance.capture_flood", str(port), token])


def flood(port: int, token: str) -> None:
    """Send as much as the connections take, until killed."""
    connections = []
    for number in range(CONNECTIONS):
        made = socket.create_connection(("127.0.0.1", port))
        made.sendall(packets.encode(packets.Connect(
            version=packets.V311, client_id=f"flood{number}", username="meter", password=token.encode(),
            keep_alive=60, is_clean=True,
        ), version=packets.V311))
        made.setblocking(False)
        connections.append(made)
    turn, rest = 0, {each.fileno(): b"" for each in connections}
    while True:
        for each in connections:
            if not rest[each.fileno()]:
                rest[each.fileno()] = b"".join(_message(turn * 100 + number) for number in range(100))
                turn += 1
            with contextlib.suppress(BlockingIOError):
                sent = each.send(rest[each.fileno()])
                rest[each.fileno()] = rest[each.fileno()][sent:]
            with contextlib.suppress(BlockingIOError):
                each.recv(1 << 16)


def _message(number: int) -> bytes:
    at = f"2026-11-10T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.{number % 997:03}Z"
    body = json.dumps({"result": number, "phenomenonTime": at}).encode()
    return packets.encode(packets.Publish(topic=TOPIC, payload=body, qos=0), version=packets.V311)


def run(folder: Path) -> Flood:
    """Measure in a folder of its own, at the clock of the tokens."""
    with clock.Travelling(driving.NOW):
        found: Any = asyncio.run(measure(folder))
    return found


if __name__ == "__main__":
    flood(int(sys.argv[1]), sys.argv[2])
