"""The first gate: which SQL is read at all, and what it is made of. Not covered: running it
(test_columns_child).
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib.columns import formulas
from ocapi.lib.columns.formulas import FormulaRefused

TABLES = {"counts": ("place", "counted", "at"), "people": ("place", "inhabitants")}


def refusal(sql: str) -> str:
    with pytest.raises(FormulaRefused) as refused:
        formulas.read(sql, TABLES)
    return refused.value.reason


class TestRead:
    def test_gives_for_every_result_column_the_columns_it_is_made_of(self):
        found = formulas.read(
            "with t as (select place, sum(counted) as n from counts group by place) "
            "select t.place, n / max(p.inhabitants) as rate, 1 as one from t "
            "join people as p on p.place = t.place group by t.place, n",
            TABLES,
        )
        assert found.lineage == {
            "place": ("counts.place",),
            "rate": ("counts.counted", "people.inhabitants"),
            "one": (),
        }
        assert set(found.tables) == {"counts", "people"}

    @pytest.mark.parametrize(
        "sql",
        [
            "select place, median(counted) as m from counts group by all order by m desc limit 3",
            "select date_trunc('month', at) as month, count(distinct place) as n from counts group by 1",
            "select place, rank() over (partition by place order by at) as r from counts qualify r = 1",
            "select place from counts union all select place from people",
            "select c.place from counts as c left join people using (place) where c.counted in (1, 2)",
            "select case when counted > 1 then 'much' else 'little' end as text from counts",
            "select count(*) filter (where counted > 3) as n from counts",
            "select place from counts where place not in (select place from people)",
        ],
    )
    def test_takes_what_policy_makers_need(self, sql):
        assert formulas.read(sql, TABLES).columns

    @pytest.mark.parametrize(
        ("sql", "reason"),
        [
            ("select place from read_csv('/etc/passwd')", "function"),
            ("select place from '/etc/passwd'", "unknownTable"),
            ("select place from 'https://example.org/x.parquet'", "unknownTable"),
            ("select place from glob('*')", "function"),
            ("select current_setting('memory_limit') as v", "function"),
            ("select getenv('HOME') as v", "function"),
            ("select name from duckdb_settings()", "function"),
            ("select sql from sqlite_master", "unknownTable"),
            ("select table_name from information_schema.tables", "unknownTable"),
            ("select place from other.counts", "unknownTable"),
            ("attach '/tmp/other.db' as other", "notSelect"),
            ("copy counts to '/tmp/out.csv'", "notSelect"),
            ("install httpfs", "notSelect"),
            ("load httpfs", "notSelect"),
            ("set memory_limit='100GB'", "notSelect"),
            ("pragma database_list", "notSelect"),
            ("insert into counts values (1)", "notSelect"),
            ("drop table counts", "notSelect"),
            ("explain select place from counts", "notSelect"),
            ("select place from counts; drop table counts", "manyStatements"),
            ("", "syntax"),
            ("select from where", "syntax"),
            ("select * from counts", "star"),
            ("select counted + 1 from counts", "unnamed"),
            ("select place, place from counts", "sameName"),
            ("select nothing from counts", "unknownColumn"),
            ("select place from counts where nothing = 1", "unknownColumn"),
            ("select c.place from counts as c, people as p", "noCondition"),
            ("select c.place from counts as c cross join people as p", "noCondition"),
            ("select c.place from counts as c join people as p on true", "noCondition"),
            ("select c.place from counts as c join people as p on c.counted < p.inhabitants", "noCondition"),
            (
                "with recursive t as (select 1 as n union all select n + 1 from t) select n from t",
                "notAllowed",
            ),
            ("with counts as (select place from people) select place from counts", "tableTwice"),
            ("select unnest([1, 2]) as x", "function"),
            ("select x from range(1000000000000) as t(x)", "function"),
            ("select repeat('x', 1000000000) as x", "function"),
            ("select place from counts tablesample 10%", "notAllowed"),
            ("select random() as r from counts", "function"),
            ("select now() as r from counts", "function"),
            ("select regexp_matches(place, '(a+)+$') as r from counts", "function"),
            ("select ($1) as x", "notAllowed"),
            ("select " + "(" * 100 + "1" + ")" * 100 + " as x", "tooDeep"),
            ("select " + "1 + " * 4000 + "1 as x", "tooLong"),
            ("select 'x" + "x" * 30_000 + "' as x", "tooLong"),
        ],
    )
    def test_refuses_what_reaches_further(self, sql, reason):
        assert refusal(sql) == reason

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.sampled_from(
                [
                    "select",
                    "from",
                    "where",
                    "join",
                    "on",
                    "group",
                    "by",
                    "having",
                    "(",
                    ")",
                    ",",
                    "*",
                    ";",
                    "'",
                    '"',
                    "--",
                    "/*",
                    "*/",
                    "with",
                    "as",
                    "case",
                    "when",
                    "end",
                    "not",
                    "union",
                    "counts",
                    "people",
                    "place",
                    "counted",
                    "1",
                    "0.5",
                    "'x'",
                    "[",
                    "]",
                    "{",
                    "}",
                    "::",
                    "->",
                    "=>",
                    "$1",
                    "?",
                    "read_csv",
                    "over",
                    "partition",
                    "lateral",
                    "pivot",
                ]
            ),
            max_size=25,
        ).map(" ".join)
        | st.text(max_size=60)
    )
    def test_answers_anything_with_a_formula_or_a_reason(self, sql):
        try:
            found = formulas.read(sql, TABLES)
        except FormulaRefused as refused:
            assert refused.reason
        else:
            assert set(found.tables) <= set(TABLES)
