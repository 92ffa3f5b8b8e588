"""Reads SQL that people write: one SELECT over declared tables, with functions from a list. Nothing else
passes.

This is the first gate; the lock of `child` is the second, and each holds with the other switched off. The
walk gives the lineage as well: which column of which table every result column is made of.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import errors, exp

LONGEST = 20_000  # characters
DEEPEST = 40  # brackets in each other; the parser calls itself for each
MOST_NODES = 3_000
MOST_TABLES = 12  # tables joined in one formula

_FUNCTION_NAMES = """
abs avg cast ceil coalesce concat count datediff date_diff datetrunc timestamptrunc date_trunc day
dayofweek dayofyear extract floor greatest hour if least length ln lower max median min month nullif
pow power quantile percentilecont percentiledisc quarter round rownumber rank denserank lag lead
firstvalue lastvalue sqrt stddev stddevpop stddevsamp strftime timetostr substring substr sum trim
upper variance week year cumedist case countif isodow dayofweekiso weekofyear left right count_if
date make_date datefromparts arg_max arg_min argmax argmin quantile_cont quantilecont approxdistinct
logicaland logicalor bool_and bool_or trunc dateadd datepart date_part and or xor
"""
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
"""Functions that look at nothing but their arguments."""

_FORBIDDEN = (
    exp.DDL,
    exp.DML,
    exp.Command,
    exp.Set,
    exp.Pragma,
    exp.Attach,
    exp.Detach,
    exp.Copy,
    exp.Use,
    exp.Into,
    exp.Lateral,
    exp.Unnest,
    exp.TableSample,
    exp.Parameter,
    exp.Placeholder,
    exp.SessionParameter,
    exp.Describe,
    exp.Pivot,
    exp.Lambda,
    exp.Star,
)
_ALLOWED = (
    exp.Query,
    exp.With,
    exp.CTE,
    exp.TableAlias,
    exp.Table,
    exp.From,
    exp.Join,
    exp.Where,
    exp.Group,
    exp.Having,
    exp.Order,
    exp.Ordered,
    exp.Limit,
    exp.Offset,
    exp.Column,
    exp.Identifier,
    exp.Alias,
    exp.Literal,
    exp.Boolean,
    exp.Null,
    exp.DataType,
    exp.DataTypeParam,
    exp.Binary,
    exp.Unary,
    exp.Between,
    exp.In,
    exp.Case,
    exp.If,
    exp.Cast,
    exp.Window,
    exp.WindowSpec,
    exp.Distinct,
    exp.Tuple,
    exp.Interval,
    exp.Var,
    exp.Star,
    exp.Filter,
    exp.WithinGroup,
    exp.Paren,
    exp.Func,
    exp.Union,
    exp.Qualify,
    exp.Select,
    exp.Is,
    exp.Extract,
)
_TYPE_NAMES = """
INT BIGINT SMALLINT TINYINT DOUBLE FLOAT DECIMAL VARCHAR TEXT DATE TIMESTAMP TIMESTAMPNTZ TIMESTAMPTZ
BOOLEAN TIME INTERVAL
"""
_TYPES = frozenset(_TYPE_NAMES.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A formula that may run. sql: as it runs. columns: names of the result, in order. tables: read, by name.

    lineage: per result column the `table.column` it is made of, directly or by way of a subquery.
    """

    sql: str
    columns: tuple[str, ...]
    tables: tuple[str, ...]
    lineage: dict[str, tuple[str, ...]]


class FormulaRefused(ValueError):
    """A formula is not run. reason: a code; what: the part that is meant, as it stands in the text."""

    def __init__(self, reason: str, what: str = "") -> None:
        super().__init__(f"{reason}: {what}" if what else reason)
        self.reason = reason
        self.what = what[:120]


Tables = Mapping[str, tuple[str, ...]]


def read(sql: str, tables: Tables) -> Formula:
    """Read a formula over tables, given as names of columns by name of table; raises FormulaRefused.

    Reasons: tooLong, tooDeep, syntax, manyStatements, notSelect, notAllowed, function, unknownTable,
    unknownColumn, tableTwice, noCondition, star, unnamed, sameName.
    """
    tree = _parsed(sql)
    names = _scope_names(tree, tables)
    for number, node in enumerate(tree.walk()):
        if number > MOST_NODES:
            raise FormulaRefused("tooLong")
        _check(node)
    read_tables = _tables(tree, names, tables)
    _joins(tree)
    columns = _result_columns(tree)
    lineage = dict(zip(columns, _Lineage(tables).of_query(tree, {}), strict=True))
    return Formula(
        sql=tree.sql(dialect="duckdb"),
        columns=columns,
        tables=read_tables,
        lineage={name: tuple(sorted(made_of)) for name, made_of in lineage.items()},
    )


