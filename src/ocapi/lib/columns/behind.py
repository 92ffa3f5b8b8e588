"""What stands in a log behind the files: readings that are in none yet, and what answers leave out.

Read where the question is answered, in the process of columns: who takes readings in has no time for it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ocapi.lib import codec, seglog
from ocapi.lib.columns import readings

if TYPE_CHECKING:
    import pyarrow

MOST = 200_000  # readings of the entities asked for
TOGETHER = 20_000  # rows that become columns at once, which take less memory


class TooMany(Exception):
    """More readings wait to be put into files than an answer is made of."""


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """A log and which of its records count. after: the files hold it up to here. until: shown up to here."""

    folder: str
    after: int
    until: int


def read(
    log: Log, *, entities: Sequence[str], is_within: Callable[[str | None], bool]
) -> tuple["pyarrow.Table", list[readings.Forgotten]]:
    """Give readings and removals of some entities that no file holds yet.

    is_within: tells by its moment whether a reading may be wanted: all versions of one are of one moment.
    Raises TooMany, CorruptSegment, and FileNotFoundError for what was put into files meanwhile.
    """
    import pyarrow

    wanted, names = frozenset(entities), [each.encode() for each in entities]
    tables, rows, count = [], [], 0
    forgotten: list[readings.Forgotten] = []
    for record in seglog.read(Path(log.folder), after_sequence=log.after):
        if record.sequence > log.until:
            break
        if not any(name in record.payload for name in names):
            continue
        found = _decoded(record.payload)
        made = readings.of_record(found, record.sequence, entities=wanted, is_within=is_within)
        rows += made
        count += len(made)
        gone = readings.forgotten_of(found, record.sequence) if found.get("id") in wanted else None
        forgotten += [gone] if gone is not None else []
        if count > MOST:
            raise TooMany
        if len(rows) >= TOGETHER:
            tables.append(readings.table(rows))
            rows = []
    return pyarrow.concat_tables([*tables, readings.table(rows)]), forgotten


def span(parameters: dict[str, Any]) -> Callable[[str | None], bool]:
    """Give what tells whether a reading of a moment may be wanted by a question; of versions all may be."""
    from_at, to_at = (each and datetime.fromisoformat(each) for each in (
        parameters["from_at"], parameters["to_at"]))  # fmt: skip

    def is_within(observed: str | None) -> bool:
        if observed is None:
            return True
        at = datetime.fromisoformat(observed)
        return (not from_at or at >= from_at) and (not to_at or at < to_at)

    is_bounded = parameters["property"] == "observedAt" and (from_at or to_at)
    return is_within if is_bounded else lambda _observed: True


def _decoded(payload: bytes) -> dict[str, Any]:
    found = codec.decode_untyped(
        payload, max_bytes=seglog.MAX_PAYLOAD_BYTES, max_depth=200, max_keys=1_000_000
    )
    if not isinstance(found, dict):
        raise codec.MalformedInput(codec.Reason.NOT_JSON, detail="a record is no object")
    return found
