"""What a failure says of the place where an organization's rows and files stand."""

import errno
import sqlite3
from pathlib import Path

import pytest
from django.db import DatabaseError, OperationalError

from ocapi.kernel.tenants.outages import Outage, outage_of


class OfServer(Exception):
    """A failure as psycopg raises it."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("server")
        self.sqlstate = sqlstate


def as_django_tells(cause: Exception) -> Exception:
    """Wrap a driver's failure the way Django does."""
    try:
        try:
            raise cause
        except Exception as failure:
            raise OperationalError("wrapped") from failure
    except OperationalError as told:
        return told


def test_a_database_file_that_may_not_grow_is_full(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "small.sqlite")
    connection.execute("CREATE TABLE t (x)")
    connection.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as full:
        connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    connection.close()
    assert outage_of(as_django_tells(full.value)) is Outage.FULL


def test_a_locked_database_is_away_for_a_moment(tmp_path: Path) -> None:
    first, second = (sqlite3.connect(tmp_path / "one.sqlite", timeout=0) for _ in range(2))
    first.execute("CREATE TABLE t (x)")
    first.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as busy:
        second.execute("BEGIN IMMEDIATE")
    first.close()
    second.close()
    assert outage_of(as_django_tells(busy.value)) is Outage.AWAY


@pytest.mark.parametrize(("state", "expected"), [
    ("53100", Outage.FULL), ("57P01", Outage.AWAY), ("08006", Outage.AWAY), ("53300", Outage.AWAY),
    ("23505", None), ("42P01", None),
])
def test_a_server_says_by_its_state_what_is_wrong(state: str, expected: Outage | None) -> None:
    assert outage_of(as_django_tells(OfServer(state))) is expected


def test_a_server_that_does_not_answer_gives_no_state() -> None:
    lost = type("OperationalError", (OfServer,), {})(None)
    assert outage_of(as_django_tells(lost)) is Outage.AWAY


def test_a_file_that_finds_no_room_is_full() -> None:
    assert outage_of(OSError(errno.ENOSPC, "no space")) is Outage.FULL
    assert outage_of(OSError(errno.EDQUOT, "quota")) is Outage.FULL


def test_anything_else_is_a_defect_and_no_outage() -> None:
    for failure in (None, ValueError("x"), OSError(errno.ENOENT, "gone"), DatabaseError("x"),
                    as_django_tells(sqlite3.IntegrityError("unique"))):
        assert outage_of(failure) is None
