"""What the suite told of its reads when `make test` ran it: good for as long as no file of the code changed.

`python -m tests.proofs.leaf.earlier begun` makes room before the suite and writes down what the code is,
`… passed` says afterwards that it passed.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from tests.proofs.proof import PROJECT

TOLD = PROJECT / "build" / "leaves"
MARK = "code"
CODE = ("src", "tests", "content", "tools", "pyproject.toml", "requirements.lock", "Makefile")
MADE = {"__pycache__", "node_modules"}


def fingerprint(project: Path = PROJECT) -> str:
    """Give a hash over every file that the suite or what it tests is made of."""
    digest = hashlib.sha256()
    for name in CODE:
        place = project / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and not MADE & set(path.parts) and path.suffix != ".mo":
                content = path.read_bytes()
                digest.update(f"{path.relative_to(project)} {len(content)}\n".encode())
                digest.update(content)
    return digest.hexdigest()


def begun(told: Path = TOLD, project: Path = PROJECT) -> None:
    """Make room for what a suite is going to tell, and write down by which code."""
    shutil.rmtree(told, ignore_errors=True)
    told.mkdir(parents=True)
    (told / f"{MARK}.begun").write_text(fingerprint(project))


def passed(told: Path = TOLD) -> None:
    """Let what was told stand: the suite passed."""
    (told / f"{MARK}.begun").rename(told / MARK)


def is_of_this_code(told: Path = TOLD, project: Path = PROJECT) -> bool:
    """Tell whether the very code that is here told what is in a folder."""
    marked = told / MARK
    return marked.is_file() and marked.read_text() == fingerprint(project)


if __name__ == "__main__":
    {"begun": begun, "passed": passed}[sys.argv[1]]()
