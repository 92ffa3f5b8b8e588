"""Formulas answered from kept counts of parts: as asked whole. Not covered: speed, see `ocapi bench`."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ocapi.lib.columns import child, rollups, tables
from ocapi.lib.columns.running import Question, Request, Table
from ocapi.lib.columns.tables import ColumnType

COLUMNS = {
    "site": ColumnType.TEXT, "at": ColumnType.INSTANT, "counted": ColumnType.INTEGER,
    "amount": ColumnType.AMOUNT, "level": ColumnType.NUMBER,
}  # fmt: skip
MONTH = "date_trunc('month', at)"
PER_MONTH = f"from t group by {MONTH}"
GROUP = f"from t group by {MONTH}, site"
SPLIT = (
    f"select {MONTH} as period, site as area, sum(counted) as value {GROUP}",
    f"select {MONTH} as period, site as area, 100.0 * sum(counted) / nullif(sum(amount), 0) as value {GROUP}",
    f"select {MONTH} as period, site as area, avg(counted) as value, count(*) as n {GROUP}",
    f"select {MONTH} as period, avg(amount) filter (where counted > 3) as value from t group by 1",
    f"select {MONTH} as period, sum(counted) / count(distinct cast(at as date)) as value from t"
    f" where isodow(at) < 6 group by {MONTH}"
    " having count(distinct cast(at as date)) > 3 order by period desc",
    "select date_trunc('year', at) as period, min(level) as value, max(counted) as n from t group by period",
    "select min(at) as period, count_if(counted > 4) as value, count(counted) as n from t",
    f"select {MONTH} as period, '' as slice, sum(counted) as value {PER_MONTH}"
    f" union all select {MONTH}, site, sum(counted) {GROUP}",
    f"select a.period, a.value / b.value as value from"
    f" (select {MONTH} as period, sum(counted) as value {PER_MONTH}) a"
    f" join (select {MONTH} as period, count(*) as value {PER_MONTH}) b on a.period = b.period",
)
WHOLE = (
    f"select {MONTH} as period, median(counted) as value {PER_MONTH}",
    f"select {MONTH} as period, sum(level) as value {PER_MONTH}",
    f"select {MONTH} as period, avg(level) as value {PER_MONTH}",
    "select at as period, counted as value from t",
    f"select {MONTH} as period, count(distinct site) filter (where counted > 1) as value {PER_MONTH}",
    "select at as period, sum(counted) over (order by at) as value from t",
)  # fmt: skip


def rows(part, count=60):
    coin, first = random.Random(part), datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=40 * part)
    for _ in range(count):
        yield (
            coin.choice("ab"), first + timedelta(minutes=coin.randrange(60_000)),
            coin.choice((None, *range(9))), Decimal(coin.randrange(9_999)) / 100, coin.uniform(0, 9),
        )  # fmt: skip


def parts(folder, numbers):
    made = []
    for number in numbers:
        path = folder / f"part-{number}.parquet"
        if not path.exists():
            path.write_bytes(tables.parquet(COLUMNS, rows(number)))
        made.append(str(path))
    return tuple(made)


def asked(questions, paths, counts=""):
    known = {"t": Table(paths=paths, columns=tuple(COLUMNS))}
    put = tuple(Question(sql=each, seconds=20) for each in questions)
    found = child.answer(Request(tables=known, questions=put, seconds=60, counts=str(counts)))
    assert not [each for each in found if each.reason]
    return found


def kept(found, counts):
    for each in found:
        for name, raw in each.counted.items():
            (counts / name).write_bytes(raw)


def sorted_rows(found):
    return sorted(([shown(each) for each in row] for row in found.rows), key=str)


def shown(value):
    """A mean of amounts may differ in its sixteenth figure; no number is shown with so many."""
    try:
        return f"{float(value):.9f}"
    except (TypeError, ValueError):
        return value


class TestCounting:
    def test_gives_what_the_whole_gives_anew_and_from_what_was_kept(self, tmp_path):
        (counts := tmp_path / "counts").mkdir()
        paths = parts(tmp_path, range(2))
        first = asked(SPLIT, paths, counts)
        kept(first, counts)
        again = asked(SPLIT, paths, counts)
        for sql, one, other, whole in zip(SPLIT, first, again, asked(SPLIT, paths), strict=True):
            assert one.counted and set(one.counted) == set(one.used), sql
            assert not other.counted, sql
            assert sorted_rows(one) == sorted_rows(other) == sorted_rows(whole), sql
            assert (one.columns, one.types) == (whole.columns, whole.types), sql

    def test_counts_a_new_part_alone_and_forgets_a_replaced_one(self, tmp_path):
        (counts := tmp_path / "counts").mkdir()
        kept(asked(SPLIT[:1], parts(tmp_path, (0, 1, 2)), counts), counts)
        late = parts(tmp_path, (0, 1, 7, 8))
        (found,) = asked(SPLIT[:1], late, counts)
        assert len(found.counted) == 2 and len(found.used) == 4
        assert sorted_rows(found) == sorted_rows(asked(SPLIT[:1], late)[0])

    def test_asks_the_whole_when_counts_would_not_add_up_to_the_same(self, tmp_path):
        paths = parts(tmp_path, (0, 1))
        for sql, found, whole in zip(WHOLE, asked(WHOLE, paths, tmp_path), asked(WHOLE, paths), strict=True):
            assert not found.counted, sql
            assert sorted_rows(found) == sorted_rows(whole), sql

    def test_does_not_believe_that_doubles_add_up_the_same_in_any_order(self):
        assert not rollups.is_exact([("k0", "DOUBLE"), ("s1", "DOUBLE")])
        assert rollups.is_exact([("k0", "DOUBLE"), ("p0", "DOUBLE"), ("s1", "DECIMAL(38,2)")])
