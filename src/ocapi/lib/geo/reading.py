"""Geometries as linked data writes them: WKT, GML and GeoJSON literals of GeoSPARQL 1.1, read into CRS84.

WKT: OGC 06-103r4 section 7 with the prefix `<crs>` of GeoSPARQL (section 8.5.1); without one it is CRS84.
GML: the simple features of GML 3.2 with `pos` and `posList`, `srsName` on the outermost element. Bounded:
positions and nesting; curves and surfaces made of patches are unsupported, not wrong.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

from ocapi.lib import codec, xml
from ocapi.lib.geo import systems
from ocapi.lib.geo.systems import CRS84, SYSTEMS, Geometry, System

GEO = "http://www.opengis.net/ont/geosparql#"
WKT_LITERAL, GML_LITERAL, JSON_LITERAL = f"{GEO}wktLiteral", f"{GEO}gmlLiteral", f"{GEO}geoJSONLiteral"
LITERALS = frozenset({WKT_LITERAL, GML_LITERAL, JSON_LITERAL})
PROPERTIES = {
    f"{GEO}asWKT": WKT_LITERAL,
    f"{GEO}asGML": GML_LITERAL,
    f"{GEO}asGeoJSON": JSON_LITERAL,
}
MAX_POSITIONS = 100_000
MAX_TEXT = 8 << 20  # characters
_GML = "{http://www.opengis.net/gml/3.2}"
_OLD_GML = "{http://www.opengis.net/gml}"
_TOKEN = re.compile(r"\s*(?:([A-Za-z]+)|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|([(),]))")
_KINDS = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
    "GEOMETRYCOLLECTION": "GeometryCollection",
}
DEPTHS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""How many lists stand around a position, by kind of geometry."""


class MalformedGeometry(ValueError):
    """The text is no geometry; the message says why, for people."""


class UnsupportedGeometry(ValueError):
    """The text may be right, but its kind or its coordinate system is not ours."""


def read(text: str, *, datatype: str) -> Geometry:
    """Give the geometry of a literal in CRS84; raises MalformedGeometry, UnsupportedGeometry."""
    if len(text) > MAX_TEXT:
        raise MalformedGeometry("the text is too long")
    if datatype == GML_LITERAL:
        found, system = _gml(text)
    elif datatype == JSON_LITERAL:
        found, system = _json(text), SYSTEMS[CRS84]
    else:
        found, system = wkt(text)
    try:
        return systems.read(found, system)
    except ValueError as refused:
        raise MalformedGeometry(str(refused)) from None


def wkt(text: str, *, default: System = SYSTEMS[CRS84]) -> tuple[Geometry, System]:
    """Give a geometry of WKT as it is written, with its system; `default` is that of a text without one."""
    system = default
    text = text.strip()
    if text.startswith("<"):
        name, _, text = text[1:].partition(">")
        system = _system(name)
    elif text[:5].upper() == "SRID=":
        name, _, text = text[5:].partition(";")
        system = _system(f"EPSG:{name}")
    reader = _Wkt(text)
    found = reader.geometry(0)
    reader.end()
    return found, system


def _system(name: str) -> System:
    found = systems.find(name)
    if found is None:
        raise UnsupportedGeometry("an unknown coordinate system")
    return found


