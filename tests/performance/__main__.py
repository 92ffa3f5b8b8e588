"""`ocapi bench`: jobs, selftest, compare and report. Exit: 0 met, 1 missed, 2 invalid, 3 set-up failed."""

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.performance import (
    capture_speed,
    capture_stored,
    engine,
    feed_speed,
    indicator_growth,
    indicator_speed,
    level,
    procfs,
    results,
    rules_speed,
    selftest,
    stats,
    validation_speed,
)
from tests.performance.jobs import SIZES, Plan, footprint, portal, process
from tests.performance.programs import PROJECT, SetUpFailed

JOBS = {"portal": portal, "footprint": footprint, "process": process}
LATER = ("exchange",)
SEED = 20261
SECONDS = {"small": 0.7, "medium": 4.0, "large": 10.0}
MET, MISSED, INVALID, FAILED = 0, 1, 2, 3


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="ocapi bench", description="Measure against limits and peers.")
    made.add_argument("job", nargs="?", default="all",
                      help="portal, footprint, process, rules, linkeddata, capture, indicators, all, list, "
                           "compare A B, report F")
    made.add_argument("files", nargs="*", type=Path)
    made.add_argument("--level", choices=level.LEVELS, help="all jobs, judged as one")
    made.add_argument("--size", choices=SIZES, default="small")
    made.add_argument("--scenario", default="")
    made.add_argument("--store", choices=process.STORES, default="sqlite", help="database of `process`")
    made.add_argument("--rounds", type=int, default=5)
    made.add_argument("--seed", default=str(SEED), help="a number, or `random`")
    made.add_argument("--arms", default="", help="names of peers, by comma; default: all that can run")
    made.add_argument("--require", action="append", default=[], metavar="ARM")
    made.add_argument("--peer", action="append", default=[], type=Path, metavar="FILE.toml")
    made.add_argument("--data", type=Path, help="folder for the data of all arms")
    made.add_argument("--duration", type=float, default=0.0, help="seconds of one window")
    made.add_argument("--connections", type=int, default=0)
    made.add_argument("--goals", choices=stats.GOALS, default="on")
    made.add_argument("--out", type=Path, metavar="FILE.json")
    made.add_argument("--keep", action="store_true", help="leave the data of the run")
    return made


def main(arguments: list[str]) -> int:
    """Run one command."""
    made = parser()
    options = made.parse_args(arguments)
    if options.rounds < 5:
        made.error("--rounds: five is the least")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(FAILED))  # so that what was started is ended
    try:
        return _command(options, arguments)
    except (SetUpFailed, subprocess.CalledProcessError, OSError) as failure:
        print(f"set-up failed: {failure}", file=sys.stderr)
        return FAILED


def _command(options: argparse.Namespace, arguments: list[str]) -> int:
    if options.job == "list":
        return _list()
    if options.job == "compare":
        return _compare(options.files)
    if options.job == "report":
        print(results.table([results.read(path) for path in options.files]))
        return MET
    if options.job == "rules":
        return rules_speed.main()
    if options.job == "capture":
        if options.scenario not in ("", "stored"):
            print(f"capture has no scenario {options.scenario!r}: stored", file=sys.stderr)
            return FAILED
        return capture_stored.main(options.size) if options.scenario else capture_speed.main()
    if options.job == "indicators":
        if options.scenario not in ("", "growth"):
            print(f"indicators has no scenario {options.scenario!r}: growth", file=sys.stderr)
            return FAILED
        job = indicator_growth if options.scenario else indicator_speed
        return job.main(options.size, options.seed)
    if options.job == "linkeddata":
        if options.scenario not in ("", "feed"):
            print(f"linkeddata has no scenario {options.scenario!r}: feed", file=sys.stderr)
            return FAILED
        return feed_speed.main(options.size, options.seed) if options.scenario else validation_speed.main()
    if options.level:
        return level.run(options.level, lambda more: main(more))
    ledger = procfs.Ledger()
    procfs.become_subreaper()
    folder = _folder(options.data)
    try:
        if options.job == "selftest":
            return selftest.main(folder, ledger)
        wanted = list(JOBS) if options.job == "all" else [options.job]
        if set(wanted) - set(JOBS):
            print(f"{options.job}: no such job here; `ocapi bench list` shows them", file=sys.stderr)
            return FAILED
        return max(_job(name, options, arguments, folder / name, ledger) for name in wanted)
    finally:
        if options.keep:
            print(f"the data of this run stays in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _folder(given: Path | None) -> Path:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="run-", dir=given.absolute()))
    home = PROJECT / "build" / "bench"  # not the folder for temporary files: that may be memory
    home.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="run-", dir=home))


