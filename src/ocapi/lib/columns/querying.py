"""Opens a locked database over files and asks it a question, within its time and size."""

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb

from ocapi.lib.columns import locking, running
from ocapi.lib.columns.running import Answer, Question

INSTANT = "TIMESTAMP WITH TIME ZONE"
_SAID = (  # what the database says, in words of its own; a part in brackets is told on
    (re.compile(r'column "([^"]*)" must appear in the GROUP BY'), "notGrouped"),
    (re.compile(r"(aggregate function) calls cannot be nested"), "sumOfSums"),
    (re.compile(r"(WHERE) clause cannot contain aggregates"), "sumInWhere"),
    (re.compile(r"argument types '([^(']*)\("), "wrongArguments"),
    (re.compile(r'Ambiguous reference to column name "([^"]*)"'), "ambiguous"),
    (re.compile(r"(ORDER) term out of range"), "noSuchOrder"),
    (re.compile(r"(More than one row) returned by a subquery"), "manyRows"),
    (re.compile(r"(Window function)"), "windowHere"),
    (re.compile(r'syntax error at or near "([^"]*)"'), "syntax"),
)
_OPERATORS = {"~~": "LIKE", "~~*": "ILIKE", "!~~": "NOT LIKE"}

Tables = Mapping[str, Sequence[str]]  # paths of files by name


def locked(
    tables: Tables, *, memory_mb: int, threads: int, frames: Mapping[str, Any] | None = None
) -> "duckdb.DuckDBPyConnection":
    """Open a database that sees the named files and nothing else, and whose settings can't be changed.

    frames: rows in memory that stand beside the files of a table.
    """
    database = duckdb.connect(":memory:")
    files = [each for paths in tables.values() for each in paths]
    locking.shut(database, files, memory_mb=memory_mb, threads=threads, zone=running.ZONE)
    for name, paths in tables.items():
        listed = ", ".join(locking.quoted(each) for each in paths)
        sources = [f"SELECT * FROM read_parquet([{listed}])"] if paths else []
        if frames and name in frames:
            database.register(f"{name}_new", frames[name])
            sources.append(f'SELECT * FROM "{name}_new"')
        database.execute(f'CREATE VIEW "{name}" AS {" UNION ALL BY NAME ".join(sources)}')
    locking.seal(database)
    return database


def execute(database: "duckdb.DuckDBPyConnection", sql: str, question: Question) -> Answer:
    """Run a statement within its time and size; a failure is an answer too."""
    try:
        with watched(database, question.seconds):
            cursor = database.execute(_with_plain_instants(database, sql))
            described = cursor.description or ()
            rows = cursor.fetchmany(question.most_rows + 1)
    except duckdb.Error as failure:
        return refused(failure)
    answer = Answer(
        columns=tuple(each[0] for each in described),
        types=tuple(str(each[1]) for each in described),
        rows=[[running.plain(value) for value in row] for row in rows[: question.most_rows]],
        is_cut=len(rows) > question.most_rows,
    )
    return answer if running.fits(answer) else Answer(reason="tooLarge")


@contextlib.contextmanager
def watched(database: "duckdb.DuckDBPyConnection", seconds: float) -> Iterator[None]:
    """Interrupt what a database does when its time is over."""
    watchdog = threading.Timer(seconds, database.interrupt)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def refused(failure: duckdb.Error) -> Answer:
    """Give a failure as an answer."""
    if isinstance(failure, duckdb.InterruptException):
        return Answer(reason="tooSlow")
    if isinstance(failure, duckdb.OutOfMemoryException):
        return Answer(reason="tooMuchMemory")
    if isinstance(failure, duckdb.OutOfRangeException):
        return Answer(reason="outOfRange")
    if isinstance(failure, duckdb.ConversionException):
        return Answer(reason="notOfType")
    said = str(failure)
    for pattern, reason in _SAID:
        if found := pattern.search(said):
            return Answer(reason=reason, what=_OPERATORS.get(found.group(1), found.group(1)))
    return Answer(reason="failed", what=running.without_paths(said))


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
