"""The data plane's routes with tokens of one organization at the door of another."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from ocapi.dataplane.app import DataPlane
from ocapi.dataplane.tests import asgi
from ocapi.lib import clock
from tests.proofs.isolation import canary
from tests.proofs.isolation.holding import House
from tests.security.conftest import read_table

CONTEXT, READ, WRITE = "/ngsi-ld/v1", "capture.read_entities", "capture.write_entities"
THINGS = "/sta/v1.1"
SCOPES: dict[str, tuple[tuple[str, str], ...]] = {
    "capture.list_streams": (("GET", "/ingest/v1/streams"),),
    "capture.write_observations": (("POST", "/ingest/v1/streams/{code}/observations"),),
    READ: tuple(
        ("GET", f"{CONTEXT}{path}")
        for path in (
            "/entities", "/entities/{id}", "/types", "/types/{name}", "/attributes", "/attributes/{name}",
            "/jsonldContexts", "/jsonldContexts/{name}",
        )
    ) + tuple(
        (method, f"{CONTEXT}{path}") for method, path in (
            ("POST", "/entityOperations/query"), ("GET", "/temporal/entities"),
            ("GET", "/temporal/entities/{id}"), ("POST", "/temporal/entityOperations/query"),
        )
    ) + (("GET", THINGS), ("GET", f"{THINGS}/{{path:path}}")),
    WRITE: (
        *(("POST", f"{CONTEXT}{path}") for path in ("/entities", "/entities/{id}/attrs", "/jsonldContexts")),
        *(("POST", f"{CONTEXT}/entityOperations/{name}")
          for name in ("create", "upsert", "update", "merge", "delete")),
        *((method, f"{CONTEXT}/entities/{{id}}") for method in ("PUT", "PATCH", "DELETE")),
        *((method, f"{CONTEXT}/entities/{{id}}/attrs/{{name}}") for method in ("PUT", "PATCH", "DELETE")),
        ("PATCH", f"{CONTEXT}/entities/{{id}}/attrs"), ("DELETE", f"{CONTEXT}/entities"),
        ("DELETE", f"{CONTEXT}/jsonldContexts/{{name}}"), ("POST", f"{CONTEXT}/temporal/entities"),
        ("POST", f"{CONTEXT}/temporal/entities/{{id}}/attrs"),
        ("DELETE", f"{CONTEXT}/temporal/entities/{{id}}"),
        ("DELETE", f"{CONTEXT}/temporal/entities/{{id}}/attrs/{{name}}"),
        *((method, f"{THINGS}/{{path:path}}") for method in ("POST", "PATCH", "PUT", "DELETE")),
        *((method, f"{CONTEXT}/temporal/entities/{{id}}/attrs/{{name}}/{{instance}}")
          for method in ("PATCH", "DELETE")),
    ),
    "capture.manage_subscriptions": (
        *((method, f"{CONTEXT}/subscriptions") for method in ("GET", "POST")),
        *((method, f"{CONTEXT}/subscriptions/{{id}}") for method in ("GET", "PATCH", "DELETE")),
    ),
}
"""The operations of surface `dataplane` in the reviewed table, and where each is offered."""
OPEN = {(method, path) for method in ("GET", "POST", "OPTIONS") for path in ("/sparql", "/sparql/")} | {
    ("POST", "/ingest/v1/uploads/{told}")
}
"""What asks no scope: questions over the open data of the organization of the host, and a file of readings
by a sealed pass that names its organization.
"""
PATH = "-path"
EVERYTHING = "/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D"
Wrong = tuple[str, str]


def publish(houses: dict[str, House]) -> None:
    """Write the policy snapshot of all organizations, as the worker does."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import codec, durable
    from ocapi.modules.exchange import api as exchange
    from ocapi.modules.linkeddata import api as linkeddata

    folder = Path(settings.OCAPI.data) / "snapshot"
    durable.make_directory(folder)
    durable.write_file(folder / "platform.jwk", codec.encode_json(tenants.platform_signing_key().public_jwk))
    for house in houses.values():
        with tenants.bind_tenant(house.tenant):
            exchange.publish_snapshot(now=clock.now())
            linkeddata.rebuild(now=clock.now())


