"""Answers questions in a process of its own: `python -m ocapi.lib.columns.child`, JSON in, JSON out.

The database is in memory, sees views over exactly the files named, and is locked (`locking`). A watchdog
interrupts a query at its time, the kernel ends the process at its memory or processor time, and the parent at
the wall clock.
"""

import contextlib
import os
import sys

import duckdb
import msgspec

from ocapi.lib import confined
from ocapi.lib.columns import counting, formulas, querying, rollups, running
from ocapi.lib.columns.running import Answer, Question, Request

ADDRESS_SPACE = 4 << 30  # bytes; DuckDB's own limit lies far below, this is the wall behind it


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
    if request.counts:
        with contextlib.suppress(rollups.NotSplit):
            return counting.answer(formula, question, request)
    paths = {name: request.tables[name].paths for name in formula.tables}
    try:
        database = querying.locked(paths, memory_mb=request.memory_mb, threads=request.threads)
    except duckdb.Error as failure:  # a file that is gone or damaged
        return querying.refused(failure)
    try:
        return querying.execute(database, formula.sql, question)
    finally:
        database.close()


def main() -> None:
    """Answer what stands on standard input."""
    os.environ.clear()
    request = msgspec.json.decode(sys.stdin.buffer.read(running.LARGEST_REQUEST), type=Request)
    seconds = (int(request.seconds) + 2) * request.threads
    confined.confine(memory_bytes=ADDRESS_SPACE, cpu_seconds=seconds, writes_files=False, is_enough=True)
    sys.stdout.buffer.write(msgspec.json.encode(answer(request)))
    sys.stdout.buffer.flush()
    os._exit(0)  # a result that was not read to its end breaks down while the interpreter takes itself apart


if __name__ == "__main__":
    main()
