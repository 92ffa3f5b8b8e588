"""The coordinate systems we speak (OGC API Features Part 2), by IRI, with the order of their axes.

Inside, a place is always longitude and latitude of CRS84.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from ocapi.lib.geo import lambert

Place: TypeAlias = tuple[float, float]
Change: TypeAlias = Callable[[float, float], Place]
Geometry: TypeAlias = dict[str, Any]
"""A geometry as GeoJSON has it (RFC 7946): `type` and `coordinates`, or `geometries`."""
DEGREE_DIGITS = 8
METER_DIGITS = 3
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A coordinate system. iri: its name. to_degrees, of_degrees: between its axes and longitude, latitude.

    digits: of a coordinate that is written. extent: smallest and largest of both axes where it is meant for.
    """

    iri: str
    title: str
    to_degrees: Change
    of_degrees: Change
    digits: int
    extent: tuple[float, float, float, float]


def _same(a: float, b: float) -> Place:
    return a, b


def _swapped(a: float, b: float) -> Place:
    return b, a


SYSTEMS = {
    each.iri: each
    for each in (
        System(
            iri=CRS84,
            title="WGS 84 (lengte, breedte)",
            to_degrees=_same,
            of_degrees=_same,
            digits=DEGREE_DIGITS,
            extent=(-180, -90, 180, 90),
        ),
        System(
            iri=f"{_EPSG}4326",
            title="WGS 84 (breedte, lengte)",
            to_degrees=_swapped,
            of_degrees=_swapped,
            digits=DEGREE_DIGITS,
            extent=(-90, -180, 90, 180),
        ),
        System(
            iri=f"{_EPSG}31370",
            title="Lambert 72",
            to_degrees=lambert.from_lambert_72,
            of_degrees=lambert.to_lambert_72,
            digits=METER_DIGITS,
            extent=(-1e6, -1e6, 1e6, 1e6),
        ),
        System(
            iri=f"{_EPSG}3812",
            title="Lambert 2008",
            to_degrees=lambert.LAMBERT_2008.unproject,
            of_degrees=lambert.LAMBERT_2008.project,
            digits=METER_DIGITS,
            extent=(-5e5, -5e5, 2e6, 2e6),
        ),
    )
}


def find(name: str) -> System | None:
    """Give a system by any usual way to write its name: IRI with http or https, URN, `EPSG:31370`."""
    asked = name.strip().strip("<>[]").replace("https://", "http://")
    if asked in SYSTEMS:
        return SYSTEMS[asked]
    lower = asked.lower()
    if "crs84" in lower:
        return SYSTEMS[CRS84]
    is_known_form = lower.startswith(("epsg:", "urn:ogc:def:crs:epsg:", "http://www.opengis.net/"))
    code = lower.replace("/", ":").replace("#", ":").rpartition(":")[2]
    return SYSTEMS.get(f"{_EPSG}{code}") if is_known_form else None


def written(geometry: Geometry, system: System) -> Geometry:
    """Give a geometry of CRS84 in another system, with its digits."""
    if "geometries" in geometry:
        return {**geometry, "geometries": [written(each, system) for each in geometry["geometries"]]}
    return {**geometry, "coordinates": _changed(geometry["coordinates"], system.of_degrees, system.digits)}


def read(geometry: Geometry, system: System) -> Geometry:
    """Give a geometry of a system in CRS84; raises ValueError for a place outside the system."""
    if "geometries" in geometry:
        return {**geometry, "geometries": [read(each, system) for each in geometry["geometries"]]}
    for place in places(geometry):
        if not (
            system.extent[0] <= place[0] <= system.extent[2]
            and system.extent[1] <= place[1] <= system.extent[3]
        ):
            raise ValueError("a place outside its coordinate system")
    return {**geometry, "coordinates": _changed(geometry["coordinates"], system.to_degrees, DEGREE_DIGITS)}


def _changed(part: Any, change: Change, digits: int) -> Any:
    if part and isinstance(part[0], int | float):
        a, b = change(part[0], part[1])
        return [round(a, digits), round(b, digits), *part[2:3]]
    return [_changed(each, change, digits) for each in part]


def places(geometry: Geometry) -> list[list[float]]:
    """Give every position of a geometry."""
    found: list[list[float]] = []
    waiting: list[Any] = (
        [each for part in geometry["geometries"] for each in places(part)]
        if "geometries" in geometry
        else [geometry["coordinates"]]
    )
    while waiting:
        part = waiting.pop()
        if part and isinstance(part[0], int | float):
            found.append(part)
        else:
            waiting.extend(part)
    return found


def envelope(geometry: Geometry) -> tuple[float, float, float, float]:
    """Give west, south, east and north of a geometry; raises ValueError for an empty one."""
    found = places(geometry)
    if not found:
        raise ValueError("an empty geometry")
    xs, ys = [each[0] for each in found], [each[1] for each in found]
    return min(xs), min(ys), max(xs), max(ys)
