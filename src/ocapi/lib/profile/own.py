"""Profiles in our own form: the facts of a standard (terms, IRIs, counts) in one YAML file.

From it follow the same shapes and context that an official profile brings as files, so that the rest knows
one kind of profile.
"""

from dataclasses import dataclass, field
from typing import Literal

from ocapi.lib import codec
from ocapi.lib.rdf.graph import FIRST, LANG_STRING, NIL, REST, STRING, TYPE, Graph, Lexical, Value
from ocapi.lib.shacl import vocabulary as sh

SKOS = "http://www.w3.org/2004/02/skos/core#"
NAMES = "urn:ocapi:shape:"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProperty:
    """One property. count: `1`, `0..1`, `0..n` or `1..n`. Of datatype, class and text exactly one is said."""

    term: str
    iri: str
    count: Literal["1", "0..1", "0..n", "1..n"] = "0..1"
    label: str = ""
    description: str = ""
    datatype: str = ""
    of_class: str = ""
    link: bool = False
    text: bool = False
    pattern: str = ""
    max_length: int = 0
    allowed: tuple[str, ...] = ()
    not_after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnClass:
    """One class with its properties; closed: no other property may stand on it."""

    term: str
    iri: str
    label: str = ""
    closed: bool = False
    properties: tuple[OwnProperty, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProfile:
    """A whole profile. prefixes: namespace by prefix, used in every iri. source: the standard it restates.

    concepts: of code lists, the name of each by its iri.
    """

    name: str
    title: str
    version: str
    source: str
    prefixes: dict[str, str] = field(default_factory=dict)
    classes: tuple[OwnClass, ...] = ()
    concepts: dict[str, str] = field(default_factory=dict)


def read(raw: bytes) -> OwnProfile:
    """Read a profile in our own form; raises MalformedInput with the place."""
    return codec.decode_yaml(raw, OwnProfile)


def context_of(profile: OwnProfile) -> bytes:
    """Give the JSON-LD context that says the same."""
    terms: dict[str, object] = {**profile.prefixes}
    for each in profile.classes:
        terms[each.term] = _full(profile, each.iri)
        for part in each.properties:
            definition: dict[str, str] = {"@id": _full(profile, part.iri)}
            if part.of_class or part.link:
                definition["@type"] = "@id"
            elif part.datatype:
                definition["@type"] = _full(profile, part.datatype)
            elif part.text:
                definition["@language"] = "nl"
            else:
                definition["@type"] = STRING
            if part.count.endswith("n"):
                definition["@container"] = "@set"
            terms.setdefault(part.term, definition)
    return codec.encode_json({"@context": terms})


def shapes_of(profile: OwnProfile) -> Graph:
    """Give the shapes that say the same."""
    graph = Graph()
    for each in profile.classes:
        shape = f"{NAMES}{profile.name}:{each.term}"
        graph.add(shape, TYPE, sh.NODE_SHAPE)
        graph.add(shape, sh.TARGET_CLASS, _full(profile, each.iri))
        graph.add(shape, sh.NAME, Lexical(each.label or each.term))
        if each.closed:
            graph.add(shape, f"{sh.SH}closed", Lexical("true", f"{_XSD}boolean"))
            graph.add(shape, sh.IGNORED_PROPERTIES, _listed(graph, shape, "ignored", [TYPE]))
        for part in each.properties:
            graph.add(shape, sh.PROPERTY, _property(graph, profile, f"{shape}.{part.term}", part))
    return graph


def lists_of(profile: OwnProfile) -> Graph:
    """Give the concepts that it names as a code list."""
    graph = Graph()
    for name, label in profile.concepts.items():
        iri = _full(profile, name)
        graph.add(iri, TYPE, f"{SKOS}Concept")
        graph.add(iri, f"{SKOS}prefLabel", Lexical(label, LANG_STRING, "nl"))
    return graph


_XSD = "http://www.w3.org/2001/XMLSchema#"


def _property(graph: Graph, profile: OwnProfile, name: str, part: OwnProperty) -> str:
    def say(parameter: str, value: Value) -> None:
        graph.add(name, f"{sh.SH}{parameter}", value)

    graph.add(name, TYPE, sh.PROPERTY_SHAPE)
    say("path", _full(profile, part.iri))
    say("name", Lexical(part.label or part.term))
    if part.description:
        say("description", Lexical(part.description))
    if part.count[0] == "1":
        say("minCount", Lexical("1", f"{_XSD}integer"))
    if not part.count.endswith("n"):
        say("maxCount", Lexical("1", f"{_XSD}integer"))
    if part.of_class:
        say("class", _full(profile, part.of_class))
    elif part.link:
        say("nodeKind", f"{sh.SH}IRI")
    else:
        say(
            "datatype",
            LANG_STRING if part.text else _full(profile, part.datatype) if part.datatype else STRING,
        )
    if part.text and not part.count.endswith("n"):
        say("uniqueLang", Lexical("true", f"{_XSD}boolean"))
    if part.pattern:
        say("pattern", Lexical(part.pattern))
    if part.max_length:
        say("maxLength", Lexical(str(part.max_length), f"{_XSD}integer"))
    if part.not_after:
        say("lessThanOrEquals", _full(profile, part.not_after))
    if part.allowed:
        is_name = part.link or bool(part.of_class)
        allowed: list[Value] = [_full(profile, v) if is_name else Lexical(v) for v in part.allowed]
        say("in", _listed(graph, name, "in", allowed))
    return name


def _listed(graph: Graph, owner: str, kind: str, values: list[Value]) -> str:
    head = NIL
    for number in range(len(values) - 1, -1, -1):
        node = f"{owner}:{kind}:{number}"
        graph.add(node, FIRST, values[number])
        graph.add(node, REST, head)
        head = node
    return head


def _full(profile: OwnProfile, name: str) -> str:
    prefix, _, rest = name.partition(":")
    return profile.prefixes[prefix] + rest if prefix in profile.prefixes else name
