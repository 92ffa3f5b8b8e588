"""Turns an object of JSON-LD into a graph, by a table of terms that was read beforehand.

An unknown member is an error with its place, never dropped; a context in the object is allowed only when it
names the one the service is pinned to.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocapi.lib.jsonld.context import Context, Term
from ocapi.lib.rdf.graph import (
    FIRST,
    LANG_STRING,
    NIL,
    REST,
    STRING,
    TYPE,
    XSD,
    Graph,
    Lexical,
    Value,
    literal,
)
from ocapi.lib.rdf.tags import is_tag

MAX_THINGS = 10_000
MAX_DEPTH = 40
MAX_VALUES = 2_000  # of one property of one thing: pairs of properties are compared value by value
_USUAL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[!#-;=?-\[\]_a-z~]+").fullmatch
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:").match
_LABEL = re.compile(r"_:[A-Za-z0-9][A-Za-z0-9_\-]{0,99}").fullmatch
_ILLEGAL = re.compile(r'[ <>"{}|^`\\]').search
NOT_A_TERM = frozenset({"@id", "@type", "@context"})
BOOLEAN, INTEGER, DOUBLE = f"{XSD}boolean", f"{XSD}integer", f"{XSD}double"


class NotLinkedData(ValueError):
    """The object can't be read. code: what; path: where, `$.naam[0]`; detail: English, without values."""

    def __init__(self, code: str, path: str, detail: str = "") -> None:
        super().__init__(f"{code} at {path}: {detail}")
        self.code = code
        self.path = path
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Expanded:
    """The graph of an object, the name of its root, and where in the object each thing stands."""

    graph: Graph
    root: str
    places: Mapping[str, str]


def expand(
    body: object, *, context: Context, contexts: frozenset[str] = frozenset(), root: str = ""
) -> Expanded:
    """Give the graph of one object.

    contexts: IRIs by which the object may name the context. root: IRI of the object, when it says none; one
    that says another is refused. Raises NotLinkedData.
    """
    if not isinstance(body, dict):
        raise NotLinkedData("notAnObject", "$")
    said = body.get("@context")
    for each in said if isinstance(said, list) else [] if said is None else [said]:
        if not isinstance(each, str):
            raise NotLinkedData(
                "contextInObject", "$.@context", "name the context of the service or leave it out"
            )
        if each not in contexts:
            raise NotLinkedData(
                "contextUnknown", "$.@context", "only the context of the service is known here"
            )
    reading = _Reading(context)
    name = reading.thing(body, "$", 0, root=root)
    return Expanded(reading.graph, name, reading.places)


def expand_kept(body: dict[str, Any], *, context: Context, root: str) -> Expanded:
    """Give the graph of an object that is kept: as `expand`, and a language that is no tag does not stop it.

    Such an object is of a day on which tags were not looked at. The tag is written lawfully where that can be
    done (`nl_BE`), else the text has no language.
    """
    reading = _OfKept(context)
    return Expanded(reading.graph, reading.thing(body, "$", 0, root=root), reading.places)


