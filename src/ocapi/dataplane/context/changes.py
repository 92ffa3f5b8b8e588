"""What operations make of an entity (ETSI GS CIM 009 clause 5.6): pure, the held entity stays as it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ocapi.dataplane.context.attributes import read_attribute
from ocapi.dataplane.context.entity import NULL, VALUE_OF, Entity, Instance, Instances, touched
from ocapi.dataplane.context.errors import Refusal, bad, missing
from ocapi.dataplane.context.vocabulary import Terms, is_uri

HEAD = frozenset(
    {"id", "@id", "type", "@type", "scope", "@context", "createdAt", "modifiedAt", "deletedAt"}
)
MOST_ATTRIBUTES = 1_000
NOT_KEPT = ("createdAt", "modifiedAt")


@dataclass(slots=True)
class Outcome:
    """The entity after an operation on several attributes, and which of them were not changed and why."""

    entity: Entity
    updated: list[str] = field(default_factory=list)
    not_updated: list[tuple[str, str]] = field(default_factory=list)


def created(raw: Mapping[str, Any], *, terms: Terms, now: str, is_simplified: bool = False) -> Entity:
    """Make an entity of what was sent; raises Refusal."""
    name, kinds = raw.get("id", raw.get("@id")), raw.get("type", raw.get("@type"))
    if not is_uri(name):
        raise bad("id: give the URI of the entity")
    if kinds is None:
        raise bad("type: give the type of the entity")
    entity = Entity(
        id=str(name),
        types=_types(kinds, terms),
        scopes=_scopes(raw.get("scope")),
        created_at=now,
        modified_at=now,
    )
    held: dict[str, Instances] = {}
    for key, instances in _attributes(raw, terms, is_simplified=is_simplified, is_partial=False):
        held[terms.expand(key)] = {each: _stamped(one, None, now) for each, one in instances.items()}
    return touched(entity, now=now, attributes=held)


def replaced(old: Entity, raw: Mapping[str, Any], *, terms: Terms, now: str, is_simplified: bool) -> Entity:
    """Give the entity with all its attributes replaced; it keeps its id, and its types when none are said."""
    _require_same_id(old, raw)
    whole = {"type": list(old.types), **raw, "id": old.id} if "@type" not in raw else {**raw, "id": old.id}
    new = created(whole, terms=terms, now=now, is_simplified=is_simplified)
    return Entity(
        id=old.id,
        types=new.types,
        scopes=new.scopes,
        created_at=old.created_at,
        modified_at=now,
        attributes=new.attributes,
    )


def appended(
    old: Entity, raw: Mapping[str, Any], *, terms: Terms, now: str, is_kept: bool, is_simplified: bool
) -> Outcome:
    """Add attributes, and replace those that are there unless `is_kept` (noOverwrite)."""
    _require_same_id(old, raw)
    outcome = Outcome(_with_head(old, raw, terms, now))
    held = dict(outcome.entity.attributes)
    for key, instances in _attributes(raw, terms, is_simplified=is_simplified, is_partial=False):
        name = terms.expand(key)
        before = held.get(name, {})
        if is_kept and any(each in before for each in instances):
            outcome.not_updated.append((key, "the attribute exists already"))
            continue
        new = {each: _stamped(one, before.get(each), now) for each, one in instances.items()}
        held[name] = {**before, **new}
        outcome.updated.append(key)
    outcome.entity = touched(outcome.entity, now=now, attributes=held)
    return outcome


def updated(old: Entity, raw: Mapping[str, Any], *, terms: Terms, now: str, is_simplified: bool) -> Outcome:
    """Replace attributes that are there; others are told apart as not updated."""
    _require_same_id(old, raw)
    outcome = Outcome(_with_head(old, raw, terms, now))
    held = dict(outcome.entity.attributes)
    for key, instances in _attributes(raw, terms, is_simplified=is_simplified, is_partial=True):
        name = terms.expand(key)
        before = held.get(name, {})
        if not all(each in before for each in instances):
            outcome.not_updated.append((key, "the entity has no such attribute"))
            continue
        new = {
            each: _stamped(_complete(one, before[each], key), before[each], now)
            for each, one in instances.items()
        }
        held[name] = _without_nulls({**before, **new})
        outcome.updated.append(key)
    kept = {name: each for name, each in held.items() if each}
    outcome.entity = touched(outcome.entity, now=now, attributes=kept)
    return outcome


def merged(old: Entity, raw: Mapping[str, Any], *, terms: Terms, now: str, is_simplified: bool) -> Entity:
    """Merge a fragment into the entity, member by member (clause 5.5.12); the null URI deletes."""
    _require_same_id(old, raw)
    new = _with_head(old, raw, terms, now)
    held = dict(new.attributes)
    for key, instances in _attributes(raw, terms, is_simplified=is_simplified, is_partial=True):
        name = terms.expand(key)
        before = dict(held.get(name, {}))
        for each, one in instances.items():
            before[each] = _stamped(_merged(before.get(each), one, key), before.get(each), now)
        held[name] = _without_nulls(before)
    return touched(new, now=now, attributes={name: each for name, each in held.items() if each})


def attribute_updated(old: Entity, key: str, raw: Mapping[str, Any], *, terms: Terms, now: str) -> Entity:
    """Change members of one instance of an attribute (partial attribute update, clause 5.6.4)."""
    name = terms.expand(key)
    found = read_attribute(
        {each: raw[each] for each in raw if each != "@context"}, name=key, terms=terms, is_partial=True
    )
    held = dict(old.attributes.get(name, {}))
    for each, one in found.items():
        if each not in held:
            raise missing(f"the entity has no attribute {key!r} of that data set")
        held[each] = _stamped(_merged(held[each], one, key), held[each], now)
    return _with_attribute(old, name, _without_nulls(held), now)


def attribute_replaced(old: Entity, key: str, raw: Mapping[str, Any], *, terms: Terms, now: str) -> Entity:
    """Replace one instance of an attribute."""
    name = terms.expand(key)
    found = read_attribute({each: raw[each] for each in raw if each != "@context"}, name=key, terms=terms)
    held = dict(old.attributes.get(name, {}))
    for each, one in found.items():
        if each not in held:
            raise missing(f"the entity has no attribute {key!r} of that data set")
        held[each] = _stamped(one, held[each], now)
    return _with_attribute(old, name, held, now)


def attribute_deleted(
    old: Entity, key: str, *, terms: Terms, now: str, dataset: str = "", is_all: bool = False
) -> Entity:
    """Take one instance of an attribute away, or all of them; raises Refusal when there is none."""
    name = terms.expand(key)
    held = dict(old.attributes.get(name, {}))
    if not held or (not is_all and dataset not in held):
        raise missing(f"the entity has no attribute {key!r} of that data set")
    left = {} if is_all else {each: one for each, one in held.items() if each != dataset}
    return _with_attribute(old, name, left, now)


def _with_attribute(old: Entity, name: str, held: Instances, now: str) -> Entity:
    rest = {each: one for each, one in old.attributes.items() if each != name}
    return touched(old, now=now, attributes={**rest, name: held} if held else rest)


def _attributes(
    raw: Mapping[str, Any], terms: Terms, *, is_simplified: bool, is_partial: bool
) -> list[tuple[str, Instances]]:
    keys = [key for key in raw if key not in HEAD]
    if len(keys) > MOST_ATTRIBUTES:
        raise bad(f"more than {MOST_ATTRIBUTES} attributes")
    return [
        (
            key,
            read_attribute(
                raw[key], name=key, terms=terms, is_simplified=is_simplified, is_partial=is_partial
            ),
        )
        for key in keys
    ]


def _require_same_id(old: Entity, raw: Mapping[str, Any]) -> None:
    said = raw.get("id", raw.get("@id", old.id))
    if said != old.id:
        raise bad("id: the body is of another entity than the address")


def _with_head(old: Entity, raw: Mapping[str, Any], terms: Terms, now: str) -> Entity:
    """Add types and take over scopes a fragment brings: types grow and never change (clause 5.6.3)."""
    changes: dict[str, Any] = {}
    kinds = raw.get("type", raw.get("@type"))
    if kinds is not None:
        changes["types"] = tuple(dict.fromkeys((*old.types, *_types(kinds, terms))))
    if "scope" in raw:
        changes["scopes"] = () if raw["scope"] == NULL else _scopes(raw["scope"])
    return touched(old, now=now, **changes) if changes else old


def _types(raw: object, terms: Terms) -> tuple[str, ...]:
    names = raw if isinstance(raw, list) else [raw]
    if not names or len(names) > 50 or not all(isinstance(each, str) and each for each in names):
        raise bad("type: give a name or a list of names")
    return tuple(dict.fromkeys(terms.expand(str(each)) for each in names))


def _scopes(raw: object) -> tuple[str, ...]:
    if isinstance(raw, dict):
        raw = raw.get("value")
    if raw is None:
        return ()
    names = raw if isinstance(raw, list) else [raw]
    if len(names) > 50 or not all(isinstance(each, str) and 0 < len(each) <= 512 for each in names):
        raise bad("scope: give a text or a list of texts")
    return tuple(str(each) if str(each).startswith("/") else f"/{each}" for each in names)


def _stamped(new: Instance, old: Instance | None, now: str) -> Instance:
    return {**new, "createdAt": old["createdAt"] if old and "createdAt" in old else now, "modifiedAt": now}


def _complete(new: Instance, old: Instance, key: str) -> Instance:
    """Replace an instance by a fragment, which may leave out the type and the value it has."""
    kind = new.get("type", old["type"])
    if kind != old["type"]:
        raise bad(f"{key}: the type of an attribute does not change")
    member = VALUE_OF[kind]
    return new if member in new else {"type": kind, member: old[member], **new}


def _merged(old: Instance | None, new: Instance, key: str) -> Instance:
    if old is None:
        kind = new.get("type", "")
        if not kind or VALUE_OF[kind] not in new:
            raise bad(f"{key}: a new attribute needs a type or a value")
        return new
    if new.get("type", old["type"]) != old["type"]:
        raise bad(f"{key}: the type of an attribute does not change")
    found = dict(old)
    for name, each in new.items():
        if each == NULL or (isinstance(each, dict) and each.get("value") == NULL):
            if name in VALUE_OF.values():
                found[name] = NULL
            else:
                found.pop(name, None)
        elif (
            name in ("json", "value") or not isinstance(each, dict) or not isinstance(found.get(name), dict)
        ):
            found[name] = _merged_value(found.get(name), each) if name == "value" else each
        elif name == "languageMap":
            texts = {**found[name], **each}
            found[name] = {tag: text for tag, text in texts.items() if text != NULL}
        else:
            found[name] = _merged(found[name], each, f"{key}.{name}")
    return found


def _merged_value(old: object, new: object) -> object:
    """Merge values that are objects as RFC 7396 does, the null URI in the place of null."""
    if not (isinstance(old, dict) and isinstance(new, dict)) or "coordinates" in new:
        return new
    found = dict(old)
    for name, each in new.items():
        if each == NULL:
            found.pop(name, None)
        else:
            found[name] = _merged_value(found.get(name), each)
    return found


def _without_nulls(held: Instances) -> Instances:
    return {
        key: each
        for key, each in held.items()
        if not any(each.get(member) == NULL for member in VALUE_OF.values())
        and each.get("languageMap") != {"@none": NULL}
    }


def refused_outcome(outcome: Outcome) -> Refusal | None:
    """Give the refusal when nothing at all could be done, or None."""
    if outcome.updated or not outcome.not_updated:
        return None
    return bad("; ".join(f"{name}: {reason}" for name, reason in outcome.not_updated[:5]))
