"""Makes, changes and takes away members of sets; whole trees in one step (OGC 18-088 clauses 10 and 12)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from ocapi.dataplane.context import attributes
from ocapi.dataplane.context.attributes import written
from ocapi.dataplane.context.entity import Entity, Instance, touched
from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.store import (
    ENTITY,
    Change,
    Store,
    entity_change,
    forget_change,
    history_change,
    removal,
)
from ocapi.dataplane.gate import Caller
from ocapi.dataplane.sensorthings import judging
from ocapi.dataplane.sensorthings.catalog import (
    DETAILS,
    Catalog,
    Record,
    moment_of,
    newest,
    observation_key,
)
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
    refuse,
)
from ocapi.lib.batched import BATCH

MOST = 10_000  # members made by one request
DEEPEST = 6
LONGEST_KEY = 100
_TIMES = ("phenomenonTime", "resultTime", "validTime", "time")


class Origin(Protocol):
    """Who makes members, in which store, and when (as the API writes instants)."""

    @property
    def store(self) -> Store: ...
    @property
    def caller(self) -> Caller: ...
    @property
    def now(self) -> str: ...


class Numbers:
    """The next number of each set, by organization."""

    def __init__(self) -> None:
        self._next: dict[tuple[str, str], int] = {}

    def take(self, store: Store, target: EntitySet) -> str:
        """Give a key nothing in a set has."""
        held = (str(store.folder), target.name)
        if held not in self._next:
            keys = (key_of(each) for each in store.entities(target.iri))
            self._next[held] = max(
                (int(key) for key in keys if key.isdecimal() and len(key) < 16), default=0
            )
        while True:
            self._next[held] += 1
            if newest(store, target, str(self._next[held])) is None:
                return str(self._next[held])


class Stream:
    """A datastream readings are taken in for. links: what every reading points to, made when first asked."""

    def __init__(self, key: str, entity: Entity, feature: Callable[[], str]) -> None:
        self.key, self.entity = key, entity
        self._feature = feature

    def links(self) -> dict[str, str]:
        """Give what the readings link to."""
        feature = self._feature()
        return {"FeatureOfInterest": feature} if feature else {}


class Making:
    """The changes of one request: they are worked out one upon the other and stored together."""

    def __init__(self, call: Origin, numbers: Numbers) -> None:
        self._call = call
        self._numbers = numbers
        self._newest: dict[str, Entity] = {}
        self.changes: list[Change] = []

    async def store(self) -> None:
        """Store all of them, or none."""
        await self._call.store.commit(self.changes)

    def create(
        self, target: EntitySet, body: Any, *, links: Mapping[str, Any] | None = None, depth: int = 0
    ) -> str:
        """Make a member with all that stands within it; gives its key. Raises Refusal."""
        if not isinstance(body, dict):
            refuse("give an object")
        if depth > DEEPEST or len(self.changes) >= MOST:
            refuse(f"at most {MOST} members, {DEEPEST} deep, in one request", 413)
        if target.name == OBSERVATIONS:
            return self.observe(body, links=links or {})
        _require_known(target, body)
        for name in target.required:
            if name not in body:
                refuse(f"{name!r} is missing")
        key = self._key(target, body)
        document = {name: self._value(name, body[name]) for name in target.members() if name in body}
        if target.name == "Datastreams":
            judging.require_rules(document)
        document["@links"] = self._links(target, body, links or {}, depth)
        self._put(target, key, document)
        self._children(target, key, body, depth)
        return key

    def change(self, target: EntitySet, record: Record, body: Any, *, is_whole: bool) -> None:
        """Change members of one that is there, or replace it as a whole."""
        if not isinstance(body, dict):
            refuse("give an object")
        old = newest(self._call.store, target, record.key)
        assert old is not None
        document = {} if is_whole else dict(document_of(old))
        links = dict(record.links)
        for name, value in body.items():
            if name in target.members():
                document[name] = self._value(name, value)
            elif name in target.one or name in target.many:
                self._relink(target, links, name, value)
            elif not name.startswith("@iot") and "@iot." not in name:
                refuse(f"{name[:60]!r} is no member of {target.name}")
        if any(name not in document for name in target.required):
            refuse(f"give {', '.join(target.required)}")
        if target.name == "Datastreams":
            judging.require_rules(document)
        self._put(target, record.key, {**document, "@links": links})
        if target.name == "Things" and "Locations" in body:
            self._moved(record.key, links.get("Locations", []))

    def observe(
        self, body: Mapping[str, Any], *, links: Mapping[str, Any], is_corrected: bool = False
    ) -> str:
        """Take in one observation with what is to be said of its quality; gives its key. Raises Refusal.

        One that is held already changes nothing, unless it is there to correct what is held.
        """
        if "result" not in body:
            refuse("'result' is missing")
        _require_known(SETS[OBSERVATIONS], body)
        stream = self._linked("Datastream", body, links)
        entity = self._entity(SETS["Datastreams"], stream)
        if entity is None:
            refuse("Datastream: there is none of that id")
        details: dict[str, Any] = {
            name: self._value(name, body[name]) for name in SETS[OBSERVATIONS].optional if name in body
        }
        details.setdefault("phenomenonTime", details.get("resultTime") or self._call.now)
        observed = attributes.moment(str(details["phenomenonTime"]).partition("/")[0], "phenomenonTime")
        value = attributes.sound(body["result"], "result")
        value, details, is_ahead = judging.judged(
            entity, value, details, observed=observed, now=datetime.fromisoformat(self._call.now),
            of_inventory=self._call.store.watched.rules_of_datastream(entity.id),
        )
        held = entity.attributes.get(RESULT, {}).get("")
        if not is_corrected and judging.is_repeated(held, value, observed):
            return observation_key(stream, observed)
        feature = self._feature(body, links, entity)
        details["@links"] = {"FeatureOfInterest": feature} if feature else {}
        instance: Instance = {
            "type": "Property",
            "value": value,
            "observedAt": observed,
            DETAILS: {"type": "JsonProperty", "json": details},
            "createdAt": self._call.now,
            "modifiedAt": self._call.now,
        }
        self._measured(entity, instance, is_ahead=is_ahead)
        return observation_key(stream, observed)

    def stream(self, body: Mapping[str, Any]) -> Stream | None:
        """Give the datastream an array of readings is for; None when there is none."""
        try:
            key = self._linked("Datastream", body, {})
        except Refusal:
            return None
        entity = self._entity(SETS["Datastreams"], key)
        return None if entity is None else Stream(key, entity, lambda: self._feature({}, {}, entity))

    def add(self, stream: Stream, change: Change) -> None:
        """Add a change of a datastream that was worked out elsewhere."""
        self.changes.append(change)
        if change.kind == BATCH:
            self._newest.update(change.value)

    def remove(self, catalog: Catalog, record: Record) -> None:
        """Take a member away with what cannot be without it."""
        for name in record.set.many if record.set.name != "Locations" else ():
            target_name, back = record.set.many[name]
            if target_name != OBSERVATIONS and back in SETS[target_name].needs:
                for each in catalog.related(record, name):
                    self.remove(catalog, each)
        old = newest(self._call.store, record.set, record.key)
        if old is None or any(each.id == old.id and each.value is None for each in self.changes):
            return
        self.changes.append(removal(ENTITY, old.id, old, now=self._call.now))
        if record.set.name == "Datastreams":
            self.changes.append(
                forget_change(old.id, now=self._call.now, client=self._call.caller.client_id)
            )

    def forget(self, record: Record, before: Record | None) -> None:
        """Take one observation away; if it was the newest, the one before it is the newest again."""
        stream = str(record.links["Datastream"])
        self.changes.append(
            forget_change(
                entity_id("Datastreams", stream),
                attribute=RESULT,
                observed_at=written(moment_of(record.key)),
                now=self._call.now,
                client=self._call.caller.client_id,
            )
        )
        entity = self._entity(SETS["Datastreams"], stream)
        held = entity.attributes.get(RESULT, {}).get("") if entity is not None else None
        if entity is None or not held or observation_key(stream, held["observedAt"]) != record.key:
            return
        rest = {name: each for name, each in entity.attributes.items() if name != RESULT}
        if before is not None and before.instance is not None:
            rest[RESULT] = {"": before.instance}
        self._changed(entity, touched(entity, now=self._call.now, attributes=rest))

    def _measured(self, entity: Entity, instance: Instance, *, is_ahead: bool) -> None:
        """Let a reading be the present state when it is the newest, else add it to the history.

        One of a moment to come is history only: a clock that is wrong would hide what comes after it.
        """
        held = entity.attributes.get(RESULT, {}).get("")
        if is_ahead:
            self._remember_ahead(entity, instance["observedAt"])
        elif held and judging.is_of_a_moment_to_come(held, datetime.fromisoformat(self._call.now)):
            entity, held = self._remember_ahead(entity, held["observedAt"]), None
        if is_ahead or held and datetime.fromisoformat(held["observedAt"]) > datetime.fromisoformat(
            instance["observedAt"]
        ):
            head = Entity(
                id=entity.id, types=entity.types, created_at=entity.created_at, modified_at=self._call.now
            )
            self.changes.append(history_change(head, {RESULT: [instance]}))
            return
        new = {**entity.attributes, RESULT: {"": instance}}
        self._changed(entity, touched(entity, now=self._call.now, attributes=new))

    def _remember_ahead(self, entity: Entity, observed: str) -> Entity:
        """Keep with the datastream until when readings of a moment to come were sent; gives it anew."""
        held = entity.attributes.get(AHEAD, {}).get("")
        if held and datetime.fromisoformat(held["value"]) >= datetime.fromisoformat(observed):
            return entity
        now = self._call.now
        instance: Instance = {"type": "Property", "value": observed, "createdAt": now, "modifiedAt": now}
        new = touched(entity, now=now, attributes={**entity.attributes, AHEAD: {"": instance}})
        self._changed(entity, new)
        return new

    def _entity(self, target: EntitySet, key: str) -> Entity | None:
        return self._newest.get(entity_id(target.name, key)) or newest(self._call.store, target, key)

    def _changed(self, old: Entity | None, new: Entity) -> None:
        self.changes.append(entity_change(old, new))
        self._newest[new.id] = new

    def _put(self, target: EntitySet, key: str, document: dict[str, Any]) -> None:
        old = self._entity(target, key)
        now = self._call.now
        held = {
            DOCUMENT: {"": {"type": "JsonProperty", "json": document, "createdAt": now, "modifiedAt": now}}
        }
        if target.name == "Datastreams" and old is not None:
            held = {**old.attributes, **held}
        self._changed(
            old,
            Entity(
                id=entity_id(target.name, key),
                types=(target.iri,),
                modified_at=now,
                attributes=held,
                created_at=old.created_at if old is not None else now,
            ),
        )

    def _key(self, target: EntitySet, body: Mapping[str, Any]) -> str:
        said = body.get("@iot.id")
        if said is None:
            return self._numbers.take(self._call.store, target)
        key = _key_text(said)
        if self._entity(target, key) is not None:
            refuse("there is a member of that id", 409)
        return key

    def _value(self, name: str, value: Any) -> Any:
        if name in _TIMES and value is not None:
            try:
                for each in str(value).split("/", 1):
                    attributes.moment(each, name)
            except Refusal:
                refuse(f"{name}: give an instant with its zone, or two with a slash between")
            return value
        if name in (
            "name",
            "description",
            "encodingType",
            "definition",
            "observationType",
        ) and not isinstance(value, str):
            refuse(f"{name}: give a text")
        if name in ("properties", "unitOfMeasurement", "parameters") and not isinstance(value, dict | list):
            refuse(f"{name}: give an object")
        return attributes.sound(value, name)

    def _links(
        self, target: EntitySet, body: Mapping[str, Any], links: Mapping[str, Any], depth: int
    ) -> dict[str, Any]:
        """Give the keys a new member points to; what is described within it is made first."""
        found: dict[str, Any] = {}
        for name in target.one:
            if name in links:
                found[name] = links[name]
            elif isinstance(body.get(name), dict):
                found[name] = self._pointed(SETS[target.one[name]], body[name], depth)
            elif name in target.needs:
                refuse(f"{name!r} is missing")
        for name in _held_here(target):
            said = body.get(name, [])
            several = said if isinstance(said, list) else [said]
            other = SETS[target.many[name][0]]
            found[name] = [*links.get(name, []), *(self._pointed(other, each, depth) for each in several)]
        return found

    def _pointed(self, target: EntitySet, said: Any, depth: int) -> str:
        if isinstance(said, dict) and "@iot.id" in said and len(said) == 1:
            key = _key_text(said["@iot.id"])
            if self._entity(target, key) is None:
                refuse(f"{target.kind}: there is none of that id")
            return key
        return self.create(target, said, depth=depth + 1)

    def _children(self, target: EntitySet, key: str, body: Mapping[str, Any], depth: int) -> None:
        for name, (other, back) in target.many.items():
            if name in _held_here(target) or name not in body:
                continue
            if not isinstance(body[name], list):
                refuse(f"{name}: give a list")
            for each in body[name]:
                link: Any = [key] if back in _held_here(SETS[other]) else key
                self.create(SETS[other], each, links={back: link}, depth=depth + 1)
        if target.name == "Things" and body.get("Locations"):
            entity = self._entity(target, key)
            assert entity is not None
            self._moved(key, document_of(entity)["@links"]["Locations"])

    def _moved(self, thing: str, locations: list[str]) -> None:
        """Remember where a thing is from now on (clause 8.2.3)."""
        history = SETS["HistoricalLocations"]
        document = {"time": self._call.now, "@links": {"Thing": thing, "Locations": list(locations)}}
        self._put(history, self._numbers.take(self._call.store, history), document)

    def _relink(self, target: EntitySet, links: dict[str, Any], name: str, value: Any) -> None:
        if name in target.one:
            links[name] = self._pointed(SETS[target.one[name]], value, DEEPEST)
        elif name in _held_here(target):
            several = value if isinstance(value, list) else [value]
            links[name] = [self._pointed(SETS[target.many[name][0]], each, DEEPEST - 1) for each in several]
        else:
            refuse(f"{name}: change it from the other side")

    def _linked(self, name: str, body: Mapping[str, Any], links: Mapping[str, Any]) -> str:
        if name in links:
            return str(links[name])
        said = body.get(name)
        if not isinstance(said, dict) or "@iot.id" not in said:
            refuse(f"{name!r} is missing")
        return _key_text(said["@iot.id"])

    def _feature(self, body: Mapping[str, Any], links: Mapping[str, Any], stream: Entity) -> str:
        """Give the feature of an observation: the one said, else the place of the stream's thing."""
        if "FeatureOfInterest" in links:
            return str(links["FeatureOfInterest"])
        features = SETS["FeaturesOfInterest"]
        if isinstance(body.get("FeatureOfInterest"), dict):
            return self._pointed(features, body["FeatureOfInterest"], 1)
        thing = self._entity(SETS["Things"], str(document_of(stream)["@links"].get("Thing", "")))
        places = document_of(thing)["@links"].get("Locations", []) if thing is not None else []
        place = self._entity(SETS["Locations"], str(places[0])) if places else None
        if place is None:
            return ""
        key = f"location-{places[0]}"
        if self._entity(features, key) is None:
            said = document_of(place)
            self._put(
                features,
                key,
                {
                    "name": said["name"],
                    "description": said["description"],
                    "encodingType": said["encodingType"],
                    "feature": said["location"],
                    "@links": {},
                },
            )
        return key


def _require_known(target: EntitySet, body: Mapping[str, Any]) -> None:
    """Refuse a member that a set does not have: left out in silence, nobody would learn of a wrong name."""
    for name in body:
        is_known = name in target.members() or name in target.one or name in target.many
        if not is_known and not name.startswith("@iot") and "@iot." not in name:
            refuse(f"{name[:60]!r} is no member of {target.name}")


def _held_here(target: EntitySet) -> tuple[str, ...]:
    """Name the many-to-many navigations whose keys a member of this set keeps itself."""
    return {"Things": ("Locations",), "HistoricalLocations": ("Locations",)}.get(target.name, ())


def _key_text(said: Any) -> str:
    key = str(said) if isinstance(said, int | str) and not isinstance(said, bool) else ""
    if not 0 < len(key) <= LONGEST_KEY or any(ord(sign) < 33 or sign in "\"<>\\^`{|}/'" for sign in key):
        refuse("@iot.id: a number, or a text without spaces and quotes")
    return key
