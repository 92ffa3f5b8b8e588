"""`ocapi bench capture --scenario stored`: the rate of capture with much stored already, against with little.

What is stored are readings of ten datastreams, as compaction leaves them (`capture_filed`): files with their
manifest, and the last million in the log. The three ways of `capture_speed` are asked of two data planes in
turn; told is the best of the rounds of each way, since other work can only add. Then what is stored is asked
for by the API, figures and single readings, in files and in the log: an answer that is not right is exit code
2. Exit code 1: with the larger size a way does less than 0.9 of what it did with the smaller one.

Sizes: small 10⁶ and 10⁷, medium 10⁶ and 10⁸, large 10⁶ and 10⁹ observations (12 GB).
"""

import asyncio
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from ocapi.dataplane.app import COLLECT_AFTER, DataPlane
from ocapi.dataplane.tests import asgi, driving
from ocapi.lib import clock, codec, collecting
from tests.performance import capture_filed as filed
from tests.performance import capture_speed as speed

SIZES = {"small": (10**6, 10**7), "medium": (10**6, 10**8), "large": (10**6, 10**9)}
GOAL, ROUNDS = 0.9, 9
ASKED = 5_000  # readings one question is about
TEXT = "%Y-%m-%dT%H:%M:%SZ"


def main(size: str) -> int:
    """Print a line per size, and what of the rate of each way is left."""
    collecting.resume(*COLLECT_AFTER)  # as the process of the data plane does
    home = Path(__file__).parents[2] / "build" / "bench"
    home.mkdir(parents=True, exist_ok=True)
    loop = asyncio.new_event_loop()
    with tempfile.TemporaryDirectory(dir=home, prefix="stored-") as made, clock.Travelling(driving.NOW):
        found = {rows: _opened(Path(made) / str(rows), rows, loop) for rows in SIZES[size]}
        missed = _told(_measured(found, loop))
        try:
            for rows, (_plane, ours) in found.items():
                _ask(ours, rows // filed.WINDOW)
        except WrongAnswer as wrong:
            print(f"invalid: {wrong}", file=sys.stderr)
            return 2
        finally:
            for plane, _ours in found.values():
                loop.run_until_complete(plane.stop())
    return int(missed)


def _told(rates: dict[int, dict[str, float]]) -> bool:
    """Print the rates; tells whether one is less than it may be."""
    for rows, best in rates.items():
        told = ", ".join(f"{name} {rate:,.0f}" for name, rate in best.items())
        print(f"{rows:,} stored: {told} observations/CPU-s")
    missed = False
    small, large = rates.values()
    for name in small:
        left = large[name] / small[name]
        missed |= left < GOAL
        print(f"{name:24} {left:6.3f} of the rate is left (goal {GOAL})")
    return missed


def _opened(folder: Path, rows: int, loop: asyncio.AbstractEventLoop) -> tuple[DataPlane, speed.Ours]:
    folder.mkdir()
    driving.publish(folder)
    windows = rows // filed.WINDOW
    filed.write(folder / "tenants" / "aalter" / "capture", windows)
    plane = DataPlane(asgi.plan(folder))
    object.__setattr__(plane._plan, "upload_bytes", 32 << 20)
    loop.run_until_complete(plane.start())
    ours = speed.Ours(plane, loop)
    ours.prepare_things()
    store = loop.run_until_complete(plane._stores.of("aalter"))
    for record in filed.records(windows, windows - 1):
        store._writer.append([codec.encode_record(record)])
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


class WrongAnswer(Exception):
    """What is stored was not answered as it is."""


def _ask(ours: speed.Ours, windows: int) -> None:
    """Ask for what is stored, at its beginning, in its middle and at its end, and hold it against what it is.

    Prints how long each answer took. Raises WrongAnswer.
    """
    begin, spent = filed.begins(windows), []
    for place in (0, windows // 2, windows - 1):
        first = begin + timedelta(seconds=filed.SECONDS * place)
        until = first + timedelta(seconds=ASKED)
        for stream in (1, filed.STREAMS):
            started = time.perf_counter()
            path = f"/sta/v1.1/Datastreams({stream})/Observations?$count=true&$top=100"
            asked = f"phenomenonTime%20ge%20{first:{TEXT}}%20and%20phenomenonTime%20lt%20{until:{TEXT}}"
            found = ours.get(f"{path}&$orderby=phenomenonTime&$filter={asked}")
            spent.append(time.perf_counter() - started)
            moments = [first + timedelta(seconds=each) for each in range(100)]
            wanted = [[f"{at:{TEXT}}", filed.value_at(at)] for at in moments]
            if found["@iot.count"] != ASKED:
                raise WrongAnswer(f"{found['@iot.count']} readings of stream {stream} from {first} on")
            if [[each["phenomenonTime"], each["result"]] for each in found["value"]] != wanted:
                raise WrongAnswer(f"other readings of stream {stream} from {first} on")
    middle = sorted(spent)[len(spent) // 2]
    print(f"{windows * filed.WINDOW:,} stored: {len(spent)} counts and pages of {ASKED:,} of "
          f"{filed.SECONDS * windows:,} readings of a stream are right, {middle:.2f} s each (median)")
