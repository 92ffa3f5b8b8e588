"""Names and IRIs: the core context restated, and the terms a request brings.

Source: ETSI GS CIM 009 annex B. The core context stands last and is protected: no other one changes its
terms, and what no context names gets the IRI of the default context.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeGuard

from ocapi.dataplane.context.errors import bad

NGSI_LD = "https://uri.etsi.org/ngsi-ld/"
DEFAULT = f"{NGSI_LD}default-context/"
GEOJSON = "https://purl.org/geojson/vocab#"
DCT = "http://purl.org/dc/terms/"
CORE_CONTEXT = f"{NGSI_LD}v1/ngsi-ld-core-context-v1.8.jsonld"
MOST_TERMS = 5_000
_CORE_ADDRESS = re.compile(
    r"https?://uri\.etsi\.org/ngsi-ld/(v1/)?ngsi-ld-core-context(-v1\.[0-9])?\.jsonld"
)
_PLAIN = """
Attribute AttributeList ContextSourceIdentity ContextSourceNotification ContextSourceRegistration Date
DateTime EntityType EntityTypeInfo EntityTypeList ExecutionResultDetails GeoProperty JsonProperty
LanguageProperty ListProperty ListRelationship Notification Property Relationship Snapshot
SnapshotNotification Subscription TemporalProperty Time VocabProperty accept aggrParams aggrMethods
aggrPeriodDuration attributeList attributeName attributeNames attributeTypes attributes attrs avg
cacheDuration collation contextSourceAlias contextSourceExtras contextSourceInfo contextSourceTimeAt
contextSourceUptime cooldown createdAt csf data datasetId deletedAt detail distinctCount endAt endTimeAt
endpoint entities entity entityCount entityId entityList error errors expandValues expiresAt format geoQ
geoproperty georel idPattern information instanceId isActive join jsonKeys jsons lang lastFailure
lastNotification lastSuccess lastUsedAt linkedMaps localOnly location management managementInterval max min
mode modifiedAt ngsildproof notification notificationTrigger notifiedAt notifierInfo notUpdated
observationInterval observationSpace observedAt omit operations operationSpace orderBy ordering pick
problemDetails propertyNames q reason receiverInfo refreshRate registrationId registrationName
relationshipNames resultStatus scope scopeQ showChanges snapshotId snapshotLifetime snapshotPriority
snapshotQueries snapshotQueriesDetails snapshotStatus snapshotTemporalQueries snapshotTemporalQueriesDetails
startAt status stddev subscriptionId subscriptionName success sum sumsq sysAttrs temporalQ tenant throttling
timeAt timeInterval timeout timeproperty timerel timesFailed timesSent totalCount triggerReason typeList
typeName typeNames unchanged unitCode updated uri watchedAttributes
"""
_HAS = {
    "value": "hasValue",
    "object": "hasObject",
    "languageMap": "hasLanguageMap",
    "vocab": "hasVocab",
    "json": "hasJSON",
    "valueList": "hasValueList",
    "objectList": "hasObjectList",
    "values": "hasValues",
    "objects": "hasObjects",
    "languageMaps": "hasLanguageMaps",
    "vocabs": "hasVocabs",
    "valueLists": "hasValueLists",
    "objectLists": "hasObjectLists",
    "dataset": "hasDataset",
    "entityMap": "hasEntityMap",
    "joinLevel": "hasJoinLevel",
    "key": "hasKey",
    "objectType": "hasObjectType",
    "valueType": "hasValueType",
    "containedBy": "isContainedBy",
    "previousValue": "hasPreviousValue",
    "previousObject": "hasPreviousObject",
    "previousLanguageMap": "hasPreviousLanguageMap",
    "previousVocab": "hasPreviousVocab",
    "previousJson": "hasPreviousJson",
    "previousValueList": "hasPreviousValueList",
    "previousObjectList": "hasPreviousObjectList",
}
_SHAPES = """
Feature FeatureCollection GeometryCollection LineString MultiLineString MultiPoint MultiPolygon Point Polygon
bbox coordinates features geometry properties
"""
CORE: Mapping[str, str] = MappingProxyType(
    {
        **{name: f"{NGSI_LD}{name}" for name in _PLAIN.split()},
        **{name: f"{NGSI_LD}{iri}" for name, iri in _HAS.items()},
        **{name: f"{GEOJSON}{name}" for name in _SHAPES.split()},
        "title": f"{DCT}title",
        "description": f"{DCT}description",
        "langString": "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString",
        "ngsi-ld": NGSI_LD,
        "geojson": GEOJSON,
    }
)
_CORE_NAMES = MappingProxyType({iri: name for name, iri in CORE.items()})
_DELIMITERS = (":", "/", "?", "#", "[", "]", "@")
_FORM = r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|^`\\]+"
_IRI = re.compile(_FORM)
_IRIS = re.compile(rf"{_FORM}(?:\n{_FORM})*")
_LONGEST = 2048
_NAME = re.compile(r"[^\x00-\x20<>\"{}|^`\\()=;,&?*'$%\[\]!~#]{1,512}")


def is_uri(text: object) -> TypeGuard[str]:
    """Tell whether a value is an absolute IRI."""
    return isinstance(text, str) and len(text) <= _LONGEST and _IRI.fullmatch(text) is not None


def are_uris(texts: Sequence[str]) -> bool:
    """Tell whether each of some texts is an absolute IRI."""
    joined = "\n".join(texts)  # which no IRI holds
    is_apart = joined.count("\n") == len(texts) - 1
    return is_apart and max(map(len, texts)) <= _LONGEST and _IRIS.fullmatch(joined) is not None


def is_core(address: str) -> bool:
    """Tell whether an address is one under which the core context is published."""
    return _CORE_ADDRESS.fullmatch(address) is not None


class Terms:
    """The terms in force for one request: what its contexts define, below the protected core.

    sources: what the answer names as its `@context`, addresses and objects in order, the core last.
    """

    __slots__ = ("_names", "_prefixes", "_terms", "sources")

    def __init__(self, terms: Mapping[str, str], sources: Iterable[object] = ()) -> None:
        self._terms = {name: iri for name, iri in terms.items() if name not in CORE}
        self._names = {iri: name for name, iri in reversed(self._terms.items()) if iri[-1:] not in "/#"}
        self._prefixes = sorted(
            ((iri, name) for name, iri in self._terms.items() if iri[-1:] in ("/", "#", ":")),
            key=lambda pair: -len(pair[0]),
        )
        named = [each for each in sources if not (isinstance(each, str) and is_core(each))]
        self.sources: tuple[object, ...] = (*named, CORE_CONTEXT)

    def expand(self, name: str) -> str:
        """Give the IRI of a name; raises Refusal for a text that cannot be a name."""
        found = CORE.get(name) or self._terms.get(name)
        if found:
            return found
        prefix, colon, rest = name.partition(":")
        if colon:
            base = "" if rest.startswith("//") else CORE.get(prefix) or self._terms.get(prefix, "")
            base = base if base[-1:] in _DELIMITERS else ""  # else it is no prefix (JSON-LD 1.1, 4.1.5)
            iri = base + rest if base else name
            if not is_uri(iri):
                raise bad(f"{name[:80]!r} is not an IRI")
            return iri
        if not _NAME.fullmatch(name):
            raise bad(f"{name[:80]!r} cannot be a name")
        return DEFAULT + name

    def compact(self, iri: str) -> str:
        """Give the shortest name of an IRI in these terms; the IRI itself when none names it."""
        found = _CORE_NAMES.get(iri) or self._names.get(iri)
        if found:
            return found
        if iri.startswith(DEFAULT):
            name = iri[len(DEFAULT) :]
            if ":" not in name and name not in CORE and name not in self._terms and _NAME.fullmatch(name):
                return name
        for base, prefix in self._prefixes:
            if iri.startswith(base) and len(iri) > len(base):
                return f"{prefix}:{iri[len(base) :]}"
        return iri


CORE_TERMS = Terms({})


def read_terms(context: Mapping[str, object], known: Mapping[str, str]) -> dict[str, str]:
    """Read the terms of one context object; `known` are those of contexts before it. Raises Refusal.

    A scoped context, a container or a type of a term changes nothing here: attributes keep their values as
    they were sent, which is what a reader of NGSI-LD expects. `@import` and terms without end are refused.
    """
    if "@import" in context:
        raise bad("@context: @import is not supported")
    if len(context) > MOST_TERMS:
        raise bad(f"@context: more than {MOST_TERMS} terms")
    raw: dict[str, str] = {}
    for name, said in context.items():
        iri = said.get("@id", name) if isinstance(said, dict) else said
        if name.startswith("@") or iri is None:
            continue
        if not isinstance(iri, str):
            raise bad(f"@context: term {name[:80]!r} has no IRI")
        raw[name] = iri
    vocabulary = context.get("@vocab")
    base = vocabulary if isinstance(vocabulary, str) else ""
    return {name: _resolved(name, raw, known, base) for name in raw if not raw[name].startswith("@")}


def _resolved(name: str, raw: Mapping[str, str], known: Mapping[str, str], base: str) -> str:
    """Follow prefixes to an absolute IRI."""
    iri, seen = raw[name], {name}
    for _hop in range(10):
        prefix, colon, rest = iri.partition(":")
        if not colon:
            following = raw.get(iri) if iri not in seen else None
            if following is None:
                iri = CORE.get(iri) or known.get(iri) or (base or DEFAULT) + iri
            else:
                seen.add(iri)
                iri = following
                continue
        elif not rest.startswith("//") and (prefix in raw or prefix in known or prefix in CORE):
            if prefix in seen and prefix in raw:
                raise bad(f"@context: term {name[:80]!r} refers to itself")
            seen.add(prefix)
            iri = (raw.get(prefix) or known.get(prefix) or CORE[prefix]) + rest
            continue
        break
    if not is_uri(iri):
        raise bad(f"@context: term {name[:80]!r} has no absolute IRI")
    return iri


def core_document() -> dict[str, object]:
    """Give the core context as a document, for who asks us for it."""
    links = ("object", "datasetId", "instanceId", "entityId", "subscriptionId", "success", "tenant")
    names = (
        "attributeName",
        "attributeNames",
        "attributes",
        "propertyNames",
        "relationshipNames",
        "typeList",
        "typeName",
        "typeNames",
        "vocab",
        "watchedAttributes",
        "objectType",
        "valueType",
    )
    moments = tuple(name for name in CORE if name.endswith("At"))
    lists = (
        "bbox",
        "coordinates",
        "valueList",
        "objectList",
        "values",
        "objects",
        "avg",
        "max",
        "min",
        "sum",
        "sumsq",
        "stddev",
        "totalCount",
        "distinctCount",
    )
    shapes = {
        **dict.fromkeys(links, {"@type": "@id"}),
        **dict.fromkeys(names, {"@type": "@vocab"}),
        **{name: {"@type": f"{NGSI_LD}DateTime"} for name in moments},
        **dict.fromkeys(lists, {"@container": "@list"}),
        "json": {"@type": "@json"},
        "languageMap": {"@container": "@language"},
        "features": {"@container": "@set"},
        "dataset": {"@container": "@index"},
    }
    terms: dict[str, object] = {
        name: {"@id": iri, **shapes[name]} if name in shapes else iri for name, iri in CORE.items()
    }
    return {
        "@context": {
            "@version": 1.1,
            "@protected": True,
            "id": "@id",
            "type": "@type",
            **terms,
            "@vocab": DEFAULT,
        }
    }
