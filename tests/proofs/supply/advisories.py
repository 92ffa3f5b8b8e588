"""Known advisories as OSV publishes them, matched against the locks by ourselves.

An auditor that can't reach its source and says "nothing found" is worse than none: without a snapshot, or
with one that is old or unreadable, this says what it is blind to. Source of the rules: OSV schema 1.6,
evaluation of `affected.versions` and `affected.ranges` (github.com/ossf/osv-schema).
"""

import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from tests.proofs.supply.locks import NODE, NPM, PYPI, Package, normalized

OLDEST = timedelta(days=7)
ECOSYSTEMS = (PYPI, NODE)
LEAST = 1000
"""Advisories of an ecosystem: OSV's archives of PyPI and npm hold many thousands; fewer are a part of one."""
LARGEST = 8 << 20  # bytes of one advisory
SERVED = frozenset({"requirements.lock", NPM})  # what runs, and what browsers get
FRAMES = {"CRITICAL": timedelta(hours=48), "HIGH": timedelta(days=7), "MODERATE": timedelta(days=30)}
"""Time to a repair, of the first column of docs/security/components.md: what runs counts as reached from
outside. Any other word counts as high, but for LOW, which waits for the next release.
"""
HOSTILE = "MAL-"  # how OSV's names of packages begin that are hostile themselves
HOSTILE_FRAME = timedelta(days=30)  # of what only tests and builds use
_SEMVER = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?")


class Unusable(ValueError):
    """The snapshot can't be used; the message says why and what to bring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Advisories by (ecosystem, name), when the newest was changed, and how many there are."""

    by_package: dict[tuple[str, str], list[dict[str, Any]]]
    newest: dict[str, datetime]
    count: int


def load(folder: Path, *, now: datetime, least: int = LEAST) -> Snapshot:
    """Read a snapshot: JSON files, or OSV's archives, anywhere below a folder. Raises Unusable.

    Its age is that of the newest change in it per ecosystem, not that of a file, which copying makes young.
    """
    by_package: dict[tuple[str, str], list[dict[str, Any]]] = {}
    newest: dict[str, datetime] = {}
    count, counted = 0, Counter[str]()
    for advisory in _documents(folder):
        count += 1
        named = (each.get("package", {}) for each in advisory.get("affected", []))
        counted.update({each.get("ecosystem", "") for each in named})
        changed = _instant(advisory.get("modified", ""))
        for each in advisory.get("affected", []):
            package = each.get("package", {})
            ecosystem, name = package.get("ecosystem", "").partition(":")[0], package.get("name", "")
            if ecosystem in ECOSYSTEMS:
                newest[ecosystem] = max(newest.get(ecosystem, changed), changed)
                key = (ecosystem, normalized(name) if ecosystem == PYPI else name)
                by_package.setdefault(key, []).append(advisory)
    for ecosystem in ECOSYSTEMS:
        if ecosystem not in newest:
            raise Unusable(f"no advisory of {ecosystem} in the snapshot; bring its archive too")
        if counted[ecosystem] < least:
            raise Unusable(
                f"{counted[ecosystem]} advisories of {ecosystem} are a part of its archive; bring it whole"
            )
        if now - newest[ecosystem] > OLDEST:
            raise Unusable(
                f"the newest advisory of {ecosystem} is of {newest[ecosystem]:%Y-%m-%d}; at most "
                f"{OLDEST.days} days old is enough"
            )
    return Snapshot(by_package=by_package, newest=newest, count=count)


def _documents(folder: Path) -> Iterator[dict[str, Any]]:
    if not folder.is_dir():
        raise Unusable(f"{folder.name or folder}: no such folder")
    try:
        for path in sorted(folder.rglob("*.json")):
            yield _document(path.read_bytes())
        for path in sorted(folder.rglob("*.zip")):
            with zipfile.ZipFile(path) as archive:
                for entry in archive.infolist():
                    if entry.file_size > LARGEST:
                        raise Unusable(f"{path.name}: {entry.filename} is too large")
                    if entry.filename.endswith(".json"):
                        yield _document(archive.read(entry))
    except (zipfile.BadZipFile, OSError) as failure:
        raise Unusable(f"the snapshot can't be read: {failure}") from None


