"""Joins areas along the borders they share, and makes borders simple without tearing neighbors apart.

Rings are lists of points with whole coordinates, not closed: the last point is not the first again.
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

Point: TypeAlias = tuple[int, int]
Ring: TypeAlias = list[Point]
TOLERANCE = 5  # units a border may move
LEAST_AREA = 120  # square units of an island that is still drawn
MOST_STEPS = 20_000_000  # points looked at; borders as they are drawn need some twenty looks at each


class TooIntricate(ValueError):
    """Borders would take too long to make simple: they are no borders of areas."""


def joined(rings: Iterable[Ring]) -> list[Ring]:
    """Join the rings of one area: what two of them share, in opposite directions, is inside and goes."""
    edges: dict[tuple[Point, Point], int] = {}
    for ring in rings:
        for edge in zip(ring, ring[1:] + ring[:1], strict=True):
            back = (edge[1], edge[0])
            if edges.get(back):
                edges[back] -= 1
            elif edge[0] != edge[1]:
                edges[edge] = edges.get(edge, 0) + 1
    following: dict[Point, list[Point]] = {}
    for (start, end), count in edges.items():
        following.setdefault(start, []).extend([end] * count)
    found = []
    for first in list(following):
        while following.get(first):
            ring, at = [first], following[first].pop()
            while at != first and following.get(at):
                ring.append(at)
                at = following[at].pop()
            if len(ring) > 2:
                found.append(ring)
    return found


def simple(areas: Mapping[str, list[Ring]]) -> dict[str, list[Ring]]:
    """Leave out the points that hardly bend a border, the same ones on both of its sides, and the smallest
    islands; the largest ring of an area always stays. Raises TooIntricate.
    """
    neighbors: dict[Point, set[Point]] = {}
    for rings in areas.values():
        for ring in rings:
            for one, other in zip(ring, ring[1:] + ring[:1], strict=True):
                neighbors.setdefault(one, set()).add(other)
                neighbors.setdefault(other, set()).add(one)
    corners = {point for point, found in neighbors.items() if len(found) > 2}
    made, room = {}, [MOST_STEPS]
    for code, rings in areas.items():
        kept = [(_size(ring), _simple_ring(ring, corners, room)) for ring in rings]
        largest = max((size for size, _ring in kept), default=0)
        made[code] = [
            ring for size, ring in kept if len(ring) > 2 and (size >= LEAST_AREA or size == largest)
        ]
    return made


def _size(ring: Ring) -> float:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def _simple_ring(ring: Ring, corners: set[Point], room: list[int]) -> Ring:
    """Simplify a ring between the corners where three borders meet; without corners, between two of its own
    points that both neighbors find: the first in order and the farthest from it.
    """
    places = [at for at, point in enumerate(ring) if point in corners]
    if not places:
        first = min(range(len(ring)), key=ring.__getitem__)
        places = [first]
    if len(places) == 1:
        start = ring[places[0]]
        far = max(
            range(len(ring)),
            key=lambda at: ((ring[at][0] - start[0]) ** 2 + (ring[at][1] - start[1]) ** 2, ring[at]),
        )
        places = sorted({places[0], far})
    turned = ring[places[0] :] + ring[: places[0]]
    ends = [place - places[0] for place in places[1:]] + [len(ring)]
    turned.append(turned[0])
    found: Ring = []
    start_at = 0
    for end_at in ends:
        found += _line(turned[start_at : end_at + 1], room)[:-1]
        start_at = end_at
    return found


def _line(points: Ring, room: list[int]) -> Ring:
    """Simplify a line, its ends kept (Douglas and Peucker 1973); the same whichever way it is walked."""
    if points[-1] < points[0]:
        return _line(points[::-1], room)[::-1]
    keep = {0, len(points) - 1}
    waiting = [(0, len(points) - 1)]
    while waiting:
        low, high = waiting.pop()
        room[0] -= high - low
        if room[0] < 0:
            raise TooIntricate
        farthest, distance = _farthest(points, low, high)
        if distance > TOLERANCE**2:
            keep.add(farthest)
            waiting += [(low, farthest), (farthest, high)]
    return [points[at] for at in sorted(keep)]


def _farthest(points: Ring, low: int, high: int) -> tuple[int, float]:
    """Give the point between two that lies farthest from their line, and its distance squared."""
    (ax, ay), (bx, by) = points[low], points[high]
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    best, at = -1.0, low
    for place in range(low + 1, high):
        px, py = float(points[place][0] - ax), float(points[place][1] - ay)
        if length:
            share = min(1.0, max(0.0, (px * dx + py * dy) / length))
            px, py = px - share * dx, py - share * dy
        square = px * px + py * py
        if square > best:
            best, at = square, place
    return at, best
