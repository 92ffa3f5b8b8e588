"""The invariants of all modules: SQL beside the tables it speaks of; each must give 0 rows."""

from tests.proofs.proof import PROJECT

FILES = "*/*/sql/invariants/*.sql"


def load() -> dict[str, str]:
    """Give the invariants by `module/name`; the same text runs on SQLite and PostgreSQL."""
    found = sorted((PROJECT / "src" / "ocapi").glob(FILES))
    return {f"{path.parents[2].name}/{path.stem}": path.read_text() for path in found}
