"""The front door: takes each web request whole, answers known anonymous pages itself, hands the rest on.

Web has one blocking thread per worker and sees only finished requests; a slow or hostile sender is met here.
What goes on is built anew from the parsed request, with one length of our own, so two readers of one byte
stream can never disagree about where a request ends.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import IO

from multidict import CIMultiDict
from starlette.types import Receive, Scope, Send

from ocapi.dataplane import bodies, pages
from ocapi.dataplane.pagecache import Entry, PageCache, Request, life_of, matches
from ocapi.dataplane.plan import Plan
from ocapi.dataplane.shedding import Shedding
from ocapi.dataplane.turns import LineFull, Turns
from ocapi.dataplane.upstream import HOP_BY_HOP, READ_BYTES, Reply, TooLate, Unreachable, Upstream
from ocapi.dataplane.wake import Generations, read_purge
from ocapi.lib import clock, ids
from ocapi.lib.tracing import following, spans

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
RETRY_AFTER_S = 5
SPAN = "front"
TAGS_HEADER = b"ocapi-cache-tags"
TENANT_HEADER = b"ocapi-tenant"
_INTERNAL = (TAGS_HEADER, TENANT_HEADER, b"belgov-trace-id", b"server")
_HOST = re.compile(rb"[A-Za-z0-9.\-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
# never taken from outside: what we say about the sender, and what WSGI would fold into the same variable
_DROPPED = frozenset({
    b"forwarded", b"x-real-ip", b"x-accel-redirect", b"x-sendfile", b"expect", b"content-length", b"proxy",
    b"belgov-trace-id", b"traceparent", b"tracestate", b"baggage", b"host", *_INTERNAL, *HOP_BY_HOP,
})
Head = dict[bytes, bytes]
Place = AbstractAsyncContextManager[Upstream]


class Front:
    """The ASGI application for everything that belongs to web or, below /idp/, to the stand-in sign-in.

    owner_of: gives the key of the organization a host belongs to; hosts of nobody wait in one line together.
    """

    def __init__(self, plan: Plan, *, owner_of: Callable[[str], str] = lambda host: "") -> None:
        self._plan = plan
        self.generations = Generations(plan.web_run / "cache")
        self.cache = PageCache(
            ceiling=plan.cache_bytes, page_ceiling=plan.cached_page_bytes, generation=self.generations.of
        )
        self._web = tuple(Upstream(path, plan) for path in plan.web_places)
        self._turns = Turns(
            at_once=len(self._web), longest=plan.web_line, total=plan.upstream_waiting,
            patience_s=plan.web_patience_s,
        )
        self.shedding = Shedding(
            hold_s=plan.refusal_hold_s, longest_s=plan.refusal_longest_s, per_s=plan.refusals_per_s,
            most=plan.refusals_held,
        )
        self._owner_of = owner_of
        self._idp = Upstream(plan.web_run / "idp.sock", plan)

    async def close(self) -> None:
        """Close the connections to web and idp."""
        for web in self._web:
            await web.close()
        await self._idp.close()

    def heard(self, datagram: bytes) -> None:
        """Drop the pages a purge datagram names."""
        purge = read_purge(datagram)
        if purge is not None:
            self.cache.purge(tenant=purge.tenant, tags=frozenset(purge.tags))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        trace_id = new_trace_id()
        head: Head = dict(scope["headers"])
        method = scope["method"]
        refusal = _refusal(scope, head, trace_id)
        if refusal is not None:
            await send_answer(send, refusal, method=method)
            return
        wanted = _wanted(scope, head) if method in ("GET", "HEAD") else None
        if wanted is not None:
            entry = self.cache.find(wanted, at=clock.monotonic())
            if entry is not None:
                await _send_entry(send, entry, head, method=method, trace_id=trace_id)
                return
        await self._hand_on(scope, receive, send, head, wanted, trace_id)

    async def _hand_on(
        self, scope: Scope, receive: Receive, send: Send, head: Head, wanted: Request | None, trace_id: str
    ) -> None:
        method = scope["method"]
        is_idp = scope["path"].startswith("/idp/")
        if is_idp:
            wanted = None
            if not self._idp.is_present:
                await send_answer(send, pages.at(scope["path"], 404, trace_id=trace_id), method=method)
                return
        if _is_bodyless(method, head) and not is_idp and self._is_full(head):
            await self._turn_away(send, scope, trace_id)
            return
        try:
            body, size = await self._take(head, receive)
        except bodies.Disconnected:
            return
        except (bodies.TooLarge, bodies.TooSlow) as refused:
            status = 413 if isinstance(refused, bodies.TooLarge) else 408
            answer = pages.at(scope["path"], status, trace_id=trace_id, extra=_CLOSE)
            await send_answer(send, answer, method=method)
            return
        with body:
            if is_idp or not self._is_full(head):
                place: Place = nullcontext(self._idp) if is_idp else self._turn(head)
                await self._forward(place, scope, send, head, body, size, wanted, trace_id)
                return
        await self._turn_away(send, scope, trace_id)  # its body is not kept meanwhile

    async def _turn_away(self, send: Send, scope: Scope, trace_id: str) -> None:
        """Refuse, before anything was promised, who came when the line was full."""
        await self.shedding.hold()
        await _send_busy(send, scope, trace_id=trace_id)

    async def _take(self, head: Head, receive: Receive) -> tuple[IO[bytes], int]:
        declared = int(head[b"content-length"]) if b"content-length" in head else None
        limit = self._plan.body_bytes
        return await bodies.receive_body(receive, declared=declared, limit=limit, plan=self._plan)

    async def _forward(
        self, place: Place, scope: Scope, send: Send, head: Head, body: IO[bytes], size: int,
        wanted: Request | None, trace_id: str,
    ) -> None:
        method = scope["method"]
        # a page that may be kept is asked for whole: a conditional or HEAD answer has no body to keep
        is_kept = wanted is not None and method == "GET"
        headers = _onward(scope, head, size=size, trace_id=trace_id, is_kept=is_kept)
        try:
            with spans.span(SPAN, trace_id=trace_id) as span:
                span.note("http.request.method", method)
                if span.parent:
                    headers[following.PARENT] = span.parent
                async with place as upstream:
                    reply = await upstream.ask(
                        method=method, target=_target(scope), headers=headers, body=body, size=size
                    )
                span.note("http.response.status_code", reply.status)
        except (Unreachable, LineFull):
            await _send_busy(send, scope, trace_id=trace_id)
            return
        except TooLate:
            await send_answer(send, pages.at(scope["path"], 504, trace_id=trace_id), method=method)
            return
        with reply.body:
            entry = self._keep(wanted, reply) if is_kept and wanted is not None else None
            if entry is not None:
                await _send_entry(send, entry, head, method=method, trace_id=trace_id)
            elif reply.status >= 500 and reply.size == 0 and method != "HEAD":
                # web broke before it could make a page of its own
                await send_answer(send, pages.at(scope["path"], 500, trace_id=trace_id), method=method)
            else:
                await _send_reply(send, reply, method=method, trace_id=trace_id)

    @asynccontextmanager
    async def _turn(self, head: Head) -> AsyncIterator[Upstream]:
        """Wait for a place at web and give the process it is at."""
        async with self._turns.taken(self._organization(head)) as place:
            yield self._web[place]

    def _is_full(self, head: Head) -> bool:
        """Tell whether this one is turned away, before anything is done for it."""
        return self._turns.is_full(self._organization(head))

    def _organization(self, head: Head) -> str:
        return self._owner_of(_host(head).lower().partition(":")[0])

    def _keep(self, wanted: Request, reply: Reply) -> Entry | None:
        life_s = life_of(reply.headers)
        if reply.status != 200 or life_s == 0 or reply.size > self._plan.cached_page_bytes:
            return None
        body = reply.body.read()
        reply.body.seek(0)
        return self.cache.keep(
            wanted, body=body, headers=tuple(pair for pair in reply.headers if pair[0] not in _INTERNAL),
            tenant=reply.header(TENANT_HEADER).decode("latin-1"),
            tags=reply.header(TAGS_HEADER).decode("latin-1").replace(",", " ").split(),
            life_s=life_s, at=clock.monotonic(),
        )


_CLOSE = (("connection", "close"),)


def new_trace_id() -> str:
    """Make the id under which one request is known in answers and logs."""
    return str(ids.new_uuid(clock.now()))


async def send_answer(send: Send, answer: pages.Answer, *, method: str) -> None:
    """Send an answer of the edge; without its body for HEAD."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.raw_headers()})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})


