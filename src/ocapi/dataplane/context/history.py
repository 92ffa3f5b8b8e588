"""What entities were: readings in Parquet by the manifest of the worker, and those of the log behind it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.store import Store, Stores
from ocapi.dataplane.query import Columns, QueryFailed, QueryTooLong, Question, TooManyWaiting
from ocapi.lib import codec
from ocapi.lib.columns.behind import Log
from ocapi.lib.columns.shelves import Shelf

MOST = 10_000  # readings in one answer
MANIFEST = "manifest.json"
TIDY_EVERY_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which readings are wanted. property: observedAt | modifiedAt | createdAt. from_at, to_at: ISO text."""

    property: str = "observedAt"
    from_at: str | None = None
    to_at: str | None = None
    last_n: int = 0


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
                files, sequence = await asyncio.to_thread(read_manifest, store.shelf)
            except FileNotFoundError:
                if attempt == 2:
                    raise Refusal("InternalError", "the history cannot be read now") from None
                continue  # the worker put files together between the list and the file
            behind = Log(folder=str(store.folder), after=sequence, until=store.last_sequence)
            question = Question(name=name, files=files, parameters=parameters, log=behind)
            try:
                return await self._columns.ask(question)
            except QueryTooLong:
                detail = "the query takes too long or too much memory; ask for a shorter span of time"
                raise Refusal("TooComplexQuery", detail) from None
            except TooManyWaiting:
                detail = "too many readings wait to be put into files; ask again later"
                raise Refusal("TooManyResults", detail) from None
            except QueryFailed:
                if attempt == 2:  # the first time, the worker may just have put files together
                    raise Refusal("InternalError", "the history cannot be read now") from None
        raise AssertionError


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
