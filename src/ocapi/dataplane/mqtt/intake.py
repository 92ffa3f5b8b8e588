"""From messages to stored observations: the one way in for our broker and for the brokers of others."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import structlog

from ocapi.dataplane.context.attributes import written
from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.store import Store, Stores
from ocapi.dataplane.gate import Caller
from ocapi.dataplane.sensorthings.creating import Making, Numbers
from ocapi.lib import clock, codec

VERSION = "v1.1"
MAX_BYTES = 256 << 10  # of one message
DEEPEST = 16
MOST_MEMBERS = 1_000
_TOPIC = re.compile(
    r"v1\.1/(?:(Datastreams|FeaturesOfInterest)\((?:'((?:[^'/]|'')*)'|([0-9]{1,18}))\)/)?Observations"
)
log = structlog.get_logger("dataplane.mqtt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One observation on its way. link: the member it was sent below, by the name of its link."""

    body: Any
    link: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """What making observations needs to know of a caller."""

    store: Store
    caller: Caller
    moment: datetime

    @property
    def now(self) -> str:
        """Give the instant of these messages."""
        return written(self.moment)


def read(topic: str, payload: bytes) -> Message:
    """Read a message as OGC 18-088 clause 14.2 has it; raises Refusal: 404 for the topic, else 400."""
    found = _TOPIC.fullmatch(topic)
    if not found:
        raise Refusal(
            "", "observations are sent to v1.1/Datastreams(id)/Observations", status=404, title="Not Found"
        )
    link = None
    if found.group(1):
        key = found.group(3) or unquote((found.group(2) or "").replace("''", "'"))
        link = ("Datastream" if found.group(1) == "Datastreams" else "FeatureOfInterest", key)
    return Message(body=decoded(payload), link=link)


def decoded(payload: bytes) -> Any:
    """Read a payload as JSON within bounds; raises Refusal."""
    try:
        return codec.decode_unique(payload, max_bytes=MAX_BYTES, max_depth=DEEPEST, max_keys=MOST_MEMBERS)
    except codec.MalformedInput as refusal:
        raise Refusal("", refusal.detail, status=400, title="Bad Request") from None


class Intake:
    """Stores messages of one process."""

    def __init__(self, stores: Stores, numbers: Numbers) -> None:
        self._stores = stores
        self._numbers = numbers
        self.refused: dict[tuple[str, str], int] = {}  # how many, by organization and source

    async def take(self, caller: Caller, messages: Iterable[Message | Refusal]) -> list[Refusal | None]:
        """Return when all messages that are sound are durable; tells of each why it was refused, or None.

        Raises Refusal (507, 503) when the disk takes nothing: then none is stored. Raises what opening the
        store does: StoreBusy, OSError, CorruptSegment.
        """
        store = await self._stores.of(caller.part.tenant.key)
        store.watch(caller.part.streams)
        making = Making(Writing(store, caller, clock.now()), self._numbers)
        told = [each if isinstance(each, Refusal) else self._one(making, each) for each in messages]
        await making.store()
        for each in told:
            if each is not None:
                self._refused(caller, each)
        return told

    def _one(self, making: Making, message: Message) -> Refusal | None:
        before = len(making.changes)
        try:
            if not isinstance(message.body, dict):
                raise Refusal("", "give an object", status=400, title="Bad Request")
            if message.link and message.link[0] == "FeatureOfInterest":
                body = {**message.body, "FeatureOfInterest": {"@iot.id": message.link[1]}}
                making.observe(body, links={})
            else:
                making.observe(message.body, links=dict([message.link] if message.link else []))
        except Refusal as refusal:
            del making.changes[before:]
            return refusal
        return None

    def _refused(self, caller: Caller, refusal: Refusal) -> None:
        """Count a refused message, and tell of the 1st, 2nd, 4th, 8th ...: a flood fills no log."""
        key = (caller.part.tenant.key, caller.client_id)
        count = self.refused[key] = self.refused.get(key, 0) + 1
        if count & (count - 1) == 0:
            log.warning(
                "a message was refused", tenant=key[0], source=key[1], count=count, detail=refusal.detail
            )
