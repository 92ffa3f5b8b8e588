"""Contexts are read and objects expanded. Not covered: what shapes say of them."""

import re
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ocapi.lib import codec
from ocapi.lib.jsonld import context as contexts
from ocapi.lib.jsonld.expansion import MAX_DEPTH, MAX_VALUES, NotLinkedData, expand
from ocapi.lib.profile import lint
from ocapi.lib.rdf import lines, turtle
from ocapi.lib.rdf.graph import LANG_STRING, Graph, Lexical, of_triples
from ocapi.lib.rdf.writing import NotWritable, Written, write

NS = "https://voorbeeld.be/ns#"
PLAIN = {
    "ex": NS,
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "Unit": "ex:Unit",
    "name": {"@id": "ex:name"},
    "title": {"@id": "ex:title", "@language": "nl"},
    "titles": {"@id": "ex:title", "@container": "@language"},
    "from": {"@id": "ex:from", "@type": "xsd:date"},
    "part": {"@id": "ex:part", "@type": "@id", "@container": "@set"},
    "order": {"@id": "ex:order", "@container": "@list"},
    "partOf": {"@reverse": "ex:part"},
    "kind": "@type",
    "id": "@id",
    "state": {"@id": "ex:state", "@type": "@vocab"},
    "Open": "ex:Open",
    "size": "ex:size",
}
ODD = st.sampled_from(
    [
        *("name", "part", "titles", "order", "id", "kind", "state", "@id", "@type", "@value", "@language"),
        *("@list", "@set", "ex:x", "ex:a b", "_:b1", "_:", "_:a/b", "nl", "@@", "", "1a:b", "urn:a>", "a:"),
        *("https://v.be/a", "https://v.be/a b", "https://v.be/\u00e9", "Open", "\n", "\u200b"),
    ]
)
BODIES = st.recursive(
    st.one_of(ODD, st.integers(), st.none()),
    lambda inner: st.dictionaries(ODD, inner, max_size=4),
    max_leaves=6,
)
OBJECT = {
    "id": "https://voorbeeld.be/id/1",
    "kind": ["Unit", "ex:Other"],
    "name": ["een", "een", "twee"],
    "title": "Titel",
    "titles": {"fr": "Titre", "EN": ["One", "Two"]},
    "from": "2025-01-01",
    "size": [1, 2.5, 1e30, True, 3.0],
    "part": ["https://voorbeeld.be/id/2", {"id": "ex:three", "name": "drie", "partOf": {"@id": "ex:four"}}],
    "order": ["a", "b"],
    "state": "Open",
    "ex:more": {"@value": "7", "@type": "xsd:integer"},
    "https://voorbeeld.be/ns#far": {"@value": "ver", "@language": "nl"},
}


def context(terms: dict[str, object]) -> contexts.Context:
    return contexts.read(codec.encode_json({"@context": terms}))


def nameless(graph: Graph) -> list[str]:
    """Give the lines of a graph with the names of nameless things taken out."""
    return sorted(
        re.sub(r"_:\w+", "_:x", line) for line in write(graph, format=Written.N_TRIPLES).splitlines()
    )


