"""A table in each form in which it can be had: CSV, Parquet, GeoJSON, JSON, JSON-LD and Turtle. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ocapi.lib import codec, parquet
from ocapi.lib.dcat.vocabulary import EU
from ocapi.lib.rdf import writing
from ocapi.lib.rdf.graph import STRING, XSD, Lexical
from ocapi.modules.opendata.data import Column, ColumnKind, Table, Value

POINTS = frozenset({ColumnKind.LONGITUDE, ColumnKind.LATITUDE})
_KINDS = {
    ColumnKind.INTEGER: parquet.Kind.INTEGER,
    ColumnKind.DECIMAL: parquet.Kind.DOUBLE,
    ColumnKind.LONGITUDE: parquet.Kind.DOUBLE,
    ColumnKind.LATITUDE: parquet.Kind.DOUBLE,
    ColumnKind.DAY: parquet.Kind.DAY,
    ColumnKind.INSTANT: parquet.Kind.INSTANT,
    ColumnKind.BOOLEAN: parquet.Kind.BOOLEAN,
}
DATATYPES = {
    ColumnKind.INTEGER: "integer",
    ColumnKind.DECIMAL: "decimal",
    ColumnKind.LONGITUDE: "decimal",
    ColumnKind.LATITUDE: "decimal",
    ColumnKind.DAY: "date",
    ColumnKind.INSTANT: "dateTime",
    ColumnKind.BOOLEAN: "boolean",
    ColumnKind.LINK: "anyURI",
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


def predicate(column: Column, iri: str) -> str:
    """Give the property a column is written as."""
    return column.iri or f"{iri}#kolom-{column.name}"


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
    """Give rows as objects: numbers as numbers, days and instants as text."""
    names = [each.name for each in table.columns]
    for row in table.rows:
        yield {name: _value(value) for name, value in zip(names, row, strict=True)}


def _value(value: Value) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return written(value) if isinstance(value, (date, datetime)) else value


def _geojson(table: Table, iri: str) -> bytes:
    x, y = (
        next(place for place, each in enumerate(table.columns) if each.kind is kind)
        for kind in (ColumnKind.LONGITUDE, ColumnKind.LATITUDE)
    )
    names = [(place, each.name) for place, each in enumerate(table.columns) if each.kind not in POINTS]
    features = [
        {
            "type": "Feature",
            "id": number,
            "geometry": None
            if row[x] is None or row[y] is None
            else {
                "type": "Point",
                "coordinates": [_value(row[x]), _value(row[y])],
            },
            "properties": {name: _value(row[place]) for place, name in names},
        }
        for number, row in enumerate(table.rows, start=1)
    ]
    return b'{"type":"FeatureCollection","features":' + _joined(features) + b"}"


def _json_ld(table: Table, iri: str) -> bytes:
    context: dict[str, Any] = {}
    for each in table.columns:
        kind = DATATYPES.get(each.kind, "")
        typed = {"@type": "@id" if each.kind is ColumnKind.LINK else f"{XSD}{kind}"} if kind else {}
        context[each.name] = {"@id": predicate(each, iri), **typed}
    graph = []
    for number, row in enumerate(table.rows, start=1):
        said = {
            each.name: written(value)
            for each, value in zip(table.columns, row, strict=True)
            if value is not None
        }
        graph.append({"@id": f"{iri}#rij-{number}", **said})
    return b'{"@context":' + codec.encode_json(context) + b',"@graph":' + _joined(graph) + b"}"


def _turtle(table: Table, iri: str) -> bytes:
    names = [writing.term(predicate(each, iri)) for each in table.columns]
    kinds = [f"{XSD}{DATATYPES[each.kind]}" if each.kind in DATATYPES else STRING for each in table.columns]
    is_link = [each.kind is ColumnKind.LINK for each in table.columns]
    blocks = []
    for number, row in enumerate(table.rows, start=1):
        said = [
            f"{name} {_term(written(value), kind, link)}"
            for name, kind, link, value in zip(names, kinds, is_link, row, strict=True)
            if value is not None
        ]
        if said:
            blocks.append(f"{writing.term(f'{iri}#rij-{number}')} " + " ;\n    ".join(said) + " .\n")
    return "\n".join(blocks).encode()


def _term(text: str, kind: str, is_link: bool) -> str:
    if is_link:
        try:
            return writing.term(text)
        except writing.NotWritable:
            return writing.term(Lexical(text))
    return writing.term(Lexical(text, kind))


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
