"""A service as one table: the properties of its profile as columns, an object per row.

What an object holds within itself is told one level deep, as `positie.methode`; its geometry as longitude,
latitude and well-known text. Objects are read in parts, and the table ends at a number of rows and of
characters, so that it costs the same however large the service is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ocapi.lib import codec
from ocapi.lib.geo import reading, systems, writing
from ocapi.lib.jsonld.context import Context
from ocapi.lib.profile.model import Class, Profile, Property
from ocapi.lib.rdf.graph import XSD
from ocapi.modules.linkeddata import features, flattening, profiles, queries, scalars
from ocapi.modules.linkeddata.data import (
    Json,
    Scalar,
    ServiceTable,
    ServiceTooLarge,
    TableColumn,
    ValueKind,
)
from ocapi.modules.linkeddata.models import FeatureRow, ObjectRow, ServiceRow

DCTERMS = "http://purl.org/dc/terms/"
SCHEMA = "http://schema.org/"
POSITION = "http://www.w3.org/2003/01/geo/wgs84_pos#"
MAX_CHARACTERS = 64 << 20  # of all cells together
AT_ONCE = 1_000  # features
IRI = TableColumn(
    name="iri", label="Naam op het web", kind=ValueKind.LINK, iri=f"{DCTERMS}identifier", is_subject=True
)
KIND = TableColumn(name="soort", label="Soort", iri=f"{DCTERMS}type")
PLACE = (
    TableColumn(
        name="lengtegraad",
        label="Lengtegraad",
        kind=ValueKind.LONGITUDE,
        iri=f"{POSITION}long",
        description="Van de plaats, of van het midden ervan.",
    ),
    TableColumn(
        name="breedtegraad",
        label="Breedtegraad",
        kind=ValueKind.LATITUDE,
        iri=f"{POSITION}lat",
        description="Van de plaats, of van het midden ervan.",
    ),
    TableColumn(
        name="wkt",
        label="Ligging (WKT)",
        kind=ValueKind.GEOMETRY,
        iri=f"{reading.GEO}asWKT",
        description="In lengtegraad en breedtegraad (CRS84).",
    ),
)
STATE = (
    TableColumn(
        name="gewijzigd",
        label="Gewijzigd op",
        kind=ValueKind.INSTANT,
        iri=f"{DCTERMS}modified",
        description="Wanneer deze gegevens het laatst zijn gewijzigd.",
    ),
    TableColumn(name="geeindigd", label="Geëindigd op", kind=ValueKind.DAY, iri=f"{SCHEMA}endDate"),
    TableColumn(
        name="vervangen_door", label="Vervangen door", kind=ValueKind.LINK, iri=f"{DCTERMS}isReplacedBy"
    ),
)
_KINDS = {
    **dict.fromkeys(("integer", "int", "long", "short", "byte"), ValueKind.INTEGER),
    **dict.fromkeys(
        ("nonNegativeInteger", "positiveInteger", "unsignedInt", "unsignedLong", "unsignedShort"),
        ValueKind.INTEGER,
    ),
    **dict.fromkeys(("decimal", "double", "float"), ValueKind.DECIMAL),
    "date": ValueKind.DAY,
    "dateTime": ValueKind.INSTANT,
    "dateTimeStamp": ValueKind.INSTANT,
    "boolean": ValueKind.BOOLEAN,
    "anyURI": ValueKind.LINK,
}
_Key = tuple[str, str]
"""IRI of the property that leads within (empty for the object itself), IRI of the property; or ROW and the
name of a column of ours.
"""
ROW = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a service lies in a table. places: place of a column by what it means; within: the properties that
    lead to a thing whose own properties have columns. classes: IRI of the class of such a thing by property.
    labels: of classes by term.
    """

    columns: tuple[TableColumn, ...]
    places: dict[_Key, int]
    within: frozenset[str]
    classes: dict[str, str]
    labels: dict[str, str]


def columns_of(service: ServiceRow) -> tuple[TableColumn, ...]:
    """Give the columns that the profile asks for; empty when the service holds nothing."""
    filled = _filled(service)
    return layout_of(profiles.of(service), filled).columns if filled else ()


