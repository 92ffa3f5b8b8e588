"""What runs wait for outside: facts of the platform, and calls that somebody has to answer."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from ocapi.kernel.access import api as access
from ocapi.kernel.registry import api as registry
from ocapi.lib import codec
from ocapi.lib.actor import Actor
from ocapi.lib.envelope import Meta
from ocapi.modules.processes.services import awaiting, calls

_OCCASION = "process"


def wake_call(*, occasion: str, now: datetime) -> None:
    """Let the worker look at a call that waits for somebody, when an occasion is one of `occasion_of`."""
    prefix, _colon, call = occasion.partition(":")
    if prefix == _OCCASION:
        calls.wake(UUID(call), now=now)


def occasion_of(key: str) -> str:
    """Give the occasion by which a connector's call is known elsewhere; `wake_call` understands it."""
    return f"{_OCCASION}:{key}"


def awaited_types() -> frozenset[str]:
    """Give the types of facts of the platform that runs or start events wait for now."""
    return awaiting.awaited_types()


def take_up_fact(*, members: Mapping[str, codec.JsonValue], meta: Meta) -> int:
    """Note a fact for all that wait for it, in the caller's transaction; gives for how many.

    members: without the personal part. The worker delivers each on its own, once.
    """
    return awaiting.take_up(members, meta)


def list_facts(*, actor: Actor) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Give the facts a drawing may wait for, each with the members a run is found by. Raises NotAllowed."""
    access.require(actor, "processes.read_drawings")
    return awaiting.known()


def address_form() -> str:
    """Give how the organization addresses people, `formal` or `informal`: for connectors that write."""
    return registry.setting("organization.address_form")
