"""Formulas on DuckDB and, transpiled, on Spark: the same numbers, for every function a formula may name and
for every indicator of the product.

Spark runs as a cluster of two workers on this machine, over files as a manifest lists them. Not among the
rows: the hour that October has twice, which DuckDB truncates to the later one of the two.
"""

import csv
import os
import random
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ocapi.lib import codec
from ocapi.lib.columns import formulas, running, tables
from ocapi.lib.columns.running import Answer, Cluster, Question, Table
from ocapi.lib.columns.tables import ColumnType
from ocapi.modules.insight.data.indicators import Dataset, Indicator
from tests.proofs.proof import PROJECT, Case, Fault, Plan, Proof

HERE = Path(__file__).parent
CONTENT = PROJECT / "content" / "indicators"
CLUSTER = Cluster(master="local-cluster[2,1,1024]")
ROWS = 400
SECONDS = 900.0
CLOSE = Decimal("1e-9")  # of a number: doubles added up in another order
SKETCHED = Decimal("0.1")  # what DuckDB's count of different values is off at these few
COLUMNS = {
    "id": ColumnType.INTEGER, "g": ColumnType.TEXT, "d": ColumnType.DATE, "at": ColumnType.INSTANT,
    "i": ColumnType.INTEGER, "x": ColumnType.NUMBER, "m": ColumnType.AMOUNT, "s": ColumnType.TEXT,
}  # fmt: skip
CANARIES = {
    "division as whole numbers": ("row", "i / 4", "cast(floor(i / 4) as double)"),
    "a mean that counts rows without a value": ("group", "avg(i)", "sum(i) / count(*)"),
    "a week that begins on Sunday": ("row", "isodow(d)", "dayofweek(d) + 1"),
    "an instant in another zone": ("row", "date_trunc('day', at)", "date_trunc('day', at + interval 2 hour)"),
    "a number cut and not rounded": ("row", "cast(x as bigint)", "cast(trunc(x) as bigint)"),
}


class Spark(Proof):
    """A case per line of the table of functions and per indicator of the product."""

    name = "spark"

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._expected: dict[str, Answer] = {}
        self._found: dict[str, Answer] = {}
        missing = [
            what
            for what, is_there in (
                ("Spark (make build/.spark)", find_spec("pyspark") is not None),
                ("Java 17", shutil.which("java") is not None),
            )
            if not is_there
        ]
        if missing:
            self.told.blind_to.append(f"all of it: {' and '.join(missing)} is not here")

    def cases(self) -> Iterable[Case]:
        """Ask all questions of both, then list them."""
        if self.told.blind_to:
            return
        files = _files(self.plan.folder, self.plan.seed)
        asked = {_named(each): _question(*each) for each in lines()}
        self._ask(asked, {"t": Table(paths=files, columns=tuple(COLUMNS))})
        datasets, indicators = content()
        self._ask(
            {f"indicator {each.code}": each.sql for each in indicators}, written(datasets, self.plan.folder)
        )
        for each in self._expected:
            yield Case(id=each, seed=self.plan.seed)
        same = sum(self.check(Case(id=each, seed=self.plan.seed)) is None for each in self._expected)
        self.told.notes.append(f"{same} / {len(self._expected)} equal")

    def _ask(self, asked: Mapping[str, str], known: Mapping[str, Table]) -> None:
        questions = [Question(sql=each, most_rows=50_000, seconds=60) for each in asked.values()]
        ours = running.ask(known, questions, seconds=SECONDS)
        theirs = running.ask(known, questions, seconds=SECONDS, cluster=CLUSTER)
        self._expected |= dict(zip(asked, ours, strict=True))
        self._found |= dict(zip(asked, theirs, strict=True))

    def check(self, case: Case) -> Fault | None:
        """Compare the answers of both to one question."""
        is_sketch = "approx" in case.id
        return compared(self._expected[case.id], self._found[case.id], SKETCHED if is_sketch else CLOSE)

    def canaries(self) -> Mapping[str, Callable[[], bool]]:
        """Compare what DuckDB gives with what a careless transpiler would make of it."""
        files = _files(self.plan.folder, self.plan.seed)
        known = {"t": Table(paths=files, columns=tuple(COLUMNS))}

        def notices(per: str, right: str, wrong: str) -> bool:
            both = [Question(sql=_question("", per, each), seconds=20) for each in (right, wrong)]
            one, other = running.ask(known, both, seconds=60)
            return not one.reason and not other.reason and compared(one, other, CLOSE) is not None

        return {
            name: lambda per=per, right=right, wrong=wrong: notices(per, right, wrong)
            for name, (per, right, wrong) in CANARIES.items()
        }


Line = tuple[str, str, str]


def lines() -> list[Line]:
    """Give the table of functions: name, per row or per group, expression."""
    with (HERE / "functions.csv").open(newline="") as file:
        return [
            (each["function"], each["per"], each["expression"])
            for each in csv.DictReader(file, delimiter=";")
        ]


