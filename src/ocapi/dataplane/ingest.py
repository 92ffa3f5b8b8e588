"""Batches of observations over HTTP, acknowledged when they survive a power cut.

Each batch becomes one record of the organization's inbox, which holds its body as it was sent (`lib.inbox`).
The worker rolls readings up and drops those whose stream and id it has seen before.
"""

import asyncio
import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter
from pathlib import Path

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message

from ocapi.dataplane import bodies, pages, places
from ocapi.dataplane.front import new_trace_id
from ocapi.dataplane.gate import Caller, Gate, Refused, refused
from ocapi.dataplane.pages import Answer, Issue
from ocapi.dataplane.plan import Plan
from ocapi.dataplane.refusals import Seldom
from ocapi.dataplane.snapshot import NoPolicy
from ocapi.lib import clock, codec, durable, inbox, seglog, tiers
from ocapi.lib.inbox import Batch

SCOPE_READ = "capture:streams:read"
SCOPE_WRITE = "capture:observations:write"
LARGEST_BATCH = 10_000
MEMBERS = 3  # of an observation, all of them needed
LARGEST_KEPT = 4 << 20  # bytes of a body that is kept as it was sent
LONGEST_ID = 128
LAST_YEAR = 9999
THREADS = 8
TIDY_EVERY_S = 60.0
_MESSAGE_ID = re.compile(r"[\x21-\x7e]{1,128}")
_MESSAGE_IDS = re.compile(r"[\x21-\x7e]{1,128}(?:\n[\x21-\x7e]{1,128})*")
log = structlog.get_logger("dataplane.ingest")


class InboxBusy(Exception):
    """Another process holds the inbox of this organization."""


class Inboxes:
    """The inbox writers of this process, one per organization, opened at the first batch."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._writers: dict[str, seglog.Writer] = {}
        self._locks: list[int] = []
        self._opening = asyncio.Lock()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="inbox")

    async def append(self, tenant: str, payloads: list[bytes]) -> None:
        """Return when all payloads are durable; raises InboxBusy, OSError (disk full), CorruptSegment.

        A disk that did not confirm ends this process: only a restart knows again what is on it.
        """
        loop = asyncio.get_running_loop()
        writer = await self.writer(tenant)
        try:
            await loop.run_in_executor(self._threads, writer.append, payloads)
        except (durable.SyncFailed, durable.Poisoned):
            log.critical("the disk did not confirm a write; this process ends", tenant=tenant)
            os._exit(durable.EXIT_AFTER_FAILED_SYNC)

    async def writer(self, tenant: str) -> seglog.Writer:
        """Give the writer of an organization's inbox; raises InboxBusy, OSError, CorruptSegment."""
        async with self._opening:
            found = self._writers.get(tenant)
            if found is None:
                loop = asyncio.get_running_loop()
                found = self._writers[tenant] = await loop.run_in_executor(self._threads, self._open, tenant)
        return found

    def folder(self, tenant: str) -> Path:
        """Give the folder of an organization's inbox."""
        return self._data / "tenants" / tenant / "inbox"

    async def tidy(self, tenant: str, upto: int) -> None:
        """Take away what the worker says is added up and kept no longer; raises as `append` does."""
        folder = self.folder(tenant)
        loop = asyncio.get_running_loop()
        if not folder.is_dir():
            return
        writer = await self.writer(tenant)
        if upto >= writer.last_sequence:
            await loop.run_in_executor(self._threads, writer.roll)
        await loop.run_in_executor(self._threads, seglog.remove_up_to, folder, upto)

    def close(self) -> None:
        """Close every inbox."""
        self._threads.shutdown()
        for writer in self._writers.values():
            writer.close()
        for lock in self._locks:
            os.close(lock)

    def _open(self, tenant: str) -> seglog.Writer:
        folder = self.folder(tenant)
        durable.make_directory(folder)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, durable.FILE_MODE)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise InboxBusy(tenant) from None
        self._locks.append(lock)
        return seglog.Writer(folder)


async def keep_inboxes_tidy(inboxes: Inboxes, data: Path, tenants: Callable[[], Iterable[str]]) -> None:
    """Take away from the inboxes, once in a while, what is kept no longer; until cancelled."""
    done: dict[str, int] = {}
    while True:
        await asyncio.sleep(TIDY_EVERY_S)
        for tenant in tenants():
            upto = await asyncio.to_thread(tiers.read, data / "tenants" / tenant / "capture")
            if upto <= done.get(tenant, 0):
                continue
            try:
                await inboxes.tidy(tenant, upto)
                done[tenant] = upto
            except (InboxBusy, OSError, seglog.CorruptSegment) as failure:
                log.warning("an inbox was not tidied", tenant=tenant, reason=type(failure).__name__)


