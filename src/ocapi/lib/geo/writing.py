"""Geometries as well-known text (OGC 06-103r4 section 7), longitude first."""

from typing import Any

from ocapi.lib.geo.systems import Geometry

DIGITS = 7  # of a degree: about a centimeter


def wkt(geometry: Geometry) -> str:
    """Give a geometry of GeoJSON as well-known text: `POINT (3.7 51.05)`."""
    name = geometry["type"].upper()
    if "geometries" in geometry:
        return f"{name} ({', '.join(map(wkt, geometry['geometries']))})"
    found = geometry["coordinates"]
    return f"{name} ({_position(found)})" if name == "POINT" else f"{name} {_listed(found)}"


def degrees(value: float) -> str:
    """Write a coordinate to a centimeter, without zeros at the end."""
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")


def _listed(parts: list[Any]) -> str:
    said = (_position(each) if isinstance(each[0], int | float) else _listed(each) for each in parts)
    return f"({', '.join(said)})"


def _position(place: list[float]) -> str:
    return " ".join(map(degrees, place))
