"""The broker of our own: devices publish observations, and subscribe to what changes.

A device signs in with an access token as its password; the grant is asked again at each batch, so whoever
revokes it ends the connection. QoS 1 and 2 are acknowledged when the observation survives a power cut. A
source that floods is read more slowly, it loses nothing, and nobody else waits.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence

import structlog

from ocapi.dataplane.context.entities import READ, WRITE
from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.history import Histories
from ocapi.dataplane.context.store import Change, Store, StoreBusy, Stores
from ocapi.dataplane.gate import Caller, Gate, Refused
from ocapi.dataplane.mqtt import intake, telling
from ocapi.dataplane.mqtt.budget import Budgets
from ocapi.dataplane.mqtt.intake import Intake
from ocapi.dataplane.mqtt.session import Session
from ocapi.dataplane.mqtt.waiting import AT_ONCE
from ocapi.dataplane.mqtt.wire import Closed, Wire
from ocapi.dataplane.plan import Plan
from ocapi.dataplane.snapshot import NoPolicy
from ocapi.lib import ids, seglog
from ocapi.lib.mqtt import packets
from ocapi.lib.mqtt.packets import V5, BadPacket, Connack, Connect, Kind, Property, Publish, Reason

CONNECT_S = 5.0  # to say who one is
LONGEST_SILENCE_S = 1_800
MOST_CONNECTIONS = 2_000
MOST_OF_A_SOURCE = 50
_RETURN_CODES = {  # of MQTT 3.1.1 clause 3.2.2.3
    Reason.UNSUPPORTED_VERSION: 1,
    Reason.BAD_CLIENT_ID: 2,
    Reason.BUSY: 3,
    Reason.BAD_LOGIN: 4,
    Reason.NOT_AUTHORIZED: 5,
}
log = structlog.get_logger("dataplane.mqtt")


class Listener:
    """Takes connections of devices; of several members only those of the organizations this one holds."""

    def __init__(
        self, *, gate: Gate, stores: Stores, taking: Intake, histories: Histories, plan: Plan,
        is_own: Callable[[str], bool] = lambda tenant: True,
    ) -> None:
        self._gate = gate
        self._is_own = is_own
        self._stores = stores
        self._intake = taking
        self._histories = histories
        self._plan = plan
        self._budgets = Budgets()
        self._sessions: dict[tuple[str, str, str], Session] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        stores.on_open.append(self._opened)
        stores.on_release.append(self._released)

    @property
    def port(self) -> int:
        """Give the port that is listened to; 0 when none is."""
        return self._server.sockets[0].getsockname()[1] if self._server and self._server.sockets else 0

    async def start(self) -> None:
        """Listen, when the plan names a port."""
        if self._plan.mqtt_port < 0:
            return
        secure = None
        if self._plan.mqtt_certificate:
            secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            secure.minimum_version = ssl.TLSVersion.TLSv1_2
            secure.load_cert_chain(self._plan.mqtt_certificate, self._plan.mqtt_key or None)
        self._server = await asyncio.start_server(
            self._connected, self._plan.mqtt_host, self._plan.mqtt_port, ssl=secure, limit=intake.MAX_BYTES
        )
        log.info("listening to devices", port=self.port, is_secure=secure is not None)

    async def stop(self) -> None:
        """Hang up on all."""
        if self._server is not None:
            self._server.close()
        for each in list(self._tasks):
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        wire = Wire(reader, writer, max_bytes=intake.MAX_BYTES)
        try:
            await self._served(wire)
        except (Closed, asyncio.CancelledError):
            pass  # nobody waits for this task, which ends here
        finally:
            self._tasks.discard(task)
            wire.close()

    async def _served(self, wire: Wire) -> None:
        try:
            first = await wire.receive(within_s=CONNECT_S, only=Kind.CONNECT)
        except BadPacket as failure:
            if failure.reason is Reason.UNSUPPORTED_VERSION:
                await wire.send([Connack(code=1)])
                await wire.end()
            return
        if not isinstance(first, Connect):
            return
        wire.version = first.version
        try:
            caller = self._admitted(first)
        except _NotAdmitted as refusal:
            code = refusal.reason if first.version == V5 else _RETURN_CODES.get(refusal.reason, 5)
            await wire.send([Connack(code=code)])
            await wire.end()
            return
        await self._lived(wire, first, caller)

    def _admitted(self, first: Connect) -> Caller:
        """Give who connects; raises _NotAdmitted."""
        if len(self._tasks) > MOST_CONNECTIONS:
            raise _NotAdmitted(Reason.BUSY)
        if not first.client_id and not first.is_clean:
            raise _NotAdmitted(Reason.BAD_CLIENT_ID)
        try:
            token = first.password.decode("ascii", "replace")
            caller = self._gate.admit(authorization=f"Bearer {token}", request=None, scope=WRITE)
        except (Refused, NoPolicy) as refusal:
            status = refusal.status if isinstance(refusal, Refused) else 503
            reasons = {401: Reason.BAD_LOGIN, 403: Reason.NOT_AUTHORIZED}
            raise _NotAdmitted(reasons.get(status, Reason.BUSY)) from None
        if first.username and first.username != caller.client_id:
            raise _NotAdmitted(Reason.BAD_LOGIN)
        if not self._is_own(caller.part.tenant.key):
            raise _NotAdmitted(Reason.BUSY)  # what is told there would never be heard here
        source = (caller.part.tenant.key, caller.client_id)
        if sum(1 for each in self._sessions if each[:2] == source) >= MOST_OF_A_SOURCE:
            raise _NotAdmitted(Reason.BUSY)
        return caller

    async def _lived(self, wire: Wire, first: Connect, caller: Caller) -> None:
        name = first.client_id or ids.token(12)
        key = (caller.part.tenant.key, caller.client_id, name)
        earlier = self._sessions.pop(key, None)
        if earlier is not None:
            await earlier.end(Reason.TAKEN_OVER)
        silence = min(first.keep_alive or LONGEST_SILENCE_S, LONGEST_SILENCE_S)
        session = Session(wire=wire, caller=caller, silence_s=1.5 * silence, part=self)
        self._sessions[key] = session
        held: packets.Properties = {
            Property.RECEIVE_MAXIMUM: AT_ONCE,
            Property.RETAIN_AVAILABLE: 0,
            Property.MAXIMUM_SIZE: intake.MAX_BYTES,
            Property.SHARED_AVAILABLE: 0,
            Property.SESSION_EXPIRY: 0,
        }
        if not first.client_id:
            held[Property.ASSIGNED_ID] = name
        if silence != first.keep_alive:
            held[Property.SERVER_KEEP_ALIVE] = silence
        try:
            await wire.send([Connack(code=0, properties=held)])
            await session.live()
        finally:
            if self._sessions.get(key) is session:
                del self._sessions[key]

    async def take(self, session: Session, group: list[Publish]) -> None:
        """Store a group of messages of one session and answer each; raises Closed when it has to end."""
        try:
            caller = self._gate.still(session.caller, WRITE)
        except (Refused, NoPolicy):
            await session.end(Reason.NOT_AUTHORIZED)
            raise Closed from None
        try:
            told = await self._intake.take(caller, [_message(each) for each in group])
        except Refusal as refusal:
            await session.end(Reason.QUOTA_EXCEEDED if refusal.status == 507 else Reason.BUSY)
            raise Closed from None  # unacknowledged, so that the device sends it again
        except (StoreBusy, OSError, seglog.CorruptSegment) as failure:
            log.error("the store cannot be opened", reason=type(failure).__name__)
            await session.end(Reason.BUSY)
            raise Closed from None
        await session.answer(group, told)

    async def pause(self, session: Session, count: int) -> None:
        """Read nothing more of a source while it is above its rate; every packet counts, whatever it asks."""
        caller = session.caller
        source = f"{caller.part.tenant.key} {caller.client_id}"
        rate = caller.part.limits.messages_per_second
        delay = self._budgets.take(source, count, per_second=rate)
        if delay:
            await asyncio.sleep(delay)

    def may_read(self, session: Session) -> bool:
        """Tell whether a session may be told what changes."""
        try:
            self._gate.still(session.caller, READ)
        except (Refused, NoPolicy):
            return False
        return True

    async def payload(self, session: Session, record: telling.Record, wanted: telling.Wanted) -> bytes:
        """Write what a session is told."""
        tenant = session.caller.part.tenant
        base = f"https://{tenant.hosts[0] if tenant.hosts else tenant.key}/sta/v1.1"
        store = await self._stores.of(tenant.key)
        return await telling.payload_of(record, wanted, store=store, histories=self._histories, base=base)

    async def _released(self, tenant: str) -> None:
        """Hang up on the devices of an organization another member holds from now on."""
        for key, session in list(self._sessions.items()):
            if key[0] == tenant:
                await session.end(Reason.BUSY)

    def _opened(self, tenant: str, store: Store) -> None:
        def told_to() -> list[Session]:
            return [each for key, each in self._sessions.items() if key[0] == tenant and each.wanted]

        def heard(changes: Sequence[tuple[int, Change]]) -> None:
            sessions = told_to()
            if not sessions:
                return
            for record in (found for _, change in changes for found in telling.records_of(change)):
                told = telling.topics_of(record)
                for each in sessions:
                    each.tell(record, told)

        store.listeners.append(heard)
        store.audience.append(lambda: bool(told_to()))


class _NotAdmitted(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.name)
        self.reason = reason


def _message(packet: Publish) -> intake.Message | Refusal:
    try:
        return intake.read(packet.topic, packet.payload)
    except Refusal as refusal:
        return refusal
