"""`ocapi bench indicators --scenario growth`: tiles over ten times as many observations, and their upkeep.

A dataset in 36 parts; each part is written, counted for twelve indicators (`lib.columns.rollups`) and asked
of DuckDB bare, then let go as a retention tier does, so that 10⁹ observations need no disk for them all. Then
five more parts of 100,000 come, and each time all twelve are renewed. *tiles*: reading the twelve as a
dashboard does, from the own database; both sizes in turn, each in its own process, the least of five rounds.
Every number must be the same as DuckDB's over all parts, else the run is invalid (2). Exit code 1: tiles of
the larger size take over 1.3 times those of the smaller, or upkeep.

Sizes: small 10⁶ and 10⁷, medium 10⁷ and 10⁸, large 10⁸ and 10⁹ observations.
"""

import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.performance import indicator_speed as speed
from tests.performance.indicator_speed import AREAS, EXPRESSIONS, MONTH, QUESTIONS, Numbers

SIZES = {"small": (10**6, 10**7), "medium": (10**7, 10**8), "large": (10**8, 10**9)}
PARTS, MORE = 36, 100_000  # MORE: observations that come when all the others are counted
GROWTH_LIMIT = 1.3
READS, ROUNDS, RENEWALS = 100, 5, 5
NAMES = ("site", "nis", "measured_at", "minutes", "counted", "in_direction", "out_direction", "nis_now")


def main(size: str, seed: str) -> int:
    """Print a line per size, and how much more the larger one takes."""
    number = random.SystemRandom().randrange(10**6) if seed == "random" else int(seed)
    found: list[dict[str, Any]] = []
    with ExitStack() as held:
        measured = []
        for rows in SIZES[size]:
            done = held.enter_context(subprocess.Popen(
                [sys.executable, "-m", __name__, str(rows), str(number)], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            ))
            measured.append(done)
            figures = _line(done)
            if figures is None:
                return done.wait()
            found.append(figures)
        for _round in range(ROUNDS):
            for figures, done in zip(found, measured, strict=True):
                _ask(done)
                for name, value in (_line(done) or {}).items():
                    figures[name] = min(figures.get(name, value), value)
        for figures in found:
            print(", ".join(f"{name} {value}" for name, value in figures.items()), flush=True)
    small, large = found
    missed = 0
    for name in ("tiles_cpu_ms", "upkeep_cpu_s"):
        growth = large[name] / small[name]
        missed |= growth > GROWTH_LIMIT
        print(f"{name:14} larger / smaller {growth:6.3f}   (limit {GROWTH_LIMIT})")
    return int(missed)


def _line(done: "subprocess.Popen[str]") -> dict[str, Any] | None:
    assert done.stdout is not None
    text = done.stdout.readline()
    return json.loads(text) if text else None


def _ask(done: "subprocess.Popen[str]") -> None:
    assert done.stdin is not None
    done.stdin.write("\n")
    done.stdin.flush()


def part(path: Path, first: int, until: int, step: int, seed: int) -> None:
    """Write the observations from `first` on, `step` seconds between two of one area."""
    import duckdb

    duckdb.execute(
        f"""copy (
          select 'site ' || (i % {AREAS}) as site, lpad((11001 + i % {AREAS})::varchar, 5, '0') as nis,
            timestamptz '{speed.START.isoformat()}' + to_seconds((i // {AREAS}) * {step}) as measured_at,
            5 as minutes,
            (hash(i + {seed}) % 100)::bigint as counted, (hash(i + {seed}) % 40)::bigint as in_direction,
            (hash(i + {seed}) % 60)::bigint as out_direction,
            lpad((11001 + i % {AREAS})::varchar, 5, '0') as nis_now
          from range({first}, {until}) as t(i)
        ) to '{path}' (format parquet, compression zstd)"""
    )


class Bare:
    """What DuckDB without gates counts of part after part."""

    def __init__(self) -> None:
        self.values: list[dict[tuple[str, str], object]] = [{} for _ in EXPRESSIONS]

    def add(self, path: Path) -> None:
        """Count one more part."""
        listed = ", ".join(
            "list(distinct site)" if "distinct" in each else f"cast({each} as bigint)" for each in EXPRESSIONS
        )
        rows = speed.bare(path).execute(
            f"select {MONTH}, nis_now, {listed} from bike_counts group by {MONTH}, nis_now"
        ).fetchall()
        for period, area, *numbers in rows:
            for held, expression, number in zip(self.values, EXPRESSIONS, numbers, strict=True):
                cell = (str(period), area)
                held[cell] = _together(expression, held.get(cell), number)

    def numbers(self) -> list[Numbers]:
        """Give all numbers, of different sites how many they are."""
        return [
            {cell: len(value) if isinstance(value, set) else value for cell, value in held.items()}  # type: ignore
            for held in self.values
        ]


