"""Which entities a query wants (GS CIM 009 clause 5.7.2): by parameters of a GET or the body of a POST."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ocapi.dataplane.context import qlanguage
from ocapi.dataplane.context.entity import Entity
from ocapi.dataplane.context.errors import Refusal, bad
from ocapi.dataplane.context.store import Store
from ocapi.dataplane.context.vocabulary import NGSI_LD, Terms, is_uri
from ocapi.lib import codec, geometry

FILTERS = frozenset(
    {
        "id",
        "type",
        "idPattern",
        "attrs",
        "q",
        "georel",
        "geometry",
        "coordinates",
        "geoproperty",
        "scopeQ",
        "csf",
        "local",
        "datasetId",
    }
)
DEFAULT_LIMIT, LARGEST_LIMIT = 20, 1_000
SLICE = 1_000  # entities looked at before others get a turn
_RELATIONS: Mapping[str, Callable[[geometry.Shape, geometry.Shape], bool]] = {
    "within": geometry.within,
    "contains": geometry.contains,
    "intersects": geometry.intersects,
    "overlaps": geometry.overlaps,
    "equals": geometry.equals,
    "disjoint": geometry.disjoint,
}


@dataclass(slots=True)
class Query:
    """What is wanted. tests: all must hold. iri: the one type, if any, so that others are passed by."""

    tests: list[Callable[[Entity], bool]] = field(default_factory=list)
    iri: str = ""
    ids: tuple[str, ...] = ()
    is_broad: bool = True
    attributes: frozenset[str] = frozenset()

    def fits(self, entity: Entity) -> bool:
        """Tell whether an entity is wanted."""
        return all(test(entity) for test in self.tests)

    def candidates(self, store: Store) -> Iterator[Entity]:
        """Give the entities that may fit."""
        if self.ids:
            return (found for each in self.ids if (found := store.entity(each)) is not None)
        return store.entities(self.iri)


def from_parameters(given: Mapping[str, str], terms: Terms) -> Query:
    """Read the parameters of a GET; raises Refusal."""
    query = Query()
    if "id" in given:
        query.ids = tuple(dict.fromkeys(given["id"].split(",")))
        if not all(is_uri(each) for each in query.ids):
            raise bad("id: give URIs with commas between")
    if "idPattern" in given:
        pattern = qlanguage.compile_pattern(given["idPattern"])
        query.tests.append(lambda entity: pattern.search(entity.id) is not None)
    if given.get("type"):
        _add_types(query, given["type"], terms)
    if given.get("attrs"):
        query.attributes = frozenset(terms.expand(each) for each in given["attrs"].split(","))
        query.tests.append(lambda entity: any(each in entity.attributes for each in query.attributes))
        query.is_broad = False
    if given.get("q"):
        query.tests.append(qlanguage.compile_q(given["q"], terms))
        query.is_broad = False
    if "scopeQ" in given:
        query.tests.append(qlanguage.compile_scopes(given["scopeQ"]))
    names = ("georel", "geometry", "coordinates")
    if any(each in given for each in names):
        _add_place(query, {each: given.get(each) for each in (*names, "geoproperty")}, terms)
    if given.get("local") == "true":
        query.is_broad = False
    return query


def from_body(body: Mapping[str, Any], terms: Terms) -> Query:
    """Read the body of a Query (clause 5.2.23) or the selecting part of a subscription; raises Refusal."""
    query = Query()
    selectors = body.get("entities")
    if selectors is not None:
        if not isinstance(selectors, list) or not selectors or len(selectors) > 100:
            raise bad("entities: give a list of selectors")
        tests = [_selector(each, terms) for each in selectors]
        query.tests.append(lambda entity: any(test(entity) for test in tests))
        query.is_broad = False
        if len(selectors) == 1 and isinstance(selectors[0].get("type"), str):
            query.iri = _one_type(selectors[0]["type"], terms)
    attributes = body.get("attrs")
    if attributes:
        query.attributes = frozenset(terms.expand(each) for each in texts(attributes, "attrs"))
        query.tests.append(lambda entity: any(each in entity.attributes for each in query.attributes))
        query.is_broad = False
    if body.get("q"):
        query.tests.append(qlanguage.compile_q(text(body["q"], "q"), terms))
        query.is_broad = False
    if body.get("scopeQ"):
        query.tests.append(qlanguage.compile_scopes(text(body["scopeQ"], "scopeQ")))
    if body.get("geoQ"):
        if not isinstance(body["geoQ"], dict):
            raise bad("geoQ: give an object")
        _add_place(query, body["geoQ"], terms)
    return query


def text(raw: object, name: str) -> str:
    """Give a text; raises Refusal."""
    if not isinstance(raw, str) or not raw:
        raise bad(f"{name}: give a text")
    return raw


def texts(raw: object, name: str) -> list[str]:
    """Give a list of texts; raises Refusal."""
    if not isinstance(raw, list) or not raw or not all(isinstance(each, str) and each for each in raw):
        raise bad(f"{name}: give a list of texts")
    return raw


def _one_type(said: str, terms: Terms) -> str:
    return "" if set(said) & set("();|,*") else terms.expand(said)


def _add_types(query: Query, said: str, terms: Terms) -> None:
    query.iri = _one_type(said, terms)
    if said != "*":
        query.tests.append(qlanguage.compile_types(said, terms))
    query.is_broad = False


def _selector(raw: object, terms: Terms) -> Callable[[Entity], bool]:
    if not isinstance(raw, dict) or not ({"id", "idPattern", "type"} & set(raw)):
        raise bad("entities: a selector has a type, an id or an idPattern")
    tests: list[Callable[[Entity], bool]] = []
    if raw.get("type") not in (None, "*"):
        tests.append(qlanguage.compile_types(text(raw["type"], "type"), terms))
    if "id" in raw:
        wanted = raw["id"] if isinstance(raw["id"], list) else [raw["id"]]
        if not all(is_uri(each) for each in wanted):
            raise bad("entities: an id is a URI")
        tests.append(lambda entity: entity.id in wanted)
    elif "idPattern" in raw:
        pattern = qlanguage.compile_pattern(text(raw["idPattern"], "idPattern"))
        tests.append(lambda entity: pattern.search(entity.id) is not None)
    return lambda entity: all(test(entity) for test in tests)


def _add_place(query: Query, said: Mapping[str, Any], terms: Terms) -> None:
    relation, shape = said.get("georel"), said.get("geometry")
    coordinates = said.get("coordinates")
    if not isinstance(relation, str) or not isinstance(shape, str) or coordinates is None:
        raise bad("a geo-query has georel, geometry and coordinates")
    if isinstance(coordinates, str):
        try:
            coordinates = codec.decode_untyped(coordinates.encode())
        except codec.MalformedInput:
            raise bad("coordinates: give a JSON list") from None
    try:
        wanted = geometry.read({"type": shape, "coordinates": coordinates})
    except geometry.BadGeometry as failure:
        raise bad(f"coordinates: {failure}") from None
    name = said.get("geoproperty") or "location"
    iri = terms.expand(text(name, "geoproperty"))
    compare = _comparison(relation, wanted)
    query.tests.append(lambda entity: _lies(entity, iri, compare))
    query.is_broad = False


def _comparison(relation: str, wanted: geometry.Shape) -> Callable[[geometry.Shape], bool]:
    name, _, modifier = relation.partition(";")
    if name == "near":
        bound, _, number = modifier.partition("==")
        try:
            meters = float(number)
        except ValueError:
            raise bad("georel: near takes maxDistance==meters or minDistance==meters") from None
        if bound not in ("maxDistance", "minDistance") or not 0 <= meters < 1e9:
            raise bad("georel: near takes maxDistance==meters or minDistance==meters")
        if bound == "maxDistance":
            return lambda shape: geometry.distance_m(shape, wanted) <= meters
        return lambda shape: geometry.distance_m(shape, wanted) >= meters
    if name not in _RELATIONS or modifier:
        raise bad("georel: near, within, contains, intersects, equals, disjoint or overlaps")
    relate = _RELATIONS[name]
    return lambda shape: relate(shape, wanted)


def _lies(entity: Entity, iri: str, compare: Callable[[geometry.Shape], bool]) -> bool:
    for instance in entity.attributes.get(iri, {}).values():
        if instance["type"] != "GeoProperty":
            continue
        try:
            if compare(geometry.read(instance["value"])):
                return True
        except geometry.TooManyPairs:
            raise Refusal("TooComplexQuery", "the shapes have too many edges to be compared") from None
        except geometry.BadGeometry:
            continue
    return False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a result: its entities, and how many there are in all."""

    entities: Sequence[Entity]
    total: int
    has_more: bool


