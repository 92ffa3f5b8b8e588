"""The table of functions that DuckDB and Spark are compared by. Not covered: Spark itself, see `ocapi proof
spark`.
"""

from decimal import Decimal

import pytest

from ocapi.lib.columns import dialect
from ocapi.lib.columns.running import Answer
from tests.proofs.spark import proof

TYPES = {"t": {"d": "DATE", "at": "TIMESTAMPTZ", "i": "BIGINT", "x": "DOUBLE", "m": "DECIMAL(18, 2)"}}


class TestTable:
    def test_tries_every_function_a_formula_may_name(self):
        assert proof.untried() == set()


class TestSparkDialect:
    @pytest.mark.parametrize(
        ("said", "written"),
        [
            ("i / 2", "TRY_DIVIDE(CAST(`t`.`i` AS DOUBLE), CAST(2 AS DOUBLE))"),
            ("avg(m)", "AVG(CAST(`t`.`m` AS DOUBLE))"),
            ("cast(x as int)", "CAST(BROUND(`t`.`x`, 0) AS INT)"),
            ("isodow(d)", "(WEEKDAY(`t`.`d`) + 1)"),
            ("date_trunc('month', d)", "CAST(DATE_TRUNC('MONTH', `t`.`d`) AS TIMESTAMP_NTZ)"),
            ("strftime(d, '%j')", "DATE_FORMAT(`t`.`d`, 'DDD')"),
            ("week(d)", "WEEKOFYEAR(`t`.`d`)"),
        ],
    )
    def test_says_the_same_in_the_words_of_spark(self, said, written):
        assert (
            dialect.for_spark(f"select {said} as v from t", TYPES)
            == f"SELECT {written} AS `v` FROM `t` AS `t`"
        )


class TestComparison:
    @pytest.mark.parametrize("other", [[["a", "2"]], [["b", "1.5"]], [], [["a", None]], [["a", "1.51"]]])
    def test_sees_another_row(self, other):
        ours, theirs = (Answer(columns=("k", "v"), rows=rows) for rows in ([["a", "1.5"]], other))
        assert proof.compared(ours, theirs, Decimal("1e-9")) is not None

    def test_takes_rows_in_any_order_and_doubles_that_were_added_up_otherwise(self):
        ours = Answer(columns=("k", "v"), rows=[["a", "0.30000000000000004"], ["b", 1]])
        theirs = Answer(columns=("k", "v"), rows=[["b", "1.0"], ["a", "0.3"]])
        assert proof.compared(ours, theirs, Decimal("1e-9")) is None
