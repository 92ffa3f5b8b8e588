"""`--peer FILE.toml`: any other program as an arm, without a change of code.

name = "openzaak"            requests = ["/zaken/api/v1/zaken"]   headers = { Authorization = "…" }
scenario = "list"            start = ["sh", "run.sh"]             port = 8080
ready = "/"                  ready_status = 200                   durability = "commit before the answer"
"""

import tomllib
from pathlib import Path

from tests.performance.arms import HttpArm, get
from tests.performance.programs import Program, SetUpFailed

KNOWN = {"name", "scenario", "start", "port", "ready", "ready_status", "requests", "headers", "durability"}


def read(path: Path, *, folder: Path, scenario: str) -> HttpArm | None:
    """Give the arm a file describes, or None when it is for another scenario; raises SetUpFailed."""
    try:
        told = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as failure:
        raise SetUpFailed(f"{path}: {failure}") from failure
    missing = {"name", "start", "port", "requests"} - set(told)
    if missing or set(told) - KNOWN:
        raise SetUpFailed(f"{path}: missing {sorted(missing)}, unknown {sorted(set(told) - KNOWN)}")
    if told.get("scenario", scenario) != scenario:
        return None
    host = f"127.0.0.1:{told['port']}"
    program = Program(
        owner=told["name"], command=tuple(told["start"]), port=int(told["port"]),
        folder=folder / told["name"], ready_path=told.get("ready", "/"),
        ready_status=int(told.get("ready_status", 200)),
    )
    return HttpArm(
        name=told["name"], role="peer", program=program, durability=told.get("durability", "unknown"),
        requests=tuple(get(each, host=host, headers=told.get("headers")) for each in told["requests"]),
        varies=True,
    )
