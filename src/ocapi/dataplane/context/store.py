"""What an organization's entities are now, made of a saved state and the tail of its log.

Who writes works on the newest version, also one that is still on its way to the disk; who reads sees only
what is durable. Changes that arrive during a sync go to disk together with the next one. When the disk
refuses, all changes under way are refused with it, since later ones may stand on earlier ones.
"""

import asyncio
import errno
import fcntl
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec
import structlog

from ocapi.dataplane.context import layers, saved
from ocapi.dataplane.context.entity import Entity, applied, difference
from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.watching import Watched
from ocapi.dataplane.refusals import Seldom
from ocapi.lib import batched, clock, codec, durable, seglog
from ocapi.lib.columns import shelves
from ocapi.lib.columns.shelves import Shelf
from ocapi.lib.snapshot import Stream

MOST_ENTITIES = 250_000  # of one organization, in memory
SAVE_EVERY = 20_000  # changes between two saved states; more when a state is larger than that
THREADS = 4
ENTITY, CONTEXT, SUBSCRIPTION, HISTORY, READING = (
    "entity",
    "context",
    "subscription",
    "history",
    "reading",
)
log = structlog.get_logger("dataplane.context")


class Change(msgspec.Struct, frozen=True, gc=False):
    """One record on its way. value: what the thing becomes: an Entity, a document, or None when it goes.

    Of a batch of entities: `old` holds them as they were, `value` the new ones by id, in the same order.
    """

    kind: str
    id: str
    old: Any
    value: Any
    payload: bytes


@dataclass(frozen=True, slots=True)
class _Waiting:
    changes: tuple[Change, ...]
    done: "asyncio.Future[None]"


