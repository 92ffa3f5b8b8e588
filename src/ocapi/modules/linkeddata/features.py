"""Objects with a place as features: kept beside their newest version, found by place, time and filter.

A page reads rows in the order of their cells and goes on from the last one, so that it costs the same deep in
a million features as at the start. What an index can't tell (a filter, the exact shape) is judged row by row
within a budget; a page that spent it ends early and says where to go on.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec
from ocapi.lib.cql2 import judging
from ocapi.lib.cql2.syntax import Span, instant, span_of
from ocapi.lib.geo import cells, reading, relations, systems
from ocapi.lib.geo.systems import Geometry
from ocapi.lib.profile.model import Class, Profile
from ocapi.lib.rdf.graph import XSD, Graph, Lexical
from ocapi.modules.linkeddata import flattening, profiles
from ocapi.modules.linkeddata.data import (
    Access,
    Collection,
    CollectionNotFound,
    FeatureNotFound,
    FeaturePage,
    InvalidCursor,
    Json,
    Wanted,
)
from ocapi.modules.linkeddata.models import FeatureRow, ObjectRow, ServiceRow

UNIT = 10_000_000  # of a degree
CHUNK = 2_000  # rows that are read at once
BUDGET = 40_000  # rows that are judged for one page
PAIRS = 2_000_000  # stretches of line compared for one page
FLAT_DEPTH = 3
MOST_NAMES = 2_000  # in a profile without shapes each class may hold each other, and theirs
NUMBERS = frozenset(f"{XSD}{each}" for each in ("integer", "decimal", "double", "float", "int", "long"))
STARTS = (
    "http://www.w3.org/ns/sosa/phenomenonTime",
    "http://www.w3.org/ns/sosa/resultTime",
    "http://www.w3.org/ns/prov#startedAtTime",
    "http://schema.org/startDate",
    "https://schema.org/startDate",
    "http://data.europa.eu/m8g/startTime",
    "http://purl.org/dc/terms/issued",
    "http://purl.org/dc/terms/created",
)
ENDS = (
    "http://www.w3.org/ns/prov#endedAtTime",
    "http://schema.org/endDate",
    "https://schema.org/endDate",
    "http://data.europa.eu/m8g/endTime",
)
"""The properties by which a thing says of which time it speaks, the most telling first."""


def geometry_of(graph: Graph) -> tuple[Geometry, frozenset[str]] | None:
    """Give the first geometry of an object in CRS84 with the texts that say it, or None.

    Raises MalformedGeometry; a kind or a coordinate system that is not ours is passed over.
    """
    found: Geometry | None = None
    texts = set()
    for _subject, predicate, value in graph:
        if not isinstance(value, Lexical):
            continue
        datatype = value.datatype if value.datatype in reading.LITERALS else ""
        datatype = datatype or reading.PROPERTIES.get(predicate, "")
        if datatype:
            texts.add(value.text)
            try:
                found = found or reading.read(value.text, datatype=datatype)
            except reading.UnsupportedGeometry:
                continue
    return (found, frozenset(texts)) if found else None


def keep(row: ObjectRow, service: ServiceRow, *, content: Json | None, graph: Graph) -> None:
    """Bring the feature of an object up to date with what it says now; without a place there is none."""
    said = [] if content is None or row.is_deleted else [(row, content, graph)]
    keep_all(service, said, renewed=[row.id] if row.sequence > 1 else [])


def keep_all(
    service: ServiceRow, said: Sequence[tuple[ObjectRow, Json, Graph]], *, renewed: Sequence[int]
) -> None:
    """Bring features up to date with what these objects say now. renewed: ids of those that may have one."""
    if renewed:
        FeatureRow.objects.filter(object__in=renewed).delete()
    made = [feature for each in said if (feature := _made(service, *each)) is not None]
    if made:
        FeatureRow.objects.bulk_create(made)


def _made(service: ServiceRow, row: ObjectRow, content: Json, graph: Graph) -> FeatureRow | None:
    try:
        place = geometry_of(graph)
    except reading.MalformedGeometry:
        return None  # of before it was refused
    if place is None:
        return None
    geometry, texts = place
    west, south, east, north = systems.envelope(geometry)
    starts_at, ends_at = _time(row, graph)
    return FeatureRow(
        uuid=row.uuid,
        object=row,
        service=service,
        term=row.term,
        feature=_feature(row, geometry, content, texts),
        cell=cells.key((west, south, east, north)),
        west=math.floor(west * UNIT),
        south=math.floor(south * UNIT),
        east=math.ceil(east * UNIT),
        north=math.ceil(north * UNIT),
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _feature(row: ObjectRow, geometry: Geometry, content: Json, texts: frozenset[str]) -> str:
    said = dict(_flat(content, texts, "", 0))
    properties = {"iri": row.iri, "title": row.title, **said}
    feature = {"type": "Feature", "id": str(row.uuid), "geometry": geometry, "properties": properties}
    return codec.encode_json(feature).decode()


def _flat(content: Json, texts: frozenset[str], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Give the properties of an object under simple names: `positie.methode` becomes `positie_methode`."""
    for name, value in flattening.said(content):
        if name.startswith("@") and not (name == "@id" and prefix):
            continue
        key = prefix.rstrip("_") if name == "@id" else f"{prefix}{flattening.short(name)}"
        if isinstance(value, dict):
            if depth < FLAT_DEPTH:
                yield from _flat(value, texts, f"{key}_", depth + 1)
        elif isinstance(value, list):
            simple = [each for each in value if not isinstance(each, dict | list) and each not in texts]
            if simple:
                yield key, simple
        elif value not in texts:
            yield key, value


