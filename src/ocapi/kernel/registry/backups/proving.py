"""Proving a restored organization: invariants of every module, and the log by the independent verifier."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from ocapi.kernel.audit import api as audit
from ocapi.kernel.audit.data import NoHead
from ocapi.kernel.registry.carrying import scratch
from ocapi.kernel.registry.carrying.data import ArchiveRefused
from ocapi.kernel.registry.carrying.reading import log_state

PACKAGE = Path(__file__).resolve().parents[3]
NO_VERIFIER = "verifier: tools/verify_log.py is not here, so the log was not verified independently"


def invariants() -> dict[str, str]:
    """Give the invariants of all modules by `module/name`: each is a query that must find nothing."""
    found = sorted(PACKAGE.glob("*/*/sql/invariants/*.sql"))
    return {f"{path.parents[2].name}/{path.stem}": path.read_text() for path in found}


def broken_invariants() -> list[str]:
    """Give the invariants that do not hold in the bound organization, a line each."""
    found = []
    for name, query in invariants().items():
        with connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
        if row is not None:
            found.append(f"invariant {name} does not hold: {row}")
    return found


def findings() -> tuple[str, ...]:
    """Give what does not hold in the bound organization, log included, a line each."""
    found = broken_invariants()
    try:
        log_state()
    except ArchiveRefused as refusal:
        found.append(f"log: {refusal}")
    return (*found, *_verified())


def _verified() -> tuple[str, ...]:
    verifier = Path(settings.OCAPI.project) / "tools" / "verify_log.py"
    if not verifier.is_file():
        return (NO_VERIFIER,)
    with scratch.folder() as folder:
        try:
            audit.export_log(folder=folder / "audit")
        except NoHead:
            return ()
        told = subprocess.run(
            [sys.executable, "-I", str(verifier), str(folder / "audit")], capture_output=True, text=True,
            check=False,
        )
    return () if told.returncode == 0 else tuple(f"verifier: {line}" for line in told.stdout.splitlines()[:5])
