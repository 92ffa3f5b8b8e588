"""Reads concepts and instances of the Flemish catalogue (LPDC): entries, problems, and what they mean."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.turtle import Blank, Iri, Literal, Node, Term, Triple
from ocapi.modules.services.data import EntryKind

LPDC = "https://productencatalogus.data.vlaanderen.be/ns/ipdc-lpdc#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
TITLE = "http://purl.org/dc/terms/title"
DESCRIPTION = "http://purl.org/dc/terms/description"
VERSION_OF = "http://purl.org/dc/terms/isVersionOf"
PRODUCT_ID = "http://schema.org/productID"
GENERATED_AT = "http://www.w3.org/ns/prov#generatedAtTime"
BASE_IRI = "urn:ocapi:import:"
DEEPEST = 6  # levels of nested things (requirement > evidence > website is 3)

TYPES = {
    EntryKind.CONCEPT: frozenset(
        {f"{LPDC}ConceptualPublicServiceSnapshot", f"{LPDC}ConceptualPublicService"}
    ),
    EntryKind.INSTANCE: frozenset({f"{LPDC}InstancePublicServiceSnapshot", f"{LPDC}InstancePublicService"}),
}
KNOWN = frozenset(
    {
        RDF_TYPE,
        TITLE,
        DESCRIPTION,
        VERSION_OF,
        PRODUCT_ID,
        GENERATED_AT,
        *(f"http://purl.org/dc/terms/{name}" for name in ("type", "spatial", "source", "language")),
        *(f"http://schema.org/{name}" for name in ("dateCreated", "dateModified", "startDate", "endDate")),
        *(
            f"http://data.europa.eu/m8g/{name}"
            for name in (
                "thematicArea",
                "hasCost",
                "hasLegalResource",
                "hasCompetentAuthority",
                "hasContactPoint",
            )
        ),
        *(
            f"{LPDC}{name}"
            for name in (
                "additionalDescription",
                "exception",
                "regulation",
                "competentAuthorityLevel",
                "executingAuthorityLevel",
                "hasExecutingAuthority",
                "publicationMedium",
                "targetAudience",
                "yourEuropeCategory",
                "conceptTag",
                "instanceTag",
                "isArchived",
            )
        ),
        "http://www.w3.org/ns/dcat#keyword",
        "http://vocab.belgif.be/ns/publicservice#hasRequirement",
        "http://purl.org/vocab/cpsv#follows",
        "http://purl.org/vocab/cpsv#produces",
        "http://purl.org/pav/createdBy",
        "http://www.w3.org/2000/01/rdf-schema#seeAlso",
        "http://publications.europa.eu/resource/authority/language",
    }
)
"""Properties of a public service that the profile has; others are kept raw and reported as a warning."""

PREFERRED = (
    "nl-be-x-informal",
    "nl-be-x-formal",
    "nl",
    "nl-be",
    "nl-be-x-generated-informal",
    "nl-be-x-generated-formal",
    "en",
)
"""Languages of the title shown in lists, best first: own words, neutral, generated, English."""

NOT_MEANING = frozenset(
    {
        RDF_TYPE,
        VERSION_OF,
        PRODUCT_ID,
        GENERATED_AT,
        "http://www.w3.org/ns/shacl#order",
        "http://mu.semte.ch/vocabularies/core/uuid",
        f"{LPDC}hasVersionedSource",
        f"{LPDC}snapshotType",
        *(f"http://purl.org/dc/terms/{name}" for name in ("source", "created", "modified")),
        *(f"http://schema.org/{name}" for name in ("dateCreated", "dateModified", "identifier")),
    }
)
"""What may differ between two snapshots that mean the same: ids, dates, order, where it came from."""

_MARKUP = re.compile(r"<[^>]*>")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A subject refused, or a doubt about it; line 1-based, 0 when the subject has no name in the file."""

    line: int
    subject: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One concept or instance. facts: property IRI (nested: a path) and its (language, text) pairs."""

    kind: EntryKind
    iri: str
    version_of: str
    product_id: str
    title: str
    generated_at: str
    facts: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    raw: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a file held."""

    entries: tuple[Entry, ...]
    refused: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def read(raw: bytes, *, kind: EntryKind, format: turtle.Format = turtle.Format.TURTLE) -> Reading:
    """Read every entry of one kind; raises MalformedRdf, with the line, when it is not of the format."""
    graph = _Graph(turtle.parse(raw, format=format, base_iri=BASE_IRI), raw)
    entries: list[Entry] = []
    refused: list[Problem] = []
    warnings: list[Problem] = []
    for subject in graph.of_type(TYPES[kind]):
        reason = _refusal(graph, subject)
        if reason:
            refused.append(graph.problem(subject, reason))
            continue
        entries.append(_entry(graph, subject, kind))
        unknown = sorted({t.predicate.value for t in graph.about[subject]} - KNOWN)
        warnings.extend(graph.problem(subject, f"unknown property {name}, kept as it is") for name in unknown)
        warnings.extend(
            graph.problem(subject, f"nothing is said about {name}") for name in graph.dangling(subject)
        )
    return Reading(entries=tuple(entries), refused=tuple(refused), warnings=tuple(warnings))


