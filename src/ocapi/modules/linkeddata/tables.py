"""A service as one table: the properties of its profile as columns, an object per row.

What an object holds within itself is told one level deep, as `positie.methode`, where an object says it: a
profile without shapes lets every property stand on everything. What the profile does not name comes after
what it does, of the kind that its values have. A geometry is longitude, latitude and
well-known text. Objects are read in parts, and the table ends at a number of rows and of characters, so that
it costs the same however large the service is.
"""

from collections.abc import Iterator
from dataclasses import replace
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
MOST_UNNAMED = 200  # columns for what the profile does not name
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
"""IRI of the property that leads within (empty for the object itself) and IRI of the property; or ROW and
the name of a column of ours.
"""
ROW = "row"
_Row = dict[_Key, list[Any]]


def columns_of(service: ServiceRow) -> tuple[TableColumn, ...]:
    """Give the columns that the profile asks for, without what objects hold within; empty while the service
    holds nothing.
    """
    filled = _filled(service)
    layout = _Layout(profiles.of(service), filled, has_place=_has_place(service, filled))
    return tuple(layout.named(layout.keys(frozenset())).values()) if filled else ()


def read(service: ServiceRow, *, limit: int) -> ServiceTable:
    """Give the objects that are there now, at most so many; raises ServiceTooLarge for too much text."""
    filled = _filled(service)
    layout = _Layout(profiles.of(service), filled, has_place=_has_place(service, filled))
    rows: list[_Row] = []
    size = 0
    for term in filled:
        for row in _Reader(service, term, layout).rows():
            size += sum(len(each) for cell in row.values() for each in cell if isinstance(each, str))
            if size > MAX_CHARACTERS:
                raise ServiceTooLarge(service.code)
            rows.append(row)
            if len(rows) == limit:
                return _finished(layout, rows)
    return _finished(layout, rows)


def _filled(service: ServiceRow) -> tuple[str, ...]:
    return tuple(each.term for each in queries.describe(service).classes if each.count)


def _has_place(service: ServiceRow, filled: tuple[str, ...]) -> bool:
    return not set(filled).isdisjoint(features.terms_of(service))


class _Layout:
    """How objects of some classes lie in one table; what two classes both say has one column."""

    def __init__(self, profile: Profile, terms: tuple[str, ...], *, has_place: bool) -> None:
        self._profile = profile
        owners = [each for each in map(profile.find_class, terms) if each is not None]
        self.labels = {each.term: each.label or each.term for each in owners}
        self.properties: dict[str, Property] = {}
        for each in owners:
            for iri, part in _of_class(each).items():
                self.properties.setdefault(iri, part)
        self.has_place = has_place
        self._classes = {each.iri: each for each in profile.classes}
        self._unnamed: set[_Key] = set()

    def admits(self, outer: str, iri: str) -> bool:
        """Tell whether a property that the profile does not name gets a column: the first so many do."""
        if len(self._unnamed) < MOST_UNNAMED:
            self._unnamed.add((outer, iri))
        return (outer, iri) in self._unnamed

    def within(self, iri: str) -> dict[str, Property]:
        """Give the properties of the thing that a property leads to, by IRI; empty for what is a value."""
        outer = self.properties.get(iri)
        inner = self._classes.get(outer.of_class) if outer is not None and outer.of_class else None
        return _of_class(inner) if inner is not None else {}

    def names(self, key: _Key) -> bool:
        """Tell whether the profile names what a column is of."""
        outer, inner = key
        return outer == ROW or inner in (self.within(outer) if outer else self.properties)

    def keys(self, used: frozenset[_Key]) -> list[_Key]:
        """Give what each column is of, in their order; used: what objects hold within."""
        found = [(ROW, IRI.name), *([(ROW, KIND.name)] if len(self.labels) > 1 else [])]
        for iri in self.properties:
            found.append(("", iri))
            within = self.within(iri)
            found += [(iri, inner) for inner in within if (iri, inner) in used]
            found += sorted((iri, inner) for outer, inner in used if outer == iri and inner not in within)
        found += sorted(("", iri) for outer, iri in used if not outer and iri not in self.properties)
        found += [(ROW, each.name) for each in PLACE if self.has_place]
        return found + [(ROW, each.name) for each in STATE]

    def named(self, keys: list[_Key]) -> dict[_Key, TableColumn]:
        """Give the columns, under ASCII names that no other column and no parameter of a query has."""
        taken = {"page", "pageSize"}
        found = {}
        for key in keys:
            column = self._column(key)
            name = "".join(
                one if one.isascii() and (one.isalnum() or one in "._-") else "_" for one in column.name
            )
            plain, number = name, 2
            while name in taken:
                name, number = f"{plain}_{number}", number + 1
            taken.add(name)
            found[key] = replace(column, name=name)
        return found

    def _column(self, key: _Key) -> TableColumn:
        outer, inner = key
        if outer == ROW:
            return next(each for each in (IRI, KIND, *PLACE, *STATE) if each.name == inner)
        if not outer:
            return _column(self._profile, self.properties.get(inner) or _unnamed(inner))
        leads = _column(self._profile, self.properties[outer])
        column = _column(self._profile, self.within(outer).get(inner) or _unnamed(inner))
        return replace(
            column,
            name=f"{leads.name}.{column.name}",
            label=f"{leads.label}: {column.label[:1].lower()}{column.label[1:]}",
            within=outer,
        )


def _of_class(owner: Class) -> dict[str, Property]:
    """Give the properties of a class by IRI; of several names for one, that of the class itself: `Zaak.naam`
    for a Zaak.
    """
    found: dict[str, Property] = {}
    for each in owner.properties:
        is_own = any(term.startswith(f"{owner.term}.") for term in each.terms)
        if not _is_place(each) and (is_own or each.iri not in found):
            found[each.iri] = each
    return found


