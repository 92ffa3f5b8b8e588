"""What entities were: readings in Parquet by the manifest of the worker, and those of the log behind it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.store import Store, Stores, decoded
from ocapi.dataplane.query import Columns, QueryFailed, QueryTooLong, Question
from ocapi.lib import codec, seglog
from ocapi.lib.columns import readings
from ocapi.lib.columns.shelves import Shelf

MOST = 10_000  # readings in one answer
MOST_TAIL = 200_000  # readings that are in no file yet, of the entities asked for
MANIFEST = "manifest.json"
TIDY_EVERY_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which readings are wanted. property: observedAt | modifiedAt | createdAt. from_at, to_at: ISO text."""

    property: str = "observedAt"
    from_at: str | None = None
    to_at: str | None = None
    last_n: int = 0

    def holds(self) -> Callable[[str | None], bool]:
        """Give what tells whether a reading of a moment may be wanted; of versions all may be."""
        from_at, to_at = (each and datetime.fromisoformat(each) for each in (self.from_at, self.to_at))

        def is_within(observed: str | None) -> bool:
            if observed is None:
                return True
            at = datetime.fromisoformat(observed)
            return (not from_at or at >= from_at) and (not to_at or at < to_at)

        return is_within if self.property == "observedAt" else lambda _observed: True


class Histories:
    """Answers from the history of one process's organizations."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    async def rows(
        self, store: Store, *, entities: Sequence[str], attributes: Sequence[str], span: Span
    ) -> list[dict[str, Any]]:
        """Give readings oldest first, one more than MOST when there are more; raises Refusal."""
        return await self._ask(store, "history", entities, attributes, span, {"last_n": span.last_n})

    async def aggregates(
        self, store: Store, *, entities: Sequence[str], attributes: Sequence[str], span: Span, width: str
    ) -> list[dict[str, Any]]:
        """Give figures by entity, attribute and period; width: an interval, empty for one period."""
        more = {"width": width, "origin": span.from_at or "2000-01-03T00:00:00Z"}
        return await self._ask(store, "aggregates", entities, attributes, span, more)

    async def _ask(
        self,
        store: Store,
        name: str,
        entities: Sequence[str],
        attributes: Sequence[str],
        span: Span,
        more: dict[str, Any],
    ) -> list[dict[str, Any]]:
        parameters = {
            "entities": list(entities),
            "attributes": list(attributes),
            "property": span.property,
            "from_at": span.from_at,
            "to_at": span.to_at,
            "most": MOST + 1,
            **more,
        }
        for attempt in (1, 2):
            try:
                files, tail, forgotten = await asyncio.to_thread(_sources, store, frozenset(entities), span)
            except FileNotFoundError:
                if attempt == 2:
                    raise Refusal("InternalError", "the history cannot be read now") from None
                continue  # the worker put files together between the list and the file
            question = Question(
                name=name, files=files, parameters=parameters, tail=tail, forgotten=forgotten
            )
            try:
                return await self._columns.ask(question)
            except QueryTooLong:
                detail = "the query takes too long or too much memory; ask for a shorter span of time"
                raise Refusal("TooComplexQuery", detail) from None
            except QueryFailed:
                if attempt == 2:  # the first time, the worker may just have put files together
                    raise Refusal("InternalError", "the history cannot be read now") from None
        raise AssertionError


def _sources(
    store: Store, entities: frozenset[str], span: Span
) -> tuple[list[Path], list[list[Any]], list[list[Any]]]:
    """Give the files of the manifest, and readings and removals of these entities in the log behind it.

    Of moments outside the span no reading is given: all versions of a reading are of one moment.
    """
    files, sequence = read_manifest(store.shelf)
    names = [each.encode() for each in entities]
    is_within = span.holds()

    def wanted(entity: str, instance: Mapping[str, Any]) -> bool:
        return entity in entities and is_within(instance.get("observedAt"))

    tail: list[list[Any]] = []
    forgotten: list[list[Any]] = []
    for record in seglog.read(store.folder, after_sequence=sequence):
        if record.sequence > store.last_sequence:
            break
        if not any(name in record.payload for name in names):
            continue
        found = decoded(record.payload)
        tail += map(_as_row, readings.of_record(found, record.sequence, is_wanted=wanted))
        gone = readings.forgotten_of(found, record.sequence) if found.get("id") in entities else None
        if gone is not None:
            at = gone.observed_at
            forgotten.append([*gone[:-1], at.isoformat() if at is not None else None])
        if len(tail) > MOST_TAIL:
            raise Refusal("TooManyResults", "too many readings wait to be put into files; ask again later")
    return files, tail, forgotten


async def keep_tidy(stores: Stores) -> None:
    """Take away from the logs, once in a while, what the worker has put into files; until cancelled."""
    while True:
        await asyncio.sleep(TIDY_EVERY_S)
        await stores.tidy(_compacted)


def _compacted(store: Store) -> int:
    """Give the sequence up to which files hold the log; copies of files that are not used any more go."""
    parts, sequence = manifest_of(store.shelf)
    store.shelf.let_go(frozenset(name for name, _sha256 in parts))
    return sequence


def read_manifest(shelf: Shelf) -> tuple[list[Path], int]:
    """Give the files that hold the history, and the sequence of the log up to which they do."""
    parts, sequence = manifest_of(shelf)
    return [shelf.path(name, sha256) for name, sha256 in parts], sequence


def manifest_of(shelf: Shelf) -> tuple[list[tuple[str, str]], int]:
    """Give names and hashes of the files, and the sequence of the log up to which they hold it."""
    try:
        raw = shelf.read(MANIFEST)
    except FileNotFoundError:
        return [], 0
    found = codec.decode_untyped(raw, max_bytes=16 << 20, max_keys=1_000_000)
    if not isinstance(found, dict) or not isinstance(found.get("parts"), list):
        raise Refusal("InternalError", "the history cannot be read now")
    parts: Any = found["parts"]
    return [(str(each["path"]), str(each.get("sha256", ""))) for each in parts], int(str(found["sequence"]))


def _as_row(row: readings.Reading) -> list[Any]:
    moments = [each.isoformat() if each is not None else None for each in row[4:7]]
    return [*row[:4], *moments, *row[7:]]
