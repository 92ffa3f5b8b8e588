"""Reads attributes as clients send them: normalized, concise or simplified (GS CIM 009 4.5.1-4.5.4).

All three are understood everywhere; a member that is no part of its attribute's type is a sub-attribute.
"""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ocapi.dataplane.context.entity import NULL, VALUE_OF, Instance, Instances
from ocapi.dataplane.context.errors import bad
from ocapi.dataplane.context.vocabulary import Terms, is_uri
from ocapi.lib import geometry

SYSTEM = frozenset({"createdAt", "modifiedAt", "deletedAt", "instanceId"})
PLAIN = frozenset({"type", "observedAt", "unitCode", "datasetId", "objectType", "valueType", "lang"})
MOST_INSTANCES = 1_000
DEEPEST = 8
_TYPE_OF = {
    "value": "Property",
    "object": "Relationship",
    "languageMap": "LanguageProperty",
    "vocab": "VocabProperty",
    "json": "JsonProperty",
    "valueList": "ListProperty",
    "objectList": "ListRelationship",
}
_SHAPES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})


def moment(raw: object, name: str) -> str:
    """Read an instant with its zone and give it in UTC; raises Refusal."""
    return instant(raw, name)[0]


def instant(raw: object, name: str) -> tuple[str, datetime]:
    """Read an instant with its zone; gives it in UTC as text, and as it is. Raises Refusal."""
    try:
        found = (
            datetime.fromisoformat(raw) if isinstance(raw, str) and len(raw) <= 40 and "T" in raw else None
        )
        if found is not None and found.tzinfo is not None:
            text = str(raw)
            is_short = len(text) == 20 and text[7] == "-" and text[-1] == "Z"  # and no week
            return (text if is_short else written(found)), found
    except (ValueError, OverflowError):
        pass
    raise bad(f"{name}: give an instant with its zone, as 2026-11-28T09:30:00Z")