def _time(row: ObjectRow, graph: Graph) -> tuple[datetime | None, datetime | None]:
    start = _moment(row.iri, graph, STARTS)
    end = _moment(row.iri, graph, ENDS)
    is_event = start is not None and end is None and _is_event(row.iri, graph)
    last = span_of(row.ended_on)[1] if row.ended_on else None
    return (start[0] if start else None), (end[1] if end else start[1] if is_event and start else last)


def _is_event(iri: str, graph: Graph) -> bool:
    return any(graph.values(iri, each) for each in STARTS[:2])


def _moment(iri: str, graph: Graph, predicates: tuple[str, ...]) -> Span | None:
    for predicate in predicates:
        for value in graph.values(iri, predicate):
            if isinstance(value, Lexical):
                try:
                    return span_of(instant(value.text))
                except ValueError:
                    continue
    return None




def name_of(service: str, term: str) -> str:
    """Give the name of the collection of a class."""
    return f"{service}.{term}"


def find(service: ServiceRow, term: str) -> Collection:
    """Give a collection without looking at its features; raises CollectionNotFound for a class without
    places.
    """
    profile = profiles.of(service)
    owner = profile.find_class(term)
    if owner is None or service.access == Access.PERSONAL:
        raise CollectionNotFound(name_of(service.code, term))
    rows = FeatureRow.objects.filter(service=service, term=term)
    if not has_place(profile, owner) and not rows.exists():
        raise CollectionNotFound(name_of(service.code, term))
    return Collection(
        name=name_of(service.code, term),
        service=service.code,
        term=term,
        title=f"{service.title}: {owner.label or term}",
        description=service.title,
        access=Access(service.access),
        names=tuple(islice(_names(profile, owner), MOST_NAMES)),
    )


def measured(service: ServiceRow, term: str) -> Collection:
    """Give a collection with how many features it has and where; looked up again after a change only."""
    found = find(service, term)
    count, extent = tenants.cached(
        f"linkeddata.extent.{service.uuid}.{term}",
        generation=service.last_number,
        compute=lambda: _measure(service, term),
    )
    return replace(found, count=count, extent=extent)


def _measure(service: ServiceRow, term: str) -> tuple[int, relations.Box | None]:
    rows = FeatureRow.objects.filter(service=service, term=term)
    found = rows.aggregate(Count("id"), Min("west"), Min("south"), Max("east"), Max("north"))
    if not found["id__count"]:
        return 0, None
    west, south, east, north = (
        found[each] / UNIT for each in ("west__min", "south__min", "east__max", "north__max")
    )
    return found["id__count"], (west, south, east, north)