class Store:
    """The entities, contexts and subscriptions of one organization; of one event loop."""

    def __init__(
        self, folder: Path, threads: ThreadPoolExecutor, *, save_every: int = SAVE_EVERY,
        shelf: Shelf | None = None,
    ) -> None:
        self._folder = folder
        self._shelf = shelf or shelves.Folder(folder.parent / "parquet")
        self._is_closed = False
        self._threads = threads
        self._save_every = save_every
        self._held: dict[str, dict[str, Any]] = {ENTITY: {}, CONTEXT: {}, SUBSCRIPTION: {}, HISTORY: {}}
        self.needs: list[Callable[[], int]] = []  # sequences up to which others are done with the log
        self._forgotten_at = 0  # of the last removal whose readings may still stand in the log
        self._by_type: dict[str, dict[str, None]] = {}
        self._newest: dict[str, dict[str, Any]] = {}  # by kind and id: what is on its way to the disk
        self._waiting: list[_Waiting] = []
        self._draining: asyncio.Task[None] | None = None
        self.watched = Watched()
        self.listeners: list[Callable[[Sequence[tuple[int, Change]]], None]] = []
        self.audience: list[Callable[[], bool]] = []  # whether one of the listeners has somebody to tell
        self.senders: dict[str, Any] = {}  # what each sent before, by client
        self._faults = Seldom()
        self._unsaved = 0  # changes since the last saved state
        self.terms_held: dict[str, Any] = {}  # by the text of the contexts, forgotten when one changes
        durable.make_directory(folder)
        self._lock = _lock(folder)
        try:
            self._writer = seglog.Writer(folder)
            self._saved_at = self._load()
            self._shown = self._writer.last_sequence
        except BaseException:
            os.close(self._lock)
            raise

    @property
    def last_sequence(self) -> int:
        """Give the sequence of the newest change that is shown."""
        return self._shown

    @property
    def folder(self) -> Path:
        """Give the folder of the log."""
        return self._folder

    @property
    def shelf(self) -> Shelf:
        """Give where the files stand that the worker makes of the log."""
        return self._shelf

    @property
    def saved_at(self) -> int:
        """Give the sequence of the last saved state."""
        return self._saved_at

    def entity(self, name: str) -> Entity | None:
        """Give an entity as it is on disk."""
        found: Entity | None = self._held[ENTITY].get(name)
        return found

    def newest(self, kind: str, name: str) -> Any:
        """Give the newest version of something, on disk or on its way; None when there is none."""
        under_way = self._newest.get(kind)
        return under_way[name] if under_way and name in under_way else self._held[kind].get(name)

    def newest_entities(self, names: Sequence[str]) -> list[Entity | None]:
        """Give the newest versions of entities, in the order of their names."""
        held, under_way = self._held[ENTITY], self._newest.get(ENTITY)
        if not under_way:
            return list(map(held.get, names))
        return [under_way[each] if each in under_way else held.get(each) for each in names]

    def entities(self, iri: str = "") -> Iterator[Entity]:
        """Give the entities of a type, or all, in the order they were made."""
        held: dict[str, Entity] = self._held[ENTITY]
        if not iri:
            yield from list(held.values())
            return
        for name in list(self._by_type.get(iri, ())):
            if name in held:
                yield held[name]

    def with_history(self, iri: str = "") -> Iterator[Entity]:
        """Give the entities of a type, or all, and those of which readings alone are known."""
        yield from self.entities(iri)
        for name, types in list(self._held[HISTORY].items()):
            if name not in self._held[ENTITY] and (not iri or iri in types):
                yield Entity(id=name, types=tuple(types), created_at="", modified_at="")

    def types(self) -> dict[str, int]:
        """Give the number of entities by type."""
        return {iri: len(names) for iri, names in self._by_type.items() if names}

    def documents(self, kind: str) -> Mapping[str, dict[str, Any]]:
        """Give the contexts or subscriptions by id."""
        return self._held[kind]

    async def put_entity(self, old: Entity | None, new: Entity) -> None:
        """Return when an entity is durable as it is now."""
        await self.commit([entity_change(old, new)])

    async def commit(self, changes: Iterable[Change]) -> None:
        """Return when all changes are durable and shown; raises Refusal (507, 503) with none of them done."""
        every = tuple(map(self._judged, changes))
        if not every:
            return
        if self._is_closed:
            raise Refusal("", "another member takes this in now", status=503, title="Service Unavailable")
        added = sum(map(_added, every))
        if added and len(self._held[ENTITY]) + len(self._newest.get(ENTITY, ())) + added > MOST_ENTITIES:
            raise Refusal(
                "",
                f"an organization keeps at most {MOST_ENTITIES} entities here",
                status=507,
                title="Insufficient Storage",
            )
        for each in every:
            if each.kind == batched.BATCH:
                self._newest.setdefault(ENTITY, {}).update(each.value)
            else:
                self._newest.setdefault(each.kind, {})[each.id] = each.value
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(every, done))
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        await done  # who stops waiting takes nothing back

    def watch(self, streams: tuple[Stream, ...]) -> None:
        """Judge from now on what the policy of now watches; called with each request."""
        if streams is not self.watched.streams:
            self.watched = Watched(streams, since=self.watched.since)

    def _judged(self, change: Change) -> Change:
        """Give a change with flags at what the inventory watches of its entity."""
        if not self.watched.holds(change.id) or change.value is None:
            return change
        if change.kind == ENTITY:
            new = self.watched.judged(change.old, change.value, now=clock.now())
            return entity_change(change.old, new)
        if change.kind == HISTORY:
            record = decoded(change.payload)
            record["set"] = self.watched.judged_history(change.id, record["set"], now=clock.now())
            return msgspec.structs.replace(change, payload=codec.encode_record(record))
        return change

    def is_watched(self) -> bool:
        """Tell whether somebody is told of changes one by one."""
        return bool(self._held[SUBSCRIPTION]) or any(each() for each in self.audience)

    async def settle(self) -> None:
        """Wait until nothing is on its way."""
        while self._draining is not None and not self._draining.done():
            await self._draining

    def close(self) -> None:
        """Close the log; what comes after is refused."""
        self._is_closed = True
        self._writer.close()
        os.close(self._lock)

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting, []
            payloads = [each.payload for waiting in group for each in waiting.changes]
            try:
                last = await loop.run_in_executor(self._threads, self._writer.append, payloads)
            except (durable.SyncFailed, durable.Poisoned):
                log.critical("the disk did not confirm a write; this process ends")
                os._exit(durable.EXIT_AFTER_FAILED_SYNC)
            except (OSError, seglog.PayloadRefused) as failure:
                self._refuse([*group, *self._waiting], failure)
                continue
            first = last - len(payloads) + 1
            for waiting in group:
                self._show(waiting, first)
                first += len(waiting.changes)
            self._arrived(group)
            if self._unsaved >= max(self._save_every, len(self._held[ENTITY])):
                await self._save()

    def _refuse(self, group: list[_Waiting], failure: Exception) -> None:
        self._waiting, self._newest = [], {}
        is_full = isinstance(failure, OSError) and failure.errno in (errno.ENOSPC, errno.EDQUOT)
        if count := self._faults.count(type(failure).__name__):  # the answers are counted by part anyhow
            log.error("the log cannot take changes", reason=type(failure).__name__, count=count)
        refusal = ("Insufficient Storage", 507) if is_full else ("Service Unavailable", 503)
        for waiting in group:
            if not waiting.done.done():
                waiting.done.set_exception(
                    Refusal(
                        "", "nothing was stored; send it again later", title=refusal[0], status=refusal[1]
                    )
                )

    def _show(self, waiting: _Waiting, first: int) -> None:
        for sequence, each in enumerate(waiting.changes, start=first):
            if each.kind == batched.BATCH:
                self._apply_batch(each)
                self._unsaved += len(each.value)
                continue
            self._apply(each.kind, each.id, each.value)
            if each.kind in (READING, HISTORY) and each.value is None:
                self._forgotten_at = sequence
            self._unsaved += 1
        self._shown = first + len(waiting.changes) - 1
        if self._held[SUBSCRIPTION] or any(each.kind != batched.BATCH for each in waiting.changes):
            told = list(_single(waiting.changes, first))
            for listener in self.listeners:
                listener(told)
        if not waiting.done.done():
            waiting.done.set_result(None)

    def _arrived(self, group: list[_Waiting]) -> None:
        """Let go what was on its way, unless something newer is."""
        if not self._waiting:
            self._newest.clear()
            return
        for each in (change for waiting in group for change in waiting.changes):
            is_batch = each.kind == batched.BATCH
            under_way = self._newest.get(ENTITY if is_batch else each.kind, {})
            for name, value in (each.value if is_batch else {each.id: each.value}).items():
                if name in under_way and under_way[name] is value:
                    del under_way[name]

    def _apply_batch(self, change: Change) -> None:
        """Let what a batch made count; types of such entities do not change."""
        for old, new in zip(change.old, change.value.values(), strict=True):
            if old is None:
                for iri in new.types:
                    self._by_type.setdefault(iri, {})[new.id] = None
        self._held[ENTITY].update(change.value)

    def _apply(self, kind: str, name: str, value: Any) -> None:
        held = self._held.get(kind, {})  # single readings are not kept in memory
        if kind == ENTITY:
            old, new = held.get(name), value
            for iri in old.types if old else ():
                if new is None or iri not in new.types:
                    self._by_type.get(iri, {}).pop(name, None)
            for iri in new.types if new else ():
                self._by_type.setdefault(iri, {})[name] = None
        elif kind == CONTEXT:
            self.terms_held.clear()
        if value is None:
            held.pop(name, None)
        else:
            held[name] = value

    def _load(self) -> int:
        """Fill the memory from the saved state and the tail; gives the sequence the state reaches."""
        sequence, records = saved.read(self._folder)
        if sequence > self._writer.last_sequence:
            sequence, records = 0, []  # a state that knows more than the log is none of ours
        for line in records:
            for record in batched.expanded(line):
                self._replay(record, sequence)
        for found in seglog.read(self._folder, after_sequence=sequence):
            for record in batched.expanded(decoded(found.payload)):
                self._replay(record, found.sequence)
                self._unsaved += 1
        return sequence

    def _replay(self, record: Mapping[str, Any], sequence: int) -> None:
        kind, name = record["kind"], record["id"]
        if kind == "put":
            self._apply(ENTITY, name, applied(self._held[ENTITY].get(name), record))
        elif kind == "gone":
            self._apply(record["what"], name, None)
        elif kind in (CONTEXT, SUBSCRIPTION):
            self._apply(kind, name, record["document"])
        elif kind == HISTORY:
            self._apply(HISTORY, name, record["types"])
        elif kind == "forget" and not record["attribute"]:
            self._apply(HISTORY, name, None)
        if kind in ("forget", "forgotten"):
            self._forgotten_at = max(self._forgotten_at, record.get("sequence", sequence))

    async def tidy(self, compacted: int) -> None:
        """Take away what stands in files by now; at once, when readings are to be forgotten.

        compacted: the sequence up to which the worker has put readings into files.
        """
        if 0 < self._forgotten_at <= compacted:
            self._forgotten_at = 0
            await self._save()
            await asyncio.get_running_loop().run_in_executor(self._threads, self._writer.roll)
        upto = min(compacted, self._saved_at, *(need() for need in self.needs))
        await asyncio.get_running_loop().run_in_executor(
            self._threads, seglog.remove_up_to, self._folder, upto
        )

    async def _save(self) -> None:
        sequence = self._writer.last_sequence
        records, others = layers.grouped(list(self._held[ENTITY].values()))
        records += [difference(None, each) for each in others]
        records.append({"kind": "forgotten", "id": "", "sequence": self._forgotten_at})
        records += [
            {"kind": HISTORY, "id": name, "types": types, "modified": "", "set": {}}
            for name, types in self._held[HISTORY].items()
        ]
        for kind in (CONTEXT, SUBSCRIPTION):
            records += [
                {"kind": kind, "id": name, "document": each} for name, each in self._held[kind].items()
            ]
        try:
            await asyncio.get_running_loop().run_in_executor(
                self._threads, saved.write, self._folder, sequence, records
            )
        except OSError as failure:
            if count := self._faults.count("saving"):
                reason = type(failure).__name__
                log.warning("the state was not saved; the log holds it all", reason=reason, count=count)
        self._saved_at, self._unsaved = sequence, 0


