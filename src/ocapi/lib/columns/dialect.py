"""Writes a formula that was read (`formulas`) in the dialect of Spark, so that it gives the same numbers.

`sqlglot` knows the grammar of both; here stands what else differs: how each rounds, divides, counts weekdays
and truncates. Types are followed from the columns of the tables, because some of it depends on them. Where
DuckDB gives infinity or no number, Spark gives nothing, and so does our answer for either.
"""

from collections.abc import Callable, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify


class _Spark(Spark):
    """Spark as `sqlglot` writes it, with the day of a year in three figures."""

    TIME_MAPPING = {**Spark.TIME_MAPPING, "DD": "%_j", "DDD": "%j"}


Types = Mapping[str, Mapping[str, str]]  # by table and column, as DuckDB names them

_DAY = exp.DataType.Type.DATE
_WHOLE = {exp.DataType.Type.INT, exp.DataType.Type.BIGINT, exp.DataType.Type.SMALLINT,
          exp.DataType.Type.TINYINT}  # fmt: skip
_TEXT = {exp.DataType.Type.VARCHAR, exp.DataType.Type.TEXT}
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def for_spark(sql: str, types: Types) -> str:
    """Give a formula that DuckDB runs as Spark runs it. It must have passed `formulas.read` before."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    schema: dict[str, object] = {table: dict(columns) for table, columns in types.items()}
    tree = qualify(
        tree, schema=schema, dialect="duckdb", validate_qualify_columns=False, quote_identifiers=True
    )
    tree = annotate_types(tree, schema=schema, dialect="duckdb")
    for node in reversed(list(tree.walk())):  # inner ones first
        rewrite = _REWRITES.get(type(node))
        if rewrite is not None:
            made = rewrite(node)
            if made is not node:
                made.type = node.type
                if node is tree:
                    tree = made
                else:
                    node.replace(made)
    return tree.sql(dialect=_Spark)


def _as_double(node: exp.Expr) -> exp.Expr:
    return exp.cast(node.copy(), "double")


def _divided(node: exp.Expr) -> exp.Expr:
    """DuckDB divides as doubles and by zero to infinity; decimals of Spark would be cut."""
    return exp.func("TRY_DIVIDE", _as_double(node.this), _as_double(node.expression))


def _mean(node: exp.Expr) -> exp.Expr:
    """The mean of decimals is a double in DuckDB, a decimal with four more places in Spark."""
    if isinstance(node.this, exp.Distinct):
        return exp.Avg(this=exp.Distinct(expressions=[_as_double(each) for each in node.this.expressions]))
    return exp.Avg(this=_as_double(node.this))


def _cast(node: exp.Expr) -> exp.Expr:
    """DuckDB rounds to a whole number, doubles half to even and decimals half up; Spark cuts."""
    if node.args["to"].this not in _WHOLE:
        return node
    inner = node.this
    kind = inner.type.this if inner.type else None
    if kind in _WHOLE or kind in (exp.DataType.Type.BOOLEAN, exp.DataType.Type.INT128):
        return node
    if kind in _TEXT:
        rounded = exp.func("ROUND", exp.cast(inner.copy(), "decimal(38, 10)"))
    elif kind in (exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT):
        rounded = exp.func("BROUND", inner.copy(), _number(0))
    else:
        rounded = exp.func("ROUND", inner.copy())
    return exp.cast(rounded, node.args["to"].copy())


def _weekday(node: exp.Expr) -> exp.Expr:
    """Sunday is 0 in DuckDB and 1 in Spark."""
    return exp.Paren(this=exp.Sub(this=exp.Anonymous(this="DAYOFWEEK", expressions=[node.this.copy()]),
                                  expression=_number(1)))  # fmt: skip


def _iso_weekday(node: exp.Expr) -> exp.Expr:
    """Monday is 1 in DuckDB and 0 in Spark's `weekday`."""
    return exp.Paren(this=exp.Add(this=exp.Anonymous(this="WEEKDAY", expressions=[node.this.copy()]),
                                  expression=_number(1)))  # fmt: skip


def _boundaries(node: exp.Expr) -> exp.Expr:
    """DuckDB counts the starts of a unit between two days (of weeks: whole ones), Spark whole units."""
    unit = node.text("unit").upper() or "DAY"
    until, start = node.this.copy(), node.expression.copy()
    if unit == "WEEK":
        return exp.Paren(this=exp.IntDiv(this=_between(_days(until), _days(start)), expression=_number(7)))
    if unit == "DAY":
        return _between(_days(until), _days(start))
    if unit in _MONTHS:
        return _between(_months(until, unit), _months(start, unit))
    seconds = {"HOUR": 3600, "MINUTE": 60, "SECOND": 1}[unit]
    return _between(_seconds(until, seconds), _seconds(start, seconds))