def _says_place(iri: str) -> bool:
    return iri in reading.PROPERTIES


def _unnamed(iri: str) -> Property:
    """Give a property that the profile does not name."""
    return Property(iri=iri, terms=())


def _is_place(of: Property) -> bool:
    return of.datatype in reading.LITERALS or of.iri in reading.PROPERTIES


def _column(profile: Profile, of: Property) -> TableColumn:
    name = (of.terms[0] if of.terms else flattening.short(of.iri)).rpartition(".")[2]
    known = [profile.context.terms[each] for each in of.terms if each in profile.context.terms]
    datatype = of.datatype or next((each.datatype for each in known if each.datatype), "")
    kind = _KINDS.get(datatype.removeprefix(XSD), ValueKind.TEXT)
    if of.of_class or any(each.is_link for each in known):
        kind = ValueKind.LINK
    return TableColumn(
        name=name,
        label=of.label if of.label and of.label not in of.terms else name,
        iri=of.iri,
        description=of.description,
        kind=kind,
    )


class _Reader:
    """Reads the objects of one class: lists of values by what they are of."""

    def __init__(self, service: ServiceRow, term: str, layout: _Layout) -> None:
        self._service, self._term, self._layout = service, term, layout
        self._names: dict[tuple[str, str, str], str] = {}
        self._within: dict[str, dict[str, Property]] = {}

    def rows(self) -> Iterator[_Row]:
        """Give a row for each object."""
        waiting: list[tuple[ObjectRow, Json, str]] = []
        for found in queries.newest(self._service, term=self._term):
            waiting.append(found)
            if len(waiting) == AT_ONCE:
                yield from self._of(waiting)
                waiting = []
        yield from self._of(waiting)

    def _of(self, found: list[tuple[ObjectRow, Json, str]]) -> Iterator[_Row]:
        features_of: dict[int, str] = {}
        if self._layout.has_place and found:
            ids = [row.id for row, _content, _digest in found]
            features_of = dict(FeatureRow.objects.filter(object__in=ids).values_list("object_id", "feature"))
        for row, content, digest in found:
            made = self._row(row, content, digest)
            if (feature := features_of.get(row.id)) is not None:
                made.update(_place(feature))
            yield made

    def _row(self, row: ObjectRow, content: Json, digest: str) -> _Row:
        context = profiles.of_version(self._service, digest).context
        made: _Row = {
            (ROW, "iri"): [row.iri],
            (ROW, "soort"): [self._layout.labels[self._term]],
            (ROW, "gewijzigd"): [row.changed_at],
            (ROW, "vervangen_door"): list(row.replaced_by or ()),
        }
        if row.ended_on is not None:
            made[ROW, "geeindigd"] = [row.ended_on]
        for iri, values in self._said(content, row.class_iri, digest, context):
            if iri not in self._within:
                self._within[iri] = self._layout.within(iri)
            known = iri in self._layout.properties
            if self._within[iri] or (known and any(isinstance(each, dict) for each in values)):
                self._put_things(made, iri, values, digest, context)
            elif known or (not _says_place(iri) and self._layout.admits("", iri)):
                simple = [each for each in values if not isinstance(each, dict | list)]
                made["", iri] = made.get(("", iri), []) + simple
        return {key: values for key, values in made.items() if values}

    def _put_things(self, made: _Row, outer: str, values: list[Any], digest: str, context: Context) -> None:
        """Put what things within say, each in the same place of every column of theirs."""
        own, of_class = self._within[outer], self._layout.properties[outer].of_class
        told: list[dict[_Key, Any]] = []
        for thing in values:
            said: dict[_Key, Any] = {}
            if isinstance(thing, dict):
                said["", outer] = thing.get("@id")
                for iri, found in self._said(thing, of_class, digest, context):
                    simple = [each for each in found if not isinstance(each, dict | list)]
                    if simple and (iri in own or (not _says_place(iri) and self._layout.admits(outer, iri))):
                        said[outer, iri] = simple[0] if len(simple) == 1 else ", ".join(map(str, simple))
            elif not isinstance(thing, list):
                said["", outer] = thing
            told.append(said)
        for key in {key for said in told for key, value in said.items() if value is not None}:
            made[key] = [said.get(key) for said in told]

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


def _place(feature: str) -> _Row:
    geometry = codec.decode_untyped(feature.encode())["geometry"]
    west, south, east, north = systems.envelope(geometry)
    return {
        (ROW, "lengtegraad"): [writing.degrees((west + east) / 2)],
        (ROW, "breedtegraad"): [writing.degrees((south + north) / 2)],
        (ROW, "wkt"): [writing.wkt(geometry)],
    }


def _finished(layout: _Layout, rows: list[_Row]) -> ServiceTable:
    """Give the table: a column whose cells hold one value at most has plain values of its kind."""
    used = frozenset(key for row in rows for key in row)
    columns = layout.named(layout.keys(used))
    cells: list[list[Scalar | tuple[str, ...]]] = []
    for key, column in columns.items():
        held = [row.get(key, ()) for row in rows]
        if any(len(each) > 1 for each in held):
            kind = column.kind if column.kind is ValueKind.LINK else ValueKind.TEXT
            columns[key] = replace(column, is_several=True, kind=kind)
            cells.append([tuple(map(scalars.text, each)) if each else None for each in held])
        else:
            kind = column.kind
            if not layout.names(key):
                kind = scalars.kind_of([each[0] for each in held if each])
                columns[key] = replace(column, kind=kind)
            cells.append([scalars.of(each[0], kind) if each else None for each in held])
    return ServiceTable(columns=tuple(columns.values()), rows=tuple(zip(*cells, strict=True)))