def untried() -> set[str]:
    """Give the functions a formula may name and no line of the table tries."""
    return set(formulas.FUNCTIONS) - {name for name, _per, _expression in lines()}


def _named(line: Line) -> str:
    return f"{line[0]}: {line[2]}"


def _question(_name: str, per: str, expression: str) -> str:
    if per == "row":
        return f"select id as k, {expression} as v from t order by id"
    return f"select g as k, {expression} as v from t group by g order by g"


def compared(expected: Answer, found: Answer, close: Decimal) -> Fault | None:
    """Tell the first difference of two answers, rows in any order."""
    if expected.reason or found.reason:
        return Fault(
            expected=f"{expected.reason} {expected.what}".strip() or "an answer",
            got=f"{found.reason} {found.what}".strip() or "an answer",
        )
    ours, theirs = _sorted(expected), _sorted(found)
    if not ours or len(ours) != len(theirs):
        return Fault(expected=f"{len(ours)} rows, at least one", got=f"{len(theirs)} rows")
    for one, other in zip(ours, theirs, strict=True):
        if not all(_is_same(a, b, close) for a, b in zip(one, other, strict=True)):
            return Fault(expected=str(one), got=str(other))
    return None


def _sorted(answer: Answer) -> list[list[Any]]:
    """Sort by what is no number: keys are texts and days."""
    keys = [n for n, name in enumerate(answer.columns) if name not in ("v", "value", "n")]
    return sorted(answer.rows, key=lambda row: [str(row[n]) for n in keys])


def _is_same(one: Any, other: Any, close: Decimal) -> bool:
    if one is None or other is None or isinstance(one, bool) or isinstance(other, bool):
        return bool(one == other and type(one) is type(other))
    if one == other:
        return True
    try:
        a, b = Decimal(str(one)), Decimal(str(other))
    except InvalidOperation:
        return False
    return abs(a - b) <= close * max(1, abs(a))


def _files(folder: Path, seed: int) -> tuple[str, ...]:
    coin, first = random.Random(seed), datetime(2024, 10, 20, tzinfo=UTC)
    rows = [
        (
            number,
            coin.choice("abcd"),
            date(2023, 12, 25) + timedelta(days=coin.randrange(500)),
            first + timedelta(minutes=coin.choice((coin.randrange(9_000), coin.randrange(10_500, 20_000)))),
            coin.choice((None, *range(-3, 9))),
            coin.choice((None, coin.randrange(-400, 400) / 8, coin.uniform(-5, 5))),
            coin.choice((None, Decimal(coin.randrange(-99_999, 99_999)) / 100)),
            coin.choice((None, "", "Aalst", "aél", "  b ", "Gent ", "zzz")),
        )
        for number in range(ROWS)
    ]
    made = []
    for part in range(2):
        path = folder / f"t-{part}.parquet"
        path.write_bytes(tables.parquet(COLUMNS, rows[part::2]))
        made.append(str(path))
    return tuple(made)


def content() -> tuple[list[Dataset], list[Indicator]]:
    """Give the datasets of the product that come with rows, and the indicators made of these alone."""
    declared = _declared(CONTENT / "datasets.yaml", "datasets", list[Dataset])
    datasets = [each for each in declared if (CONTENT / "rows" / f"{each.code}.csv").exists()]
    known = {each.code: tuple(column.name for column in each.all_columns) for each in datasets}
    found = []
    for path in sorted(CONTENT.glob("*.yaml")):
        for each in _declared(path, "indicators", list[Indicator]):
            try:
                formulas.read(each.sql, known)
            except formulas.FormulaRefused:
                continue
            found.append(each)
    return datasets, found


def _declared(path: Path, name: str, kind: Any) -> Any:
    return codec.convert(codec.decode_yaml(path.read_bytes(), dict[str, Any]).get(name, []), kind)


def written(datasets: Sequence[Dataset], folder: Path) -> dict[str, Table]:
    """Write the rows of datasets as their files."""
    os.environ |= {
        "OCAPI_DATA": str(folder), "OCAPI_DEMO": "1", "DJANGO_SETTINGS_MODULE": "ocapi.main.settings"
    }  # fmt: skip
    import django

    django.setup()
    from ocapi.modules.insight.services.datasets import read_csv

    made = {}
    for each in datasets:
        columns = {column.name: column.type for column in each.all_columns}
        rows = read_csv(each, (CONTENT / "rows" / f"{each.code}.csv").read_bytes())
        place = [column.name for column in each.columns].index(each.area or each.period)
        kept = [(*values, values[place])[: len(columns)] for values in rows]
        path = folder / f"{each.code}.parquet"
        path.write_bytes(tables.parquet(columns, kept))
        made[each.code] = Table(paths=(str(path),), columns=tuple(columns))
    return made
