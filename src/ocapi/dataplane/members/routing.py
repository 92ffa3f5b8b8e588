"""Hands a request to the member it is for, as it came, and gives the answer of that member as its own.

The client's token goes along and is judged again where the request is answered: a member believes of another
only that the request was handed on once and is not to be handed on again.
"""

import asyncio
import re
from collections.abc import Iterable
from urllib.parse import unquote

import structlog
from multidict import CIMultiDict
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ocapi.dataplane import bodies, pages
from ocapi.dataplane.front import new_trace_id
from ocapi.dataplane.gate import Gate, Refused
from ocapi.dataplane.ingest import as_response
from ocapi.dataplane.members.between import target_of
from ocapi.dataplane.members.holding import Holding
from ocapi.dataplane.plan import Plan
from ocapi.dataplane.snapshot import NoPolicy
from ocapi.dataplane.upstream import HOP_BY_HOP, READ_BYTES, Reply, TooLate, Unreachable, Upstream
from ocapi.lib import clock
from ocapi.lib.members import signing
from ocapi.lib.members.signing import NotSigned, Signer

ENTITIES = ("/ngsi-ld/", "/sta/")
HANDED_ON = "handed on"  # stands for the body, which is as good as the client's token
_STREAM = re.compile(r"/ingest/v1/streams/([^/]+)/observations/?")
_NOT_SENT = frozenset({
    b"content-length", b"expect", b"host", signing.HEADER.encode(), b"server", b"date", *HOP_BY_HOP,
})
log = structlog.get_logger("dataplane.members")


class Routing:
    """Stands before the parts that take something in and answer from it."""

    def __init__(self, app: ASGIApp, *, gate: Gate, holding: Holding, signer: Signer, plan: Plan) -> None:
        self._app = app
        self._gate = gate
        self._holding = holding
        self._signer = signer
        self._plan = plan
        self._others = {
            name: Upstream(None, plan, address=address)
            for name, address in holding.membership.others().items()
        }

    async def close(self) -> None:
        """Close the connections to the others."""
        await asyncio.gather(*(each.close() for each in self._others.values()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer here or hand on."""
        request = Request(scope)
        header = request.headers.get(signing.HEADER)
        if header is not None and not scope["path"].startswith("/between/"):
            if not self._is_handed_on(request, header):
                await _tell(403, "forbidden", scope, receive, send)
                return
            await self._app(scope, receive, send)
            return
        member, may_stay = self._member_for(request)
        if not member or member == self._holding.own:
            await self._app(scope, receive, send)
        elif member in self._others:
            await self._hand_on(member, scope, receive, send, may_stay=may_stay)
        else:
            await _tell(503, "serviceUnavailable", scope, receive, send)

    def _is_handed_on(self, request: Request, header: str) -> bool:
        call = signing.Call(method=request.method, target=target_of(request), body_sha256=HANDED_ON)
        try:
            self._signer.verify(header, call, now=clock.now())
        except NotSigned:
            return False
        return True

    def _member_for(self, request: Request) -> tuple[str, bool]:
        """Give the member a request is for, empty for this one; and whether this one may do it too."""
        path = request.url.path
        stream = _STREAM.fullmatch(path) if request.method == "POST" else None
        if stream is None and not path.startswith(ENTITIES):
            return "", True
        try:
            tenant = self._gate.tenant_of(request.headers.get("authorization", ""))
        except (Refused, NoPolicy):
            return "", True  # refused here, with the word that belongs to it
        if stream is not None:
            return self._holding.membership.owner_of_stream(tenant, unquote(stream[1])), True
        place = self._holding.place(tenant)
        return (place.member if place is not None else ""), False

    async def _hand_on(
        self, member: str, scope: Scope, receive: Receive, send: Send, *, may_stay: bool
    ) -> None:
        """Hand on, or answer why not. may_stay: a reading counts once wherever it is taken in."""
        request = Request(scope)
        declared = request.headers.get("content-length", "")
        try:
            body, size = await bodies.receive_body(
                receive, declared=int(declared) if declared.isascii() and declared.isdigit() else None,
                limit=self._plan.body_bytes, plan=self._plan,
            )
        except bodies.TooLarge:
            await _tell(413, "payloadTooLarge", scope, receive, send)
            return
        except (bodies.TooSlow, bodies.Disconnected):
            await _tell(408, "badRequest", scope, receive, send)
            return
        with body:
            try:
                reply = await self._others[member].ask(
                    method=request.method, target=target_of(request), headers=self._headers(request, member),
                    body=body, size=size,
                )
            except (Unreachable, TooLate) as failure:
                log.warning("a member is away", member=member, reason=type(failure).__name__)
                if not may_stay:
                    await _tell(503, "serviceUnavailable", scope, receive, send)
                    return
                body.seek(0)
                await self._app(scope, _replayed(body.read()), send)
                return
        await _pass_back(reply, send, method=request.method)

    def _headers(self, request: Request, member: str) -> CIMultiDict[str]:
        call = signing.Call(method=request.method, target=target_of(request), body_sha256=HANDED_ON)
        found: CIMultiDict[str] = CIMultiDict(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw
            if name.lower() not in _NOT_SENT
        )
        found["host"] = request.headers.get("host", "")
        found[signing.HEADER] = self._signer.sign(call, to=member, now=clock.now())
        return found


def _replayed(raw: bytes) -> Receive:
    waiting = [{"type": "http.request", "body": raw, "more_body": False}]

    async def receive() -> dict[str, object]:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    return receive


async def _pass_back(reply: Reply, send: Send, *, method: str) -> None:
    with reply.body as body:
        kept: Iterable[tuple[bytes, bytes]] = [each for each in reply.headers if each[0] not in _NOT_SENT]
        is_bodyless = method == "HEAD" or reply.status in (204, 304)
        length = [] if is_bodyless else [(b"content-length", str(reply.size).encode())]
        headers = [*kept, *length]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        while not is_bodyless and len(chunk := body.read(READ_BYTES)) == READ_BYTES:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"" if is_bodyless else chunk})


async def _tell(status: int, kind: str, scope: Scope, receive: Receive, send: Send) -> None:
    extra = (("retry-after", "2"),) if status == 503 else ()
    detail = "this is not taken in or answered now; ask again in a moment" if status == 503 else ""
    made = pages.problem(status, kind, trace_id=new_trace_id(), detail=detail, extra=extra)
    response: Response = as_response(made)
    await response(scope, receive, send)