def _document(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        raise Unusable("the snapshot holds a file that is no JSON") from None
    if not isinstance(found, dict) or "id" not in found:
        raise Unusable("the snapshot holds a file that is no advisory")
    return found


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise Unusable(f"an advisory was changed at {text!r}, which is no instant") from None
    if found.tzinfo is None:
        raise Unusable(f"an advisory was changed at {text!r}, which has no zone")
    return found


def matches(packages: Iterable[Package], snapshot: Snapshot) -> Iterator[tuple[Package, dict[str, Any]]]:
    """Give each package with an advisory that covers its version."""
    for package in packages:
        for advisory in snapshot.by_package.get((package.ecosystem, package.name), []):
            if "withdrawn" not in advisory and _is_affected(package, advisory):
                yield package, advisory


def due(package: Package, advisory: dict[str, Any]) -> datetime | None:
    """Give the instant until which a component is to be repaired by the documented time frames; None: with
    the next release. An advisory that does not say when it was published is overdue.
    """
    severity = _severity(advisory)
    frame: timedelta | None = FRAMES.get(severity, FRAMES["HIGH"])
    if package.lock not in SERVED:
        frame = HOSTILE_FRAME if advisory["id"].startswith(HOSTILE) else None
    elif severity == "LOW":
        frame = None
    if frame is None:
        return None
    published = advisory.get("published")
    return _instant(published) + frame if published else datetime.min.replace(tzinfo=UTC)


def told(package: Package, advisory: dict[str, Any], *, now: datetime) -> str:
    """Give an advisory's id, how bad it is, and whether its time frame has passed."""
    until = due(package, advisory)
    severity = _severity(advisory).lower() or "of unknown severity"
    when = "due with the next release"
    if until is not None:
        when = f"OVERDUE since {until:%Y-%m-%d}" if now > until else f"due by {until:%Y-%m-%d %H:%M} UTC"
        if not advisory.get("published"):
            when = "OVERDUE, for it does not say since when it is known"
    return f"{advisory['id']} ({severity}, in {package.lock}, {when})"


def _severity(advisory: dict[str, Any]) -> str:
    specific = advisory.get("database_specific")
    found = specific.get("severity") if isinstance(specific, dict) else None
    return {"MEDIUM": "MODERATE"}.get(found.upper(), found.upper()) if isinstance(found, str) else ""


def _is_affected(package: Package, advisory: dict[str, Any]) -> bool:
    for each in advisory["affected"]:
        named = each.get("package", {})
        name = normalized(named.get("name", "")) if package.ecosystem == PYPI else named.get("name", "")
        if named.get("ecosystem") != package.ecosystem or name != package.name:
            continue
        if package.version in each.get("versions", []):
            return True
        ranges = [given for given in each.get("ranges", []) if given.get("type") in ("ECOSYSTEM", "SEMVER")]
        if any(_is_within(package, given["events"]) for given in ranges):
            return True
    return False


def _is_within(package: Package, events: list[dict[str, str]]) -> bool:
    """Walk the events in order; a version nobody understands counts as affected, so it is looked at."""
    order = _python_order if package.ecosystem == PYPI else _npm_order
    version = order(package.version)
    if version is None:
        return True
    is_affected = False
    for event in sorted(events, key=lambda event: order(next(iter(event.values()))) or order("0")):  # type: ignore
        if "introduced" in event:
            started = order(event["introduced"]) if event["introduced"] != "0" else None
            is_affected = is_affected or started is None or version >= started
        elif "fixed" in event:
            fixed = order(event["fixed"])
            is_affected = is_affected and not (fixed is not None and version >= fixed)
        elif "last_affected" in event:
            last = order(event["last_affected"])
            is_affected = is_affected and not (last is not None and version > last)
    return is_affected


def _python_order(text: str) -> Any:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _npm_order(text: str) -> Any:
    """Give what orders versions of npm: numbers, then releases after their pre-releases (semver.org 11)."""
    if text == "0":
        text = "0.0.0-0"
    found = _SEMVER.fullmatch(text)
    if found is None:
        return None
    numbers = tuple(int(found[place]) for place in (1, 2, 3))
    if found[4] is None:
        return (numbers, 1, ())
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in found[4].split("."))
    return (numbers, 0, parts)
