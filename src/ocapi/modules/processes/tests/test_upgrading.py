"""Runs that were stored by the release before go on in this one. Not covered: many organizations at once."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from ocapi.kernel.audit import api as audit
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW
from ocapi.modules.processes.data import InstanceState
from ocapi.modules.processes.tests.factories import deployed, done, seen, started

BEFORE = [("audit", "0002_no_index_on_instants"), ("outbox", "0001_initial"),
          ("processes", "0007_relocationrow")]
AFTER = [("audit", "0003_lasting_rows"), ("outbox", "0002_lasting_rows"),
         ("processes", "0011_runs_by_key")]
LASTING = ("audit_leaf", "outbox_event", "processes_history", "processes_instance", "processes_task")
CLAIMED = ("processes_timer", "processes_subscription", "processes_call")


@pytest.fixture
def _old(committed_tenant):
    """An organization as the release before left it."""
    MigrationExecutor(connection).migrate(BEFORE)


def stored(columns: str, table: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} ORDER BY 1")
        return list(cursor.fetchall())


def by_column(table: str) -> list[dict[str, object]]:
    with connection.cursor() as cursor:  # a table that was made anew may have its columns in another order
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        return [dict(zip([each[0] for each in cursor.description], row, strict=True)) for row in cursor]


class TestARunOfTheReleaseBefore:
    @pytest.mark.usefixtures("_old")
    def test_goes_on_where_it_stood_with_all_that_was_written_of_it(self):
        deployed('<userTask id="a"/><subProcess id="q"><userTask id="b"/></subProcess>', "s>a", "a>q", "q>e")
        first, second = started(amount=3), started(amount=4)
        done("a")
        before = [by_column(each) for each in LASTING]
        MigrationExecutor(connection).migrate(AFTER)
        assert [by_column(each) for each in LASTING] == before
        done("b")
        done("a")
        done("b")
        for run, amount in ((first, 3), (second, 4)):
            ended = seen(run.uuid)
            assert (ended.state, ended.variables) == (InstanceState.COMPLETED, {"amount": amount})
        leaves = [tenants.read_uuid(uuid) for _id, uuid in stored("id, uuid", "audit_leaf")]
        audit.seal(now=NOW)
        assert [audit.inclusion_proof(leaf=each).index for each in leaves] == list(range(len(leaves)))

    @pytest.mark.usefixtures("tenant")
    def test_stands_in_tables_that_keep_no_last_number_but_for_rows_claimed_by_theirs(self):
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL keeps its numbers beside the table")
        made = stored("name, sql", "sqlite_master")
        counted = {name for name, sql in made if "AUTOINCREMENT" in str(sql)}
        assert counted.issuperset(CLAIMED)
        assert counted.isdisjoint(LASTING)
