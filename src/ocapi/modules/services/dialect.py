"""A published instance in the words of LPDC: its member of the feed, and the contexts to read it by.

Source: the implementation model IPDC-LPDC (terms, code lists) and the dialect of its feed. A member holds one
Dutch variant, the one the organization speaks, and never a generated one.
"""

from datetime import UTC, datetime

from ocapi.lib import codec
from ocapi.lib.codec import JsonValue
from ocapi.lib.ldes import vocabulary as ldes
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import XSD, Graph, of_triples
from ocapi.modules.services.data import InstanceText, Said, SaidPart
from ocapi.modules.services.lpdc import BASE_IRI, LPDC
from ocapi.modules.services.wording import (
    CPSV,
    DCT,
    EVIDENCE,
    KEYWORD,
    M8G,
    ORDER,
    REQUIREMENT,
    SCHEMA,
    SEE_ALSO,
)

CODES = "https://productencatalogus.data.vlaanderen.be/id/concept/"
BODIES = "https://data.vlaanderen.be/id/organisatie/"
AREAS = "http://data.europa.eu/nuts/code/"
CLASS = f"{LPDC}InstancePublicServiceSnapshot"
REGIONS = {
    "11": "BE211", "12": "BE212", "13": "BE213", "23": "BE241", "24": "BE242", "31": "BE251", "32": "BE252",
    "33": "BE253", "34": "BE254", "35": "BE255", "36": "BE256", "37": "BE257", "38": "BE258", "41": "BE231",
    "42": "BE232", "43": "BE233", "44": "BE234", "45": "BE235", "46": "BE236", "71": "BE224", "72": "BE225",
    "73": "BE223",
}
"""NUTS 3 region (2021) by arrondissement, the first two digits of a NIS code; Regulation (EC) 1059/2003."""


def _texts(iri: str) -> JsonValue:
    return {"@id": iri, "@container": "@language"}


def _links(iri: str, base: str = "", *, many: bool = True) -> JsonValue:
    made: dict[str, JsonValue] = {"@id": iri, "@type": "@id"}
    if many:
        made["@container"] = "@set"
    if base:
        made["@context"] = {"@base": base}
    return made


def _typed(iri: str, kind: str) -> JsonValue:
    return {"@id": iri, "@type": f"{XSD}{kind}"}


