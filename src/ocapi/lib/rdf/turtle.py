"""Parsing of Turtle, N-Triples, JSON-LD and RDF/XML from outside; a remote context is never fetched."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import pyoxigraph

MAX_BYTES = 64 << 20
XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


class Format(StrEnum):
    """The formats read here, by media type."""

    TURTLE = "text/turtle"
    N_TRIPLES = "application/n-triples"
    JSON_LD = "application/ld+json"
    RDF_XML = "application/rdf+xml"


class MalformedRdf(ValueError):
    """The document is refused. reason: tooLarge | remoteContext | entities | notRdf. line: 0 when unknown."""

    def __init__(self, reason: str, *, line: int = 0, detail: str = "") -> None:
        super().__init__(f"{reason} at line {line}: {detail}" if line else f"{reason}: {detail}")
        self.reason = reason
        self.line = line
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Iri:
    """A name in the web of data, absolute."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """A thing without a name; `label` means something within its document only."""

    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A value. language: tag in lower case or empty. datatype: IRI, xsd:string when none was written."""

    value: str
    language: str = ""
    datatype: str = XSD_STRING


Node: TypeAlias = Iri | Blank
Term: TypeAlias = Iri | Blank | Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Triple:
    """One statement."""

    subject: Node
    predicate: Iri
    object: Term


def parse(raw: bytes, *, format: Format, base_iri: str, max_bytes: int = MAX_BYTES) -> Iterator[Triple]:
    """Give the triples of a document one by one; named graphs are read as if there were none.

    Lenient, because official data holds IRIs with characters that are not allowed: those come as written.
    Raises MalformedRdf, at once for size and while iterating for syntax: triples before the fault were given.
    """
    if len(raw) > max_bytes:
        raise MalformedRdf("tooLarge", detail=f"more than {max_bytes} bytes")
    if format is Format.RDF_XML and _declares_entities(raw):
        raise MalformedRdf("entities", detail="a document may not declare entities of its own")
    return _triples(raw, format, base_iri)


def _declares_entities(raw: bytes) -> bool:
    """Tell whether XML declares entities, which may grow without end; in UTF-16 too."""
    return b"<!ENTITY" in raw or b"<!ENTITY" in raw.replace(b"\0", b"")


def _triples(raw: bytes, format: Format, base_iri: str) -> Iterator[Triple]:
    import pyoxigraph

    known = {
        Format.TURTLE: pyoxigraph.RdfFormat.TURTLE,
        Format.N_TRIPLES: pyoxigraph.RdfFormat.N_TRIPLES,
        Format.JSON_LD: pyoxigraph.RdfFormat.JSON_LD,
        Format.RDF_XML: pyoxigraph.RdfFormat.RDF_XML,
    }
    try:
        for quad in pyoxigraph.parse(raw, format=known[format], base_iri=base_iri, lenient=True):
            yield Triple(
                subject=_node(quad.subject),
                predicate=Iri(value=quad.predicate.value),
                object=_term(quad.object),
            )
    except SyntaxError as failure:
        is_remote = "remote context" in (failure.msg or "")
        reason = "remoteContext" if is_remote else "notRdf"
        raise MalformedRdf(reason, line=failure.lineno or 0, detail=failure.msg or "") from None


def _node(term: object) -> Node:
    made = _term(term)
    if isinstance(made, Literal):
        raise MalformedRdf("notRdf", detail="a subject cannot be a literal")
    return made


def _term(term: object) -> Term:
    import pyoxigraph

    if isinstance(term, pyoxigraph.NamedNode):
        return Iri(value=term.value)
    if isinstance(term, pyoxigraph.BlankNode):
        return Blank(label=term.value)
    if isinstance(term, pyoxigraph.Literal):
        return _literal(term)
    raise MalformedRdf("notRdf", detail="quoted triples are not read here")


def _literal(term: "pyoxigraph.Literal") -> Literal:
    return Literal(value=term.value, language=(term.language or "").lower(), datatype=term.datatype.value)