def read(service: ServiceRow, *, limit: int) -> ServiceTable:
    """Give the objects that are there now, at most so many; raises ServiceTooLarge for too much text."""
    filled = _filled(service)
    layout = layout_of(profiles.of(service), filled)
    said: list[list[list[Any]]] = []
    size = 0
    for term in filled:
        reader = _Reader(service, term, layout)
        for row in reader.rows():
            size += sum(len(each) for cell in row for each in cell if isinstance(each, str))
            if size > MAX_CHARACTERS:
                raise ServiceTooLarge(service.code)
            said.append(row)
            if len(said) == limit:
                return _finished(layout, said)
    return _finished(layout, said)


def layout_of(profile: Profile, terms: tuple[str, ...]) -> Layout:
    """Give how objects of these classes lie in one table; what they both say has one column."""
    owners = [each for each in map(profile.find_class, terms) if each is not None]
    columns = [IRI, *([KIND] if len(owners) > 1 else [])]
    keys: list[_Key] = [(ROW, each.name) for each in columns]
    for owner in owners:
        for key, column in _columns(profile, owner):
            if key not in keys:
                keys.append(key)
                columns.append(column)
    if any(features.has_place(profile, each) for each in owners):
        columns += PLACE
        keys += [(ROW, each.name) for each in PLACE]
    columns += STATE
    keys += [(ROW, each.name) for each in STATE]
    return Layout(
        columns=tuple(_told_apart(columns)),
        places={key: place for place, key in enumerate(keys)},
        within=frozenset(outer for outer, _inner in keys if outer not in ("", ROW)),
        classes={part.iri: part.of_class for each in owners for part in each.properties},
        labels={each.term: each.label or each.term for each in owners},
    )


def _filled(service: ServiceRow) -> tuple[str, ...]:
    return tuple(each.term for each in queries.describe(service).classes if each.count)


def _columns(profile: Profile, owner: Class) -> Iterator[tuple[_Key, TableColumn]]:
    for each in owner.properties:
        if _is_place(each):
            continue
        name = _name(each)
        yield ("", each.iri), _column(profile, each, name=name)
        inner = next((one for one in profile.classes if each.of_class and one.iri == each.of_class), None)
        for part in inner.properties if inner is not None else ():
            if not _is_place(part):
                column = _column(profile, part, name=f"{name}.{_name(part)}")
                label = f"{each.label or name}: {column.label[:1].lower()}{column.label[1:]}"
                yield (each.iri, part.iri), replace(column, within=each.iri, label=label)


def _name(of: Property) -> str:
    return of.terms[0] if of.terms else flattening.short(of.iri)


def _is_place(of: Property) -> bool:
    return of.datatype in reading.LITERALS or of.iri in reading.PROPERTIES


def _column(profile: Profile, of: Property, *, name: str) -> TableColumn:
    known = [profile.context.terms[each] for each in of.terms if each in profile.context.terms]
    datatype = of.datatype or next((each.datatype for each in known if each.datatype), "")
    kind = _KINDS.get(datatype.removeprefix(XSD), ValueKind.TEXT)
    if of.of_class or any(each.is_link for each in known):
        kind = ValueKind.LINK
    label = of.label or _name(of)
    return TableColumn(name=name, label=label, iri=of.iri, description=of.description, kind=kind)


def _told_apart(columns: list[TableColumn]) -> Iterator[TableColumn]:
    """Give columns under ASCII names that no other column and no parameter of a query has."""
    taken = {"page", "pageSize"}
    for each in columns:
        plain = "".join(
            one if one.isascii() and (one.isalnum() or one in "._-") else "_" for one in each.name
        )
        name, number = plain, 2
        while name in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name)
        yield replace(each, name=name)


