"""Answers questions in a process of its own: `python -m ocapi.lib.columns.child`, JSON in, JSON out.

The database is in memory, sees views over exactly the files named, and is locked (`locking`). A watchdog
interrupts a query at its time, the kernel ends the process at its memory or processor time, and the parent at
the wall clock.
"""

import os
import sys
import threading
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb
import msgspec

from ocapi.lib import codec, confined
from ocapi.lib.columns import formulas, locking
from ocapi.lib.columns.running import Answer, Question, Request

ADDRESS_SPACE = 4 << 30  # bytes; DuckDB's own limit lies far below, this is the wall behind it
LARGEST_ANSWER = 16 << 20  # bytes of one answer
LARGEST_REQUEST = 64 << 20
INSTANT = "TIMESTAMP WITH TIME ZONE"


def locked(tables: Mapping[str, str], *, memory_mb: int, threads: int) -> "duckdb.DuckDBPyConnection":
    """Open a database that sees the named files and nothing else, and whose settings can't be changed."""
    database = duckdb.connect(":memory:")
    locking.shut(database, tables.values(), memory_mb=memory_mb, threads=threads, zone="Europe/Brussels")
    for name, path in tables.items():
        database.execute(f'CREATE VIEW "{name}" AS SELECT * FROM read_parquet([{locking.quoted(path)}])')
    locking.seal(database)
    return database


def execute(database: "duckdb.DuckDBPyConnection", sql: str, question: Question) -> Answer:
    """Run a statement within its time and size; a failure is an answer too."""
    watchdog = threading.Timer(question.seconds, database.interrupt)
    watchdog.daemon = True
    watchdog.start()
    try:
        cursor = database.execute(_with_plain_instants(database, sql))
        described = cursor.description or ()
        rows = cursor.fetchmany(question.most_rows + 1)
    except duckdb.InterruptException:
        return Answer(reason="tooSlow")
    except duckdb.OutOfMemoryException:
        return Answer(reason="tooMuchMemory")
    except duckdb.Error as failure:
        return Answer(reason="failed", what=_without_paths(str(failure)))
    finally:
        watchdog.cancel()
    answer = Answer(
        columns=tuple(each[0] for each in described),
        types=tuple(str(each[1]) for each in described),
        rows=[[_plain(value) for value in row] for row in rows[: question.most_rows]],
        is_cut=len(rows) > question.most_rows,
    )
    if len(codec.encode_json(msgspec.to_builtins(answer))) > LARGEST_ANSWER:
        return Answer(reason="tooLarge")
    return answer


def _with_plain_instants(database: "duckdb.DuckDBPyConnection", sql: str) -> str:
    """Have instants written by the database: Python would need a library of zones for them."""
    found = database.execute(f"DESCRIBE {sql}").fetchall()
    if not any(kind == INSTANT for _name, kind, *_rest in found):
        return sql
    columns = []
    for name, kind, *_rest in found:
        quoted = '"' + name.replace('"', '""') + '"'
        written = f"strftime({quoted}, '%Y-%m-%dT%H:%M:%S%z') || ':00'"  # Brussels is whole hours off
        columns.append(f"{written} AS {quoted}" if kind == INSTANT else quoted)
    return f"SELECT {', '.join(columns)} FROM ({sql}) AS answer"


def _without_paths(text: str) -> str:
    first = text.split("\n")[0]
    return " ".join(word for word in first.split() if "/" not in word)[:200]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return None if value != value or value in (float("inf"), float("-inf")) else repr(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def answer(request: Request) -> list[Answer]:
    """Answer every question of a request in order, each in a database of its own over the tables it names.

    One that fails does not stop the next.
    """
    columns = {name: tuple(table.columns) for name, table in request.tables.items()}
    found = []
    for question in request.questions:
        try:
            formula = formulas.read(question.sql, columns)
        except formulas.FormulaRefused as refusal:
            found.append(Answer(reason=refusal.reason, what=refusal.what))
            continue
        except RecursionError:
            found.append(Answer(reason="tooDeep"))
            continue
        done = Answer(columns=formula.columns)
        if question.most_rows:
            done = _run(formula, question, request)
        found.append(msgspec.structs.replace(done, lineage=formula.lineage, tables=formula.tables))
    return found


def _run(formula: formulas.Formula, question: Question, request: Request) -> Answer:
    paths = {name: request.tables[name].path for name in formula.tables}
    try:
        database = locked(paths, memory_mb=request.memory_mb, threads=request.threads)
    except duckdb.Error as failure:  # a file that is gone or damaged
        return Answer(reason="failed", what=_without_paths(str(failure)))
    try:
        return execute(database, formula.sql, question)
    finally:
        database.close()


def main() -> None:
    """Answer what stands on standard input."""
    os.environ.clear()
    request = msgspec.json.decode(sys.stdin.buffer.read(LARGEST_REQUEST), type=Request)
    seconds = (int(request.seconds) + 2) * request.threads
    confined.confine(memory_bytes=ADDRESS_SPACE, cpu_seconds=seconds, writes_files=False, is_enough=True)
    sys.stdout.buffer.write(msgspec.json.encode(answer(request)))
    sys.stdout.buffer.flush()
    os._exit(0)  # a result that was not read to its end breaks down while the interpreter takes itself apart


if __name__ == "__main__":
    main()
