"""The process that answers named queries over Parquet: `python -m ocapi.lib.columns.answering`, line by line.

Each question gets a database of its own in memory that may read exactly the files it names and nothing
else, with limits on memory and threads; what stands in the log behind them is read before. Whoever asks
ends this process when it takes too long.
"""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from ocapi.lib import codec, seglog
from ocapi.lib.columns import behind, locking, readings

MEMORY_MB, THREADS = 512, 2
QUERIES = ("history", "aggregates")
LARGEST = 64 << 20


class Question(msgspec.Struct, frozen=True):
    """What is asked. log: what stands behind the files, None for nothing."""

    name: str
    files: list[str]
    parameters: dict[str, Any]
    log: behind.Log | None = None


def answer(question: Question) -> dict[str, Any]:
    """Answer one question: columns and rows, or an error's name."""
    if question.name not in QUERIES:
        return {"error": "no such query"}
    if question.log is None:
        return answer_upon(question, tail=readings.table(()), forgotten=())
    asked = question.parameters
    try:
        tail, forgotten = behind.read(
            question.log, entities=asked["entities"], is_within=behind.span(asked)
        )
    except (behind.TooMany, seglog.CorruptSegment, FileNotFoundError) as failure:
        return {"error": type(failure).__name__, "detail": str(failure)[:300]}
    return answer_upon(question, tail=tail, forgotten=forgotten)


def answer_upon(
    question: Question, *, tail: Any, forgotten: Sequence[readings.Forgotten]
) -> dict[str, Any]:
    """Answer a question. tail: table of readings that are in no file yet; forgotten: what is left out."""
    import duckdb

    gone = _forgotten(forgotten)
    connection = duckdb.connect(":memory:")
    try:
        locking.shut(connection, question.files, memory_mb=MEMORY_MB, threads=THREADS, zone="UTC")
        locking.seal(connection)
        connection.register("tail", tail)
        connection.register("forgotten", gone)
        return _history(connection, question) if question.name == "history" else _found(connection, question)
    except (duckdb.Error, FileNotFoundError) as failure:
        return {"error": type(failure).__name__, "detail": str(failure)[:300]}
    finally:
        connection.close()


def _history(connection: Any, question: Question) -> dict[str, Any]:
    """Answer what is asked of one series from few of its readings, where it has no narrow span.

    A window over all readings of a long series would not fit the memory. How far to look is found by their
    moments alone; where versions and what is forgotten leave too few of them, further, at last over all.
    """
    asked = question.parameters
    last_n, is_one = asked["last_n"], len(asked["entities"]) == len(asked["attributes"]) == 1
    if not is_one or asked["property"] != "observedAt":
        return _found(connection, question)
    bound, name = ("from_at", "newest") if last_n else ("to_at", "oldest")
    wanted = min(last_n or asked["most"], asked["most"])
    for some in (2 * wanted, 16 * wanted):
        _show(connection, question.files[:: -1 if last_n else 1], asked)
        series = {"entity": asked["entities"][0], "attribute": asked["attributes"][0], "some": some}
        edge, count = connection.execute(_statement(name), series).fetchone()
        if count < some:
            break  # these are all
        narrowed = msgspec.structs.replace(question, parameters=asked | {bound: _beyond(edge, name)})
        found = _found(connection, narrowed)
        if len(found["rows"]) >= wanted:
            return found
    return _found(connection, question)


def _beyond(edge: str, name: str) -> str:
    """Give the bound that takes an instant in: spans begin with it and end before it."""
    at = datetime.fromisoformat(edge)
    return (at + timedelta(microseconds=1) if name == "oldest" else at).isoformat()


def _found(connection: Any, question: Question) -> dict[str, Any]:
    _show(connection, question.files, question.parameters)
    found = connection.execute(_statement("known") + _statement(question.name), question.parameters)
    return {"columns": [column[0] for column in found.description or ()], "rows": found.fetchall()}


def _show(connection: Any, files: Sequence[str], parameters: Mapping[str, Any]) -> None:
    """Make the view of all readings within the span; what is most likely to be asked for first."""
    parts = ""
    if files:
        listed = ", ".join(locking.quoted(each) for each in files)
        parts = f" UNION ALL BY NAME SELECT * FROM read_parquet([{listed}]){_within(parameters)}"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW readings AS SELECT * FROM tail{parts}")


def _within(parameters: Mapping[str, Any]) -> str:
    """Give the condition that leaves out what is outside the span, so that most of the files is not read.

    By observedAt all versions of a reading are within it or none is; by other properties the newest version
    is to be found first. As a condition of the view it is known before files are opened, as a parameter not.
    """
    if parameters["property"] != "observedAt":
        return ""
    bounds = [
        f"observed_at {sign} {locking.quoted(parameters[name])}::TIMESTAMPTZ"
        for name, sign in (("from_at", ">="), ("to_at", "<")) if parameters[name] is not None
    ]
    return f" WHERE {' AND '.join(bounds)}" if bounds else ""


def _statement(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text()


def _forgotten(rows: Sequence[readings.Forgotten]) -> Any:
    import pyarrow

    text, number = pyarrow.string(), pyarrow.int64()
    kinds = (text, text, number, number, number, pyarrow.timestamp("us", tz="UTC"))
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    return pyarrow.table({
        name: pyarrow.array(list(column), type=kind)
        for name, kind, column in zip(readings.Forgotten._fields, kinds, columns, strict=True)
    })  # fmt: skip


def main() -> None:
    """Answer line by line until the end of the input."""
    import duckdb  # noqa: F401  (loaded before the first question)

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin.buffer:
        found = answer(
            codec.convert(codec.decode_untyped(line, max_bytes=LARGEST, max_keys=10**7), Question)
        )
        sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
