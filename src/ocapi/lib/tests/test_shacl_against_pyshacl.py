"""The compiled validator against pySHACL, on made-up shapes.

Not covered: official profiles (`ocapi proof shapes`), how fast it is (tests/performance), and lexical forms
that rdflib reads more loosely than XML Schema says (test_shacl.py names them).
"""

from typing import TYPE_CHECKING

import pytest

from ocapi.lib.rdf import oracle, turtle
from ocapi.lib.rdf.graph import Graph, of_triples
from ocapi.lib.shacl import compiler
from ocapi.lib.shacl import reader as shapes_reader
from ocapi.lib.shacl.results import Results

if TYPE_CHECKING:
    import rdflib

HEAD = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <https://voorbeeld.be/ns#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""
THINGS = """
ex:a a ex:Thing ; ex:name "Hamme"@nl, "Hamme"@fr ; ex:number 7 ; ex:code "ab-12" ;
  ex:from "2025-01-01"^^xsd:date ;
  ex:until "2024-01-01"^^xsd:date ; ex:part ex:b, _:c ; ex:kind ex:One ; ex:other ex:b .
ex:b a ex:Part ; ex:number 3, 12 ; ex:name "x" ; ex:in ex:a .
_:c a ex:Part ; ex:number "veel" ; ex:code "12" .
ex:d a ex:Thing ; ex:name "een"@nl, "twee"@nl ; ex:kind ex:Three ; ex:code "zz" ; ex:number 99.5 ;
  ex:part "tekst" .
"""
HAS_KIND = "[ sh:property [ sh:path ex:kind ; sh:minCount 1 ] ]"
HAS_FROM = "[ sh:property [ sh:path ex:from ; sh:minCount 1 ] ]"
IS_PART_OR_NUMBER = "[ sh:class ex:Part ] [ sh:datatype xsd:integer ]"
QUALIFIED = "sh:path ex:part ; sh:qualifiedValueShape [ sh:class ex:Part ]"
SHAPES = {
    "counts": "sh:property [ sh:path ex:part ; sh:minCount 2 ; sh:maxCount 1 ]",
    "class": "sh:property [ sh:path ex:part ; sh:class ex:Part ]",
    "datatype": "sh:property [ sh:path ex:number ; sh:datatype xsd:integer ]",
    "language text": 'sh:property [ sh:path ex:name ; sh:datatype rdf:langString ; sh:languageIn ("nl") ]',
    "unique language": "sh:property [ sh:path ex:name ; sh:uniqueLang true ]",
    "kind of node": "sh:property [ sh:path ex:part ; sh:nodeKind sh:IRI ]",
    "iri or literal": "sh:property [ sh:path ex:part ; sh:nodeKind sh:IRIOrLiteral ]",
    "in": "sh:property [ sh:path ex:kind ; sh:in (ex:One ex:Two) ]",
    "has value": "sh:property [ sh:path ex:kind ; sh:hasValue ex:One ]",
    "pattern": 'sh:property [ sh:path ex:code ; sh:pattern "^[A-Z]{2}-[0-9]+$" ; sh:flags "i" ]',
    "pattern of a name": 'sh:property [ sh:path ex:part ; sh:pattern "^https:" ]',
    "lengths": "sh:property [ sh:path ex:code ; sh:minLength 3 ; sh:maxLength 4 ]",
    "ranges": "sh:property [ sh:path ex:number ; sh:minInclusive 3 ; sh:maxExclusive 99.5 ]",
    "range of days": 'sh:property [ sh:path ex:from ; sh:minExclusive "2025-01-01"^^xsd:date ]',
    "less than": "sh:property [ sh:path ex:from ; sh:lessThan ex:until ]",
    "less than or equal": "sh:property [ sh:path ex:from ; sh:lessThanOrEquals ex:until ]",
    "equals": "sh:property [ sh:path ex:part ; sh:equals ex:other ]",
    "disjoint": "sh:property [ sh:path ex:part ; sh:disjoint ex:other ]",
    "closed": "sh:closed true ; sh:ignoredProperties (rdf:type) ; sh:property [ sh:path ex:name ]",
    "node": "sh:property [ sh:path ex:part ; sh:node [ sh:property [ sh:path ex:number ; sh:minCount 1 ] ] ]",
    "not": "sh:not [ sh:property [ sh:path ex:kind ; sh:hasValue ex:One ] ]",
    "and": f"sh:and ( {HAS_KIND} {HAS_FROM} )",
    "or": f"sh:or ( {HAS_FROM} [ sh:property [ sh:path ex:zz ; sh:minCount 1 ] ] )",
    "xone": f"sh:xone ( {HAS_FROM} {HAS_KIND} )",
    "or of values": "sh:property [ sh:path ex:part ; sh:or (" + IS_PART_OR_NUMBER + ") ]",
    "inverse path": "sh:property [ sh:path [ sh:inversePath ex:in ] ; sh:minCount 1 ]",
    "sequence path": "sh:property [ sh:path ( ex:part ex:number ) ; sh:datatype xsd:integer ]",
    "nested property": "sh:property [ sh:path ex:part ; sh:property [ sh:path ex:number ; sh:maxCount 1 ] ]",
    "qualified": f"sh:property [ {QUALIFIED} ; sh:qualifiedMinCount 3 ]",
    "qualified most": f"sh:property [ {QUALIFIED} ; sh:qualifiedMaxCount 1 ]",
    "deactivated": "sh:deactivated true ; sh:property [ sh:path ex:zz ; sh:minCount 1 ]",
}


