"""What the suite told of its reads when `make test` ran it: good for as long as no file of the code changed.

`python -m tests.proofs.leaf.earlier` marks what is there as told by the code as it stands.
"""

import hashlib
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


def mark(told: Path = TOLD, project: Path = PROJECT) -> None:
    """Write down by which code a suite, that passed, told what is in a folder."""
    (told / MARK).write_text(fingerprint(project))


def is_of_this_code(told: Path = TOLD, project: Path = PROJECT) -> bool:
    """Tell whether the very code that is here told what is in a folder."""
    marked = told / MARK
    return marked.is_file() and marked.read_text() == fingerprint(project)


if __name__ == "__main__":
    mark()