def _added(change: Change) -> int:
    """Count the entities a change adds."""
    if change.kind == batched.BATCH:
        return int(change.old.count(None))
    return int(change.kind == ENTITY and change.old is None)


def _single(changes: Iterable[Change], first: int) -> Iterator[tuple[int, Change]]:
    """Give changes with their sequences, those of a batch one by one with that of the batch."""
    for sequence, each in enumerate(changes, start=first):
        if each.kind != batched.BATCH:
            yield sequence, each
            continue
        for old, new in zip(each.old, each.value.values(), strict=True):
            yield sequence, Change(ENTITY, new.id, old, new, b"")


def batch_change(olds: Sequence[Entity | None], news: dict[str, Entity], payload: bytes) -> Change:
    """Make the change of a batch of entities, each in it once. payload: as `batched` makes it."""
    return Change(batched.BATCH, "", olds, news, payload)


def late_change(head: Entity, payload: bytes) -> Change:
    """Make the change that adds readings to the history alone. payload: as `batched` makes it."""
    return Change(HISTORY, head.id, None, list(head.types), payload)


def entity_change(old: Entity | None, new: Entity) -> Change:
    """Make the change from one version of an entity to the next."""
    return Change(ENTITY, new.id, old, new, codec.encode_record(difference(old, new)))


