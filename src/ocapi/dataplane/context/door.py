"""What every request of NGSI-LD passes: gate, tenant header, parameters, body, context; and the answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import unquote

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from ocapi.dataplane import bodies, pages, places
from ocapi.dataplane.context import contexts
from ocapi.dataplane.context.attributes import written
from ocapi.dataplane.context.errors import Refusal, bad, invalid
from ocapi.dataplane.context.store import Store, StoreBusy, Stores
from ocapi.dataplane.context.vocabulary import CORE_CONTEXT, CORE_TERMS, Terms
from ocapi.dataplane.front import new_trace_id
from ocapi.dataplane.gate import Caller, Gate, Refused, refused
from ocapi.dataplane.plan import Plan
from ocapi.dataplane.snapshot import NoPolicy
from ocapi.lib import clock, codec, seglog

JSON, LD_JSON, GEO_JSON, MERGE = (
    "application/json",
    "application/ld+json",
    "application/geo+json",
    "application/merge-patch+json",
)
MOST_MEMBERS = 500_000
DEEPEST = 64
log = structlog.get_logger("dataplane.context")


@dataclass(slots=True)
class Call:
    """One request that passed the gate. now: as the API writes instants. terms: of its context."""

    request: Request
    caller: Caller
    store: Store
    moment: datetime
    limit: int
    plan: Plan
    room: bodies.Held
    accept: str = JSON
    terms: Terms = CORE_TERMS
    is_linked: bool = False  # the body brings its own context
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def now(self) -> str:
        """Give the instant of this request."""
        return written(self.moment)

    def path(self, name: str) -> str:
        """Give a part of the path, its escapes undone."""
        return unquote(str(self.request.path_params[name]))

    def parameters(self, allowed: frozenset[str]) -> dict[str, str]:
        """Give the query's parameters; raises Refusal for one that is unknown or stands twice."""
        found: dict[str, str] = {}
        for name, value in self.request.query_params.multi_items():
            if name not in allowed:
                raise invalid(f"unknown parameter {name[:80]!r}")
            if name in found:
                raise invalid(f"parameter {name!r} stands twice")
            found[name] = value
        return found

    async def body(self) -> Any:
        """Give the decoded body, and take over the context it comes with; raises Refusal."""
        return self.decoded(*await self.sent())

    async def sent(self) -> tuple[str, bytes]:
        """Give the type of the body and its bytes; raises Refusal."""
        kind = self.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (JSON, LD_JSON, MERGE):
            raise Refusal("", f"send {JSON} or {LD_JSON}", status=415, title="Unsupported Media Type")
        raw = await self._raw()
        if not raw:
            raise invalid("the body is empty")
        return kind, raw

    def decoded(self, kind: str, raw: bytes) -> Any:
        """Decode a body, and take over the context it comes with; raises Refusal."""
        try:
            found = codec.decode_unique(raw, max_bytes=self.limit, max_depth=DEEPEST, max_keys=MOST_MEMBERS)
        except codec.MalformedInput as refusal:
            raise invalid(refusal.detail) from None
        self._take_context(found, is_linked=kind == LD_JSON)
        return found

    def terms_of(self, raw: Mapping[str, Any]) -> Terms:
        """Give the terms of one entity of a batch."""
        return (
            contexts.terms_of(raw["@context"], self.store)
            if self.is_linked and "@context" in raw
            else self.terms
        )

    def _take_context(self, found: object, *, is_linked: bool) -> None:
        link = contexts.from_link(self.request.headers.get("link", ""))
        several = found if isinstance(found, list) else [found]
        is_said = [isinstance(each, dict) and "@context" in each for each in several]
        if is_linked:
            if link:
                raise bad("ld+json brings its @context in the body, not in a Link header")
            if not all(is_said):
                raise bad("ld+json needs an @context in the body")
            self.is_linked = True
            if isinstance(found, dict):
                self.terms = contexts.terms_of(found["@context"], self.store)
        elif any(is_said):
            raise bad("plain JSON brings its @context in a Link header, not in the body")

    async def _raw(self) -> bytes:
        declared = self.request.headers.get("content-length", "")

        async def receive() -> Message:
            return await self.request.receive()

        try:
            return await bodies.receive_bytes(
                receive,
                declared=int(declared) if declared.isascii() and declared.isdigit() else None,
                limit=self.limit,
                plan=self.plan,
                room=self.room,
            )
        except bodies.TooLarge:
            raise Refusal(
                "", f"at most {self.limit} bytes", status=413, title="Content Too Large"
            ) from None
        except (bodies.TooSlow, bodies.Disconnected):
            raise Refusal(
                "", "the body did not arrive in time", status=408, title="Request Timeout"
            ) from None


Handler: TypeAlias = Callable[[Call], Awaitable[Response]]


