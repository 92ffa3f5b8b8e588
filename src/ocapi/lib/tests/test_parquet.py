"""Parquet as others read it. Not covered: reading (lib.columns)."""

import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import parquet
from ocapi.lib.parquet import Column, Kind

VALUES = {
    Kind.BOOLEAN: st.booleans(),
    Kind.INTEGER: st.integers(-(2**63), 2**63 - 1),
    Kind.DOUBLE: st.floats(allow_nan=False) | st.decimals(-1000, 1000, places=3),
    Kind.TEXT: st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    Kind.DAY: st.dates(),
    Kind.INSTANT: st.integers(-(8 * 10**15), 7 * 10**15).map(
        lambda n: parquet.EPOCH + timedelta(microseconds=n)
    ),
}
COLUMNS = [Column(kind.name.lower(), kind) for kind in Kind]
ROWS = st.lists(st.tuples(*(st.none() | VALUES[column.kind] for column in COLUMNS)), max_size=40)


def read_back(raw):
    import pyarrow.parquet

    return pyarrow.parquet.read_table(io.BytesIO(raw))


class TestEncode:
    @given(rows=ROWS)
    @settings(max_examples=40, deadline=None)
    def test_is_read_by_another_library_value_by_value(self, rows):
        table = read_back(parquet.encode(COLUMNS, rows))
        expected = [tuple(float(v) if isinstance(v, Decimal) else v for v in row) for row in rows]
        got = [tuple(each[column.name] for column in COLUMNS) for each in table.to_pylist()]
        assert got == expected

    def test_is_read_by_duckdb(self, tmp_path):
        import duckdb

        path = tmp_path / "t.parquet"
        at = datetime(2026, 3, 1, tzinfo=UTC)
        rows = [(f"é{n}", n, at + timedelta(hours=n)) for n in range(5_000)]
        columns = [Column("naam", Kind.TEXT), Column("n", Kind.INTEGER), Column("op", Kind.INSTANT)]
        path.write_bytes(parquet.encode(columns, rows))
        (found,) = duckdb.sql(f"select count(*), sum(n), min(naam), max(op) from '{path}'").fetchall()
        assert found[:3] == (5_000, sum(range(5_000)), "é0")

    def test_writes_many_columns_and_no_rows(self):
        table = read_back(parquet.encode([Column(f"c{n}", Kind.TEXT) for n in range(40)], []))
        assert (table.num_columns, table.num_rows) == (40, 0)

    def test_refuses_a_table_without_columns(self):
        with pytest.raises(ValueError, match=re.escape("a table has columns")):
            parquet.encode([], [])

    def test_says_days_are_days(self):
        table = read_back(parquet.encode([Column("op", Kind.DAY)], [(date(1969, 12, 31),)]))
        assert (str(table.schema.field("op").type), table["op"][0].as_py()) == (
            "date32[day]",
            date(1969, 12, 31),
        )
