"""Records of an inbox: one reading, or the readings of a request as they were sent."""

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from ocapi.lib import codec, seglog


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A reading of a stream. flags: when it was judged before it came here, whether each is a fault."""

    stream: str
    id: str
    at: datetime
    value: float
    client: str = ""
    receivedAt: datetime | None = None  # noqa: N815 - the name it has in the log
    flags: dict[str, bool] | None = None


class Observation(msgspec.Struct, forbid_unknown_fields=True, frozen=True, gc=False):
    """One reading as it is sent. id: the sender's own, unique in its stream. at: when, with zone."""

    id: str
    at: datetime
    value: float


class Batch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The body of a request: readings of one stream."""

    observations: list[Observation]


class _Received(msgspec.Struct, frozen=True):
    stream: str
    client: str
    receivedAt: datetime  # noqa: N815
    batch: Batch


_MARK = b'"batch":{'  # a quote within a text stands behind a backslash, so no text holds this
_READER = codec.Reader(_Received)


def record(raw: bytes, *, stream: str, client: str, received_at: datetime) -> bytes:
    """Give the record of a request. raw: its body, a `Batch`."""
    return codec.encode_record(
        {"stream": stream, "client": client, "receivedAt": received_at, "batch": codec.Embedded(raw)}
    )


def readings_of(payload: bytes) -> list[Reading]:
    """Give the readings of a record, in the order they were sent. Raises MalformedInput."""
    if _MARK not in payload:
        return [codec.decode_json(payload, Reading)]
    found = _READER.read(payload, max_bytes=seglog.MAX_PAYLOAD_BYTES)
    return [
        Reading(
            stream=found.stream, id=each.id, at=each.at.astimezone(UTC), value=each.value,
            client=found.client, receivedAt=found.receivedAt,
        )
        for each in found.batch.observations
    ]
