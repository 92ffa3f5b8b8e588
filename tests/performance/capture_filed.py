"""Readings of ten datastreams as compaction leaves them: files of a million rows that a manifest lists.

A window is 100,000 seconds of all ten, as twenty requests would have brought them, each an array of 50,000
readings. Windows follow each other; the last one is not in a file yet: it stands in the log. Rows are made
column by column, and held against the rows that `lib.columns.readings` makes of the record of such a request.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ocapi.dataplane.context.history import MANIFEST
from ocapi.dataplane.sensorthings.model import SETS, entity_id
from ocapi.lib import batched, codec, durable, seglog
from ocapi.lib.columns import readings

STREAMS, SECONDS, ROWS = 10, 100_000, 50_000  # ROWS: of one request
WINDOW = STREAMS * SECONDS  # readings
RECORDS = WINDOW // ROWS
ENDS = datetime(2026, 10, 30, tzinfo=UTC)
MADE = "2026-10-31T00:00:00Z"
VALUES = 1 << 10  # different ones


def begins(windows: int) -> datetime:
    """Give when the first of so many windows begins."""
    return ENDS - timedelta(seconds=SECONDS * windows)


def value_at(at: datetime) -> int:
    """Give what every datastream observed at a moment."""
    return int(at.timestamp()) % VALUES


def records(windows: int, window: int) -> Iterator[dict[str, object]]:
    """Give the records of a window, as the data plane writes them."""
    first = begins(windows) + timedelta(seconds=SECONDS * window)
    for entity in _entities():
        for start in range(0, SECONDS, ROWS):
            moments = [first + timedelta(seconds=start + each) for each in range(ROWS)]
            yield _record(entity, [[f"{at:%Y-%m-%dT%H:%M:%SZ}", value_at(at)] for at in moments])


def write(capture: Path, windows: int) -> None:
    """Write all windows but the last as files with their manifest, and begin the log behind them."""
    constant = _constant()
    parts = []
    for window in range(windows - 1):
        first = window * RECORDS + 1
        last = first + RECORDS - 1
        path = capture / "parquet" / f"{first:020d}-{last:020d}-{last:020d}.parquet"
        table = _table(constant, begins(windows) + timedelta(seconds=SECONDS * window), first)
        if window == 0:
            _require_same(table, next(records(windows, 0)))
        done = readings.write_sorted(path, table)
        parts.append({"path": path.name, "rows": done.rows, "sha256": done.sha256})
    if parts:
        sequence = len(parts) * RECORDS
        manifest = codec.encode_json({"sequence": sequence, "parts": parts})
        durable.write_file(capture / "parquet" / MANIFEST, manifest)
        seglog.begin_at(capture / "log", sequence + 1)


def _entities() -> list[str]:
    return sorted(entity_id("Datastreams", str(number + 1)) for number in range(STREAMS))


def _record(entity: str, rows: list[list[object]]) -> dict[str, object]:
    return batched.readings(
        rows, entity=entity, types=(SETS["Datastreams"].iri,), scopes=(), made=MADE, now=MADE,
        components=("phenomenonTime", "result"), links={}, newest=-1,
    )


def _rows(record: dict[str, object]) -> list[readings.Reading]:
    """Give the rows that compaction makes of the first record of all."""
    found = codec.decode_untyped(codec.encode_record(record), max_bytes=seglog.MAX_PAYLOAD_BYTES)
    assert isinstance(found, dict)
    return readings.of_record(found, 1)


def _sample() -> readings.Reading:
    return _rows(_record("-", [["2026-01-01T00:00:00Z", 0]]))[0]


def _constant() -> dict[str, Any]:
    """Give the columns that are the same in every file."""
    import pyarrow

    sample = _sample()
    names = ("attribute", "dataset", "kind", "modified_at", "created_at", "types")
    kinds = {field.name: field.type for field in readings.schema()}
    found: dict[str, Any] = {
        name: pyarrow.repeat(pyarrow.scalar(getattr(sample, name), kinds[name]), WINDOW) for name in names
    }
    found["entity"] = pyarrow.chunked_array([
        pyarrow.repeat(pyarrow.scalar(entity), SECONDS) for entity in _entities()
    ])
    found["place"] = pyarrow.chunked_array([pyarrow.array(range(ROWS), pyarrow.int32())] * RECORDS)
    return found


def _table(constant: dict[str, Any], first: datetime, sequence: int) -> Any:
    """Give the rows of a window. sequence: of its first record."""
    import pyarrow
    from pyarrow import compute

    begin = int(first.timestamp())
    seconds = pyarrow.array(range(begin, begin + SECONDS), pyarrow.int64())
    moments = seconds.cast(pyarrow.timestamp("s", "UTC"))
    said = compute.strftime(moments, format="%Y-%m-%dT%H:%M:%SZ")
    values = compute.bit_wise_and(seconds, VALUES - 1)
    texts = values.cast(pyarrow.string())
    sample = _sample()
    head, middle, end = sample.instance.split("2026-01-01T00:00:00Z")
    before, after = head.split('"value":0')
    instances = compute.binary_join_element_wise(
        f'{before}"value":', texts, after, said, middle, said, end, ""
    )
    numbers = [pyarrow.repeat(pyarrow.scalar(sequence + each), ROWS) for each in range(RECORDS)]
    columns = {
        **constant,
        "observed_at": moments.cast(pyarrow.timestamp("us", "UTC")), "number": values.cast(pyarrow.float64()),
        "text": texts, "instance": instances, "sequence": pyarrow.chunked_array(numbers),
    }  # fmt: skip
    for name in ("observed_at", "number", "text", "instance"):
        columns[name] = pyarrow.chunked_array([columns[name]] * STREAMS)
    return pyarrow.table([columns[field.name] for field in readings.schema()], schema=readings.schema())


def _require_same(table: Any, record: dict[str, object]) -> None:
    """Raise when rows are not those that would be made of the record."""
    if not table.slice(0, ROWS).equals(readings.table(_rows(record))):
        raise RuntimeError("the rows differ from those compaction makes")
