"""SQLite connections of record: the one pragma function, asserted on every new connection."""

import logging
import os
import sqlite3
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX, DatabaseWrapper, SQLiteCursorWrapper
from django.db.utils import DatabaseErrorWrapper

from ocapi.kernel.tenants.data import Tenant, TenantUnbound
from ocapi.lib import durable
from ocapi.lib.kept import Kept

log = logging.getLogger(__name__)

BUSY_TIMEOUT_S = 5
LOST_SYNCS = frozenset({"SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC"})
"""After these nobody knows what is on the disk, and the next sync may report success all the same."""
CACHE_KIB = 2048  # page cache of one open organization (performance.md 3.7)


class PragmaRefused(RuntimeError):
    """SQLite did not take a setting that durability depends on."""


def apply_pragmas(connection: sqlite3.Connection) -> None:
    """Set and verify the pragmas every database of record needs.

    With `synchronous=NORMAL` 195 of 300 simulated power cuts lost acknowledged commits (reliability.md 2.1).
    """
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = full")
    connection.execute("PRAGMA foreign_keys = on")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute("PRAGMA temp_store = memory")
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for name, value in expected.items():
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != value:
            raise PragmaRefused(f"PRAGMA {name} is {found!r}, must be {value!r}")


def database_settings(path: Path) -> dict[str, Any]:
    """Give Django's settings of one SQLite database of record."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": BUSY_TIMEOUT_S},
        "ATOMIC_REQUESTS": False,
        "AUTOCOMMIT": True,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
        "TIME_ZONE": None,
        "USER": "",
        "PASSWORD": "",
        "HOST": "",
        "PORT": "",
        "TEST": {"CHARSET": None, "COLLATION": None, "MIGRATE": True, "MIRROR": None, "NAME": None},
    }


_TEXTS: Kept[str] = Kept(300)  # about 1 MB


def with_qmarks(query: str) -> str:
    """Give a text in SQLite's own parameter style."""
    return FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class Cursor(SQLiteCursorWrapper):
    """Django's cursor, which puts each text into SQLite's parameter style once and not at each use."""

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        """Give the text as SQLite takes it."""
        if param_names is None:
            return _TEXTS.get(query, with_qmarks)
        return str(super().convert_query(query, param_names=param_names))


class _Errors(DatabaseErrorWrapper):
    """Django's translation of errors, which first ends the process when the disk did not confirm a write."""

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if getattr(error, "sqlite_errorname", "") in LOST_SYNCS:
            log.critical("the disk did not confirm what SQLite wrote; this process ends", exc_info=error)
            os._exit(durable.EXIT_AFTER_FAILED_SYNC)
        super().__exit__(kind, error, trace)


class SqliteWrapper(DatabaseWrapper):
    """A connection to the database file of one organization, or to the platform's."""

    transaction_mode: str | None  # of `database_settings`

    @cached_property
    def wrap_database_errors(self) -> _Errors:
        return _Errors(self)

    def create_cursor(self, name: str | None = None) -> Cursor:
        return self.connection.cursor(factory=Cursor)  # type: ignore[no-any-return]

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        apply_pragmas(connection)
        return connection

    def set_autocommit(
        self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False
    ) -> None:
        """Begin or end a transaction as Django's `atomic` does; without its detours where they lead nowhere.

        The driver stays in autocommit: a transaction begins and ends by a statement.
        """
        is_plain = self.connection is not None and self.connection.isolation_level is None
        if not is_plain or not (autocommit or force_begin_transaction_with_broken_autocommit):
            super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
            return
        self.validate_no_atomic_block()
        if not autocommit:
            self._start_transaction_under_autocommit()
        self.autocommit = autocommit
        if autocommit and self.run_commit_hooks_on_set_autocommit_on:
            self.run_and_clear_commit_hooks()
            self.run_commit_hooks_on_set_autocommit_on = False

    def _start_transaction_under_autocommit(self) -> None:
        """Begin by SQLite itself where nobody wants to see each statement go by: Django's way costs more."""
        if self.execute_wrappers or self.force_debug_cursor or self.transaction_mode is None:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
            return
        with self.wrap_database_errors:
            self.connection.execute(f"BEGIN {self.transaction_mode}")


class UnboundSqlite(DatabaseWrapper):
    """What `connections["default"]` is while nothing is bound: knows its vendor, refuses to connect."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        raise TenantUnbound


def database_path(root: Path, tenant: Tenant) -> Path:
    """Give the database file of a tenant under the data folder."""
    return root / "tenants" / tenant.key / "db.sqlite"
