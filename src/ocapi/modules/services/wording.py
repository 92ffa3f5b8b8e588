"""From the statements of a concept to our own words: in both address forms, never one for the other."""

import re
from dataclasses import replace

from ocapi.lib import stem
from ocapi.lib.rdf.graph import TYPE, Graph, Lexical, Value, of_triples
from ocapi.modules.services import definitions, lpdc
from ocapi.modules.services.data import ActionKind, InstanceText, Said, SaidPart
from ocapi.modules.services.definitions import ServiceDefinition, WordedText, Wording, Words

DCT, M8G, CPSV, SCHEMA = (
    "http://purl.org/dc/terms/",
    "http://data.europa.eu/m8g/",
    "http://purl.org/vocab/cpsv#",
    "http://schema.org/",
)
REQUIREMENT = "http://vocab.belgif.be/ns/publicservice#hasRequirement"
EVIDENCE = f"{M8G}hasSupportingEvidence"
SEE_ALSO = "http://www.w3.org/2000/01/rdf-schema#seeAlso"
KEYWORD = "http://www.w3.org/ns/dcat#keyword"
ORDER = "http://www.w3.org/ns/shacl#order"
FORMS = {
    "formal": ("nl-be-x-formal", "nl-be-x-generated-formal", "nl", "nl-be"),
    "informal": ("nl-be-x-informal", "nl-be-x-generated-informal", "nl", "nl-be"),
}
"""Which language tags serve an address form, best first: own words, generated, neutral."""
DOMAIN = "cityServices"  # where a product stands that nobody put under a domain of its own
OF_PAGE = {
    "title": "title",
    "description": "description",
    "exceptions": "exception",
    "for_whom": "requirements",
    "bring": "evidence",
    "procedure": "procedures",
    "cost": "costs",
    "benefits": "benefits",
    "more_info": "websites",
    "keywords": "keywords",
}
"""The parts of a product page by the texts of an instance they say."""
MOST_SUMMARY = 200
MOST_CODE = 70


def text_of(raw: str, *, iri: str) -> InstanceText:
    """Give what a concept or instance says, ready to be made one's own."""
    graph = of_triples(iter(lpdc.statements(raw)))
    requirements = _parts(graph, iri, REQUIREMENT)
    evidence = tuple(
        part
        for each in graph.values(iri, REQUIREMENT)
        if isinstance(each, str)
        for part in _parts(graph, each, EVIDENCE)
    )
    return InstanceText(
        title=_said(graph, iri, f"{DCT}title"),
        description=_said(graph, iri, f"{DCT}description"),
        exception=_said(graph, iri, f"{lpdc.LPDC}exception"),
        regulation=_said(graph, iri, f"{lpdc.LPDC}regulation"),
        requirements=requirements,
        evidence=evidence,
        procedures=_parts(graph, iri, f"{CPSV}follows"),
        costs=_parts(graph, iri, f"{M8G}hasCost"),
        benefits=_parts(graph, iri, f"{CPSV}produces"),
        websites=_parts(graph, iri, SEE_ALSO),
        keywords=tuple(
            sorted({v.text for v in graph.values(iri, KEYWORD) if isinstance(v, Lexical) and _is_dutch(v)})
        ),
        type=_codes(graph, iri, f"{DCT}type")[0] if _codes(graph, iri, f"{DCT}type") else "",
        audiences=_codes(graph, iri, f"{lpdc.LPDC}targetAudience"),
        themes=_codes(graph, iri, f"{M8G}thematicArea"),
    )


def _is_dutch(value: Lexical) -> bool:
    return value.language in ("", "nl") or value.language.startswith("nl-")


def _said(graph: Graph, subject: Value, predicate: str) -> Said:
    texts = {
        v.language: lpdc.plain(v.text) for v in graph.values(subject, predicate) if isinstance(v, Lexical)
    }
    formal, informal = (
        next((texts[tag] for tag in FORMS[form] if texts.get(tag)), "") for form in ("formal", "informal")
    )
    return Said(formal=formal, informal=informal)


def _parts(graph: Graph, subject: str, predicate: str) -> tuple[SaidPart, ...]:
    named = [
        each for each in graph.values(subject, predicate) if isinstance(each, str) and each in graph.things
    ]
    return tuple(
        SaidPart(
            title=_said(graph, each, f"{DCT}title"),
            text=_said(graph, each, f"{DCT}description"),
            url=_url(graph, each),
        )
        for each in sorted(named, key=lambda each: _order(graph, each))
    )


def _order(graph: Graph, subject: str) -> int:
    found = graph.one(subject, ORDER)
    is_number = isinstance(found, Lexical) and found.text.isascii() and found.text.isdigit()
    return int(found.text[:6]) if is_number and isinstance(found, Lexical) else 0


def _url(graph: Graph, subject: str) -> str:
    found = graph.one(subject, f"{SCHEMA}url")
    text = found.text if isinstance(found, Lexical) else found or ""
    return text if text.startswith("https://") else ""


def _codes(graph: Graph, subject: str, predicate: str) -> tuple[str, ...]:
    found = (v for v in graph.values(subject, predicate) if isinstance(v, str) and not v.startswith("_:"))
    return tuple(v.rstrip("/").rpartition("/")[2] for v in found if v != TYPE)