def unlisted() -> list[str]:
    """Name operations of the data plane that the table has and this proof does not know, and the reverse."""
    reviewed = {row["operation"] for row in read_table("policy.csv") if row["surface"] == "dataplane"}
    built = {
        (method, route.path) for route in _routes() for method in (route.methods or ()) if method != "HEAD"
    }
    known = {place for places in SCOPES.values() for place in places}
    return sorted(map(str, reviewed ^ set(SCOPES))) + sorted(map(str, built ^ known ^ OPEN))


def _routes() -> Any:
    plane = DataPlane(_plan())
    return plane._router.routes


def _plan() -> Any:
    static = Path(settings.OCAPI.data) / "static"
    return replace(asgi.plan(Path(settings.OCAPI.data)), static=static, is_prefix_allowed=True)


def names() -> Iterator[str]:
    """Give the cases: which token, at which host, for whose thing, at which of the operation's places.

    A host with `-path` is the machine's own, with the organization in the path.
    """
    yield from ("question/alpha", "question/beta", "question/nowhere")
    yield from ("question/alpha-path", "question/beta-path")
    for operation, places in SCOPES.items():
        for token in ("none", "own", "narrow", "foreign", "broken"):
            for host in ("own", "foreign", "unknown", "own-path", "foreign-path"):
                for thing in ("own", "foreign", "ghost"):
                    yield f"{operation}/{token}/{host}/{thing}"
        for number in range(1, len(places)):
            for token, host in (("none", "own"), ("own", "own"), ("own", "foreign"), ("narrow", "own")):
                yield f"{operation}/{token}/{host}/foreign/{number}"


def _question(host: str, houses: dict[str, House]) -> Wrong | None:
    """Ask for all there is at a host; it says what is its own and open, and nothing else."""
    facts = houses.get(host.removesuffix(PATH))
    host_name = facts.host if facts else "nowhere.localhost"
    got = asyncio.run(_ask("GET", EVERYTHING, "", _place(host, facts, host_name), houses))
    if facts is None:
        return None if got.status == 421 else ("status 421", f"status {got.status}")
    found = canary.found_in(got.body, [house.marks for house in houses.values()])
    if got.status != 200 or not found:
        return "its own open data", f"status {got.status}, {len(got.body)} bytes"
    others = sorted(each for each in found if each[0] != facts.marks.key)
    return ("no mark of another organization", str(others)) if others else None


def check(name: str, houses: dict[str, House]) -> Wrong | None:
    """Ask once; what is expected follows from whose token it is."""
    if name.startswith("question/"):
        return _question(name.partition("/")[2], houses)
    operation, token, host, thing, *number = name.split("/")
    own, foreign = houses["alpha"], houses["beta"]
    tokens = {
        "none": "",
        "own": own.token,
        "narrow": own.narrow,
        "foreign": foreign.token,
        "broken": own.token[:-4] + "AAAA",
    }
    whose = {"own": own, "foreign": foreign}.get(host.removesuffix(PATH))
    place = _place(host, whose, whose.host if whose else "nowhere.localhost")
    things = {"own": own.own["stream"], "foreign": foreign.own["stream"], "ghost": "tel-nobody"}
    method, path = SCOPES[operation][int(number[0]) if number else 0]
    holder = {"own": own, "narrow": own, "foreign": foreign}.get(token)
    is_stream = path.startswith("/ingest")
    entity = f"urn:x:{things[thing]}"
    address = path.replace("{path:path}", f"Things('{things[thing]}')").format(
        code=things[thing], id=entity, name=things[thing], instance="urn:ngsi-ld:instance:1:0"
    )
    got = asyncio.run(_ask(method, address, tokens[token], place, houses))
    asked = host.removesuffix(PATH)
    expected = _expected(operation, holder is not None, token, asked, thing if is_stream else "")
    if expected and got.status != expected:
        return f"status {expected}", f"status {got.status}"
    if not expected and not (200 <= got.status < 300 or got.status in (400, 404, 405)):
        return "an answer to who may ask", f"status {got.status}"
    is_of_one = "{id}" in path or "{path" in path
    if not expected and thing != token and is_of_one and got.status not in (400, 404):
        return "status 404 (or 400) for what another organization has", f"status {got.status}"
    others = [house.marks for house in houses.values() if house is not holder]
    raw = got.body.replace(things[thing].encode(), b"")
    found = canary.found_in(raw + str(got.headers).encode().replace(things[thing].encode(), b""), others)
    return ("no mark of another organization", str(sorted(found))) if found else None


