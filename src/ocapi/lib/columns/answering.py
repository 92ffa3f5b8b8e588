"""The process that answers named queries over Parquet: `python -m ocapi.lib.columns.answering`, line by line.

Each question gets a database of its own in memory that may read exactly the files it names and nothing
else, with limits on memory and threads. Whoever asks ends this process when it takes too long.
"""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from ocapi.lib import codec
from ocapi.lib.columns import readings

MEMORY = "512MB"
QUERIES = ("history", "aggregates")
LARGEST = 64 << 20


class Question(msgspec.Struct, frozen=True):
    """What is asked. tail: readings that are in no file yet; forgotten: those that are to be left out."""

    name: str
    files: list[str]
    parameters: dict[str, Any]
    tail: list[list[Any]] = []
    forgotten: list[list[Any]] = []


def answer(question: Question) -> dict[str, Any]:
    """Answer one question: columns and rows, or an error's name."""
    import duckdb

    if question.name not in QUERIES:
        return {"error": "no such query"}
    tail = readings.table([_reading(row) for row in question.tail])
    gone = _forgotten(question.forgotten)
    connection = duckdb.connect(":memory:")
    try:
        _lock(connection, question.files)
        connection.register("tail", tail)
        connection.register("forgotten", gone)
        parts = ""
        if question.files:
            files = ", ".join("'" + each.replace("'", "''") + "'" for each in question.files)
            parts = f" UNION ALL BY NAME SELECT * FROM read_parquet([{files}])"
        connection.execute(f"CREATE TEMP VIEW readings AS SELECT * FROM tail{parts}")
        found = connection.execute(_sql(question.name), question.parameters)
        names = [column[0] for column in found.description or ()]
        return {"columns": names, "rows": found.fetchall()}
    except (duckdb.Error, FileNotFoundError) as failure:
        return {"error": type(failure).__name__, "detail": str(failure)[:300]}
    finally:
        connection.close()


def _lock(connection: Any, files: list[str]) -> None:
    """Let a connection read these files and nothing else, for good."""
    connection.execute("SET autoinstall_known_extensions=false")
    connection.execute("SET autoload_known_extensions=false")
    connection.execute("SET TimeZone='UTC'")
    connection.execute(f"SET memory_limit='{MEMORY}'")
    connection.execute("SET threads=2")
    connection.execute("SET allowed_paths=?", [files])
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")


def _sql(name: str) -> str:
    folder = Path(__file__).parent / "sql"
    return (folder / "known.sql").read_text() + (folder / f"{name}.sql").read_text()


def _forgotten(rows: list[list[Any]]) -> Any:
    import pyarrow

    kinds = {
        "entity": pyarrow.string(),
        "attribute": pyarrow.string(),
        "row_sequence": pyarrow.int64(),
        "row_place": pyarrow.int64(),
        "sequence": pyarrow.int64(),
        "observed_at": pyarrow.timestamp("us", tz="UTC"),
    }
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    moments = [datetime.fromisoformat(each) if each else None for each in columns[-1]]
    return pyarrow.table(
        {
            name: pyarrow.array(list(column), type=kind)
            for (name, kind), column in zip(kinds.items(), [*columns[:-1], moments], strict=True)
        }
    )


def _reading(row: list[Any]) -> readings.Reading:
    moments = [datetime.fromisoformat(each) if each else None for each in row[4:7]]
    return readings.Reading(*row[:4], *moments, *row[7:])


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
