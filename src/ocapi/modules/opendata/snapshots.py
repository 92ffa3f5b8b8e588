"""Rows as they are kept: one JSON of columns and rows, compressed; the digest is over the JSON."""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ocapi.lib import codec
from ocapi.modules.opendata.data import Column, ColumnKind, Table, Value

MAX_BYTES = 256 << 20  # of a snapshot once it is decompressed; it was made by us


def packed(table: Table) -> tuple[bytes, str]:
    """Give a table as kept bytes, with its digest in hexadecimal digits."""
    raw = codec.encode_json(
        {
            "columns": [asdict(each) for each in table.columns],
            "rows": [[_plain(value) for value in row] for row in table.rows],
        }
    )
    return gzip.compress(raw, 6, mtime=0), hashlib.sha256(raw).hexdigest()


def unpacked(kept: "bytes | memoryview[int]") -> Table:
    """Give the table of kept bytes."""
    found: dict[str, Any] = codec.decode_json(
        gzip.decompress(bytes(kept)), dict[str, Any], max_bytes=MAX_BYTES
    )
    columns = tuple(codec.convert(each, Column) for each in found["columns"])
    readers = [_READERS.get(each.kind) for each in columns]
    rows = tuple(
        tuple(
            reader(value) if reader and value is not None else value
            for reader, value in zip(readers, row, strict=True)
        )
        for row in found["rows"]
    )
    return Table(columns=columns, rows=rows)


def _plain(value: Value) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, (date, datetime)) else value


_READERS: dict[ColumnKind, Callable[[str], Value]] = {
    ColumnKind.DECIMAL: Decimal,
    ColumnKind.LONGITUDE: Decimal,
    ColumnKind.LATITUDE: Decimal,
    ColumnKind.DAY: date.fromisoformat,
    ColumnKind.INSTANT: datetime.fromisoformat,
}
