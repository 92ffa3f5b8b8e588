"""The rows of a dataset described as OpenAPI 3.0.3, so that tools can call them."""

from typing import Any

from ocapi.lib import codec
from ocapi.lib.dcat.model import text_of
from ocapi.modules.opendata.data import Column, ColumnKind, Published

_TYPES: dict[ColumnKind, dict[str, str]] = {
    ColumnKind.INTEGER: {"type": "integer", "format": "int64"},
    ColumnKind.DECIMAL: {"type": "number"},
    ColumnKind.LONGITUDE: {"type": "number"},
    ColumnKind.LATITUDE: {"type": "number"},
    ColumnKind.BOOLEAN: {"type": "boolean"},
    ColumnKind.DAY: {"type": "string", "format": "date"},
    ColumnKind.INSTANT: {"type": "string", "format": "date-time"},
    ColumnKind.LINK: {"type": "string", "format": "uri"},
}


def openapi(of: Published, *, server: str) -> bytes:
    """Give the document; server: address of the page of the dataset."""
    assert of.table is not None
    columns = of.table.columns
    document = {
        "openapi": "3.0.3",
        "info": {
            "title": text_of(of.dataset.title),
            "version": str(of.sequence),
            "description": text_of(of.dataset.description),
            "license": {"name": of.license, "url": of.license},
        },
        "servers": [{"url": server}],
        "tags": [{"name": "Rows"}],
        "paths": {"/rows": {"get": _operation(columns)}},
        "components": {"schemas": _schemas(columns)},
    }
    return codec.encode_yaml(document).encode()


def _operation(columns: tuple[Column, ...]) -> dict[str, Any]:
    page = {"type": "integer", "minimum": 1, "default": 1}
    size = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
    parameters: list[dict[str, Any]] = [
        {"name": "page", "in": "query", "schema": page},
        {"name": "pageSize", "in": "query", "schema": size},
    ]
    parameters += [
        {"name": each.name, "in": "query", "description": each.label, "schema": {"type": "string"}}
        for each in columns
    ]
    rows = {"application/json": {"schema": {"$ref": "#/components/schemas/Rows"}}}
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    return {
        "operationId": "listRows",
        "tags": ["Rows"],
        "summary": "List rows",
        "parameters": parameters,
        "security": [],
        "responses": {
            "200": {"description": "Rows", "content": rows},
            "default": {"description": "Problem", "content": problem},
        },
    }


def _schemas(columns: tuple[Column, ...]) -> dict[str, Any]:
    address = {"type": "string", "format": "uri"}
    return {
        "Rows": {
            "type": "object",
            "required": ["items", "total"],
            "properties": {
                "items": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
                "total": {"type": "integer"},
                "next": address,
                "prev": dict(address),
            },
        },
        "Row": {"type": "object", "properties": {each.name: _type(each) for each in columns}},
    }


def _type(column: Column) -> dict[str, Any]:
    if column.is_several:
        items = {"type": "string", "nullable": True}
        return {"type": "array", "items": items, "nullable": True, "description": column.label}
    return {**_TYPES.get(column.kind, {"type": "string"}), "nullable": True, "description": column.label}
