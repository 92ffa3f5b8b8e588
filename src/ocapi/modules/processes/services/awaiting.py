"""Facts of the platform that drawings wait for: a message named `TYPE#MEMBER`, found by that member's value.

A subscription is one of a message, so that it survives as they do and is taken once. What an event brings is
the variable `event`: its type, id and time, and its members without the personal part.
"""

import dataclasses
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from ocapi.kernel.registry import api as registry
from ocapi.lib import codec, ids
from ocapi.lib.bpmn import Finding, Step
from ocapi.lib.bpmn.engine import values
from ocapi.lib.bpmn.model import Kind, Trigger
from ocapi.lib.codec import JsonValue
from ocapi.lib.envelope import TYPE_PATTERN, Fact, Meta, facts
from ocapi.lib.feel import as_json
from ocapi.modules.processes.data import Value, Variables
from ocapi.modules.processes.models import MessageRow, SubscriptionRow
from ocapi.modules.processes.services import messaging

PREFIX = "be.ocapi."
EVENT = "event"  # kind of a message row that brings one
_NAME = re.compile(rf"(?P<type>{TYPE_PATTERN.pattern})#(?P<member>[a-z][a-z0-9_]*)")
_ENVELOPE = ("type", "id", "time")
_MESSAGING = (Kind.RECEIVE, Kind.SEND)
MAX_KEY = 200  # characters of a value by which a run is found


def is_reserved(name: str) -> bool:
    """Say whether a message name is one of the platform's facts, which nobody else may send."""
    return name.startswith(PREFIX)


def problems(step: Step) -> list[Finding]:
    """Name a fact nobody publishes, and a drawing that would send one."""
    name = step.event.name
    if not is_reserved(name) or (step.trigger is not Trigger.MESSAGE and step.kind not in _MESSAGING):
        return []
    is_sent = step.kind in (Kind.SEND, Kind.THROW, Kind.END)
    if not is_sent and _is_known(name):
        return []
    reason = "factSent" if is_sent else "factUnknown"
    return [Finding(element=step.id, kind=step.kind.value, reason=reason, detail=name)]


def _is_known(name: str) -> bool:
    match = _NAME.fullmatch(name)
    fact = facts.find(match["type"]) if match else None
    return fact is not None and match is not None and match["member"] in members_of(fact)


def known() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Give every fact the modules declare, by type, with the members a run can be found by."""
    return tuple(
        (fact.event_type, members_of(fact))
        for manifest in registry.list_manifests() for fact in manifest.events_out
    )


def members_of(fact: type[Fact]) -> tuple[str, ...]:
    """Give the members of a fact by which a run can be found: all but the personal part."""
    return tuple(each.name for each in dataclasses.fields(fact) if each.name != "personal")  # type: ignore[arg-type]


def awaited_types() -> frozenset[str]:
    """Give the types of facts that are waited for now, by skipping from name to name through the index."""
    found: set[str] = set()
    last = PREFIX
    while True:
        name = (
            SubscriptionRow.objects.filter(kind="message", name__gt=last, name__lt=f"{PREFIX[:-1]}/")
            .order_by("name").values_list("name", flat=True).first()
        )
        if name is None:
            return frozenset(found)
        found.add(name.partition("#")[0])
        last = name


def take_up(members: Mapping[str, JsonValue], meta: Meta) -> int:
    """Note for each subscription that a fact fits that it is to be delivered; gives how many.

    In the transaction that remembers the fact, so that it is noted once. Delivery takes each up in its own.
    """
    keys = {name: key for name, given in members.items() if (key := _key(given)) is not None}
    written = _written(members, meta)
    count = 0
    for member, key in keys.items():
        name = f"{meta.event_type}#{member}"
        for row in messaging.waiting_for("message", name, key).filter(instance__isnull=False).iterator():
            count += _note(row, key, written, now=meta.occurred_at)
        for row in messaging.waiting_for("message", name, "").filter(instance__isnull=True):
            count += _note(row, key, written, now=meta.occurred_at)
    return count


def _key(given: JsonValue) -> str | None:
    """Give a member as the key it is found by, as FEEL shows it; lists and contexts are none."""
    if given is None or isinstance(given, list | dict):
        return None
    if isinstance(given, bool):
        return "true" if given else "false"
    text = str(given) if not isinstance(given, float) else str(Decimal(repr(given)))
    return text if len(text) <= MAX_KEY else None


def _written(members: Mapping[str, JsonValue], meta: Meta) -> str:
    told: dict[str, Value] = {
        "type": meta.event_type, "id": str(meta.event_id), "time": meta.occurred_at,
        **{name: as_json.value_of(each) for name, each in members.items() if name not in _ENVELOPE},
    }
    brought: Variables = {"event": told}
    return codec.encode_json({name: values.write(each) for name, each in brought.items()}).decode()


def _note(row: SubscriptionRow, key: str, written: str, *, now: datetime) -> int:
    made = MessageRow.objects.create(
        uuid=ids.new_uuid(now), kind=EVENT, name=row.name, key=key, last=row.id, values=written, sent_at=now,
    )
    messaging.queue(made.uuid, due_at=now)
    return 1
