"""Takes in plain arrays of readings as a whole (OGC 18-088 clause 12): typed from the bytes, no look per row.

Plain is an array of moments and results, and perhaps result times, for datastreams without rules. The log
keeps the bytes of each array; the newest reading becomes the present state. What is not plain, or not right,
goes the general way of `creating` row by row, with the whole request; what comes out is the same. While
somebody is told of changes every request goes that way, so that each row is a change of its own.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from operator import itemgetter, sub
from struct import unpack
from typing import Annotated, Any, NamedTuple

import msgspec

from ocapi.dataplane.context.door import Call
from ocapi.dataplane.context.entity import touched
from ocapi.dataplane.context.store import Change, batch_change, late_change
from ocapi.dataplane.sensorthings import judging
from ocapi.dataplane.sensorthings.catalog import RESULT, key_at
from ocapi.dataplane.sensorthings.creating import Making, Stream
from ocapi.dataplane.sensorthings.model import quoted, refuse
from ocapi.lib import batched, codec, seglog
from ocapi.lib.quality import AHEAD, EARLIEST, Rules

MOST_ROWS = 100_000  # in one request
LARGEST = 8 << 20  # bytes of a request
EXACT = 2**53  # beyond it readers of JSON disagree about a whole number
_LONGEST_MOMENT = 40
_EVEN, _COLONS = 20, (13, 16)  # letters of 2026-11-29T12:00:00Z, and where it has colons
_CLOCK = {11: (36_000, b"012"), 12: (3_600, b"0123456789"), 14: (600, b"012345"), 15: (60, b"0123456789"),
          17: (10, b"012345"), 18: (1, b"0123456789")}  # fmt: skip
"""Places of the digits of the clock: what they are worth in seconds, and which there are."""
_FULL = 2106  # the year in which seconds need more than four bytes
_OF_SIGNS = ord("0") * sum(worth for worth, _signs in _CLOCK.values())
_EPOCH, _DAY_S, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), 86_400, timedelta(microseconds=1)
_Result = Annotated[int, msgspec.Meta(ge=-EXACT, le=EXACT)] | float | bool | str
_MEMBERS_OF_ARRAY = 4  # Datastream, the id in it, components, dataArray
_MEMBERS = {"phenomenonTime": str, "result": _Result, "resultTime": str}


class NotPlain(Exception):
    """The general way is to take this request."""


class _Moments(NamedTuple):
    """When readings were, in their order: seconds since 1970, or microseconds where not all `is_whole`."""

    numbers: list[int]
    oldest: datetime
    newest: datetime
    is_whole: bool


class _Datastream(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    id: int | str = msgspec.field(name="@iot.id")


class _Array(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    Datastream: _Datastream  # noqa: N815 - the names of the standard
    components: list[str]
    dataArray: msgspec.Raw  # noqa: N815


_REQUEST = codec.Reader(list[_Array])
_READERS: Mapping[tuple[str, ...], codec.Reader[Any]] = {
    names: codec.Reader(list[tuple[tuple(_MEMBERS[each] for each in names)]])  # type: ignore[misc,arg-type]
    for names in (
        ("phenomenonTime", "result"), ("result", "phenomenonTime"),
        ("phenomenonTime", "result", "resultTime"), ("phenomenonTime", "resultTime", "result"),
        ("result", "phenomenonTime", "resultTime"), ("resultTime", "phenomenonTime", "result"),
    )
}


def taken_in(call: Call, making: Making, raw: bytes, base: str) -> bytes:
    """Take in a request; gives the answer's list. making: to be thrown away after NotPlain."""
    if call.store.is_watched():
        raise NotPlain
    try:
        arrays = _REQUEST.read(raw, max_bytes=LARGEST)
        read = [
            _READERS[tuple(each.components)].read(bytes(each.dataArray), max_bytes=LARGEST) for each in arrays
        ]
    except (codec.MalformedInput, KeyError):
        raise NotPlain from None
    if not _is_each_once(raw, arrays):
        raise NotPlain
    if sum(map(len, read)) > MOST_ROWS:
        refuse(f"at most {MOST_ROWS} observations at once", 413)
    base = codec.encode_json(base)[1:-1].decode()  # a name of a host may hold what JSON escapes
    told = [
        _taken_in(call, making, each, rows, base) for each, rows in zip(arrays, read, strict=True) if rows
    ]
    return b"[" + b",".join(told) + b"]"


def _is_each_once(raw: bytes, arrays: Sequence[_Array]) -> bool:
    """Tell whether no member stands twice in what was read.

    Written anew it would be shorter then; a request with spaces is shorter too, and has its colons counted.
    """
    return len(codec.encode_plain(arrays)) == len(raw) or raw.count(b'":') == _MEMBERS_OF_ARRAY * len(arrays)


