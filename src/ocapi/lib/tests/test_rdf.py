"""Linked data is read into our types. Not covered: SPARQL, stores, shapes and writing."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ocapi.lib.rdf import tags
from ocapi.lib.rdf.turtle import Blank, Format, Iri, Literal, MalformedRdf, Triple, parse

BASE = "https://example.org/"


def triples(text: str, format: Format = Format.TURTLE) -> list[Triple]:
    return list(parse(text.encode(), format=format, base_iri=BASE))


class TestParse:
    def test_reads_names_texts_and_blank_nodes(self) -> None:
        found = triples('<a> <p> <b>, "naam"@NL, 3 ; <q> [] .')
        assert [triple.object for triple in found[:3]] == [
            Iri(value=f"{BASE}b"),
            Literal(
                value="naam", language="nl", datatype="http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
            ),
            Literal(value="3", datatype="http://www.w3.org/2001/XMLSchema#integer"),
        ]
        assert found[0].subject == Iri(value=f"{BASE}a")
        assert isinstance(found[3].object, Blank)

    def test_reads_the_same_from_every_format(self) -> None:
        lines = '<https://example.org/a> <https://example.org/p> "x" .'
        linked = '{"@id": "a", "https://example.org/p": "x"}'
        assert triples(lines, Format.N_TRIPLES) == triples(lines) == triples(linked, Format.JSON_LD)

    def test_keeps_a_name_that_official_data_spells_wrongly(self) -> None:
        assert triples("<https://example.org/a b> <p> <c> .")[0].subject == Iri(
            value="https://example.org/a b"
        )

    def test_names_the_line_and_gives_what_stood_before(self) -> None:
        reader = parse(b"<a> <p> <b> .\n<a> <p> .\n", format=Format.TURTLE, base_iri=BASE)
        assert next(reader).predicate == Iri(value=f"{BASE}p")
        with pytest.raises(MalformedRdf) as caught:
            list(reader)
        assert (caught.value.reason, caught.value.line) == ("notRdf", 2)

    def test_never_fetches_a_context(self) -> None:
        with pytest.raises(MalformedRdf) as caught:
            triples('{"@context": "https://example.org/c", "@id": "a", "p": 1}', Format.JSON_LD)
        assert caught.value.reason == "remoteContext"

    def test_refuses_more_bytes_than_allowed(self) -> None:
        with pytest.raises(MalformedRdf) as caught:
            parse(b"x" * 11, format=Format.TURTLE, base_iri=BASE, max_bytes=10)
        assert caught.value.reason == "tooLarge"


class TestTags:
    @given(st.from_regex(r"\A[a-zX]{1,4}(-[a-zX0-9]{1,9}){0,4}\Z"))
    @example("x")
    @example("i-klingon")
    @example("nl-a")
    @example("nl-be-x-formal")
    @example("de-419-DE")
    @settings(max_examples=500, deadline=None)
    def test_are_those_that_a_parser_takes(self, text: str) -> None:
        import pyoxigraph

        try:
            pyoxigraph.Literal("x", language=text)
        except ValueError:
            assert not tags.is_tag(text)
        else:
            assert tags.is_tag(text)
