"""An entity as it is held: expanded names, one instance per attribute and data set; and what differs.

An instance is a dict: `type`, its value under the member of its type, `observedAt`, `unitCode`, `datasetId`,
`createdAt`, `modifiedAt`, and sub-attributes by IRI. Held entities are never changed in place.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

Instance: TypeAlias = dict[str, Any]
Instances: TypeAlias = dict[str, Instance]
"""Instances of one attribute by data set; the default one stands under the empty text."""

VALUE_OF = {
    "Property": "value",
    "Relationship": "object",
    "GeoProperty": "value",
    "LanguageProperty": "languageMap",
    "VocabProperty": "vocab",
    "JsonProperty": "json",
    "ListProperty": "valueList",
    "ListRelationship": "objectList",
}
"""The member that holds the value, by type of attribute (ETSI GS CIM 009 clause 4.5)."""

NULL = "urn:ngsi-ld:null"


class Entity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One entity. types: IRIs. scopes: as `/Gent/Centrum`. attributes: instances by IRI of the attribute."""

    id: str
    types: tuple[str, ...]
    created_at: str
    modified_at: str
    scopes: tuple[str, ...] = ()
    attributes: Mapping[str, Instances] = msgspec.field(default_factory=dict)

    def default(self, name: str) -> Instance | None:
        """Give the instance of an attribute that a reader wants first: the default one, else the first."""
        held = self.attributes.get(name)
        return (held.get("") or next(iter(held.values()))) if held else None


def difference(old: Entity | None, new: Entity) -> dict[str, Any]:
    """Give what the log keeps of a change: the whole head of the entity, and the instances that changed."""
    before: Mapping[str, Instances] = old.attributes if old else {}
    changed = {
        name: {key: each for key, each in held.items() if before.get(name, {}).get(key) != each}
        for name, held in new.attributes.items()
        if before.get(name) != held
    }
    gone = [
        [name, key]
        for name, held in before.items()
        for key in held
        if key not in new.attributes.get(name, {})
    ]
    return {
        "kind": "put",
        "id": new.id,
        "types": list(new.types),
        "scopes": list(new.scopes),
        "created": new.created_at,
        "modified": new.modified_at,
        "set": {name: held for name, held in changed.items() if held},
        "gone": gone,
    }


def applied(old: Entity | None, change: Mapping[str, Any]) -> Entity:
    """Give the entity after a change that `difference` made; the inverse of it."""
    held = {name: dict(each) for name, each in old.attributes.items()} if old else {}
    for name, key in change["gone"]:
        held.get(name, {}).pop(key, None)
    for name, instances in change["set"].items():
        held.setdefault(name, {}).update(instances)
    return Entity(
        id=change["id"],
        types=tuple(change["types"]),
        scopes=tuple(change["scopes"]),
        created_at=change["created"],
        modified_at=change["modified"],
        attributes={name: each for name, each in held.items() if each},
    )


def as_content(entity: Entity) -> dict[str, Any]:
    """Give the entity as the saved state keeps it."""
    return difference(None, entity)


def with_attributes(entity: Entity, attributes: Mapping[str, Instances]) -> Entity:
    """Give the entity with other attributes, modified when it was."""
    return msgspec.structs.replace(entity, attributes=attributes)


def touched(entity: Entity, *, now: str, **changes: Any) -> Entity:
    """Give the entity with changes, modified now."""
    return msgspec.structs.replace(entity, modified_at=now, **changes)
