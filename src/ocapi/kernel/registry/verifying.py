"""Verifying a living organization: what was changed by hand on its disk, named; nothing is repaired here."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, connection

from ocapi.kernel.audit import api as audit
from ocapi.kernel.files import api as files
from ocapi.kernel.registry.backups import proving
from ocapi.kernel.registry.carrying import acts
from ocapi.kernel.registry.carrying.data import BLOBS, Progress
from ocapi.kernel.registry.extensions import folder_checks
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import NotThisRelease

QUARANTINE = "quarantine"  # of files that are being received
DATABASE = frozenset({"db.sqlite", "db.sqlite-wal", "db.sqlite-shm"})
FOLDERS = frozenset({BLOBS, "capture", "evidence", "inbox", "published", "rdf"})
CHUNK = 1 << 20
MOST_LINES = 200


def findings(*, now: datetime, tell: Progress) -> tuple[str, ...]:
    """Give what does not hold in the bound organization, a line each; see `registry.api.verify_tenant`."""
    found: list[str] = []
    for each in _all(now, tell):
        if len(found) == MOST_LINES:
            return (*found, "and more: repair or restore, then verify again")
        found.append(each)
    return tuple(found)


def _all(now: datetime, tell: Progress) -> Iterator[str]:
    home = tenants.folder()
    yield from _unknown(home)
    try:
        yield from _of_database(now, tell)
        known = {}
        for sha256, size, path in files.list_blobs():
            known[path] = sha256
            yield from of_blob(path, sha256, size, home)
        tell(f"{len(known)} blobs")
    except DatabaseError as failure:
        yield f"database: can't be read: {failure}"
        return
    yield from (
        f"{path.relative_to(home)}: belongs to no file of this organization"
        for path in sorted((home / BLOBS).rglob("*"))
        if path.is_file() and path not in known and QUARANTINE not in path.relative_to(home).parts
    )
    for check in folder_checks:
        tell(check.name)
        yield from check.findings()


def _of_database(now: datetime, tell: Progress) -> Iterator[str]:
    if connection.vendor == "sqlite":
        tell("pages of the database")
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check(20)")
            yield from (f"database: {row[0]}" for row in cursor.fetchall() if row[0] != "ok")
            cursor.execute("PRAGMA foreign_key_check")
            yield from (
                f"database: row {row[1]} of {row[0]} refers to a row of {row[2]} that is not there"
                for row in cursor.fetchmany(20)
            )
    try:
        tenants.require_this_release()
    except NotThisRelease as behind:
        yield f"database: {behind}"
        return
    tell("invariants and log")
    yield from proving.findings()
    yield from audit.list_damage()
    acts.stage("tenants.verify", now=now)


def of_blob(path: Path, sha256: str, size: int, home: Path) -> Iterator[str]:
    """Name what is wrong with a document on the disk, if anything is: a link, gone, or other bytes."""
    place = path.relative_to(home)
    if path.is_symlink():
        yield f"{place}: a link"
        return
    digest, found = hashlib.sha256(), 0
    try:
        with path.open("rb") as blob:
            while chunk := blob.read(CHUNK):
                digest.update(chunk)
                found += len(chunk)
    except OSError as failure:
        yield f"{place}: {failure.strerror}"
        return
    if (digest.hexdigest(), found) != (sha256, size):
        yield f"{place}: its bytes have changed ({found} bytes, {size} were received)"


def _unknown(home: Path) -> Iterator[str]:
    """Name what does not belong in an organization's folder: other files, links that lead elsewhere."""
    for path in sorted(home.iterdir()):
        if path.is_symlink() or path.name not in (FOLDERS if path.is_dir() else DATABASE):
            yield f"{path.name}: does not belong here"
    yield from (
        f"{path.relative_to(home)}: a link leads elsewhere"
        for path in sorted(home.rglob("*")) if path.is_symlink() and path.parent != home
    )