class _Reading:
    __slots__ = ("context", "graph", "ids", "places", "things", "types")

    def __init__(self, context: Context) -> None:
        self.context = context
        self.graph = Graph()
        self.places: dict[str, str] = {}
        self.things = 0
        aliases = context.aliases.items()
        self.ids = ["@id", *(alias for alias, keyword in aliases if keyword == "@id")]
        self.types = ["@type", *(alias for alias, keyword in aliases if keyword == "@type")]

    def thing(self, body: dict[str, Any], path: str, depth: int, *, root: str = "") -> str:
        """Read one node object; gives its name."""
        self.things += 1
        if self.things > MAX_THINGS or depth > MAX_DEPTH:
            raise NotLinkedData(
                "tooLarge", path, f"more than {MAX_THINGS} things, or {MAX_DEPTH} within another"
            )
        if depth and "@context" in body:
            raise NotLinkedData(
                "contextInObject", f"{path}.@context", "a thing within has no context of its own"
            )
        name = root
        for key in self.ids:
            if key in body:
                said = self.iri(body[key], f"{path}.{key}")
                if root and said != root:
                    raise NotLinkedData(
                        "otherIdentifier", f"{path}.{key}", "the object is known by another IRI"
                    )
                name = said
        name = name or f"_:b{self.things}"
        properties = self.graph.things.setdefault(name, {})
        self.places.setdefault(name, path)
        terms = self.context.terms
        for key in self.types:
            if key in body:
                written = body[key]
                within = self.context.within
                found = properties.setdefault(TYPE, [])
                for each in written if type(written) is list else (written,):
                    known = self.context.terms.get(each) if type(each) is str else None
                    iri = known.iri if known is not None else self.class_iri(each, f"{path}.{key}")
                    if iri not in found:
                        found.append(iri)
                    if within and iri in within:
                        terms = {**terms, **within[iri]}
        for key, value in body.items():
            term = terms.get(key)
            if term is not None:
                if type(value) is str and term.plain and term.iri not in properties:  # most are
                    properties[term.iri] = [literal((value, *term.plain))]
                elif value is not None:
                    self.property(name, properties, term, value, f"{path}.{key}", depth)
            elif key not in NOT_A_TERM and key not in self.ids and key not in self.types:
                self.unnamed(name, properties, key, value, path, depth)
        return name

    def unnamed(
        self, name: str, properties: dict[str, list[Value]], key: str, value: Any, path: str, depth: int
    ) -> None:
        """Read a member that is no term: an IRI written out or with a prefix of the context, else refused."""
        prefix, colon, rest = key.partition(":")
        space = self.context.prefixes.get(prefix) if colon else None
        iri = f"{space}{rest}" if space else key if colon and "//" in rest else ""
        if not iri:
            raise NotLinkedData("termUnknown", f"{path}.{key}", "the profile has no such term")
        where = f"{path}.{key}"
        self.property(name, properties, Term(name=key, iri=self.legal(iri, where)), value, where, depth)

    def property(
        self, name: str, properties: dict[str, list[Value]], term: Term, value: Any, path: str, depth: int
    ) -> None:
        """Read the values of one member."""
        if term.container == "@language" and type(value) is dict and not value.keys() & {"@value", "@id"}:
            values: list[Value] = [
                _spoken(self.string(text, f"{path}.{tag}"), self.language(tag, f"{path}.{tag}"))
                for tag, texts in value.items()
                for text in (texts if type(texts) is list else [texts])
            ]
        elif term.container == "@list" or (type(value) is dict and "@list" in value):
            items = value["@list"] if type(value) is dict and "@list" in value else value
            values = [self.rdf_list(items, term, path, depth)]
        else:
            if type(value) is dict and "@set" in value:
                value = value["@set"]
            if type(value) is list:
                if len(value) > MAX_VALUES:
                    raise NotLinkedData("tooLarge", path, f"more than {MAX_VALUES} values")
                values = [
                    self.value(each, term, f"{path}[{number}]", depth)
                    for number, each in enumerate(value)
                    if each is not None
                ]
            else:
                values = [self.value(value, term, path, depth)]
        if term.is_reverse:
            for each in values:
                if isinstance(each, Lexical):
                    raise NotLinkedData("linkExpected", path)
                self.graph.add(each, term.iri, name)
            return
        kept = properties.get(term.iri)
        if kept is None:
            properties[term.iri] = values if len(values) < 2 else list(dict.fromkeys(values))
        else:
            kept.extend(each for each in values if each not in kept)

    def value(self, value: Any, term: Term, path: str, depth: int) -> Value:
        """Read one value."""
        kind = type(value)
        if kind is str:
            if term.is_link:
                return self.class_iri(value, path) if term.is_vocabulary else self.iri(value, path)
            if term.is_text:
                return Lexical(value, LANG_STRING, term.language)
            return Lexical(value, term.datatype or STRING)
        if kind is dict:
            return self.value_object(value, path) if "@value" in value else self.thing(value, path, depth + 1)
        if kind in (bool, int, float):
            return scalar(value, term)
        raise NotLinkedData("valueNotRead", path, "a list within a list, or nothing")

    def value_object(self, value: dict[str, Any], path: str) -> Value:
        unknown = value.keys() - {"@value", "@type", "@language"}
        if unknown:
            raise NotLinkedData("termUnknown", f"{path}.{sorted(unknown)[0]}")
        said = value["@value"]
        language = value.get("@language")
        if language is not None:
            return _spoken(self.string(said, path), self.language(language, path))
        datatype = self.class_iri(value["@type"], f"{path}.@type") if "@type" in value else ""
        if datatype.startswith("_:"):
            raise NotLinkedData("iriIllegal", f"{path}.@type", "a datatype has a name")
        return (
            self.value(said, Term(name="", iri="", datatype=datatype), path, 0)
            if said is not None and not (isinstance(said, dict | list))
            else self.refuse(path)
        )

    def refuse(self, path: str) -> Value:
        raise NotLinkedData("valueNotRead", path, "@value holds one plain value")

    def rdf_list(self, items: Any, term: Term, path: str, depth: int) -> str:
        if type(items) is not list:
            items = [items]
        head = NIL
        for number in range(len(items) - 1, -1, -1):
            self.things += 1
            node = f"_:l{self.things}"
            self.graph.things[node] = {
                FIRST: [self.value(items[number], term, f"{path}[{number}]", depth)],
                REST: [head],
            }
            head = node
        return head

    def class_iri(self, written: Any, path: str) -> str:
        if type(written) is str:
            term = self.context.terms.get(written)
            if term is not None:
                return term.iri
        return self.iri(written, path)

    def iri(self, written: Any, path: str) -> str:
        """Give an absolute IRI as it is written, or by a prefix of the context."""
        if type(written) is not str:
            raise NotLinkedData("linkExpected", path, "an IRI or an object")
        prefix, colon, rest = written.partition(":")
        if colon and not rest.startswith("//") and prefix in self.context.prefixes:
            written = self.context.prefixes[prefix] + rest
        elif not colon or not prefix:
            raise NotLinkedData("iriRelative", path, "an IRI is written in full")
        return self.legal(written, path)

    def legal(self, iri: str, path: str) -> str:
        """Give an absolute IRI that every format can write, and a label that is none of our own."""
        if iri.startswith("_:"):
            if not _LABEL(iri):
                raise NotLinkedData("iriIllegal", path, "a label has letters, digits, _ and - only")
            return f"_:n{iri[2:]}"
        if not _USUAL(iri) and (not _SCHEME(iri) or _ILLEGAL(iri) or not iri.isprintable()):
            raise NotLinkedData("iriIllegal", path, "a character that an IRI can't have")
        return str(iri)

    def language(self, written: Any, path: str) -> str:
        """Give a language tag in lower case: one that can't be written would spoil a page of a feed."""
        if type(written) is not str or not is_tag(written):
            raise NotLinkedData("languageIllegal", path, "a tag of BCP 47, such as nl or nl-BE")
        return str(written.lower())

    def string(self, value: Any, path: str) -> str:
        if type(value) is not str:
            raise NotLinkedData("valueNotRead", path, "a text is expected")
        return str(value)