def written(at: datetime) -> str:
    """Write an instant of UTC as the API shows it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_attribute(
    raw: object, *, name: str, terms: Terms, is_simplified: bool = False, is_partial: bool = False
) -> Instances:
    """Read all instances of one attribute; raises Refusal.

    is_simplified: an object without the member of a type is itself the value. is_partial: an instance may
    lack its value, as in a partial update or a merge.
    """
    if isinstance(raw, dict) and set(raw) == {"dataset"} and isinstance(raw["dataset"], dict):
        raw = [
            {"value": each, **({} if key == "@none" else {"datasetId": key})}
            for key, each in raw["dataset"].items()
        ]
    several = isinstance(raw, list) and raw and all(isinstance(each, dict) for each in raw)
    if not several or (is_simplified and not any(_is_instance(each) for each in raw)):  # type: ignore[attr-defined]
        found = _instance(raw, name, terms, is_simplified, is_partial, 0)
        return {found.get("datasetId", ""): found}
    assert isinstance(raw, list)
    if len(raw) > MOST_INSTANCES:
        raise bad(f"{name}: more than {MOST_INSTANCES} instances")
    held: Instances = {}
    for each in raw:
        found = _instance(each, name, terms, is_simplified, is_partial, 0)
        key = found.get("datasetId", "")
        if key in held:
            raise bad(f"{name}: two instances with the same datasetId")
        held[key] = found
    return held


def _named(raw: dict[str, Any]) -> str:
    """Give the type an object says it has; empty when that is no text."""
    kind = raw.get("type")
    return kind if isinstance(kind, str) else ""


def _is_instance(raw: object) -> bool:
    return isinstance(raw, dict) and (_named(raw) in VALUE_OF or any(member in raw for member in _TYPE_OF))


def _instance(
    raw: object, name: str, terms: Terms, is_simplified: bool, is_partial: bool, depth: int
) -> Instance:
    if depth > DEEPEST:
        raise bad(f"{name}: attributes nested deeper than {DEEPEST}")
    if raw is None:
        raise bad(f"{name}: null is no value; {NULL} deletes in a merge or an update")
    if not isinstance(raw, dict):
        return {"type": "Property", "value": sound(raw, name)}
    if _named(raw) in _SHAPES and "coordinates" in raw:
        return {"type": "GeoProperty", "value": _geometry(raw, name)}
    kind = _kind(raw, name, terms, is_simplified, is_partial)
    if kind == "plain value":
        return {"type": "Property", "value": sound(raw, name)}
    found: Instance = {"type": kind} if kind else {}
    member = VALUE_OF.get(kind, "")
    if member in raw:
        found[member] = _value(kind, raw[member], name, terms)
    elif not is_partial:
        raise bad(f"{name}: a {kind} has a member {member!r}")
    for key, each in raw.items():
        if key == member or key in SYSTEM or key == "type":
            continue
        if key in PLAIN:
            found[key] = _plain(key, each, name)
        elif key in _TYPE_OF:
            raise bad(f"{name}: a {kind} has no member {key!r}")
        elif not key.startswith("previous"):
            found[terms.expand(key)] = _instance(
                each, f"{name}.{key}", terms, is_simplified, is_partial, depth + 1
            )
    return found


def _kind(raw: dict[str, Any], name: str, terms: Terms, is_simplified: bool, is_partial: bool) -> str:
    said = raw.get("type")
    if isinstance(said, str):
        kind = said.removeprefix("https://uri.etsi.org/ngsi-ld/")
        if kind in VALUE_OF:
            return kind
        if not is_simplified:
            raise bad(f"{name}: {said[:80]!r} is no type of attribute")
    present = [member for member in _TYPE_OF if member in raw]
    if len(present) == 1:
        value = raw[present[0]]
        is_place = present[0] == "value" and isinstance(value, dict) and _named(value) in _SHAPES
        return "GeoProperty" if is_place and "coordinates" in value else _TYPE_OF[present[0]]
    if is_simplified:
        return "plain value"
    if is_partial and not present:
        return ""
    raise bad(f"{name}: give the type of the attribute, or its value, object or other member of one type")


def _value(kind: str, raw: object, name: str, terms: Terms) -> object:
    if raw == NULL:
        return raw
    if raw is None:
        raise bad(f"{name}: null is no value")
    if kind == "GeoProperty":
        return _geometry(raw, name)
    if kind == "Relationship":
        links = raw if isinstance(raw, list) else [raw]
        if not links or not all(is_uri(each) for each in links):
            raise bad(f"{name}: the object of a Relationship is a URI")
    elif kind == "ListRelationship":
        links = [each.get("object") if isinstance(each, dict) else each for each in _list(raw, name)]
        if not all(is_uri(each) for each in links):
            raise bad(f"{name}: the objects of a ListRelationship are URIs")
        return links
    elif kind == "ListProperty":
        return sound(_list(raw, name), name)
    elif kind == "LanguageProperty":
        _require_languages(raw, name)
    elif kind == "VocabProperty":
        words = raw if isinstance(raw, list) else [raw]
        if not words or not all(isinstance(each, str) for each in words):
            raise bad(f"{name}: the vocab of a VocabProperty is a text or a list of them")
        found = [terms.expand(str(each)) for each in words]
        return found if isinstance(raw, list) else found[0]
    return sound(raw, name)


def _require_languages(raw: object, name: str) -> None:
    is_map = (
        isinstance(raw, dict)
        and raw
        and all(
            isinstance(each, str)
            or (isinstance(each, list) and all(isinstance(text, str) for text in each))
            for each in raw.values()
        )
    )
    if not is_map:
        raise bad(f"{name}: a languageMap has texts by language")


def _list(raw: object, name: str) -> list[Any]:
    if not isinstance(raw, list):
        raise bad(f"{name}: give a list")
    return raw


def _geometry(raw: object, name: str) -> object:
    try:
        geometry.read(raw)
    except geometry.BadGeometry as failure:
        raise bad(f"{name}: {failure}") from None
    return raw


def _plain(key: str, raw: object, name: str) -> object:
    if key == "observedAt":
        return raw if raw == NULL else moment(raw, f"{name}.observedAt")
    if key == "datasetId" and not is_uri(raw):
        raise bad(f"{name}: datasetId is a URI")
    if not isinstance(raw, str) and not (key in ("objectType", "valueType") and isinstance(raw, list)):
        raise bad(f"{name}: {key} is a text")
    return raw


def sound(raw: object, name: str) -> object:
    """Give a value back when JSON can carry it; raises Refusal for a number that is too large."""
    pending: list[object] = [raw]
    while pending:
        each = pending.pop()
        if isinstance(each, float) and not math.isfinite(each):
            raise bad(f"{name}: a number is too large")
        pending.extend(_members(each))
    return raw


def _members(raw: object) -> Iterable[object]:
    if isinstance(raw, dict):
        return raw.values()
    return raw if isinstance(raw, list) else ()
