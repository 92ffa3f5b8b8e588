"""Whether two geometries touch: exact for points, lines and polygons on a flat map, in degrees of CRS84."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from ocapi.lib.geo.systems import Geometry, envelope

Box = tuple[float, float, float, float]


def box(bounds: Box) -> Geometry:
    """Give a box (west, south, east, north) as a polygon."""
    west, south, east, north = bounds
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def overlap(one: Box, other: Box) -> bool:
    """Tell whether two boxes share a place."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def within(inner: Box, outer: Box) -> bool:
    """Tell whether a box lies wholly in another."""
    return outer[0] <= inner[0] and inner[2] <= outer[2] and outer[1] <= inner[1] and inner[3] <= outer[3]


def intersect(one: Geometry, other: Geometry) -> bool:
    """Tell whether two geometries share a place."""
    if not overlap(envelope(one), envelope(other)):
        return False
    mine, theirs = list(_simple(one)), list(_simple(other))
    return any(_meet(a, b) for a in mine for b in theirs)


def _simple(geometry: Geometry) -> Iterator[tuple[str, Any]]:
    """Give the points, lines and polygons of a geometry."""
    kind = geometry["type"]
    if kind == "GeometryCollection":
        for each in geometry["geometries"]:
            yield from _simple(each)
    elif kind.startswith("Multi"):
        for each in geometry["coordinates"]:
            yield kind.removeprefix("Multi"), each
    else:
        yield kind, geometry["coordinates"]


def _meet(a: tuple[str, Any], b: tuple[str, Any]) -> bool:
    order = ("Point", "LineString", "Polygon")
    (kind, first), (other, second) = sorted((a, b), key=lambda each: order.index(each[0]))
    if kind == "Point":
        if other == "Point":
            return bool(first[:2] == second[:2])
        if other == "LineString":
            return any(_on(first, p, q) for p, q in pairwise(second))
        return _inside(first, second)
    lines = [first] if kind == "LineString" else first
    if other == "LineString":
        return _cross([first], [second])
    if _cross(lines, second):
        return True
    inside = _inside(lines[0][0], second)
    return inside or (kind == "Polygon" and _inside(second[0][0], first))


def _cross(some: list[Any], others: list[Any]) -> bool:
    """Tell whether a stretch of one meets a stretch of the other; stretches far apart are passed over."""
    theirs = [(p, q) for line in others for p, q in pairwise(line)]
    for line in some:
        for p, q in pairwise(line):
            west, east = min(p[0], q[0]), max(p[0], q[0])
            for r, s in theirs:
                near = (r[0] <= east or s[0] <= east) and (r[0] >= west or s[0] >= west)
                if near and _stretches_meet(p, q, r, s):
                    return True
    return False


def _side(p: Any, q: Any, r: Any) -> float:
    return float((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))


def _on(r: Any, p: Any, q: Any) -> bool:
    return (
        _side(p, q, r) == 0
        and min(p[0], q[0]) <= r[0] <= max(p[0], q[0])
        and min(p[1], q[1]) <= r[1] <= max(p[1], q[1])
    )


def _stretches_meet(p: Any, q: Any, r: Any, s: Any) -> bool:
    a, b, c, d = _side(p, q, r), _side(p, q, s), _side(r, s, p), _side(r, s, q)
    if ((a > 0) != (b > 0)) and ((c > 0) != (d > 0)) and 0 not in (a, b, c, d):
        return True
    return _on(r, p, q) or _on(s, p, q) or _on(p, r, s) or _on(q, r, s)


def _inside(place: Any, rings: list[Any]) -> bool:
    """Tell whether a place lies in a polygon or on its edge; a hole is not the polygon, its edge is."""
    x, y = place[0], place[1]
    found = False
    for ring in rings:
        for p, q in pairwise(ring):
            if _on(place, p, q):
                return True
            if (p[1] > y) != (q[1] > y) and x < (q[0] - p[0]) * (y - p[1]) / (q[1] - p[1]) + p[0]:
                found = not found
    return found
