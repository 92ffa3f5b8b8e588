"""Writing of small tables as Parquet without a library: one row group, plain pages, a footer in Thrift.

The web process makes files on request and may not load pyarrow (45 MB); reading stays with `lib.columns`.
Source: Apache Parquet format 2.10 (file layout, PLAIN and RLE encodings, Thrift compact protocol).
"""

import gzip
import struct
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

MAGIC = b"PAR1"
EPOCH_DAY = date(1970, 1, 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CREATED_BY = "ocapi"

Value: TypeAlias = str | int | float | Decimal | bool | date | datetime | None


class Kind(Enum):
    """The types of columns. physical: number in the format. converted: how to read it, -1 for as it is."""

    BOOLEAN = (0, -1)
    INTEGER = (2, -1)
    DOUBLE = (5, -1)
    TEXT = (6, 0)
    DAY = (1, 6)
    INSTANT = (2, 10)

    @property
    def physical(self) -> int:
        """Give the number of the physical type."""
        return self.value[0]

    @property
    def converted(self) -> int:
        """Give the number of the converted type."""
        return self.value[1]


class Column(NamedTuple):
    """A column by name; every one may hold None."""

    name: str
    kind: Kind


def encode(columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> bytes:
    """Encode rows as a Parquet file, pages compressed by gzip.

    Instants are aware and kept in microseconds of UTC. Raises ValueError for a table without columns, or a
    row that is not as long as the columns.
    """
    if not columns:
        raise ValueError("a table has columns")
    body = bytearray(MAGIC)
    chunks = []
    for place, column in enumerate(columns):
        values = [row[place] for row in rows]
        page = _page(column.kind, values)
        compressed = gzip.compress(page, mtime=0)
        header = _struct(
            [
                (1, _I32, 0),
                (2, _I32, len(page)),
                (3, _I32, len(compressed)),
                (5, _STRUCT, [(1, _I32, len(values)), (2, _I32, 0), (3, _I32, 3), (4, _I32, 3)]),
            ]
        )
        offset, size = len(body), len(header) + len(compressed)
        body += header + compressed
        chunks.append((column, offset, len(values), len(header) + len(page), size))
    footer = _footer(columns, chunks, len(rows))
    return bytes(body + footer + struct.pack("<I", len(footer)) + MAGIC)


def _page(kind: Kind, values: Sequence[Value]) -> bytes:
    """Write a data page: which values are there (levels of one bit, in runs), then those values."""
    levels = _levels([value is not None for value in values])
    held = [value for value in values if value is not None]
    return struct.pack("<I", len(levels)) + levels + _PLAIN[kind](held)


def _levels(there: Sequence[bool]) -> bytes:
    out = bytearray()
    start = 0
    for place in range(1, len(there) + 1):
        if place == len(there) or there[place] != there[start]:
            out += _varint((place - start) << 1) + bytes([there[start]])
            start = place
    return bytes(out)


def _booleans(values: Sequence[Any]) -> bytes:
    out = bytearray((len(values) + 7) // 8)
    for place, value in enumerate(values):
        out[place >> 3] |= bool(value) << (place & 7)
    return bytes(out)


def _texts(values: Sequence[Any]) -> bytes:
    raw = [str(value).encode() for value in values]
    return b"".join(struct.pack("<I", len(each)) + each for each in raw)


def _microseconds(value: datetime) -> int:
    gone = value - EPOCH
    return (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds


_PLAIN: dict[Kind, Callable[[Sequence[Any]], bytes]] = {
    Kind.BOOLEAN: _booleans,
    Kind.INTEGER: lambda values: struct.pack(f"<{len(values)}q", *values),
    Kind.DOUBLE: lambda values: struct.pack(f"<{len(values)}d", *map(float, values)),
    Kind.TEXT: _texts,
    Kind.DAY: lambda values: struct.pack(f"<{len(values)}i", *((each - EPOCH_DAY).days for each in values)),
    Kind.INSTANT: lambda values: struct.pack(f"<{len(values)}q", *map(_microseconds, values)),
}


def _footer(
    columns: Sequence[Column], chunks: Sequence[tuple[Column, int, int, int, int]], rows: int
) -> bytes:
    schema = [[(4, _BINARY, "schema"), (5, _I32, len(columns))]]
    for each in columns:
        element: list[_Field] = [(1, _I32, each.kind.physical), (3, _I32, 1), (4, _BINARY, each.name)]
        if each.kind.converted >= 0:
            element.append((6, _I32, each.kind.converted))
        schema.append(element)
    held = [
        [
            (2, _I64, offset),
            (
                3,
                _STRUCT,
                [
                    (1, _I32, column.kind.physical),
                    (2, _LIST, (_I32, [0, 3])),
                    (3, _LIST, (_BINARY, [column.name])),
                    (4, _I32, 2),
                    (5, _I64, count),
                    (6, _I64, plain),
                    (7, _I64, size),
                    (9, _I64, offset),
                ],
            ),
        ]
        for column, offset, count, plain, size in chunks
    ]
    total = sum(plain for _column, _offset, _count, plain, _size in chunks)
    group = [(1, _LIST, (_STRUCT, held)), (2, _I64, total), (3, _I64, rows)]
    return _struct(
        [
            (1, _I32, 1),
            (2, _LIST, (_STRUCT, schema)),
            (3, _I64, rows),
            (4, _LIST, (_STRUCT, [group])),
            (6, _BINARY, CREATED_BY),
        ]
    )


_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12
_Field: TypeAlias = tuple[int, int, Any]


def _struct(fields: Sequence[_Field]) -> bytes:
    out, last = bytearray(), 0
    for number, kind, value in fields:
        out += bytes([(number - last) << 4 | kind]) + _thrift(kind, value)
        last = number
    return bytes(out + b"\0")


def _thrift(kind: int, value: Any) -> bytes:
    if kind in (_I32, _I64):
        return _varint((value << 1) ^ (value >> 63))
    if kind == _BINARY:
        raw: bytes = value.encode()
        return _varint(len(raw)) + raw
    if kind == _STRUCT:
        return _struct(value)
    of, items = value
    head = bytes([len(items) << 4 | of]) if len(items) < 15 else bytes([0xF0 | of]) + _varint(len(items))
    return head + b"".join(_thrift(of, each) for each in items)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
