"""The optional NATS port: fan-out only, rebuilt from the outbox at any time, never a store of record."""

import asyncio
from collections.abc import Sequence

from django.conf import settings

from ocapi.kernel.outbox import cloudevents, queries
from ocapi.kernel.outbox.data import Published
from ocapi.kernel.outbox.models import PositionRow
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock, codec, crashpoint

READER = "bus"
TIMEOUT_S = 5
PAUSE_S = 10.0


class BusAway(ConnectionError):
    """The bus did not answer a moment ago; the job tries again later."""


class _Pause:
    """Until when this process leaves the bus alone: else each organization waits for it in turn."""

    address = ""
    until = float("-inf")


def relay(*, limit: int) -> int:
    """Send the next facts to the bus and remember how far; gives how many, 0 without a bus.

    A crash between sending and remembering sends twice: receivers dedupe on the event's id. Raises BusAway
    within ten seconds after the bus did not answer, and what its client raises.
    """
    if not settings.OCAPI.bus_url:
        return 0
    address = settings.OCAPI.bus_url
    if address == _Pause.address and clock.monotonic() < _Pause.until:
        raise BusAway
    facts = queries.list_since(sequence=queries.position(reader=READER), limit=limit)
    if not facts:
        return 0
    tenant = tenants.current()
    crashpoint.point("outbox.bus.before_send")
    try:
        asyncio.run(_send(address, tenant.key, tenant.base_iri, facts))
    except Exception:
        _Pause.address, _Pause.until = address, clock.monotonic() + PAUSE_S
        raise
    crashpoint.point("outbox.bus.after_send")
    PositionRow.objects.update_or_create(reader=READER, defaults={"sequence": facts[-1].sequence})
    return len(facts)


async def _send(url: str, key: str, base_iri: str, facts: Sequence[Published]) -> None:
    import nats

    async with asyncio.timeout(TIMEOUT_S):  # its client tries a server that refuses for two minutes
        connection = await nats.connect(url, connect_timeout=TIMEOUT_S, allow_reconnect=False)
    try:
        for fact in facts:
            body = codec.encode_json(cloudevents.to_cloud_event(fact, base_iri))
            headers = {"Nats-Msg-Id": str(fact.uuid), "content-type": cloudevents.CONTENT_TYPE}
            await connection.publish(f"ocapi.{key}.{fact.type}", body, headers=headers)
        await connection.flush(timeout=TIMEOUT_S)
    finally:
        await connection.close()