def _between(until: exp.Expr, start: exp.Expr) -> exp.Expr:
    return exp.Paren(this=exp.Sub(this=until, expression=start))


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _months(day: exp.Expr, unit: str) -> exp.Expr:
    year, month = exp.Year(this=day.copy()), exp.Month(this=day.copy())
    zero_based = exp.Paren(this=exp.Sub(this=month, expression=_number(1)))
    whole = exp.Paren(this=exp.Add(this=exp.Mul(this=year, expression=_number(12)), expression=zero_based))
    return exp.Paren(this=exp.IntDiv(this=whole, expression=_number(_MONTHS[unit])))


def _days(day: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="UNIX_DATE", expressions=[exp.cast(day, "date")])


def _seconds(moment: exp.Expr, unit: int) -> exp.Expr:
    """Seconds since 1970; those of an instant without zone know no summer time."""
    if moment.type is not None and moment.type.this in (_DAY, exp.DataType.Type.TIMESTAMPNTZ):
        since: exp.Expr = exp.Mul(this=_days(moment.copy()), expression=_number(86_400))
        for part, seconds in (("HOUR", 3_600), ("MINUTE", 60), ("SECOND", 1)):
            count = exp.Anonymous(this=part, expressions=[moment.copy()])
            since = exp.Add(this=since, expression=exp.Mul(this=count, expression=_number(seconds)))
        return exp.Paren(this=exp.IntDiv(this=exp.Paren(this=since), expression=_number(unit)))
    since = exp.Anonymous(this="UNIX_SECONDS", expressions=[exp.cast(moment, "timestamp")])
    return exp.Paren(this=exp.IntDiv(this=since, expression=_number(unit)))


def _cut(node: exp.Expr) -> exp.Expr:
    """Spark's `trunc` is one of days."""
    return _without_places(node.this)


def _without_places(number: exp.Expr) -> exp.Expr:
    is_below = exp.LT(this=number.copy(), expression=_number(0))
    return exp.Case(
        ifs=[exp.If(this=is_below, true=exp.Ceil(this=number.copy()))], default=exp.Floor(this=number.copy())
    )


def _distinct(node: exp.Expr) -> exp.Expr:
    """Two sketches never agree; the exact number lies within the bound of DuckDB's."""
    return exp.Count(this=exp.Distinct(expressions=[node.this.copy()]))


def _extract(node: exp.Expr) -> exp.Expr:
    return _part_of_day(node.text("this"), node.expression) or node


def _named(node: exp.Expr) -> exp.Expr:
    """Functions that `sqlglot` knows by their name alone."""
    if node.name.lower() in ("datepart", "date_part") and len(node.expressions) == 2:
        unit, day = node.expressions
        return _part_of_day(unit.name, day) or exp.Extract(this=exp.var(unit.name.upper()), expression=day)
    return node


def _part_of_day(unit: str, day: exp.Expr) -> exp.Expr | None:
    if unit.upper() == "ISODOW":
        return _iso_weekday(exp.DayOfWeekIso(this=day))
    if unit.upper() in ("DOW", "DAYOFWEEK", "WEEKDAY"):
        return _weekday(exp.DayOfWeek(this=day))
    if unit.upper() in ("DOY", "DAYOFYEAR"):
        return exp.Anonymous(this="DAYOFYEAR", expressions=[day.copy()])
    return None


def _week(node: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="WEEKOFYEAR", expressions=[node.this.copy()])


def _is_day(node: exp.Expr) -> bool:
    return node.type is not None and node.type.this is _DAY


def _of_no_zone(node: exp.Expr) -> exp.Expr:
    """A day that becomes an instant has no zone in DuckDB."""
    return exp.cast(node.copy(), exp.DataType.Type.TIMESTAMPNTZ) if _is_day(node) else node.copy()


def _truncated(node: exp.Expr) -> exp.Expr:
    return exp.cast(node.copy(), exp.DataType.Type.TIMESTAMPNTZ) if _is_day(node.this) else node


