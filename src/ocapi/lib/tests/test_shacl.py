"""Lexical spaces, and shapes that are mended or refused. Verdicts: test_shacl_against_pyshacl.py."""

import pytest

from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import XSD, Lexical, of_triples
from ocapi.lib.shacl import compiler, datatypes, reader
from ocapi.lib.shacl.shapes import ShapesRead

HEAD = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://voorbeeld.be/ns#> . "
XSD_HEAD = "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . "


def read(text: str) -> ShapesRead:
    raw = (HEAD + XSD_HEAD + text).encode()
    return reader.read(of_triples(turtle.parse(raw, format=turtle.Format.TURTLE, base_iri="urn:x:")))


def codes(text: str) -> set[str]:
    found = read(text)
    return {each.code for each in (*found.findings, *compiler.compiled(found.shapes).findings)}


class TestDatatypes:
    @pytest.mark.parametrize(
        ("local", "text"),
        [
            ("integer", "+7"),
            ("decimal", ".5"),
            ("double", "-INF"),
            ("boolean", "1"),
            ("date", "2025-02-28Z"),
            ("dateTime", "2025-01-01T24:00:00Z"),
            ("dateTime", "2025-01-01T10:00:00.123456789+02:00"),
            ("time", "10:00:00"),
            ("gYear", "2025"),
            ("duration", "P1Y2DT3H"),
            ("byte", "-128"),
            ("any", "x"),
        ],
    )
    def test_hold_what_xml_schema_says(self, local: str, text: str) -> None:
        assert datatypes.is_well_formed(Lexical(text, f"{XSD}{local}"))

    @pytest.mark.parametrize(
        ("local", "text"),
        [
            ("integer", "1.0"),
            ("decimal", "1e3"),
            ("double", "veel"),
            ("boolean", "True"),
            ("date", "2025-02-30"),
            ("dateTime", "2025-01-01"),
            ("dateTime", "2025-01-01 10:00:00"),
            ("time", "10:00"),
            ("gYear", "25"),
            ("duration", "P"),
            ("byte", "128"),
            ("integer", "9" * 500),
            ("positiveInteger", "0"),
        ],
    )
    def test_refuse_the_rest_also_where_rdflib_is_lenient(self, local: str, text: str) -> None:
        assert not datatypes.is_well_formed(Lexical(text, f"{XSD}{local}"))

    def test_compare_within_a_kind_and_not_beyond_it(self) -> None:
        def order(one: Lexical, other: Lexical) -> int | None:
            return datatypes.compare(datatypes.comparable(one), datatypes.comparable(other))

        assert order(Lexical("2", f"{XSD}integer"), Lexical("2.50", f"{XSD}decimal")) == -1
        assert order(Lexical("1", f"{XSD}integer"), Lexical("1")) is None
        local = Lexical("2025-01-01T10:00:00", f"{XSD}dateTime")
        assert order(local, Lexical("2025-01-01T10:00:00Z", f"{XSD}dateTime")) is None


class TestReading:
    def test_mends_a_count_written_as_text_and_says_so(self) -> None:
        text = 'ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:maxCount "1" ] .'
        assert codes(text) == {"countAsText"}

    def test_reads_a_class_that_is_a_datatype_as_a_datatype(self) -> None:
        found = read(
            "ex:S sh:targetClass ex:C ; sh:property ex:P . ex:P sh:path ex:p ; sh:class xsd:string ."
        )
        assert [each.code for each in found.findings] == ["classIsDatatype"]
        assert found.shapes["https://voorbeeld.be/ns#P"].constraints[0].parameter == "datatype"

    def test_refuses_a_shape_that_runs_a_query(self) -> None:
        found = read('ex:S sh:targetClass ex:C ; sh:sparql [ sh:select "SELECT ?x {}" ] .')
        assert {each.code for each in found.findings if each.is_fatal} == {"queryInShape"}

    def test_says_that_shapes_without_a_target_check_nothing(self) -> None:
        assert "shapesCheckNothing" in codes("ex:P sh:path ex:p ; sh:minCount 1 .")

    @pytest.mark.parametrize(
        "text",
        [
            'ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount "veel" ] .',
            "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:datatype xsd:int, xsd:string ] .",
            "ex:S sh:targetClass ex:C ; sh:or ex:q .",
            'ex:S sh:targetClass ex:C ; sh:property [ sh:path "p" ; sh:minCount 1 ] .',
        ],
    )
    def test_refuses_what_can_not_be_meant(self, text: str) -> None:
        assert any(each.is_fatal for each in read(text).findings)


class TestCompiling:
    def test_leaves_shapes_in_a_circle_to_the_fallback(self) -> None:
        found = read("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:node ex:S ] .")
        validator = compiler.compiled(found.shapes)
        assert validator.fallback == ("https://voorbeeld.be/ns#S",)
        assert "shapesInCircle" in {each.code for each in validator.findings}

    @pytest.mark.parametrize("pattern", [r"(a)\\1", "[", "(?=x)"])
    def test_leaves_a_pattern_that_is_not_linear_to_the_fallback(self, pattern: str) -> None:
        found = read(f'ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:pattern "{pattern}" ] .')
        assert compiler.compiled(found.shapes).fallback

    def test_matches_a_hostile_pattern_at_once(self) -> None:
        found = read('ex:S sh:targetNode "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!" ; sh:pattern "^(a+)+$" .')
        validator = compiler.compiled(found.shapes)
        assert not validator.fallback
        assert len(validator.validate(of_triples([]))) == 1
