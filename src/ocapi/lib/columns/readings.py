"""Readings as columns: made of records of the log, sorted and written as Parquet, and read back.

A row is one instance of an attribute at one moment. Rows are sorted by entity, attribute and moment, so
that one series lies together. The path, size and SHA-256 of a file stand in the manifest of who wrote it.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ocapi.lib import batched, codec, crashpoint, durable
from ocapi.lib.observed import RESULT

if TYPE_CHECKING:
    import pyarrow

ORDER = ("entity", "attribute", "dataset", "observed_at", "modified_at", "sequence", "place")
ROWS_PER_GROUP = 100_000
VALUES = ("value", "object", "languageMap", "vocab", "json", "valueList", "objectList")


class Reading(NamedTuple):
    """One row. sequence and place: of the record it comes from, which make it unique. instance: JSON."""

    entity: str
    attribute: str
    dataset: str
    kind: str
    observed_at: datetime | None
    modified_at: datetime
    created_at: datetime
    number: float | None
    text: str
    instance: str
    types: str
    sequence: int
    place: int


class Forgotten(NamedTuple):
    """Readings that are to go: of an entity, of one attribute (else empty), one moment, or one row (else -1).

    With a moment all versions of that reading go, also those that were corrected since.
    """

    entity: str
    attribute: str
    row_sequence: int
    row_place: int
    sequence: int
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file that was written: its rows, the moments they span, its size and SHA-256."""

    rows: int
    from_at: datetime
    to_at: datetime
    size_bytes: int
    sha256: str


def of_record(
    record: dict[str, Any], sequence: int, *, entities: frozenset[str] | None = None,
    is_within: Callable[[str | None], bool] = lambda _observed: True,
) -> list[Reading]:
    """Give the readings of one record of the log of entities; their places run on through a batch.

    entities: those whose readings are wanted, None for all. is_within: tells by its moment whether one is:
    making one costs more than a look at it.
    """
    if record.get("kind") == batched.ARRAY:
        is_asked = entities is None or record["id"] in entities
        return _of_array(record, sequence, is_within) if is_asked else []
    found: list[Reading] = []
    place = 0
    for each in batched.expanded(record):
        if each.get("kind") not in ("put", "history"):
            continue
        is_asked = entities is None or each["id"] in entities
        types = codec.encode_record({"types": each["types"]}).decode()
        for attribute, held in each["set"].items():
            for instance in held.values() if isinstance(held, dict) else held:
                if is_asked and is_within(instance.get("observedAt")):
                    found.append(_reading(each, attribute, instance, types, sequence, place))
                place += 1
    return found


def _of_array(
    record: dict[str, Any], sequence: int, is_within: Callable[[str | None], bool]
) -> list[Reading]:
    """Give what `of_record` gives of the records an array stands for, without making them."""
    rows, newest, at = record["rows"], record["newest"], record["components"].index("phenomenonTime")
    ordered = [*rows[:newest], *rows[newest + 1 :], rows[newest]] if newest >= 0 else rows
    types = codec.encode_record({"types": record["types"]}).decode()
    head = {"id": record["id"], "modified": record["at"]}
    return [
        _reading(head, RESULT, batched.reading(row, record), types, sequence, place)
        for place, row in enumerate(ordered) if is_within(row[at])
    ]  # fmt: skip


def forgotten_of(record: Mapping[str, Any], sequence: int) -> Forgotten | None:
    """Give what a record says is to go, if it is one that does."""
    if record.get("kind") != "forget":
        return None
    observed = record.get("observed_at")
    return Forgotten(
        record["id"], record["attribute"], record["row_sequence"], record["row_place"], sequence,
        datetime.fromisoformat(observed) if observed else None,
    )


def _reading(
    record: Mapping[str, Any],
    attribute: str,
    instance: Mapping[str, Any],
    types: str,
    sequence: int,
    place: int,
) -> Reading:
    value = next((instance[name] for name in VALUES if name in instance), None)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    modified = instance.get("modifiedAt") or record["modified"]
    created, observed = instance.get("createdAt"), instance.get("observedAt")
    modified_at = datetime.fromisoformat(modified)
    text = value if isinstance(value, str) else codec.encode_json(value).decode()
    return Reading(
        entity=record["id"],
        attribute=attribute,
        dataset=instance.get("datasetId", ""),
        kind=instance["type"],
        observed_at=datetime.fromisoformat(observed) if observed else None,
        modified_at=modified_at,
        created_at=datetime.fromisoformat(created) if created and created != modified else modified_at,
        number=float(value) if is_number and value is not None else None,
        text=text[:4_096],
        instance=codec.encode_record(dict(instance)).decode(),
        types=types,
        sequence=sequence,
        place=place,
    )


