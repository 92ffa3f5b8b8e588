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
from tests.proofs.isolation.filling import House
from tests.security.conftest import read_table

SCOPES = {
    "capture.list_streams": ("GET", "/ingest/v1/streams"),
    "capture.write_observations": ("POST", "/ingest/v1/streams/{stream}/observations"),
}
"""The operations of surface `dataplane` in the reviewed table, and where each is offered."""
OPEN = {(method, path) for method in ("GET", "POST", "OPTIONS") for path in ("/sparql", "/sparql/")}
"""What everybody may ask: questions over the open data of the organization of the host."""
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
    known = {(method, path.replace("{stream}", "{code}")) for method, path in SCOPES.values()}
    return sorted(map(str, reviewed ^ set(SCOPES))) + sorted(map(str, built ^ known ^ OPEN))


def _routes() -> Any:
    plane = DataPlane(_plan())
    return plane._parts.routes  # type: ignore[attr-defined]


def _plan() -> Any:
    return replace(asgi.plan(Path(settings.OCAPI.data)), static=Path(settings.OCAPI.data) / "static")


def names() -> Iterator[str]:
    """Give the cases: which token, at which host, for whose stream."""
    yield from ("question/alpha", "question/beta", "question/nowhere")
    for operation in SCOPES:
        for token in ("none", "own", "narrow", "foreign", "broken"):
            for host in ("own", "foreign", "unknown"):
                for stream in ("own", "foreign", "ghost"):
                    yield f"{operation}/{token}/{host}/{stream}"


def _question(host: str, houses: dict[str, House]) -> Wrong | None:
    """Ask for all there is at a host; it says what is its own and open, and nothing else."""
    facts = houses.get(host)
    got = asyncio.run(_ask("GET", EVERYTHING, "", facts.host if facts else "nowhere.localhost"))
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
    operation, token, host, stream = name.split("/")
    own, foreign = houses["alpha"], houses["beta"]
    tokens = {
        "none": "",
        "own": own.token,
        "narrow": own.narrow,
        "foreign": foreign.token,
        "broken": own.token[:-4] + "AAAA",
    }
    hosts = {"own": own.host, "foreign": foreign.host, "unknown": "nowhere.localhost"}
    streams = {"own": own.own["stream"], "foreign": foreign.own["stream"], "ghost": "tel-nobody"}
    method, path = SCOPES[operation]
    holder = {"own": own, "narrow": own, "foreign": foreign}.get(token)
    got = asyncio.run(_ask(method, path.format(stream=streams[stream]), tokens[token], hosts[host]))
    expected = _expected(operation, holder is not None, token, host, stream)
    if got.status != expected:
        return f"status {expected}", f"status {got.status}"
    others = [house.marks for house in houses.values() if house is not holder]
    raw = got.body.replace(streams[stream].encode(), b"")
    found = canary.found_in(raw + str(got.headers).encode(), others)
    return ("no mark of another organization", str(sorted(found))) if found else None


def _expected(operation: str, is_known: bool, token: str, host: str, stream: str) -> int:
    row = next(row for row in read_table("policy.csv") if row["operation"] == operation)
    at_home = "own" if token == "narrow" else token
    if not is_known or host not in (at_home, "unknown"):
        return 401
    if row["peer_system"] != "allow" or token == "narrow":
        return 403
    if operation == "capture.list_streams":
        return 200
    return 202 if stream == token else 404


async def _ask(method: str, path: str, token: str, host: str) -> asgi.Got:
    async with _running() as plane:
        headers = ((b"authorization", f"Bearer {token}".encode()),) if token else ()
        body = b""
        if method == "POST":
            headers = (*headers, (b"content-type", b"application/json"))
            reading = {"id": "proof", "at": clock.now().isoformat(), "value": 1.0}
            body = json.dumps({"observations": [reading]}).encode()
        return await asgi.ask(
            plane, method, path, headers=headers, chunks=(body,), host=f"{host}:8000".encode()
        )


@asynccontextmanager
async def _running() -> Any:
    async with asgi.running(_plan()) as plane:
        yield plane


CHECKS: dict[str, Callable[..., Wrong | None]] = {"plane": check}
