"""GeoJSON geometries and how they lie to each other; planar in degrees, distances in meters on a sphere.

Source: RFC 7946 for the shapes; the relations are those of OGC Simple Features (06-103r4 clause 6.1.15) on
the vertices and edges of a shape, exact for points and for shapes that do not merely touch.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

EARTH_M = 6_371_008.8  # mean radius, IUGG
MOST_POSITIONS = 20_000
MOST_PAIRS = 4_000_000  # of edges compared in one relation
_DEPTH = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
_DIMENSION = {
    "Point": 0,
    "MultiPoint": 0,
    "LineString": 1,
    "MultiLineString": 1,
    "Polygon": 2,
    "MultiPolygon": 2,
}
_TEXT = re.compile(r"(?:SRID=4326;\s*)?([A-Za-z]+)\s*Z?\s*\((.*)\)", re.DOTALL)
_KINDS = {"POINT": "Point", "LINESTRING": "LineString", "POLYGON": "Polygon"}
Position: TypeAlias = tuple[float, float]
Ring: TypeAlias = tuple[Position, ...]
Edge: TypeAlias = tuple[Position, Position]


class BadGeometry(ValueError):
    """What was given is no GeoJSON geometry."""


class TooManyPairs(ValueError):
    """Two shapes have too many edges to be compared."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A geometry taken apart. lines: open or closed. areas: each an outer ring and its holes.

    box: west, south, east, north.
    """

    kind: str
    points: Ring
    lines: tuple[Ring, ...]
    areas: tuple[tuple[Ring, ...], ...]
    box: tuple[float, float, float, float]

    @property
    def dimension(self) -> int:
        """Give 0 for points, 1 for lines, 2 for areas."""
        return _DIMENSION[self.kind]

    def vertices(self) -> Iterator[Position]:
        """Give every position."""
        yield from self.points
        for line in self.lines:
            yield from line
        for area in self.areas:
            for ring in area:
                yield from ring

    def edges(self) -> list[Edge]:
        """Give every edge of lines and rings."""
        chains = (*self.lines, *(ring for area in self.areas for ring in area))
        return [pair for chain in chains for pair in zip(chain, chain[1:], strict=False)]


def read(raw: object) -> Shape:
    """Read a geometry object; raises BadGeometry. A third coordinate is allowed and not looked at."""
    kind = raw.get("type") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(kind, str) or kind not in _DEPTH:
        raise BadGeometry("not a GeoJSON geometry")
    left = [MOST_POSITIONS]
    found = _coordinates(raw.get("coordinates"), _DEPTH[kind], left)
    points: Ring = ()
    lines: tuple[Ring, ...] = ()
    areas: tuple[tuple[Ring, ...], ...] = ()
    if kind == "Point":
        points = (found,)
    elif kind == "MultiPoint":
        points = found
    elif kind == "LineString":
        lines = (found,)
    elif kind == "MultiLineString":
        lines = found
    else:
        areas = (found,) if kind == "Polygon" else found
    _require_sound(lines, areas)
    shape = Shape(kind, points, lines, areas, (0, 0, 0, 0))
    every = list(shape.vertices())
    if not every:
        raise BadGeometry("no positions")
    east, north = [each[0] for each in every], [each[1] for each in every]
    return Shape(kind, points, lines, areas, (min(east), min(north), max(east), max(north)))


def _coordinates(raw: object, depth: int, left: list[int]) -> "tuple":  # type: ignore[type-arg]
    if not isinstance(raw, list):
        raise BadGeometry("coordinates do not nest as this shape wants")
    if depth:
        return tuple(_coordinates(each, depth - 1, left) for each in raw)
    left[0] -= 1
    if left[0] < 0:
        raise BadGeometry(f"more than {MOST_POSITIONS} positions")
    if not 2 <= len(raw) <= 3 or not all(_is_number(each) for each in raw):
        raise BadGeometry("a position is two or three numbers")
    lon, lat = float(raw[0]), float(raw[1])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadGeometry("a position lies off the earth: longitude first, in degrees")
    return (lon, lat)


def _is_number(raw: object) -> bool:
    return isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw)


def _require_sound(lines: tuple[Ring, ...], areas: tuple[tuple[Ring, ...], ...]) -> None:
    if any(len(line) < 2 for line in lines):
        raise BadGeometry("a line has two positions or more")
    for area in areas:
        if not area or any(len(ring) < 4 or ring[0] != ring[-1] for ring in area):
            raise BadGeometry("a ring has four positions or more and ends where it begins")


def equals(one: Shape, other: Shape) -> bool:
    """Tell whether both cover the same: each lies in the other."""
    return one.dimension == other.dimension and within(one, other) and within(other, one)


def within(one: Shape, other: Shape) -> bool:
    """Tell whether the first lies in the second, its border included."""
    if one.dimension > other.dimension or not _box_in(one.box, other.box):
        return False
    if not all(_covers(other, each) for each in one.vertices()):
        return False
    if other.dimension == 2:
        return not _crosses(one, other) and all(_covers(other, _middle(each)) for each in one.edges())
    return all(_covers(other, _middle(each)) for each in one.edges())


def contains(one: Shape, other: Shape) -> bool:
    """Tell whether the second lies in the first."""
    return within(other, one)


def intersects(one: Shape, other: Shape) -> bool:
    """Tell whether they have a position in common."""
    if not _boxes_meet(one.box, other.box):
        return False
    return (
        any(_covers(other, each) for each in one.vertices())
        or any(_covers(one, each) for each in other.vertices())
        or _meets(one, other)
    )


def disjoint(one: Shape, other: Shape) -> bool:
    """Tell whether they have no position in common."""
    return not intersects(one, other)


def overlaps(one: Shape, other: Shape) -> bool:
    """Tell whether they share a part and each has one of its own; both of one dimension."""
    return (
        one.dimension == other.dimension
        and intersects(one, other)
        and not within(one, other)
        and not within(other, one)
    )


def distance_m(one: Shape, other: Shape) -> float:
    """Give the shortest distance in meters; 0 when they meet."""
    if intersects(one, other):
        return 0.0
    latitude = (one.box[1] + other.box[3]) / 2
    found = [_great_circle_m(a, b) for a, b in _pairs(list(one.vertices()), list(other.vertices()))]
    for a, edge in _pairs(list(one.vertices()), other.edges()):
        found.append(_great_circle_m(a, _nearest(a, edge, latitude)))
    for b, edge in _pairs(list(other.vertices()), one.edges()):
        found.append(_great_circle_m(b, _nearest(b, edge, latitude)))
    return min(found)


def span_m(a: Position, b: Position) -> float:
    """Give the distance between two positions in meters, along a great circle."""
    return _great_circle_m(a, b)


def of_text(text: str) -> dict[str, object]:
    """Turn well-known text of a point, line or polygon into a GeoJSON object; raises BadGeometry."""
    found = _TEXT.fullmatch(text.strip())
    kind = _KINDS.get(found.group(1).upper()) if found and len(text) < 100_000 else None
    if found is None or kind is None:
        raise BadGeometry("not a text of a point, line or polygon")
    body = found.group(2)
    if kind == "Polygon":
        rings = [each.strip().strip("()") for each in re.split(r"\)\s*,\s*\(", body)]
        return {"type": kind, "coordinates": [[_position(at) for at in ring.split(",")] for ring in rings]}
    places = [_position(at) for at in body.split(",")]
    return {"type": kind, "coordinates": places[0] if kind == "Point" else places}


def _position(text: str) -> list[float]:
    try:
        return [float(each) for each in text.split()]
    except ValueError:
        raise BadGeometry("a position is two or three numbers") from None


def _pairs(ones: list, others: list) -> Iterator:  # type: ignore[type-arg]
    if len(ones) * len(others) > MOST_PAIRS:
        raise TooManyPairs
    return ((one, other) for one in ones for other in others)


def _great_circle_m(a: Position, b: Position) -> float:
    (lon_a, lat_a), (lon_b, lat_b) = (tuple(map(math.radians, each)) for each in (a, b))
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def _nearest(at: Position, edge: Edge, latitude: float) -> Position:
    """Give the position on an edge nearest to another, by degrees scaled at this latitude."""
    scale = max(math.cos(math.radians(latitude)), 1e-6)
    (ax, ay), (bx, by) = edge
    dx, dy = (bx - ax) * scale, by - ay
    length = dx * dx + dy * dy
    share = 0.0 if length == 0 else ((at[0] - ax) * scale * dx + (at[1] - ay) * dy) / length
    share = min(1.0, max(0.0, share))
    return (ax + (bx - ax) * share, ay + (by - ay) * share)


def _box_in(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] >= other[0] and one[1] >= other[1] and one[2] <= other[2] and one[3] <= other[3]


def _boxes_meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _middle(edge: Edge) -> Position:
    return ((edge[0][0] + edge[1][0]) / 2, (edge[0][1] + edge[1][1]) / 2)


def _covers(shape: Shape, at: Position) -> bool:
    """Tell whether a position lies on or in a shape."""
    if at in shape.points:
        return True
    if any(_on(at, edge) for edge in shape.edges()):
        return True
    return any(
        _inside(at, area[0]) and not any(_inside(at, hole) for hole in area[1:]) for area in shape.areas
    )


def _inside(at: Position, ring: Ring) -> bool:
    """Count the edges a ray to the east crosses."""
    is_in, (x, y) = False, at
    for (ax, ay), (bx, by) in zip(ring, ring[1:], strict=False):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            is_in = not is_in
    return is_in


def _turn(a: Position, b: Position, c: Position) -> float:
    value = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return 0.0 if abs(value) < 1e-14 else value


def _on(at: Position, edge: Edge) -> bool:
    (ax, ay), (bx, by) = edge
    is_between = min(ax, bx) <= at[0] <= max(ax, bx) and min(ay, by) <= at[1] <= max(ay, by)
    return is_between and _turn(edge[0], edge[1], at) == 0


def _crosses(one: Shape, other: Shape) -> bool:
    """Tell whether two edges cross in their inner part."""
    return any(
        _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0
        for (a, b), (c, d) in _pairs(one.edges(), other.edges())
    )


def _meets(one: Shape, other: Shape) -> bool:
    """Tell whether two edges have a position in common that is no vertex of either."""
    return _crosses(one, other)
