"""The feed of published instances in two views of the same members: strict TREE, and the dialect of LPDC.

Page n, from 1, holds the members numbered (n-1) x PAGE_SIZE + 1 to n x PAGE_SIZE, so a full page never
changes. The dialect counts its pages from 0 and leads to both neighbors, without a value to divide them.
"""

from datetime import datetime

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.data import OwnerKind
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock, codec
from ocapi.lib.codec import JsonValue
from ocapi.lib.ldes import pages
from ocapi.lib.rdf.graph import Graph
from ocapi.lib.rdf.writing import Written, expanded_json, write
from ocapi.modules.services import dialect, queries
from ocapi.modules.services.data import FeedPage, FeedPageNotFound
from ocapi.modules.services.models import InstanceRow

PAGE_SIZE = 100
JSON_LD = "application/ld+json"
STRICT, LPDC = "/feeds/diensten", "/doc/instancesnapshot"
KIND = "publieke-dienst"
HAS_VERSION = "http://purl.org/dc/terms/hasVersion"


def member_of(
    row: InstanceRow, *, version: int, is_archived: bool, created_at: datetime, at: datetime
) -> dict[str, JsonValue]:
    """Give what the feed says of a version of an instance, by the settings of this moment."""
    base = tenants.current().base_iri.rstrip("/")
    own = f"{base}/id/{KIND}/{row.uuid}"
    authority, area = _organization(base, at)
    return dialect.member(
        queries.instance_text(row),
        iri=f"{own}/{version}",
        of=own,
        concept=queries.concept_of(row),
        product_id=row.product_id,
        authority=authority,
        area=area,
        address_form=registry.setting("organization.address_form"),
        is_archived=is_archived,
        created_at=created_at,
        at=at,
    )


def _organization(base: str, at: datetime) -> tuple[str, str]:
    """Give the IRI of the organization and the code of its area: from the settings, else the register."""
    today = clock.local_day(at)
    own = accounts.own_organization(on=today)
    held = {}
    if own is not None:
        for each in accounts.identifiers_of(kind=OwnerKind.ORGANIZATION, owner=own.uuid):
            if each.valid_to is None or each.valid_to > today:
                held[each.scheme] = each.value
    authority = registry.setting("services.authority_iri") or held.get("iri") or f"{base}/id/bestuurseenheid"
    return authority, registry.setting("services.area_code") or dialect.area_of(held.get("nis", ""))


def dialect_page(number: int, *, base: str) -> FeedPage:
    """Give a page as LPDC reads it, 0 the oldest; raises FeedPageNotFound beyond the last."""
    last = _last_number()
    newest = max(last - 1, 0) // PAGE_SIZE
    if not 0 <= number <= newest:
        raise FeedPageNotFound(str(number))
    members = queries.list_members(first=number * PAGE_SIZE + 1, count=PAGE_SIZE)
    here = f"{base}{LPDC}?pageNumber="
    relations: list[JsonValue] = []
    if number:
        relations.append(_relation("LessThanOrEqualToRelation", f"{here}{number - 1}"))
    if number < newest:
        relations.append(_relation("GreaterThanOrEqualToRelation", f"{here}{number + 1}"))
    content = codec.encode_json(
        {
            "@context": [f"{base}/ipdc-lpdc-im.jsonld", f"{base}/ldes.jsonld"],
            "@id": f"{here}{number}",
            "@type": "EventStream",
            "timestampPath": "generatedAtTime",
            "versionOfPath": "isVersionOf",
            "view": {"@id": f"{here}{number}", "@type": "Node", "relation": relations},
            "member": list(members),
        }
    )
    is_full = number < newest
    return FeedPage(content=content, tag=f"l{number}-{'full' if is_full else last}", is_full=is_full)


def _relation(kind: str, node: str) -> JsonValue:
    return {"@type": kind, "path": "generatedAtTime", "node": node}


def strict_root(*, media_type: str, base: str) -> FeedPage:
    """Give the root of the strict view: the same however long the feed is."""
    here = f"{base}{STRICT}"
    graph = pages.root(stream=f"{here}#stream", view=here, first=f"{here}/1", shape=f"{here}/shape.ttl")
    return FeedPage(content=_written(graph, media_type), tag=f"root-{_kind(media_type)}", is_full=False)


def strict_page(number: int, *, media_type: str, base: str) -> FeedPage:
    """Give a page of the strict view, 1 the oldest; raises FeedPageNotFound beyond the open page."""
    last = _last_number()
    full = last // PAGE_SIZE
    if not 1 <= number <= full + 1:
        raise FeedPageNotFound(str(number))
    is_full = number <= full
    here = f"{base}{STRICT}"
    first = (number - 1) * PAGE_SIZE + 1
    graph = pages.page(
        (_member(told, first + place) for place, told in enumerate(_told(first))),
        stream=f"{here}#stream",
        view=here,
        node=f"{here}/{number}",
        following=f"{here}/{number + 1}" if is_full else "",
        shape=f"{here}/shape.ttl",
    )
    tag = f"{number}-{'full' if is_full else last}-{_kind(media_type)}"
    return FeedPage(content=_written(graph, media_type), tag=tag, is_full=is_full)


def version_document(told: dict[str, JsonValue], *, is_newest: bool, media_type: str, base: str) -> bytes:
    """Give what one member says; is_newest: said of the instance itself, which then leads to the version."""
    if is_newest:
        graph = dialect.graph_of(told)
        graph.add(str(told["isVersionOf"]), HAS_VERSION, str(told["@id"]))
        return _written(graph, media_type)
    if media_type == JSON_LD:
        contexts: list[JsonValue] = [f"{base}/ipdc-lpdc-im.jsonld", f"{base}/ldes.jsonld"]
        return codec.encode_json({"@context": contexts, **told})
    return _written(dialect.whole_graph_of(told), media_type)


def _told(first: int) -> list[dict[str, JsonValue]]:
    return queries.list_members(first=first, count=PAGE_SIZE)


def _member(told: dict[str, JsonValue], number: int) -> pages.Member:
    return pages.Member(
        name=str(told["@id"]),
        of=str(told["isVersionOf"]),
        at=datetime.fromisoformat(str(told["generatedAtTime"])),
        number=number,
        graph=dialect.graph_of(told),
    )


def _last_number() -> int:
    last = queries.last_in_feed()
    return last[0] if last else 0


def _written(graph: Graph, media_type: str) -> bytes:
    if media_type == JSON_LD:
        return codec.encode_json(expanded_json(graph))
    return write(graph, format=Written(media_type)).encode()


def _kind(media_type: str) -> str:
    return media_type.rpartition("/")[2]
