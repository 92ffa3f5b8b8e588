"""What OGC API Features says about itself: links, collections, queryables and the OpenAPI document.

No database: collections in, plain values out.
"""

from collections.abc import Iterable
from typing import Any

from ocapi.lib import codec
from ocapi.lib.geo import systems
from ocapi.lib.geo.systems import CRS84, SYSTEMS, System
from ocapi.modules.linkeddata.data import Collection

MAX_LIMIT, DEFAULT_LIMIT = 10_000, 100
_CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
_FILTER = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf"
CLASSES = (
    f"{_CORE}/core",
    f"{_CORE}/geojson",
    f"{_CORE}/html",
    f"{_CORE}/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    f"{_FILTER}/queryables",
    f"{_FILTER}/queryables-query-parameters",
    f"{_FILTER}/filter",
    f"{_FILTER}/features-filter",
    f"{_CQL2}/cql2-text",
    f"{_CQL2}/basic-cql2",
    f"{_CQL2}/advanced-comparison-operators",
    f"{_CQL2}/basic-spatial-functions",
)
JSON, GEO_JSON, HTML = "application/json", "application/geo+json", "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"


def link(href: str, rel: str, media_type: str, *, title: str = "") -> dict[str, str]:
    """Give a link."""
    found = {"href": href, "rel": rel, "type": media_type}
    return {**found, "title": title} if title else found


def landing(home: str, *, title: str) -> dict[str, object]:
    """Give the landing page."""
    return {
        "title": title,
        "links": [
            link(home, "self", JSON),
            link(f"{home}?f=html", "alternate", HTML),
            link(f"{home}/api", "service-desc", OPENAPI),
            link(f"{home}?f=html", "service-doc", HTML),
            link(f"{home}/conformance", "conformance", JSON),
            link(f"{home}/conformance", "http://www.opengis.net/def/rel/ogc/1.0/conformance", JSON),
            link(f"{home}/collections", "data", JSON),
            link(f"{home}/collections", "http://www.opengis.net/def/rel/ogc/1.0/data", JSON),
        ],
    }


def collections(home: str, found: Iterable[Collection]) -> dict[str, object]:
    """Give the list of collections."""
    return {
        "links": [link(f"{home}/collections", "self", JSON)],
        "crs": list(SYSTEMS),
        "collections": [collection(home, each) for each in found],
    }


def collection(home: str, found: Collection) -> dict[str, object]:
    """Give a collection."""
    here = f"{home}/collections/{found.name}"
    body: dict[str, object] = {
        "id": found.name,
        "title": found.title,
        "description": found.description,
        "itemType": "feature",
        "crs": list(SYSTEMS),
        "storageCrs": CRS84,
        "links": [
            link(here, "self", JSON),
            link(f"{here}?f=html", "alternate", HTML),
            link(f"{here}/items", "items", GEO_JSON, title=found.title),
            link(f"{here}/items?f=html", "items", HTML, title=found.title),
            link(
                f"{here}/queryables",
                "http://www.opengis.net/def/rel/ogc/1.0/queryables",
                "application/schema+json",
            ),
        ],
    }
    if found.extent:
        body["extent"] = {"spatial": {"bbox": [list(found.extent)], "crs": CRS84}}
    return body


def queryables(home: str, found: Collection) -> dict[str, object]:
    """Give the properties that can be asked for, as a JSON Schema."""
    properties: dict[str, object] = {
        name: {"title": name, "type": kind} if kind else {"title": name} for name, kind in found.names
    }
    properties["geometry"] = {"title": "geometry", "format": "geometry-any", "x-ogc-role": "primary-geometry"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{home}/collections/{found.name}/queryables",
        "type": "object",
        "title": found.title,
        "properties": properties,
        "additionalProperties": False,
    }


def moved(text: str, system: System) -> str:
    """Give a feature with its geometry in another coordinate system."""
    feature: Any = codec.decode_untyped(text.encode())
    feature["geometry"] = systems.written(feature["geometry"], system)
    return codec.encode_json(feature).decode()


