"""Checks what the catalogue says of a dataset by our own shapes (shapes/catalog.ttl), compiled once."""

from pathlib import Path

from ocapi.lib.dcat import writing
from ocapi.lib.dcat.model import Dataset
from ocapi.lib.kept import Kept
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import Graph, of_triples
from ocapi.lib.shacl import compiler, reader
from ocapi.lib.shacl.results import Result
from ocapi.modules.opendata.data import Issued

SHAPES = Path(__file__).parent / "shapes" / "catalog.ttl"
MAX_ISSUES = 30
VIOLATION, WARNING = "violation", "warning"


_MADE: Kept[compiler.Validator] = Kept(1)


def validator() -> compiler.Validator:
    """Give the compiled shapes; the file is part of the product, so it is read once per process."""
    return _MADE.get(SHAPES.name, _compiled)


def _compiled(_name: str) -> compiler.Validator:
    graph = of_triples(turtle.parse(SHAPES.read_bytes(), format=turtle.Format.TURTLE, base_iri="urn:ocapi:"))
    return compiler.compiled(reader.read(graph).shapes)


def check(dataset: Dataset) -> tuple[Issued, ...]:
    """Give what a description breaks, violations first, each text once."""
    return check_graph(writing.dataset_graph(dataset))


def check_graph(graph: Graph) -> tuple[Issued, ...]:
    """Give what the things in a graph break, violations first, each text once."""
    found = dict.fromkeys(_issue(each) for each in validator().validate(graph))
    ordered = sorted(found, key=lambda each: (each.severity != VIOLATION, each.path, each.text))
    return tuple(ordered[:MAX_ISSUES])


def _issue(result: Result) -> Issued:
    severity = WARNING if result.severity.rpartition("#")[2] == "Warning" else VIOLATION
    path = result.path.lstrip("^").rpartition("#")[2].rpartition("/")[2]
    return Issued(path=path, text=result.message or result.component, severity=severity)
