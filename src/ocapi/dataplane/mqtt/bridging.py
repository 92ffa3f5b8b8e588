"""A client of the brokers an organization already has: topics become datastreams, at least once.

The broker keeps our session while we are away (clean session off, QoS 1). A message is acknowledged when its
reading survives a power cut, or when it can never be one, which is counted; when the disk takes nothing, we
hang up without a word and the broker sends it again.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import structlog

from ocapi.dataplane.context.entities import WRITE
from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.store import StoreBusy
from ocapi.dataplane.gate import Gate, Refused
from ocapi.dataplane.mqtt import intake
from ocapi.dataplane.mqtt.budget import Budgets
from ocapi.dataplane.mqtt.intake import Intake
from ocapi.dataplane.mqtt.waiting import Waiting
from ocapi.dataplane.mqtt.wire import Closed, Wire, until_one_ends
from ocapi.dataplane.snapshot import NoPolicy, Policy
from ocapi.lib import egress, seglog
from ocapi.lib.mqtt import mapping, passwords
from ocapi.lib.mqtt.packets import (
    V311,
    BadPacket,
    Connack,
    Connect,
    Kind,
    Publish,
    Reply,
    Signal,
    Suback,
    Subscribe,
)
from ocapi.lib.sealed import NotSealed, Sealer
from ocapi.lib.snapshot import Broker

KEEP_ALIVE_S = 60
ANSWER_S = 10.0
LONGEST_PAUSE_S = 60.0
LOOK_AGAIN_S = 1.0
log = structlog.get_logger("dataplane.mqtt")


class Failed(Exception):
    """The broker lets us not in, or answers what is no answer."""


class Bridge:
    """One broker of one organization."""

    def __init__(
        self, *, tenant: str, broker: Broker, gate: Gate, taking: Intake, folder: Path, sealer: Sealer | None
    ) -> None:
        self.broker = broker
        self._sealer = sealer
        self._tenant = tenant
        self._gate = gate
        self._intake = taking
        self._folder = folder
        self._budgets = Budgets()
        self._heard = Waiting()
        self.is_connected = asyncio.Event()

    async def run(self) -> None:
        """Stay connected until cancelled; wait twice as long after each failure, at most a minute."""
        failures = 0
        while True:
            try:
                await self._once()
            except (Closed, Failed, BadPacket, egress.EgressFailed, egress.DestinationRefused) as failure:
                failures = 0 if self.is_connected.is_set() else failures + 1
                reason = str(failure) or "the connection was lost"
                log.warning("a broker is away", tenant=self._tenant, broker=self.broker.name, reason=reason)
            self.is_connected.clear()
            await asyncio.sleep(min(LONGEST_PAUSE_S, 2.0**failures))

    async def _once(self) -> None:
        broker = self.broker
        try:
            caller = self._gate.account(tenant=self._tenant, client_id=broker.account, scope=WRITE)
        except (Refused, NoPolicy) as refusal:
            raise Failed(f"account {broker.account}: {refusal}") from None
        scheme = "mqtts" if broker.is_secure else "mqtt"
        destination = egress.Destination(
            host=broker.host,
            ports=frozenset({broker.port}),
            plain=broker.is_internal,
            internal=broker.is_internal,
        )
        reader, writer = await egress.open_stream(
            url=f"{scheme}://{broker.host}:{broker.port}",
            allowed=egress.AllowedDestinations(destinations=(destination,)),
            limits=egress.Limits(max_bytes=intake.MAX_BYTES),
        )
        wire = Wire(reader, writer, max_bytes=intake.MAX_BYTES)
        try:
            await self._sign_in(wire, caller.part.tenant.uuid)
            self._heard = Waiting()
            await until_one_ends(self._hear(wire), self._work(wire), _ping(wire))
        finally:
            wire.close()

    async def _sign_in(self, wire: Wire, owner: UUID) -> None:
        broker = self.broker
        await wire.send(
            [
                Connect(
                    version=V311,
                    client_id=f"ocapi-{self._tenant}-{broker.name}",
                    username=broker.login,
                    password=self._password(owner),
                    keep_alive=KEEP_ALIVE_S,
                    is_clean=False,
                )
            ]
        )
        answer = await wire.receive(within_s=ANSWER_S)
        if not isinstance(answer, Connack) or answer.code:
            raise Failed(f"the broker refused us with code {getattr(answer, 'code', '?')}")
        filters = tuple(dict.fromkeys((each.wanted, 1) for each in broker.mappings))
        await wire.send([Subscribe(kind=Kind.SUBSCRIBE, packet_id=1, filters=filters)])

    def _password(self, owner: UUID) -> bytes:
        """Give the password an operator put beside the log; it stands in no snapshot and no database."""
        if self._sealer is None:
            return b""
        try:
            return passwords.read(self._folder, self.broker.name, sealer=self._sealer, owner=owner)
        except NotSealed:
            raise Failed("its password was sealed elsewhere: keep it again") from None

    async def _hear(self, wire: Wire) -> None:
        while True:
            packet = await wire.receive(within_s=1.5 * KEEP_ALIVE_S)
            if isinstance(packet, Publish):
                await self._heard.put(packet)
            elif isinstance(packet, Suback):
                if any(code >= 0x80 for code in packet.codes):
                    raise Failed("the broker refuses a subscription")
                self.is_connected.set()
                log.info("reading from a broker", tenant=self._tenant, broker=self.broker.name)

    async def _work(self, wire: Wire) -> None:
        while True:
            group = [each for each in await self._heard.group() if isinstance(each, Publish)]
            rate = await self._store(group)
            replies = [Reply(kind=Kind.PUBACK, packet_id=each.packet_id) for each in group if each.qos]
            if replies:
                await wire.send(replies)
            delay = self._budgets.take(self.broker.name, len(group), per_second=rate)
            if delay:
                await asyncio.sleep(delay)

    async def _store(self, group: list[Publish]) -> int:
        """Store a group; gives how many messages a second its source may send. Raises Failed."""
        try:
            caller = self._gate.account(tenant=self._tenant, client_id=self.broker.account, scope=WRITE)
            await self._intake.take(caller, [self._message(each) for each in group])
        except Refusal as refusal:
            raise Failed(refusal.detail) from None
        except (Refused, NoPolicy, StoreBusy, OSError, seglog.CorruptSegment) as failure:
            raise Failed(type(failure).__name__) from None
        return caller.part.limits.messages_per_second

    def _message(self, packet: Publish) -> intake.Message | Refusal:
        for each in self.broker.mappings:
            key = mapping.datastream_of(each, packet.topic)
            if not key:
                continue
            try:
                body = mapping.observation_of(each, intake.decoded(packet.payload))
            except ValueError as failure:
                return Refusal("", str(failure), status=400, title="Bad Request")
            except Refusal as refusal:
                return refusal
            return intake.Message(body=body, link=("Datastream", key))
        return Refusal("", "no mapping for this topic", status=404, title="Not Found")


class Bridges:
    """The bridges of this process, as the policy snapshot has them."""

    def __init__(
        self, *, policy: Policy, gate: Gate, taking: Intake, data: Path, sealer: Sealer | None,
        is_own: Callable[[str], bool] = lambda tenant: True,
    ) -> None:
        self._is_own = is_own  # of several members one reads an organization's brokers
        self._sealer = sealer
        self._policy = policy
        self._gate = gate
        self._intake = taking
        self._data = data
        self._running: dict[tuple[str, str], tuple[Bridge, asyncio.Task[None]]] = {}

    async def follow(self) -> None:
        """Start and stop bridges as the snapshot changes; until cancelled, which stops them all."""
        try:
            while True:
                self.refresh()
                await asyncio.sleep(LOOK_AGAIN_S)
        finally:
            for _, task in self._running.values():
                task.cancel()

    def refresh(self) -> None:
        """Start what is new, stop what is gone or was changed."""
        try:
            parts = self._policy.current().parts
        except NoPolicy:
            parts = {}
        wanted = {
            (tenant, broker.name): broker
            for tenant, part in parts.items()
            if part.tenant.state == "active" and self._is_own(tenant)
            for broker in part.brokers
            if broker.mappings
        }
        for key, (bridge, task) in list(self._running.items()):
            if wanted.get(key) != bridge.broker or task.done():
                task.cancel()
                del self._running[key]
        for key, broker in wanted.items():
            if key not in self._running:
                folder = self._data / "tenants" / key[0] / "capture"
                bridge = Bridge(
                    tenant=key[0], broker=broker, gate=self._gate, taking=self._intake, folder=folder,
                    sealer=self._sealer,
                )
                self._running[key] = (bridge, asyncio.create_task(bridge.run()))

    def bridge(self, tenant: str, name: str) -> Bridge:
        """Give a running bridge."""
        return self._running[tenant, name][0]


async def _ping(wire: Wire) -> None:
    while True:
        await asyncio.sleep(KEEP_ALIVE_S / 2)
        await wire.send([Signal(kind=Kind.PINGREQ)])
