"""Reads the statements in a page: RDFa Core 1.1 (section 7.5) with the rules of HTML+RDFa 1.1 (section 3).

Pages from elsewhere are read as far as they go: an unknown prefix, a name that is no IRI or an id that stands
twice is kept where it can be and reported with its line. Nothing is fetched.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urljoin

from lxml import etree, html

from ocapi.lib.rdf.graph import FIRST, NIL, RDF, REST, TYPE, XSD, Graph, Lexical, Value

MAX_BYTES = 8 << 20
MAX_DEPTH = 250
MAX_FINDINGS = 200
XHV = "http://www.w3.org/1999/xhtml/vocab#"
XML_LITERAL, HTML_LITERAL = f"{RDF}XMLLiteral", f"{RDF}HTML"
TERMS = {
    "describedby": "http://www.w3.org/2007/05/powder-s#describedby",
    "license": f"{XHV}license",
    "role": f"{XHV}role",
}
INITIAL: Mapping[str, str] = {
    "as": "https://www.w3.org/ns/activitystreams#",
    "cc": "http://creativecommons.org/ns#",
    "ctag": "http://commontag.org/ns#",
    "dc": "http://purl.org/dc/terms/",
    "dc11": "http://purl.org/dc/elements/1.1/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "gr": "http://purl.org/goodrelations/v1#",
    "org": "http://www.w3.org/ns/org#",
    "og": "http://ogp.me/ns#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": RDF,
    "rdfa": "http://www.w3.org/ns/rdfa#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "sioc": "http://rdfs.org/sioc/ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "time": "http://www.w3.org/2006/time#",
    "v": "http://rdf.data-vocabulary.org/#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": XSD,
    "xhv": XHV,
}
"""The prefixes of the initial context (https://www.w3.org/2011/rdfa-context/rdfa-1.1) that are met here."""
KNOWN_SCHEMES = frozenset({"http", "https", "urn", "mailto", "tel", "ftp", "tag", "data", "javascript"})
_PREFIX = re.compile(r"(\S+):\s+(\S+)")
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_DATES = (
    (re.compile(r"-?\d{4,}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)?\Z"), f"{XSD}dateTime"),
    (re.compile(r"-?\d{4,}-\d\d-\d\d\Z"), f"{XSD}date"),
    (re.compile(r"\d\d:\d\d(:\d\d(\.\d+)?)?\Z"), f"{XSD}time"),
    (re.compile(r"-?\d{4,}-\d\d\Z"), f"{XSD}gYearMonth"),
    (re.compile(r"-?\d{4,}\Z"), f"{XSD}gYear"),
    (re.compile(r"-?P\S+\Z"), f"{XSD}duration"),
)

Lists: TypeAlias = dict[str, list[Value]]


class UnreadablePage(ValueError):
    """The page can't be read at all. reason: tooLarge | tooDeep | notHtml."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something in a page that a reader may trip over. code: unknownPrefix | notAnIri | doubleId."""

    line: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says, and what is odd in it."""

    graph: Graph
    doubts: tuple[Doubt, ...]


@dataclass(slots=True, kw_only=True)
class _Context:
    subject: str
    object: str
    language: str = ""
    vocabulary: str = ""
    prefixes: Mapping[str, str] = field(default_factory=dict)
    incomplete: list[tuple[str, str]] = field(default_factory=list)
    lists: Lists = field(default_factory=dict)


def read(raw: bytes, *, base_iri: str, prefixes: Mapping[str, str] | None = None) -> Page:
    """Give the statements of a page.

    base_iri: the address of the page. prefixes: those that count when the page declares none of that name.
    Raises UnreadablePage.
    """
    if len(raw) > MAX_BYTES:
        raise UnreadablePage("tooLarge")
    root = _parsed(raw)
    reading = _Reading(_base(root, base_iri))
    start = _Context(subject=reading.base, object=reading.base, prefixes={**INITIAL, **(prefixes or {})})
    reading.element(root, start, 0, is_root=True)
    reading.close_lists(start.lists, reading.base)
    return Page(graph=reading.graph, doubts=tuple(reading.doubts))


def _parsed(raw: bytes) -> etree._Element:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    text = text.replace("\0", "")
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, huge_tree=False)
    try:
        return html.document_fromstring(f"{text}\n".encode(), parser=parser) if text.strip() else _empty()
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise UnreadablePage("notHtml") from None


def _empty() -> etree._Element:
    return html.document_fromstring("<html></html>")


def _base(root: etree._Element, base_iri: str) -> str:
    for each in root.iter("base"):
        if each.get("href"):
            return _joined(base_iri, str(each.get("href"))).partition("#")[0]
    return base_iri.partition("#")[0]


def _joined(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


class _Reading:
    def __init__(self, base: str) -> None:
        self.base = base
        self.graph = Graph()
        self.doubts: list[Doubt] = []
        self._ids: set[str] = set()
        self._blanks = 0

    def doubt(self, element: etree._Element, code: str, detail: str) -> None:
        line = element.sourceline
        found = Doubt(line=line if isinstance(line, int) else 0, code=code, detail=detail[:200])
        if len(self.doubts) < MAX_FINDINGS and found not in self.doubts:
            self.doubts.append(found)

    def blank(self) -> str:
        self._blanks += 1
        return f"_:r{self._blanks}"

    def element(self, of: etree._Element, within: _Context, depth: int, *, is_root: bool = False) -> None:
        if depth > MAX_DEPTH:
            raise UnreadablePage("tooDeep")
        own_id = of.get("id")
        if own_id:
            if own_id in self._ids:
                self.doubt(of, "doubleId", own_id)
            self._ids.add(own_id)
        _Element(self, of, within, depth, is_root or of.tag in ("head", "body")).read()

    def close_lists(self, lists: Lists, subject: str) -> None:
        for predicate, values in lists.items():
            head: str = NIL
            for value in reversed(values):
                node = self.blank()
                self.graph.add(node, FIRST, value)
                self.graph.add(node, REST, head)
                head = node
            self.graph.add(subject, predicate, head)


class _Element:
    """One element while it is read; the names follow section 7.5 of the standard."""

    def __init__(
        self, reading: _Reading, of: etree._Element, within: _Context, depth: int, is_top: bool
    ) -> None:
        self.reading, self.of, self.within, self.depth, self.is_top = reading, of, within, depth, is_top
        self.vocabulary = within.vocabulary
        if of.get("vocab") is not None:
            self.vocabulary = self._resolved(str(of.get("vocab"))) if of.get("vocab") else ""
        self.prefixes = self._prefixes()
        self.language = within.language
        for name in ("lang", "xml:lang", "{http://www.w3.org/XML/1998/namespace}lang"):
            if of.get(name) is not None:
                self.language = str(of.get(name)).strip().lower()
        self.rel, self.rev = self._relations("rel"), self._relations("rev")
        self.has_relations = self.rel is not None or self.rev is not None
        self.types = [name for name in self._names("typeof") if name]
        self.properties = [name for name in self._names("property") if name]
        self.subject: str | None = None
        self.target: str | None = None
        self.typed: str | None = None
        self.is_skipped = False

    def read(self) -> None:
        self._establish()
        graph = self.reading.graph
        if self.typed is not None:
            for each in self.types:
                graph.add(self.typed, TYPE, each)
        lists = self.within.lists
        opened = self.subject is not None and self.subject != self.within.object
        if opened:
            lists = {}
        incomplete = self._relate(lists)
        self._say(lists)
        if not self.is_skipped and self.subject is not None:
            for direction, predicate in self.within.incomplete:
                self._complete(direction, predicate)
        inner = self._inner(lists, incomplete)
        for child in self.of:
            if isinstance(child.tag, str):
                self.reading.element(child, inner, self.depth + 1)
        if opened and self.subject is not None:
            self.reading.close_lists(lists, self.subject)

    def _establish(self) -> None:
        about = self._resource("about")
        has_property = self.of.get("property") is not None
        has_type = self.of.get("typeof") is not None
        linked = next(
            (found for name in ("resource", "href", "src") if (found := self._resource(name)) is not None),
            None,
        )
        top = self.within.object if self.is_top else None
        if self.has_relations:
            self.subject = about if about is not None else (top or self.within.object)
            self.target = linked
            if linked is None and has_type and about is None:
                self.target = self.reading.blank()
            if has_type:
                self.typed = about if about is not None else self.target
        elif has_property and self.of.get("content") is None and self.of.get("datatype") is None:
            self.subject = about if about is not None else (top or self.within.object)
            if has_type:
                self.typed = about if about is not None else top
                if self.typed is None:
                    self.typed = linked if linked is not None else self.reading.blank()
                self.target = self.typed
        else:
            self.subject = about if about is not None else linked
            if self.subject is None:
                if top is not None:
                    self.subject = top
                elif has_type:
                    self.subject = self.reading.blank()
                else:
                    self.subject = self.within.object
                    self.is_skipped = not has_property
            if has_type:
                self.typed = self.subject

    def _relate(self, lists: Lists) -> list[tuple[str, str]]:
        """Make the statements of rel and rev, or keep them until their object is met."""
        is_list = self.of.get("inlist") is not None
        graph, incomplete = self.reading.graph, []
        assert self.subject is not None
        if self.target is not None:
            for predicate in self.rel or ():
                if is_list:
                    lists.setdefault(predicate, []).append(self.target)
                else:
                    graph.add(self.subject, predicate, self.target)
            for predicate in self.rev or ():
                graph.add(self.target, predicate, self.subject)
        elif self.has_relations:
            for predicate in self.rel or ():
                if is_list:
                    lists.setdefault(predicate, [])
                incomplete.append(("list" if is_list else "forward", predicate))
            incomplete.extend(("back", predicate) for predicate in self.rev or ())
            self.target = self.reading.blank() if incomplete else None
        return incomplete

    def _complete(self, direction: str, predicate: str) -> None:
        assert self.subject is not None
        if direction == "forward":
            self.reading.graph.add(self.within.subject, predicate, self.subject)
        elif direction == "back":
            self.reading.graph.add(self.subject, predicate, self.within.subject)
        else:
            self.within.lists.setdefault(predicate, []).append(self.subject)

    def _say(self, lists: Lists) -> None:
        if not self.properties or self.subject is None:
            return
        value = self._value()
        for predicate in self.properties:
            if self.of.get("inlist") is not None:
                lists.setdefault(predicate, []).append(value)
            else:
                self.reading.graph.add(self.subject, predicate, value)

    def _value(self) -> Value:
        content, datatype = self.of.get("content"), self.of.get("datatype")
        if content is None and self.of.tag == "time":
            content = self.of.get("datetime")
            if content is not None and datatype is None:
                kind = next((iri for pattern, iri in _DATES if pattern.match(content.strip())), "")
                return Lexical(content.strip(), kind) if kind else self._plain(content)
        if content is None and self.of.tag == "data":
            content = self.of.get("value")
        kinds = [name for name in self._names("datatype") if name] if datatype is not None else []
        if kinds and kinds[0] in (XML_LITERAL, HTML_LITERAL):
            return Lexical(_inner_markup(self.of), kinds[0])
        if kinds:
            return Lexical(content if content is not None else _text(self.of), kinds[0])
        if content is not None or datatype is not None:
            return self._plain(content if content is not None else _text(self.of))
        if not self.has_relations:
            for name in ("resource", "href", "src"):
                found = self._resource(name)
                if found is not None:
                    return found
        if self.of.get("typeof") is not None and self.of.get("about") is None and self.typed is not None:
            return self.typed
        return self._plain(_text(self.of))

    def _plain(self, text: str) -> Lexical:
        return Lexical(text, f"{RDF}langString", self.language) if self.language else Lexical(text)

    def _inner(self, lists: Lists, incomplete: list[tuple[str, str]]) -> _Context:
        if self.is_skipped:
            subject, target, waiting = self.within.subject, self.within.object, self.within.incomplete
        else:
            subject = self.subject if self.subject is not None else self.within.subject
            target = self.target if self.target is not None else subject
            waiting = incomplete
        return _Context(
            subject=subject,
            object=target,
            language=self.language,
            vocabulary=self.vocabulary,
            prefixes=self.prefixes,
            incomplete=waiting,
            lists=lists,
        )

    def _prefixes(self) -> Mapping[str, str]:
        found = {
            name[6:].lower(): str(value).strip()
            for name, value in self.of.attrib.items()
            if isinstance(name, str) and name.startswith("xmlns:")
        }
        found.update(
            {name.lower(): iri for name, iri in _PREFIX.findall(self.of.get("prefix") or "") if name != "_"}
        )
        return {**self.within.prefixes, **found} if found else self.within.prefixes

    def _relations(self, name: str) -> list[str] | None:
        said = self.of.get(name)
        if said is None:
            return None
        found = [
            self._name(each) for each in said.split() if ":" in each or self.of.get("property") is None
        ]  # HTML+RDFa 3.1, rule 7
        known = [each for each in found if each]
        return known if known or self.of.get("property") is None else None

    def _names(self, attribute: str) -> Iterator[str]:
        for each in (self.of.get(attribute) or "").split():
            yield self._name(each)

    def _name(self, said: str) -> str:
        """Resolve a term, a shortened name or an IRI; empty when it says nothing."""
        if ":" not in said:
            if self.vocabulary:
                return self._checked(self.vocabulary + said)
            return TERMS.get(said.lower(), "")
        return self._checked(self._shortened(said) or said)

    def _shortened(self, said: str) -> str:
        prefix, _colon, rest = said.partition(":")
        if prefix == "_":
            return f"_:u{re.sub(r'[^A-Za-z0-9]', '', rest) or '0'}"
        if rest.startswith("//"):
            return ""
        space = XHV if prefix == "" else self.prefixes.get(prefix.lower())
        if space is not None:
            return space + rest
        if prefix.lower() not in KNOWN_SCHEMES:
            self.reading.doubt(self.of, "unknownPrefix", said)
        return ""

    def _resource(self, attribute: str) -> str | None:
        said = self.of.get(attribute)
        if said is None:
            return None
        said = said.strip()
        if attribute in ("about", "resource"):
            if said.startswith("[") and said.endswith("]"):
                return self._shortened(said[1:-1]) or None
            prefix = said.partition(":")[0]
            if ":" in said and (prefix == "_" or prefix.lower() in self.prefixes):
                short = self._shortened(said)
                if short:
                    return self._checked(short)
        return self._checked(self._resolved(said))

    def _resolved(self, said: str) -> str:
        return _joined(self.reading.base, said) if said else self.reading.base

    def _checked(self, iri: str) -> str:
        if not iri.startswith("_:") and (_NOT_IN_IRI.search(iri) or ":" not in iri):
            self.reading.doubt(self.of, "notAnIri", iri)
        return iri


def _text(of: etree._Element) -> str:
    return "".join(str(part) for part in of.itertext())


def _inner_markup(of: etree._Element) -> str:
    parts = [of.text or ""]
    parts.extend(etree.tostring(child, encoding="unicode", method="html") for child in of)
    return "".join(parts)