def _parsed(sql: str) -> exp.Query:
    if len(sql) > LONGEST:
        raise FormulaRefused("tooLong")
    depth = 0
    for letter in sql:
        depth += (letter in "([{") - (letter in ")]}")
        if depth > DEEPEST:
            raise FormulaRefused("tooDeep")
    if sql.upper().count("CASE") > DEEPEST or sql.upper().count(" NOT ") > 10 * DEEPEST:
        raise FormulaRefused("tooDeep")
    try:
        found = [each for each in sqlglot.parse(sql, read="duckdb") if each is not None]
    except errors.SqlglotError as failure:
        raise FormulaRefused("syntax", _place(failure)) from None
    except RecursionError:
        raise FormulaRefused("tooDeep") from None
    if len(found) != 1:
        raise FormulaRefused("manyStatements" if found else "syntax")
    tree = found[0]
    if not isinstance(tree, exp.Select | exp.SetOperation):
        raise FormulaRefused("notSelect", tree.key.upper())
    return tree


def _place(failure: errors.SqlglotError) -> str:
    found = getattr(failure, "errors", None) or [{}]
    first = found[0]
    if first.get("highlight"):
        return f"{first['highlight']} ({first.get('line')}:{first.get('col')})"
    return str(failure).split("\n")[0][:80]


def _check(node: exp.Expr) -> None:
    if isinstance(node, exp.Star):
        if not isinstance(node.parent, exp.Count):
            raise FormulaRefused("star", "*")
        return
    if isinstance(node, _FORBIDDEN) or not isinstance(node, _ALLOWED):
        raise FormulaRefused("notAllowed", node.key.upper())
    if isinstance(node, exp.DataType) and node.this.name not in _TYPES:
        raise FormulaRefused("notAllowed", node.sql(dialect="duckdb"))
    if isinstance(node, exp.With) and node.args.get("recursive"):
        raise FormulaRefused("notAllowed", "RECURSIVE")
    if isinstance(node, exp.Func):
        name = (node.name if isinstance(node, exp.Anonymous) else type(node).__name__).lower()
        if name not in FUNCTIONS and node.key.lower() not in FUNCTIONS:
            raise FormulaRefused("function", name)


def _scope_names(tree: exp.Query, tables: Tables) -> frozenset[str]:
    names: set[str] = set()
    for each in tree.find_all(exp.CTE):
        name = each.alias.lower()
        if name in tables or name in names:
            raise FormulaRefused("tableTwice", name)
        names.add(name)
    return frozenset(names)


def _tables(tree: exp.Query, names: frozenset[str], tables: Tables) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for number, each in enumerate(tree.find_all(exp.Table), start=1):
        if number > MOST_TABLES:
            raise FormulaRefused("tooLong")
        name = each.name.lower()
        if not isinstance(each.this, exp.Identifier) or each.args.get("db") or each.args.get("catalog"):
            raise FormulaRefused("unknownTable", each.sql(dialect="duckdb"))
        if name in names:
            continue
        if name not in tables:
            raise FormulaRefused("unknownTable", each.name)
        found[name] = None
    return tuple(found)


def _joins(tree: exp.Query) -> None:
    """Refuse a join of everything with everything: each needs a condition that names two tables, or USING."""
    for each in tree.find_all(exp.Join):
        on = each.args.get("on")
        if each.args.get("using"):
            continue
        sides = {column.table.lower() for column in on.find_all(exp.Column)} if on is not None else set()
        is_equal = on is not None and on.find(exp.EQ) is not None
        if len(sides) < 2 or not is_equal:
            raise FormulaRefused("noCondition", each.this.sql(dialect="duckdb"))


