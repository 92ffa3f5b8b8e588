"""The feed of publications as the Agency for Home Affairs (ABB) reads it: LDES, the newest first.

Page n holds the publications numbered (n-1) x PAGE_SIZE + 1 to n x PAGE_SIZE, so a full page never changes;
the root is the newest page. Every page leads to the older one and back, with the instant that divides them:
publications never have the same instant (`releasing.publish`).
Source: the publication feed of the LBLOD documentation for vendors; LDES and TREE, see `lib.ldes`.
"""

from datetime import UTC, datetime, timedelta

from ocapi.lib import codec
from ocapi.lib.ldes import vocabulary as ldes
from ocapi.lib.rdf.graph import TYPE, XSD, Graph, Lexical
from ocapi.lib.rdf.writing import Written, write
from ocapi.modules.council import queries, rules
from ocapi.modules.council.data import FeedPage, NotFound
from ocapi.modules.council.names import PREFIXES

PAGE_SIZE = 100
JSON_LD = "application/ld+json"
SHAPE = "https://lblod.github.io/pages-vendors/assets/shacl/shacl-submission.ttl#DocumentShape"
DOCUMENT = "http://xmlns.com/foaf/0.1/Document"
DCT_TYPE = "http://purl.org/dc/terms/type"
AT_LOCATION = "http://www.w3.org/ns/prov#atLocation"
LESS, AT_LEAST = f"{ldes.TREE}LessThanRelation", ldes.AT_LEAST
CONTEXT = {
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "dct": "http://purl.org/dc/terms/",
    "ldes": ldes.LDES,
    "tree": ldes.TREE,
    "xsd": XSD,
    "type": "@type",
    "id": "@id",
    "generatedAtTime": {"@id": "prov:generatedAtTime", "@type": "xsd:dateTime"},
    "atLocation": {"@id": "prov:atLocation", "@type": "@id"},
    "isVersionOf": {"@id": "dct:isVersionOf", "@type": "@id"},
    "dctType": {"@id": "dct:type", "@type": "@id"},
    "timestampPath": {"@id": "ldes:timestampPath", "@type": "@id"},
    "versionOfPath": {"@id": "ldes:versionOfPath", "@type": "@id"},
    "shape": {"@id": "tree:shape", "@type": "@id"},
    "view": {"@id": "tree:view", "@type": "@id"},
    "member": {"@id": "tree:member", "@type": "@id"},
    "Node": "tree:Node",
    "relation": "tree:relation",
    "LessThanRelation": "tree:LessThanRelation",
    "GreaterThanOrEqualToRelation": "tree:GreaterThanOrEqualToRelation",
    "node": {"@id": "tree:node", "@type": "@id"},
    "path": {"@id": "tree:path", "@type": "@id"},
    "value": {"@id": "tree:value", "@type": "xsd:dateTime"},
}


def page(number: int | None, *, media_type: str, base: str) -> FeedPage:
    """Give a page, or the newest one at the root of the feed; raises NotFound for one that is not there yet.

    base: IRI of the organization. The root and the newest page hold the same; the root is asked for again.
    """
    last = queries.last_number()
    newest = last // PAGE_SIZE + 1
    asked = newest if number is None else number
    if not 1 <= asked <= newest:
        raise NotFound(str(number))
    stream = f"{base}/feeds/publicaties"
    node = f"{stream}/laatste" if number is None else f"{stream}/{asked}"
    is_full = number is not None and asked < newest
    members = list(queries.feed_members(first=(asked - 1) * PAGE_SIZE + 1, count=PAGE_SIZE))
    relations = []
    if asked > 1:
        first = members[0].published_at if members else _instant_before(asked)
        relations.append((LESS, f"{stream}/{asked - 1}", first))
    if is_full:
        relations.append((AT_LEAST, f"{stream}/{asked + 1}", members[-1].published_at))
    told = [
        {
            "id": f"{base}/id/publicatie-versie/{each.uuid}",
            "of": f"{base}/id/publicatie/{each.document}",
            "type": rules.document(each.kind).iri,
            "at": _instant(each.published_at),
            "location": f"{base}/besluiten/documenten/{each.document}",
        }
        for each in reversed(members)
    ]
    tag = f"{asked}-full" if is_full else f"{node.rpartition('/')[2]}-{last}"
    content = (
        _json(stream, node, told, relations)
        if media_type == JSON_LD
        else _written(stream, node, told, relations, media_type)
    )
    return FeedPage(content=content, tag=f"{tag}-{media_type.rpartition('/')[2]}", is_full=is_full)


def _instant_before(page: int) -> datetime | None:
    """Give the divide below a newest page without members: just after the last member before it."""
    at = queries.latest_instant()
    return at + timedelta(microseconds=1) if at else None


def _instant(at: datetime | None) -> str:
    assert at is not None
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _json(
    stream: str, node: str, told: list[dict[str, str]], relations: list[tuple[str, str, datetime | None]]
) -> bytes:
    view: dict[str, object] = {"id": node, "type": "Node"}
    if relations:
        view["relation"] = [
            {
                "type": kind.rpartition("#")[2],
                "node": to,
                "path": "prov:generatedAtTime",
                "value": _instant(at),
            }
            for kind, to, at in relations
        ]
    return codec.encode_json(
        {
            "@context": CONTEXT,
            "id": stream,
            "type": "ldes:EventStream",
            "timestampPath": "prov:generatedAtTime",
            "versionOfPath": "dct:isVersionOf",
            "shape": SHAPE,
            "view": view,
            "member": [
                {
                    "id": each["id"],
                    "type": "foaf:Document",
                    "isVersionOf": each["of"],
                    "dctType": each["type"],
                    "atLocation": each["location"],
                    "generatedAtTime": each["at"],
                }
                for each in told
            ],
        }
    )


def _written(
    stream: str,
    node: str,
    told: list[dict[str, str]],
    relations: list[tuple[str, str, datetime | None]],
    media_type: str,
) -> bytes:
    graph = Graph()
    for predicate, value in (
        (TYPE, ldes.EVENT_STREAM),
        (ldes.TIMESTAMP_PATH, ldes.GENERATED_AT),
        (ldes.VERSION_OF_PATH, ldes.IS_VERSION_OF),
        (ldes.SHAPE, SHAPE),
        (ldes.VIEW, node),
    ):
        graph.add(stream, predicate, value)
    graph.add(node, TYPE, ldes.NODE)
    for number, (kind, to, at) in enumerate(relations):
        name = f"_:r{number}"
        graph.add(node, ldes.RELATION, name)
        graph.add(name, TYPE, kind)
        graph.add(name, ldes.TREE_NODE, to)
        graph.add(name, ldes.TREE_PATH, ldes.GENERATED_AT)
        graph.add(name, ldes.TREE_VALUE, Lexical(_instant(at), f"{XSD}dateTime"))
    for each in told:
        graph.add(stream, ldes.MEMBER, each["id"])
        graph.add(each["id"], TYPE, DOCUMENT)
        graph.add(each["id"], ldes.IS_VERSION_OF, each["of"])
        graph.add(each["id"], DCT_TYPE, each["type"])
        graph.add(each["id"], AT_LOCATION, each["location"])
        graph.add(each["id"], ldes.GENERATED_AT, Lexical(each["at"], f"{XSD}dateTime"))
    prefixes = {
        "ldes": ldes.LDES,
        "tree": ldes.TREE,
        **{k: PREFIXES[k] for k in ("foaf", "prov", "dct", "xsd")},
    }
    return write(graph, format=Written(media_type), prefixes=prefixes).encode()