async def _send_busy(send: Send, scope: Scope, *, trace_id: str) -> None:
    extra = (("retry-after", str(RETRY_AFTER_S)),)
    answer = pages.at(scope["path"], 503, trace_id=trace_id, extra=extra)
    await send_answer(send, answer, method=scope["method"])


def _is_bodyless(method: str, head: Head) -> bool:
    """Tell whether nothing follows the head, so that an answer may come without reading on."""
    return method in ("GET", "HEAD") and b"content-length" not in head and b"transfer-encoding" not in head


def _refusal(scope: Scope, head: Head, trace_id: str) -> pages.Answer | None:
    """Refuse what no honest client sends, before anything is read on."""
    if scope["method"] not in METHODS:
        extra = (("allow", ", ".join(sorted(METHODS))), *_CLOSE)
        return pages.at(scope["path"], 405, trace_id=trace_id, extra=extra)
    if _is_ambiguous(scope, head) or not _HOST.fullmatch(head.get(b"host", b"")):
        return pages.at(scope["path"], 400, trace_id=trace_id, extra=_CLOSE)
    return None


def _is_ambiguous(scope: Scope, head: Head) -> bool:
    """Tell whether two readers could find two hosts or two ends of this request."""
    if len(head) != len(scope["headers"]):  # a name came twice: only then it is worth looking which
        names = [name for name, _ in scope["headers"]]
        if names.count(b"content-length") > 1 or names.count(b"host") > 1:
            return True
    length = head.get(b"content-length")
    return length is not None and (b"transfer-encoding" in head or not length.isdigit())


