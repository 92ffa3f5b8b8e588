"""`ocapi bench --level commit|nightly|full`: all that is measured at a level, and one judgement.

Noise is no fault of the code: a run that is invalid by noise alone is repeated once, and then told as amber
with exit code 0. A valid run that misses its goals is red, but for those that `open_goals` lists with a
floor; so is a run that is invalid for any other reason.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.performance import engine, open_goals, results

LEVELS = ("commit", "nightly", "full")
JOBS = ("portal", "footprint")
OPTIONS = {
    "commit": ("--size", "small", "--goals", "half"),
    "nightly": ("--size", "medium", "--goals", "on"),
    "full": ("--size", "large", "--goals", "on"),
}
Command = Callable[[list[str]], int]


def run(level: str, command: Command) -> int:
    """Run selftest and all jobs of a level; gives 0, 1, 2 or 3 as `ocapi bench` does."""
    print(f"bench {level}: selftest", flush=True)
    if (code := command(["selftest"])) != 0:
        return code
    codes = [_job(job, OPTIONS[level], command) for job in JOBS]
    print(f"\nbench {level}: {'green or amber, see above' if not any(codes) else 'RED'}")
    return max(codes)


def _job(job: str, options: tuple[str, ...], command: Command) -> int:
    """Run a job, and once more those scenarios that only noise made invalid."""
    with TemporaryDirectory() as folder:
        code, found = _once([job, *options], Path(folder) / "first", command)
        noisy = [each["scenario"] for each in found if is_noisy(each)]
        worst = _worst(code, found)
        for scenario in noisy:
            print(f"\nbench: {job} {scenario} was noisy; once more")
            again = [job, *options, "--scenario", scenario]
            code, found = _once(again, Path(folder) / f"again-{scenario}", command)
            worst = max(worst, _worst(code, found))
            if any(is_noisy(each) for each in found):
                print(f"AMBER: {job} {scenario} is twice too noisy to judge: {found[0]['reasons'][0]}")
    return worst


def _once(arguments: list[str], folder: Path, command: Command) -> tuple[int, list[results.Document]]:
    folder.mkdir()
    code = command([*arguments, "--out", str(folder / "result.json")])
    return code, [results.read(path) for path in sorted(folder.glob("*.json"))]


def is_noisy(found: results.Document) -> bool:
    """Tell whether a result is invalid by noise alone."""
    return engine.is_noise_only(found["reasons"])


def _worst(code: int, found: list[results.Document]) -> int:
    """Give the exit code without what noise did; a failed set-up left no result and stays what it is."""
    if code == 3:
        return 3
    if any(each["reasons"] and not is_noisy(each) for each in found):
        return 2
    listed = open_goals.read()
    missed = [
        f"{each['job']} {each['scenario']}: {key}"
        for each in found if not each["reasons"] for key in open_goals.missed(each, listed)
    ]
    for goal in missed:
        print(f"MISSED: {goal}")
    return 1 if missed else 0