class _Wkt:
    """Reads one geometry, token by token; each call moves on."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._count = text, 0, 0

    def _next(self) -> str:
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise MalformedGeometry(f"not WKT at character {self._at + 1}")
        self._at = found.end()
        return found[0].strip()

    def _peek(self) -> str:
        found = _TOKEN.match(self._text, self._at)
        return found[0].strip() if found else ""

    def end(self) -> None:
        """Raise when anything but white space follows."""
        if self._text[self._at :].strip():
            raise MalformedGeometry(f"not WKT at character {self._at + 1}")

    def _want(self, token: str) -> None:
        if self._next() != token:
            raise MalformedGeometry(f"{token} is missing before character {self._at}")

    def geometry(self, depth: int) -> Geometry:
        """Read a geometry."""
        word = self._next().upper()
        for suffix in ("ZM", "Z", "M"):
            if word not in _KINDS and word.endswith(suffix):
                word = word.removesuffix(suffix)
                break
        if word not in _KINDS:
            if word.isalpha():
                raise UnsupportedGeometry(f"{word[:30]} is no kind of geometry we know")
            raise MalformedGeometry("a kind of geometry is missing")
        if self._peek().upper() in ("Z", "M", "ZM"):
            self._next()
        kind = _KINDS[word]
        if self._peek().upper() == "EMPTY":
            raise UnsupportedGeometry("an empty geometry")
        if kind == "GeometryCollection":
            if depth:
                raise UnsupportedGeometry("a collection in a collection")
            self._want("(")
            parts = [self.geometry(depth + 1)]
            while self._next() == ",":
                parts.append(self.geometry(depth + 1))
            return {"type": kind, "geometries": parts}
        return _checked(kind, self._nested(DEPTHS[kind], is_multipoint=kind == "MultiPoint"))

    def _nested(self, depth: int, *, is_multipoint: bool = False) -> Any:
        """Read `(…)`: one position at depth 0, else a list of what is one less deep."""
        self._want("(")
        if depth == 0:
            found = self._position()
            self._want(")")
            return found
        parts: list[Any] = []
        while True:
            if depth > 1 or (is_multipoint and self._peek() == "("):
                parts.append(self._nested(depth - 1))
            else:
                parts.append(self._position())
            token = self._next()
            if token == ")":
                return parts
            if token != ",":
                raise MalformedGeometry(f"a comma is missing before character {self._at}")

    def _position(self) -> list[float]:
        self._count += 1
        if self._count > MAX_POSITIONS:
            raise MalformedGeometry(f"more than {MAX_POSITIONS} positions")
        numbers = [self._number()]
        while self._peek() not in (",", ")", ""):
            numbers.append(self._number())
        if not 2 <= len(numbers) <= 4:
            raise MalformedGeometry("a position has two or three numbers")
        return numbers[:3]

    def _number(self) -> float:
        token = self._next()
        try:
            found = float(token)
        except ValueError:
            raise MalformedGeometry(f"a number is missing before character {self._at}") from None
        if not math.isfinite(found):
            raise MalformedGeometry("a number is too large")
        return found


def _checked(kind: str, coordinates: Any) -> Geometry:
    """Give a geometry whose rings are closed and whose lines have two positions."""
    rings = {"Polygon": coordinates, "MultiPolygon": ()}.get(kind, ())
    if kind == "MultiPolygon":
        rings = [ring for polygon in coordinates for ring in polygon]
    for ring in rings:
        if len(ring) < 4 or ring[0][:2] != ring[-1][:2]:
            raise MalformedGeometry("a ring has at least four positions and ends where it starts")
    lines = [coordinates] if kind == "LineString" else coordinates if kind == "MultiLineString" else ()
    if any(len(line) < 2 for line in lines):
        raise MalformedGeometry("a line has at least two positions")
    return {"type": kind, "coordinates": coordinates}


def _json(text: str) -> Geometry:
    try:
        found = codec.decode_untyped(text.encode())
    except codec.MalformedInput as refused:
        raise MalformedGeometry(f"not JSON: {refused}") from None
    return of_json(found)


def of_json(found: Any, *, depth: int = 0) -> Geometry:
    """Give a geometry of GeoJSON that was decoded; raises MalformedGeometry."""
    kind = found.get("type") if isinstance(found, dict) else None
    if kind == "GeometryCollection" and depth == 0 and isinstance(found.get("geometries"), list):
        if not 1 <= len(found["geometries"]) <= 100:
            raise MalformedGeometry("a collection has 1 to 100 geometries")
        return {"type": kind, "geometries": [of_json(each, depth=1) for each in found["geometries"]]}
    if kind not in DEPTHS:
        raise MalformedGeometry("not a geometry of GeoJSON")
    count = [0]
    return _checked(str(kind), _positions(found.get("coordinates"), DEPTHS[str(kind)], count))


def _positions(part: Any, depth: int, count: list[int]) -> Any:
    if not isinstance(part, list) or not part:
        raise MalformedGeometry("coordinates are missing")
    if depth:
        return [_positions(each, depth - 1, count) for each in part]
    count[0] += 1
    is_number = all(isinstance(each, int | float) and not isinstance(each, bool) for each in part)
    if not is_number or not 2 <= len(part) <= 4 or count[0] > MAX_POSITIONS:
        raise MalformedGeometry("a position has two or three numbers")
    return [float(each) for each in part[:3]]


def _gml(text: str) -> tuple[Geometry, System]:
    try:
        root = xml.parse(text.encode(), max_bytes=MAX_TEXT * 4, max_depth=20)
    except xml.MalformedXml as refused:
        raise MalformedGeometry(f"not GML: {refused.reason}") from None
    named = root.get("srsName") or next(
        (each.get("srsName") for each in root.iter() if each.get("srsName")), ""
    )
    system = _system(str(named)) if named else SYSTEMS[CRS84]
    return _gml_part(root, 0), system


def _gml_part(node: Any, depth: int) -> Geometry:
    kind = _local(node)
    if kind == "Point":
        return _checked("Point", _run(node, "pos")[0])
    if kind in ("LineString", "LinearRing"):
        return _checked("LineString", _run(node, "posList"))
    if kind == "Polygon":
        rings = [
            _run(ring, "posList")
            for side in ("exterior", "interior")
            for boundary in _children(node, side)
            for ring in _children(boundary, "LinearRing")
        ]
        if not rings:
            raise UnsupportedGeometry("a polygon without rings of straight lines")
        return _checked("Polygon", rings)
    single = {
        "MultiPoint": "Point",
        "MultiCurve": "LineString",
        "MultiLineString": "LineString",
        "MultiSurface": "Polygon",
        "MultiPolygon": "Polygon",
    }.get(kind)
    if single is None or depth:
        raise UnsupportedGeometry(f"{kind[:30]} is no kind of geometry we know")
    parts = [_gml_part(each, 1) for member in node for each in member if isinstance(each.tag, str)]
    if not parts or any(each["type"] != single for each in parts):
        raise UnsupportedGeometry(f"{kind} with parts of another kind")
    return {"type": f"Multi{single}", "coordinates": [each["coordinates"] for each in parts]}


def _local(node: Any) -> str:
    tag = str(node.tag)
    if not tag.startswith((_GML, _OLD_GML)):
        raise MalformedGeometry("not an element of GML")
    return tag.rpartition("}")[2]


def _children(node: Any, name: str) -> Iterator[Any]:
    return (each for each in node if isinstance(each.tag, str) and _local(each) == name)


def _run(node: Any, name: str) -> list[list[float]]:
    """Give the positions of `pos` or `posList` below an element."""
    found: list[list[float]] = []
    for each in [*_children(node, "pos"), *_children(node, name)] if name != "pos" else _children(node, name):
        words = (each.text or "").split()
        size = int(each.get("srsDimension") or node.get("srsDimension") or 0)
        size = size or (len(words) if _local(each) == "pos" else 2)
        try:
            numbers = [float(word) for word in words]
        except ValueError:
            raise MalformedGeometry("a position is no number") from None
        if size not in (2, 3) or not numbers or len(numbers) % size or len(numbers) > MAX_POSITIONS * 3:
            raise MalformedGeometry("a position has two or three numbers")
        if not all(map(math.isfinite, numbers)):
            raise MalformedGeometry("a number is too large")
        found += [numbers[at : at + size] for at in range(0, len(numbers), size)]
    if not found:
        raise MalformedGeometry("a position is missing")
    return found