async def find(query: Query, store: Store, *, limit: int, offset: int, is_counted: bool) -> Page:
    """Give a page of what fits; others get a turn while many entities are looked at."""
    found: list[Entity] = []
    total = 0
    for place, entity in enumerate(query.candidates(store), start=1):
        if place % SLICE == 0:
            await asyncio.sleep(0)
        if not query.fits(entity):
            continue
        total += 1
        if offset < total <= offset + limit:
            found.append(entity)
        if not is_counted and total > offset + limit:
            break
    return Page(found, total, total > offset + limit)


def window(given: Mapping[str, str]) -> tuple[int, int, bool]:
    """Read limit, offset and count; raises Refusal."""
    is_counted = given.get("count", "false")
    if is_counted not in ("true", "false"):
        raise bad("count: true or false")
    limit = number(given.get("limit", str(DEFAULT_LIMIT)), "limit")
    offset = number(given.get("offset", "0"), "offset")
    if limit > LARGEST_LIMIT:
        raise Refusal("TooManyResults", f"limit: at most {LARGEST_LIMIT}")
    if limit == 0 and is_counted != "true":
        raise bad("limit: 0 goes with count=true only")
    return limit, offset, is_counted == "true"


def number(raw: str, name: str) -> int:
    """Read a whole number from 0; raises Refusal."""
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 9):
        raise bad(f"{name}: give a whole number from 0")
    return int(raw)


LOCATION = f"{NGSI_LD}location"