def terms_of(service: ServiceRow) -> tuple[str, ...]:
    """Give the classes of a service whose objects have a place, or could have one."""
    profile = profiles.of(service)
    kept = set(
        FeatureRow.objects.filter(service=service).order_by().values_list("term", flat=True).distinct()
    )
    placed = _placed(profile)
    possible = {each.term for each in profile.classes if each.iri in placed}
    return tuple(sorted(kept | {each for each in possible if not _is_part(profile, each)}))


def _is_part(profile: Profile, term: str) -> bool:
    """Tell whether a class is only said as part of another, such as a position of an address."""
    owner = profile.find_class(term)
    return owner is not None and any(
        part.of_class == owner.iri and each.term != term
        for each in profile.classes
        for part in each.properties
    )


def has_place(profile: Profile, owner: Class) -> bool:
    """Tell whether a class can say a geometry, itself or by what it holds."""
    return owner.iri in _placed(profile)


def _placed(profile: Profile) -> set[str]:
    """Give the classes that can say a geometry: those that hold one, then those that hold a thing of those.

    Step by step, for in a profile without shapes each class may hold each other.
    """
    found = {
        owner.iri
        for owner in profile.classes
        for each in owner.properties
        if each.datatype in reading.LITERALS or each.iri in reading.PROPERTIES
    }
    for _step in range(FLAT_DEPTH):
        found |= {
            owner.iri for owner in profile.classes if any(each.of_class in found for each in owner.properties)
        }
    return found


def _names(profile: Profile, owner: Class) -> Iterator[tuple[str, str]]:
    yield "iri", "string"
    yield "title", "string"
    yield from _names_of(profile, owner, "", 0)