class Ingest:
    """The HTTP part below /ingest/v1."""

    def __init__(self, *, gate: Gate, inboxes: Inboxes, plan: Plan, room: bodies.Room) -> None:
        self._gate = gate
        self._room = room
        self._faults = Seldom()
        self._inboxes = inboxes
        self._plan = plan

    def routes(self) -> list[Route]:
        """Give the routes of this part."""
        return [
            Route("/ingest/v1/streams", self.list_streams, methods=["GET"]),
            Route("/ingest/v1/streams/{code}/observations", self.receive, methods=["POST"]),
        ]

    async def list_streams(self, request: Request) -> Response:
        """List the streams of the caller's organization."""
        trace_id = new_trace_id()
        caller = self._admit(request, SCOPE_READ, trace_id)
        if isinstance(caller, Answer):
            return as_response(caller)
        if request.query_params:
            name = next(iter(request.query_params))
            return as_response(_unknown_input("query", name, trace_id))
        base = f"{places.origin(request)}/ingest/v1/streams"
        items = [
            {"href": f"{base}/{stream.name}/observations", "id": stream.name}
            for stream in sorted(caller.part.streams, key=lambda stream: stream.name)
        ]
        answered = {"self": base, "items": items}
        extra = _successor(caller)
        return as_response(pages.json_answer(200, answered, trace_id=trace_id, extra=extra))

    async def receive(self, request: Request) -> Response:
        """Take in a batch; 202 says it is durable."""
        with self._room.held() as room:
            return await self._receive(request, room)

    async def _receive(self, request: Request, room: bodies.Held) -> Response:
        trace_id = new_trace_id()
        caller = self._admit(request, SCOPE_WRITE, trace_id)
        if isinstance(caller, Answer):
            return as_response(caller)
        code = request.path_params["code"]
        if code not in {stream.name for stream in caller.part.streams}:
            return as_response(pages.problem(404, "resourceNotFound", trace_id=trace_id))
        if caller.part.tenant.is_replaced(clock.now()):
            return as_response(_replaced(caller, trace_id))
        if caller.part.tenant.state != "active":
            return as_response(_unavailable(trace_id, "this organization only reads now"))
        raw = await self._body(request, caller, room, trace_id)
        if isinstance(raw, Answer):
            return as_response(raw)
        batch = _batch(raw, limit=caller.part.limits.body_bytes, trace_id=trace_id)
        if isinstance(batch, Answer):
            return as_response(batch)
        return as_response(await self._store(caller, code, batch, raw, trace_id))

    def _admit(self, request: Request, scope: str, trace_id: str) -> Caller | Answer:
        try:
            return self._gate.admit(
                authorization=request.headers.get("authorization", ""), request=request, scope=scope,
            )
        except Refused as refusal:
            return refused(refusal, trace_id)
        except NoPolicy:
            return _unavailable(trace_id, "no valid policy is loaded")

    async def _body(
        self, request: Request, caller: Caller, room: bodies.Held, trace_id: str
    ) -> bytes | Answer:
        declared = request.headers.get("content-length", "")
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            content = {"type": "about:blank", "title": "Unsupported Media Type", "status": 415}
            return pages.json_answer(415, content, trace_id=trace_id)
        limit = min(caller.part.limits.body_bytes, self._plan.body_bytes)

        async def receive() -> Message:
            return await request.receive()

        try:
            return await bodies.receive_bytes(
                receive, declared=int(declared) if declared.isdigit() else None, limit=limit,
                plan=self._plan, room=room,
            )
        except bodies.TooLarge:
            return pages.problem(413, "payloadTooLarge", trace_id=trace_id, detail=f"at most {limit} bytes")
        except (bodies.TooSlow, bodies.Disconnected):
            detail = "the body did not arrive in time"
            return pages.problem(408, "badRequest", trace_id=trace_id, detail=detail)

    async def _store(self, caller: Caller, code: str, batch: Batch, raw: bytes, trace_id: str) -> Answer:
        kept = raw if len(raw) <= LARGEST_KEPT else codec.encode_json(batch)  # most of it was blanks
        payload = inbox.record(kept, stream=code, client=caller.client_id, received_at=clock.now())
        try:
            await self._inboxes.append(caller.part.tenant.key, [payload])
        except (InboxBusy, OSError, seglog.CorruptSegment) as failure:
            key, reason = caller.part.tenant.key, type(failure).__name__
            if count := self._faults.count(f"{key} {reason}"):
                log.error("inbox cannot take a batch", tenant=key, reason=reason, count=count)
            if isinstance(failure, OSError) and failure.errno in (errno.ENOSPC, errno.EDQUOT):
                content = {
                    "type": "about:blank", "title": "Insufficient Storage", "status": 507,
                    "detail": "nothing was stored; send the batch again later",
                }
                return pages.json_answer(507, content, trace_id=trace_id, extra=(("retry-after", "60"),))
            return _unavailable(trace_id, "nothing was stored; send the batch again")
        return pages.json_answer(202, {"accepted": len(batch.observations)}, trace_id=trace_id)