class _OfKept(_Reading):
    __slots__ = ()

    def language(self, written: Any, path: str) -> str:
        """Give a language tag in lower case, empty when none can be made of what is written."""
        lawful = re.sub(r"[\s_]+", "-", written.strip()) if type(written) is str else ""
        return lawful.lower() if is_tag(lawful) else ""


def _spoken(text: str, language: str) -> Lexical:
    return Lexical(text, LANG_STRING, language) if language else Lexical(text)


def scalar(value: bool | int | float, term: Term) -> Lexical:
    """Give a plain value that is no text."""
    if type(value) is bool:
        return Lexical("true" if value else "false", term.datatype or BOOLEAN)
    if type(value) is int:
        return Lexical(str(value), term.datatype or INTEGER)
    return _number(value, term.datatype)


def _number(value: float, datatype: str) -> Lexical:
    if datatype and datatype not in (DOUBLE, f"{XSD}float"):
        return Lexical(repr(value), datatype)
    if value.is_integer() and not datatype and abs(value) < 1e21:
        return Lexical(str(int(value)), INTEGER)
    mantissa, exponent = f"{value:.15E}".split("E")
    return Lexical(
        f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}"
        f"{'' if '.' in mantissa.rstrip('0').rstrip('.') else '.0'}E{int(exponent)}",
        datatype or DOUBLE,
    )
