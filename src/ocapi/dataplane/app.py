"""The data plane as one ASGI application: its own parts, static files, and the front door for the rest."""

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ocapi.dataplane import pages, places, wake
from ocapi.dataplane.bodies import Room
from ocapi.dataplane.context import part as context
from ocapi.dataplane.context.door import Door, problem
from ocapi.dataplane.context.errors import missing
from ocapi.dataplane.context.history import Histories, keep_tidy
from ocapi.dataplane.context.notifying import Notifiers
from ocapi.dataplane.context.store import Stores
from ocapi.dataplane.front import Front, new_trace_id, send_answer
from ocapi.dataplane.gate import Gate
from ocapi.dataplane.ingest import Inboxes, Ingest, as_response, keep_inboxes_tidy
from ocapi.dataplane.members.between import Between
from ocapi.dataplane.members.holding import Holding, WrongDisk
from ocapi.dataplane.members.routing import Routing
from ocapi.dataplane.mqtt.bridging import Bridges
from ocapi.dataplane.mqtt.intake import Intake
from ocapi.dataplane.mqtt.listening import Listener
from ocapi.dataplane.plan import Plan
from ocapi.dataplane.query import Columns
from ocapi.dataplane.refusals import Refusals
from ocapi.dataplane.sensorthings.part import BASE as SENSORTHINGS
from ocapi.dataplane.sensorthings.part import SensorThings
from ocapi.dataplane.snapshot import NoPolicy, Policy
from ocapi.dataplane.sparql import Sparql
from ocapi.dataplane.static import Static
from ocapi.dataplane.uploads import Uploads
from ocapi.lib import durable

log = structlog.get_logger("dataplane")
LOOK_AGAIN_S = 1.0  # at what this member is to hold
PARTS = frozenset({"between", "fsc", "r1", "ingest", "ngsi-ld", "ogc", "ldes", "sparql", "sta"})

COLLECT_AFTER = (50_000, 20, 50)  # objects, young and middle rounds: a fifth of the work of capture otherwise
"""How seldom this process looks for cycles: what it holds by the million has none."""