def graph(text: str) -> Graph:
    parsed = turtle.parse(
        (HEAD + text).encode(), format=turtle.Format.TURTLE, base_iri="https://voorbeeld.be/"
    )
    return of_triples(parsed)


def compare(data: Graph, shapes: Graph, found: Results) -> None:
    compare_by(oracle.rdflib_graph(shapes), data, found)


def compare_by(shapes: "rdflib.Graph", data: Graph, found: Results) -> None:
    ours = {(str(r.focus), r.path, r.component, str(r.value)) for r in found}
    theirs = {(str(r.focus), r.path, r.component, str(r.value)) for r in oracle.validate_by(shapes, data)}
    assert ours == theirs


class TestConstraints:
    @pytest.mark.parametrize("name", SHAPES)
    def test_are_judged_as_pyshacl_judges_them(self, name: str) -> None:
        shapes = graph(f"ex:Shape a sh:NodeShape ; sh:targetClass ex:Thing ; {SHAPES[name]} .")
        read = shapes_reader.read(shapes)
        validator = compiler.compiled(read.shapes)
        assert not validator.fallback
        data = graph(THINGS)
        compare(data, shapes, validator.validate(data))

    def test_of_which_each_finds_something_save_the_deactivated_one(self) -> None:
        silent = []
        for name, text in SHAPES.items():
            shapes = graph(f"ex:Shape a sh:NodeShape ; sh:targetClass ex:Thing ; {text} .")
            if not compiler.compiled(shapes_reader.read(shapes).shapes).validate(graph(THINGS)):
                silent.append(name)
        assert silent == ["deactivated"]

    @pytest.mark.parametrize(
        "target", ["sh:targetNode ex:a, ex:q", "sh:targetSubjectsOf ex:in", "sh:targetObjectsOf ex:part"]
    )
    def test_reach_what_a_target_chooses(self, target: str) -> None:
        shapes = graph(
            f"ex:Shape a sh:NodeShape ; {target} ; sh:property [ sh:path ex:code ; sh:minCount 1 ] ."
        )
        data = graph(THINGS)
        found = compiler.compiled(shapes_reader.read(shapes).shapes).validate(data)
        assert found
        compare(data, shapes, found)


class TestFallback:
    def test_judges_what_is_not_compiled_in_a_process_of_its_own(self) -> None:
        shapes = graph(
            "ex:Shape a sh:NodeShape ; sh:targetClass ex:Thing ;"
            " sh:property [ sh:path [ sh:zeroOrMorePath ex:part ] ; sh:class ex:Thing ] ."
        )
        assert compiler.compiled(shapes_reader.read(shapes).shapes).fallback == (
            "https://voorbeeld.be/ns#Shape",
        )
        found = oracle.judge(graph(THINGS), shapes, wall_seconds=30)
        assert {each.component for each in found} == {"ClassConstraintComponent"}

    def test_is_ended_when_it_takes_too_long(self) -> None:
        with pytest.raises(oracle.FallbackFailed) as refused:
            oracle.judge(graph(THINGS), graph(""), wall_seconds=0.01)
        assert refused.value.reason == "tooLong"

    def test_refuses_more_statements_than_it_can_judge(self) -> None:
        many = Graph()
        for number in range(oracle.MAX_STATEMENTS + 1):
            many.add(f"https://voorbeeld.be/{number}", "https://voorbeeld.be/p", "https://voorbeeld.be/o")
        with pytest.raises(oracle.FallbackFailed) as refused:
            oracle.judge(many, graph(""))
        assert refused.value.reason == "tooLarge"