def _taken_in(call: Call, making: Making, array: _Array, rows: list[Any], base: str) -> bytes:
    stream = making.stream({"Datastream": {"@iot.id": array.Datastream.id}})
    if stream is None or judging.has_rules(stream.entity) or (
        call.store.watched.rules_of_datastream(stream.entity.id) != Rules()
    ):
        raise NotPlain  # each reading is judged by the one before it
    moments = _moments(rows, array.components.index("phenomenonTime"))
    if "resultTime" in array.components:
        _moments(rows, array.components.index("resultTime"))
    if moments.oldest < EARLIEST or moments.newest > call.moment + AHEAD:
        raise NotPlain  # a clock is wrong, which gets a flag
    held = stream.entity.attributes.get(RESULT, {}).get("")
    if judging.is_of_a_moment_to_come(held, call.moment):
        raise NotPlain
    place = len(rows) - 1 - moments.numbers[::-1].index(max(moments.numbers))
    if held and datetime.fromisoformat(held["observedAt"]) > moments.newest:
        place = -1
    making.add(stream, _change(call, stream, array, rows[place] if place >= 0 else None, place))
    return _told(stream.key, moments, base)


def _change(call: Call, stream: Stream, array: _Array, newest: Sequence[Any] | None, place: int) -> Change:
    """Give the change an array makes. newest: the row that is the present state, with its place, or -1."""
    entity = stream.entity
    record = batched.readings(
        array.dataArray, entity=entity.id, types=entity.types, scopes=entity.scopes, made=entity.created_at,
        now=call.now, components=array.components, links=stream.links(), newest=place,
    )
    payload = codec.encode_record(record)
    if len(payload) > seglog.MAX_PAYLOAD_BYTES:
        raise NotPlain
    if newest is None:
        return late_change(entity, payload)
    instance = batched.reading(newest, record)
    new = touched(entity, now=call.now, attributes={**entity.attributes, RESULT: {"": instance}})
    return batch_change([entity], {entity.id: new}, payload)


def _moments(rows: Sequence[Sequence[Any]], place: int) -> _Moments:
    """Read a column of instants with their zones; raises NotPlain."""
    texts: list[str] = list(map(itemgetter(place), rows))
    is_even = _is_even(texts)
    ordered = sorted(texts) if is_even else texts  # which they are mostly
    try:
        oldest, newest = datetime.fromisoformat(ordered[0]), datetime.fromisoformat(ordered[-1])
        if is_even:
            return _Moments(_seconds(texts, oldest, newest), oldest, newest, is_whole=True)
        found = list(map(datetime.fromisoformat, texts))
        since = map(sub, found, repeat(_EPOCH))
        return _Moments([each // _MICROSECOND for each in since], min(found), max(found), is_whole=False)
    except (ValueError, TypeError):  # no instant, or one without zone
        raise NotPlain from None


def _seconds(texts: Sequence[str], oldest: datetime, newest: datetime) -> list[int]:
    """Give instants in seconds since 1970; those of one day without a look at each."""
    if oldest.date() == newest.date() and _EPOCH.year <= newest.year < _FULL:
        midnight = oldest.replace(hour=0, minute=0, second=0)
        return _of_one_day("".join(texts).encode(), len(texts), int(midnight.timestamp()))
    since = map(sub, map(datetime.fromisoformat, texts), repeat(_EPOCH))
    return [each.days * _DAY_S + each.seconds for each in since]


def _of_one_day(joined: bytes, count: int, midnight: int) -> list[int]:
    """Give the seconds of so many instants that lie between two of the same day, as text they all begin like.

    The digits of one place of the clock are one large number with a lane of four bytes for each instant, so
    that all are multiplied and added at once. Raises NotPlain for what is no time. That an hour is at most 23
    is known by the order of the texts.
    """
    if len(joined) != count * _EVEN or any(joined[at::_EVEN].strip(b":") for at in _COLONS):
        raise NotPlain
    lanes, total = bytearray(4 * count), 0
    for at, (worth, signs) in _CLOCK.items():
        digits = joined[at::_EVEN]
        if digits.strip(signs):
            raise NotPlain
        lanes[::4] = digits
        total += worth * int.from_bytes(lanes, "little")
    lanes[::4] = b"\1" * count
    total += (midnight - _OF_SIGNS) * int.from_bytes(lanes, "little")
    return list(unpack(f"<{count}I", total.to_bytes(4 * count, "little")))


def _is_even(texts: Sequence[str]) -> bool:
    """Tell whether texts are all of the form 2026-11-29T12:00:00Z, as long as they are instants at all.

    Raises NotPlain for what is written in a way that is for others to judge.
    """
    joined, count, even = "".join(texts), len(texts), {4: "-", 7: "-", 10: "T", 19: "Z"}
    if len(joined) == _EVEN * count and all(joined[at::_EVEN] == sign * count for at, sign in even.items()):
        return True
    if joined.count("T") != count or "W" in joined or max(map(len, texts)) > _LONGEST_MOMENT:
        raise NotPlain
    return False


def _told(key: str, moments: _Moments, base: str) -> bytes:
    """Give the addresses of readings, as a list without its brackets."""
    mark = "'" if quoted(key_at(key, moments.newest))[0] == "'" else ""
    before = f'"{base}/Observations({mark}{key}-'
    after = f'{"000000" if moments.is_whole else ""}{mark})"'
    numbers = codec.encode_plain(moments.numbers)[1:-1]
    return b"".join((before.encode(), numbers.replace(b",", f"{after},{before}".encode()), after.encode()))
