"""The functions of expressions: texts, moments, numbers and places (OGC 18-088 table 22)."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Any

from ocapi.lib import clock, geometry


def _shape(value: Any) -> geometry.Shape:
    return value if isinstance(value, geometry.Shape) else geometry.read(value.get("geometry", value))


def _moment(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).partition("/")[0])
    return found.astimezone(UTC)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _substring(text: Any, start: Any, length: Any = None) -> str:
    begin = int(start)
    return _text(text)[begin:] if length is None else _text(text)[begin : begin + int(length)]


def _relation(compare: Callable[[geometry.Shape, geometry.Shape], Any]) -> Callable[[Any, Any], Any]:
    return lambda one, other: compare(_shape(one), _shape(other))


def _length(value: Any) -> float:
    return sum(geometry.span_m(a, b) for a, b in _shape(value).edges())


_PARTS = ("year", "month", "day", "hour", "minute", "second")
FUNCTIONS: Mapping[str, tuple[Callable[..., Any], int, int]] = MappingProxyType(
    {
        "substringof": (lambda part, whole: _text(part) in _text(whole), 2, 2),
        "contains": (lambda whole, part: _text(part) in _text(whole), 2, 2),
        "endswith": (lambda whole, part: _text(whole).endswith(_text(part)), 2, 2),
        "startswith": (lambda whole, part: _text(whole).startswith(_text(part)), 2, 2),
        "length": (lambda text: len(_text(text)), 1, 1),
        "indexof": (lambda a, b: _text(a).find(_text(b)), 2, 2),
        "substring": (_substring, 2, 3),
        "tolower": (lambda text: _text(text).lower(), 1, 1),
        "toupper": (lambda text: _text(text).upper(), 1, 1),
        "trim": (lambda text: _text(text).strip(), 1, 1),
        "concat": (lambda a, b: (_text(a) + _text(b))[:10_000], 2, 2),
        **{part: ((lambda value, part=part: getattr(_moment(value), part)), 1, 1) for part in _PARTS},
        "fractionalseconds": (lambda value: _moment(value).microsecond / 1e6, 1, 1),
        "date": (lambda value: _moment(value).date(), 1, 1),
        "time": (lambda value: _moment(value).time(), 1, 1),
        "totaloffsetminutes": (lambda value: 0, 1, 1),
        "now": (clock.now, 0, 0),
        "mindatetime": (lambda: datetime.combine(date.min, time.min, UTC), 0, 0),
        "maxdatetime": (lambda: datetime.combine(date.max, time.max, UTC), 0, 0),
        "round": (lambda value: math.floor(value + 0.5), 1, 1),
        "floor": (math.floor, 1, 1),
        "ceiling": (math.ceil, 1, 1),
        "geo.distance": (_relation(geometry.distance_m), 2, 2),
        "geo.length": (_length, 1, 1),
        "geo.intersects": (_relation(geometry.intersects), 2, 2),
        "st_equals": (_relation(geometry.equals), 2, 2),
        "st_disjoint": (_relation(geometry.disjoint), 2, 2),
        "st_within": (_relation(geometry.within), 2, 2),
        "st_overlaps": (_relation(geometry.overlaps), 2, 2),
        "st_intersects": (_relation(geometry.intersects), 2, 2),
        "st_contains": (_relation(geometry.contains), 2, 2),
    }
)
"""By name: the function, its least and most arguments. st_touches, st_crosses, st_relate are not here."""