def _added(node: exp.Expr) -> exp.Expr:
    """Spark's `date_add` knows days alone; both know the plus sign, which makes an instant in DuckDB."""
    if isinstance(node, exp.DateAdd) or isinstance(node.expression, exp.Interval):
        return exp.Paren(this=exp.Add(this=_of_no_zone(node.this), expression=node.expression.copy()))
    return node


def _taken_away(node: exp.Expr) -> exp.Expr:
    """Two days are a number of days apart in DuckDB, an interval in Spark."""
    if _is_day(node.this) and _is_day(node.expression):
        return _between(_days(node.this.copy()), _days(node.expression.copy()))
    if isinstance(node.expression, exp.Interval):
        return exp.Paren(this=exp.Sub(this=_of_no_zone(node.this), expression=node.expression.copy()))
    return node


def _greatest_by(node: exp.Expr) -> exp.Expr:
    """Rows without the wanted value do not count in DuckDB."""
    wanted = exp.Is(this=node.this.copy(), expression=exp.Null())
    by = exp.If(this=wanted, true=exp.Null(), false=node.expression.copy())
    return type(node)(this=node.this.copy(), expression=by)


def _quantile_between(node: exp.Expr) -> exp.Expr:
    if isinstance(node.parent, exp.WithinGroup):
        return node
    return _as_amount(
        exp.Anonymous(this="PERCENTILE", expressions=[_as_double(node.this), _share(node)]), node.this
    )


def _middle(node: exp.Expr) -> exp.Expr:
    return _as_amount(exp.Median(this=_as_double(node.this)), node.this)


def _within(node: exp.Expr) -> exp.Expr:
    """`sqlglot` would write the approximate one."""
    is_between = isinstance(node.this, exp.PercentileCont)
    if not is_between and not isinstance(node.this, exp.PercentileDisc):
        return node
    ordered = next(node.find_all(exp.Ordered))
    made = _ordered_quantile(
        node.this.this, ordered.this, is_between=is_between, is_falling=bool(ordered.args.get("desc"))
    )
    return _as_amount(made, ordered.this) if is_between else made


def _ordered_quantile(share: exp.Expr, of: exp.Expr, *, is_between: bool, is_falling: bool) -> exp.Expr:
    name = "PERCENTILE_CONT" if is_between else "PERCENTILE_DISC"
    by = exp.Ordered(this=of.copy(), desc=is_falling, nulls_first=not is_falling)
    return exp.WithinGroup(
        this=exp.Anonymous(this=name, expressions=[share.copy()]), expression=exp.Order(expressions=[by])
    )


def _as_amount(made: exp.Expr, of: exp.Expr) -> exp.Expr:
    """Between two decimals DuckDB gives one of as many places, cut and not rounded."""
    kind = of.type
    if kind is None or kind.this is not exp.DataType.Type.DECIMAL or len(kind.expressions) < 2:
        return made
    scale = 10 ** int(kind.expressions[1].name)
    exact = exp.cast(made, "decimal(38, 8)")
    whole = _without_places(exp.Paren(this=exp.Mul(this=exact, expression=_number(scale))))
    return exp.Paren(this=exp.func("TRY_DIVIDE", exp.cast(whole, "double"), _number(scale)))


def _quantile_of_rows(node: exp.Expr) -> exp.Expr:
    if isinstance(node.parent, exp.WithinGroup):
        return node
    return _ordered_quantile(_share(node), node.this, is_between=False, is_falling=False)


def _share(node: exp.Expr) -> exp.Expr:
    found: exp.Expr = node.args.get("quantile") or node.args["expression"]
    return found.copy()


_REWRITES: Mapping[type, Callable[[exp.Expr], exp.Expr]] = {
    exp.Div: _divided,
    exp.Avg: _mean,
    exp.Cast: _cast,
    exp.DayOfWeek: _weekday,
    exp.DayOfWeekIso: _iso_weekday,
    exp.DateDiff: _boundaries,
    exp.Trunc: _cut,
    exp.ApproxDistinct: _distinct,
    exp.Anonymous: _named,
    exp.Extract: _extract,
    exp.Week: _week,
    exp.DateTrunc: _truncated,
    exp.TimestampTrunc: _truncated,
    exp.DateAdd: _added,
    exp.Add: _added,
    exp.Sub: _taken_away,
    exp.ArgMax: _greatest_by,
    exp.ArgMin: _greatest_by,
    exp.Median: _middle,
    exp.WithinGroup: _within,
    exp.PercentileCont: _quantile_between,
    exp.PercentileDisc: _quantile_of_rows,
    exp.Quantile: _quantile_of_rows,
}