def _list() -> int:
    for name, job in JOBS.items():
        print(f"{name:12} {', '.join(job.NAMES)}")
    for name in LATER:
        print(f"{name:12} not there yet")
    print(f"{'rules':12} compiled tests and a table of 100 rules against a bare Python call")
    print(f"{'capture':12} observations by three doors against decode, flatten, append and sync, and COPY")
    print(f"{'linkeddata':12} objects checked against pySHACL and a bare decode; feed")
    print(f"{'indicators':12} twelve tiles against the same questions asked of DuckDB bare; growth")
    print(f"{'selftest':12} {'; '.join(selftest.titles())}")
    return MET


def _compare(files: list[Path]) -> int:
    if len(files) != 2:
        print("use: ocapi bench compare A.json B.json", file=sys.stderr)
        return FAILED
    try:
        worse = results.compare(*(results.read(path) for path in files))
    except ValueError as refusal:
        print(refusal, file=sys.stderr)
        return FAILED
    print("\n".join(worse) if worse else "no gated median fell by more than 15 %")
    return MISSED if worse else MET


def _job(
    name: str, given: argparse.Namespace, arguments: list[str], folder: Path, ledger: procfs.Ledger
) -> int:
    seed = random.SystemRandom().randrange(1 << 31) if given.seed == "random" else int(given.seed)
    if given.seed == "random":
        print(f"seed {seed}")
    if given.scenario and given.scenario not in JOBS[name].NAMES:
        print(f"{name} has no scenario {given.scenario!r}: {', '.join(JOBS[name].NAMES)}", file=sys.stderr)
        return FAILED
    plan = Plan(
        size=given.size, seed=seed, seconds=given.duration or SECONDS[given.size], folder=folder,
        cache=PROJECT / "build" / "bench", ledger=ledger, scenario=given.scenario,
        peers=tuple(path.absolute() for path in given.peer), connections=given.connections, store=given.store,
    )
    options = engine.Options(
        rounds=given.rounds, goals=given.goals, seed=seed, folder=folder, require=tuple(given.require),
        only=tuple(each for each in given.arms.split(",") if each),
    )
    plan.folder.mkdir(parents=True, exist_ok=True)
    calibration, worst = results.calibrate(), MET
    for scenario in JOBS[name].scenarios(plan):
        judged = engine.run(scenario, options, ledger)
        found = results.document(
            judged, job=name, scenario=scenario.name, size=given.size, seed=seed, folder=folder,
            command=["ocapi", "bench", *arguments], calibration=calibration,
        )
        _show(found)
        if given.out:
            results.write(found, _path_of(given.out, found, is_only=bool(given.scenario)))
        worst = max(worst, _code(found))
    return worst


def _path_of(out: Path, found: dict[str, Any], *, is_only: bool) -> Path:
    # one object per file: a job with several scenarios writes FILE-<job>-<scenario>.json
    return out if is_only else out.with_name(f"{out.stem}-{found['job']}-{found['scenario']}.json")


def _show(found: dict[str, Any]) -> None:
    print(f"\n## {found['job']} {found['scenario']}: {found['verdict']}\n")
    print(results.table([found]))
    for line in [*found["reasons"], *(f"note: {each}" for each in found["notes"])]:
        print(f"- {line}")
    sys.stdout.flush()


def _code(found: dict[str, Any]) -> int:
    if found["verdict"] != "valid":
        return INVALID
    return MET if all(row.get("passed", True) for row in found["ratios"].values()) else MISSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
