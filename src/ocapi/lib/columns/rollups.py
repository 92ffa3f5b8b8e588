"""Splits a formula in two: what is counted once per part of a table, and what is made of those counts.

A part never changes, so its counts are kept, and after new readings only new parts are counted. The rewrite
comes from the syntax tree: each SELECT over one table alone, whose aggregates can be added up, becomes one
over kept counts. Different values are counted by keeping them as keys. Nothing is rounded (a mean of amounts
may differ in its sixteenth figure): where a sum would be of doubles, which are not the same in another order,
the caller asks the whole formula instead (`is_exact`).
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

VIEW = "kept_counts_"  # followed by the number of the leaf
_SAME = (exp.Min, exp.Max, exp.LogicalAnd, exp.LogicalOr)
_COUNTS = (exp.Count, exp.CountIf)
_SUM, _PLAIN = "s", "p"


class NotSplit(ValueError):
    """A formula can't be made of kept counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """What is counted per part of a table. sql: over that table, keys first. name: differs with the sql."""

    table: str
    sql: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A formula in two. sql: over a view per leaf (VIEW and its number), and over `tables` themselves."""

    leaves: tuple[Leaf, ...]
    sql: str
    tables: tuple[str, ...]


def split(sql: str, tables: Collection[str], parted: Collection[str]) -> Split:
    """Split a formula that was read; raises NotSplit.

    tables: all it may name. parted: those in parts, which must be read through kept counts alone.
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    leaves: list[Leaf] = []
    for node in [each for each in tree.find_all(exp.Select) if _table_of(each) in parted]:
        made, leaf = _Splitting(node, len(leaves)).done()
        leaves.append(leaf)
        if node is tree:
            tree = made
        else:
            node.replace(made)
    left = {each.name.lower() for each in tree.find_all(exp.Table)} & set(tables)
    if not leaves or left & set(parted):
        raise NotSplit("a table in parts is read row by row")
    return Split(leaves=tuple(leaves), sql=tree.sql(dialect="duckdb"), tables=tuple(sorted(left)))


def is_exact(columns: Iterable[tuple[str, str]]) -> bool:
    """Tell whether counts may be added up in any order, from the names and types of the columns of a leaf."""
    return not any(name.startswith(_SUM) and kind in ("DOUBLE", "FLOAT") for name, kind in columns)


def _table_of(select: exp.Select) -> str:
    """Give the one table a SELECT reads, empty when it reads more, or none."""
    source = select.args.get("from_") or select.args.get("from")
    if source is None or not isinstance(source.this, exp.Table) or select.args.get("joins"):
        return ""
    return source.this.name.lower()


