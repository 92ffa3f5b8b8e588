"""Each invariant holds in an empty organization and turns red by a planted row. Not covered: PostgreSQL."""

import itertools
import re
import sqlite3
from pathlib import Path

import pytest

from ocapi.kernel.registry import invariants
from ocapi.kernel.tenants.template import template_path

Row = dict[str, object]
PLANTED: dict[str, list[tuple[str, Row]]] = {
    "audit/gap_in_leaves": [("audit_leaf", {"sequence": 3})],
    "audit/leaf_without_node": [("audit_leaf", {"sequence": 0})],
    "audit/head_beyond_leaves": [("audit_head", {"size": 1})],
    "outbox/gap_in_commit_order": [("outbox_event", {"sequence": 1}), ("outbox_event", {"sequence": 3})],
    "outbox/reader_ahead_of_facts": [("outbox_position", {"sequence": 1})],
    "jobs/work_without_lease": [("jobs_job", {"state": "running", "lease_until": None})],
    "files/one_blob_two_sizes": [("files_file", {"size_bytes": 1}), ("files_file", {"size_bytes": 2})],
    "cases/case_in_parts": [("cases_case", {"revision": 1})],
    "cases/outcome_without_decision": [("cases_case", {"revision": 1, "decided_on": "2027-01-01"})],
    "cases/number_given_twice": [("cases_case", {"revision": 1})],
    "processes/work_without_token": [("processes_task", {"state": "open", "instance_id": 1})],
    "processes/instance_without_token": [("processes_instance", {"state": "running"})],
    "capture/sum_out_of_bounds": [("capture_hour", {"n": 2, "minimum": 3, "maximum": 4, "total": 9})],
    "capture/parts_overlap": [
        ("capture_part", {"first_sequence": 1, "last_sequence": 5}),
        ("capture_part", {"first_sequence": 5, "last_sequence": 6}),
    ],
    "forms/sent_and_open": [
        ("forms_submission", {"draft": "d" * 32}), ("forms_draft", {"uuid": "d" * 32})
    ],
    "documents/print_without_instant": [("documents_document", {"pdf": "d" * 32, "pdf_at": None})],
}


@pytest.fixture
def database(installation: Path) -> sqlite3.Connection:
    opened = sqlite3.connect(":memory:")
    stored = sqlite3.connect(template_path())
    stored.backup(opened)
    stored.close()
    opened.execute("PRAGMA foreign_keys = off")
    return opened


def plant(database: sqlite3.Connection, table: str, values: Row) -> None:
    """Insert a row whose other columns hold something of their type."""
    unique, row = next(_numbers), {}
    for _place, name, kind, is_required, default, is_key in database.execute(f"PRAGMA table_info({table})"):
        if not is_key and is_required and default is None:
            is_text = kind.startswith(("text", "varchar", "char", "datetime", "date"))
            row[name] = f"[{unique}]" if is_text else unique
    row |= values
    marks = ", ".join("?" * len(row))
    names = ", ".join(f'"{name}"' for name in row)
    database.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


_numbers = itertools.count(1000)


class TestInvariants:
    def test_are_all_planted_against_below(self) -> None:
        assert set(invariants.load()) == set(PLANTED)

    @pytest.mark.parametrize("name", sorted(PLANTED))
    def test_hold_when_empty_and_turn_red_by_a_planted_row(
        self, database: sqlite3.Connection, name: str
    ) -> None:
        sql = invariants.load()[name]
        assert database.execute(sql).fetchall() == []
        for table, values in PLANTED[name]:
            if name == "files/one_blob_two_sizes":
                values = {"sha256": "a" * 64, **values}
            plant(database, table, values)
        assert database.execute(sql).fetchall() != []

    @pytest.mark.parametrize("name", sorted(PLANTED))
    def test_say_what_they_are_for_and_name_only_tables_of_their_own(self, name: str) -> None:
        sql = invariants.load()[name]
        assert sql.startswith("-- Purpose: ")
        tables = re.findall(r"(?:FROM|JOIN) ([a-z_]+)", sql)
        assert tables
        assert all(table.startswith(f"{name.partition('/')[0]}_") for table in tables)
