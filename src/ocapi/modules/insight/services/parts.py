"""The files a version of a dataset is made of: one, or one per month when there are many rows.

A file is named by its hash, so a month that did not change is the same file in the next version, and what was
counted of it stays counted.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, durable
from ocapi.lib.columns import running, tables
from ocapi.modules.insight.data.indicators import Dataset
from ocapi.modules.insight.models import DatasetRow, DatasetVersionRow

FOLDER = ("capture", "parquet", "datasets")  # carried in an export, listed by DatasetVersionRow
COUNTS = ("capture", "parquet", "counts")  # of parts; a cache: what is missing is counted again
MOST_IN_ONE = 100_000  # rows; with more of them a dataset is kept per month
LONGEST_MONTH = 7  # figures of a day that make its month
NO_MONTH = "-"  # of rows without a period
KEPT_VERSIONS = 5  # older files go; the row stays, so that lineage still names them


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a dataset. month: of its rows as 2026-11, empty when it holds them all."""

    month: str
    sha256: str
    rows: int


def path_of(code: str, sha256: str) -> Path:
    """Give the place of a file with rows of a dataset."""
    return tenants.folder().joinpath(*FOLDER, f"{code}-{sha256[:32]}.parquet")


def counts_folder() -> Path:
    """Give the folder with counts that were kept of parts."""
    return tenants.folder().joinpath(*COUNTS)


def of_version(row: DatasetVersionRow) -> tuple[Part, ...]:
    """Give the parts of a version, by month."""
    if not row.parts:
        return (Part(month="", sha256=row.sha256, rows=row.rows),)
    return codec.convert(codec.decode_untyped(row.parts.encode()), tuple[Part, ...])


def paths(code: str, row: DatasetVersionRow) -> tuple[str, ...]:
    """Give the files of a version."""
    return tuple(str(path_of(code, each.sha256)) for each in of_version(row))


def written(parts: Sequence[Part]) -> tuple[str, str]:
    """Give the hash of a version and its list of parts as they are kept."""
    if len(parts) == 1 and not parts[0].month:
        return parts[0].sha256, ""
    listed = codec.encode_json(list(parts))
    return hashlib.sha256(listed).hexdigest(), listed.decode()


def store(dataset: Dataset, rows: Sequence[tuple[Any, ...]]) -> tuple[Part, ...]:
    """Write rows as the files of a dataset; those that are there are left alone."""
    if len(rows) <= MOST_IN_ONE:
        return (_store(dataset, "", rows),)
    months = by_month(dataset, rows)
    return tuple(_store(dataset, month, months[month]) for month in sorted(months))


def by_month(dataset: Dataset, rows: Iterable[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    """Sort rows into months of their period, those without one under NO_MONTH."""
    place = [each.name for each in dataset.columns].index(dataset.period)
    found: dict[str, list[tuple[Any, ...]]] = {}
    for values in rows:
        found.setdefault(str(values[place] or "")[:LONGEST_MONTH] or NO_MONTH, []).append(values)
    return found


def renew(
    dataset: Dataset, held: Sequence[Part], months: Mapping[str, list[tuple[Any, ...]]]
) -> tuple[Part, ...]:
    """Add rows to the months they are of; the other months stay the files they are."""
    found = {each.month: each for each in held}
    for month, more in months.items():
        earlier = _read(dataset, found[month]) if month in found else []
        found[month] = _store(dataset, month, [*earlier, *more])
    return tuple(found[month] for month in sorted(found))


def read(dataset: Dataset, held: Sequence[Part]) -> list[tuple[Any, ...]]:
    """Give all rows of a dataset."""
    return [row for each in held for row in _read(dataset, each)]


def _read(dataset: Dataset, part: Part) -> list[tuple[Any, ...]]:
    names = [each.name for each in dataset.all_columns]
    return list(tables.read_parquet(path_of(dataset.code, part.sha256), names))


def span(dataset: Dataset, kept: Sequence[Part]) -> tuple[str, str]:
    """Give the first and the last period of rows as text, empty when there is none."""
    dated = [each for each in kept if each.month != NO_MONTH]
    ends = {each.sha256: each for each in (*dated[:1], *dated[-1:])}
    place = [each.name for each in dataset.all_columns].index(dataset.period)
    found = [
        str(row[place]) for each in ends.values() for row in _read(dataset, each) if row[place] is not None
    ]
    return min(found, default=""), max(found, default="")


def _store(dataset: Dataset, month: str, rows: Sequence[tuple[Any, ...]]) -> Part:
    content = tables.parquet({each.name: each.type for each in dataset.all_columns}, rows)
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(dataset.code, digest)
    if not path.exists():
        durable.make_directory(path.parent)
        durable.write_file(path, content)
    return Part(month=month, sha256=digest, rows=len(rows))


def drop_old_files(row: DatasetRow) -> None:
    """Take away the files of versions that are not kept, unless a kept one holds them too."""
    found = list(row.versions.order_by("-number")[: KEPT_VERSIONS + 20])
    kept = {each.sha256 for one in found[:KEPT_VERSIONS] for each in of_version(one)}
    for each in found[KEPT_VERSIONS:]:
        for part in of_version(each):
            if part.sha256 not in kept:
                durable.remove_file(path_of(row.code, part.sha256))


def keep_counts(counted: Mapping[str, bytes]) -> None:
    """Keep what was counted of parts."""
    folder = counts_folder()
    durable.make_directory(folder)
    for name, content in counted.items():
        durable.write_file(folder / name, content)


def drop_old_counts(files: Iterable[str]) -> None:
    """Take away counts of parts that are not among these files."""
    kept = {running.part_of(each) for each in files}
    for path in sorted(counts_folder().glob("*.parquet")):
        if path.stem.rpartition("-")[2] not in kept:
            durable.remove_file(path)