def removal(kind: str, name: str, old: Any, *, now: str) -> Change:
    """Make the change that takes something away."""
    record: dict[str, Any] = {"kind": "gone", "what": kind, "id": name, "at": now}
    if isinstance(old, Entity):
        record["types"] = list(old.types)
    return Change(kind, name, old, None, codec.encode_record(record))


def document_change(kind: str, name: str, old: Any, document: Mapping[str, Any]) -> Change:
    """Make the change of a context or a subscription."""
    record: dict[str, object] = {"kind": kind, "id": name, "document": dict(document)}
    return Change(kind, name, old, dict(document), codec.encode_record(record))


def decoded(payload: bytes) -> dict[str, Any]:
    """Read a record of our own log back."""
    found = codec.decode_untyped(
        payload, max_bytes=seglog.MAX_PAYLOAD_BYTES, max_depth=200, max_keys=1_000_000
    )
    if not isinstance(found, dict):
        raise codec.MalformedInput(codec.Reason.NOT_JSON, detail="a record is no object")
    return found


def history_change(head: Entity, held: Mapping[str, list[dict[str, Any]]]) -> Change:
    """Make the change that adds readings of an entity without changing what it is now."""
    record: dict[str, object] = {
        "kind": HISTORY,
        "id": head.id,
        "types": list(head.types),
        "modified": head.modified_at,
        "set": held,
    }
    return late_change(head, codec.encode_record(record))