class _Graph:
    """The statements of a file by subject."""

    def __init__(self, triples: Iterator[Triple], raw: bytes) -> None:
        self.about: dict[Node, list[Triple]] = defaultdict(list)
        for triple in triples:
            self.about[triple.subject].append(triple)
        self._raw = raw

    def of_type(self, types: frozenset[str]) -> list[Node]:
        return [
            subject
            for subject, said in self.about.items()
            if any(
                t.predicate.value == RDF_TYPE and isinstance(t.object, Iri) and t.object.value in types
                for t in said
            )
        ]

    def problem(self, subject: Node, reason: str) -> Problem:
        name = subject.value if isinstance(subject, Iri) else f"_:{subject.label}"
        return Problem(line=self._line(name), subject=name, reason=reason)

    def _line(self, name: str) -> int:
        place = self._raw.find(name.encode())
        if place < 0:  # written with a prefix: look for the last part
            place = self._raw.find(re.split(r"[/#:]", name)[-1].encode())
        return 0 if place < 0 else self._raw.count(b"\n", 0, place) + 1

    def literals(self, subject: Node, predicate: str) -> list[Literal]:
        return [
            t.object
            for t in self.about[subject]
            if t.predicate.value == predicate and isinstance(t.object, Literal)
        ]

    def dangling(self, subject: Node) -> list[str]:
        """Give the blank things an entry points at that the file never describes."""
        return sorted(
            t.object.label
            for t in self.about[subject]
            if isinstance(t.object, Blank) and t.object not in self.about
        )

    def closure(self, subject: Node, *, depth: int = DEEPEST) -> list[Triple]:
        """Give the statements about a subject and the things that only describe it, each once."""
        found: list[Triple] = []
        seen: set[Node] = set()
        pending: list[tuple[Node, int]] = [(subject, 0)]
        while pending:
            node, level = pending.pop(0)
            if node in seen or level > depth:
                continue
            seen.add(node)
            found.extend(self.about.get(node, ()))
            pending.extend(
                (t.object, level + 1)
                for t in self.about.get(node, ())
                if not isinstance(t.object, Literal) and self._is_part(t)
            )
        return found

    def _is_part(self, triple: Triple) -> bool:
        return triple.object in self.about and triple.predicate.value not in (VERSION_OF, RDF_TYPE)


def _refusal(graph: _Graph, subject: Node) -> str:
    if not isinstance(subject, Iri):
        return "has no IRI, so it can't be recognized the next time"
    if subject.value.startswith(BASE_IRI):
        return "has a relative IRI; write it in full"
    if not graph.literals(subject, TITLE):
        return "has no title (dcterms:title)"
    if not any(each.value.strip() for each in graph.literals(subject, TITLE)):
        return "has an empty title (dcterms:title)"
    return ""


def _entry(graph: _Graph, subject: Node, kind: EntryKind) -> Entry:
    triples = graph.closure(subject)
    raw = _n_triples(triples)
    assert isinstance(subject, Iri)
    versions = [
        t.object.value
        for t in graph.about[subject]
        if t.predicate.value == VERSION_OF and isinstance(t.object, Iri)
    ]
    return Entry(
        kind=kind,
        iri=subject.value,
        version_of=versions[0] if versions else "",
        product_id=_first(graph.literals(subject, PRODUCT_ID)),
        generated_at=_first(graph.literals(subject, GENERATED_AT)),
        title=_best(graph.literals(subject, TITLE)),
        facts=_facts(graph, subject),
        raw=raw,
        sha256=hashlib.sha256(raw.encode()).hexdigest(),
    )


