"""`ocapi bench capture --scenario stored`: the rate of capture with much stored already, against with little.

The log of one organization is filled with records of readings as its data plane writes them, up to each size,
and the three ways of `capture_speed` are asked in between; told is the best of the rounds of each way, since
other work can only add. Exit code 1: with the larger size a way does less than 0.9 of what it did with the
smaller one.

Sizes: small 10⁶ and 10⁷, medium 10⁶ and 10⁸, large 10⁶ and 10⁹ observations.
"""

import asyncio
import tempfile
from pathlib import Path

from ocapi.dataplane.app import COLLECT_AFTER, DataPlane
from ocapi.dataplane.tests import asgi, driving
from ocapi.lib import batched, clock, codec, collecting
from tests.performance import capture_speed as speed

SIZES = {"small": (10**6, 10**7), "medium": (10**6, 10**8), "large": (10**6, 10**9)}
GOAL, ROUNDS, ROWS = 0.9, 9, 50_000  # ROWS: readings of one request that fills


def main(size: str) -> int:
    """Print a line per size and way, and what of the rate is left."""
    collecting.resume(*COLLECT_AFTER)  # as the process of the data plane does
    home = Path(__file__).parents[2] / "build" / "bench"
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix="stored-") as made, clock.Travelling(driving.NOW):
        return _measured(Path(made), SIZES[size])


def _measured(folder: Path, sizes: tuple[int, ...]) -> int:
    driving.publish(folder)
    loop = asyncio.new_event_loop()
    plane = DataPlane(asgi.plan(folder))
    object.__setattr__(plane._plan, "upload_bytes", 32 << 20)
    loop.run_until_complete(plane.start())
    ours = speed.Ours(plane, loop)
    ours.prepare_things()
    ways = {speed.NGSI_LD: ours.entities, speed.THINGS: ours.things, speed.SERIES: ours.series}
    stored, turn, rates = 0, 0, []
    for size in sizes:
        stored = _fill(plane, loop, stored, size)
        best = dict.fromkeys(ways, 0.0)
        for _ in range(ROUNDS):
            speed.batches_of[turn], speed.arrays_of[turn] = speed.batches(turn), speed.arrays(turn)
            speed.series_of[turn] = speed.readings(turn)
            for name, run in ways.items():
                count = speed.ENTITIES * speed.BATCHES * speed.PER_ENTITY
                best[name] = max(best[name], speed.per_cpu_second(run, turn, count))
            for kept in (speed.batches_of, speed.arrays_of, speed.series_of):
                kept.clear()
            turn += 1
        rates.append(best)
        log_bytes = sum(each.stat().st_size for each in folder.rglob("*.seg"))
        told = ", ".join(f"{name} {rate:,.0f}" for name, rate in best.items())
        print(f"{stored:,} stored ({log_bytes >> 20:,} MiB of log): {told} observations/CPU-s", flush=True)
    loop.run_until_complete(plane.stop())
    missed = 0
    for name in ways:
        left = rates[-1][name] / rates[0][name]
        missed |= left < GOAL
        print(f"{name:24} {left:6.3f} of the rate is left (goal {GOAL})")
    return int(missed)


def _fill(plane: DataPlane, loop: asyncio.AbstractEventLoop, stored: int, size: int) -> int:
    """Put records of readings into the log, as the data plane makes them; gives how many are stored."""
    store = loop.run_until_complete(plane._stores.of("aalter"))
    entity = next(each for each in store.entities() if ":Datastreams:" in each.id)
    rows = [[f"2026-11-27T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z", n % 1000] for n in range(ROWS)]
    record = codec.encode_record(batched.readings(
        rows, entity=entity.id, types=entity.types, scopes=(), made=entity.created_at, now=entity.created_at,
        components=("phenomenonTime", "result"), links={}, newest=-1,
    ))
    while stored < size:
        store._writer.append([record])
        stored += ROWS
    return stored