def _host(head: Head) -> str:
    return head.get(b"host", b"").decode("latin-1")


def _cookies(head: Head) -> list[tuple[str, str]]:
    parts = head.get(b"cookie", b"").decode("latin-1").split(";")
    pairs = (part.strip().partition("=") for part in parts)
    return [(name, value) for name, _, value in pairs if name]


def _wanted(scope: Scope, head: Head) -> Request | None:
    """Give what chooses a kept page; None for a caller who says who it is."""
    if b"authorization" in head:
        return None
    cookies = ""
    if b"cookie" in head:
        found = _cookies(head)
        if any("session" in name.lower() for name, _ in found):
            return None
        cookies = ";".join(sorted(f"{name}={value}" for name, value in found if "csrf" not in name.lower()))
    query = scope["query_string"]
    return Request(
        host=_host(head).lower(), path=_path(scope), query=query.decode("latin-1") if query else "",
        cookies=cookies, headers=_Texts(head),
    )


class _Texts:
    """Headers as text, decoded only when a page varies by one."""

    __slots__ = ("_head",)

    def __init__(self, head: Head) -> None:
        self._head = head

    def get(self, name: str, default: str = "") -> str:
        """Give a header by its name in lower case."""
        return self._head.get(name.encode("latin-1"), default.encode("latin-1")).decode("latin-1")


def _path(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or b""
    return raw.partition(b"?")[0].decode("latin-1") or scope["path"]


def _target(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{_path(scope)}?{query}" if query else _path(scope)


def _onward(scope: Scope, head: Head, *, size: int, trace_id: str, is_kept: bool) -> CIMultiDict[str]:
    """Build the headers web gets: the client's own, less what it may not say, plus what we know of it."""
    named_by_connection = {part.strip().lower() for part in head.get(b"connection", b"").split(b",")}
    headers: CIMultiDict[str] = CIMultiDict()
    for name, value in scope["headers"]:
        if name in _DROPPED or name in named_by_connection:
            continue
        if name.startswith(b"x-forwarded") or b"_" in name:
            continue
        if is_kept and name.startswith(b"if-"):
            continue
        headers.add(name.decode("latin-1"), value.decode("latin-1"))
    host = _host(head)
    client = scope.get("client")
    headers["Host"] = host
    headers["X-Forwarded-For"] = client[0] if client else ""
    headers["X-Forwarded-Proto"] = scope.get("scheme", "http")
    headers["X-Forwarded-Host"] = host
    headers["BelGov-Trace-Id"] = trace_id
    if size or scope["method"] in ("POST", "PUT", "PATCH"):
        headers["Content-Length"] = str(size)
    return headers


async def _send_entry(send: Send, entry: Entry, head: Head, *, method: str, trace_id: str) -> None:
    trace = (b"belgov-trace-id", trace_id.encode())
    asked = head.get(b"if-none-match")
    if asked is not None and (asked == entry.etag or matches(asked.decode("latin-1"), entry.etag)):
        headers = [*entry.unchanged_headers, trace]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    is_packed = bool(entry.packed) and _takes_gzip(head.get(b"accept-encoding", b""))
    kept, body = (entry.packed_headers, entry.packed) if is_packed else (entry.plain_headers, entry.plain)
    await send({"type": "http.response.start", "status": 200, "headers": [*kept, trace]})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


def _takes_gzip(accepted: bytes) -> bool:
    for part in accepted.lower().split(b","):
        name, _, quality = part.partition(b";")
        if name.strip() == b"gzip":
            return quality.replace(b" ", b"") not in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000")
    return False


async def _send_reply(send: Send, reply: Reply, *, method: str, trace_id: str) -> None:
    own = _without_length(reply.headers)
    is_bodyless = method == "HEAD" or reply.status in (204, 304)
    length = reply.header(b"content-length") if is_bodyless else str(reply.size).encode()
    headers = [*own, (b"belgov-trace-id", trace_id.encode())]
    if length and reply.status not in (204, 304):
        headers.append((b"content-length", length))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if not is_bodyless:
        while len(chunk := reply.body.read(READ_BYTES)) == READ_BYTES:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": chunk})
        return
    await send({"type": "http.response.body", "body": b""})


def _without_length(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [pair for pair in headers if pair[0] not in _INTERNAL and pair[0] != b"content-length"]
