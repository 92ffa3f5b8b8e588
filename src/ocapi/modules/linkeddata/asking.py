"""From the parameters of OGC API Features to what is wanted; an unknown one or a wrong value is refused.

Sources: OGC 17-069r4 (core) section 7.15, 18-058r1 (CRS) section 7, 19-079r2 (filtering) section 7.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from ocapi.lib.cql2 import judging, syntax
from ocapi.lib.geo import relations, systems
from ocapi.lib.geo.systems import CRS84, Geometry, System
from ocapi.lib.problem import InputRefused, Issue
from ocapi.modules.linkeddata.data import Collection, Wanted
from ocapi.modules.linkeddata.describing import DEFAULT_LIMIT, MAX_LIMIT

CQL2_TEXT = "cql2-text"
EDGE_PARTS = 8  # of an edge of a box that is straight on one map and bent on another
KNOWN = (
    "f",
    "limit",
    "bbox",
    "bbox-crs",
    "datetime",
    "crs",
    "filter",
    "filter-lang",
    "filter-crs",
    "cursor",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is wanted, and the coordinate system of the answer."""

    wanted: Wanted
    system: System


def read(parameters: Mapping[str, str], *, collection: Collection) -> Asked:
    """Give what the parameters ask; raises InputRefused, which names the parameter and what it takes."""
    names = {name for name, _kind in collection.names}
    for name in parameters:
        if name not in KNOWN and name not in names:
            raise _refused(name, _("This parameter is not known here."), kind="unknownInput")
    system = system_of(parameters, "crs")
    since, until = _times(parameters.get("datetime", ""))
    wanted = Wanted(
        limit=_limit(parameters.get("limit", "")),
        area=_area(parameters),
        since=since,
        until=until,
        equal=tuple((name, value) for name, value in parameters.items() if name not in KNOWN),
        cursor=parameters.get("cursor", "")[:200],
    )
    if parameters.get("filter"):
        wanted = replace(wanted, filter=_filter(parameters, names))
    elif "filter-lang" in parameters and parameters["filter-lang"] != CQL2_TEXT:
        raise _refused("filter-lang", _("Write a filter in cql2-text."))
    return Asked(wanted=wanted, system=system)


def system_of(parameters: Mapping[str, str], name: str) -> System:
    """Give the coordinate system a parameter names, CRS84 when it is left out; raises InputRefused."""
    asked = parameters.get(name, "") or CRS84
    found = systems.find(asked)
    if found is None:
        raise _refused(name, _("Choose a coordinate system of the list of this collection."))
    return found


def _refused(name: str, detail: str, *, kind: str = "invalidInput") -> InputRefused:
    return InputRefused((Issue(kind=kind, place="query", name=name, detail=detail),))


def _limit(text: str) -> int:
    if not text:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdecimal() and int(text[:12])):
        raise _refused("limit", _("Give a whole number of 1 or more."))
    return min(int(text[:12]), MAX_LIMIT)


def _area(parameters: Mapping[str, str]) -> Geometry | None:
    if "bbox" not in parameters:
        return None
    system = system_of(parameters, "bbox-crs")
    try:
        numbers = [float(each) for each in parameters["bbox"].split(",")]
        if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
            raise ValueError
        half = len(numbers) // 2
        low, high = numbers[:2], numbers[half : half + 2]
        is_around = system.iri == CRS84 and low[0] > high[0]
        if low[1] > high[1] or (low[0] > high[0] and not is_around):
            raise ValueError
        if is_around:
            return _around(low, high)
        bounds = (low[0], low[1], high[0], high[1])
        plain = relations.box(bounds)
        return systems.read(plain if system.iri == CRS84 else _bent(bounds), system)
    except ValueError:
        raise _refused("bbox", _("Give four numbers: smallest and largest on both axes.")) from None


def _around(low: list[float], high: list[float]) -> Geometry:
    """Give the two halves of a box across the line where the date changes."""
    halves = (
        relations.box((low[0], low[1], 180.0, high[1])),
        relations.box((-180.0, low[1], high[0], high[1])),
    )
    return {"type": "MultiPolygon", "coordinates": [each["coordinates"] for each in halves]}


def _bent(bounds: relations.Box) -> Geometry:
    a, b, c, d = bounds
    corners = [(a, b), (c, b), (c, d), (a, d), (a, b)]
    ring = []
    for (x, y), (to_x, to_y) in zip(corners, corners[1:], strict=False):
        ring += [
            [x + (to_x - x) * part / EDGE_PARTS, y + (to_y - y) * part / EDGE_PARTS]
            for part in range(EDGE_PARTS)
        ]
    return {"type": "Polygon", "coordinates": [[*ring, [a, b]]]}


def _times(text: str) -> tuple[datetime | None, datetime | None]:
    if not text:
        return None, None
    parts = text.split("/")
    try:
        if len(parts) > 2:
            raise ValueError
        spans = [None if each in ("", "..") else syntax.span_of(syntax.instant(each)) for each in parts]
    except ValueError:
        spans = []
    if not spans or (len(spans) == 1 and spans[0] is None):
        raise _refused("datetime", _("Give an instant or a day by ISO 8601, or two with a slash between."))
    first, last = spans[0], spans[-1]
    since, until = (first[0] if first else None), (last[1] if last else None)
    if since and until and since > until:
        raise _refused("datetime", _("The first time must come before the second."))
    return since, until


def _filter(parameters: Mapping[str, str], names: set[str]) -> syntax.Node:
    if parameters.get("filter-lang", CQL2_TEXT) != CQL2_TEXT:
        raise _refused("filter-lang", _("Write a filter in cql2-text."))
    try:
        found = syntax.parse(parameters["filter"], system=system_of(parameters, "filter-crs"))
        judging.compiled(found)
    except syntax.NotCql2 as refused:
        text = _("This filter can't be read: {reason}.").format(reason=refused)
        raise _refused("filter", text) from None
    unknown = sorted(set(judging.names(found)) - names - {judging.GEOMETRY, "geom"})
    if unknown:
        text = _("This collection has no property {name}. See its queryables.").format(name=unknown[0][:80])
        raise _refused("filter", text)
    return found
