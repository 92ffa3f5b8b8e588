"""The lock files: what is pinned, by which hashes, and every line that pins less than it should."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PYTHON = (
    "requirements.lock", "requirements-dev.lock", "requirements-assets.lock", "requirements-uv.lock",
    "requirements-spark.lock", "requirements-otel.lock",
)  # fmt: skip
NPM = "package-lock.json"
_PIN = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.!+_-]+)(?: *; *(.+?))?((?: --hash=[a-z0-9]+:\S+)*)"
)
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_INTEGRITY = re.compile(r"(sha512|sha384)-([A-Za-z0-9+/]+={0,2})")
PYPI, NODE = "PyPI", "npm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One pinned package. ecosystem: as OSV names it. hashes: `algorithm:hexadecimal` of its files."""

    ecosystem: str
    name: str
    version: str
    hashes: tuple[str, ...]
    lock: str
    marker: str = ""
    license: str = ""

    @property
    def purl(self) -> str:
        """Give its package URL (purl-spec: PyPI names in lower case, npm scopes escaped)."""
        kind, name = (
            ("pypi", self.name) if self.ecosystem == PYPI else ("npm", self.name.replace("@", "%40", 1))
        )
        return f"pkg:{kind}/{name}@{self.version}"


def normalized(name: str) -> str:
    """Give a Python name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_requirements(text: str, *, lock: str) -> tuple[list[Package], list[str]]:
    """Read one requirements lock: its packages, and one sentence for each line that is no hashed pin."""
    found, wrong = [], []
    for line in _joined(text):
        pin = _PIN.fullmatch(line)
        if pin is None:
            wrong.append(f"{lock}: {line[:80]!r} is no pinned package")
            continue
        hashes = pin[4].split()
        if not hashes:
            wrong.append(f"{lock}: {pin[1]} has no hash")
        wrong += [
            f"{lock}: {pin[1]}: {each[:40]!r} is no SHA-256" for each in hashes if not _HASH.fullmatch(each)
        ]
        found.append(
            Package(
                ecosystem=PYPI,
                name=normalized(pin[1]),
                version=pin[2],
                lock=lock,
                marker=pin[3] or "",
                hashes=tuple(each.removeprefix("--hash=") for each in hashes),
            )
        )
    return found, wrong


def _joined(text: str) -> Iterator[str]:
    whole = ""
    for line in text.splitlines():
        plain = line.split(" #")[0].strip()
        if not plain or plain.startswith("#"):
            continue
        whole = f"{whole} {plain.removesuffix(chr(92)).strip()}".strip()
        if not plain.endswith("\\"):
            yield re.sub(r"\s+", " ", whole)
            whole = ""
    if whole:
        yield whole


def read_npm(text: str, *, lock: str = NPM) -> tuple[list[Package], list[str]]:
    """Read package-lock.json: its packages, and one sentence for each that is not pinned by hash."""
    found, wrong = [], []
    for place, entry in json.loads(text)["packages"].items():
        name = place.rpartition("node_modules/")[2]
        if not place:
            continue
        integrity = _INTEGRITY.fullmatch(entry.get("integrity", ""))
        if integrity is None:
            wrong.append(f"{lock}: {name} has no integrity")
        if "resolved" in entry or entry.get("link") or not entry.get("version"):
            wrong.append(f"{lock}: {name} is not pinned to a version of the registry")
        if entry.get("hasInstallScript"):
            wrong.append(f"{lock}: {name} wants to run a script when it is installed")
        hashes = (f"{integrity[1]}:{_hexadecimal(integrity[2])}",) if integrity else ()
        found.append(
            Package(
                ecosystem=NODE,
                name=name,
                version=entry.get("version", ""),
                hashes=hashes,
                lock=lock,
                license=entry.get("license", ""),
            )
        )
    return found, wrong


def _hexadecimal(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).hex()
    except binascii.Error:
        return ""


def read_all(project: Path) -> tuple[list[Package], list[str]]:
    """Read every lock of the project, and compare them: one version of a package, scripts off."""
    found: list[Package] = []
    wrong: list[str] = []
    for name in (*PYTHON, NPM):
        path = project / name
        if not path.exists():
            wrong.append(f"{name}: is not there")
            continue
        read = read_npm(path.read_text()) if name == NPM else read_requirements(path.read_text(), lock=name)
        found += read[0]
        wrong += read[1]
    if "ignore-scripts=true" not in (project / ".npmrc").read_text().split():
        wrong.append(".npmrc: ignore-scripts=true is missing")
    return found, [*wrong, *_differing(found)]


def _differing(found: Iterable[Package]) -> Iterator[str]:
    """Two locks that share an environment may not pin two versions for the same Python."""
    first: dict[tuple[str, str], Package] = {}
    for each in found:
        if each.lock in PYTHON[:2]:
            other = first.setdefault((each.name, each.marker), each)
            if other.version != each.version:
                yield f"{each.name}: {other.version} in {other.lock}, {each.version} in {each.lock}"
