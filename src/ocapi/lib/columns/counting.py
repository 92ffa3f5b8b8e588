"""Answers a formula from counts that were kept per part of a table (`rollups`), counting parts that are new.

What was counted anew goes back with the answer as files; who asked keeps them. A file of counts is named by
what is counted and by the part, whose name says what is in it, so it never has to be renewed.
"""

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from ocapi.lib.columns import querying, rollups, running
from ocapi.lib.columns.formulas import Formula
from ocapi.lib.columns.rollups import Leaf, NotSplit
from ocapi.lib.columns.running import Answer, Question, Request

MOST_ROWS = 200_000  # of the counts of one part; more are hardly fewer than the part itself
WHOLE = "DECIMAL(38,0)"  # how a sum of whole numbers stands in a file, which has no wider ones


def answer(formula: Formula, question: Question, request: Request) -> Answer:
    """Answer a formula over tables of which one at least is in parts; raises NotSplit when it must be asked
    whole.
    """
    parted = {name for name in formula.tables if len(request.tables[name].paths) > 1}
    if not parted:
        raise NotSplit("no table is in parts")
    split = rollups.split(formula.sql, formula.tables, parted)
    counted: dict[str, bytes] = {}
    used: list[str] = []
    tables: dict[str, Sequence[str]] = {name: request.tables[name].paths for name in split.tables}
    frames: dict[str, Any] = {}
    try:
        for number, leaf in enumerate(split.leaves):
            kept, fresh = _parts(leaf, question, request, counted, used)
            tables[f"{rollups.VIEW}{number}_parts"] = kept
            if fresh:
                frames[f"{rollups.VIEW}{number}_parts"] = _joined(fresh)
        database = querying.locked(
            tables, memory_mb=request.memory_mb, threads=request.threads, frames=frames
        )
    except duckdb.Error as failure:
        return querying.refused(failure)
    with contextlib.closing(database):
        for number in range(len(split.leaves)):
            _show(database, f"{rollups.VIEW}{number}")
        found = querying.execute(database, split.sql, question)
    return msgspec.structs.replace(found, counted=counted, used=tuple(used))


def _parts(
    leaf: Leaf, question: Question, request: Request, counted: dict[str, bytes], used: list[str]
) -> tuple[list[str], list[Any]]:
    """Give the files of counts that are there, and the counts of the other parts."""
    kept, fresh = [], []
    for path in request.tables[leaf.table].paths:
        name = f"{leaf.name}-{running.part_of(path)}.parquet"
        used.append(name)
        held = Path(request.counts) / name
        if held.exists():
            kept.append(str(held))
        else:
            counts = _count(leaf, path, question, request)
            counted[name] = _written(counts)
            fresh.append(counts)
    return kept, fresh


def _count(leaf: Leaf, path: str, question: Question, request: Request) -> Any:
    database = querying.locked({leaf.table: [path]}, memory_mb=request.memory_mb, threads=request.threads)
    with contextlib.closing(database), querying.watched(database, question.seconds):
        columns = [(name, kind) for name, kind, *_rest in database.execute(f"DESCRIBE {leaf.sql}").fetchall()]
        if not rollups.is_exact(columns):
            raise NotSplit("sums of doubles")
        listed = ", ".join(
            f"cast({name} as {WHOLE}) as {name}" if kind == "HUGEINT" else name for name, kind in columns
        )
        sql = f"SELECT {listed} FROM ({leaf.sql}) AS counts LIMIT {MOST_ROWS + 1}"
        counts = database.sql(sql).to_arrow_table()
    if counts.num_rows > MOST_ROWS:
        raise NotSplit("as many counts as rows")
    return counts


def _show(database: "duckdb.DuckDBPyConnection", view: str) -> None:
    """Give sums of whole numbers the type that they have when they are counted at once."""
    described = database.execute(f"DESCRIBE SELECT * FROM {view}_parts").fetchall()
    columns = ", ".join(
        f"cast({name} as hugeint) as {name}" if kind == WHOLE else name for name, kind, *_rest in described
    )
    database.execute(f"CREATE TEMP VIEW {view} AS SELECT {columns} FROM {view}_parts")


def _joined(tables: Sequence[Any]) -> Any:
    import pyarrow

    return pyarrow.concat_tables(tables)


def _written(counts: Any) -> bytes:
    import pyarrow.parquet

    buffer = io.BytesIO()
    pyarrow.parquet.write_table(counts, buffer, compression="zstd")
    return buffer.getvalue()
