"""Raw SQL in the connection of one organization on PostgreSQL, as an injected statement would run it."""

from ocapi.kernel.tenants.data import Kind
from ocapi.lib import clock

MARK = "qzxjkvwmark"
ALPHA, BETA = "t_alpha", "t_beta"
WAYS = (
    f'SELECT family_name FROM "{BETA}".accounts_person',
    f'INSERT INTO "{BETA}".accounts_role SELECT * FROM "{ALPHA}".accounts_role',
    f'UPDATE "{BETA}".accounts_person SET family_name = family_name',
    f'DELETE FROM "{BETA}".accounts_person',
    f'CREATE TABLE "{BETA}".planted (id integer)',
    "CREATE TABLE public.planted (id integer)",
    f'SET search_path TO "{BETA}"; SELECT family_name FROM accounts_person',
    f'SET ROLE "{BETA}"',
    f'SET SESSION AUTHORIZATION "{BETA}"',
    "SET ROLE ocapi",
    "RESET ROLE; SELECT * FROM platform.tenants_key",
    "SELECT wrapped FROM platform.tenants_key",
    "SELECT * FROM pg_authid",
    "SELECT pg_read_file('PG_VERSION')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY accounts_person TO '/tmp/planted'",
    f"SELECT query_to_xml('SELECT family_name FROM \"{BETA}\".accounts_person', true, false, '')",
    f'GRANT USAGE ON SCHEMA "{ALPHA}" TO PUBLIC; SELECT family_name FROM "{BETA}".accounts_person',
    f'ALTER SCHEMA "{BETA}" RENAME TO planted',
    f'DROP SCHEMA "{BETA}" CASCADE',
    "SELECT most_common_vals::text FROM pg_stats WHERE schemaname = 't_beta'",
    "SELECT query FROM pg_stat_activity WHERE usename = 't_beta'",
    "SELECT rolpassword FROM pg_roles WHERE rolname = 't_beta'",
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 't_beta'",
)
"""What is tried under the role of alpha; each must be refused or give no row with anything of beta."""
HARMLESS = frozenset({"********", "<insufficient privilege>"})  # what PostgreSQL writes instead


def trespass() -> list[str]:
    """Make two organizations, and try every way from one to the other; gives those that worked."""
    from pathlib import Path

    from django.conf import settings

    from ocapi.kernel.accounts.testing import a_person
    from ocapi.kernel.tenants import api as tenants

    now = clock.now()
    tenants.prepare_platform(now=now)
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    for key in ("alpha", "beta"):
        tenants.create(key=key, kind=Kind.MUNICIPALITY, now=now)
        with tenants.bind(key):
            a_person(now=now, family_name=f"{MARK}{key}")
    with tenants.bind("alpha"):
        seen = _rows("SELECT family_name FROM accounts_person")
        if f"{MARK}alpha" not in seen:
            return [f"alpha does not see its own row: {seen}"]
        worked = [f"{way}: {found}" for way in WAYS if (found := _tried(way))]
    with tenants.bind("beta"):
        if f"{MARK}beta" not in _rows("SELECT family_name FROM accounts_person"):
            worked.append("beta's row is gone")
    return worked


def _tried(statements: str) -> str:
    """Give what a way yields, empty when it is refused or yields nothing."""
    from django.db import DatabaseError, connection, transaction

    try:
        with transaction.atomic():
            told = ""
            for statement in statements.split("; "):
                told = _rows(statement)
            transaction.set_rollback(True)
    except DatabaseError:
        connection.ensure_connection()
        return ""
    return "" if told in HARMLESS else told


def _rows(statement: str) -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        if cursor.description is None:
            return "done"
        return " ".join(str(cell) for row in cursor.fetchall() for cell in row)


OPERATIONS = {"trespass": trespass}
