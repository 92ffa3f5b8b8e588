"""Taking in datasets: declarations, rows of content packs and of files, rows of our own counts and
sensors.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.registry import api as registry
from ocapi.lib import actor as actors
from ocapi.modules.capture import api as capture
from ocapi.modules.capture.data import StreamNotFound
from ocapi.modules.insight import areas
from ocapi.modules.insight.data.indicators import Dataset, DatasetRefused
from ocapi.modules.insight.queries import indicators as queries
from ocapi.modules.insight.services import datasets as services

FILLER = actors.system("insight")
FROM_PACK = "content: "  # how the source of rows begins that came with the product
STREAM = "stream:"
LONGEST_STREAM = timedelta(days=366 * 2)


def load_datasets(*, datasets: Iterable[Dataset], now: datetime) -> int:
    """Write declarations keyed by code, and the municipality of today of every NIS code; gives how many."""
    found = tuple(datasets)
    for each in found:
        _check(each)
    with transaction.atomic():
        services.store_areas(areas.codes(*registry.shipped_local_authorities()))
        return services.declare(found, now=now)


def _check(dataset: Dataset) -> None:
    names = {each.name for each in dataset.columns}
    for column in (dataset.period, *([dataset.area] if dataset.area else [])):
        if column not in names:
            raise DatasetRefused(f"{dataset.code}: no such column", column=column)


def load_own_rows(*, dataset: str, raw: bytes, now: datetime) -> int:
    """Load rows that come with the product; rows that came from elsewhere stay. Gives how many rows.

    Raises DatasetNotFound, DatasetRefused.
    """
    declared = queries.find_dataset(dataset)
    newest = queries.newest_versions().get(dataset)
    if newest is not None and not newest.source_name.startswith(FROM_PACK):
        return 0
    rows = services.read_csv(declared, raw)
    return _add(declared, rows, f"{FROM_PACK}{declared.source.dataset}", now)


def add_rows(*, dataset: str, rows: Iterable[Sequence[Any]], source_name: str, now: datetime) -> int:
    """Keep rows as the newest version of a dataset; gives how many, 0 when they are the ones there are.

    For operators: files come from the command line. Raises DatasetNotFound, DatasetRefused, NotAllowed.
    """
    access.require(FILLER, "insight.compute_indicators")
    return _add(queries.find_dataset(dataset), rows, source_name, now)


def load_table(*, dataset: str, raw: bytes, source_name: str, now: datetime) -> int:
    """Keep a table in our own form as the newest version of a dataset; gives how many rows.

    Raises DatasetNotFound, DatasetRefused with line and column, MalformedInput.
    """
    access.require(FILLER, "insight.compute_indicators")
    declared = queries.find_dataset(dataset)
    return _add(declared, services.read_csv(declared, raw), source_name, now)


def extend_table(*, dataset: str, raw: bytes, source_name: str, now: datetime) -> int:
    """Keep a table in our own form beside the rows there are, as the next version; gives how many rows now.

    The same table a second time is counted twice: readings are told apart by who sends them. Raises
    DatasetNotFound, DatasetRefused with line and column, MalformedInput.
    """
    access.require(FILLER, "insight.compute_indicators")
    declared = queries.find_dataset(dataset)
    rows = list(services.read_csv(declared, raw))
    if not rows:
        return 0
    with transaction.atomic():
        version = services.extend(declared, rows, source_name=source_name, now=now)
    return version.rows if version else 0


def _add(dataset: Dataset, rows: Iterable[Sequence[Any]], source_name: str, now: datetime) -> int:
    with transaction.atomic():
        version = services.add_version(dataset, rows, source_name=source_name, now=now)
    return version.rows if version else 0


def codes_by_name() -> dict[str, str]:
    """Give NIS codes of municipalities by their name in capitals, as some publishers write it."""
    found: dict[str, str] = {}
    authorities, _changes = registry.shipped_local_authorities()
    for place in authorities:
        if place.kind == "municipality":
            codes = sorted(
                (one.valid_from is not None, one.value) for one in place.identifiers if one.scheme == "nis"
            )
            for one in place.identifiers:
                if one.scheme == "name" and codes:
                    found.setdefault(one.value.upper(), codes[0][1])
    return found


def refresh_datasets(*, now: datetime) -> int:
    """Fill the datasets that are made of our own counts and of streams of sensors; gives how many were
    renewed.
    """
    renewed = 0
    for each in queries.datasets():
        rows: Iterator[Sequence[Any]] | None = None
        if each.filled_by == "requests":
            rows = queries.request_rows()
        elif each.filled_by.startswith(STREAM):
            rows = _stream_rows(each.filled_by.removeprefix(STREAM))
        held = queries.newest_versions().get(each.code)
        is_foreign = held is not None and not held.source_name.startswith(("stream", "requests"))
        if rows is not None and not is_foreign:
            found = list(rows)
            if found and _add(each, found, each.filled_by, now):
                renewed += 1
    return renewed


def _stream_rows(code: str) -> Iterator[tuple[Any, ...]]:
    try:
        facts = capture.get_stream(stream=code, actor=FILLER)
    except StreamNotFound:
        return
    if facts.last_hour is None:
        return
    to_at = facts.last_hour + timedelta(hours=1)
    buckets = capture.series(
        stream=code, from_at=to_at - LONGEST_STREAM, to_at=to_at, step="hour", actor=FILLER
    )
    place = facts.title.removeprefix("Fietstelpaal ")
    coarse = [each.start for each in buckets if each.is_coarser]
    days = capture.series(
        stream=code, from_at=coarse[0], to_at=coarse[-1] + timedelta(hours=1), step="day", actor=FILLER
    ) if coarse else ()
    for each in days:
        if not each.is_missing:
            yield place, "44021", each.start, 24 * 60, round(each.total), None, None
    for each in buckets:
        if not each.is_missing:
            yield place, "44021", each.start, 60, round(each.total), None, None
