"""Areas of a file of others made ready to be drawn: one outline by code, borders shared exactly.

Reads GeoJSON (RFC 7946; the `crs` member of GeoJSON 2008 counts when it is there) and TopoJSON 1.0. Areas of
one code are joined, then borders are made simple; two neighbors keep the same points along their border.
A drawing has its own plane: one unit is 20 m of Lambert 2008, right and down from 450 km east, 800 km north.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ocapi.lib import codec
from ocapi.lib.geo import systems, topojson
from ocapi.lib.geo.bordering import Ring, TooIntricate, joined, simple
from ocapi.lib.geo.lambert import LAMBERT_2008
from ocapi.lib.geo.systems import CRS84

LARGEST = 48 << 20  # bytes of a file
MOST_AREAS = 5_000
MOST_POSITIONS = 1_000_000
MOST_MEMBERS = 200_000  # of all objects together: an area has some twenty
UNIT_M = 20
_WEST_M, _NORTH_M = 450_000, 800_000
_DEGREES = (-180.0, -90.0, 180.0, 90.0)

Box: TypeAlias = tuple[int, int, int, int]
CodeOf: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """An area as it is drawn. path: of SVG. box: left, top, right and bottom in the units of the drawing."""

    code: str
    path: str
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """What a file held. others: how many areas have no code that is known; they are left out."""

    found: tuple[Outline, ...]
    others: int


class OutlinesRefused(ValueError):
    """A file is not taken. reason: notJson, notGeo, tooLarge, crs, place, noCode; what: the part that is
    meant.
    """

    def __init__(self, reason: str, what: str = "") -> None:
        super().__init__(f"{reason}: {what}" if what else reason)
        self.reason, self.what = reason, what[:120]


def read(raw: bytes, *, code_of: CodeOf) -> Outlines:
    """Give the areas of a file whose code is known, by code. Raises OutlinesRefused.

    code_of: gives the code an area is kept under for what stands in the file, empty when that is none. The
    member that holds most known codes is the one that is read, so nobody has to name it.
    """
    features, system = _features(raw)
    name = _naming(features, code_of)
    plane = _Plane(system)
    rings: dict[str, list[Ring]] = {}
    others = 0
    for each in features:
        code = code_of(_text(_members(each).get(name)))
        if not code:
            others += 1
            continue
        rings.setdefault(code, []).extend(plane.rings(each.get("geometry")))
    try:
        drawn = simple({code: joined(found) for code, found in sorted(rings.items())})
    except TooIntricate:
        raise OutlinesRefused("tooLarge") from None
    return Outlines(
        found=tuple(_outline(code, found) for code, found in drawn.items() if found), others=others
    )


def _features(raw: bytes) -> tuple[list[dict[str, Any]], str]:
    if len(raw) > LARGEST:
        raise OutlinesRefused("tooLarge")
    try:
        found: Any = codec.decode_untyped(raw, max_bytes=LARGEST, max_keys=MOST_MEMBERS)
    except codec.MalformedInput as failure:
        raise OutlinesRefused("notJson", failure.detail) from None
    kind = found.get("type") if isinstance(found, dict) else None
    if kind == "Topology":
        try:
            return _bounded(list(topojson.features(found))), CRS84
        except topojson.MalformedTopology as failure:
            raise OutlinesRefused("notGeo", str(failure)) from None
    features = (
        [found] if kind == "Feature" else found.get("features") if kind == "FeatureCollection" else None
    )
    if not isinstance(features, list) or not all(isinstance(each, dict) for each in features):
        raise OutlinesRefused("notGeo", "FeatureCollection")
    return _bounded(features), _system(found.get("crs"))


def _bounded(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(features) > MOST_AREAS:
        raise OutlinesRefused("tooLarge", f"{len(features)}")
    return features


def _system(member: Any) -> str:
    """Give the coordinate system of a file: WGS 84 unless the old `crs` member names another."""
    if member is None:
        return CRS84
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    found = systems.find(name) if isinstance(name, str) else None
    if found is None:
        raise OutlinesRefused("crs", str(name))
    return CRS84 if found.iri.endswith("/4326") else found.iri  # GeoJSON writes longitude first, always


def _members(feature: Mapping[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties")
    return {"": feature.get("id"), **(properties if isinstance(properties, dict) else {})}


def _text(value: object) -> str:
    """Write a code as text; spreadsheets and databases hand it on as a number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip().rpartition("/")[2][:40]