def _together(expression: str, held, number):  # type: ignore[no-untyped-def]
    if isinstance(number, list):
        return (held or set()) | set(number)
    if held is None:
        return number
    return {"min": min, "max": max}.get(expression[:3], lambda a, b: a + b)(held, number)


def ask(paths: list[Path], counts: Path) -> list[Numbers]:
    """Ask all twelve, keeping what is counted."""
    from ocapi.lib.columns import child
    from ocapi.lib.columns.running import Question, Request, Table

    request = Request(
        tables={"bike_counts": Table(paths=tuple(map(str, paths)), columns=NAMES)},
        questions=tuple(Question(sql=each, most_rows=200_000, seconds=600) for each in QUESTIONS),
        seconds=7200,
        counts=str(counts),
    )
    answers = child.answer(request)
    assert not any(each.reason for each in answers), answers
    for each in answers:
        for name, raw in each.counted.items():
            (counts / name).write_bytes(raw)
    return [{(str(period), str(area)): int(value) for period, area, value in each.rows} for each in answers]  # type: ignore


def run(rows: int, seed: int, folder: Path) -> tuple[dict[str, object], Callable[[], object]]:
    """Give the figures of one size, and what reads its tiles; raises AssertionError when numbers differ."""
    step = max(1, 3 * 365 * 24 * 3600 * AREAS // rows)
    (counts := folder / "counts").mkdir()
    bare, paths, size_bytes, build = Bare(), [], 0, 0.0
    dated = [rows * n // PARTS for n in range(PARTS + 1)]
    for number, (first, until) in enumerate(zip(dated, dated[1:], strict=False)):
        path = folder / f"{hashlib.sha256(f'{rows} {number}'.encode()).hexdigest()[:32]}.parquet"
        part(path, first, until, step, seed)
        bare.add(path)
        size_bytes += path.stat().st_size
        paths.append(path)
        started = time.process_time()
        if number:  # one part alone would be asked whole
            ask([paths[0], path], counts)
        build += time.process_time() - started
        if number:
            for each in paths:
                each.unlink(missing_ok=True)
    upkeep = []
    for number in range(RENEWALS):
        path = folder / f"{hashlib.sha256(f'more {rows} {number}'.encode()).hexdigest()[:32]}.parquet"
        begin = rows + MORE * number
        part(path, begin, begin + MORE, step, seed)
        bare.add(path)
        paths.append(path)
        started = time.process_time()
        found = ask(paths, counts)
        upkeep.append(time.process_time() - started)
    assert found == bare.numbers(), "the numbers differ"
    read = speed.kept(folder / "data", found)
    own = [{cell: value for cell, value in each.items() if cell[1] == "11001"} for each in found]
    assert read() == own, "the tiles differ"
    return {
        "observations": rows, "numbers": sum(map(len, found)), "parquet_mb": size_bytes >> 20,
        "counts_mb": round(sum(each.stat().st_size for each in counts.iterdir()) / 2**20, 1),
        "build_cpu_s": round(build, 1), "upkeep_cpu_s": round(min(upkeep), 3),
    }, read  # fmt: skip


def tiles(read: Callable[[], object]) -> dict[str, float]:
    """Read the tiles again and again; gives what one reading takes."""
    wall, cpu = [], time.process_time()
    for _ in range(READS):
        began = time.perf_counter()
        read()
        wall.append((time.perf_counter() - began) * 1000)
    cpu = time.process_time() - cpu
    return {
        "tiles_cpu_ms": round(cpu / READS * 1000, 3),
        "tiles_p95_ms": round(sorted(wall)[int(0.95 * READS)], 2),
    }


if __name__ == "__main__":
    home = Path(__file__).resolve().parents[2] / "build" / "bench"
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix="growth-") as kept_in:
        try:
            told, reader = run(int(sys.argv[1]), int(sys.argv[2]), Path(kept_in))
        except AssertionError as difference:
            print(f"invalid: {difference}", file=sys.stderr)
            sys.exit(2)
        print(json.dumps(told), flush=True)
        for _asked in sys.stdin:
            print(json.dumps(tiles(reader)), flush=True)
