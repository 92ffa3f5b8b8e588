"""The W3C tests of the SPARQL 1.1 Protocol: the manifest read, and each test played on the data plane.

A test counts when every request of it gets the status and the body that the manifest asks. An answer in the
4xx range counts only with a body that says why.
"""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from ocapi.dataplane.app import DataPlane
from ocapi.dataplane.tests.asgi import Got, ask, plan, running
from ocapi.lib import clock, codec, durable, snapshot
from ocapi.lib.rdf import index, turtle
from ocapi.lib.rdf.graph import Graph, Lexical, of_triples
from ocapi.lib.rdf.index import Said
from ocapi.lib.snapshot import Limits, TenantEntry, TenantPart

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
BASE = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/protocol/manifest"
DATA = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
TENANT = UUID("01a20aee-1434-734a-989a-71178ea18aaf")
FORMATS = {
    "boolean": ("application/sparql-results+json", "application/sparql-results+xml"),
    "tabular": ("application/sparql-results+json", "application/sparql-results+xml", "text/csv"),
    "RDF": ("text/turtle", "application/rdf+xml", "application/n-triples"),
}


@dataclass(frozen=True)
class Case:
    """One request of a test."""

    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    statuses: tuple[int, ...]
    boolean: str
    format: str


def cases(folder: Path) -> dict[str, list[Case]]:
    """Give the requests of every test by its name, in the order of the manifest."""
    raw = (folder / "manifest.ttl").read_bytes()
    graph = of_triples(turtle.parse(raw, format=turtle.Format.TURTLE, base_iri=BASE))
    (entries,) = [each for s, p, each in graph if p == f"{MF}entries"]
    found = {}
    for entry in graph.members(entries):
        action = graph.one(entry, f"{MF}action")
        requests = graph.members(graph.one(action, f"{HT}requests"))
        found[str(entry).rpartition("#")[2]] = [_case(graph, each) for each in requests]
    return found


def _text(graph: Graph, subject: object, predicate: str) -> str:
    value = graph.one(subject, predicate)
    return value.text if isinstance(value, Lexical) else ""


def _case(graph: Graph, request: object) -> Case:
    body = graph.one(request, f"{HT}body")
    encoding = _text(graph, body, f"{CNT}characterEncoding") if body else "utf-8"
    head = graph.one(request, f"{HT}headers")
    headers = [
        (_text(graph, each, f"{HT}fieldName").encode(), _text(graph, each, f"{HT}fieldValue").encode())
        for each in (graph.members(head) if head else ())
    ]
    answer = graph.one(request, f"{HT}resp")
    statuses = [str(each).rpartition("StatusCode")[2] for each in graph.values(answer, f"{MF}expectedStatus")]
    return Case(
        method=_text(graph, request, f"{HT}methodName"),
        target=_text(graph, request, f"{HT}absolutePath"),
        headers=tuple(headers),
        body=_text(graph, body, f"{CNT}chars").encode(encoding) if body else b"",
        statuses=tuple(int(each[0]) for each in statuses),
        boolean=_text(graph, answer, f"{MF}expectedBoolean"),
        format=_text(graph, answer, f"{MF}expectedFormat"),
    )


def prepare(data: Path, folder: Path) -> None:
    """Publish a policy and an index with the graphs of the tests."""
    key = ec.generate_private_key(ec.SECP256R1())
    entry = TenantEntry(uuid=TENANT, key="aalter", hosts=("aalter.localhost",))
    part = TenantPart(tenant=entry, grants=(), streams=(), limits=Limits(requests_per_minute=600))
    snapshot.write_index(data / "snapshot", parts=(part,), generation=1, key=key, now=clock.now())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    jwk = ECKey.import_key(pem).as_dict(private=False) | {"kid": "k1"}
    durable.write_file(data / "snapshot" / "platform.jwk", codec.encode_json(jwk))
    with index.writing(data / "tenants" / "aalter" / "rdf") as writer:
        for number in (1, 2, 3):
            raw = (folder / f"data{number}.nt").read_bytes()
            graph = of_triples(turtle.parse(raw, format=turtle.Format.N_TRIPLES, base_iri=BASE))
            name = DATA.format(number)
            writer.load([Said(graph_name=name, subject=name, name=f"d{number}", graph=graph)])
        writer.publish()


async def play(data: Path, folder: Path) -> dict[str, str]:
    """Give what is wrong with every test, empty when it passes."""
    async with running(plan(data)) as app:
        return {name: await _wrong(app, each) for name, each in cases(folder).items()}


async def _wrong(app: DataPlane, requests: list[Case]) -> str:
    for case in requests:
        got = await ask(app, case.method, case.target, headers=case.headers, chunks=(case.body,))
        said = _judged(case, got)
        if said:
            return said
    return ""


def _judged(case: Case, got: Got) -> str:
    if got.status // 100 not in case.statuses:
        return f"status {got.status}"
    if got.status >= 400 and not got.body:
        return "nothing said"
    media_type = got.headers.get("content-type", "").partition(";")[0]
    if case.format and media_type not in FORMATS[case.format]:
        return f"format {media_type}"
    if case.boolean and json.loads(got.body).get("boolean") is not (case.boolean == "true"):
        return "another answer"
    return ""


def run(data: Path, folder: Path) -> dict[str, str]:
    """Prepare and play."""
    prepare(data, folder)
    return asyncio.run(play(data, folder))
