"""Shows entities as clients want them: normalized, concise, simplified or GeoJSON, by their context."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ocapi.dataplane.context.entity import VALUE_OF, Entity, Instance, Instances
from ocapi.dataplane.context.vocabulary import Terms

MEMBERS = frozenset(
    {
        *VALUE_OF.values(),
        "type",
        "observedAt",
        "unitCode",
        "datasetId",
        "objectType",
        "valueType",
        "lang",
        "createdAt",
        "modifiedAt",
        "instanceId",
    }
)
SYSTEM = ("createdAt", "modifiedAt")
NORMALIZED, CONCISE, SIMPLIFIED = "normalized", "concise", "simplified"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How an entity is to be shown. pick, omit: names as the client gave them; attributes: IRIs (`attrs`)."""

    terms: Terms
    form: str = NORMALIZED
    with_system: bool = False
    language: str = ""
    pick: frozenset[str] = frozenset()
    omit: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    datasets: frozenset[str] = frozenset()
    place: str = ""  # IRI of the attribute that is the geometry of GeoJSON

    def wants(self, name: str) -> bool:
        """Tell whether a member of the entity is shown."""
        return (not self.pick or name in self.pick) and name not in self.omit


def show(entity: Entity, view: View) -> dict[str, Any]:
    """Give the entity in the form of the view, without `@context`."""
    terms = view.terms
    found: dict[str, Any] = {}
    if view.wants("id"):
        found["id"] = entity.id
    if view.wants("type"):
        found["type"] = _one_or_all([terms.compact(each) for each in entity.types])
    if entity.scopes and view.wants("scope"):
        found["scope"] = _one_or_all(list(entity.scopes))
    if view.with_system:
        found.update(
            {
                name: at
                for name, at in zip(SYSTEM, (entity.created_at, entity.modified_at), strict=True)
                if view.wants(name)
            }
        )
    for iri, held in entity.attributes.items():
        name = terms.compact(iri)
        if not view.wants(name) or (view.attributes and iri not in view.attributes):
            continue
        shown = _attribute(held, view)
        if shown is not None:
            found[name] = shown
    return found


def show_feature(entity: Entity, view: View) -> dict[str, Any]:
    """Give the entity as a GeoJSON feature (clause 4.5.16)."""
    shown = show(entity, view)
    held = entity.default(view.place)
    properties = {name: each for name, each in shown.items() if name != "id"}
    return {
        "id": entity.id,
        "type": "Feature",
        "geometry": held["value"] if held and held["type"] == "GeoProperty" else None,
        "properties": properties,
    }


def _one_or_all(names: list[str]) -> str | list[str]:
    return names[0] if len(names) == 1 else names


def _attribute(held: Instances, view: View) -> Any:
    wanted = [
        (key, each) for key, each in held.items() if not view.datasets or (key or "@none") in view.datasets
    ]
    if not wanted:
        return None
    if view.form != SIMPLIFIED:
        shown = [instance_of(each, view) for _key, each in wanted]
        return shown[0] if len(shown) == 1 else shown
    if len(wanted) == 1 and not wanted[0][0]:
        return _simple(wanted[0][1], view)
    if len(wanted) == 1:
        return _simple(wanted[0][1], view)
    return {"dataset": {key or "@none": _simple(each, view) for key, each in wanted}}


def _simple(instance: Instance, view: View) -> Any:
    each = in_language(instance, view.language)
    kind, value = each["type"], shown_value(each, view)
    return (
        {VALUE_OF[kind]: value} if kind in ("LanguageProperty", "VocabProperty", "JsonProperty") else value
    )


def instance_of(instance: Instance, view: View) -> Any:
    """Give one instance, normalized or concise."""
    each = in_language(instance, view.language)
    kind = each["type"]
    member = VALUE_OF[kind]
    found: dict[str, Any] = {"type": kind, member: shown_value(each, view)}
    for name, value in each.items():
        if name in (member, "type") or (name in SYSTEM and not view.with_system):
            continue
        found[name if name in MEMBERS else view.terms.compact(name)] = (
            value if name in MEMBERS else instance_of(value, view)
        )
    return _concise(found, kind, member) if view.form == CONCISE else found


def _concise(found: dict[str, Any], kind: str, member: str) -> Any:
    """Leave out the type, which the member tells, and the braces when nothing else is left (clause 4.5.1)."""
    del found["type"]
    value = found[member]
    is_alone = len(found) == 1 and member == "value"
    if is_alone and (kind == "GeoProperty" or (kind == "Property" and _tells_itself(value))):
        return value
    return found


def _tells_itself(value: object) -> bool:
    """Tell whether a bare value is read back as a Property with this value."""
    if isinstance(value, list):
        return not (value and all(isinstance(each, dict) for each in value))
    return not isinstance(value, dict)


def shown_value(instance: Instance, view: View) -> Any:
    """Give the value of an instance in the names of the view."""
    kind = instance["type"]
    value = instance[VALUE_OF[kind]]
    if kind == "VocabProperty":
        return (
            [view.terms.compact(each) for each in value]
            if isinstance(value, list)
            else (view.terms.compact(value))
        )
    if kind == "ListRelationship" and view.form != SIMPLIFIED:
        return [{"object": each} for each in value]
    return value


def in_language(instance: Instance, wanted: str) -> Instance:
    """Give a LanguageProperty as a Property in the wanted language; others stay as they are (clause 4.15)."""
    if not wanted or instance["type"] != "LanguageProperty":
        return instance
    texts = instance["languageMap"]
    for tag in _preferred(wanted, texts):
        rest = {name: each for name, each in instance.items() if name not in ("type", "languageMap")}
        return {"type": "Property", "value": texts[tag], "lang": tag, **rest}
    return instance


def _preferred(wanted: str, texts: dict[str, Any]) -> Iterable[str]:
    """Give tags in order of wish (RFC 4647 lookup), then any."""
    known = {tag.lower(): tag for tag in texts}
    for part in wanted.split(","):
        tag = part.partition(";")[0].strip().lower()
        while tag and tag != "*":
            if tag in known:
                yield known[tag]
            tag = tag.rpartition("-")[0]
    if "@none" in texts:
        yield "@none"
    yield next(iter(texts))