def _first(literals: list[Literal]) -> str:
    return literals[0].value if literals else ""


def _best(titles: list[Literal]) -> str:
    ranks = {language: place for place, language in enumerate(PREFERRED)}
    best = min(titles, key=lambda each: (not each.value.strip(), ranks.get(each.language, len(ranks))))
    return plain(best.value)


def plain(markup: str) -> str:
    """Give the words of an HTML text on one line, without tags."""
    import html

    return " ".join(html.unescape(_MARKUP.sub(" ", markup)).split())


def _facts(graph: _Graph, subject: Node) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path, term in _walk(graph, subject, (), {subject}):
        if isinstance(term, Literal):
            found[" > ".join(path)].append((term.language, plain(term.value)))
        elif isinstance(term, Iri):
            found[" > ".join(path)].append(("", term.value))
    return tuple((path, tuple(values)) for path, values in found.items())


def _walk(
    graph: _Graph, subject: Node, path: tuple[str, ...], seen: set[Node]
) -> Iterator[tuple[tuple[str, ...], Term]]:
    for triple in graph.about[subject]:
        name = triple.predicate.value
        if name == RDF_TYPE:
            continue
        target = triple.object
        is_part = not isinstance(target, Literal) and target in graph.about and name != VERSION_OF
        if not is_part:
            yield (*path, name), target
        elif target not in seen and len(path) < DEEPEST:
            assert not isinstance(target, Literal)
            yield from _walk(graph, target, (*path, name), seen | {target})


def _n_triples(triples: list[Triple]) -> str:
    """Write statements as N-Triples; blank things are numbered, so that equal input gives equal text."""
    labels: dict[str, str] = {}
    lines = (
        " ".join(_written(term, labels) for term in (t.subject, t.predicate, t.object)) + " .\n"
        for t in triples
    )
    return "".join(lines)


def _written(term: Term, labels: dict[str, str]) -> str:
    if isinstance(term, Iri):
        return f"<{term.value}>"
    if isinstance(term, Blank):
        return f"_:{labels.setdefault(term.label, f'b{len(labels)}')}"
    text = f'"{term.value.translate(_ESCAPES)}"'
    if term.language:
        return f"{text}@{term.language}"
    return text if term.datatype == turtle.XSD_STRING else f"{text}^^<{term.datatype}>"


def is_archived(raw: str, *, iri: str) -> bool:
    """Tell whether a concept was taken out of the catalogue."""
    for triple in statements(raw):
        if triple.subject == Iri(value=iri):
            target = triple.object
            if triple.predicate.value == f"{LPDC}isArchived" and isinstance(target, Literal):
                return target.value.lower() in ("true", "1")
            if triple.predicate.value == f"{LPDC}snapshotType" and isinstance(target, Iri):
                return target.value.endswith("/Delete")
    return False


def statements(raw: str) -> list[Triple]:
    """Give the statements of a stored entry (N-Triples), tags that break the standard included."""
    return list(turtle.parse(raw.encode(), format=turtle.Format.N_TRIPLES, base_iri=BASE_IRI))


def meaning(raw: str, *, iri: str) -> dict[str, tuple[str, ...]]:
    """Give what an entry means: by path of properties its texts and codes, in a fixed order.

    Left out is what changes without changing the meaning: ids, dates, order, white space and markup.
    """
    graph = _Graph(iter(statements(raw)), b"")
    found: dict[str, set[str]] = defaultdict(set)
    for path, term in _walk(graph, Iri(value=iri), (), {Iri(value=iri)}):
        if not NOT_MEANING.intersection(path):
            found[" > ".join(path)].add(_said(term))
    return {path: tuple(sorted(values)) for path, values in sorted(found.items())}


def _said(term: Term) -> str:
    if isinstance(term, Literal):
        return f"{plain(term.value)}@{term.language}" if term.language else plain(term.value)
    return term.value if isinstance(term, Iri) else ""


def meaning_digest(raw: str, *, iri: str) -> str:
    """Give the SHA-256 of what an entry means."""
    told = "\n".join(f"{path}={'|'.join(values)}" for path, values in meaning(raw, iri=iri).items())
    return hashlib.sha256(told.encode()).hexdigest()