def problems_of(text: InstanceText, *, address_form: str) -> tuple[str, ...]:
    """Give what the receiver would refuse: no title or description in the form the organization speaks."""
    found = []
    if not getattr(text.title, address_form):
        found.append("titleMissing")
    if not getattr(text.description, address_form):
        found.append("descriptionMissing")
    if not any(getattr(each, address_form) for each in (text.title,)) and text.title != Said():
        found.append("otherFormOnly")
    return tuple(dict.fromkeys(found))


def code_of(title: str) -> str:
    """Give the part of an address that a title makes: `akte-van-belgische-nationaliteit`."""
    folded = stem.fold(title)
    return re.sub(r"[^a-z0-9]+", "-", folded)[:MOST_CODE].strip("-") or "dienst"


def definition_of(text: InstanceText, *, code: str, kinds: tuple[str, ...]) -> ServiceDefinition:
    """Give the product page that an instance makes."""
    description = _words(text.description)
    costs = " ".join(each.title.formal or each.text.formal for each in text.costs).strip()
    return ServiceDefinition(
        code=code,
        order=500,
        top_task=False,
        kind_of_organization=kinds,
        domain=DOMAIN,
        type=text.type or "AdviesBegeleiding",
        title=_words(text.title),
        summary=_shortened(text.description),
        description=description,
        cost=definitions.CostDefinition(
            free=not text.costs,
            text=_joined(text.costs) if costs else "Gratis",
        ),
        contact=definitions.ContactDefinition(unit="Onthaal", text="Neem contact op met het onthaal."),
        action=definitions.ActionDefinition(label="Neem contact op", kind=ActionKind.CONTACT),
        minimum_assurance="none",
        target_audiences=text.audiences,
        themes=text.themes,
        for_whom=tuple(_titled(each) for each in text.requirements),
        exceptions=(_words(text.exception),) if text.exception != Said() else (),
        procedure=tuple(_titled(each) for each in text.procedures),
        bring=tuple(_titled(each) for each in text.evidence),
        benefits=definitions.BenefitsDefinition(text=_joined(text.benefits)) if text.benefits else None,
        more_info=tuple(_titled(each) for each in text.websites),
        keywords=text.keywords,
    )


def text_of_definition(of: ServiceDefinition) -> InstanceText:
    """Give what a product page says by the names of LPDC, in both address forms."""
    costs = () if of.cost.free else (SaidPart(title=_both(None), text=_both(of.cost.text)),)
    benefits = (SaidPart(title=_both(None), text=_both(of.benefits.text)),) if of.benefits else ()
    exceptions = tuple(_both(each) for each in of.exceptions)
    return InstanceText(
        title=_both(of.title),
        description=_both(of.description),
        exception=Said(
            formal=" ".join(each.formal for each in exceptions),
            informal=" ".join(each.informal for each in exceptions),
        ),
        requirements=tuple(map(_part, of.for_whom)),
        evidence=tuple(map(_part, of.bring)),
        procedures=tuple(map(_part, of.procedure)),
        costs=costs,
        benefits=benefits,
        websites=tuple(_part(each) for each in of.more_info if each.url),
        keywords=tuple(sorted(of.keywords)),
        type=of.type,
        audiences=of.target_audiences,
        themes=of.themes,
    )


def rewritten(of: ServiceDefinition, text: InstanceText) -> ServiceDefinition:
    """Give a product page with the texts of its instance where they differ; what LPDC has no word for, such
    as its form, stays.
    """
    before, made = text_of_definition(of), definition_of(text, code=of.code, kinds=of.kind_of_organization)
    changed = {
        name: getattr(made, name)
        for name, part in OF_PAGE.items()
        if getattr(text, part) != getattr(before, part)
    }
    return replace(of, **changed)


def _both(words: Words | None) -> Said:
    return Said(formal=definitions.worded(words, "formal"), informal=definitions.worded(words, "informal"))


def _part(of: WordedText) -> SaidPart:
    return SaidPart(title=_both(of.title), text=_both(of.text), url=of.url or "")


def _words(said: Said) -> Words:
    return (
        said.formal if said.formal == said.informal else Wording(formal=said.formal, informal=said.informal)
    )


def _shortened(said: Said) -> Words:
    def short(text: str) -> str:
        first = text.partition(". ")[0]
        return first if len(first) <= MOST_SUMMARY else f"{first[: MOST_SUMMARY - 1]}…"

    return _words(Said(formal=short(said.formal), informal=short(said.informal)))


def _joined(parts: tuple[SaidPart, ...]) -> Words:
    def all_of(form: str) -> str:
        said = (f"{getattr(p.title, form)}: {getattr(p.text, form)}".strip(": ") for p in parts)
        return " ".join(said)

    return _words(Said(formal=all_of("formal"), informal=all_of("informal")))


def _titled(part: SaidPart) -> WordedText:
    title = part.title if part.title != Said() else part.text
    return WordedText(title=_words(title), text=_words(part.text), url=part.url or None)
