"""Takes in a plain array of readings of one datastream as a whole (OGC 18-088 clause 12): no look per member.

Plain is an array of moments and results, and perhaps result times. What else stands in an array goes the
general way of `creating`, row by row; what comes out is the same. Late readings share a record of the log,
and only the newest becomes the present state. While somebody is told of changes each row is a change of its
own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from ocapi.dataplane.context import attributes
from ocapi.dataplane.context.door import Call
from ocapi.dataplane.context.entity import Instance
from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.store import SUBSCRIPTION
from ocapi.dataplane.sensorthings import judging
from ocapi.dataplane.sensorthings.catalog import DETAILS, key_at
from ocapi.dataplane.sensorthings.creating import Making
from ocapi.lib.quality import AHEAD, EARLIEST, Rules

_NEEDED = frozenset({"phenomenonTime", "result"})
_KNOWN = _NEEDED | {"resultTime"}


class _Row(NamedTuple):
    at: datetime
    instance: Instance


def taken_in(call: Call, making: Making, group: Any) -> list[str | None] | None:
    """Take in one array; gives a key a row, None for one that is refused; None when it is not plain."""
    if not isinstance(group, dict):
        return None
    names, array = group.get("components"), group.get("dataArray")
    if not isinstance(names, list) or not isinstance(array, list) or call.store.documents(SUBSCRIPTION):
        return None
    known = {each for each in names if isinstance(each, str)}
    if len(known) != len(names) or not _NEEDED <= known <= _KNOWN:
        return None
    stream = making.stream(group)
    watched = call.store.watched.rules_of_datastream(stream.entity.id) if stream is not None else Rules()
    if stream is None or watched != Rules() or judging.has_rules(stream.entity):
        return None  # each of its readings is judged by the one before it
    links = stream.links() if array else {}
    rows = [_row(row, names, links, call.now) for row in array] if not _has_spans(array) else None
    if rows is None:
        return None
    latest = call.moment + AHEAD
    if any(row is not None and not EARLIEST <= row.at <= latest for row in rows):
        return None  # a clock is wrong, which gets a flag
    making.measured(stream, [(row.at, row.instance) for row in rows if row is not None])
    return [None if row is None else key_at(stream.key, row.at) for row in rows]


def _has_spans(array: list[Any]) -> bool:
    """Tell whether a moment is a span of time, as `from/to`."""
    cells = (each for row in array if isinstance(row, list) for each in row)
    return any(isinstance(each, str) and "/" in each for each in cells)


def _row(row: Any, names: list[str], links: Mapping[str, str], now: str) -> _Row | None:
    if not isinstance(row, list) or len(row) != len(names):
        return None
    said = dict(zip(names, row, strict=True))
    result = said.pop("result")
    try:
        observed, at = attributes.instant(said["phenomenonTime"], "phenomenonTime")
        if said.get("resultTime") is not None:
            attributes.moment(said["resultTime"], "resultTime")
        if result.__class__ is not int and result.__class__ is not str:
            attributes.sound(result, "result")
    except Refusal:
        return None
    said["@links"] = links
    return _Row(at, {
        "type": "Property", "value": result, "observedAt": observed,
        DETAILS: {"type": "JsonProperty", "json": said}, "createdAt": now, "modifiedAt": now,
    })
