"""What members and the worker ask of each other, below /between/v1; nobody else gets past the signature."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import takewhile
from pathlib import Path

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ocapi.dataplane import pages
from ocapi.dataplane.context import saved
from ocapi.dataplane.context.store import StoreBusy, Stores
from ocapi.dataplane.front import new_trace_id
from ocapi.dataplane.ingest import Inboxes, as_response
from ocapi.dataplane.members.holding import Holding
from ocapi.lib import clock, durable, seglog
from ocapi.lib.members import mirror, places, signing
from ocapi.lib.members.signing import NotSigned, Signer

MOST_BYTES = 8 << 20
_DIGITS = 18
log = structlog.get_logger("dataplane.members")
Handler = Callable[[Request], Awaitable[Response]]


class BadCall(Exception):
    """A member asks for what makes no sense."""


class Between:
    """The endpoints for members and the worker."""

    def __init__(self, *, holding: Holding, stores: Stores, inboxes: Inboxes, signer: Signer) -> None:
        self._holding = holding
        self._stores = stores
        self._inboxes = inboxes
        self._signer = signer

    def routes(self) -> list[Route]:
        """Give the routes of this part."""
        return [
            Route(f"{mirror.BASE}/entities", self._guarded(self.entities), methods=["GET"]),
            Route(f"{mirror.BASE}/state", self._guarded(self.state), methods=["GET"]),
            Route(f"{mirror.BASE}/inbox", self._guarded(self.inbox), methods=["GET"]),
            Route(f"{mirror.BASE}/release", self._guarded(self.release), methods=["POST"]),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def endpoint(request: Request) -> Response:
            trace_id = new_trace_id()
            try:
                self._believed(request)
                return await handler(request)
            except NotSigned:
                return as_response(pages.problem(403, "forbidden", trace_id=trace_id))
            except BadCall as refusal:
                return as_response(pages.problem(400, "badRequest", trace_id=trace_id, detail=str(refusal)))
            except (StoreBusy, OSError, seglog.CorruptSegment) as failure:
                log.warning("a member was not answered", reason=type(failure).__name__, trace_id=trace_id)
                return as_response(pages.problem(503, "serviceUnavailable", trace_id=trace_id))

        return endpoint

    def _believed(self, request: Request) -> None:
        if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
            raise NotSigned
        call = signing.Call(
            method=request.method, target=target_of(request), body_sha256=signing.digest(b"")
        )
        self._signer.verify(request.headers.get(signing.HEADER, ""), call, now=clock.now())

    async def entities(self, request: Request) -> Response:
        """Give records of the log of entities, as frames."""
        tenant, folder, held = self._held(request)
        if held.isReleased:
            last = await asyncio.to_thread(_last_of, folder)
        else:
            store = self._stores.opened(tenant) or await self._stores.of(tenant)
            last = store.last_sequence
        answer = await _frames(folder, after=_number(request, "after"), last=last)
        names = await asyncio.to_thread(saved.names, folder)
        answer.headers["ocapi-state"] = str(saved.sequence_of(names[-1]) if names else 0)
        answer.headers["ocapi-released"] = str(int(held.isReleased))
        return answer

    async def state(self, request: Request) -> Response:
        """Give the saved state of the entities, as its file is."""
        _tenant, folder, _held = self._held(request)
        names = await asyncio.to_thread(saved.names, folder)
        if not names:
            raise BadCall("there is no saved state")
        raw = await asyncio.to_thread(durable.read_file, folder / names[-1])
        headers = {"ocapi-state": str(saved.sequence_of(names[-1]))}
        return Response(raw, headers=headers, media_type="application/octet-stream")

    async def inbox(self, request: Request) -> Response:
        """Give records of the inbox, as frames; what stands before them was collected and goes."""
        tenant, disk = _tenant(request), request.query_params.get("disk", "")
        after = _number(request, "after") if disk == self._holding.disk_id else 0
        folder = self._inboxes.folder(tenant)
        if not folder.is_dir():
            return Response(b"", headers={"ocapi-disk": self._holding.disk_id})
        writer = await self._inboxes.writer(tenant)
        if after > writer.durable_sequence:
            raise BadCall(f"the inbox ends at {writer.durable_sequence}")
        if after and _holds_before(folder, after):
            await self._inboxes.tidy(tenant, after)
        answer = await _frames(folder, after=after, last=writer.durable_sequence)
        answer.headers["ocapi-disk"] = self._holding.disk_id
        return answer

    async def release(self, request: Request) -> Response:
        """Stop taking in an organization's entities, for another member to go on."""
        tenant, folder, held = self._held(request)
        if not held.isReleased:
            await self._stores.release(tenant)
            log.info("let the entities of an organization go", tenant=tenant, epoch=held.epoch)
        last = await asyncio.to_thread(_last_of, folder)
        return Response(b"", headers={"ocapi-last": str(last)})

    def _held(self, request: Request) -> tuple[str, Path, places.Held]:
        tenant = _tenant(request)
        folder = self._holding.log(tenant)
        held = places.held(folder)
        if held is None or held.epoch != _number(request, "epoch"):
            raise StoreBusy(tenant)  # it is not taken over yet, or is another member's by now
        return tenant, folder, held


def target_of(request: Request) -> str:
    """Give path and query as they were sent."""
    query = request.scope.get("query_string", b"").decode("latin-1")
    path = (request.scope.get("raw_path") or request.scope["path"].encode()).partition(b"?")[0]
    return path.decode("latin-1") + (f"?{query}" if query else "")


async def _frames(folder: Path, *, after: int, last: int) -> Response:
    records = await asyncio.to_thread(_some, folder, after, last)
    first = records[0].sequence if records else 0
    return Response(
        seglog.as_frames(records), headers={"ocapi-first": str(first)},
        media_type="application/octet-stream",
    )


def _some(folder: Path, after: int, last: int) -> list[seglog.Record]:
    found: list[seglog.Record] = []
    size = 0
    if after >= last:
        return found
    for record in takewhile(lambda each: each.sequence <= last, seglog.read(folder, after_sequence=after)):
        found.append(record)
        size += len(record.payload)
        if size > MOST_BYTES:
            break
    return found


def _holds_before(folder: Path, after: int) -> bool:
    """Tell whether a segment holds records up to `after` only or begins with one of them."""
    names = seglog.segment_names(folder)
    return bool(names) and seglog.first_sequence(names[0]) <= after


def _last_of(folder: Path) -> int:
    last = 0
    names = seglog.segment_names(folder)
    if names:
        last = seglog.first_sequence(names[-1]) - 1
    for record in seglog.read(folder, after_sequence=last):
        last = record.sequence
    return last


def _tenant(request: Request) -> str:
    found = request.query_params.get("tenant", "")
    if not found or not found.replace("-", "").replace("_", "").isalnum() or len(found) > 100:
        raise BadCall("tenant: give the key of an organization")
    return found


def _number(request: Request, name: str) -> int:
    found = request.query_params.get(name, "")
    if not (found.isascii() and found.isdigit() and len(found) <= _DIGITS):
        raise BadCall(f"{name}: give a number")
    return int(found)