def _naming(features: list[dict[str, Any]], code_of: CodeOf) -> str:
    """Find the member that holds the codes: the one with most different known ones."""
    known: dict[str, set[str]] = {}
    for each in features:
        for name, value in _members(each).items():
            code = code_of(_text(value))
            if code:
                known.setdefault(name, set()).add(code)
    if not known:
        raise OutlinesRefused("noCode")
    return max(known, key=lambda name: (len(known[name]), name))


class _Plane:
    """Puts positions of a file in the plane of the drawing; each position is computed once."""

    def __init__(self, iri: str) -> None:
        self._system = systems.SYSTEMS[iri]
        self._is_degrees = iri == CRS84
        self._known: dict[tuple[float, float], tuple[int, int]] = {}
        self._count = 0

    def rings(self, geometry: Any) -> Iterator[Ring]:
        """Give the closed rings of an area, each without its last point, outer ones first of their area."""
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
        areas = [coordinates] if kind == "Polygon" else coordinates if kind == "MultiPolygon" else None
        if not isinstance(areas, list):
            raise OutlinesRefused("notGeo", str(kind))
        for area in areas:
            if not isinstance(area, list):
                raise OutlinesRefused("notGeo", str(kind))
            for place, ring in enumerate(area):
                yield self._ring(ring, is_outer=place == 0)

    def _ring(self, ring: Any, *, is_outer: bool) -> Ring:
        if not isinstance(ring, list):
            raise OutlinesRefused("notGeo", "Polygon")
        self._count += len(ring)
        if self._count > MOST_POSITIONS:
            raise OutlinesRefused("tooLarge", "1.000.000")
        found: Ring = []
        for position in ring:
            point = self._point(position)
            if not found or found[-1] != point:
                found.append(point)
        if len(found) > 1 and found[0] == found[-1]:
            found.pop()
        turns = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(found, found[1:] + found[:1], strict=True))
        return found if (turns > 0) == is_outer else found[::-1]

    def _point(self, position: Any) -> tuple[int, int]:
        if not isinstance(position, list):
            raise OutlinesRefused("notGeo", "coordinates")
        try:
            x, y = position[:2]
            asked = (float(x), float(y))
        except (TypeError, ValueError):
            raise OutlinesRefused("notGeo", "coordinates") from None
        if asked not in self._known:
            self._known[asked] = self._placed(*asked)
        return self._known[asked]

    def _placed(self, x: float, y: float) -> tuple[int, int]:
        west, south, east, north = _DEGREES if self._is_degrees else self._system.extent
        if not (west <= x <= east and south <= y <= north):
            raise OutlinesRefused("place", f"{x:.6g} {y:.6g}")
        if not self._is_degrees:
            x, y = self._system.to_degrees(x, y)
        if not (-10 < x < 20 and 40 < y < 60):  # the plane bends too much so far from Flanders
            raise OutlinesRefused("place", f"{x:.6g} {y:.6g}")
        east_m, north_m = LAMBERT_2008.project(x, y)
        return round((east_m - _WEST_M) / UNIT_M), round((_NORTH_M - north_m) / UNIT_M)


def _outline(code: str, rings: list[Ring]) -> Outline:
    xs = [x for ring in rings for x, _y in ring]
    ys = [y for ring in rings for _x, y in ring]
    path = "".join(_written(ring) for ring in rings)
    return Outline(code=code, path=path, box=(min(xs), min(ys), max(xs), max(ys)))


def _written(ring: Ring) -> str:
    (x, y), *rest = ring
    parts = [f"M{x} {y}l"]
    for to_x, to_y in rest:
        parts.append(f"{to_x - x} {to_y - y} ")
        x, y = to_x, to_y
    return "".join(parts).rstrip() + "z"