class TestExpansion:
    def test_gives_the_graph_that_a_full_processor_gives(self) -> None:
        whole = codec.encode_json({"@context": PLAIN, **OBJECT})
        theirs = of_triples(turtle.parse(whole, format=turtle.Format.JSON_LD, base_iri="urn:x:"))
        ours = expand(OBJECT, context=context(PLAIN)).graph
        assert nameless(ours) == nameless(theirs)

    def test_gives_it_for_a_term_that_holds_in_a_class_only(self) -> None:
        terms = {"Unit": {"@id": f"{NS}Unit", "@context": {"name": f"{NS}name"}}}
        body = {"@type": "Unit", "name": "x"}
        whole = codec.encode_json({"@context": terms, **body})
        theirs = of_triples(turtle.parse(whole, format=turtle.Format.JSON_LD, base_iri="urn:x:"))
        assert nameless(expand(body, context=context(terms)).graph) == nameless(theirs)
        with pytest.raises(NotLinkedData):
            expand({"name": "x"}, context=context(terms))

    def test_reads_a_class_as_type_as_a_link_and_lang_string_as_dutch(self) -> None:
        read = context(
            {
                "of": {"@id": f"{NS}of", "@type": f"{NS}Unit"},
                "text": {"@id": f"{NS}text", "@type": LANG_STRING},
            }
        )
        graph = expand({"@id": "urn:a", "of": "urn:b", "text": "x"}, context=read).graph
        assert graph.values("urn:a", f"{NS}of") == ["urn:b"]
        assert graph.values("urn:a", f"{NS}text") == [Lexical("x", LANG_STRING, "nl")]
        assert {each.code for each in read.findings} == {"typeIsClass", "langString"}

    @pytest.mark.parametrize(
        ("body", "code", "path"),
        [
            ([], "notAnObject", "$"),
            ({"nam": "x"}, "termUnknown", "$.nam"),
            ({"part": [{"nam": 1}]}, "termUnknown", "$.part[0].nam"),
            ({"partOf": 7}, "linkExpected", "$.partOf"),
            ({"part": "twee"}, "iriRelative", "$.part"),
            ({"part": "urn:a b"}, "iriIllegal", "$.part"),
            ({"@context": {"name": "urn:x"}}, "contextInObject", "$.@context"),
            ({"@context": "https://kwaad.example/context"}, "contextUnknown", "$.@context"),
            ({"@context": "file:///etc/passwd"}, "contextUnknown", "$.@context"),
            ({"part": {"@context": "file:///etc/passwd"}}, "contextInObject", "$.part.@context"),
            ({"https://v.be/a b": "x"}, "iriIllegal", "$.https://v.be/a b"),
            ({"https://v.be/a>": "x"}, "iriIllegal", "$.https://v.be/a>"),
            ({"part": "1a:b"}, "iriIllegal", "$.part"),
            ({"part": "_:a/b"}, "iriIllegal", "$.part"),
            ({"part": "_:"}, "iriIllegal", "$.part"),
            ({"name": {"@value": "x", "@type": "_:b"}}, "iriIllegal", "$.name.@type"),
            *(
                ({"name": {"@value": "x", "@language": tag}}, "languageIllegal", "$.name")
                for tag in ("", "nl-", "nl BE", "@@", "é", "abcdefghi", "a-" * 40 + "a", 7)
            ),
            ({"name": [["x"]]}, "valueNotRead", "$.name[0]"),
            ({"name": {"@value": {}}}, "valueNotRead", "$.name"),
            ({"name": {"@value": "x", "@index": 1}}, "termUnknown", "$.name.@index"),
        ],
    )
    def test_refuses_with_the_place(self, body: object, code: str, path: str) -> None:
        with pytest.raises(NotLinkedData) as refused:
            expand(body, context=context(PLAIN))
        assert (refused.value.code, refused.value.path) == (code, path)

    def test_keeps_a_label_that_was_given_apart_from_one_that_was_made(self) -> None:
        body = {"part": [{"@id": "_:b3", "name": "x"}, {"name": "y"}]}
        graph = expand(body, context=context(PLAIN), root="urn:a").graph
        assert len(graph.things) == 3

    @given(body=BODIES)
    @settings(max_examples=150, deadline=None, phases=[Phase.generate])
    def test_gives_only_what_every_format_can_write(self, body: object) -> None:
        try:
            graph = expand(body, context=context(PLAIN), root="urn:a").graph
        except NotLinkedData:
            return
        for each in Written:
            write(graph, format=each)
        assert set(lines.read(write(graph, format=Written.N_TRIPLES))) == set(graph)

    def test_refuses_another_name_than_the_one_it_is_known_by(self) -> None:
        with pytest.raises(NotLinkedData) as refused:
            expand({"id": "urn:b"}, context=context(PLAIN), root="urn:a")
        assert refused.value.code == "otherIdentifier"

    def test_stops_at_more_values_than_can_be_compared(self) -> None:
        with pytest.raises(NotLinkedData) as refused:
            expand({"name": [str(number) for number in range(MAX_VALUES + 1)]}, context=context(PLAIN))
        assert (refused.value.code, refused.value.path) == ("tooLarge", "$.name")

    def test_stops_at_a_bomb_of_nested_things(self) -> None:
        body: dict[str, object] = {"name": "x"}
        for _ in range(MAX_DEPTH + 2):
            body = {"part": body}
        with pytest.raises(NotLinkedData) as refused:
            expand(body, context=context(PLAIN))
        assert refused.value.code == "tooLarge"