def as_response(answer: Answer) -> Response:
    """Turn an answer into Starlette's form."""
    return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))


def _batch(raw: bytes, *, limit: int, trace_id: str) -> Batch | Answer:
    try:
        batch = codec.decode_json(raw, Batch, max_bytes=limit)
        if raw.count(b'":') != 1 + MEMBERS * len(batch.observations):  # one stands twice, or blanks before :
            codec.decode_unique(raw, max_bytes=limit, max_keys=2 + MEMBERS * len(batch.observations))
    except codec.MalformedInput as refusal:
        kind = "unknownInput" if refusal.reason is codec.Reason.UNKNOWN_MEMBER else "schemaViolation"
        return _bad(Issue(kind=kind, place="body", name=refusal.path, detail=refusal.detail), trace_id)
    if not 0 < len(batch.observations) <= LARGEST_BATCH:
        detail = f"send 1 to {LARGEST_BATCH} observations"
        return _bad(Issue(kind="invalidInput", place="body", name="$.observations", detail=detail), trace_id)
    ids = "\n".join([item.id for item in batch.observations])
    are_lines = ids.count("\n") == len(batch.observations) - 1  # none holds the sign between them
    moments = [item.at for item in batch.observations]
    are_placed = None not in set(map(attrgetter("tzinfo"), moments)) and (
        min(moments).year > 1 and max(moments).year < LAST_YEAR - 1  # a day of which year depends on the zone
    )
    if are_lines and are_placed and _MESSAGE_IDS.fullmatch(ids):
        return batch
    for place, item in enumerate(batch.observations):
        if item.at.tzinfo is None:
            name, detail = f"$.observations[{place}].at", "give the instant with its zone"
        elif not 1 < item.at.year < LAST_YEAR:  # in another zone it may have no name
            name, detail = f"$.observations[{place}].at", "the instant is outside the calendar"
        elif not _MESSAGE_ID.fullmatch(item.id):
            name, detail = f"$.observations[{place}].id", f"use 1 to {LONGEST_ID} visible ASCII characters"
        else:
            continue
        return _bad(Issue(kind="invalidInput", place="body", name=name, detail=detail), trace_id)
    return batch


def _bad(issue: Issue, trace_id: str) -> Answer:
    return pages.problem(400, "badRequest", trace_id=trace_id, issues=(issue,))


def _unknown_input(place: str, name: str, trace_id: str) -> Answer:
    return _bad(Issue(kind="unknownInput", place=place, name=name, detail=f"parameter {name!r}"), trace_id)


def _successor(caller: Caller) -> tuple[tuple[str, str], ...]:
    """Give the header that names who took the place of the caller's organization, if anybody has."""
    tenant = caller.part.tenant
    if not tenant.is_replaced(clock.now()):
        return ()
    return (("link", f'<{tenant.successor}/>; rel="successor-version"'),)


def _replaced(caller: Caller, trace_id: str) -> Answer:
    detail = f"{caller.part.tenant.successor} took the place of this organization: send to it"
    return pages.problem(410, "replaced", trace_id=trace_id, detail=detail, extra=_successor(caller))


def _unavailable(trace_id: str, detail: str) -> Answer:
    return pages.problem(
        503, "serviceUnavailable", trace_id=trace_id, detail=detail, extra=(("retry-after", "5"),)
    )