def _names_of(profile: Profile, owner: Class, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for each in owner.properties:
        if not each.terms or each.datatype in reading.LITERALS or each.iri in reading.PROPERTIES:
            continue
        name = f"{prefix}{each.terms[0]}"
        inner = next((c for c in profile.classes if each.of_class and c.iri == each.of_class), None)
        if inner is not None and depth < FLAT_DEPTH:
            yield from _names_of(profile, inner, f"{name}_", depth + 1)
        yield name, _kind(each.datatype)


def _kind(datatype: str) -> str:
    if datatype in NUMBERS:
        return "number"
    return "boolean" if datatype == f"{XSD}boolean" else "string"




def get(service: ServiceRow, *, term: str, uuid: UUID) -> str:
    """Give one feature; raises FeatureNotFound."""
    found = (
        FeatureRow.objects.filter(service=service, term=term, uuid=uuid)
        .values_list("feature", flat=True)
        .first()
    )
    if found is None:
        raise FeatureNotFound(str(uuid))
    return found


def page(service: ServiceRow, *, term: str, wanted: Wanted) -> FeaturePage:
    """Give a page of features; raises InvalidCursor, NotCql2 for a pattern that is too long."""
    rows = _timely(FeatureRow.objects.filter(service=service, term=term), wanted)
    bounds = _bounds(wanted)
    found: list[str] = []
    judge = _Judge(wanted)
    position = _position(wanted.cursor)
    for row in _scanned(rows, bounds, position, judge.chunk):
        if len(found) == wanted.limit or judge.is_spent:
            return FeaturePage(features=tuple(found), next_cursor=_cursor(position))
        position = (row[0], row[1], row[2])
        if judge.passes(row[3]):
            found.append(row[3])
    return FeaturePage(features=tuple(found))


class _Judge:
    """Judges rows within a budget. chunk: how many rows are worth reading at once."""

    def __init__(self, wanted: Wanted) -> None:
        self._filter = judging.compiled(wanted.filter) if wanted.filter else None
        self._equal, self._area = wanted.equal, wanted.area
        self._shapes = sum(map(len, judging.boxes(wanted.filter))) if wanted.filter else 0
        self._weight = self._shapes + (len(systems.places(wanted.area)) if wanted.area else 0)
        self._rows = self._pairs = 0
        self._is_needed = bool(self._filter or self._equal or self._area)
        self.chunk = CHUNK if self._is_needed else min(wanted.limit + 1, CHUNK)

    @property
    def is_spent(self) -> bool:
        """Tell whether the page must end."""
        return self._is_needed and (self._rows >= BUDGET or self._pairs >= PAIRS)

    def passes(self, feature: str) -> bool:
        """Tell whether a feature is what was asked."""
        if not self._is_needed:
            return True
        self._rows += 1
        read: Any = codec.decode_untyped(feature.encode())
        geometry, said = read["geometry"], read["properties"]
        self._pairs += self._weight * len(systems.places(geometry)) if self._weight else 0
        if self._area is not None and not relations.intersect(geometry, self._area):
            return False
        if any(not _is_equal(said.get(name), value) for name, value in self._equal):
            return False
        return self._filter is None or self._filter(said, geometry)


def _is_equal(said: Any, value: str) -> bool:
    several = said if isinstance(said, list) else [said]
    for each in several:
        text = {True: "true", False: "false"}.get(each) if isinstance(each, bool) else str(each)
        if each is not None and text == value:
            return True
    return False


def _timely(rows: QuerySet[FeatureRow], wanted: Wanted) -> QuerySet[FeatureRow]:
    if wanted.until:
        rows = rows.filter(Q(starts_at=None) | Q(starts_at__lte=wanted.until))
    if wanted.since:
        rows = rows.filter(Q(ends_at=None) | Q(ends_at__gte=wanted.since))
    return rows


def _bounds(wanted: Wanted) -> relations.Box | None:
    boxes = list(judging.boxes(wanted.filter)) if wanted.filter else []
    if wanted.area:
        boxes.append(systems.envelope(wanted.area))
    return boxes[0] if boxes else None


def _scanned(
    rows: QuerySet[FeatureRow], bounds: relations.Box | None, position: tuple[int, int, int], chunk: int
) -> Iterator[tuple[int, int, int, str]]:
    """Give part, cell, object and feature of the rows that may lie there, from a position on, in order."""
    parts: list[Q] = [Q()]
    if bounds:
        west, south, east, north = bounds
        rows = rows.filter(
            west__lte=math.ceil(east * UNIT),
            east__gte=math.floor(west * UNIT),
            south__lte=math.ceil(north * UNIT),
            north__gte=math.floor(south * UNIT),
        )
        singles, ranges = cells.ranges(bounds)
        parts = [Q(cell__in=singles), *(Q(cell__range=each) for each in ranges)]
    start, cell, last = position
    for number, part in enumerate(parts):
        if number < start:
            continue
        if number > start:
            cell, last = -1, 0
        while True:
            after = Q(cell__gt=cell) | Q(cell=cell, object__gt=last)
            batch = list(
                rows.filter(part, after)
                .filter(cell__gte=cell)
                .order_by("cell", "object")
                .values_list("cell", "object", "feature")[:chunk]
            )
            for cell, last, feature in batch:
                yield number, cell, last, feature
            if len(batch) < chunk:
                break


def _cursor(position: tuple[int, int, int]) -> str:
    return codec.canonical_json(list(position)).hex()


def _position(cursor: str) -> tuple[int, int, int]:
    if not cursor:
        return 0, -1, 0
    try:
        part, cell, last = codec.decode_json(bytes.fromhex(cursor), tuple[int, int, int])
    except ValueError:
        raise InvalidCursor from None
    if not (0 <= part < 1_000 and -1 <= cell < 1 << 53 and 0 <= last < 1 << 53):
        raise InvalidCursor
    return part, cell, last


def rebuild(service: ServiceRow, rows: Iterator[tuple[ObjectRow, Json, Graph]]) -> int:
    """Make the features of a service anew from its objects; gives how many there are."""
    FeatureRow.objects.filter(service=service).delete()
    while some := list(islice(rows, CHUNK)):
        keep_all(service, some, renewed=())
    return FeatureRow.objects.filter(service=service).count()