def _place(host: str, house: House | None, name: str) -> tuple[str, str]:
    """Give the host that is asked, and what stands before the path."""
    if house is None or not host.endswith(PATH):
        return name, ""
    return "localhost", f"/o/{house.tenant.key}"


def _expected(operation: str, is_known: bool, token: str, host: str, stream: str) -> int:
    """Give the status; 0 for NGSI-LD when the caller may ask, where the body decides."""
    row = next(row for row in read_table("policy.csv") if row["operation"] == operation)
    at_home = "own" if token == "narrow" else token
    if not is_known or host not in (at_home, "unknown"):
        return 401
    if row["peer_system"] != "allow" or token == "narrow":
        return 403
    if not stream:
        return 0
    if operation == "capture.list_streams":
        return 200
    return 202 if stream == token else 404


def _entity(house: House) -> bytes:
    return json.dumps({
        "id": f"urn:x:{house.own['stream']}", "type": "Tellus",
        "name": {"type": "Property", "value": house.marks.text("inner", "Tellus")},
    }).encode()


def _thing(house: House) -> bytes:
    mark = house.marks.text("inner", "Telpaal")
    return json.dumps({"@iot.id": house.own["stream"], "name": mark, "description": mark}).encode()


async def _ask(
    method: str, path: str, token: str, place: tuple[str, str], houses: dict[str, House]
) -> asgi.Got:
    """Ask once, where each organization has an entity with its marks in it."""
    host, before = place
    async with _running() as plane:
        for house in houses.values() if path.startswith((CONTEXT, THINGS)) else ():
            said = ((b"authorization", f"Bearer {house.token}".encode()),
                    (b"content-type", b"application/json"))
            kept = {f"{CONTEXT}/entities": _entity(house), f"{THINGS}/Things": _thing(house)}
            for address, made in kept.items():
                await asgi.ask(plane, "POST", address, headers=said, chunks=(made,),
                               host=f"{house.host}:8000".encode())
        headers = ((b"authorization", f"Bearer {token}".encode()),) if token else ()
        body = b""
        if method == "DELETE" and path.endswith("/entities"):
            path += "?type=Nothing"
        elif method == "GET" and path.endswith("/entities"):
            path += "?type=Tellus&lastN=5" if "temporal" in path else "?type=Tellus"
        elif path.startswith((CONTEXT, THINGS)) and method not in ("GET", "DELETE"):
            headers = (*headers, (b"content-type", b"application/json"))
            body = b'{"type":"Query","entities":[{"type":"Tellus"}]}' if path.endswith("/query") else b"{}"
            if "temporal" in path and path.endswith("/query"):
                body = body[:-1] + b',"temporalQ":{"lastN":5}}'
        elif method == "POST":
            headers = (*headers, (b"content-type", b"application/json"))
            reading = {"id": "proof", "at": clock.now().isoformat(), "value": 1.0}
            body = json.dumps({"observations": [reading]}).encode()
        return await asgi.ask(
            plane, method, before + path, headers=headers, chunks=(body,), host=f"{host}:8000".encode()
        )


@asynccontextmanager
async def _running() -> Any:
    async with asgi.running(_plan()) as plane:
        yield plane


CHECKS: dict[str, Callable[..., Wrong | None]] = {"plane": check}
