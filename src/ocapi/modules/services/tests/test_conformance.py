"""LPDC concepts against the shapes of the region, whole and with each required property taken away.

The cases are those of `conformance/lpdc` in the shared data. Not covered: instances (no shapes there).
"""

import pytest

from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import Graph, of_triples
from ocapi.lib.shacl import compiler, reader

BASE = "https://lpdc.example.org/"
BESIDE = ("codelists/example-codelists.ttl", "ontologies/besluit.ttl", "ontologies/ipdc-lpdc.ttl")
CONCEPTS = ("concept-from-ldes-stream", "concept-from-ldes-stream-2", "concept-test-cases-data")


def graph_of(*paths):
    graph = Graph()
    for path in paths:
        found = turtle.parse(
            path.read_bytes(), format=turtle.Format.TURTLE, base_iri="https://lpdc.example.org/"
        )
        for subject, predicate, value in of_triples(found):
            named = subject if not subject.startswith("_:") else f"_:{path.stem}{subject[2:]}"
            is_blank = isinstance(value, str) and value.startswith("_:")
            graph.add(named, predicate, f"_:{path.stem}{value[2:]}" if is_blank else value)
    return graph


@pytest.fixture(scope="module")
def case(shared):
    folder = shared / "conformance" / "lpdc"
    shapes = reader.read(graph_of(folder / "concept-shape.ttl")).shapes
    validator = compiler.compiled(shapes)

    def of(name):
        return graph_of(folder / "concepts" / f"{name}.ttl", *(folder / each for each in BESIDE))

    return of, validator


def broken(validator, graph):
    return [each for each in validator.validate(graph) if each.severity == "Violation"]


class TestConcepts:
    def test_conform_as_they_are_and_not_without_what_is_required(self, case, capsys):
        of, validator = case
        conforming = [name for name in CONCEPTS if not broken(validator, of(name))]
        missed, tried = [], 0
        for name in conforming:
            for subject, predicate in required(validator, of(name)):
                mutant = of(name)
                del mutant.things[subject][predicate]
                tried += 1
                if not broken(validator, mutant):
                    missed.append((name, predicate))
        with capsys.disabled():
            print(f"\nlpdc: conform {len(conforming)} / 3, mutants refused {tried - len(missed)} / {tried}")
        assert (len(conforming), missed) == (3, [])
        assert tried >= 30
        assert validator.fallback == ()

    def test_refuse_a_file_that_is_no_turtle_with_its_line(self, shared):
        raw = (shared / "conformance" / "lpdc" / "ontologies" / "cpsv_101.ttl").read_bytes()
        with pytest.raises(turtle.MalformedRdf) as refused:
            list(turtle.parse(raw, format=turtle.Format.TURTLE, base_iri=BASE))
        assert refused.value.line > 0


def required(validator, graph):
    """Give (thing, property) of every minimum count: what is missed when a thing is emptied."""
    found = set()
    for subject in list(graph.things):
        emptied = Graph()
        emptied.things = {name: dict(properties) for name, properties in graph.things.items()}
        kept = {p: v for p, v in emptied.things[subject].items() if p.endswith("#type")}
        emptied.things[subject] = kept
        for each in validator.validate(emptied):
            is_count = each.component == "MinCountConstraintComponent" and each.focus == subject
            if is_count and each.path in graph.things[subject]:
                found.add((subject, each.path))
    return sorted(found)