class ByPart:
    """Routes by the first part of the path, so that none is compared with those of other parts."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._routers: dict[str, Router] = {}
        self.add(routes)

    def add(self, routes: Iterable[BaseRoute]) -> None:
        """Add routes."""
        for each in routes:
            part = _part_of(getattr(each, "path", ""))
            if part not in self._routers:
                self._routers[part] = Router(default=_no_such_part, redirect_slashes=False)
            self._routers[part].routes.append(each)

    @property
    def routes(self) -> list[BaseRoute]:
        """Every route of every part."""
        return [each for router in self._routers.values() for each in router.routes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._routers.get(_part_of(scope["path"]), _no_such_part)(scope, receive, send)


class DataPlane:
    """Chooses who answers by the first part of the path; a part that is not built yet answers 404."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.policy = Policy(plan.data / "snapshot")
        self.front = Front(plan, owner_of=self._owner_of)
        self._holding = Holding(plan) if plan.membership is not None else None
        self._inboxes = Inboxes(plan.logs)
        self._stores = Stores(plan.data, home=self._holding, store=plan.shelf)
        self._notifiers = Notifiers(self.policy)
        self._stores.on_open.append(self._notifiers.opened)
        self._stores.on_release.append(self._notifiers.release)
        self._columns = Columns()
        histories = Histories(self._columns)
        gate = Gate(self.policy)
        room = Room(plan.bodies_memory_bytes)
        ingest = Ingest(gate=gate, inboxes=self._inboxes, plan=plan, room=room)
        door = Door(gate=gate, stores=self._stores, plan=plan, room=room)
        self._uploads = Uploads(policy=self.policy, plan=plan)
        sparql = Sparql(policy=self.policy, plan=plan)
        sensor_things = SensorThings(histories, mqtt_endpoint=_mqtt_endpoint(plan))
        self.intake = taking = Intake(self._stores, sensor_things.numbers)
        is_own = self._holding.is_own if self._holding is not None else lambda tenant: True
        self.devices = Listener(
            gate=gate, stores=self._stores, taking=taking, histories=histories, plan=plan, is_own=is_own
        )
        self.bridges = Bridges(
            policy=self.policy, gate=gate, taking=taking, data=plan.data, sealer=plan.sealer,
            is_own=is_own,
        )
        self._router = ByPart([
            *ingest.routes(), *self._uploads.routes(), *sparql.routes(),
            *context.routes(door, self._notifiers, histories), *sensor_things.routes(door),
        ])
        self._parts: ASGIApp = context.BothSlashForms(self._router)
        self._routing: Routing | None = None
        if self._holding is not None:
            self._join(self._holding, gate)
        self._static: ASGIApp = Static(plan.static)
        self._refusals = Refusals()
        self._running = AsyncExitStack()

    def _join(self, holding: Holding, gate: Gate) -> None:
        """Be one of several members: answer the others, and hand on what is theirs."""
        signer = self._plan.signer
        between = Between(
            holding=holding, stores=self._stores, inboxes=self._inboxes, signer=signer
        )
        self._router.add(between.routes())
        self._parts = self._routing = Routing(
            self._parts, gate=gate, holding=holding, signer=signer, plan=self._plan
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI connection."""
        if scope["type"] == "http":
            await self._guarded(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1003})

    async def start(self) -> None:
        """Open sockets and begin to follow snapshot and generations."""
        if self._holding is not None:
            self._holding.claim()
            self._running.callback(self._holding.close)
        durable.make_directory(self._plan.run)
        durable.make_directory(self._plan.static)
        self.policy.refresh()
        front = await wake.listen(self._plan.run / "front.sock", self.front.heard)
        snapshot = await wake.listen(self._plan.run / "snapshot.sock", self.policy.wake)
        self._running.callback(front.close)
        self._running.callback(snapshot.close)
        mine = self._keep_what_is_held() if self._holding else keep_inboxes_tidy(
            self._inboxes, self._plan.data, self._known
        )
        for work in (
            self.policy.follow(), self.front.generations.follow(), keep_tidy(self._stores), mine
        ):
            self._running.callback(asyncio.create_task(work).cancel)
        self._running.push_async_callback(self.front.close)
        if self._routing is not None:
            self._running.push_async_callback(self._routing.close)
        self._running.callback(self._inboxes.close)
        self._running.callback(self._uploads.close)
        self._running.push_async_callback(self._stores.close)
        self._running.push_async_callback(self._notifiers.close)
        self._running.push_async_callback(self._columns.close)
        await self.devices.start()
        self._running.push_async_callback(self.devices.stop)
        self._running.callback(asyncio.create_task(self.bridges.follow()).cancel)
        if self._holding is None:
            opening = asyncio.create_task(self._stores.open_known(self._known()))
            self._running.callback(opening.cancel)

    async def stop(self) -> None:
        """Close everything `start` opened."""
        await self._running.aclose()

    async def _keep_what_is_held(self) -> None:
        """Open what this member is to hold as soon as it is to; until cancelled."""
        assert self._holding is not None
        while True:
            await self._stores.open_known(filter(self._holding.is_own, self._known()))
            await asyncio.sleep(LOOK_AGAIN_S)

    def _known(self) -> list[str]:
        """Give the organizations of the policy snapshot; none without one."""
        try:
            return sorted(self.policy.current().parts)
        except NoPolicy:
            return []

    def _owner_of(self, host: str) -> str:
        """Give the organization of a host by the policy snapshot; without one each host stands for itself."""
        try:
            return self.policy.current().hosts.get(host, "")
        except NoPolicy:
            return host

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and turn a fault of ours into a page without a word about its cause."""
        is_begun = False
        if self._plan.is_prefix_allowed:
            scope = places.below(scope, parts=PARTS, known=self._known())

        async def sending(message: Message) -> None:
            nonlocal is_begun
            is_begun = True
            if message["type"] == "http.response.start":
                first = _part_of(scope["path"])
                self._refusals.note(first if first in PARTS else "page", message["status"])
            await send(message)

        try:
            await self._answer(scope, receive, sending)
        except Exception:  # the loop of this process: one bad request may not end it
            trace_id = new_trace_id()
            log.exception("request failed", trace_id=trace_id)
            if not is_begun:
                await send_answer(send, pages.page(500, trace_id=trace_id), method=scope["method"])

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        first = _part_of(scope["path"])
        if first in PARTS:
            await self._parts(scope, receive, send)
        elif first == "static" and scope["method"] in ("GET", "HEAD"):
            inner = dict(scope, root_path=scope.get("root_path", "") + "/static")
            try:
                await self._static(inner, receive, send)
            except HTTPException as refusal:
                status = refusal.status_code if refusal.status_code in pages.TEXTS else 404
                await send_answer(send, pages.page(status, trace_id=new_trace_id()), method=scope["method"])
        elif scope["path"] == "/health":
            answer = pages.json_answer(200, {"status": "UP"}, trace_id=new_trace_id())
            await send_answer(send, answer, method=scope["method"])
        else:
            await self.front(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.start()
        except WrongDisk as refusal:
            log.critical("this process may not begin", reason=str(refusal))
            await send({"type": "lifespan.startup.failed", "message": str(refusal)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})


def _part_of(path: str) -> str:
    return path[1:].partition("/")[0]


def _mqtt_endpoint(plan: Plan) -> str:
    scheme = "mqtts" if plan.mqtt_certificate else "mqtt"
    return f"{scheme}://{plan.mqtt_host}:{plan.mqtt_port}" if plan.mqtt_port > 0 else ""


async def _no_such_part(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    trace_id = new_trace_id()
    if request.url.path.startswith((context.PREFIX, SENSORTHINGS)):
        response = problem(missing("there is no such resource"), request)
    elif request.url.path.startswith("/ingest/v1/") and request.method not in ("GET", "HEAD", "POST"):
        headers = {"allow": "GET, POST", "belgov-trace-id": trace_id}
        response = Response(status_code=405, headers=headers)
    else:
        response = as_response(pages.problem(404, "resourceNotFound", trace_id=trace_id))
    await response(scope, receive, send)