def table(rows: Sequence[Reading]) -> "pyarrow.Table":
    """Give rows as columns."""
    import pyarrow

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(Reading._fields)
    return pyarrow.table(
        [
            pyarrow.array(list(column), type=field.type)
            for column, field in zip(columns, schema(), strict=True)
        ],
        schema=schema(),
    )


def schema() -> "pyarrow.Schema":
    """Give names and types of the columns of a file."""
    import pyarrow

    moment, text = pyarrow.timestamp("us", tz="UTC"), pyarrow.string()
    return pyarrow.schema(
        [
            ("entity", text),
            ("attribute", text),
            ("dataset", text),
            ("kind", text),
            ("observed_at", moment),
            ("modified_at", moment),
            ("created_at", moment),
            ("number", pyarrow.float64()),
            ("text", text),
            ("instance", text),
            ("types", text),
            ("sequence", pyarrow.int64()),
            ("place", pyarrow.int32()),
        ]
    )


def write(
    path: Path, rows: Sequence[Reading], *, earlier: Sequence[Path] = (), without: Sequence[Forgotten] = ()
) -> Written | None:
    """Write rows and those of earlier files, sorted, as one new file; None when no row is left.

    without: what is to go, physically. Durable when this returns. Raises OSError (disk full).
    """
    import pyarrow
    from pyarrow import compute, parquet

    tables = [*(parquet.read_table(each, schema=schema()) for each in earlier), table(rows)]
    whole = pyarrow.concat_tables(tables)
    for each in without:
        whole = whole.filter(compute.invert(_covered(whole, each)))
    if whole.num_rows == 0:
        return None
    return write_sorted(path, whole.sort_by([(name, "ascending") for name in ORDER]))


def write_sorted(path: Path, whole: "pyarrow.Table") -> Written:
    """Write rows that are in order, one at least, as a new file.

    Durable when this returns. Raises OSError (disk full).
    """
    from pyarrow import compute, parquet

    durable.make_directory(path.parent)
    temporary = durable.temporary_beside(path)
    crashpoint.point("capture.compact.before_write")
    parquet.write_table(
        whole,
        temporary,
        compression="zstd",
        row_group_size=ROWS_PER_GROUP,
        use_dictionary=["entity", "attribute", "dataset", "kind", "types"],
    )
    durable.replace_into(temporary, path)
    crashpoint.point("capture.compact.after_write")
    moments = compute.coalesce(whole["observed_at"], whole["modified_at"])
    span = compute.min_max(moments).as_py()
    raw = durable.read_file(path)
    return Written(
        rows=whole.num_rows,
        from_at=span["min"],
        to_at=span["max"],
        size_bytes=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def holds(path: Path, gone: Forgotten) -> bool:
    """Tell whether a file holds readings that are to go."""
    from pyarrow import compute, parquet

    columns = ["entity", "attribute", "observed_at", "sequence", "place"]
    found = parquet.read_table(path, columns=columns, filters=[("entity", "==", gone.entity)])
    return bool(found.num_rows and compute.any(_covered(found, gone)).as_py())


def _covered(whole: "pyarrow.Table", gone: Forgotten) -> Any:
    """Give which rows are to go."""
    from pyarrow import compute

    found = compute.and_(
        compute.equal(whole["entity"], gone.entity), compute.less(whole["sequence"], gone.sequence)
    )
    if gone.attribute:
        found = compute.and_(found, compute.equal(whole["attribute"], gone.attribute))
    if gone.observed_at is not None:
        found = compute.and_(found, compute.equal(whole["observed_at"], gone.observed_at))
    elif gone.row_sequence >= 0:
        found = compute.and_(found, compute.equal(whole["sequence"], gone.row_sequence))
        found = compute.and_(found, compute.equal(whole["place"], gone.row_place))
    return found


def read(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Give all rows of files, for small ones and for tests."""
    from pyarrow import parquet

    return [row for each in paths for row in parquet.read_table(each).to_pylist()]
