"""`ocapi bench indicators --scenario growth`: tiles over ten times as many observations, and their upkeep.

A dataset in 36 parts; each part is written, counted for twelve indicators (`lib.columns.rollups`) and asked
of DuckDB bare, then let go as a retention tier does, so that 10⁹ observations need no disk for them all; two
parts at a time. Then five more parts of 100,000 come, and each time all twelve are renewed. *tiles*: reading
the twelve as a dashboard does, from the own database. Renewals and tiles are done for both sizes in turn,
each in its own process, and the least of five rounds is told. Every number must be the same as DuckDB's over
all parts, else the run is invalid (2). Exit code 1: tiles of the larger size take over 1.3 times those of the
smaller, or upkeep.

Sizes: small 10⁶ and 10⁷, medium 10⁷ and 10⁸, large 10⁸ and 10⁹ observations.
"""

import hashlib
import json
import multiprocessing
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.performance import indicator_speed as speed
from tests.performance.indicator_speed import AREAS, EXPRESSIONS, MONTH, QUESTIONS, Numbers

SIZES = {"small": (10**6, 10**7), "medium": (10**7, 10**8), "large": (10**8, 10**9)}
PARTS, MORE = 36, 100_000  # MORE: observations that come when all the others are counted
GROWTH_LIMIT = 1.3
READS, ROUNDS, AT_ONCE = 100, 5, 2
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
        for wanted in [*["renew"] * ROUNDS, *["tiles"] * ROUNDS]:
            for figures, done in zip(found, measured, strict=True):
                _ask(done, wanted)
                answer = _line(done)
                if answer is None:
                    return done.wait()
                for name, value in answer.items():
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


def _ask(done: "subprocess.Popen[str]", wanted: str) -> None:
    assert done.stdin is not None
    done.stdin.write(f"{wanted}\n")
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
            self._take((str(period), area), numbers)

    def join(self, other: "Bare") -> None:
        """Count in what was counted of other parts."""
        for cell in other.values[0]:
            self._take(cell, [each[cell] for each in other.values])

    def _take(self, cell: tuple[str, str], numbers: list[object]) -> None:
        for held, expression, number in zip(self.values, EXPRESSIONS, numbers, strict=True):
            held[cell] = _together(expression, held.get(cell), number)

    def numbers(self) -> list[Numbers]:
        """Give all numbers, of different sites how many they are."""
        return [
            {cell: len(value) if isinstance(value, set) else value for cell, value in held.items()}  # type: ignore
            for held in self.values
        ]


def _together(expression: str, held, number):  # type: ignore[no-untyped-def]
    if isinstance(number, list | set):
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


class Dataset:
    """The parts of one size: built, then renewed, then read as tiles."""

    def __init__(self, rows: int, seed: int, folder: Path) -> None:
        self.rows, self.seed, self.folder = rows, seed, folder
        self.step = max(1, 3 * 365 * 24 * 3600 * AREAS // rows)
        (folder / "counts").mkdir()
        self.bare, self.paths, self.renewed = Bare(), list[Path](), 0
        self.found: list[Numbers] = []
        self._read: Callable[[], object] | None = None

    def build(self) -> dict[str, object]:
        """Write and count all parts; gives what that took."""
        done = [self.counted((0, 1))]  # one part alone would be asked whole
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(AT_ONCE, mp_context=context) as workers:
            done += workers.map(self.counted, [(0, number) for number in range(2, PARTS)])
        for counted, _size, _seconds in done:
            self.bare.join(counted)
        self.paths = [self._path(number) for number in range(PARTS)]
        return {
            "observations": self.rows, "parquet_mb": sum(each[1] for each in done) >> 20,
            "counts_mb": round(
                sum(each.stat().st_size for each in (self.folder / "counts").iterdir()) / 2**20, 1
            ),
            "build_cpu_s": round(sum(each[2] for each in done), 1),
        }  # fmt: skip

    def counted(self, numbers: tuple[int, ...]) -> tuple[Bare, int, float]:
        """Write and count parts, and let them go; gives what bare DuckDB counts, bytes, and CPU seconds."""
        bare, size_bytes = Bare(), 0
        paths = [self._path(number) for number in numbers]
        for number, path in zip(numbers, paths, strict=True):
            if number or numbers == (0, 1):  # else the first one was counted before
                first, until = (self.rows * each // PARTS for each in (number, number + 1))
                part(path, first, until, self.step, self.seed)
                bare.add(path)
                size_bytes += path.stat().st_size
        started = time.process_time()
        ask(paths, self.folder / "counts")
        spent = time.process_time() - started
        for each in paths:
            each.unlink(missing_ok=True)
        return bare, size_bytes, spent

    def renew(self) -> dict[str, float]:
        """Let more observations come and renew all twelve. Raises AssertionError when numbers differ."""
        path, begin = self._path(PARTS + self.renewed), self.rows + MORE * self.renewed
        part(path, begin, begin + MORE, self.step, self.seed)
        self.bare.add(path)
        self.paths.append(path)
        self.renewed += 1
        started = time.process_time()
        self.found = ask(self.paths, self.folder / "counts")
        spent = time.process_time() - started
        assert self.found == self.bare.numbers(), "the numbers differ"
        return {"upkeep_cpu_s": round(spent, 3)}

    def tiles(self) -> dict[str, float]:
        """Read the twelve as a dashboard does. Raises AssertionError when numbers differ."""
        if self._read is None:
            self._read = speed.kept(self.folder / "data", self.found)
            own = [{cell: value for cell, value in each.items() if cell[1] == "11001"} for each in self.found]
            assert self._read() == own, "the tiles differ"
        return tiles(self._read) | {"numbers": sum(map(len, self.found))}

    def _path(self, number: int) -> Path:
        name = hashlib.sha256(f"{self.rows} {number}".encode()).hexdigest()[:32]
        return self.folder / f"{name}.parquet"


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
            dataset = Dataset(int(sys.argv[1]), int(sys.argv[2]), Path(kept_in))
            print(json.dumps(dataset.build()), flush=True)
            for line in sys.stdin:
                answer = {"renew": dataset.renew, "tiles": dataset.tiles}[line.strip()]()
                print(json.dumps(answer), flush=True)
        except AssertionError as difference:
            print(f"invalid: {difference}", file=sys.stderr)
            sys.exit(2)
