"""A table in each form in which it can be had: CSV, Parquet, GeoJSON, JSON, JSON-LD and Turtle. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ocapi.lib import codec, parquet
from ocapi.lib.dcat.vocabulary import EU
from ocapi.lib.geo import reading
from ocapi.lib.rdf import writing
from ocapi.lib.rdf.graph import Lexical
from ocapi.modules.opendata import linking
from ocapi.modules.opendata.data import SEPARATOR, Column, ColumnKind, Table, Value

PLACES = frozenset({ColumnKind.LONGITUDE, ColumnKind.LATITUDE, ColumnKind.GEOMETRY})
_KINDS = {
    ColumnKind.INTEGER: parquet.Kind.INTEGER,
    ColumnKind.DECIMAL: parquet.Kind.DOUBLE,
    ColumnKind.LONGITUDE: parquet.Kind.DOUBLE,
    ColumnKind.LATITUDE: parquet.Kind.DOUBLE,
    ColumnKind.DAY: parquet.Kind.DAY,
    ColumnKind.INSTANT: parquet.Kind.INSTANT,
    ColumnKind.BOOLEAN: parquet.Kind.BOOLEAN,
}


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a table. extension: of the file. is_spatial: only where rows are points."""

    extension: str
    label: str
    media_type: str
    file_type: str
    write: Callable[[Table, str], bytes]
    is_spatial: bool = False


def offered(table: Table) -> tuple[Form, ...]:
    """Give the forms a table can be had in."""
    return tuple(each for each in FORMS if table.has_points or not each.is_spatial)


def find(extension: str, table: Table) -> Form | None:
    """Give the form with that extension, or None when the table has it not."""
    return next((each for each in offered(table) if each.extension == extension), None)


def _csv(table: Table, iri: str) -> bytes:
    header = tuple(each.name for each in table.columns)
    return codec.encode_csv((header, *(tuple(map(_cell, row)) for row in table.rows)))


def _cell(value: Value) -> str | int | Decimal | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return written(value) if isinstance(value, (date, datetime)) else value


def _parquet(table: Table, iri: str) -> bytes:
    columns = tuple(
        parquet.Column(each.name, _KINDS.get(each.kind, parquet.Kind.TEXT)) for each in table.columns
    )
    return parquet.encode(columns, table.rows)


def _json(table: Table, iri: str) -> bytes:
    return _joined(records(table))


def _joined(items: Iterable[dict[str, Any]]) -> bytes:
    """Write objects as a JSON array, one by one: the largest tables are made within a request."""
    return b"[" + b",".join(map(codec.encode_record, items)) + b"]"


def records(table: Table) -> Iterator[dict[str, Any]]:
    """Give rows as objects: numbers as numbers, days and instants as text, several values as a list."""
    for row in table.rows:
        yield {each.name: _listed(value, each) for each, value in zip(table.columns, row, strict=True)}


def is_said(value: str, cell: Value) -> bool:
    """Tell whether a cell holds a value, as it is written; of several it may be one."""
    text = written(cell)
    return text == value or (SEPARATOR in text and value in text.split(SEPARATOR))


def _listed(value: Value, column: Column) -> Any:
    if column.is_several:
        return [each or None for each in linking.parts(value, column, written)]
    return _value(value)


def _value(value: Value) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return written(value) if isinstance(value, (date, datetime)) else value


def _geojson(table: Table, iri: str) -> bytes:
    x, y = (
        next(place for place, each in enumerate(table.columns) if each.kind is kind)
        for kind in (ColumnKind.LONGITUDE, ColumnKind.LATITUDE)
    )
    shape = next((at for at, each in enumerate(table.columns) if each.kind is ColumnKind.GEOMETRY), None)
    named = [(at, each) for at, each in enumerate(table.columns) if each.kind not in PLACES]
    features = (
        {
            "type": "Feature",
            "id": number,
            "geometry": _geometry(row[x], row[y], None if shape is None else row[shape]),
            "properties": {each.name: _listed(row[at], each) for at, each in named},
        }
        for number, row in enumerate(table.rows, start=1)
    )
    return b'{"type":"FeatureCollection","features":' + _joined(features) + b"}"


def _geometry(x: Value, y: Value, shape: Value) -> Any:
    if isinstance(shape, str):
        return reading.wkt(shape)[0]
    return None if x is None or y is None else {"type": "Point", "coordinates": [_value(x), _value(y)]}


def _json_ld(table: Table, iri: str) -> bytes:
    context: dict[str, Any] = {}
    for each in table.columns:
        kind = "@id" if each.kind is ColumnKind.LINK else linking.DATATYPES.get(each.kind, "")
        context[each.name] = {
            "@id": linking.predicate(each, iri),
            **({"@type": kind} if kind else {}),
        }
    graph = []
    for row in linking.described(table, iri, written):
        node = {"@id": row.name, **_members(row.said)}
        for thing in row.things:
            context.setdefault(thing.term, {"@id": thing.property, "@type": "@id"})
            inner = {**({"@id": thing.name} if thing.name else {}), **_members(thing.said)}
            node.setdefault(thing.term, []).append(inner)
        graph.append(node)
    return b'{"@context":' + codec.encode_json(context) + b',"@graph":' + _joined(graph) + b"}"


def _members(said: Iterable[linking.Said]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in said:
        if each.column.is_several and not each.column.within:
            found.setdefault(each.column.name, []).append(each.text)
        else:
            found[each.column.name] = each.text
    return found


def _turtle(table: Table, iri: str) -> bytes:
    names = {each: writing.term(linking.predicate(each, iri)) for each in table.columns}
    blocks = []
    for row in linking.described(table, iri, written):
        said = _statements(row.said, names)
        for thing in row.things:
            inner = _statements(thing.said, names)
            if not thing.name:
                said.append(f"{writing.term(thing.property)} [ {' ; '.join(inner)} ]")
                continue
            said.append(f"{writing.term(thing.property)} {_link(thing.name)}")
            if inner and _link(thing.name).startswith("<"):
                blocks.append(f"{_link(thing.name)} " + " ;\n    ".join(inner) + " .\n")
        if said:
            blocks.append(f"{writing.term(row.name)} " + " ;\n    ".join(said) + " .\n")
    return "\n".join(blocks).encode()


def _statements(said: Iterable[linking.Said], names: dict[Column, str]) -> list[str]:
    return [
        f"{names[each.column]} "
        + (_link(each.text) if each.is_link else writing.term(Lexical(each.text, each.datatype)))
        for each in said
    ]


def _link(text: str) -> str:
    """Write what names a thing; a text that is no IRI stays a text."""
    try:
        return writing.term(text)
    except writing.NotWritable:
        return writing.term(Lexical(text))


def written(value: Value) -> str:
    """Write a value as machines read it: days and instants by ISO 8601, decimals with a dot."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


FORMS = (
    Form("csv", "CSV", "text/csv", f"{EU}file-type/CSV", _csv),
    Form("parquet", "Parquet", "application/vnd.apache.parquet", f"{EU}file-type/PARQUET", _parquet),
    Form("geojson", "GeoJSON", "application/geo+json", f"{EU}file-type/GEOJSON", _geojson, is_spatial=True),
    Form("json", "JSON", "application/json", f"{EU}file-type/JSON", _json),
    Form("jsonld", "JSON-LD", "application/ld+json", f"{EU}file-type/JSON_LD", _json_ld),
    Form("ttl", "Turtle", "text/turtle", f"{EU}file-type/RDF_TURTLE", _turtle),
)
