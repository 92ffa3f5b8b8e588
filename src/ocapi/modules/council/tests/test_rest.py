"""The open API of meetings and decisions, and the feed. Not covered: the guard around every API."""

import pytest

from ocapi.kernel.tenants import api as tenants
from ocapi.lib.actor import ANONYMOUS
from ocapi.lib.ldes.following import Fetched, State, follow
from ocapi.lib.rdf import lines, oracle, turtle
from ocapi.lib.rdf.graph import TYPE, of_triples
from ocapi.modules.council import api, feed, strict
from ocapi.modules.council.data import DocumentKind
from ocapi.modules.council.tests.factories import a_held_meeting, a_town, an_item, released
from ocapi.modules.council.views.public import STRICT_TYPES

REST = "/api/council/v1"
TREE = "https://w3id.org/tree#"


@pytest.fixture
def nobody(browse):
    return browse()


class TestRest:
    def test_gives_a_meeting_with_its_documents_to_everybody(self, nobody):
        town, item, _secret = a_held_meeting()
        released(town, DocumentKind.EXTRACT, item)
        found = nobody.get(f"{REST}/meetings").json()["items"][0]
        assert [each["title"] for each in found["documents"]][1] == "Retributie op het gebruik van zalen"
        again = nobody.get(found["href"].partition("localhost")[2]).json()
        assert again["id"] == found["id"]

    def test_pages_decisions_without_skipping_or_doubling(self, nobody):
        town, item, _secret = a_held_meeting()
        for _time in range(3):
            released(town, DocumentKind.EXTRACT, item)
        first = nobody.get(f"{REST}/documents?pageSize=2").json()
        second = nobody.get(first["next"].partition("localhost")[2]).json()
        versions = [each["version"] for each in first["items"] + second["items"]]
        assert (versions, "next" in second) == ([3, 2, 1], False)

    def test_gives_mandates_without_anything_but_public_facts(self, nobody):
        a_town()
        found = nobody.get(f"{REST}/bodies").json()["items"][0]
        assert {key for each in found["mandates"] for key in each} == {
            "iri",
            "name",
            "role",
            "roleIri",
            "faction",
            "startsOn",
        }

    @pytest.mark.parametrize(
        "path", ["/meetings?cursor=zz", "/documents?kind=secret", "/documents?pageSize=0"]
    )
    def test_refuses_what_it_does_not_understand(self, nobody, path):
        answer = nobody.get(REST + path)
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
        name = path.partition("?")[2].partition("=")[0]
        assert [(each["in"], each["name"]) for each in answer.json()["issues"]] == [("query", name)]

    def test_knows_nothing_of_what_is_not_public(self, nobody):
        town = a_town()
        assert nobody.get(f"{REST}/meetings/{town.meeting}").status_code == 404


class TestFeed:
    def test_meets_the_shape_of_the_agency(self, tenant, shared, capsys):
        town, item, _secret = a_held_meeting()
        released(town, DocumentKind.EXTRACT, item)
        path = shared / "data" / "decisions" / "lblod-vendor-spec" / "shacl__shacl-publication-stream.ttl"
        shapes = of_triples(turtle.parse(path.read_bytes(), format=turtle.Format.TURTLE, base_iri="urn:x"))
        graph = _page(None, "text/turtle")
        members = graph.subjects(TYPE, feed.DOCUMENT)
        broken = oracle.validate(graph, shapes)
        with capsys.disabled():
            print(f"\npublication stream: members {len(members) - len(broken)} / {len(members)}")
        assert (len(members), broken) == (2, ())

    def test_says_the_same_as_json_and_as_turtle(self, tenant):
        town, item, _secret = a_held_meeting()
        released(town, DocumentKind.EXTRACT, item)
        graphs = [_page(None, kind) for kind in ("application/ld+json", "text/turtle")]
        told = [sorted(map(str, ((s, p, v) for s, p, v in g if not s.startswith("_:")))) for g in graphs]
        assert told[0] == told[1]

    def test_leads_from_the_newest_page_to_every_member_and_keeps_full_pages(self, tenant, monkeypatch):
        monkeypatch.setattr(feed, "PAGE_SIZE", 2)
        town = a_town()
        an_item(town)
        made = [released(town, DocumentKind.AGENDA) for _time in range(5)]
        full = api.get_feed(number=1, media_type="text/turtle", actor=ANONYMOUS)
        found, address = [], "laatste"
        while address:
            graph = _page(None if address == "laatste" else int(address), "text/turtle")
            found += graph.subjects(TYPE, feed.DOCUMENT)
            older = [graph.one(each, f"{TREE}node") for each in graph.subjects(TYPE, feed.LESS)]
            address = older[0].rpartition("/")[2] if older else ""
        base = tenants.current().base_iri
        assert sorted(found) == sorted(f"{base}/id/publicatie-versie/{each}" for each in made)
        released(town, DocumentKind.AGENDA)
        assert api.get_feed(number=1, media_type="text/turtle", actor=ANONYMOUS) == full
        assert full.is_full

    def test_divides_its_pages_by_an_instant_that_is_true(self, tenant, monkeypatch):
        monkeypatch.setattr(feed, "PAGE_SIZE", 2)
        town = a_town()
        an_item(town)
        for _time in range(4):
            released(town, DocumentKind.AGENDA)
        for number in (2, 3):
            graph = _page(number, "text/turtle")
            relation = graph.subjects(TYPE, feed.LESS)[0]
            divide = graph.one(relation, f"{TREE}value").text
            older = _page(number - 1, "text/turtle")
            instants = [
                older.one(each, "http://www.w3.org/ns/prov#generatedAtTime").text
                for each in older.subjects(TYPE, feed.DOCUMENT)
            ]
            assert all(each < divide for each in instants)

    def test_answers_unknown_pages_with_404(self, nobody):
        answers = [nobody.get(f"/feeds/publicaties/{each}").status_code for each in ("0", "2", "x", "9" * 12)]
        assert answers == [404] * 4

    def test_is_empty_but_there_before_anything_is_published(self, nobody):
        answer = nobody.get("/feeds/publicaties")
        assert (answer.status_code, answer.json()["member"]) == (200, [])