class Door:
    """Makes endpoints of handlers."""

    def __init__(self, *, gate: Gate, stores: Stores, plan: Plan, room: bodies.Room) -> None:
        self._gate = gate
        self._room = room
        self._stores = stores
        self._plan = plan

    def at(
        self, scope: str, handler: Handler, *, writes: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        """Give the endpoint of a handler for callers with a scope."""

        async def endpoint(request: Request) -> Response:
            try:
                with self._room.held() as room:
                    return await self._called(request, scope, handler, writes, room)
            except Refused as refusal:
                return _plain(refused(refusal, new_trace_id()))
            except NoPolicy:
                return _plain(pages.problem(503, "serviceUnavailable", trace_id=new_trace_id()))
            except Refusal as refusal:
                return problem(refusal, request)
            except (StoreBusy, OSError, seglog.CorruptSegment) as failure:
                trace_id = new_trace_id()
                log.error("the entities cannot be opened", reason=type(failure).__name__, trace_id=trace_id)
                extra = (("retry-after", "5"),)
                return _plain(pages.problem(503, "serviceUnavailable", trace_id=trace_id, extra=extra))

        return endpoint

    async def _called(
        self, request: Request, scope: str, handler: Handler, writes: bool, room: bodies.Held
    ) -> Response:
        caller = self._gate.admit(
            authorization=request.headers.get("authorization", ""), request=request, scope=scope
        )
        tenant = request.headers.get("ngsild-tenant", "")
        if tenant and tenant not in (caller.part.tenant.key, f"urn:uuid:{caller.part.tenant.uuid}"):
            raise Refusal(
                "NonexistentTenant", "the tenant follows from the host name; leave the header out"
            )
        if writes and caller.part.tenant.state != "active":
            raise Refusal("", "this organization only reads now", status=503, title="Service Unavailable")
        store = await self._stores.of(caller.part.tenant.key)
        store.watch(caller.part.streams)
        call = Call(
            request=request,
            caller=caller,
            store=store,
            moment=clock.now(),
            plan=self._plan,
            room=room,
            limit=min(caller.part.limits.body_bytes, self._plan.body_bytes),
        )
        if tenant:
            call.headers["NGSILD-Tenant"] = tenant
        call.accept = accepted(request.headers.get("accept", "*/*"))
        link = contexts.from_link(request.headers.get("link", ""))
        call.terms = contexts.terms_of(link, store)
        return await handler(call)


def accepted(header: str) -> str:
    """Choose the form of the answer; raises Refusal (406)."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")):
        kind, _, rest = part.strip().partition(";")
        quality = next((each.strip()[2:] for each in rest.split(";") if each.strip().startswith("q=")), "1")
        try:
            wanted.append((-float(quality), place, kind.strip().lower()))
        except ValueError:
            continue
    for negative, _place, kind in sorted(wanted):
        if negative == 0:
            continue
        if kind in ("*/*", "application/*", JSON, "", "*"):
            return JSON
        if kind in (LD_JSON, GEO_JSON):
            return kind
        if kind == "application/problem+json":
            return JSON
    raise Refusal("", f"we answer {JSON}, {LD_JSON} or {GEO_JSON}", status=406, title="Not Acceptable")


def answer(
    call: Call, content: Any, *, status: int = 200, kind: str = "", links: tuple[str, ...] = ()
) -> Response:
    """Make an answer in the wanted form: with `@context` in the body of ld+json, else in a Link header."""
    form = kind or (JSON if call.accept == GEO_JSON else call.accept)
    context = _context(call.terms)
    headers, links = dict(call.headers), tuple(links)
    if form == LD_JSON or (form == GEO_JSON and call.accept == GEO_JSON):
        content = with_context(content, context, form)
    else:
        address = next(
            (
                each
                for each in reversed(call.terms.sources)
                if isinstance(each, str) and each != CORE_CONTEXT
            ),
            CORE_CONTEXT,
        )
        links = (f'<{address}>; rel="{contexts.RELATION}"; type="{LD_JSON}"', *links)
    if links:
        headers["Link"] = ", ".join(links)
    return Response(codec.encode_json(content), status_code=status, headers=_safe(headers), media_type=form)


def with_context(content: Any, context: object, form: str = LD_JSON) -> Any:
    """Add the `@context` to an object, to each object of a list, or once to a collection of features."""
    if isinstance(content, list):
        return [{**each, "@context": context} if isinstance(each, dict) else each for each in content]
    return {**content, "@context": context} if isinstance(content, dict) else content


def _context(terms: Terms) -> object:
    return list(terms.sources) if len(terms.sources) > 1 else terms.sources[0]


def done(call: Call, *, status: int = 204, location: str = "") -> Response:
    """Make an answer without a body."""
    headers = {**call.headers, **({"Location": places.prefix(call.request) + location} if location else {})}
    return Response(status_code=status, headers=_safe(headers))


def problem(refusal: Refusal, request: Request) -> Response:
    """Make the ProblemDetails of a refusal (ETSI GS CIM 009 clause 5.5.2, RFC 9457)."""
    extra = {"Retry-After": "5"} if refusal.status in (503, 507) else {}
    if refusal.status == 415 and request.method == "PATCH":
        extra["Accept-Patch"] = f"{JSON}, {LD_JSON}, {MERGE}"
    body = codec.encode_json(refusal.as_content())
    return Response(body, status_code=refusal.status, headers=_safe(extra), media_type=pages.PROBLEM)


def _safe(headers: Mapping[str, str]) -> dict[str, str]:
    return {**headers, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def _plain(made: pages.Answer) -> Response:
    return Response(made.body, status_code=made.status, headers=dict(made.headers))