class _Reader:
    """Reads the objects of one class into lists of values, one list a cell."""

    def __init__(self, service: ServiceRow, term: str, layout: Layout) -> None:
        self._service, self._term, self._layout = service, term, layout
        self._places = layout.places
        self._names: dict[tuple[str, str, str], str] = {}

    def rows(self) -> Iterator[list[list[Any]]]:
        """Give a row for each object."""
        waiting: list[tuple[ObjectRow, Json, str]] = []
        for found in queries.newest(self._service, term=self._term):
            waiting.append(found)
            if len(waiting) == AT_ONCE:
                yield from self._of(waiting)
                waiting = []
        yield from self._of(waiting)

    def _of(self, found: list[tuple[ObjectRow, Json, str]]) -> Iterator[list[list[Any]]]:
        features_of: dict[int, str] = {}
        if (ROW, "wkt") in self._places:
            ids = [row.id for row, _content, _digest in found]
            features_of = dict(FeatureRow.objects.filter(object__in=ids).values_list("object_id", "feature"))
        for row, content, digest in found:
            context = profiles.of_version(self._service, digest).context
            yield self._row(row, content, digest, context, features_of.get(row.id, ""))

    def _row(
        self, row: ObjectRow, content: Json, digest: str, context: Context, feature: str
    ) -> list[list[Any]]:
        cells: list[list[Any]] = [[] for _each in self._layout.columns]
        cells[0].append(row.iri)
        if (ROW, KIND.name) in self._places:
            cells[self._places[ROW, KIND.name]].append(self._layout.labels[self._term])
        for iri, values in self._said(content, row.class_iri, digest, context):
            if iri in self._layout.within:
                self._put_things(cells, iri, values, digest, context)
            elif (at := self._places.get(("", iri))) is not None:
                cells[at] += [each for each in values if not isinstance(each, dict | list)]
        if feature:
            self._put_place(cells, feature)
        cells[self._places[ROW, "gewijzigd"]].append(row.changed_at)
        if row.ended_on is not None:
            cells[self._places[ROW, "geeindigd"]].append(row.ended_on)
        cells[self._places[ROW, "vervangen_door"]] += row.replaced_by or []
        return cells

    def _put_things(
        self, cells: list[list[Any]], outer: str, values: list[Any], digest: str, context: Context
    ) -> None:
        """Put what things within say, each in the same place of every column of theirs."""
        own = {inner: at for (within, inner), at in self._places.items() if within == outer}
        link, of_class = self._places["", outer], self._layout.classes.get(outer, "")
        for thing in values:
            told: dict[int, Any] = {}
            if isinstance(thing, dict):
                told[link] = thing.get("@id")
                for iri, found in self._said(thing, of_class, digest, context):
                    simple = [each for each in found if not isinstance(each, dict | list)]
                    if iri in own and simple:
                        told[own[iri]] = simple[0] if len(simple) == 1 else ", ".join(map(str, simple))
            elif not isinstance(thing, list):
                told[link] = thing
            for at in (link, *own.values()):
                cells[at].append(told.get(at))

    def _put_place(self, cells: list[list[Any]], feature: str) -> None:
        geometry = codec.decode_untyped(feature.encode())["geometry"]
        west, south, east, north = systems.envelope(geometry)
        for name, value in (
            ("lengtegraad", writing.degrees((west + east) / 2)),
            ("breedtegraad", writing.degrees((south + north) / 2)),
            ("wkt", writing.wkt(geometry)),
        ):
            cells[self._places[ROW, name]].append(value)

    def _said(
        self, content: Json, class_iri: str, digest: str, context: Context
    ) -> Iterator[tuple[str, list[Any]]]:
        """Give the IRI of each property with its values; of a text in several languages the Dutch one."""
        for name, value in flattening.said(content):
            if name.startswith("@"):
                continue
            key = (class_iri, name, digest)
            term = context.within.get(class_iri, {}).get(name) or context.terms.get(name)
            if key not in self._names:
                prefix, _, rest = name.partition(":")
                self._names[key] = term.iri if term else context.prefixes.get(prefix, f"{prefix}:") + rest
            if isinstance(value, dict) and term is not None and term.container == "@language":
                value = value.get("nl", next(iter(value.values()), None))
            yield self._names[key], value if isinstance(value, list) else [value]


def _finished(layout: Layout, said: list[list[list[Any]]]) -> ServiceTable:
    """Give the table: a column whose cells hold one value at most has plain values of its kind."""
    columns = list(layout.columns)
    cells: list[list[Scalar | tuple[str, ...]]] = []
    for place, column in enumerate(columns):
        held = [row[place] for row in said]
        if any(len(each) > 1 for each in held):
            kind = column.kind if column.kind is ValueKind.LINK else ValueKind.TEXT
            columns[place] = replace(column, is_several=True, kind=kind)
            cells.append([tuple(map(scalars.text, each)) if each else None for each in held])
        else:
            cells.append([scalars.of(each[0], column.kind) if each else None for each in held])
    return ServiceTable(columns=tuple(columns), rows=tuple(zip(*cells, strict=True)))
