"""Writes of datasets: declarations, and their rows as a file that is named by its hash and listed in the
database.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, durable, ids
from ocapi.lib.columns import tables
from ocapi.lib.columns.tables import ColumnType
from ocapi.modules.insight.areas import Code
from ocapi.modules.insight.data.indicators import Dataset, DatasetRefused, TableColumn
from ocapi.modules.insight.models import AreaRow, DatasetRow, DatasetVersionRow

FOLDER = ("capture", "parquet", "datasets")  # carried in an export, listed by DatasetVersionRow
KEPT_VERSIONS = 5  # older files go; the row stays, so that lineage still names them
LARGEST = 64 << 20  # bytes of a table in our own form
MOST_ROWS = 5_000_000


def path_of(code: str, sha256: str) -> Path:
    """Give the place of the file with the rows of a version of a dataset."""
    return tenants.folder().joinpath(*FOLDER, f"{code}-{sha256[:32]}.parquet")


def declare(datasets: Iterable[Dataset], *, now: datetime) -> int:
    """Write declarations keyed by code; gives how many."""
    written = 0
    for each in datasets:
        declaration = codec.encode_json(each).decode()
        DatasetRow.objects.update_or_create(
            code=each.code,
            defaults={"declaration": declaration},
            create_defaults={"uuid": ids.new_uuid(now), "declaration": declaration},
        )
        written += 1
    return written


def store_areas(codes: Iterable[Code]) -> int:
    """Write which municipality every NIS code belongs to today; gives how many."""
    AreaRow.objects.all().delete()
    rows = [
        AreaRow(
            nis=each.nis,
            nis_now=each.nis_now,
            name=each.name,
            province=each.province,
            merged_on=each.merged_on,
        )
        for each in codes
    ]
    AreaRow.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def municipality_of_today() -> dict[str, str]:
    """Give the NIS code of today by every code of a municipality that ever was."""
    return dict(AreaRow.objects.order_by("nis").values_list("nis", "nis_now")[:5000])


def add_version(
    dataset: Dataset, rows: Iterable[Sequence[Any]], *, source_name: str, now: datetime
) -> DatasetVersionRow | None:
    """Keep rows as the newest version of a dataset; None when they are the same as the ones there are.

    rows: values in the order and of the types of the declared columns.
    """
    row = DatasetRow.objects.select_for_update().get(code=dataset.code)
    kept = list(_with_today(dataset, rows))
    columns = {each.name: each.type for each in dataset.all_columns}
    content = tables.parquet(columns, kept)
    digest = hashlib.sha256(content).hexdigest()
    newest = row.versions.order_by("-number").first()
    if newest is not None and newest.sha256 == digest:
        return None
    path = path_of(dataset.code, digest)
    durable.make_directory(path.parent)
    durable.write_file(path, content)
    place = list(columns).index(dataset.period)
    periods = [str(values[place]) for values in kept if values[place] is not None]
    version = DatasetVersionRow.objects.create(
        uuid=ids.new_uuid(now),
        dataset=row,
        number=newest.number + 1 if newest else 1,
        sha256=digest,
        rows=len(kept),
        source_name=source_name[:200],
        loaded_at=now,
        first=min(periods, default=""),
        last=max(periods, default=""),
    )
    _drop_old_files(row)
    return version


def _drop_old_files(row: DatasetRow) -> None:
    found = list(row.versions.order_by("-number").values_list("sha256", flat=True)[: KEPT_VERSIONS + 20])
    kept = set(found[:KEPT_VERSIONS])
    for sha256 in found[KEPT_VERSIONS:]:
        if sha256 not in kept:
            durable.remove_file(path_of(row.code, sha256))


def _with_today(dataset: Dataset, rows: Iterable[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    names = [each.name for each in dataset.columns]
    place = names.index(dataset.area) if dataset.area else -1
    today = municipality_of_today() if dataset.area else {}
    for number, values in enumerate(rows, start=1):
        if number > MOST_ROWS:
            raise DatasetRefused(f"more than {MOST_ROWS} rows")
        if place < 0:
            yield tuple(values)
        else:
            nis = values[place]
            yield (*values, today.get(nis, nis))


def read_csv(dataset: Dataset, raw: bytes) -> Iterator[tuple[Any, ...]]:
    """Read a table in our own form: a header with the names of the columns, values in ISO notation.

    Raises DatasetRefused with line and column, MalformedInput when it is no table.
    """
    header, rows = codec.decode_csv(raw, max_bytes=LARGEST)
    by_name = {each.name: each for each in dataset.columns}
    missing = [name for name in by_name if name not in header]
    unknown = [name for name in header if name not in by_name]
    if missing or unknown:
        raise DatasetRefused(
            f"the columns are {', '.join(by_name)}" + (f"; {unknown[0]!r} is not known" if unknown else ""),
            line=1,
            column=(missing or unknown)[0],
        )
    order = [header.index(name) for name in by_name]
    for row in rows:
        if len(row.cells) != len(header):
            raise DatasetRefused(f"{len(row.cells)} cells instead of {len(header)}", line=row.line)
        yield tuple(
            value_of(column, row.cells[place], line=row.line)
            for column, place in zip(dataset.columns, order, strict=True)
        )


def value_of(column: TableColumn, text: str, *, line: int) -> Any:
    """Read a cell by the type of its column; an empty one is no value. Raises DatasetRefused."""
    if text == "":
        return None
    try:
        return _READERS[column.type](text)
    except (ValueError, InvalidOperation):
        raise DatasetRefused(
            f"{text[:40]!r} is no {column.type.value}", line=line, column=column.name
        ) from None


def _number(text: str) -> float:
    value = float(text)
    if value != value or abs(value) == float("inf"):
        raise ValueError(text)
    return value


def _amount(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite() or abs(value) >= Decimal(10) ** 15:
        raise ValueError(text)
    return value.quantize(Decimal("0.01"))


def _instant(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return value


_READERS: Mapping[ColumnType, Any] = {
    ColumnType.TEXT: str,
    ColumnType.INTEGER: int,
    ColumnType.NUMBER: _number,
    ColumnType.AMOUNT: _amount,
    ColumnType.DATE: date.fromisoformat,
    ColumnType.INSTANT: _instant,
}
