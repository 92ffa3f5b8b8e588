"""Tells subscribers of changes, at least once and in order; the log is the outbox.

Each subscription has a line of what is still to be told. What was told is kept in the log as a sequence,
once in a while and at the end, so that after a stop the line is made anew from the log behind it. A
receiver that does not answer is asked again after a pause; its own line waits, no other does.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog

from ocapi.dataplane.context import subscriptions
from ocapi.dataplane.context.attributes import written
from ocapi.dataplane.context.door import LD_JSON, with_context
from ocapi.dataplane.context.entity import Entity, applied
from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.rendering import show
from ocapi.dataplane.context.store import ENTITY, SUBSCRIPTION, Change, Store, decoded, document_change
from ocapi.dataplane.context.subscriptions import Subscription
from ocapi.dataplane.snapshot import NoPolicy, Policy
from ocapi.lib import batched, clock, codec, egress, ids, seglog

AT_ONCE = 32  # calls of one organization under way together
PER_NOTIFICATION = 100  # entities in one notification
LONGEST_LINE = 10_000  # beyond it the line is read from the log again
QUICK = (1.0, 2.0, 4.0)  # seconds before the first retries; then the endpoint's cooldown
REMEMBER_EVERY_S = 5.0
READ_AT_ONCE = 5_000  # records of the log
log = structlog.get_logger("dataplane.notifying")


class Item(NamedTuple):
    """A change to be told: its place in the log, the entity as it was then, and when it went, if it did."""

    sequence: int
    entity: Entity
    gone_at: str = ""


@dataclass(slots=True)
class Line:
    """What one subscriber is still to be told. told: the sequence up to which it was."""

    subscription: Subscription
    told: int
    items: deque[Item] = field(default_factory=deque)
    behind: int | None = None  # sequence after which the line is to be read from the log
    is_telling: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    counts: dict[str, Any] = field(default_factory=dict)
    remembered: float = 0.0


class Notifier:
    """The lines of one organization."""

    def __init__(self, *, tenant: str, store: Store, policy: Policy) -> None:
        self._tenant = tenant
        self._store = store
        self._policy = policy
        self._places = asyncio.Semaphore(AT_ONCE)
        self._lines: dict[str, Line] = {}
        for name, document in store.documents(SUBSCRIPTION).items():
            self._open(name, document, document.get("told", 0))
        store.listeners.append(self._heard)
        store.needs.append(self._needed)

    def counts(self, name: str) -> dict[str, Any]:
        """Give what came of the notifications of a subscription: numbers and instants."""
        return self._lines[name].counts if name in self._lines else {}

    def _needed(self) -> int:
        """Give the sequence up to which no line needs the log any more."""
        open_lines = [
            each.told
            for each in self._lines.values()
            if each.items or each.is_telling or each.behind is not None
        ]
        return min(open_lines, default=self._store.last_sequence)

    async def close(self) -> None:
        """Stop telling, and remember how far every subscriber was told."""
        for line in self._lines.values():
            if not line.items and not line.is_telling and line.behind is None:
                line.told = self._store.last_sequence  # nothing in between was for this subscriber
            if line.task is not None:
                line.task.cancel()
        await asyncio.gather(
            *(each.task for each in self._lines.values() if each.task), return_exceptions=True
        )
        await asyncio.gather(*(self._remember(name, line) for name, line in self._lines.items()))

    def _open(self, name: str, document: Mapping[str, Any], told: int) -> None:
        try:
            subscription = subscriptions.compiled(document, name=name, store=self._store)
        except Refusal as refusal:
            log.error("a subscription cannot be read", tenant=self._tenant, reason=refusal.detail)
            return
        line = Line(subscription, told, counts=dict(document.get("counts", {})))
        last = self._store.last_sequence
        if told < last and not subscription.interval_s:
            line.behind = told
        self._lines[name] = line
        line.task = asyncio.create_task(self._tell(name, line))

    def _heard(self, changes: Sequence[tuple[int, Change]]) -> None:
        """Take in what became durable, with the sequences in the log; those of a batch have one together."""
        for sequence, change in changes:
            if change.kind == SUBSCRIPTION:
                self._subscribed(change, sequence)
        entities = [(sequence, each) for sequence, each in changes if each.kind == ENTITY]
        for line in self._lines.values() if entities else ():
            self._put(line, entities)

    def _subscribed(self, change: Change, sequence: int) -> None:
        line = self._lines.get(change.id)
        is_changed = line is not None and change.value is not None and change.old is not None
        if is_changed and change.value["body"] == change.old["body"]:
            return  # only what was told is remembered
        told = sequence
        if line is not None:
            if not line.subscription.is_paused:
                told = line.told if line.items or line.is_telling or line.behind is not None else sequence
            if line.task is not None:
                line.task.cancel()
            del self._lines[change.id]
        if change.value is not None:
            self._open(change.id, change.value, told)

    def _put(self, line: Line, entities: Iterable[tuple[int, Change]]) -> None:
        subscription = line.subscription
        if subscription.is_paused or subscription.interval_s or line.behind is not None:
            return
        for sequence, change in entities:
            changed = subscriptions.changed_attributes(change.old, change.value)
            if subscription.wants(change.old, change.value, changed):
                gone = "" if change.value is not None else written(clock.now())
                line.items.append(Item(sequence, change.value or change.old, gone))
        if len(line.items) > LONGEST_LINE:
            line.behind = line.items[-1].sequence  # goes on from there when this much is told
        if line.items:
            line.woken.set()

    async def _tell(self, name: str, line: Line) -> None:
        """Work a line off until the subscription goes or ends."""
        if line.subscription.interval_s:
            await self._tell_by_time(name, line)
            return
        while True:
            if line.behind is not None and not line.items:
                await self._catch_up(line)
            if not line.items:
                line.woken.clear()
                await line.woken.wait()
                continue
            batch = _next_batch(line.items)
            line.is_telling = True
            await self._deliver(line, _shown(batch, line.subscription))
            line.told, line.is_telling = _told_up_to(batch[-1], line.items), False
            await self._remember_sometimes(name, line)
            if line.subscription.throttling_s:
                await asyncio.sleep(line.subscription.throttling_s)
                _keep_newest(line.items)

    async def _tell_by_time(self, name: str, line: Line) -> None:
        while True:
            await asyncio.sleep(line.subscription.interval_s)
            found = [Item(0, each) for each in self._store.entities() if line.subscription.query.fits(each)]
            for start in range(0, len(found), PER_NOTIFICATION):
                await self._deliver(
                    line, _shown(found[start : start + PER_NOTIFICATION], line.subscription)
                )
            await self._remember_sometimes(name, line)

    async def _catch_up(self, line: Line) -> None:
        """Read from the log what was not told, until the line is whole or long."""
        while line.behind is not None and len(line.items) < LONGEST_LINE:
            after, limit = line.behind, self._store.last_sequence
            if after >= limit:
                line.behind = None
                return
            records = await asyncio.to_thread(_records, self._store, after, limit)
            versions: dict[str, Entity] = {}
            for sequence, record in records:
                item = self._item_of(sequence, record, versions)
                if item is not None and _wants_again(line.subscription, item, record):
                    line.items.append(item)
            line.behind = records[-1][0] if len(records) >= READ_AT_ONCE else limit

    def _item_of(
        self, sequence: int, record: Mapping[str, Any], versions: dict[str, Entity]
    ) -> Item | None:
        """Give what a record of the log is to a subscriber: the entity with the attributes set then."""
        if record["kind"] == "put":
            before = versions.get(record["id"]) or self._store.entity(record["id"])
            entity = versions[record["id"]] = applied(before, {**record, "gone": []})
            return Item(sequence, entity)
        if record["kind"] != "gone" or record["what"] != ENTITY:
            return None
        at = record["at"]
        gone = versions.pop(record["id"], None) or Entity(
            id=record["id"], types=tuple(record.get("types", ())), created_at=at, modified_at=at
        )
        return Item(sequence, gone, at)

    async def _deliver(self, line: Line, data: list[dict[str, Any]]) -> None:
        """Send one notification until it is taken, the subscription ends, or it is stopped."""
        for wait in itertools.chain(QUICK, itertools.repeat(line.subscription.cooldown_s)):
            now = clock.now()
            if _is_past(line.subscription, now):
                return
            async with self._places:
                failure = await self._send(line.subscription, data, now)
            counts, at = line.counts, written(now)
            counts["timesSent"] = counts.get("timesSent", 0) + 1
            counts["lastNotification"] = at
            if not failure:
                counts.update(lastSuccess=at, status="ok")
                return
            counts.update(lastFailure=at, status="failed", timesFailed=counts.get("timesFailed", 0) + 1)
            log.warning("a notification was not taken", tenant=self._tenant, reason=failure)
            await asyncio.sleep(wait)

    async def _send(self, subscription: Subscription, data: list[dict[str, Any]], now: datetime) -> str:
        """Send once; gives the reason when it was not taken."""
        try:
            part = self._policy.current().parts[self._tenant]
        except (NoPolicy, KeyError):
            return "noPolicy"
        if not any(
            each.client_id == subscription.client and each.state == "active" for each in part.grants
        ):
            return "noGrant"
        headers, body = _message(subscription, data, now)
        limits = egress.Limits(
            connect_seconds=min(5.0, subscription.timeout_s),
            total_seconds=subscription.timeout_s,
            max_bytes=64 << 10,
        )
        try:
            answer = await egress.fetch(
                method="POST",
                url=subscription.address,
                headers=headers,
                body=body,
                limits=limits,
                allowed=subscriptions.approved(subscription.address, part),
            )
        except (egress.EgressFailed, egress.DestinationRefused) as failure:
            return failure.reason.value
        return "" if 200 <= answer.status < 300 else f"status {answer.status}"

    async def _remember_sometimes(self, name: str, line: Line) -> None:
        if clock.monotonic() - line.remembered >= REMEMBER_EVERY_S:
            line.remembered = clock.monotonic()
            await self._remember(name, line)

    async def _remember(self, name: str, line: Line) -> None:
        document = self._store.newest(SUBSCRIPTION, name)
        if document is None or (document.get("told"), document.get("counts")) == (line.told, line.counts):
            return
        kept = {**document, "told": line.told, "counts": dict(line.counts)}
        try:
            await self._store.commit([document_change(SUBSCRIPTION, name, document, kept)])
        except Refusal:
            return  # told again after a restart, which receivers allow for


def _records(store: Store, after: int, limit: int) -> list[tuple[int, dict[str, Any]]]:
    found: list[tuple[int, dict[str, Any]]] = []
    for record in seglog.read(store.folder, after_sequence=after):
        if record.sequence > limit or len(found) >= READ_AT_ONCE:
            break
        found += [(record.sequence, each) for each in batched.expanded(decoded(record.payload))]
    return found


def _wants_again(subscription: Subscription, item: Item, record: Mapping[str, Any]) -> bool:
    if item.gone_at:
        return subscription.wants(item.entity, None, {})
    changed = dict.fromkeys(record["set"], "attributeUpdated")
    if subscription.triggers == frozenset({"attributeCreated"}):
        changed = dict.fromkeys(record["set"], "attributeCreated")
    return subscription.wants(item.entity, item.entity, changed)


def _next_batch(items: deque[Item]) -> list[Item]:
    """Take what fits one notification: no entity twice, and not too many."""
    batch: list[Item] = []
    names: set[str] = set()
    while items and len(batch) < PER_NOTIFICATION and items[0].entity.id not in names:
        batch.append(items.popleft())
        names.add(batch[-1].entity.id)
    return batch


def _told_up_to(last: Item, items: deque[Item]) -> int:
    """Give the sequence up to which all was told: not that of a batch of which something waits."""
    return last.sequence - (items[0].sequence == last.sequence if items else False)


def _keep_newest(items: deque[Item]) -> None:
    """After a pause, tell of each entity once, as it is now."""
    newest = {each.entity.id: each for each in items}
    items.clear()
    items.extend(sorted(newest.values(), key=lambda each: each.sequence))


def _shown(items: Iterable[Item], subscription: Subscription) -> list[dict[str, Any]]:
    found = []
    for each in items:
        shown = show(each.entity, subscription.view)
        if each.gone_at:
            shown = {name: shown[name] for name in ("id", "type") if name in shown}
            shown["deletedAt"] = each.gone_at
        found.append(shown)
    return found


def _message(
    subscription: Subscription, data: list[dict[str, Any]], now: datetime
) -> tuple[dict[str, str], bytes]:
    """Make headers and body of a notification (clauses 5.3.1, 6.3.5)."""
    sources = subscription.view.terms.sources
    content: dict[str, Any] = {
        "id": f"urn:ngsi-ld:Notification:{ids.new_uuid(now)}",
        "type": "Notification",
        "subscriptionId": subscription.id,
        "notifiedAt": written(now),
        "data": data,
    }
    headers = {**dict(subscription.headers), "Content-Type": subscription.accept}
    if subscription.accept == LD_JSON:
        content = with_context(content, list(sources) if len(sources) > 1 else sources[0])
    else:
        address = next(each for each in sources if isinstance(each, str))
        headers["Link"] = f'<{address}>; rel="http://www.w3.org/ns/json-ld#context"; type="{LD_JSON}"'
    return headers, codec.encode_json(content)


def _is_past(subscription: Subscription, now: datetime) -> bool:
    return bool(subscription.expires_at) and datetime.fromisoformat(
        subscription.expires_at
    ) <= now + timedelta(0)


class Notifiers:
    """The notifiers of this process, one per open store."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._held: dict[str, Notifier] = {}

    def opened(self, tenant: str, store: Store) -> None:
        """Begin to tell the subscribers of an organization."""
        self._held[tenant] = Notifier(tenant=tenant, store=store, policy=self._policy)

    def counts(self, tenant: str, name: str) -> dict[str, Any]:
        """Give what came of the notifications of a subscription."""
        return self._held[tenant].counts(name) if tenant in self._held else {}

    async def release(self, tenant: str) -> None:
        """Stop telling the subscribers of an organization, for another member to go on where this one was."""
        notifier = self._held.pop(tenant, None)
        if notifier is not None:
            await notifier.close()

    async def close(self) -> None:
        """Stop telling."""
        for notifier in self._held.values():
            await notifier.close()
