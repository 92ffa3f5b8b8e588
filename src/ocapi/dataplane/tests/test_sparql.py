"""Questions through the data plane: formats, limits and refusals. Not covered: the W3C protocol tests."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from ocapi.dataplane.app import DataPlane
from ocapi.dataplane.tests.asgi import Got, ask, plan, running
from ocapi.dataplane.tests.test_gate import publish, publish_changed
from ocapi.lib import clock
from ocapi.lib.rdf import asking, index
from ocapi.lib.rdf.graph import Graph, Lexical
from ocapi.lib.rdf.index import Said

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ALL = "SELECT ?o { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) {" + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(9)) + "}"


def fill(folder: Path, key: str, text: str, *, count: int = 1) -> None:
    graph = Graph()
    for number in range(count):
        graph.add(f"urn:thing:{number}", "urn:says", Lexical(text))
    with index.writing(folder / "tenants" / key / "rdf") as writer:
        writer.load([Said(graph_name=f"urn:graph:{key}", subject="urn:thing", name="t", graph=graph)])
        writer.publish()


def run(folder: Path, scenario: Callable[[DataPlane], Awaitable[object]]) -> object:
    async def play() -> object:
        async with running(plan(folder)) as app:
            return await scenario(app)

    publish(folder)
    with clock.Travelling(NOW):
        return asyncio.run(play())


def asked(
    folder: Path,
    query: str,
    *,
    accept: str = "",
    method: str = "GET",
    host: bytes = b"aalter.localhost:8000",
    more: str = "",
) -> Got:
    headers = ((b"accept", accept.encode()),) if accept else ()
    found = run(
        folder,
        lambda app: ask(app, method, f"/sparql?query={quote(query)}{more}", headers=headers, host=host),
    )
    assert isinstance(found, Got)
    return found


class TestAnswer:
    @pytest.mark.parametrize(
        ("accept", "expected"),
        [
            ("", "application/sparql-results+json"),
            ("*/*", "application/sparql-results+json"),
            ("application/sparql-results+xml", "application/sparql-results+xml"),
            ("text/csv", "text/csv"),
            ("text/tab-separated-values;q=0.9, text/csv;q=0.1", "text/tab-separated-values"),
        ],
    )
    def test_comes_in_the_format_that_is_asked(self, tmp_path: Path, accept: str, expected: str) -> None:
        fill(tmp_path, "aalter", "hallo")
        got = asked(tmp_path, ALL, accept=accept)
        assert (got.status, got.headers["content-type"].partition(";")[0]) == (200, expected)
        assert b"hallo" in got.body
        assert got.headers["access-control-allow-origin"] == "*"

    @pytest.mark.parametrize("accept", ["text/turtle", "application/n-triples", "application/ld+json"])
    def test_is_statements_for_construct(self, tmp_path: Path, accept: str) -> None:
        fill(tmp_path, "aalter", "hallo")
        got = asked(tmp_path, "CONSTRUCT WHERE { ?s ?p ?o }", accept=accept)
        assert (got.status, got.headers["content-type"].partition(";")[0]) == (200, accept)
        assert b"hallo" in got.body

    def test_is_of_the_organization_of_the_host_alone(self, tmp_path: Path) -> None:
        fill(tmp_path, "aalter", "van Aalter")
        fill(tmp_path, "beta", "van Beta")
        assert b"van Beta" not in asked(tmp_path, ALL).body
        graph = "SELECT * { GRAPH <urn:graph:beta> { ?s ?p ?o } }"
        assert json.loads(asked(tmp_path, graph).body)["results"]["bindings"] == []
        assert b"van Beta" in asked(tmp_path, ALL, host=b"beta.localhost").body

    def test_passes_by_what_clients_add_to_the_address(self, tmp_path: Path) -> None:
        fill(tmp_path, "aalter", "hallo")
        got = asked(tmp_path, ALL, more="&format=json&output=json&results=json&timeout=99")
        assert (got.status, b"hallo" in got.body) == (200, True)

    def test_sends_a_browser_to_the_page(self, tmp_path: Path) -> None:
        got = asked(tmp_path, ALL, accept="text/html,application/xml;q=0.9,*/*;q=0.8")
        assert (got.status, got.headers["location"].startswith("/vraag-de-data/?query=SELECT")) == (303, True)

    def test_describes_the_service_when_nothing_is_asked(self, tmp_path: Path) -> None:
        got = run(tmp_path, lambda app: ask(app, "GET", "/sparql"))
        assert isinstance(got, Got)
        assert b"sd:SPARQL11Query" in got.body


class TestRefusal:
    @pytest.mark.parametrize(
        ("query", "more", "status", "word"),
        [
            ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "", 400, b"SERVICE"),
            ("LOAD <http://127.0.0.1/>", "", 403, b"only reads"),
            ("DROP ALL", "", 403, b"only reads"),
            ("SELECT * {", "", 400, b"error at"),
            (ALL, "&default-graph-uri=x", 400, b"absolute"),
            (ALL, "&named-graph-uri=2026-11-29T00:00", 400, b"no query"),
            (ALL, "&using-graph-uri=urn:x", 403, b"only reads"),
        ],
    )
    def test_says_what_is_wrong(
        self, tmp_path: Path, query: str, more: str, status: int, word: bytes
    ) -> None:
        fill(tmp_path, "aalter", "hallo")
        got = asked(tmp_path, query, more=more)
        assert (got.status, word in got.body) == (status, True), got.body

    def test_knows_formats_it_does_not_make(self, tmp_path: Path) -> None:
        fill(tmp_path, "aalter", "hallo")
        assert asked(tmp_path, ALL, accept="image/png").status == 406

    def test_answers_no_host_of_nobody(self, tmp_path: Path) -> None:
        assert asked(tmp_path, ALL, host=b"elders.localhost").status == 421

    def test_says_so_before_anything_was_published(self, tmp_path: Path) -> None:
        got = asked(tmp_path, ALL)
        assert (got.status, b"nothing was published" in got.body) == (503, True)

    def test_ends_a_question_that_never_ends(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(asking, "WALL_SECONDS", 0.7)
        fill(tmp_path, "aalter", "hallo", count=60)
        got = asked(tmp_path, ENDLESS)
        assert (got.status, b"5 seconds" in got.body) == (503, True)
        assert got.headers["retry-after"]

    def test_lets_one_organization_wait_and_then_refuses(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ocapi.dataplane.sparql.LINE", 2)
        fill(tmp_path, "aalter", "hallo")
        fill(tmp_path, "beta", "hallo")

        async def crowd(app: DataPlane) -> list[Got]:
            target = f"/sparql?query={quote(ALL)}"
            busy = [ask(app, "GET", target) for _ in range(4)]
            return list(await asyncio.gather(*busy, ask(app, "GET", target, host=b"beta.localhost")))

        found = run(tmp_path, crowd)
        assert isinstance(found, list)
        assert sorted(each.status for each in found[:4]) == [200, 200, 429, 429]
        assert found[4].status == 200

    def test_of_an_organization_that_was_changed_by_hand(self, tmp_path: Path) -> None:
        fill(tmp_path, "aalter", "hallo")

        async def withheld() -> Got:
            async with running(plan(tmp_path)) as app:
                return await ask(app, "GET", f"/sparql?query={quote(ALL)}", host=b"aalter.localhost:8000")

        publish_changed(tmp_path, state="suspended")
        with clock.Travelling(NOW):
            got = asyncio.run(withheld())
        assert (got.status, "retry-after" in got.headers, b"hallo" in got.body) == (503, True, False)

    def test_of_a_body_that_is_too_large(self, tmp_path: Path) -> None:
        headers = ((b"content-type", b"application/sparql-query"),)
        chunks = (b"#" * (300 << 10),)
        got = run(tmp_path, lambda app: ask(app, "POST", "/sparql", headers=headers, chunks=chunks))
        assert isinstance(got, Got)
        assert got.status == 413
