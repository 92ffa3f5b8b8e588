"""Statements read from pages: hand-made cases, the vendors' examples, noise. Not covered: our own pages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib.rdf import rdfa
from ocapi.lib.rdf.graph import FIRST, RDF, REST, TYPE, XSD, Lexical

BASE = "https://page.example.org/here"
BESLUIT = "http://data.vlaanderen.be/ns/besluit#"
KNOWN = {
    "besluit": BESLUIT,
    "eli": "http://data.europa.eu/eli/ontology#",
    "mandaat": "http://data.vlaanderen.be/ns/mandaat#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
EX = "https://ex.example.org/"


def said(markup, **more):
    return list(rdfa.read(markup.encode(), base_iri=BASE, **more).graph)


def text(value, language=""):
    return Lexical(value, f"{RDF}langString", language) if language else Lexical(value)


CASES = {
    "text of an element": (
        '<p property="dc:title">Een</p>',
        [(BASE, "http://purl.org/dc/terms/title", text("Een"))],
    ),
    "language of an outer element": (
        '<div lang="nl-BE"><p property="dc:title">Een</p></div>',
        [(BASE, "http://purl.org/dc/terms/title", text("Een", "nl-be"))],
    ),
    "content before text": (
        '<p property="dc:title" content="Twee">Een</p>',
        [(BASE, "http://purl.org/dc/terms/title", text("Twee"))],
    ),
    "datatype": (
        '<p property="dc:date" datatype="xsd:date" content="2026-01-01">x</p>',
        [(BASE, "http://purl.org/dc/terms/date", Lexical("2026-01-01", f"{XSD}date"))],
    ),
    "an empty datatype makes plain text": (
        '<p property="dc:title" datatype="">a <b>b</b></p>',
        [(BASE, "http://purl.org/dc/terms/title", text("a b"))],
    ),
    "href as object": (
        '<a property="dc:source" href="/x">x</a>',
        [(BASE, "http://purl.org/dc/terms/source", "https://page.example.org/x")],
    ),
    "resource before href": (
        f'<a property="dc:source" resource="{EX}1" href="/x">x</a>',
        [(BASE, "http://purl.org/dc/terms/source", f"{EX}1")],
    ),
    "typed object carries on": (
        f'<div property="dc:creator" resource="{EX}1" typeof="foaf:Person">'
        '<i property="foaf:name">A</i></div>',
        [
            (BASE, "http://purl.org/dc/terms/creator", f"{EX}1"),
            (f"{EX}1", TYPE, "http://xmlns.com/foaf/0.1/Person"),
            (f"{EX}1", "http://xmlns.com/foaf/0.1/name", text("A")),
        ],
    ),
    "vocabulary for names without a prefix": (
        f'<div vocab="{EX}" typeof="Thing" resource="{EX}1"><i property="name">A</i></div>',
        [(f"{EX}1", TYPE, f"{EX}Thing"), (f"{EX}1", f"{EX}name", text("A"))],
    ),
    "names without vocabulary say nothing": ('<p property="name">A</p>', []),
    "rel waits for what follows": (
        f'<div about="{EX}1" rel="dc:hasPart"><p about="{EX}2"></p><p about="{EX}3"></p></div>',
        [
            (f"{EX}1", "http://purl.org/dc/terms/hasPart", f"{EX}2"),
            (f"{EX}1", "http://purl.org/dc/terms/hasPart", f"{EX}3"),
        ],
    ),
    "rev turns around": (
        f'<a about="{EX}1" rev="dc:hasPart" href="{EX}2">x</a>',
        [(f"{EX}2", "http://purl.org/dc/terms/hasPart", f"{EX}1")],
    ),
    "prefixes are declared on the way": (
        f'<div prefix="ex: {EX}"><p property="ex:p" resource="ex:1"></p></div>',
        [(BASE, f"{EX}p", f"{EX}1")],
    ),
    "old declarations of prefixes": (
        f'<div xmlns:ex="{EX}"><p property="ex:p">A</p></div>',
        [(BASE, f"{EX}p", text("A"))],
    ),
    "base of the page": (
        f'<html><head><base href="{EX}dir/"></head><body>'
        '<a property="dc:source" href="y">y</a></body></html>',
        [(f"{EX}dir/", "http://purl.org/dc/terms/source", f"{EX}dir/y")],
    ),
    "time without a datatype": (
        '<time property="dc:date" datetime="2026-01-01T10:00:00Z">x</time>',
        [(BASE, "http://purl.org/dc/terms/date", Lexical("2026-01-01T10:00:00Z", f"{XSD}dateTime"))],
    ),
    "rel of a link in the head says nothing": ('<link rel="stylesheet" href="/x.css">', []),
    "several properties at once": (
        '<p property="dc:title foaf:name">A</p>',
        [
            (BASE, "http://purl.org/dc/terms/title", text("A")),
            (BASE, "http://xmlns.com/foaf/0.1/name", text("A")),
        ],
    ),
}


class TestRead:
    @pytest.mark.parametrize("case", CASES)
    def test_understands(self, case):
        markup, expected = CASES[case]
        assert sorted(map(str, said(markup))) == sorted(map(str, expected))

    def test_reads_a_list_in_order(self):
        graph = rdfa.read(
            (
                f'<div about="{EX}1"><i property="dc:hasPart" inlist>a</i>'
                '<i property="dc:hasPart" inlist>b</i></div>'
            ).encode(),
            base_iri=BASE,
        ).graph
        head = graph.one(f"{EX}1", "http://purl.org/dc/terms/hasPart")
        assert [each.text for each in graph.members(head)] == ["a", "b"]
        assert graph.one(head, FIRST) and graph.one(head, REST)

    def test_reports_an_unknown_prefix_with_its_line_and_keeps_the_name(self):
        page = rdfa.read(b'<div>\n<p property="besluit:titel">A</p></div>', base_iri=BASE)
        assert [(each.line, each.code, each.detail) for each in page.doubts] == [
            (2, "unknownPrefix", "besluit:titel")
        ]
        assert [p for _s, p, _v in page.graph] == ["besluit:titel"]

    def test_takes_prefixes_that_a_page_forgot(self):
        assert said('<p property="besluit:titel">A</p>', prefixes=KNOWN)[0][1] == f"{BESLUIT}titel"

    def test_reports_an_id_that_stands_twice(self):
        page = rdfa.read(b'<p id="a"></p><p id="a"></p>', base_iri=BASE)
        assert [each.code for each in page.doubts] == ["doubleId"]

    def test_reports_a_name_that_is_no_iri(self):
        page = rdfa.read(b'<p about="https://x.example.org/a b" property="dc:title">A</p>', base_iri=BASE)
        assert [each.code for each in page.doubts] == ["notAnIri"]

    def test_refuses_what_is_too_large_or_too_deep(self):
        with pytest.raises(rdfa.UnreadablePage, match="tooLarge"):
            rdfa.read(b"x" * (rdfa.MAX_BYTES + 1), base_iri=BASE)
        deep = b"<div property='dc:title'>" * 5_000
        try:
            found = rdfa.read(deep, base_iri=BASE)
        except rdfa.UnreadablePage:
            return
        assert len(found.doubts) <= rdfa.MAX_FINDINGS

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.sampled_from(
                [
                    "<div",
                    "<p",
                    ">",
                    "</div>",
                    ' property="dc:title"',
                    ' about="[x:y]"',
                    ' resource="_:a"',
                    ' rel="dc:source"',
                    ' typeof=""',
                    ' vocab=""',
                    ' prefix="a: b c: d e"',
                    " inlist",
                    "é",
                    "\0",
                    '"',
                    "<!--",
                    "&#x0;",
                    ' href="http://["',
                ]
            ),
            max_size=30,
        )
    )
    def test_survives_noise(self, parts):
        try:
            rdfa.read("".join(parts).encode(), base_iri=BASE)
        except rdfa.UnreadablePage as refused:
            assert refused.reason in ("tooDeep", "notHtml")


class TestVendorExamples:
    def test_are_read_with_the_chain_they_show(self, shared, capsys):
        folder = shared / "data" / "decisions" / "lblod-vendor-spec"
        expected = {
            "meldingsplicht-annotaties__voorbeeld-besluitenlijst-met-stemming": ("Stemming", 3),
            "meldingsplicht-annotaties__voorbeeld-besluitenlijst": ("Zitting", 1),
            "meldingsplicht-annotaties__voorbeeld-budget": ("Besluit", 1),
            "meldingsplicht-annotaties__voorbeeld-rdfa-met-link-bestuurseenheid": ("Besluit", 1),
            "meldingsplicht-annotaties__voorbeeld-reglement": ("Artikel", 1),
            "bijlagen-annotaties__voorbeeld-besluit-met-geannoteerde-bijlage": ("Besluit", 2),
            "bijlagen-annotaties__voorbeeld-besluit-met-pdf-bijlage": ("Artikel", 1),
            "bijlagen-annotaties__voorbeeld-besluit-met-pdf-bijlage-als-onderdeel": ("Artikel", 1),
            "publicatie-annotaties__voorbeeld-rdfa-document-link-publicatie": ("Zitting", 1),
            "publicatie-annotaties__voorbeeld-rdfa-document-zitting-relatie-een-pagina": ("Zitting", 1),
            "publicatie-annotaties__voorbeeld-rdfa-document-zitting-relatie-hyperlink": ("Zitting", 1),
        }
        failed = []
        for name, (kind, count) in expected.items():
            raw = (folder / f"{name}.html").read_bytes()
            graph = rdfa.read(raw, base_iri=BASE, prefixes=KNOWN).graph
            found = [s for s, p, v in graph if p == TYPE and v == f"{BESLUIT}{kind}"]
            if len(found) != count:
                failed.append((name, kind, len(found)))
        with capsys.disabled():
            print(f"\nrdfa vendor examples: {len(expected) - len(failed)} / {len(expected)}")
        assert failed == []
