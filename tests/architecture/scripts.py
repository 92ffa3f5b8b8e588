"""Rules for our own JavaScript: names that come with data never become members that are written."""

import re
from collections.abc import Iterator
from pathlib import Path

_FIXED = r"""[\d\s]*\]|\s*["'][\w-]+["']\s*\]"""
_WRITES = re.compile(rf"[\w)\]]\[(?!{_FIXED})[^\]]+\]\s*[-+*/|&?]{{0,2}}=(?![=>])")
_PROTOTYPE = re.compile(r"__proto__|\.prototype\b|\bsetPrototypeOf\b|\bconstructor\[")
_MERGES = re.compile(r"\bfor\s*\(\s*(?:const|let|var)\s+\w+\s+in\b|Object\.assign\([^,]+,\s*JSON\.parse")


def polluting(root: Path) -> Iterator[str]:
    """A member written by a computed name, a prototype touched, or parsed data merged into an object."""
    for path in sorted(root.rglob("static/**/*.js")):
        if "vendor" in path.parts:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if _WRITES.search(line) or _PROTOTYPE.search(line) or _MERGES.search(line):
                yield f"{path.relative_to(root)}:{number} may write what data names"


RULES = (polluting,)
