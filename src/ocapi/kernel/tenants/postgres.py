"""PostgreSQL: one schema per organization, owned by a login role of its own whose search path is that schema.

A shared role with SET ROLE is refused: an injected statement could set another role (house.md 6.8).
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg import sql

from ocapi.kernel.tenants import binding, keys
from ocapi.kernel.tenants.data import Engine, Kind, State, Tenant, TenantUnbound
from ocapi.lib import clock, codec, durable, ids

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}

LOCK_CLASS = 7103  # see audit.sequencer: advisory locks of PostgreSQL are per database

PREPARED_AFTER = 1_000_000  # uses of a statement that nobody asked to prepare: Django's are never
"""psycopg prepares what asks for it (`send_prepared`) only where it may prepare at all."""


class DurabilityOff(RuntimeError):
    """The server acknowledges commits it may lose."""


def assert_durable(connection: Any) -> None:
    """Refuse a server whose fsync, synchronous_commit or full_page_writes is off."""
    for name, expected in DURABLE.items():
        found = connection.execute(f"SHOW {name}").fetchone()[0]
        if found != expected:
            raise DurabilityOff(f"PostgreSQL has {name} = {found}; set it to {expected}")


def send_prepared(connection: Any, held: Sequence[tuple[str, Sequence[Any]]]) -> Any:
    """Send statements that the server plans once and keeps; gives the cursor with what came of the last.

    Several go in one way there and back. The first that fails raises, and none after it is done.
    """
    *first, (last, of_last) = held
    cursor = psycopg.Cursor(connection)
    if not first:
        return cursor.execute(last.encode(), of_last, prepare=True)
    with connection.pipeline():
        before = psycopg.Cursor(connection)
        for text, values in first:
            before.execute(text.encode(), values, prepare=True)
        cursor.execute(last.encode(), of_last, prepare=True)
    return cursor


class CheckedWrapper(DatabaseWrapper):
    """A connection that checks the server's durability when it is opened."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        assert_durable(connection)
        connection.prepare_threshold = PREPARED_AFTER
        connection.rollback()  # SHOW opened a transaction; Django expects none
        return connection


class PlatformWrapper(CheckedWrapper):
    """The connection to the registry of organizations."""


class TenantWrapper(CheckedWrapper):
    """A connection to one organization's schema, under its own login role.

    While the installation's secret is being replaced, the role may still have the password of the other one.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect with the present password, else with the other one that is accepted."""
        present, *others = keys.role_passwords(binding.current())
        try:
            return super().get_new_connection({**conn_params, "password": present})
        except psycopg.OperationalError:
            if not others:
                raise
        return super().get_new_connection({**conn_params, "password": others[0]})


class UnboundPostgres(DatabaseWrapper):
    """What `connections["default"]` is while nothing is bound: knows its vendor, refuses to connect."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        raise TenantUnbound


def database_settings(
    database_url: str, *, schema: str, user: str | None = None, password: str | None = None
) -> dict[str, Any]:
    """Give Django's settings for one schema on the server of OCAPI_DATABASE_URL."""
    server = psycopg.conninfo.conninfo_to_dict(database_url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": server.get("dbname", "ocapi"),
        "USER": user or server.get("user", ""),
        "PASSWORD": password or server.get("password", ""),
        "HOST": server.get("host", ""),
        "PORT": server.get("port", ""),
        "OPTIONS": {
            "options": f"-c search_path={schema}",
            **{name: value for name, value in server.items() if name.startswith("ssl")},
        },
        "ATOMIC_REQUESTS": False, "AUTOCOMMIT": True, "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False,
        "TIME_ZONE": None,
        "TEST": {"CHARSET": None, "COLLATION": None, "MIGRATE": True, "MIRROR": None, "NAME": None},
    }


def tenant_settings(tenant: Tenant) -> dict[str, Any]:
    """Give Django's settings for an organization's own role and schema."""
    return database_settings(
        settings.OCAPI.database_url,
        schema=tenant.schema,
        user=tenant.schema,
        password=keys.role_passwords(tenant)[0],
    )


def _administer(*statements: sql.Composed) -> None:
    """Run statements as the installation's own account, all or none; it need not be a superuser."""
    with psycopg.connect(settings.OCAPI.database_url) as connection:
        for statement in statements:
            connection.execute(statement)


def prepare_platform() -> None:
    """Make the platform's schema and take the shared `public` away from everybody."""
    _administer(
        sql.SQL("CREATE SCHEMA IF NOT EXISTS platform").format(),
        sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC").format(),
    )


def create_schema(tenant: Tenant) -> None:
    """Make login role and schema of an organization, and replay the template into it in one transaction."""
    create_role_and_schema(tenant)
    statements = schema_statements()
    with psycopg.connect(**_parameters(tenant_settings(tenant))) as connection:
        connection.execute("".join(f"{statement};\n" for statement in statements).encode())


