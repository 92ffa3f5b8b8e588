"""`ocapi bench capture`: observations per CPU-second, against decode, flatten, append and sync alone.

The peer is PostgreSQL COPY behind the same front (`capture_peer`); delivery to subscribers and the time to be
readable stand in `capture_delivery`, a flood by MQTT in `capture_flood`. No arms and rounds: all sides run in
this process, turn by turn, on the same batches of 640-byte entities
(three numbers, a place, a link), which change each round. Ours is the whole data plane behind its gate,
without the server of HTTP. Each way has the limit of its own bytes: untyped decode, flatten, columns, append
and sync. What is told is the median over the rounds of a way divided by its limit in the same round. At the
end it is opened anew: an acknowledged observation that is missing makes the figures worthless (exit code 2).
A median below half the limit is exit code 1, and so is less than three times the peer.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow

from ocapi.dataplane.app import COLLECT_AFTER, DataPlane
from ocapi.dataplane.tests import asgi, driving
from ocapi.lib import clock, collecting
from tests.performance import capture_delivery, capture_flood
from tests.performance.capture_peer import Copying

ENTITIES, BATCHES, ROUNDS = 300, 10, 7
PER_ENTITY = 3
GOAL = 0.5  # row 1a of performance.md, of the limit in observations per CPU-second
NGSI_LD, THINGS, SERIES = "NGSI-LD, batches", "SensorThings, arrays", "series, batches"
LIMIT = ", limit"  # added to the name of a way
PEER, PEER_GOAL = "series, PostgreSQL COPY", 3.0  # times the peer's rate
READABLE_S = 5.0  # from acknowledged to readable, 95th percentile
LOCATION = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [3.7250, 51.0540]}}
Side = Callable[[int], None]


def entity(number: int, turn: int) -> dict[str, Any]:
    """Give one entity of about 640 bytes at one moment."""
    at = f"2026-11-28T{turn // 3600 % 24:02}:{turn // 60 % 60:02}:{turn % 60:02}Z"
    values = {
        name: {"type": "Property", "value": number + turn / 100, "unitCode": unit, "observedAt": at}
        for name, unit in (("no2", "GQ"), ("pm10", "GQ"), ("temperature", "CEL"))
    }
    return {"id": f"urn:ngsi-ld:AirQualityObserved:{number:06}", "type": "AirQualityObserved", **values,
            "location": LOCATION,
            "refDevice": {"type": "Relationship", "object": f"urn:ngsi-ld:Device:{number:06}"}}


def batches(turn: int) -> list[bytes]:
    """Give the batches of one turn."""
    return [msgspec.json.encode([entity(batch * ENTITIES + each, turn) for each in range(ENTITIES)])
            for batch in range(BATCHES)]


def arrays(turn: int) -> list[bytes]:
    """Give as many observations of one turn as arrays, one datastream each."""
    day, found = f"2026-11-{turn % 28 + 1:02}", []
    for number in range(BATCHES):
        rows = [[f"{day}T{each // 3600:02}:{each // 60 % 60:02}:{each % 60:02}Z", each]
                for each in range(ENTITIES * PER_ENTITY)]
        found.append([{"Datastream": {"@iot.id": number + 1}, "components": ["phenomenonTime", "result"],
                       "dataArray": rows}])
    return [msgspec.json.encode(each) for each in found]


def readings(turn: int) -> list[bytes]:
    """Give as many readings of a series of one turn; each moment once, for the peer."""
    found = []
    for number in range(BATCHES):
        hour = f"2026-11-{turn % 28 + 1:02}T{number:02}"
        rows = [{"id": f"{turn}-{number}-{each}", "at": f"{hour}:{each // 60:02}:{each % 60:02}Z",
                 "value": each} for each in range(ENTITIES * PER_ENTITY)]
        found.append(msgspec.json.encode({"observations": rows}))
    return found


def limit(folder: Path, sent: dict[int, list[bytes]], flatten: Callable[[Any], list[list[Any]]]) -> Side:
    """Give the least that takes in the same bytes: untyped decode, flatten, columns, append, sync."""
    handle = os.open(folder / "limit", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def run(turn: int) -> None:
        for raw in sent[turn]:
            columns = flatten(msgspec.json.decode(raw))
            rows = pyarrow.record_batch(columns, names=[str(each) for each in range(len(columns))])
            os.write(handle, rows.serialize())
            os.fdatasync(handle)

    return run


def of_entities(found: Any) -> list[list[Any]]:
    """Give entity, property, moment and number of each observation."""
    names, properties, moments, numbers = [], [], [], []
    for each in found:
        for name, value in each.items():
            if isinstance(value, dict) and value.get("type") == "Property":
                names.append(each["id"])
                properties.append(name)
                moments.append(value["observedAt"])
                numbers.append(value["value"])
    return [names, properties, moments, numbers]


def of_arrays(found: Any) -> list[list[Any]]:
    """Give datastream, moment and number of each observation."""
    rows = [(each["Datastream"]["@iot.id"], *row) for each in found for row in each["dataArray"]]
    return [list(column) for column in zip(*rows, strict=True)]


def of_readings(found: Any) -> list[list[Any]]:
    """Give id, moment and number of each observation."""
    rows = found["observations"]
    return [[each[name] for each in rows] for name in ("id", "at", "value")]


batches_of: dict[int, list[bytes]] = {}
arrays_of: dict[int, list[bytes]] = {}
series_of: dict[int, list[bytes]] = {}


def per_cpu_second(run: Side, turn: int, observations: int) -> float:
    """Run one turn; gives observations per CPU-second of this process, its threads included."""
    started = time.process_time()
    run(turn)
    return observations / (time.process_time() - started)


class Ours:
    """The data plane, asked in this process."""

    def __init__(self, plane: DataPlane, loop: asyncio.AbstractEventLoop) -> None:
        self._plane, self._loop = plane, loop
        self._headers = ((b"authorization", driving.bearer()), (b"content-type", b"application/json"))

    def _send(self, path: str, bodies: Sequence[bytes]) -> None:
        """Send bodies one after the other; the loop starts once for all, as a server starts it once."""
        self._loop.run_until_complete(self._sent(path, bodies))

    async def _sent(self, path: str, bodies: Sequence[bytes]) -> None:
        for raw in bodies:
            got = await asgi.ask(self._plane, "POST", path, headers=self._headers, chunks=(raw,),
                                 host=driving.Client.host)
            if got.status not in (201, 202, 204):
                raise RuntimeError(f"{path}: {got.status} {got.body[:300]!r}")

    def get(self, path: str) -> Any:
        """Ask for something that is there; gives the decoded answer."""
        got = self._loop.run_until_complete(
            asgi.ask(self._plane, "GET", path, headers=self._headers, host=driving.Client.host)
        )
        if got.status != 200:
            raise RuntimeError(f"{path}: {got.status} {got.body[:300]!r}")
        return msgspec.json.decode(got.body)

    def entities(self, turn: int) -> None:
        """Send entities in batches."""
        self._send("/ngsi-ld/v1/entityOperations/upsert?options=update", batches_of[turn])

    def prepare_things(self) -> None:
        """Make the datastreams that `things` sends to."""
        described = {"name": "n", "description": "d", "encodingType": "x", "metadata": "x"}
        stream = {
            "name": "n", "description": "d", "observationType": "x", "unitOfMeasurement": {},
            "Sensor": described,
            "ObservedProperty": {"name": "n", "description": "d", "definition": "x"},
        }
        for number in range(BATCHES):
            thing = {"name": "n", "description": "d", "Datastreams": [{**stream, "@iot.id": number + 1}]}
            self._send("/sta/v1.1/Things", [msgspec.json.encode(thing)])

    def things(self, turn: int) -> None:
        """Send as many observations as arrays."""
        self._send("/sta/v1.1/CreateObservations", arrays_of[turn])

    def series(self, turn: int) -> None:
        """Send as many readings of a series to the inbox."""
        self._send("/ingest/v1/streams/bikes/observations", series_of[turn])

    def values(self) -> list[float]:
        """Give the newest value of every entity."""
        store = self._loop.run_until_complete(self._plane._stores.of("aalter"))
        name = "https://uri.etsi.org/ngsi-ld/default-context/no2"
        return [each.attributes[name][""]["value"] for each in store.entities() if name in each.attributes]


def main() -> int:
    """Print side, observations per CPU-second and ratio a line."""
    collecting.resume(*COLLECT_AFTER)  # as the process of the data plane does
    home = Path(__file__).parents[2] / "build" / "bench"  # not memory
    home.mkdir(parents=True, exist_ok=True)
    for turn in range(ROUNDS + 1):
        batches_of[turn], arrays_of[turn], series_of[turn] = batches(turn), arrays(turn), readings(turn)
    with tempfile.TemporaryDirectory(dir=home) as made, clock.Travelling(driving.NOW):
        folder = Path(made)
        driving.publish(folder)
        figures, lost, readable = _measured(folder)
        if lost:
            print(f"{lost} acknowledged observations are missing: no figures")
            return 2
    with tempfile.TemporaryDirectory(dir=home) as made:
        told, missing, seconds = capture_delivery.run(Path(made))
    print(f"acknowledged to readable, p95      {readable * 1000:12,.1f} ms (limit {READABLE_S:.0f} s)")
    print(f"{told:,} changes told to {capture_delivery.SUBSCRIBERS:,} subscribers in {seconds:.1f} s, "
          f"{missing} missing")
    with tempfile.TemporaryDirectory(dir=home) as made:
        flood = capture_flood.run(Path(made))
    print(flood.told())
    if missing or flood.lost:
        return 2
    return max(_told(figures), int(readable > READABLE_S), int(not flood.is_good))


def _measured(folder: Path) -> tuple[dict[str, list[float]], int, float]:
    loop = asyncio.new_event_loop()
    plane = DataPlane(asgi.plan(folder))
    object.__setattr__(plane._plan, "upload_bytes", 32 << 20)
    loop.run_until_complete(plane.start())
    ours = Ours(plane, loop)
    ours.prepare_things()
    sides: dict[str, Side] = {
        NGSI_LD + LIMIT: limit(folder, batches_of, of_entities), NGSI_LD: ours.entities,
        THINGS + LIMIT: limit(folder, arrays_of, of_arrays), THINGS: ours.things,
        SERIES + LIMIT: limit(folder, series_of, of_readings), SERIES: ours.series,
    }
    figures: dict[str, list[float]] = {name: [] for name in sides}
    names = list(sides)
    for turn in range(ROUNDS + 1):
        for name in names[turn % len(names):] + names[: turn % len(names)]:
            found = per_cpu_second(sides[name], turn, ENTITIES * BATCHES * PER_ENTITY)
            if turn:  # the first one warms up
                figures[name].append(found)
    figures[PEER] = _copied(folder, plane, ours)
    readable = loop.run_until_complete(capture_delivery.readable(plane))
    loop.run_until_complete(plane.stop())
    again = DataPlane(asgi.plan(folder))
    loop.run_until_complete(again.start())
    held = Ours(again, loop).values()
    wanted = [number + ROUNDS / 100 for number in range(ENTITIES * BATCHES)]
    loop.run_until_complete(again.stop())
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    return figures, len(set(wanted) - set(held)), readable


def _copied(folder: Path, plane: DataPlane, ours: Ours) -> list[float]:
    """Give the peer's observations per CPU-second, its server included. Raises when it did not store all."""
    found, peer = [], Copying(folder)
    try:
        with peer.behind(plane):
            for turn in range(ROUNDS + 1):
                before = peer.seconds() + time.process_time()
                ours.series(turn)
                spent = peer.seconds() + time.process_time() - before
                found += [ENTITIES * BATCHES * PER_ENTITY / spent] if turn else []
        if peer.count() != ENTITIES * BATCHES * PER_ENTITY * (ROUNDS + 1):
            raise RuntimeError("the peer did not store all readings")
    finally:
        peer.close()
    return found


def _told(figures: dict[str, list[float]]) -> int:
    code = 0
    for name in (NGSI_LD, THINGS, SERIES):
        ratios = sorted(own / base for own, base in zip(figures[name], figures[name + LIMIT], strict=True))
        middle = ratios[len(ratios) // 2]
        print(f"{name + LIMIT:34} {max(figures[name + LIMIT]):12,.0f} observations/CPU-s, best round")
        print(f"{name:34} {max(figures[name]):12,.0f} {middle:8.3f} x limit, median of {len(ratios)} "
              f"({ratios[0]:.3f} to {ratios[-1]:.3f}; goal {GOAL})")
        code = max(code, int(middle < GOAL))
    peer, own = max(figures[PEER]), max(figures[SERIES])  # the best round: other work can only add
    print(f"{PEER:34} {peer:12,.0f}; ours is {own / peer:.2f} x (goal {PEER_GOAL:.0f})")
    code = max(code, int(own / peer < PEER_GOAL))
    print(f"acknowledged {ENTITIES * BATCHES * (ROUNDS + 1):,} entities, after a new start 0 missing")
    return code


if __name__ == "__main__":
    sys.exit(main())
