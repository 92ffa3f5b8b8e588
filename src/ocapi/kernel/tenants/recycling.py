"""Schemas that tests are done with, emptied for the next organization: a thousand relations cost PostgreSQL
0.4 s of work to make and drop, and the suite does so some three hundred times.

A schema counts as new when its columns, constraints, indexes and triggers are those of one just made, and its
rows and sequences were put back; any other is dropped. What creation costs is measured elsewhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from ocapi.kernel.tenants import keys, postgres
from ocapi.kernel.tenants.data import Tenant

SHAPE = """
WITH own AS (SELECT oid, relname FROM pg_class WHERE relnamespace = to_regnamespace(%(schema)s))
SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
  SELECT concat_ws(' ', relname, attname, atttypid, atttypmod, attnotnull, atthasdef, attidentity) AS line
    FROM pg_attribute JOIN own ON own.oid = attrelid WHERE attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT concat_ws(' ', relname, conname, contype, condeferrable, convalidated)
    FROM pg_constraint JOIN own ON own.oid = conrelid
  UNION ALL
  SELECT concat_ws(' ', relname, indisvalid, indisunique) FROM pg_index JOIN own ON own.oid = indexrelid
  UNION ALL
  SELECT concat_ws(' ', relname, tgname, tgenabled)
    FROM pg_trigger JOIN own ON own.oid = tgrelid WHERE NOT tgisinternal
) AS lines"""
WRITTEN = """
SELECT relname FROM pg_class
WHERE relnamespace = %(schema)s::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0"""
NUMBERS = count(1)
MAKE, DROP = postgres.create_schema, postgres.drop_schema
COUNTED = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = %(schema)s"


class Recycled:
    """Stands in for making and dropping schemas."""

    def __init__(self) -> None:
        self._of_tape = b""
        self._spare: list[str] = []
        self._shape = ""
        self._rows: dict[str, bytes] = {}
        self._counted: dict[str, int] = {}

    def create(self, tenant: Tenant) -> None:
        """Give an organization a schema: one that was emptied, else a new one."""
        self._follow_tape()
        if not self._spare:
            MAKE(tenant)
            if not self._shape:
                self._remember(tenant.schema)
            return
        DROP(tenant)
        spare, role = self._spare.pop(), sql.Identifier(tenant.schema)
        password = sql.Literal(keys.role_passwords(tenant)[0])
        with _lent(spare) as connection:
            _run(connection, "ALTER SCHEMA {} RENAME TO {}", sql.Identifier(spare), role)
            _run(connection, "ALTER ROLE {} RENAME TO {}", sql.Identifier(spare), role)
            _run(connection, "ALTER ROLE {} PASSWORD {}", role, password)
            _run(connection, "ALTER ROLE {} SET search_path = {}", role, role)

    def drop(self, tenant: Tenant) -> None:
        """Take a schema away: emptied and kept when it is as it was made."""
        if not postgres._has_role(tenant.schema):
            return
        with _lent(tenant.schema) as connection:
            is_as_made = bool(self._shape) and self._shape == _shape(connection, tenant.schema)
            if is_as_made:
                self._put_back(connection, tenant.schema)
                spare = f"spare_{next(NUMBERS)}"
                old, new = sql.Identifier(tenant.schema), sql.Identifier(spare)
                _run(connection, "ALTER SCHEMA {} RENAME TO {}", old, new)
                _run(connection, "ALTER ROLE {} RENAME TO {}", old, new)
        if is_as_made:
            self._spare.append(spare)
        else:
            DROP(tenant)

    def _follow_tape(self) -> None:
        """Forget every spare when organizations are made another way than before."""
        tape = postgres._tape_path().read_bytes()
        if tape != self._of_tape:
            self._of_tape, self._shape, self._spare = tape, "", []

    def _remember(self, schema: str) -> None:
        """Keep what a schema holds that was just made."""
        with _lent(schema) as connection:
            self._shape = _shape(connection, schema) or ""
            self._counted = {name: value for name, value in _ask(connection, COUNTED, schema) if value}
            self._rows = {}
            for (table,) in _ask(connection, WRITTEN, schema):
                with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(
                        sql.Identifier(schema, table))) as copy:
                    self._rows[table] = b"".join(bytes(each) for each in copy)

    def _put_back(self, connection: Any, schema: str) -> None:
        for (table,) in _ask(connection, WRITTEN, schema):
            _run(connection, "DELETE FROM {}", sql.Identifier(schema, table))
        for table, rows in self._rows.items():
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(
                    sql.Identifier(schema, table))) as copy:
                copy.write(rows)
        for name, value in _ask(connection, COUNTED, schema):
            first = self._counted.get(name)
            if value != first:
                connection.execute("SELECT setval(%s::regclass, %s, %s)", [
                    sql.Identifier(schema, name).as_string(connection), first or 1, first is not None,
                ])


@contextmanager
def recycled() -> Iterator[None]:
    """Recycle schemas while the block runs."""
    schemas = Recycled()
    before = postgres.create_schema, postgres.drop_schema
    postgres.create_schema, postgres.drop_schema = schemas.create, schemas.drop
    try:
        yield
    finally:
        postgres.create_schema, postgres.drop_schema = before


@contextmanager
def _lent(role: str) -> Iterator[Any]:
    """Open a connection of the installation's account that owns what a role owns, until it ends."""
    with psycopg.connect(settings.OCAPI.database_url) as connection:
        connection.execute(postgres._LEND.format(sql.Identifier(role)))
        lent = connection.execute("SELECT oid FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        yield connection
        name = connection.execute("SELECT rolname FROM pg_roles WHERE oid = %s", lent).fetchone()
        assert name is not None
        connection.execute(postgres._TAKE_BACK.format(sql.Identifier(name[0])))


def _shape(connection: Any, schema: str) -> str | None:
    found = _ask(connection, SHAPE, schema)[0][0]
    return None if found is None else str(found)


def _ask(connection: Any, question: str, schema: str) -> list[Any]:
    return list(connection.execute(question, {"schema": schema}).fetchall())


def _run(connection: Any, statement: str, *names: sql.Composable) -> None:
    connection.execute(sql.SQL(statement).format(*names))
