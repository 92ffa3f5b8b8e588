"""The invariants of all modules: SQL beside the tables it speaks of; each must find nothing."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
FILES = "*/*/sql/invariants/*.sql"


def load() -> dict[str, str]:
    """Give the invariants by `module/name`; the same text runs on SQLite and PostgreSQL."""
    found = sorted(PACKAGE.glob(FILES))
    return {f"{path.parents[2].name}/{path.stem}": path.read_text() for path in found}
