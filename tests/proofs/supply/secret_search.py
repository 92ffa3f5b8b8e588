"""Secrets in what is committed: keys, tokens, passwords by their form; the harmless ones are listed."""

import csv
import hashlib
import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).parent
LARGEST = 2 << 20
FORMS = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/=\s]{40,}"),
    "cloud key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "code host token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|glpat-[A-Za-z0-9_-]{20,})\b"),
    "chat token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,}"),
    "registry token": re.compile(r"\b(?:npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,})"),
    "signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{40,}"),
    "private half of a key": re.compile(r"\"d\"\s*:\s*\"[A-Za-z0-9_-]{42,}\""),
    "password in an address": re.compile(
        r"[a-z+]{2,20}://[^/\s:@\"'{}<]{1,60}:[^/\s:@\"'{}<]{6,}@[a-z0-9.-]+\.[a-z]{2,}"
    ),
    "assigned secret": re.compile(
        r"(?i)\b[a-z_]*(?:secret|password|passwd|api_?key|token)[a-z_]*[\"']?\s*[:=]\s*[\"']([A-Za-z0-9+/_=-]{20,})[\"']"
    ),
}
LEAST_BITS = 3.6  # per character; words of a language have less, chance has more


def committed(project: Path) -> list[Path]:
    """Give every file that git holds."""
    told = subprocess.run(["git", "ls-files", "-z"], cwd=project, capture_output=True, check=True).stdout
    return [project / name.decode() for name in told.split(b"\0") if name]


def search(files: Iterable[Path], *, project: Path) -> Iterator[str]:
    """Give `file: line: form` for each secret that is not listed as known."""
    known = {(row["file"], row["sha256"]) for row in _known()}
    for path in files:
        if not path.is_file() or path.stat().st_size > LARGEST or path.name.endswith(".lock"):
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        name = str(path.relative_to(project)) if path.is_relative_to(project) else path.name
        for form, found in found_in(text):
            if (name, fingerprint(found)) not in known:
                yield f"{name}:{text.count(chr(10), 0, text.index(found)) + 1}: {form}"


def found_in(text: str) -> Iterator[tuple[str, str]]:
    """Give each form with the text that has it."""
    for form, pattern in FORMS.items():
        for match in pattern.finditer(text):
            found = match[0]
            if form == "assigned secret" and bits(match[1]) < LEAST_BITS:
                continue
            yield form, found


def bits(text: str) -> float:
    """Give the entropy per character: how much by chance a text looks."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def fingerprint(found: str) -> str:
    """Give what a known secret is listed by, so that the list holds none."""
    return hashlib.sha256(found.encode()).hexdigest()[:16]


def _known() -> list[dict[str, str]]:
    with (HERE / "known.csv").open(newline="") as file:
        return list(csv.DictReader(file))
