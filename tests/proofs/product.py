"""The product as proofs start it: production settings, a data folder of its own, steps as processes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.performance.product import environment
from tests.proofs.proof import PROJECT, SetUpFailed

PORT = 8000  # of addresses in data; nothing listens there


def settings(folder: Path, **more: str) -> dict[str, str]:
    """Give the whole environment of a process on a data folder; nothing of the caller's product."""
    foreign = ("OCAPI_", "DJANGO_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return inherited | environment(folder, PORT) | {"PYTHONPATH": str(PROJECT)} | more


def step(
    folder: Path, program: str, *arguments: str, through: tuple[str, ...] = (), **more: str
) -> Any:
    """Run one step of a program beside this file and give the JSON of its last line; raises SetUpFailed.

    through: the command that runs it, when it must see what this process does not.
    """
    done = subprocess.run(
        [*through, sys.executable, "-m", f"tests.proofs.{program}", *arguments], cwd=PROJECT,
        capture_output=True, text=True, check=False, env=settings(folder, **more),
    )
    if done.returncode != 0:
        raise SetUpFailed(f"{program} {' '.join(arguments)}:\n{done.stderr[-1500:]}")
    return json.loads(done.stdout.splitlines()[-1])
