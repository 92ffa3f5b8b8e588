"""`ocapi bench` and `ocapi proof`: find a harness in the clone and start it; none is in the package."""

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ocapi.main.environment import PROJECT

SETUP_FAILED = 3  # what both harnesses answer when they can't begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Harness:
    """A program beside the product; package: dotted, run as a module from the root of the clone."""

    command: str
    package: str
    help: str


HARNESSES = (
    Harness(command="bench", package="tests.performance", help="measure, from a clone"),
    Harness(command="proof", package="tests.proofs", help="prove what is promised, from a clone"),
)


def add(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """List the harnesses among the commands; their own options belong to them, see `find`."""
    for harness in HARNESSES:
        groups.add_parser(harness.command, help=harness.help, add_help=False)


def find(arguments: list[str]) -> Harness | None:
    """Give the harness a command line is for, which reads the rest of it itself, or None."""
    return next((each for each in HARNESSES if arguments[:1] == [each.command]), None)


def run(harness: Harness, arguments: list[str], *, project: Path = PROJECT) -> int:
    """Start the harness with the words behind its command; gives its exit code, 3 without a clone."""
    folder = project.joinpath(*harness.package.split("."))
    if not (folder / "__main__.py").is_file():
        print(
            f"ocapi {harness.command} works from a clone of the source after `make dev`: "
            f"no {harness.package.replace('.', '/')} here",
            file=sys.stderr,
        )
        return SETUP_FAILED
    # in a process of its own: it adopts the children of what it starts, and stays free of Django
    environment = {**os.environ, "PYTHONPATH": str(project)}
    command = [sys.executable, "-m", harness.package, *arguments[1:]]
    return subprocess.run(command, env=environment, check=False).returncode