class TestContext:
    @pytest.mark.parametrize(
        ("terms", "code"),
        [
            ({"a": {"@id": "urn:a", "@type": ""}}, "typeEmpty"),
            ({"a": "http://fixme.com#a"}, "placeholder"),
            ({"a": "http://ww.w3.org/ns#a"}, "deadHost"),
            ({"a": "urn:met spatie"}, "iriIllegal"),
            ({"a": {"@id": "urn:a", "@container": "@graph"}}, "containerNotKnown"),
            ({"@import": "x"}, "keywordNotKnown"),
        ],
    )
    def test_says_what_is_wrong(self, terms: dict[str, object], code: str) -> None:
        assert code in {each.code for each in context(terms).findings}

    def test_says_where_it_is_no_json(self) -> None:
        read = contexts.read(b'{"@context": {\n "a": "urn:a",\n}}')
        assert not read.is_usable
        assert "line 3" in read.findings[0].detail

    def test_tells_of_a_term_that_stands_twice(self) -> None:
        read = contexts.read(b'{"@context": {"a": "urn:a", "a": "urn:b"}}')
        assert [each.code for each in read.findings] == ["termTwice"]
        assert read.terms["a"].iri == "urn:b"

    def test_never_fetches_a_context_it_names(self) -> None:
        read = contexts.read(b'{"@context": ["https://voorbeeld.be/context", {"a": "urn:a"}]}')
        assert [each.code for each in read.findings if each.is_fatal] == ["remoteContext"]

    def test_of_a_whole_profile_expands_as_a_full_processor_does(self, shared: Path) -> None:
        raw = (shared / "data/oslo/profiles/observaties-en-metingen/context.jsonld").read_bytes()
        read = contexts.read(raw)
        assert not read.findings
        terms = codec.decode_untyped(raw)
        assert isinstance(terms, dict)
        body = {
            name: "urn:b" if term.is_link else "7"
            for name, term in read.terms.items()
            if not lint.is_class_name(name)
        }
        whole = codec.encode_json({**terms, "@id": "urn:a", **body})
        theirs = of_triples(turtle.parse(whole, format=turtle.Format.JSON_LD, base_iri="urn:x:"))
        ours = expand({"@id": "urn:a", **body}, context=read).graph
        assert nameless(ours) == nameless(theirs)
        assert len(body) > 50


class TestWriting:
    @pytest.mark.parametrize("format", [Written.N_TRIPLES, Written.TURTLE])
    def test_is_read_back_as_the_same_graph(self, format: Written) -> None:
        graph = Graph()
        graph.add("urn:a", f"{NS}p", Lexical('regel\n"aanhaling" \\ \t\x07 é'))
        graph.add("urn:a", f"{NS}p", Lexical("x", LANG_STRING, "nl-be-x-formal"))
        graph.add("urn:a", f"{NS}q", Lexical("7", "http://www.w3.org/2001/XMLSchema#integer"))
        graph.add("_:b", f"{NS}q", f"{NS}one")
        text = write(graph, format=format, prefixes={"ex": NS})
        read = turtle.Format.TURTLE if format is Written.TURTLE else turtle.Format.N_TRIPLES
        back = of_triples(turtle.parse(text.encode(), format=read, base_iri="urn:x:"))
        assert nameless(back) == nameless(graph)

    def test_names_the_graph_in_n_quads_and_trig(self) -> None:
        graph = Graph()
        graph.add("urn:a", "urn:p", "urn:b")
        assert write(graph, format=Written.N_QUADS, name="urn:g") == "<urn:a> <urn:p> <urn:b> <urn:g> .\n"
        assert write(graph, format=Written.TRIG, name="urn:g").startswith("<urn:g> {\n<urn:a>")

    @pytest.mark.parametrize("name", ["urn:a> <urn:b", "geen-iri", "urn:a\nb"])
    def test_refuses_a_name_that_would_end_its_statement(self, name: str) -> None:
        graph = Graph()
        graph.add("urn:a", "urn:p", name)
        with pytest.raises(NotWritable):
            write(graph, format=Written.TURTLE)

    def test_of_lines_is_read_back_without_a_parser(self) -> None:
        graph = Graph()
        graph.add("_:a", f"{NS}p", Lexical('een "twee" \\ \n\t\x07 \\u0041 é'))
        graph.add("_:a", f"{NS}p", Lexical("x", LANG_STRING, "nl"))
        graph.add("urn:a", f"{NS}q", Lexical("7", "http://www.w3.org/2001/XMLSchema#integer"))
        graph.add("urn:a", f"{NS}q", "_:a")
        text = write(graph, format=Written.N_TRIPLES)
        assert set(lines.read(text)) == set(graph)
        with pytest.raises(lines.NotOurLines):
            lines.read("<urn:a> <urn:b> .\n")
