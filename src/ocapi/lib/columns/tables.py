"""Writes rows as Parquet, column by column, and reads foreign Parquet. Types are declared, never guessed."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

LARGEST_SOURCE = 256 << 20  # bytes of a Parquet file that is read
MOST_ROWS = 20_000_000


class ColumnType(StrEnum):
    """What a column holds. amount: EUR with two decimals. instant: UTC."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    AMOUNT = "amount"
    DATE = "date"
    INSTANT = "instant"


class SourceRefused(ValueError):
    """A Parquet file can't be read. reason: tooLarge, notParquet, missingColumn; what: which."""

    def __init__(self, reason: str, what: str = "") -> None:
        super().__init__(f"{reason}: {what}" if what else reason)
        self.reason, self.what = reason, what


def parquet(columns: Mapping[str, ColumnType], rows: Iterable[Sequence[Any]]) -> bytes:
    """Give rows as one Parquet file; the same rows give the same bytes. Values fit the types of their
    columns.
    """
    import pyarrow
    import pyarrow.parquet

    kinds = {
        ColumnType.TEXT: pyarrow.string(),
        ColumnType.INTEGER: pyarrow.int64(),
        ColumnType.NUMBER: pyarrow.float64(),
        ColumnType.AMOUNT: pyarrow.decimal128(18, 2),
        ColumnType.DATE: pyarrow.date32(),
        ColumnType.INSTANT: pyarrow.timestamp("us", tz="UTC"),
    }
    by_column = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [
        pyarrow.array(values, type=kinds[kind])
        for kind, values in zip(columns.values(), by_column, strict=True)
    ]
    table = pyarrow.Table.from_arrays(arrays, names=list(columns))
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def parquet_names(path: Path) -> list[str]:
    """Give the names of the columns of a foreign file. Raises SourceRefused."""
    return [str(each) for each in _opened(path).schema_arrow.names]


def parquet_rows(path: Path) -> int:
    """Give the number of rows of a foreign file, as its footer says. Raises SourceRefused."""
    return int(_opened(path).metadata.num_rows)


def _opened(path: Path) -> Any:
    import pyarrow
    import pyarrow.parquet

    try:
        return pyarrow.parquet.ParquetFile(path)
    except (pyarrow.ArrowInvalid, OSError):
        raise SourceRefused("notParquet") from None


def read_parquet(
    path: Path, names: Sequence[str], *, largest_bytes: int = LARGEST_SOURCE, rows_at_once: int = 65_536
) -> Iterator[tuple[Any, ...]]:
    """Give the named columns of a foreign file row by row. Raises SourceRefused."""
    if path.stat().st_size > largest_bytes:
        raise SourceRefused("tooLarge")
    file = _opened(path)
    missing = [name for name in names if name not in file.schema_arrow.names]
    if missing:
        raise SourceRefused("missingColumn", missing[0])
    if file.metadata.num_rows > MOST_ROWS:
        raise SourceRefused("tooLarge")
    for batch in _batches(file, rows_at_once, names):
        found = {name: _plainly(batch.column(name)) for name in dict.fromkeys(names)}
        yield from zip(*(found[name] for name in names), strict=True)


def _batches(file: Any, rows_at_once: int, names: Sequence[str]) -> Iterator[Any]:
    import pyarrow

    try:
        yield from file.iter_batches(rows_at_once, columns=list(dict.fromkeys(names)))
    except (pyarrow.ArrowException, OSError, KeyError):
        raise SourceRefused("notParquet", "damaged") from None


def _plainly(column: Any) -> list[Any]:
    """Give a column as Python has it, instants to the microsecond: many tools write nanoseconds."""
    import pyarrow

    if pyarrow.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pyarrow.timestamp("us", tz=column.type.tz), safe=False)
    try:
        found: list[Any] = column.to_pylist()
    except (ValueError, OverflowError, pyarrow.ArrowException):
        raise SourceRefused("notParquet", "a value is outside what can be read") from None
    return found