_PART: dict[str, JsonValue] = {
    "naam": _texts(f"{DCT}title"),
    "beschrijving": _texts(f"{DCT}description"),
    "order": _typed(ORDER, "integer"),
}
_WEBSITES = _links(f"{LPDC}hasWebsite")
MODEL_CONTEXT: dict[str, JsonValue] = {
    "InstantieSnapshot": {
        "@id": CLASS,
        "@context": {
            "isVersionOf": _links(ldes.IS_VERSION_OF, many=False),
            "generatedAtTime": _typed(ldes.GENERATED_AT, "dateTime"),
            "aangemaaktDoor": _links("http://purl.org/pav/createdBy", BODIES, many=False),
            "creatie": _typed(f"{SCHEMA}dateCreated", "dateTime"),
            "laatstGewijzigd": _typed(f"{SCHEMA}dateModified", "dateTime"),
            "linkedConcept": _links(f"{DCT}source", many=False),
            "productnummer": _typed(f"{SCHEMA}productID", "string"),
            "naam": _texts(f"{DCT}title"),
            "beschrijving": _texts(f"{DCT}description"),
            "uitzonderingen": _texts(f"{LPDC}exception"),
            "regelgevingTekst": _texts(f"{LPDC}regulation"),
            "bevoegdeOverheden": _links(f"{M8G}hasCompetentAuthority", BODIES),
            "uitvoerendeOverheden": _links(f"{LPDC}hasExecutingAuthority", BODIES),
            "geografischToepassingsgebieden": _links(f"{DCT}spatial", AREAS),
            "gearchiveerd": _typed(f"{LPDC}isArchived", "boolean"),
            "type": _links(f"{DCT}type", f"{CODES}Type/", many=False),
            "doelgroepen": _links(f"{LPDC}targetAudience", f"{CODES}Doelgroep/"),
            "themas": _links(f"{M8G}thematicArea", f"{CODES}Thema/"),
            "zoektermen": {"@id": KEYWORD, "@container": ["@language", "@set"]},
            "voorwaarden": _links(REQUIREMENT),
            "procedures": _links(f"{CPSV}follows"),
            "kosten": _links(f"{M8G}hasCost"),
            "financieleVoordelen": _links(f"{CPSV}produces"),
            "websites": _links(SEE_ALSO),
        },
    },
    "Voorwaarde": {"@id": f"{M8G}Requirement", "@context": {**_PART, "bewijs": _links(EVIDENCE, many=False)}},
    "Bewijs": {"@id": f"{M8G}Evidence", "@context": _PART},
    "Procedure": {"@id": f"{CPSV}Rule", "@context": {**_PART, "websites": _WEBSITES}},
    "Kost": {"@id": f"{M8G}Cost", "@context": _PART},
    "FinancieelVoordeel": {"@id": f"{LPDC}FinancialAdvantage", "@context": _PART},
    "Website": {
        "@id": f"{SCHEMA}WebSite",
        "@context": {**_PART, "url": _typed(f"{SCHEMA}url", "string")},
    },
}
_RELATION: JsonValue = {
    "node": _links(ldes.TREE_NODE, many=False),
    "path": {"@id": ldes.TREE_PATH, "@type": "@vocab"},
}
FEED_CONTEXT: dict[str, JsonValue] = {
    "generatedAtTime": _typed(ldes.GENERATED_AT, "dateTime"),
    "isVersionOf": _links(ldes.IS_VERSION_OF, many=False),
    "EventStream": {
        "@id": ldes.EVENT_STREAM,
        "@context": {
            "member": {"@id": ldes.MEMBER, "@container": "@set"},
            "timestampPath": {"@id": ldes.TIMESTAMP_PATH, "@type": "@vocab"},
            "versionOfPath": {"@id": ldes.VERSION_OF_PATH, "@type": "@vocab"},
            "view": ldes.VIEW,
        },
    },
    "Node": {"@id": ldes.NODE, "@context": {"relation": {"@id": ldes.RELATION, "@container": "@set"}}},
    "GreaterThanOrEqualToRelation": {"@id": ldes.AT_LEAST, "@context": _RELATION},
    "LessThanOrEqualToRelation": {"@id": f"{ldes.TREE}LessThanOrEqualToRelation", "@context": _RELATION},
}
SHAPE = f"""@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <{XSD}> .
<#snapshot> a sh:NodeShape ; sh:targetClass <{CLASS}> ;
  sh:property [ sh:path <{DCT}title> ; sh:minCount 1 ; sh:uniqueLang true ] ;
  sh:property [ sh:path <{DCT}description> ; sh:minCount 1 ; sh:uniqueLang true ] ;
  sh:property [ sh:path <{ldes.IS_VERSION_OF}> ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path <{ldes.GENERATED_AT}> ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:dateTime ] ;
  sh:property [ sh:path <{M8G}hasCompetentAuthority> ; sh:minCount 1 ; sh:nodeKind sh:IRI ] .
"""


def area_of(nis: str) -> str:
    """Give the code of a municipality's area, `BE23444021` of 44021; empty for one outside Flanders."""
    region = REGIONS.get(nis[:2], "")
    return f"{region}{nis}" if region else ""