def with_links(text: str, links: Iterable[dict[str, str]], *, system: System) -> bytes:
    """Give a feature with links, in a coordinate system."""
    feature: Any = codec.decode_untyped(text.encode())
    if system.iri != CRS84:
        feature["geometry"] = systems.written(feature["geometry"], system)
    return codec.encode_json({**feature, "links": list(links)})


def _parameter(
    name: str, schema: dict[str, object], text: str, *, is_array: bool = False
) -> dict[str, object]:
    found: dict[str, object] = {
        "name": name,
        "in": "query",
        "required": False,
        "description": text,
        "schema": schema,
        "style": "form",
        "explode": False,
    }
    return found if is_array else {k: v for k, v in found.items() if k not in ("style", "explode")}


_PARAMETERS = {
    "limit": _parameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        "Number of features on a page.",
    ),
    "bbox": _parameter(
        "bbox",
        {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
        "Features that meet this box.",
        is_array=True,
    ),
    "datetime": _parameter("datetime", {"type": "string"}, "An instant, a day, or an interval by RFC 3339."),
    "crs": _parameter(
        "crs", {"type": "string", "format": "uri", "enum": list(SYSTEMS)}, "Coordinate system of the answer."
    ),
    "bbox-crs": _parameter(
        "bbox-crs", {"type": "string", "format": "uri", "enum": list(SYSTEMS)}, "Coordinate system of bbox."
    ),
    "filter": _parameter("filter", {"type": "string"}, "A filter in CQL2 text."),
    "filter-lang": _parameter(
        "filter-lang", {"type": "string", "enum": ["cql2-text"]}, "Language of the filter."
    ),
    "filter-crs": _parameter(
        "filter-crs",
        {"type": "string", "format": "uri", "enum": list(SYSTEMS)},
        "Coordinate system of geometries in the filter.",
    ),
    "cursor": _parameter("cursor", {"type": "string"}, "Where a page before ended; follow `next` instead."),
}


def openapi(home: str, found: Iterable[Collection], *, title: str) -> dict[str, object]:
    """Give the OpenAPI 3.0 document; clients read from it how large a page may be."""
    paths: dict[str, object] = {
        "/": _get("getLandingPage", "Landing page", JSON),
        "/conformance": _get("getConformance", "Conformance", JSON),
        "/collections": _get("getCollections", "Collections", JSON),
    }
    for each in found:
        here = f"/collections/{each.name}"
        code = each.name.replace(".", "_").replace("-", "_")
        names = [
            _parameter(name, {"type": kind or "string"}, f"Features whose {name} is this.")
            for name, kind in each.names
        ]
        shared: list[dict[str, object]] = [
            {"$ref": f"#/components/parameters/{name}"} for name in _PARAMETERS
        ]
        paths[here] = _get(f"describe_{code}", each.title, JSON)
        paths[f"{here}/queryables"] = _get(f"queryables_{code}", "Queryables", "application/schema+json")
        paths[f"{here}/items"] = _get(
            f"getFeatures_{code}", each.title, GEO_JSON, parameters=[*shared, *names]
        )
        identifier = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
        paths[f"{here}/items/{{featureId}}"] = _get(
            f"getFeature_{code}",
            each.title,
            GEO_JSON,
            parameters=[identifier, {"$ref": "#/components/parameters/crs"}],
        )
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": "1.0.0"},
        "servers": [{"url": home}],
        "paths": paths,
        "components": {"parameters": _PARAMETERS},
    }


def _get(
    name: str, summary: str, media_type: str, *, parameters: list[dict[str, object]] | None = None
) -> dict[str, object]:
    answer = {"description": "OK", "content": {media_type: {"schema": {"type": "object"}}}}
    refusal = {
        "description": "Refused",
        "content": {"application/problem+json": {"schema": {"type": "object"}}},
    }
    operation: dict[str, object] = {
        "operationId": name,
        "summary": summary,
        "responses": {"200": answer, "400": refusal, "404": refusal},
    }
    if parameters:
        operation["parameters"] = parameters
    return {"get": operation}
