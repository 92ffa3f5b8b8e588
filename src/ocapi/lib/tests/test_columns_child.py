"""The second gate and the process: what the lock holds with the first gate off, and that nothing runs for
ever.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ocapi.lib.columns import querying, running, tables
from ocapi.lib.columns.running import Question, Table
from ocapi.lib.columns.tables import ColumnType, SourceRefused

COLUMNS = {
    "place": ColumnType.TEXT,
    "counted": ColumnType.INTEGER,
    "share": ColumnType.NUMBER,
    "paid": ColumnType.AMOUNT,
    "on_day": ColumnType.DATE,
    "at": ColumnType.INSTANT,
}
ROW = ("Aalter", 3, 0.5, Decimal("1234.56"), date(2024, 2, 29), datetime(2024, 7, 1, 22, 30, tzinfo=UTC))
ENDLESS = "select count(*) as n from t as a join t as b on a.place = b.place join t as c on c.place = b.place"


def a_file(folder: Path, rows=(ROW,), name="t") -> Path:
    path = folder / f"{name}.parquet"
    path.write_bytes(tables.parquet(COLUMNS, rows))
    return path


def a_table(folder: Path, rows=(ROW,)) -> dict[str, Table]:
    return {"t": Table(paths=(str(a_file(folder, rows)),), columns=tuple(COLUMNS))}


class TestTables:
    def test_equal_rows_are_equal_bytes(self):
        assert tables.parquet(COLUMNS, [ROW]) == tables.parquet(COLUMNS, [ROW])

    def test_no_rows_are_a_table_too(self, tmp_path):
        assert list(tables.read_parquet(a_file(tmp_path, ()), ["place"])) == []

    def test_reads_back_what_it_wrote(self, tmp_path):
        assert list(tables.read_parquet(a_file(tmp_path), ["place", "paid"])) == [
            ("Aalter", Decimal("1234.56"))
        ]

    @pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\xff" * 200 + b"PAR1", b"a;b\n1;2\n"])
    def test_refuses_what_is_no_table(self, tmp_path, content):
        path = tmp_path / "x.parquet"
        path.write_bytes(content)
        with pytest.raises(SourceRefused) as refused:
            list(tables.read_parquet(path, ["place"]))
        assert refused.value.reason == "notParquet"

    def test_names_the_column_that_is_missing(self, tmp_path):
        with pytest.raises(SourceRefused) as refused:
            list(tables.read_parquet(a_file(tmp_path), ["place", "other"]))
        assert (refused.value.reason, refused.value.what) == ("missingColumn", "other")


@pytest.fixture
def locked(tmp_path):
    """Open a locked database over one file, with a second file beside it that is not named."""
    a_file(tmp_path, name="other")
    database = querying.locked({"t": [str(a_file(tmp_path))]}, memory_mb=64, threads=1)
    yield database, tmp_path
    database.close()


class TestLock:
    def test_reads_the_file_that_is_named(self, locked):
        database, _folder = locked
        assert database.execute("select place from t").fetchall() == [("Aalter",)]

    @pytest.mark.parametrize(
        "sql",
        [
            "select * from read_csv('/etc/hostname')",
            "select * from read_text('/etc/hostname')",
            "select * from read_blob('{folder}/other.parquet')",
            "select * from read_parquet('{folder}/other.parquet')",
            "select * from read_parquet('{folder}/../{name}/other.parquet')",
            "select * from read_parquet('{folder}/*.parquet')",
            "select * from '{folder}/other.parquet'",
            "copy t to '{folder}/out.csv'",
            "copy t to '{folder}/t.parquet'",
            "attach '{folder}/new.db' as n",
            "install httpfs",
            "load httpfs",
            "select * from read_parquet('https://example.org/x.parquet')",
            "set memory_limit='100GB'",
            "set enable_external_access=true",
            "set lock_configuration=false",
            "reset allowed_paths",
            "export database '{folder}/dump'",
        ],
    )
    def test_holds_with_the_first_gate_off(self, locked, sql):
        database, folder = locked
        before = sorted(folder.iterdir())
        with pytest.raises(duckdb.Error):
            database.execute(sql.format(folder=folder, name=folder.name)).fetchall()
        assert sorted(folder.iterdir()) == before
        assert database.execute("select place from t").fetchall() == [("Aalter",)]

    def test_an_unlocked_database_would_read_the_other_file(self, tmp_path):
        other = a_file(tmp_path, name="other")
        assert duckdb.connect().execute(f"select place from read_parquet('{other}')").fetchall()


class TestExecute:
    def test_stops_what_takes_too_long_or_too_much(self, tmp_path):
        rows = [ROW] * 20_000
        database = querying.locked({"t": [str(a_file(tmp_path, rows))]}, memory_mb=64, threads=1)
        slow = querying.execute(database, ENDLESS, Question(sql="", seconds=0.3))
        assert slow.reason == "tooSlow"
        big = querying.execute(
            database,
            "select repeat('x', 1000) || place as x from t",
            Question(sql="", most_rows=20_000, seconds=60),
        )
        assert big.reason == "tooLarge"
        wide = "select string_agg(repeat('x', 100000), '') as x from t"
        assert querying.execute(database, wide, Question(sql="", seconds=60)).reason == "tooMuchMemory"
        assert querying.execute(database, "select 1 as x", Question(sql="", seconds=60)).rows == [[1]]

    @pytest.mark.parametrize(("sql", "reason", "what"), [
        ("select place, sum(counted) as x from t", "notGrouped", "place"),
        ("select sum(sum(counted)) as x from t", "sumOfSums", "aggregate function"),
        ("select place from t where sum(counted) > 1", "sumInWhere", "WHERE"),
        ("select place + 1 as x from t", "wrongArguments", "+"),
        ("select round(1, 2, 3) as x from t", "wrongArguments", "round"),
        ('select counted as x from t where "at" like 3', "wrongArguments", "LIKE"),
        ("select place as x from t as a join t as b on a.place = b.place", "ambiguous", "place"),
        ("select place from t order by 9", "noSuchOrder", "ORDER"),
        ("select (select counted from t) as x from t", "manyRows", "More than one row"),
        ("select counted as x from t where at like 3", "syntax", "like"),
        ("select rank() as x from t", "windowHere", "Window function"),
    ])  # fmt: skip
    def test_says_what_the_database_could_not_do_as_a_code(self, tmp_path, sql, reason, what):
        database = querying.locked({"t": [str(a_file(tmp_path, [ROW] * 2))]}, memory_mb=64, threads=1)
        found = querying.execute(database, sql, Question(sql=""))
        assert (found.reason, found.what) == (reason, what)

    @pytest.mark.parametrize(("sql", "reason"), [
        ("select 9223372036854775807 * 2 * counted as x from t", "outOfRange"),
        ("select cast(place as integer) as x from t", "notOfType"),
        ("select no_such_function(place) as x from t", "failed"),
    ])  # fmt: skip
    def test_says_what_a_number_or_value_did_not_fit(self, tmp_path, sql, reason):
        database = querying.locked({"t": [str(a_file(tmp_path))]}, memory_mb=64, threads=1)
        assert querying.execute(database, sql, Question(sql="")).reason == reason

    def test_cuts_rows_and_says_so(self, tmp_path):
        database = querying.locked({"t": [str(a_file(tmp_path, [ROW] * 10))]}, memory_mb=64, threads=1)
        found = querying.execute(database, "select place from t", Question(sql="", most_rows=3))
        assert (len(found.rows), found.is_cut) == (3, True)

    def test_tells_no_path_in_a_failure(self, tmp_path):
        database = querying.locked({"t": [str(a_file(tmp_path))]}, memory_mb=64, threads=1)
        found = querying.execute(database, f"select * from '{tmp_path}/secret.parquet'", Question(sql=""))
        assert found.reason == "failed"
        assert str(tmp_path) not in found.what


class TestAsk:
    def test_answers_in_a_process_of_its_own_in_order(self, tmp_path):
        found = running.ask(
            a_table(tmp_path),
            [
                Question(sql="select place, counted, share, paid, on_day, at from t"),
                Question(sql="select x from read_csv('/etc/hostname')"),
                Question(sql="select counted / 0.0 as none from t"),
                Question(sql="select place from t", most_rows=0),
            ],
            seconds=30,
        )
        assert found[0].rows == [["Aalter", 3, "0.5", "1234.56", "2024-02-29", "2024-07-02T00:30:00+02:00"]]
        assert found[1].reason == "function"
        assert found[2].rows == [[None]]
        assert (found[3].columns, found[3].rows) == (("place",), [])

    def test_a_file_that_is_gone_is_a_failure_and_no_crash(self):
        gone = {"t": Table(paths=("/nowhere/t.parquet",), columns=("place",))}
        (found,) = running.ask(gone, [Question(sql="select place from t")], seconds=30)
        assert found.reason == "failed"
