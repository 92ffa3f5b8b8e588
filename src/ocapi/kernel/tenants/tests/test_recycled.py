"""What stands between a test and the schema of the one before it. Not covered: what creation costs."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection

from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants import binding
from ocapi.kernel.tenants.data import Kind, Tenant
from ocapi.kernel.tenants.testing import NOW
from ocapi.kernel.tenants.tests import recycled

pytestmark = pytest.mark.skipif(settings.OCAPI.store != "postgres", reason="a file is copied in 2 ms")


@pytest.fixture(autouse=True)
def _none_is_spare(installation: object) -> Iterator[None]:
    with recycled.recycling():
        yield


def made(key: str) -> Tenant:
    return tenants.create(key=key, kind=Kind.AGENCY, is_demo=True, now=NOW)


def thrown_away(tenant: Tenant, *statements: str) -> None:
    """Write into an organization, and remove it."""
    with binding.bind(tenant), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    tenants.delete(key=tenant.key)


def holds(tenant: Tenant) -> tuple[int, dict[str, int], list[object]]:
    """Which schema it has, how many rows are in each table, and where its sequences stand."""
    with binding.bind(tenant), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()::regnamespace::oid")
        (schema,) = cursor.fetchone()
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences "
                       "WHERE schemaname = current_schema() AND last_value IS NOT NULL ORDER BY 1")
        counted = cursor.fetchall()
        return schema, {each.name: tenants.count_rows(each.name) for each in tenants.list_tables()}, counted


class TestRecycled:
    def test_holds_what_a_new_one_holds(self) -> None:
        first = made("first")
        before = holds(first)
        thrown_away(
            first, "DELETE FROM django_migrations",
            "SELECT nextval(pg_get_serial_sequence('django_content_type', 'id'))",
            "INSERT INTO django_content_type (app_label, model) VALUES ('left', 'behind')",
        )
        second = made("second")
        assert holds(second) == before
        tenants.delete(key="second")

    def test_is_not_what_lost_or_gained_something(self) -> None:
        first = made("first")
        (schema, *_) = holds(first)
        thrown_away(first, "DROP INDEX jobs_job_due")
        second = made("second")
        assert holds(second)[0] != schema
        tenants.delete(key="second")
