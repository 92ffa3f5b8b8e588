"""Writes of datasets: declarations, and their rows as a file that is named by its hash and listed in the
database.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ocapi.lib import codec, ids
from ocapi.lib.columns.tables import ColumnType
from ocapi.modules.insight.areas import Code
from ocapi.modules.insight.data.indicators import Dataset, DatasetRefused, TableColumn
from ocapi.modules.insight.models import AreaRow, DatasetRow, DatasetVersionRow
from ocapi.modules.insight.services import parts

LARGEST = 64 << 20  # bytes of a table in our own form
MOST_ROWS = 5_000_000


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
    kept = parts.store(dataset, list(_with_today(dataset, rows)))
    return _keep(dataset, row, kept, source_name=source_name, now=now)


def extend(
    dataset: Dataset, rows: Iterable[Sequence[Any]], *, source_name: str, now: datetime
) -> DatasetVersionRow | None:
    """Keep rows beside those of the newest version, as the next one; only their months become other files."""
    row = DatasetRow.objects.select_for_update().get(code=dataset.code)
    newest = row.versions.order_by("-number").first()
    if newest is None:
        return add_version(dataset, rows, source_name=source_name, now=now)
    held, more = parts.of_version(newest), list(_with_today(dataset, rows))
    if held[0].month:
        kept = parts.renew(dataset, held, parts.by_month(dataset, more))
    else:
        kept = parts.store(dataset, [*parts.read(dataset, held), *more])
    return _keep(dataset, row, kept, source_name=source_name, now=now)


def _keep(
    dataset: Dataset, row: DatasetRow, kept: Sequence[parts.Part], *, source_name: str, now: datetime
) -> DatasetVersionRow | None:
    digest, listed = parts.written(kept)
    newest = row.versions.order_by("-number").first()
    if newest is not None and newest.sha256 == digest:
        return None
    first, last = parts.span(dataset, kept)
    version = DatasetVersionRow.objects.create(
        uuid=ids.new_uuid(now),
        dataset=row,
        number=newest.number + 1 if newest else 1,
        sha256=digest,
        parts=listed,
        rows=sum(each.rows for each in kept),
        source_name=source_name[:200],
        loaded_at=now,
        first=first,
        last=last,
    )
    parts.drop_old_files(row)
    return version


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
