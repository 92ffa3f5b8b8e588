"""Reads a JSON-LD context into a table of terms, and says what is wrong with it.

The subset is that of the official profiles: flat terms with @id, @type, @container (set, list, language),
@language and @reverse, prefixes, aliases of keywords, and contexts within a class. The rest is refused by
name, never ignored.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ocapi.lib import codec
from ocapi.lib.codec import JsonValue, MalformedInput
from ocapi.lib.finding import Finding
from ocapi.lib.rdf.graph import LANG_STRING, RDF, STRING, XSD
from ocapi.lib.rdf.tags import is_tag

MAX_BYTES = 1 << 20
MAX_TERMS = 5_000
DEFAULT_LANGUAGE = "nl"
PLACEHOLDER_HOSTS = frozenset({"fixme.com", "example.com", "example.org", "www.example.com", "test.com"})
MISTYPED_HOSTS = frozenset({"ww.w3.org", "w3.org"})
KEYWORDS = frozenset(
    {
        "@id",
        "@type",
        "@value",
        "@language",
        "@container",
        "@context",
        "@set",
        "@list",
        "@reverse",
        "@vocab",
        "@base",
        "@version",
        "@graph",
        "@none",
        "@protected",
    }
)
CONTAINERS = frozenset({"@set", "@list", "@language"})
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|^`\\]*\Z")
_HOST = re.compile(r"[a-z]+://([^/?#:]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What a term stands for.

    datatype: of a plain value; empty when none is said. is_link: plain text is an IRI. of_class: the class
    of what it links to, by the context. is_text: text with a language, `language` when none is said.
    plain: datatype and language of a plain text, None when a text is no literal or not alone.
    """

    name: str
    iri: str
    datatype: str = ""
    is_link: bool = False
    is_vocabulary: bool = False
    of_class: str = ""
    is_text: bool = False
    language: str = ""
    container: str = ""
    is_reverse: bool = False
    is_untyped: bool = False
    plain: tuple[str, str] | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        said = (LANG_STRING, self.language) if self.is_text else (self.datatype or STRING, "")
        is_plain = not (self.is_link or self.container or self.is_reverse)
        object.__setattr__(self, "plain", said if is_plain else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A pinned context. digest: SHA-256 of its bytes. within: terms of a class only, by class IRI."""

    terms: Mapping[str, Term]
    digest: str
    findings: tuple[Finding, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)
    within: Mapping[str, Mapping[str, Term]] = field(default_factory=dict)
    vocabulary: str = ""
    prefixes: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_usable(self) -> bool:
        """Tell whether nothing fatal was found."""
        return not any(each.is_fatal for each in self.findings)


def read(raw: bytes) -> Context:
    """Read a context document. What is wrong stands in the findings; bytes that are no JSON are fatal."""
    reading = _Reading()
    try:
        document = codec.decode_signed_json(raw, max_bytes=MAX_BYTES)
    except MalformedInput as refused:
        return _unread(raw, refused)
    reading.document(document)
    return Context(
        terms=reading.terms,
        digest=hashlib.sha256(raw).hexdigest(),
        findings=tuple(reading.findings),
        aliases=reading.aliases,
        within=reading.within,
        vocabulary=reading.vocabulary,
        prefixes={name: term.iri for name, term in reading.terms.items() if term.iri[-1:] in ("#", "/")},
    )


def _unread(raw: bytes, refused: MalformedInput) -> Context:
    """Say why a context is no JSON; a member that stands twice is mended by taking the last, and told."""
    digest = hashlib.sha256(raw).hexdigest()
    if refused.reason is codec.Reason.DUPLICATE_MEMBER:
        reading = _Reading()
        reading.find("termTwice", "", refused.detail)
        reading.document(codec.decode_untyped(raw, max_bytes=MAX_BYTES))
        return Context(
            terms=reading.terms,
            digest=digest,
            findings=tuple(reading.findings),
            aliases=reading.aliases,
            within=reading.within,
            vocabulary=reading.vocabulary,
        )
    finding = Finding(code="contextNoJson", where="", detail=refused.detail, is_fatal=True)
    return Context(terms={}, digest=digest, findings=(finding,))


class _Reading:
    def __init__(self) -> None:
        self.terms: dict[str, Term] = {}
        self.aliases: dict[str, str] = {}
        self.within: dict[str, dict[str, Term]] = {}
        self.findings: list[Finding] = []
        self.vocabulary = ""
        self.raw: dict[str, JsonValue] = {}

    def find(self, code: str, where: str, detail: str = "", *, is_fatal: bool = False) -> None:
        self.findings.append(Finding(code=code, where=where, detail=detail, is_fatal=is_fatal))

    def document(self, document: JsonValue) -> None:
        context = document.get("@context") if isinstance(document, dict) else None
        for part in context if isinstance(context, list) else [context]:
            if isinstance(part, str):
                self.find("remoteContext", "", part, is_fatal=True)
            elif isinstance(part, dict):
                self.raw.update(part)
            else:
                self.find("contextMissing", "", "no @context object", is_fatal=True)
        if len(self.raw) > MAX_TERMS:
            self.find("tooManyTerms", "", str(len(self.raw)), is_fatal=True)
            return
        self.keywords()
        for name, definition in self.raw.items():
            if not name.startswith("@"):
                self.keep(self.terms, name, definition)

    def keywords(self) -> None:
        vocabulary = self.raw.get("@vocab")
        self.vocabulary = vocabulary if isinstance(vocabulary, str) else ""
        for name in self.raw:
            if name.startswith("@") and name not in (
                "@vocab",
                "@version",
                "@language",
                "@base",
                "@protected",
            ):
                self.find("keywordNotKnown", name, is_fatal=True)

    def keep(self, terms: dict[str, Term], name: str, definition: JsonValue) -> None:
        """Read one definition into the table."""
        if definition is None:
            return
        if isinstance(definition, str):
            if definition in KEYWORDS:
                self.aliases[name] = definition
                return
            definition = {"@id": definition}
        if not isinstance(definition, dict):
            self.find("termNotRead", name, "neither text nor object", is_fatal=True)
            return
        reverse = definition.get("@reverse")
        iri = self.expanded(name, reverse if reverse is not None else definition.get("@id", name))
        if not iri:
            return
        term = self.term(name, iri, definition, is_reverse=reverse is not None)
        inner = definition.get("@context")
        if isinstance(inner, dict):
            scoped = self.within.setdefault(iri, {})
            for each, inside in inner.items():
                if not each.startswith("@"):
                    self.keep(scoped, each, inside)
        terms[name] = term

    def term(self, name: str, iri: str, definition: dict[str, JsonValue], *, is_reverse: bool) -> Term:
        unknown = set(definition) - {
            "@id",
            "@type",
            "@container",
            "@language",
            "@reverse",
            "@context",
            "@protected",
        }
        for each in unknown:
            self.find("keywordNotKnown", name, each, is_fatal=True)
        container = definition.get("@container", "")
        if isinstance(container, list):
            container = next((each for each in container if each != "@set"), "@set")
        if container and container not in CONTAINERS:
            self.find("containerNotKnown", name, str(container), is_fatal=True)
        language = definition.get("@language")
        if isinstance(language, str) and language and not is_tag(language):
            self.find("languageIllegal", name, language, is_fatal=True)
        kind = definition.get("@type")
        made = self.coercion(name, kind)
        is_text = made.get("is_text") or isinstance(language, str) or container == "@language"
        return Term(
            name=name,
            iri=iri,
            container=str(container),
            is_reverse=is_reverse,
            datatype=str(made.get("datatype", "")),
            is_link=bool(made.get("is_link")) or is_reverse,
            is_vocabulary=kind == "@vocab",
            of_class=str(made.get("of_class", "")),
            is_text=bool(is_text),
            language=language if isinstance(language, str) else DEFAULT_LANGUAGE if is_text else "",
            is_untyped=kind is None and not is_text and not is_reverse,
        )

    def coercion(self, name: str, kind: JsonValue) -> dict[str, str | bool]:
        """Give what the values of a term are by its @type; a class there means a link to such a thing."""
        if kind is None:
            return {}
        if kind == "":
            self.find("typeEmpty", name, "read as if it had no @type")
            return {}
        if kind in ("@id", "@vocab"):
            return {"is_link": True}
        if kind == "@none":
            return {}
        iri = self.expanded(name, kind)
        if iri in (LANG_STRING, f"{RDF}langString"):
            self.find("langString", name, "a coercion to rdf:langString has no language: read as Dutch text")
            return {"is_text": True}
        if not iri:
            return {}
        if iri.startswith(XSD) or iri == "http://www.w3.org/2000/01/rdf-schema#Literal" or _is_datatype(iri):
            return {"datatype": iri}
        self.find("typeIsClass", name, f"{iri} is a class: values are links")
        return {"is_link": True, "of_class": iri}

    def expanded(self, name: str, written: JsonValue) -> str:
        """Give the absolute IRI of a name in the context, empty and a finding when there is none."""
        if not isinstance(written, str):
            self.find("iriMissing", name, is_fatal=True)
            return ""
        prefix, colon, rest = written.partition(":")
        if colon and not rest.startswith("//"):
            of_prefix = self.raw.get(prefix)
            of_prefix = of_prefix.get("@id") if isinstance(of_prefix, dict) else of_prefix
            if isinstance(of_prefix, str):
                written = of_prefix + rest
        elif not colon and self.vocabulary:
            written = self.vocabulary + written
        elif not colon and written in self.raw and written != name:
            return self.expanded(written, _id_of(self.raw[written]))
        if not _IRI.match(written):
            self.find("iriIllegal", name, written)
            return ""
        self.judge_host(name, written)
        return written

    def judge_host(self, name: str, iri: str) -> None:
        host = found[1].lower() if (found := _HOST.match(iri)) else ""
        if host in PLACEHOLDER_HOSTS:
            self.find("placeholder", name, iri)
        elif host in MISTYPED_HOSTS or ".test-" in f".{host}":
            self.find("deadHost", name, iri)


def _id_of(definition: JsonValue) -> JsonValue:
    return definition.get("@id") if isinstance(definition, dict) else definition


DATATYPES = frozenset(
    {
        f"{RDF}HTML",
        f"{RDF}JSON",
        f"{RDF}XMLLiteral",
        f"{RDF}PlainLiteral",
        "http://www.opengis.net/ont/geosparql#wktLiteral",
        "http://www.opengis.net/ont/geosparql#gmlLiteral",
        "http://www.opengis.net/ont/geosparql#geoJSONLiteral",
    }
)


def _is_datatype(iri: str) -> bool:
    return iri in DATATYPES


def document(context: Context) -> bytes:
    """Write the table of terms as a context: what any processor reads as we read it, without its defects."""
    terms: dict[str, object] = {"@version": 1.1}
    if context.vocabulary:
        terms["@vocab"] = context.vocabulary
    terms.update(context.aliases)
    terms.update({name: _definition(term, context) for name, term in context.terms.items()})
    return codec.encode_json({"@context": terms})


def _definition(term: Term, context: Context | None) -> object:
    made: dict[str, object] = {"@reverse" if term.is_reverse else "@id": term.iri}
    if term.is_link and not term.is_reverse:
        made["@type"] = "@vocab" if term.is_vocabulary else "@id"
    elif term.is_text and term.container != "@language":
        made["@language"] = term.language
    elif term.datatype:
        made["@type"] = term.datatype
    if term.container:
        made["@container"] = term.container
    inner = context.within.get(term.iri) if context else None
    if inner:
        made["@context"] = {name: _definition(each, None) for name, each in inner.items()}
    return term.iri if list(made) == ["@id"] else made
