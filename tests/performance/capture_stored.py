"""`ocapi bench capture --scenario stored`: the rate of capture with much stored already, against with little.

The logs of two data planes are filled with records of readings as a data plane writes them, and the three
ways of `capture_speed` are asked of both in turn; told is the best of the rounds of each way, since other
work can only add. Exit code 1: with the larger size a way does less than 0.9 of what it did with the smaller
one.

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
    """Print a line per size, and what of the rate of each way is left."""
    collecting.resume(*COLLECT_AFTER)  # as the process of the data plane does
    home = Path(__file__).parents[2] / "build" / "bench"
    home.mkdir(parents=True, exist_ok=True)
    loop = asyncio.new_event_loop()
    with tempfile.TemporaryDirectory(dir=home, prefix="stored-") as made, clock.Travelling(driving.NOW):
        found = {rows: _opened(Path(made) / str(rows), rows, loop) for rows in SIZES[size]}
        rates = _measured(found, loop)
        for plane, _ours in found.values():
            loop.run_until_complete(plane.stop())
    for rows, best in rates.items():
        told = ", ".join(f"{name} {rate:,.0f}" for name, rate in best.items())
        print(f"{rows:,} stored: {told} observations/CPU-s")
    missed = 0
    small, large = rates.values()
    for name in small:
        left = large[name] / small[name]
        missed |= left < GOAL
        print(f"{name:24} {left:6.3f} of the rate is left (goal {GOAL})")
    return int(missed)


def _opened(folder: Path, rows: int, loop: asyncio.AbstractEventLoop) -> tuple[DataPlane, speed.Ours]:
    folder.mkdir()
    driving.publish(folder)
    plane = DataPlane(asgi.plan(folder))
    object.__setattr__(plane._plan, "upload_bytes", 32 << 20)
    loop.run_until_complete(plane.start())
    ours = speed.Ours(plane, loop)
    ours.prepare_things()
    _fill(plane, loop, rows)
    return plane, ours


def _measured(
    found: dict[int, tuple[DataPlane, speed.Ours]], loop: asyncio.AbstractEventLoop
) -> dict[int, dict[str, float]]:
    names = (speed.NGSI_LD, speed.THINGS, speed.SERIES)
    best = {rows: dict.fromkeys(names, 0.0) for rows in found}
    for turn in range(ROUNDS + 1):
        speed.batches_of[turn], speed.arrays_of[turn] = speed.batches(turn), speed.arrays(turn)
        speed.series_of[turn] = speed.readings(turn)
        sizes = list(found)[:: 1 if turn % 2 else -1]
        for name in names:
            for rows in sizes:
                ours = found[rows][1]
                run = dict(zip(names, (ours.entities, ours.things, ours.series), strict=True))[name]
                rate = speed.per_cpu_second(run, turn, speed.ENTITIES * speed.BATCHES * speed.PER_ENTITY)
                best[rows][name] = max(best[rows][name], rate if turn else 0.0)  # the first one warms up
        for kept in (speed.batches_of, speed.arrays_of, speed.series_of):
            kept.clear()
    return best


def _fill(plane: DataPlane, loop: asyncio.AbstractEventLoop, size: int) -> None:
    """Put records of readings into the log, as the data plane makes them."""
    store = loop.run_until_complete(plane._stores.of("aalter"))
    entity = next(each for each in store.entities() if ":Datastreams:" in each.id)
    rows = [[f"2026-11-27T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z", n % 1000] for n in range(ROWS)]
    record = codec.encode_record(batched.readings(
        rows, entity=entity.id, types=entity.types, scopes=(), made=entity.created_at, now=entity.created_at,
        components=("phenomenonTime", "result"), links={}, newest=-1,
    ))
    for _ in range(size // ROWS):
        store._writer.append([record])
