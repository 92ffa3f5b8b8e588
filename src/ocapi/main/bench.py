"""`ocapi bench`: finds the harness in the clone and starts it; none of it is in the package."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from ocapi.main.environment import PROJECT

COMMAND = "bench"
HARNESS = Path("tests") / "performance" / "__main__.py"


def add(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """List `bench` among the commands; its own options belong to the harness, see `is_asked`."""
    groups.add_parser(COMMAND, help="measure against limits and peers, from a clone", add_help=False)


def is_asked(arguments: list[str]) -> bool:
    """Tell whether a command line is for the harness, which reads the rest of it itself."""
    return arguments[:1] == [COMMAND]


def run(arguments: list[str], *, project: Path = PROJECT) -> int:
    """Start the harness with the words behind `bench`; gives its exit code, 3 without a clone."""
    if not (project / HARNESS).is_file():
        print(
            "ocapi bench works from a clone of the source after `make dev`: no tests/performance here",
            file=sys.stderr,
        )
        return 3
    # in a process of its own: it adopts the children of what it starts, and stays free of Django
    environment = {**os.environ, "PYTHONPATH": str(project)}
    command = [sys.executable, "-m", "tests.performance", *arguments[1:]]
    return subprocess.run(command, env=environment, check=False).returncode
