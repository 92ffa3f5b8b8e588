"""The data plane as one ASGI application: its own parts, static files, and the front door for the rest."""

import asyncio
from contextlib import AsyncExitStack

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ocapi.dataplane import pages, wake
from ocapi.dataplane.context import part as context
from ocapi.dataplane.context.door import Door, problem
from ocapi.dataplane.context.errors import missing
from ocapi.dataplane.context.history import Histories, keep_tidy
from ocapi.dataplane.context.notifying import Notifiers
from ocapi.dataplane.context.store import Stores
from ocapi.dataplane.front import Front, new_trace_id, send_answer
from ocapi.dataplane.gate import Gate
from ocapi.dataplane.ingest import Inboxes, Ingest, as_response, keep_inboxes_tidy
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
PARTS = frozenset({"fsc", "r1", "ingest", "ngsi-ld", "ogc", "ldes", "sparql", "sta"})

COLLECT_AFTER = (50_000, 20, 50)  # objects, young and middle rounds: a fifth of the work of capture otherwise
"""How seldom this process looks for cycles: what it holds by the million has none."""


class DataPlane:
    """Chooses who answers by the first part of the path; a part that is not built yet answers 404."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.policy = Policy(plan.data / "snapshot")
        self.front = Front(plan, owner_of=self._owner_of)
        self._inboxes = Inboxes(plan.data)
        self._stores = Stores(plan.data)
        self._notifiers = Notifiers(self.policy)
        self._stores.on_open.append(self._notifiers.opened)
        self._columns = Columns()
        histories = Histories(self._columns)
        gate = Gate(self.policy)
        ingest = Ingest(gate=gate, inboxes=self._inboxes, plan=plan)
        door = Door(gate=gate, stores=self._stores, plan=plan)
        self._uploads = Uploads(policy=self.policy, plan=plan)
        sparql = Sparql(policy=self.policy, plan=plan)
        sensor_things = SensorThings(histories, mqtt_endpoint=_mqtt_endpoint(plan))
        self.intake = taking = Intake(self._stores, sensor_things.numbers)
        self.devices = Listener(gate=gate, stores=self._stores, taking=taking, histories=histories, plan=plan)
        self.bridges = Bridges(
            policy=self.policy, gate=gate, taking=taking, data=plan.data, sealer=plan.sealer
        )
        self._router = Router(
            routes=[*ingest.routes(), *self._uploads.routes(), *sparql.routes(),
                    *context.routes(door, self._notifiers, histories), *sensor_things.routes(door)],
            default=_no_such_part,
            redirect_slashes=False,
        )
        self._parts: ASGIApp = context.BothSlashForms(self._router)
        self._static: ASGIApp = Static(plan.static)
        self._refusals = Refusals()
        self._running = AsyncExitStack()

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
        durable.make_directory(self._plan.run)
        durable.make_directory(self._plan.static)
        self.policy.refresh()
        front = await wake.listen(self._plan.run / "front.sock", self.front.heard)
        snapshot = await wake.listen(self._plan.run / "snapshot.sock", self.policy.wake)
        self._running.callback(front.close)
        self._running.callback(snapshot.close)
        for work in (
            self.policy.follow(), self.front.generations.follow(), keep_tidy(self._stores),
            keep_inboxes_tidy(self._inboxes, self._plan.data, self._known),
        ):
            self._running.callback(asyncio.create_task(work).cancel)
        self._running.push_async_callback(self.front.close)
        self._running.callback(self._inboxes.close)
        self._running.callback(self._uploads.close)
        self._running.push_async_callback(self._stores.close)
        self._running.push_async_callback(self._notifiers.close)
        self._running.push_async_callback(self._columns.close)
        await self.devices.start()
        self._running.push_async_callback(self.devices.stop)
        self._running.callback(asyncio.create_task(self.bridges.follow()).cancel)
        opening = asyncio.create_task(self._stores.open_known(self._known()))
        self._running.callback(opening.cancel)

    async def stop(self) -> None:
        """Close everything `start` opened."""
        await self._running.aclose()

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

        async def sending(message: Message) -> None:
            nonlocal is_begun
            is_begun = True
            if message["type"] == "http.response.start":
                first = scope["path"][1:].partition("/")[0]
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
        first = scope["path"][1:].partition("/")[0]
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
        await self.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})


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