def _result_columns(tree: exp.Query) -> tuple[str, ...]:
    names = []
    for each in tree.selects:
        if not each.alias_or_name:
            raise FormulaRefused("unnamed", each.sql(dialect="duckdb"))
        names.append(each.alias_or_name.lower())
    if len(set(names)) < len(names):
        raise FormulaRefused("sameName", next(name for name in names if names.count(name) > 1))
    return tuple(names)


Made = frozenset[str]
Source = Mapping[str, Made]  # what each column of a table or subquery is made of


class _Lineage:
    """Follows every result column back to columns of tables, through subqueries."""

    def __init__(self, tables: Tables) -> None:
        self.tables = {
            name: {column: frozenset({f"{name}.{column}"}) for column in columns}
            for name, columns in tables.items()
        }

    def of_query(self, query: exp.Expr, known: Mapping[str, Source]) -> list[Made]:
        """Give what each result column of a query is made of."""
        known = dict(known)
        with_ = query.args.get("with_") or query.args.get("with")
        for each in with_.expressions if with_ else ():
            known[each.alias.lower()] = self._source(each.this, known)
        if isinstance(query, exp.Subquery):
            return self.of_query(query.this, known)
        if isinstance(query, exp.SetOperation):
            left, right = self.of_query(query.left, known), self.of_query(query.right, known)
            if len(left) != len(right):
                raise FormulaRefused("syntax", "UNION")
            return [one | other for one, other in zip(left, right, strict=True)]
        if not isinstance(query, exp.Select):
            raise FormulaRefused("notSelect", query.key.upper())
        return self._of_select(query, known)

    def _source(self, query: exp.Expr, known: Mapping[str, Source]) -> Source:
        names = _result_columns(query)  # type: ignore[arg-type]
        return dict(zip(names, self.of_query(query, known), strict=True))

    def _of_select(self, query: exp.Select, known: Mapping[str, Source]) -> list[Made]:
        sources: dict[str, Source] = {}
        for part in self._parts(query):
            if isinstance(part, exp.Table):
                name = part.name.lower()
                source = known.get(name) or self.tables.get(name)
                if source is None:
                    raise FormulaRefused("unknownTable", part.name)
            else:
                source = self._source(part.this, known)
            alias = part.alias_or_name.lower()
            if not alias or alias in sources:
                raise FormulaRefused("tableTwice", alias)
            sources[alias] = source
        aliases: dict[str, Made] = {}
        found = []
        for each in query.selects:
            made = self._made(each, sources, aliases, known)
            aliases[each.alias_or_name.lower()] = made
            found.append(made)
        for part in query.args.values():
            for each in part if isinstance(part, list) else (part,):
                if isinstance(each, exp.Expr) and not isinstance(each, exp.From | exp.With):
                    self._made(each, sources, aliases, known)  # conditions name known columns too
        return found

    @staticmethod
    def _parts(query: exp.Select) -> Iterator[exp.Expr]:
        first = query.args.get("from_") or query.args.get("from")
        if first is not None:
            yield first.this
        for each in query.args.get("joins") or ():
            yield each.this

    def _made(
        self,
        part: exp.Expr,
        sources: Mapping[str, Source],
        aliases: Mapping[str, Made],
        known: Mapping[str, Source],
    ) -> Made:
        if isinstance(part, exp.Table):
            return frozenset()
        if isinstance(part, exp.Column):
            return self._column(part, sources, aliases)
        if isinstance(part, exp.Subquery | exp.Select) and not isinstance(part.parent, exp.From | exp.Join):
            return frozenset().union(
                *self.of_query(part, known)
            )  # correlated ones are refused as unknown columns
        if isinstance(part, exp.Subquery):
            return frozenset()
        made: set[str] = set()
        for value in part.args.values():
            for each in value if isinstance(value, list) else (value,):
                if isinstance(each, exp.Expr):
                    made |= self._made(each, sources, aliases, known)
        return frozenset(made)

    @staticmethod
    def _column(part: exp.Column, sources: Mapping[str, Source], aliases: Mapping[str, Made]) -> Made:
        name, table = part.name.lower(), part.table.lower()
        if table:
            if name in sources.get(table, {}):
                return sources[table][name]
            raise FormulaRefused("unknownColumn", f"{table}.{name}")
        found = [source[name] for source in sources.values() if name in source]
        if found:
            return frozenset().union(*found)
        if name in aliases:
            return aliases[name]
        raise FormulaRefused("unknownColumn", name)