def forget_change(
    name: str, *, now: str, client: str, attribute: str = "", row: tuple[int, int] = (-1, -1),
    observed_at: str = "",
) -> Change:
    """Make the change that forgets readings: of an entity, of one attribute, or one of them."""
    record: dict[str, object] = {
        "kind": "forget",
        "id": name,
        "attribute": attribute,
        "row_sequence": row[0],
        "row_place": row[1],
        "observed_at": observed_at,
        "at": now,
        "client": client,
    }
    kind = READING if attribute else HISTORY
    return Change(
        kind, f"{name} {attribute}" if attribute else name, None, None, codec.encode_record(record)
    )


class StoreBusy(Exception):
    """Another process holds the entities of this organization."""


def _lock(folder: Path) -> int:
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, durable.FILE_MODE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise StoreBusy(str(folder)) from None
    return handle


class Home(Protocol):
    """Where a member keeps the logs it holds. NotHeld is a StoreBusy to who asks."""

    def require(self, tenant: str) -> int: ...
    def prepare(self, tenant: str) -> Path: ...
    def let_go(self, tenant: str) -> None: ...


class Stores:
    """The stores of this process, one per organization, opened when first asked for.

    home: for one of several members, which opens only what it holds. store: address of the one that keeps the
    files of readings, empty for the folder of data.
    """

    def __init__(self, data: Path, *, home: Home | None = None, store: str = "") -> None:
        self._data = data
        self._address = store
        self._home = home
        self._stores: dict[str, Store] = {}
        self._opening = asyncio.Lock()
        self._leaving: set[str] = set()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="context")
        self.on_open: list[Callable[[str, Store], None]] = []
        self.on_release: list[Callable[[str], Awaitable[None]]] = []

    async def of(self, tenant: str) -> Store:
        """Give the store of an organization; raises StoreBusy, OSError, CorruptSegment."""
        if self._home is not None:
            self._require(self._home, tenant)
        if tenant in self._stores:
            return self._stores[tenant]
        async with self._opening:
            if tenant not in self._stores:
                store = await asyncio.get_running_loop().run_in_executor(self._threads, self._open, tenant)
                self._stores[tenant] = store
                for each in self.on_open:
                    each(tenant, store)
        return self._stores[tenant]

    def _require(self, home: Home, tenant: str) -> None:
        if tenant in self._leaving:
            raise StoreBusy(tenant)
        home.require(tenant)

    def _open(self, tenant: str) -> Store:
        capture = self._data / "tenants" / tenant / "capture"
        folder = capture / "log" if self._home is None else self._home.prepare(tenant)
        files = folder.parent / "fetched" if self._address else capture / "parquet"
        shelf = shelves.of(self._address, tenant=tenant, folder=files)
        return Store(folder, self._threads, shelf=shelf)

    def opened(self, tenant: str) -> Store | None:
        """Give a store that is open, or None."""
        return self._stores.get(tenant)

    async def release(self, tenant: str) -> None:
        """Close the store of an organization, for another member to go on; nothing is under way after it."""
        self._leaving.add(tenant)
        try:
            async with self._opening:
                store = self._stores.get(tenant)
                if store is not None:
                    for each in self.on_release:
                        await each(tenant)
                    await store.settle()
                    store.close()
                    del self._stores[tenant]
                if self._home is not None:
                    self._home.let_go(tenant)
        finally:
            self._leaving.discard(tenant)

    async def open_known(self, tenants: Iterable[str]) -> None:
        """Open the stores that have a log: their subscribers wait for what is not told yet."""
        for tenant in tenants:
            folder = self._data / "tenants" / tenant / "capture" / "log"
            if folder.is_dir() if self._home is None else tenant not in self._stores:
                try:
                    await self.of(tenant)
                except StoreBusy as busy:
                    if self._home is None:
                        log.error("the entities cannot be opened", tenant=tenant, reason=type(busy).__name__)
                except (OSError, seglog.CorruptSegment) as failure:
                    log.error("the entities cannot be opened", tenant=tenant, reason=type(failure).__name__)

    async def tidy(self, compacted: Callable[[Store], int]) -> None:
        """Take away from every log what stands in files by now; one that fails is tried again later."""
        for tenant, store in list(self._stores.items()):
            try:
                await store.tidy(await asyncio.to_thread(compacted, store))
            except OSError as failure:
                log.warning("a log was not tidied", tenant=tenant, reason=type(failure).__name__)

    async def close(self) -> None:
        """Close every store when what is under way is done."""
        for store in self._stores.values():
            await store.settle()
        self._threads.shutdown()
        for store in self._stores.values():
            store.close()
