"""The members of the sets as records, and the ways between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ocapi.dataplane.context.entity import Entity, Instance
from ocapi.dataplane.context.store import ENTITY, Store
from ocapi.dataplane.sensorthings.model import (
    AHEAD,
    DOCUMENT,
    OBSERVATIONS,
    RESULT,
    SETS,
    EntitySet,
    document_of,
    entity_id,
    key_of,
)
from ocapi.lib.observed import DETAILS as DETAILS


@dataclass(frozen=True, slots=True)
class Record:
    """One member of a set. values: its members. links: key or keys by name of navigation."""

    set: EntitySet
    key: str
    values: dict[str, Any]
    links: dict[str, Any]
    instance: Instance | None = None  # of an observation


class Catalog:
    """The records of one organization, with what points where worked out once per request."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._pointing: dict[tuple[str, str], dict[str, list[Record]]] = {}

    def find(self, target: EntitySet, key: str) -> Record | None:
        """Give a member of a set other than Observations."""
        entity = self.store.entity(entity_id(target.name, key))
        return record_of(target, entity) if entity is not None and DOCUMENT in entity.attributes else None

    def all(self, target: EntitySet) -> Iterator[Record]:
        """Give all members of a set other than Observations, in the order they were made."""
        for entity in self.store.entities(target.iri):
            if DOCUMENT in entity.attributes:
                yield record_of(target, entity)

    def related(self, record: Record, name: str) -> list[Record]:
        """Give what a navigation leads to, but for Observations."""
        if name in record.set.one:
            target = SETS[record.set.one[name]]
            found = self.find(target, str(record.links.get(name, "")))
            return [found] if found is not None else []
        target_name, back = record.set.many[name]
        target = SETS[target_name]
        if name in record.links:
            each = (self.find(target, str(key)) for key in record.links[name])
            return [found for found in each if found is not None]
        return self._pointers(target, back).get(record.key, [])

    def _pointers(self, target: EntitySet, back: str) -> dict[str, list[Record]]:
        """Give the records of a set by the key they point to under a name."""
        if (target.name, back) not in self._pointing:
            held: dict[str, list[Record]] = {}
            for record in self.all(target):
                said = record.links.get(back, [])
                for key in said if isinstance(said, list) else [said]:
                    held.setdefault(str(key), []).append(record)
            self._pointing[target.name, back] = held
        return self._pointing[target.name, back]

    def has_ahead(self, stream: str) -> bool:
        """Tell whether a datastream has readings of a later moment than the one that is held ready."""
        entity = self.store.entity(entity_id("Datastreams", stream))
        ahead = entity.attributes.get(AHEAD, {}).get("") if entity is not None else None
        if entity is None or ahead is None:
            return False
        held = entity.attributes.get(RESULT, {}).get("")
        return not held or datetime.fromisoformat(held["observedAt"]) < datetime.fromisoformat(ahead["value"])

    def latest(self, stream: str) -> Record | None:
        """Give what a datastream observed last, except of a moment to come: it is held ready."""
        entity = self.store.entity(entity_id("Datastreams", stream))
        held = entity.attributes.get(RESULT, {}).get("") if entity is not None else None
        return observation_of(stream, held) if held is not None else None

    def value(self, record: Record, path: Sequence[str]) -> Any:
        """Give the value a path of an expression leads to; a tuple when it leads through many."""
        head, rest = path[0], path[1:]
        if head in ("id", "@iot.id") and not rest:
            return int(record.key) if record.key.isdecimal() else record.key
        if rest and head in record.set.one:
            found = self.related(record, head)
            return self.value(found[0], rest) if found else None
        if rest and head in record.set.many and head != OBSERVATIONS:
            return tuple(self.value(each, rest) for each in self.related(record, head))
        value: Any = record.values.get(head)
        for name in rest:
            value = value.get(name) if isinstance(value, dict) else None
        return value


def record_of(target: EntitySet, entity: Entity) -> Record:
    """Give an entity as a record."""
    document = document_of(entity)
    values = {name: document[name] for name in target.members() if name in document}
    return Record(target, key_of(entity), values, document.get("@links", {}))


def observation_of(stream: str, instance: Instance) -> Record:
    """Give a reading of a datastream as a record."""
    details = instance[DETAILS]["json"]
    links = {"Datastream": stream, **details.get("@links", {})}
    values = {
        "result": instance["value"],
        **{name: each for name, each in details.items() if name[0] != "@"},
    }
    return Record(
        SETS[OBSERVATIONS], observation_key(stream, instance["observedAt"]), values, links, instance
    )


def observation_key(stream: str, observed_at: str) -> str:
    """Give the key of an observation: its stream and when it was; one sent twice is one."""
    return key_at(stream, datetime.fromisoformat(observed_at))


def key_at(stream: str, at: datetime) -> str:
    """Give the key of what a stream observed at an instant."""
    return f"{stream}-{int(at.timestamp()) * 1_000_000 + at.microsecond}"


def moment_of(key: str) -> datetime:
    """Give when an observation of a key was."""
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(key.rpartition("-")[2]))


def newest(store: Store, target: EntitySet, key: str) -> Entity | None:
    """Give a member as its newest version, on disk or on its way."""
    found: Entity | None = store.newest(ENTITY, entity_id(target.name, key))
    return found
