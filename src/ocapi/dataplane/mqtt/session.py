"""One signed-in device: what it sends is stored in groups, what it wants to know is sent to it."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.gate import Caller
from ocapi.dataplane.mqtt import telling
from ocapi.dataplane.mqtt.telling import Record, Wanted
from ocapi.dataplane.mqtt.waiting import Waiting
from ocapi.dataplane.mqtt.wire import Closed, Wire, until_one_ends
from ocapi.lib.mqtt.packets import (
    V5,
    BadPacket,
    Kind,
    Packet,
    Publish,
    Reason,
    Reply,
    Signal,
    Suback,
    Subscribe,
)

MOST_WANTED = 100  # subscriptions of one session
MOST_TOLD = 1_000  # messages that wait for a slow subscriber
UNCONFIRMED = 64  # messages on their way to a subscriber, QoS 1
REFUSED_311 = 0x80  # in SUBACK of MQTT 3.1.1


class Part(Protocol):
    """What a session needs of the broker it belongs to."""

    async def take(self, session: "Session", group: list[Publish]) -> None: ...
    async def pause(self, session: "Session", count: int) -> None: ...
    def may_read(self, session: "Session") -> bool: ...
    async def payload(self, session: "Session", record: Record, wanted: Wanted) -> bytes: ...


class Session:
    """The two directions of one connection."""

    def __init__(self, *, wire: Wire, caller: Caller, silence_s: float, part: Part) -> None:
        self.caller = caller
        self.wanted: dict[str, Wanted] = {}
        self._wire = wire
        self._silence_s = silence_s
        self._part = part
        self._heard = Waiting()
        self._told: asyncio.Queue[tuple[Record, Wanted, str]] = asyncio.Queue(MOST_TOLD)
        self._received: set[int] = set()  # packets of QoS 2 that are stored and not released yet
        self._free = asyncio.Semaphore(UNCONFIRMED)
        self._unconfirmed: set[int] = set()
        self._last_id = 0
        self._is_too_slow = asyncio.Event()

    async def live(self) -> None:
        """Return when the connection is over."""
        await until_one_ends(self._hear(), self._work(), self._tell(), self._watch())

    async def end(self, reason: Reason) -> None:
        """Hang up; MQTT 5 is told why."""
        try:
            if self._wire.version == V5:
                await self._wire.send([Signal(kind=Kind.DISCONNECT, code=reason)])
            await self._wire.end()
        except Closed:
            self._wire.close()

    def tell(self, record: Record, topics: list[str]) -> None:
        """Send a record to come, if it is wanted; a subscriber that is too slow is hung up on."""
        for each in self.wanted.values():
            topic = each.topic_of(topics)
            if topic:
                try:
                    self._told.put_nowait((record, each, topic))
                except asyncio.QueueFull:
                    self._is_too_slow.set()

    async def answer(self, group: Sequence[Publish], told: Sequence[Refusal | None]) -> None:
        """Acknowledge messages. MQTT 3.1.1 has no word for a refusal: it is acknowledged and counted."""
        replies = []
        for packet, refusal in zip(group, told, strict=True):
            if not packet.qos:
                continue
            kind, code, text = (Kind.PUBACK if packet.qos == 1 else Kind.PUBREC), 0, ""
            if refusal is not None and self._wire.version == V5:
                code = Reason.BAD_TOPIC if refusal.status == 404 else Reason.BAD_PAYLOAD
                text = refusal.detail[:200]
            if packet.qos == 2 and not code:
                self._received.add(packet.packet_id)
            replies.append(Reply(kind=kind, packet_id=packet.packet_id, code=code, text=text))
        if replies:
            await self._wire.send(replies)

    async def _hear(self) -> None:
        while True:
            try:
                packet = await self._wire.receive(within_s=self._silence_s)
            except BadPacket as failure:
                await self.end(failure.reason)
                raise Closed from None
            if isinstance(packet, Reply) and packet.kind is Kind.PUBACK:
                self._confirm(packet.packet_id)
            else:
                await self._heard.put(packet)

    async def _work(self) -> None:
        while True:
            waiting = await self._heard.group()
            group: list[Publish] = []
            for packet in waiting:
                is_stored = packet.packet_id in self._received if isinstance(packet, Publish) else False
                if isinstance(packet, Publish) and not (packet.qos == 2 and is_stored):
                    group.append(packet)
                    continue
                if group:
                    await self._part.take(self, group)
                    group = []
                await self._handle(packet)
            if group:
                await self._part.take(self, group)
            await self._part.pause(self, len(waiting))

    async def _handle(self, packet: Packet) -> None:
        if isinstance(packet, Publish):  # of QoS 2, stored before
            await self._wire.send([Reply(kind=Kind.PUBREC, packet_id=packet.packet_id)])
        elif isinstance(packet, Reply) and packet.kind is Kind.PUBREL:
            self._received.discard(packet.packet_id)
            await self._wire.send([Reply(kind=Kind.PUBCOMP, packet_id=packet.packet_id)])
        elif isinstance(packet, Subscribe):
            await self._subscribe(packet)
        elif isinstance(packet, Signal) and packet.kind is Kind.PINGREQ:
            await self._wire.send([Signal(kind=Kind.PINGRESP)])
        elif isinstance(packet, Signal) and packet.kind is Kind.DISCONNECT:
            raise Closed
        else:
            await self.end(Reason.PROTOCOL_ERROR)
            raise Closed

    async def _subscribe(self, packet: Subscribe) -> None:
        if packet.kind is Kind.UNSUBSCRIBE:
            codes = tuple(0 if self.wanted.pop(text, None) else 0x11 for text, _qos in packet.filters)
            await self._wire.send([Suback(kind=Kind.UNSUBACK, packet_id=packet.packet_id, codes=codes)])
            return
        codes = tuple(self._subscribed(text, min(qos, 1)) for text, qos in packet.filters)
        await self._wire.send([Suback(kind=Kind.SUBACK, packet_id=packet.packet_id, codes=codes)])

    def _subscribed(self, text: str, qos: int) -> int:
        wanted = telling.wanted_of(text, qos)
        reason = None
        if not self._part.may_read(self):
            reason = Reason.NOT_AUTHORIZED
        elif wanted is None:
            reason = Reason.BAD_FILTER
        elif text not in self.wanted and len(self.wanted) >= MOST_WANTED:
            reason = Reason.QUOTA_EXCEEDED
        if reason is not None or wanted is None:
            return int(reason or Reason.UNSPECIFIED) if self._wire.version == V5 else REFUSED_311
        self.wanted[text] = wanted
        return qos

    async def _tell(self) -> None:
        while True:
            record, wanted, topic = await self._told.get()
            if not self._part.may_read(self):
                await self.end(Reason.NOT_AUTHORIZED)
                raise Closed
            payload = await self._part.payload(self, record, wanted)
            number = await self._number() if wanted.qos else 0
            await self._wire.send([Publish(topic=topic, payload=payload, qos=wanted.qos, packet_id=number)])

    async def _watch(self) -> None:
        await self._is_too_slow.wait()
        await self.end(Reason.QUOTA_EXCEEDED)
        raise Closed

    async def _number(self) -> int:
        await self._free.acquire()
        while True:
            self._last_id = self._last_id % 65_535 + 1
            if self._last_id not in self._unconfirmed:
                self._unconfirmed.add(self._last_id)
                return self._last_id

    def _confirm(self, number: int) -> None:
        if number in self._unconfirmed:
            self._unconfirmed.discard(number)
            self._free.release()
