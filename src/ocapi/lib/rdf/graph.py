"""A small graph in plain values: what an object of linked data is while it is checked and written.

A value is an IRI (`str`), a thing without a name (`str` that starts with `_:`) or a `Lexical`. Plain values,
because a validator compares a million of them; `rdf.turtle` gives the same in typed terms.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple, TypeAlias

from ocapi.lib.rdf import turtle

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE = f"{RDF}type"
FIRST, REST, NIL = f"{RDF}first", f"{RDF}rest", f"{RDF}nil"
LANG_STRING = f"{RDF}langString"
STRING = f"{XSD}string"
SUBCLASS_OF = f"{RDFS}subClassOf"
MAX_LIST = 10_000


class Lexical(NamedTuple):
    """A literal as it is written. language: tag in lower case, of rdf:langString only."""

    text: str
    datatype: str = STRING
    language: str = ""


literal: Callable[[tuple[str, str, str]], Lexical] = partial(tuple.__new__, Lexical)
"""Makes a literal of its three parts, in half the time: an object has a dozen."""
Value: TypeAlias = str | Lexical
Properties: TypeAlias = dict[str, list[Value]]


def is_blank(value: Value) -> bool:
    """Tell whether a value is a thing without a name."""
    return isinstance(value, str) and value.startswith("_:")


class Graph:
    """Statements by subject and predicate, each once, in the order they were added."""

    __slots__ = ("things",)

    def __init__(self) -> None:
        self.things: dict[str, Properties] = {}

    def add(self, subject: str, predicate: str, value: Value) -> None:
        """Keep one statement; saying it twice changes nothing."""
        values = self.things.setdefault(subject, {}).setdefault(predicate, [])
        if value not in values:
            values.append(value)

    def values(self, subject: Value, predicate: str) -> list[Value]:
        """Give the values of a property, empty when there are none."""
        if isinstance(subject, Lexical):
            return []
        return self.things.get(subject, {}).get(predicate, [])

    def subjects(self, predicate: str, value: Value) -> list[str]:
        """Give the subjects that have that value."""
        return [each for each, properties in self.things.items() if value in properties.get(predicate, ())]

    def one(self, subject: Value, predicate: str) -> Value | None:
        """Give the first value of a property, or None."""
        return next(iter(self.values(subject, predicate)), None)

    def members(self, head: Value) -> tuple[Value, ...]:
        """Give the members of an RDF list; raises ValueError when it is broken, endless or too long."""
        found: list[Value] = []
        seen: set[Value] = set()
        while head != NIL:
            first = self.one(head, FIRST)
            rest = self.one(head, REST)
            if first is None or rest is None or head in seen or len(found) >= MAX_LIST:
                raise ValueError("not a list")
            seen.add(head)
            found.append(first)
            head = rest
        return tuple(found)

    def __iter__(self) -> Iterator[tuple[str, str, Value]]:
        for subject, properties in self.things.items():
            for predicate, values in properties.items():
                for value in values:
                    yield subject, predicate, value


def of_triples(triples: Iterable[turtle.Triple]) -> Graph:
    """Give the graph of parsed triples; raises MalformedRdf while it reads."""
    graph = Graph()
    for each in triples:
        subject = plain(each.subject)
        assert isinstance(subject, str)
        graph.add(subject, each.predicate.value, plain(each.object))
    return graph


def plain(term: turtle.Term) -> Value:
    """Give a typed term as a plain value."""
    if isinstance(term, turtle.Iri):
        return term.value
    if isinstance(term, turtle.Blank):
        return f"_:{term.label}"
    return Lexical(term.value, term.datatype, term.language)
