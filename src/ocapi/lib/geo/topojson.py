"""TopoJSON 1.0 read as features of GeoJSON. Source: its specification, sections 2.1 to 2.3."""

from collections.abc import Iterator
from typing import Any

MOST_POSITIONS = 2_000_000  # after arcs were put into the rings that name them


class MalformedTopology(ValueError):
    """What was given is no topology; the message names the part."""


def features(topology: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the areas of the object with most geometries as GeoJSON features. Raises MalformedTopology."""
    objects = topology.get("objects")
    if not isinstance(objects, dict) or not objects:
        raise MalformedTopology("objects")
    layers = [each.get("geometries") for each in objects.values() if isinstance(each, dict)]
    lists = [each for each in layers if isinstance(each, list)]
    if not lists:
        raise MalformedTopology("geometries")
    arcs = _arcs(topology)
    room = [MOST_POSITIONS]
    for each in max(lists, key=len):
        if not isinstance(each, dict):
            raise MalformedTopology("geometry")
        kind, made = each.get("type"), each.get("arcs")
        if kind == "Polygon":
            coordinates: Any = _area(made, arcs, room)
        elif kind == "MultiPolygon" and isinstance(made, list):
            coordinates = [_area(one, arcs, room) for one in made]
        else:
            continue
        yield {
            "type": "Feature",
            "id": each.get("id"),
            "properties": each.get("properties"),
            "geometry": {"type": kind, "coordinates": coordinates},
        }


def _arcs(topology: dict[str, Any]) -> list[list[list[float]]]:
    found, change = topology.get("arcs"), topology.get("transform")
    if not isinstance(found, list):
        raise MalformedTopology("arcs")
    try:
        if change is None:
            return [[[float(each[0]), float(each[1])] for each in arc] for arc in found]
        (kx, ky), (dx, dy) = change["scale"], change["translate"]
        made = []
        for arc in found:
            x = y = 0
            line = []
            for each in arc:
                x, y = x + each[0], y + each[1]
                line.append([x * kx + dx, y * ky + dy])
            made.append(line)
    except (TypeError, ValueError, KeyError, IndexError):
        raise MalformedTopology("arcs") from None
    return made


def _area(made: Any, arcs: list[list[list[float]]], room: list[int]) -> list[list[list[float]]]:
    if not isinstance(made, list) or not all(isinstance(each, list) for each in made):
        raise MalformedTopology("arcs of an area")
    return [_ring(each, arcs, room) for each in made]


def _ring(numbers: list[Any], arcs: list[list[list[float]]], room: list[int]) -> list[list[float]]:
    ring: list[list[float]] = []
    for number in numbers:
        if not isinstance(number, int) or isinstance(number, bool) or not -len(arcs) <= number < len(arcs):
            raise MalformedTopology("number of an arc")
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        room[0] -= len(arc)
        if room[0] < 0:
            raise MalformedTopology("too many positions")
        ring += arc[1:] if ring else arc
    return ring