def member(
    text: InstanceText,
    *,
    iri: str,
    of: str,
    concept: str,
    product_id: str,
    authority: str,
    area: str,
    address_form: str,
    is_archived: bool,
    created_at: datetime,
    at: datetime,
) -> dict[str, JsonValue]:
    """Give the full state of an instance as a member of the feed; what it does not say is left out.

    authority: IRI of the organization. area: code of its territory. address_form: formal or informal.
    """
    made = _told(text, address_form) | {
        "linkedConcept": concept,
        "productnummer": product_id,
        "geografischToepassingsgebieden": [area] if area else [],
    }
    return {
        "@id": iri,
        "@type": ["InstantieSnapshot"],
        "isVersionOf": of,
        "aangemaaktDoor": authority,
        "creatie": instant(created_at),
        "laatstGewijzigd": instant(at),
        "generatedAtTime": instant(at),
        "bevoegdeOverheden": [authority],
        "uitvoerendeOverheden": [authority],
        **{name: value for name, value in made.items() if value},
        "gearchiveerd": is_archived,
    }


def _told(text: InstanceText, address_form: str) -> dict[str, JsonValue]:
    """Give what an instance says, by member; empty where it says nothing."""
    tag = f"nl-BE-x-{address_form}"

    def said(what: Said) -> dict[str, JsonValue]:
        words = getattr(what, address_form)
        return {tag: words} if words else {}

    def part(each: SaidPart, kind: str, order: int) -> dict[str, JsonValue]:
        title, body = said(each.title), said(each.text)
        shown: dict[str, JsonValue] = {"@type": kind, "order": order, "naam": title or body}
        return shown | {"beschrijving": body or title} | ({"url": each.url} if kind == "Website" else {})

    def parts(found: tuple[SaidPart, ...], kind: str) -> list[JsonValue]:
        worded = [each for each in found if said(each.title) or said(each.text)]
        return [part(each, kind, order) for order, each in enumerate(worded)]

    return {
        "naam": said(text.title),
        "beschrijving": said(text.description),
        "uitzonderingen": said(text.exception),
        "regelgevingTekst": said(text.regulation),
        "voorwaarden": _requirements(parts(text.requirements, "Voorwaarde"), parts(text.evidence, "Bewijs")),
        "procedures": parts(text.procedures, "Procedure"),
        "kosten": parts(text.costs, "Kost"),
        "financieleVoordelen": parts(text.benefits, "FinancieelVoordeel"),
        "websites": parts(tuple(each for each in text.websites if each.url), "Website"),
        "zoektermen": {"nl": list(text.keywords)} if text.keywords else {},
        "type": text.type,
        "doelgroepen": list(text.audiences),
        "themas": list(text.themes),
    }


def _requirements(found: list[JsonValue], evidence: list[JsonValue]) -> list[JsonValue]:
    """Put each piece of evidence under a requirement; one left over makes a requirement of its own."""
    made: list[JsonValue] = []
    for order in range(max(len(found), len(evidence))):
        proof = evidence[order] if order < len(evidence) else None
        own = found[order] if order < len(found) else proof
        assert isinstance(own, dict)
        whole: dict[str, JsonValue] = {**own, "@type": "Voorwaarde", "order": order}
        if isinstance(proof, dict):
            whole["bewijs"] = {name: value for name, value in proof.items() if name != "order"}
        made.append(whole)
    return made


def instant(at: datetime) -> str:
    """Give an instant in UTC to the microsecond."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def graph_of(told: dict[str, JsonValue]) -> Graph:
    """Give what a member says of the thing it is a version of, without what the feed itself says of it."""
    of = str(told["isVersionOf"])
    own = {name: value for name, value in told.items() if name not in ("isVersionOf", "generatedAtTime")}
    return _graph({**own, "@id": of})


def whole_graph_of(told: dict[str, JsonValue]) -> Graph:
    """Give what a member says of itself."""
    return _graph(told)


def _graph(told: dict[str, JsonValue]) -> Graph:
    raw = codec.encode_json({"@context": MODEL_CONTEXT, **told})
    return of_triples(iter(turtle.parse(raw, format=turtle.Format.JSON_LD, base_iri=BASE_IRI)))