class TestStrictFeed:
    def test_leads_a_reader_without_the_dialect_to_every_member_in_order(self, tenant, monkeypatch):
        for each in (feed, strict):
            monkeypatch.setattr(each, "PAGE_SIZE", 2)
        town = a_town()
        an_item(town)
        for _time in range(5):
            released(town, DocumentKind.AGENDA)
        asked, start, state = [], f"{tenant.base_iri}/feeds/besluiten", State()

        def fetch(address, tag):
            asked.append(address)
            number = address.removeprefix(start).strip("/")
            page = api.get_strict_feed(
                number=int(number) if number else None,
                media_type="application/n-triples",
                actor=ANONYMOUS,
            )
            return Fetched(graph=lines.read(page.content.decode()), tag=page.tag, is_immutable=page.is_full)

        read = [each.name for page in follow(start, fetch=fetch, state=state) for each in page]
        graphs = [_page(number, "text/turtle") for number in (1, 2, 3)]
        dialect = [name for graph in graphs for name in graph.subjects(TYPE, feed.DOCUMENT)]
        assert (len(read), sorted(read)) == (5, sorted(dialect))
        asked.clear()
        released(town, DocumentKind.AGENDA)
        resumed = State.of(state.kept())
        fresh = [each for page in follow(start, fetch=fetch, state=resumed) for each in page]
        assert (len(fresh), f"{start}/1" in asked) == (1, False)

    def test_keeps_full_pages_and_a_root_of_one_size(self, nobody, monkeypatch):
        monkeypatch.setattr(strict, "PAGE_SIZE", 2)
        town = a_town()
        an_item(town)
        empty = nobody.get("/feeds/besluiten").content
        for _time in range(3):
            released(town, DocumentKind.AGENDA)
        assert nobody.get("/feeds/besluiten").content == empty
        full, still_open = nobody.get("/feeds/besluiten/1"), nobody.get("/feeds/besluiten/2")
        assert "immutable" in full["Cache-Control"] and "immutable" not in still_open["Cache-Control"]
        again = nobody.get("/feeds/besluiten/1", headers={"if-none-match": full["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        wrong = [nobody.get(f"/feeds/besluiten/{each}").status_code for each in ("0", "3", "x", "9" * 12)]
        assert wrong == [404] * 4

    @pytest.mark.parametrize("media_type", STRICT_TYPES)
    def test_is_given_in_each_format(self, nobody, media_type):
        town = a_town()
        an_item(town)
        released(town, DocumentKind.AGENDA)
        for path in ("/feeds/besluiten", "/feeds/besluiten/1"):
            answer = nobody.get(path, headers={"accept": media_type})
            assert (answer.status_code, answer["Content-Type"]) == (200, media_type)
            assert b"EventStream" in answer.content


def _page(number, media_type):
    content = api.get_feed(number=number, media_type=media_type, actor=ANONYMOUS).content
    formats = {"text/turtle": turtle.Format.TURTLE, "application/ld+json": turtle.Format.JSON_LD}
    return of_triples(turtle.parse(content, format=formats[media_type], base_iri="urn:x"))