class _Splitting:
    """Splits one SELECT over one table."""

    def __init__(self, select: exp.Select, number: int) -> None:
        self.select, self.number = select, number
        self.aliases = {
            each.alias.lower(): each.this for each in select.selects if isinstance(each, exp.Alias)
        }
        group = select.args.get("group")
        if group is not None and any(
            group.args.get(each) for each in ("all", "cube", "rollup", "grouping_sets")
        ):
            raise NotSplit("grouped in another way")
        self.keys = [self._key(each) for each in (group.expressions if group is not None else ())]
        self.grouped = len(self.keys)
        self.counts: list[tuple[str, exp.Expr]] = []
        if select.find(exp.Window, exp.Qualify) or select.args.get("distinct"):
            raise NotSplit("windows")
        if any(each is not select for each in select.find_all(exp.Select)):
            raise NotSplit("a question in a question")
        if group is None and not select.find(exp.AggFunc):
            raise NotSplit("no aggregate")

    def _key(self, part: exp.Expr) -> exp.Expr:
        """Give what a key of GROUP BY stands for: a place in the list, a name of a result, or itself."""
        if isinstance(part, exp.Literal) and part.is_int:
            found = self.select.selects[int(part.name) - 1]
            return found.this if isinstance(found, exp.Alias) else found
        if isinstance(part, exp.Column) and not part.table and part.name.lower() in self.aliases:
            meant = self.aliases[part.name.lower()]
            if not meant.find(exp.AggFunc) and meant != part:
                return meant  # type: ignore[no-any-return]
        return part

    def done(self) -> tuple[exp.Select, Leaf]:
        """Give the SELECT over kept counts, and what is to be counted."""
        made = self.select.copy()
        made.set("expressions", [self._result(each) for each in self.select.selects])
        for name in ("having", "order"):
            if self.select.args.get(name) is not None:
                made.set(name, self._over(self.select.args[name], by_name=True))
        if self.grouped:
            made.set("group", exp.Group(expressions=[exp.column(f"k{n}") for n in range(self.grouped)]))
        made.set("where", None)
        view = exp.Table(this=exp.to_identifier(f"{VIEW}{self.number}"))
        made.set("from_" if "from_" in self.select.args else "from", exp.From(this=view))
        leaf = exp.Select(expressions=[
            *(exp.alias_(each.copy(), f"k{n}") for n, each in enumerate(self.keys)),
            *(exp.alias_(each.copy(), name) for name, each in self.counts),
        ])  # fmt: skip
        source = "from_" if "from_" in self.select.args else "from"
        leaf.set(source, self.select.args[source].copy())
        if self.select.args.get("where") is not None:
            leaf.set("where", self.select.args["where"].copy())
        if self.keys:
            leaf.set("group", exp.Group(expressions=[each.copy() for each in self.keys]))
        sql = leaf.sql(dialect="duckdb")
        return made, Leaf(
            table=_table_of(self.select), sql=sql, name=hashlib.sha256(sql.encode()).hexdigest()[:32]
        )

    def _result(self, part: exp.Expr) -> exp.Expr:
        inner = part.this if isinstance(part, exp.Alias) else part
        made = self._over(inner)
        return exp.alias_(made, part.alias_or_name, quoted=True) if part.alias_or_name else made

    def _over(self, part: exp.Expr, *, by_name: bool = False) -> exp.Expr:
        """Give an expression over kept counts: keys by place, aggregates combined, the rest as it is."""
        if part in self.keys[: self.grouped]:
            return exp.column(f"k{self.keys.index(part)}")
        if isinstance(part, exp.Filter):
            if isinstance(part.this.this, exp.Distinct):
                raise NotSplit("different values with a condition")
            return self._combined(part.this, part)
        if isinstance(part, exp.AggFunc):
            return self._combined(part, part)
        if isinstance(part, exp.Column):
            if by_name and not part.table and part.name.lower() in self.aliases:
                return part.copy()
            raise NotSplit(f"{part.name} is no key")
        made = part.copy()
        for name, value in part.args.items():
            if isinstance(value, exp.Expr):
                made.set(name, self._over(value, by_name=by_name))
            elif isinstance(value, list):
                parts = [
                    self._over(each, by_name=by_name) if isinstance(each, exp.Expr) else each
                    for each in value
                ]
                made.set(name, parts)
        return made

    def _combined(self, aggregate: exp.Expr, counted: exp.Expr) -> exp.Expr:
        """Give how one aggregate is made of its counts per part. counted: the same with its condition."""
        if isinstance(aggregate.this, exp.Distinct):
            return self._different(aggregate)
        if isinstance(aggregate, exp.Sum):
            return exp.Sum(this=self._kept(counted, _SUM))
        if isinstance(aggregate, _COUNTS):
            total = exp.Coalesce(
                this=exp.Sum(this=self._kept(counted, _PLAIN)), expressions=[exp.Literal.number(0)]
            )
            return exp.cast(total, "hugeint" if isinstance(aggregate, exp.CountIf) else "bigint")
        if isinstance(aggregate, _SAME):
            return type(aggregate)(this=self._kept(counted, _PLAIN))
        if isinstance(aggregate, exp.Avg):
            return self._mean(aggregate, counted)
        raise NotSplit(f"{aggregate.key} can't be added up")

    def _mean(self, aggregate: exp.Expr, counted: exp.Expr) -> exp.Expr:
        whole: exp.Expr = exp.Sum(this=aggregate.this.copy())
        number: exp.Expr = exp.Count(this=aggregate.this.copy())
        if isinstance(counted, exp.Filter):
            whole = exp.Filter(this=whole, expression=counted.expression.copy())
            number = exp.Filter(this=number, expression=counted.expression.copy())
        total = exp.cast(exp.Sum(this=self._kept(whole, _SUM)), "double")
        rows = exp.Nullif(this=exp.Sum(this=self._kept(number, _PLAIN)), expression=exp.Literal.number(0))
        return exp.Paren(this=exp.Div(this=total, expression=rows))

    def _different(self, aggregate: exp.Expr) -> exp.Expr:
        if len(aggregate.this.expressions) != 1 or not isinstance(aggregate, exp.Count):
            raise NotSplit("different values of more than one column")
        wanted = aggregate.this.expressions[0]
        if wanted not in self.keys:
            self.keys.append(wanted)
        place = self.keys.index(wanted)
        return exp.Count(this=exp.Distinct(expressions=[exp.column(f"k{place}")]))

    def _kept(self, counted: exp.Expr, kind: str) -> exp.Expr:
        for name, each in self.counts:
            if each == counted:
                return exp.column(name)
        name = f"{kind}{len(self.counts)}"
        self.counts.append((name, counted))
        return exp.column(name)