# Who owns no superuser's rights must be a member of a role to make or drop its schema. The membership ends in
# the same transaction: a platform account that stayed a member could read every organization.
_LEND = sql.SQL("GRANT {} TO CURRENT_USER")
_TAKE_BACK = sql.SQL("REVOKE {} FROM CURRENT_USER")


def create_role_and_schema(tenant: Tenant) -> None:
    """Make the login role and its empty schema; both are dropped first when a creation was cut short."""
    role = sql.Identifier(tenant.schema)
    drop_schema(tenant)
    _administer(
        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(keys.role_passwords(tenant)[0])),
        sql.SQL("ALTER ROLE {} SET search_path = {}").format(role, role),
        _LEND.format(role),
        sql.SQL("CREATE SCHEMA {} AUTHORIZATION {}").format(role, role),
        _TAKE_BACK.format(role),
    )


def set_password(tenant: Tenant) -> None:
    """Give an organization's login role the password that follows from the present secret."""
    role, password = sql.Identifier(tenant.schema), sql.Literal(keys.role_passwords(tenant)[0])
    _administer(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, password))


def drop_schema(tenant: Tenant) -> None:
    """Drop schema and role of an organization, when they exist."""
    if not _has_role(tenant.schema):
        return
    role = sql.Identifier(tenant.schema)
    _administer(
        _LEND.format(role),
        sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(role),
        sql.SQL("DROP ROLE {}").format(role),
    )


def _has_role(name: str) -> bool:
    with psycopg.connect(settings.OCAPI.database_url) as connection:
        return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone() is not None


def schema_statements() -> list[str]:
    """Give the statements that make an empty organization, as recorded when the template was built."""
    return codec.decode_json(_tape_path().read_bytes(), list[str], max_bytes=16 << 20)


def record_template(*, kept: Path) -> None:
    """Keep the statements that make an empty organization, so that a new one replays them in 0.3 s.

    kept: where they were recorded before, or are now; its name says of which migrations.
    """
    if not kept.exists():
        durable.make_directory(kept.parent)
        with _only_recorder():
            if not kept.exists():  # it may have been recorded while we waited
                durable.write_file(kept, codec.encode_json(_record()))
    durable.make_directory(_tape_path().parent)
    durable.write_file(_tape_path(), kept.read_bytes())


@contextmanager
def _only_recorder() -> Iterator[None]:
    """Let one process at a time record, of however many machines: all use the same scratch schema, and one
    would drop what the other migrates. The lock of a process that dies ends with its connection.
    """
    with psycopg.connect(settings.OCAPI.database_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s, 0)", [LOCK_CLASS])
        yield


def _record() -> list[str]:
    """Migrate a scratch schema and give every statement that changed something."""
    now = clock.now()
    scratch = Tenant(
        uuid=ids.new_uuid(now),
        key="template",
        base_iri="urn:template",
        kind=Kind.AGENCY,
        state=State.BUILDING,
        engine=Engine.POSTGRES,
        schema_number=1,
    )
    create_role_and_schema(scratch)
    tape: list[str] = []
    with binding.unbound(), binding.bind(scratch):
        connection = connections[scratch.alias]
        connection.ensure_connection()
        with connection.execute_wrapper(_Recorder(tape)):
            call_command("migrate", database=scratch.alias, verbosity=0, interactive=False)
    connections.forget(scratch.alias)  # type: ignore[attr-defined]
    drop_schema(scratch)
    return tape


def copy_rows(cursor: Any, into: str, rows: Iterable[Sequence[Any]]) -> None:
    """Copy rows into `table (columns)`; a fifth of the time that statements take."""
    with cursor.cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


class _Recorder:
    """Execute wrapper that keeps each statement that changes something, values filled in."""

    def __init__(self, tape: list[str]) -> None:
        self.tape = tape

    def __call__(self, execute: Any, statement: Any, params: Any, many: bool, context: Any) -> Any:
        cursor = context["cursor"].cursor
        text = statement if isinstance(statement, str) else statement.as_string(cursor)
        if not text.lstrip().upper().startswith(("SELECT", "SAVEPOINT", "RELEASE")):
            for values in params if many else [params]:
                self.tape.append(cursor.mogrify(text, values) if values else text)
        return execute(statement, params, many, context)


def _parameters(configured: dict[str, Any]) -> dict[str, Any]:
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    found = {ours: configured[theirs] for ours, theirs in names.items() if configured[theirs]}
    return {**found, **configured["OPTIONS"]}


def _tape_path() -> Path:
    return Path(settings.OCAPI.data) / "template" / "tenant-statements.json"
