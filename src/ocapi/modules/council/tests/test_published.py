"""Documents read back as a harvester reads them, against what the Flemish profile asks.

The shapes are those of OSLO besluit-publicatie (recognized standard of 2025-12-11), of the shared data.
Not covered: who may publish (test_api), pages around a document (test_pages).
"""

import hashlib

import pytest

from ocapi.kernel.tenants import api as tenants
from ocapi.lib.actor import ANONYMOUS
from ocapi.lib.rdf import oracle, rdfa, turtle
from ocapi.lib.rdf.graph import TYPE, Lexical, of_triples
from ocapi.modules.council import api
from ocapi.modules.council.data import DocumentKind
from ocapi.modules.council.names import PREFIXES
from ocapi.modules.council.tests.factories import (
    a_held_meeting,
    a_text,
    a_town,
    an_item,
    closed,
    decided,
    opened,
    released,
)

BESLUIT, ELI, PROV, DCT = (PREFIXES[each] for each in ("besluit", "eli", "prov", "dct"))
HELD = (DocumentKind.DECISION_LIST, DocumentKind.MINUTES, DocumentKind.EXTRACT)


def published(town, kind, item=None):
    """Publish a document and give it as visitors get it."""
    release = released(town, kind, item)
    return api.get_publication(release=release, actor=ANONYMOUS)


def graph_of(publication):
    page = rdfa.read(publication.html.encode(), base_iri="https://raadpleeg.example.org/pagina")
    assert page.doubts == ()
    return page.graph


@pytest.fixture
def held(tenant):
    return a_held_meeting()


class TestDocuments:
    def test_are_the_bytes_that_were_hashed(self, held):
        town, item, _secret = held
        found = published(town, DocumentKind.EXTRACT, item)
        assert found.release.digest == hashlib.sha256(found.html.encode()).hexdigest()

    def test_have_one_heading_of_the_first_level(self, held):
        town, item, _secret = held
        assert all(published(town, kind, item).html.count("<h1") == 1 for kind in HELD)

    def test_show_what_was_typed_as_text(self, tenant):
        town = a_town()
        an_item(town, title='<script>alert("x")</script>', description="a & b")
        found = published(town, DocumentKind.AGENDA)
        assert "<script" not in found.html
        titles = graph_of(found)
        assert Lexical('<script>alert("x")</script>') in [
            value for _s, p, value in titles if p == f"{DCT}title"
        ]


class TestChain:
    def test_leads_from_the_meeting_to_the_articles(self, held):
        town, item, _secret = held
        base = tenants.current().base_iri
        graph = graph_of(published(town, DocumentKind.EXTRACT, item))
        meeting, point = f"{base}/id/zitting/{town.meeting}", f"{base}/id/agendapunt/{item}"
        handling = graph.subjects(f"{DCT}subject", point)
        assert graph.values(meeting, f"{BESLUIT}behandelt") == [point]
        assert handling == [f"{base}/id/behandeling/{item}"]
        decision = graph.one(handling[0], f"{PROV}generated")
        assert f"{BESLUIT}Besluit" in graph.values(decision, TYPE)
        assert len(graph.values(decision, f"{ELI}has_part")) == 2
        assert len(graph.values(handling[0], f"{BESLUIT}heeftStemming")) == 1

    def test_names_the_wider_kinds_of_a_decision_too(self, held):
        town, item, _secret = held
        graph = graph_of(published(town, DocumentKind.EXTRACT, item))
        decision = graph.subjects(TYPE, f"{BESLUIT}Besluit")[0]
        kinds = [each for each in graph.values(decision, TYPE) if "/BesluitType/" in each]
        assert len(kinds) == 2

    def test_lets_a_regulation_be_in_force_five_days_after_publication(self, held):
        town, item, _secret = held
        graph = graph_of(published(town, DocumentKind.EXTRACT, item))
        decision = graph.subjects(TYPE, f"{BESLUIT}Besluit")[0]
        days = {
            graph.one(decision, f"{ELI}{name}").text
            for name in ("date_publication", "first_date_entry_in_force")
        }
        assert days == {"2026-11-23", "2026-11-28"}

    def test_has_one_document_with_its_kind_and_body_in_time(self, held):
        town, _item, _secret = held
        for kind, name in (
            (DocumentKind.DECISION_LIST, "heeftBesluitenlijst"),
            (DocumentKind.MINUTES, "heeftNotulen"),
        ):
            graph = graph_of(published(town, kind))
            document = graph.one(graph.subjects(TYPE, f"{BESLUIT}Zitting")[0], f"{BESLUIT}{name}")
            assert len(graph.values(document, f"{DCT}type")) == 1
            body = graph.one(document, f"{ELI}passed_by")
            assert graph.one(body, "http://data.vlaanderen.be/ns/mandaat#isTijdspecialisatieVan")

    def test_keeps_secret_votes_secret(self, held):
        town, _item, secret = held
        graph = graph_of(published(town, DocumentKind.MINUTES))
        handling = f"{tenants.current().base_iri}/id/behandeling/{secret}"
        vote = graph.one(handling, f"{BESLUIT}heeftStemming")
        assert graph.one(vote, f"{BESLUIT}geheim").text == "true"
        assert graph.one(vote, f"{BESLUIT}aantalVoorstanders").text == "3"
        assert graph.values(vote, f"{BESLUIT}heeftVoorstander") == []


class TestProfile:
    def test_is_met_by_every_document_of_a_public_meeting(self, tenant, shared, capsys):
        shapes = _shapes(shared)
        town = a_town()
        item, second = an_item(town), an_item(town, title="Naam van een straat")
        opened(town)
        decided(town, item)
        decided(town, second, text=a_text(type="other", title="Naam van een straat"))
        closed(town)
        results = {
            kind: _broken(graph_of(published(town, kind, item)), shapes)
            for kind in (DocumentKind.EXTRACT, DocumentKind.MINUTES)
        }
        passed = sum(not found for found in results.values())
        with capsys.disabled():
            print(f"\nbesluit-publicatie: documents {passed} / {len(results)}")
        assert results == {DocumentKind.EXTRACT: (), DocumentKind.MINUTES: ()}

    def test_would_notice_a_document_without_its_motivation(self, held, shared):
        town, item, _secret = held
        graph = graph_of(published(town, DocumentKind.EXTRACT, item))
        decision = graph.subjects(TYPE, f"{BESLUIT}Besluit")[0]
        del graph.things[decision][f"{BESLUIT}motivering"]
        assert any("motivering" in found.path for found in _broken(graph, _shapes(shared)))


def _shapes(shared):
    path = shared / "data" / "oslo" / "profiles" / "besluit-publicatie" / "shacl.repaired.ttl"
    return of_triples(turtle.parse(path.read_bytes(), format=turtle.Format.TURTLE, base_iri="urn:x"))


def _broken(graph, shapes):
    return oracle.validate(graph, shapes)
