"""Statements written once keep to the models and read back what they wrote. Not covered: their speed."""

import sys
from collections.abc import Iterator

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from ocapi.kernel.jobs.models import HandledRow, JobRow
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.api import Insert, Statement
from ocapi.kernel.tenants.testing import NOW, left_out
from ocapi.lib import ids

FIND = Statement("SELECT {j.uuid}, {j.due_at}, {j.lease_until} FROM {j} WHERE {j.id} {among}", j=JobRow)
PUT = Insert(
    JobRow, "uuid", "name", "arguments", "key", "state", "due_at", "attempts", "fence", "error_code",
    "error_text", ending=" RETURNING {t.id}",
)


def every_statement() -> list[tuple[str, "Insert | Statement"]]:
    return [
        (f"{name}.{each}", value)
        for name, module in sorted(sys.modules.items()) if name.startswith("ocapi.") and ".tests." not in name
        for each, held in vars(module).items()
        for value in (held if isinstance(held, tuple) else (held,)) if isinstance(value, Insert | Statement)
    ]


@pytest.mark.usefixtures("tenant")
class TestStatements:
    def test_name_tables_and_columns_that_exist(self):
        assert len(every_statement()) > 3
        for name, each in every_statement():
            assert each.text(connection.vendor), name

    def test_insert_every_column_the_database_would_miss(self):
        inserts = [(name, each) for name, each in every_statement() if isinstance(each, Insert)]
        found = {name: left_out(each) for name, each in inserts}
        assert {name: missing for name, missing in found.items() if missing} == {}

    def test_refuse_a_name_the_model_does_not_have(self):
        with pytest.raises(FieldDoesNotExist):
            Statement("SELECT {h.gone} FROM {h}", h=HandledRow).text(connection.vendor)
        assert left_out(Insert(HandledRow, "handler")) == {"event"}

    def test_write_and_read_as_the_models_do(self):
        uuid = ids.new_uuid(NOW)
        (row,) = PUT.one((uuid, "n", '{"a":1}', "", "waiting", NOW, 0, 0, "", ""))
        held = JobRow.objects.get(id=row)
        assert (held.uuid, held.due_at, held.arguments) == (uuid, NOW, {"a": 1})
        found = FIND.rows([row, row + 1])
        read = [(tenants.read_uuid(a), tenants.read_instant(b), c) for a, b, c in found]
        assert read == [(uuid, NOW, None)]

    def test_insert_more_rows_than_one_statement_holds(self):
        Insert(HandledRow, "handler", "event").run([("h", ids.new_uuid(NOW)) for _each in range(700)])
        assert HandledRow.objects.filter(handler="h").count() == 700

    def test_done_later_keep_their_order_and_are_done_before_anything_is_read(self):
        insert = Insert(HandledRow, "handler", "event")
        rename = Statement("UPDATE {h} SET {h.handler} = %s WHERE {h.handler} = %s", h=HandledRow)
        count = Statement("SELECT COUNT(*) FROM {h} WHERE {h.handler} = %s", h=HandledRow)
        with tenants.together():
            insert.later([("a", ids.new_uuid(NOW)), ("a", ids.new_uuid(NOW))])
            rename.later("b", "a")
            assert count.row("b") == (2,)
            rename.later("c", "b")
        assert count.row("c") == (2,)

    def test_done_later_are_not_done_when_the_block_fails(self):
        rename = Statement("UPDATE {h} SET {h.handler} = 'x'", h=HandledRow)
        with pytest.raises(ZeroDivisionError), tenants.together():
            rename.later()
            raise ZeroDivisionError
        assert not HandledRow.objects.filter(handler="x").exists()


@pytest.fixture
def unwatched(tenant: object) -> Iterator[None]:
    """Let statements go by as in production: the suite's own watch looks at each."""
    kept = list(connection.execute_wrappers)
    connection.execute_wrappers.clear()
    yield
    connection.execute_wrappers.extend(kept)


@pytest.mark.usefixtures("unwatched")
class TestStatementsThatNobodyWatches:
    INSERT = Insert(HandledRow, "handler", "event")
    COUNT = Statement("SELECT COUNT(*) FROM {h} WHERE {h.handler} = %s", h=HandledRow)

    def test_go_to_sqlite_itself_and_bring_back_the_same(self, monkeypatch):
        if connection.vendor == "sqlite":
            monkeypatch.setattr(CursorWrapper, "execute", None)
        self.INSERT.run([("plain", ids.new_uuid(NOW)), ("plain", ids.new_uuid(NOW))])
        assert self.COUNT.row("plain") == (2,)

    def test_fail_with_djangos_own_errors(self):
        row = ("twice", ids.new_uuid(NOW))
        with pytest.raises(IntegrityError), transaction.atomic():
            self.INSERT.run([row, row])
        assert self.COUNT.row("twice") == (0,)

    def test_are_refused_in_a_transaction_that_is_broken(self):
        with transaction.atomic():
            connection.needs_rollback = True
            with pytest.raises(TransactionManagementError):
                self.COUNT.row("x")
            connection.needs_rollback = False

    def test_done_later_keep_their_order_and_are_done_before_anything_is_read(self):
        rename = Statement("UPDATE {h} SET {h.handler} = %s WHERE {h.handler} = %s", h=HandledRow)
        with tenants.together():
            self.INSERT.later([("a", ids.new_uuid(NOW)), ("a", ids.new_uuid(NOW))])
            rename.later("b", "a")
            assert self.COUNT.row("b") == (2,)
            rename.later("c", "b")
            rename.later("d", "c")
        assert self.COUNT.row("d") == (2,)

    def test_done_later_fail_together(self):
        row = ("late", ids.new_uuid(NOW))
        with pytest.raises(IntegrityError), transaction.atomic(), tenants.together():
            self.INSERT.later([row])
            self.INSERT.later([row])
            self.INSERT.later([("late", ids.new_uuid(NOW))])
        assert self.COUNT.row("late") == (0,)

    def test_find_by_a_list_of_any_length(self):
        made = [ids.new_uuid(NOW) for _each in range(3)]
        self.INSERT.run([("among", each) for each in made])
        found = Statement("SELECT {h.event} FROM {h} WHERE {h.handler} {among} ORDER BY {h.id}", h=HandledRow)
        for wanted, expected in ([], []), (["among"], made), (["among", "gone"], made):
            assert [tenants.read_uuid(event) for (event,) in found.rows(wanted)] == expected

    def test_can_each_be_planned_before_its_values_are_known(self):
        for name, each in every_statement():
            parts, is_sqlite = each.text(connection.vendor).split("%s"), connection.vendor == "sqlite"
            places = ["?" if is_sqlite else f"${place}" for place in range(1, len(parts))]
            text = "".join(part + place for part, place in zip(parts, [*places, ""], strict=True))
            with connection.cursor() as cursor:
                if is_sqlite:
                    cursor.execute(f"EXPLAIN {text.replace('?', 'NULL')}")
                    assert cursor.fetchone(), name
                else:
                    cursor.execute(f"PREPARE planned AS {text}")
                    cursor.execute("DEALLOCATE planned")

    def test_are_seen_by_who_begins_to_count(self):
        self.COUNT.row("x")
        with CaptureQueriesContext(connection) as seen:
            self.COUNT.row("x")
        assert len(seen) == 1
