"""Readings the inventory of an organization watches: judged by its rules, with flags that stay with them.

A watched attribute of an entity gets a sub-attribute `qualityFlags` (a JsonProperty, ETSI GS CIM 009 clause
4.5.24) with the elements SensorThings shows as `resultQuality`. It is ours alone: what a sender writes there
is replaced.
The result of a datastream is judged where observations are made; here are its rules.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ocapi.dataplane.context.entity import Entity, Instance, Instances, with_attributes
from ocapi.lib import quality
from ocapi.lib.observed import DATASTREAMS, FLAGS
from ocapi.lib.quality import Rules
from ocapi.lib.snapshot import Stream


class Watched:
    """What is watched of one organization. since: from when values are the same, as we saw them."""

    def __init__(
        self, streams: tuple[Stream, ...] = (), *, since: dict[tuple[str, str, str], datetime] | None = None
    ) -> None:
        self.streams = streams
        self._rules: dict[str, dict[str, Rules]] = {}
        self.since = {} if since is None else since
        for each in streams:
            rules, _problem = quality.sound_rules(dict(each.rules))
            if each.datastream:
                self._rules[f"{DATASTREAMS}{each.datastream}"] = {"": rules}
            elif each.entity:
                self._rules.setdefault(each.entity, {})[each.attribute] = rules

    def rules_of_datastream(self, entity: str) -> Rules:
        """Give the rules of a datastream by the id of its entity; none when it is not watched."""
        return self._rules.get(entity, {}).get("", Rules())

    def holds(self, entity: str) -> bool:
        """Tell whether attributes of an entity are watched."""
        return entity in self._rules and not entity.startswith(DATASTREAMS)

    def holds_any(self, entities: Iterable[str]) -> bool:
        """Tell whether attributes of one of these entities are watched."""
        return any(map(self.holds, entities)) if self._rules else False

    def judged(self, old: Entity | None, new: Entity, *, now: datetime) -> Entity:
        """Give an entity with flags at the watched attributes that changed."""
        attributes = dict(new.attributes)
        for iri, rules in self._rules[new.id].items():
            held: Instances = {}
            before = old.attributes.get(iri, {}) if old is not None else {}
            for key, instance in new.attributes.get(iri, {}).items():
                is_same = before.get(key) == instance
                place = (new.id, iri, key)
                held[key] = (
                    instance if is_same else self._flagged(place, instance, before.get(key), rules, now)
                )
            if held:
                attributes[iri] = held
        return with_attributes(new, attributes)

    def judged_history(self, entity: str, held: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
        """Give readings that are added to the history with the flags each has by itself."""
        found = dict(held)
        for iri, rules in self._rules[entity].items():
            if iri in found:
                found[iri] = [_with_flags(each, _of_itself(each, rules, now)) for each in found[iri]]
        return found

    def _flagged(
        self, place: tuple[str, str, str], instance: Instance, before: Instance | None, rules: Rules,
        now: datetime,
    ) -> Instance:
        if instance.get("type") != "Property":
            return instance
        known = None
        if before is not None and before.get("type") == "Property":
            at = _moment(before, now)
            known = quality.Known(value=before["value"], at=at, same_since=self.since.get(place, at))
        verdict = quality.judge(
            instance["value"], at=_moment(instance, now), rules=rules, known=known, now=now, is_number=True
        )
        self.since[place] = verdict.same_since
        return _with_flags(instance, verdict.remarks)


def merged(own: Rules, of_inventory: Rules) -> Rules:
    """Give the rules of a datastream: what the inventory says, and its own where that says nothing."""
    def chosen(name: str) -> float | None:
        said: float | None = getattr(of_inventory, name)
        kept: float | None = getattr(own, name)
        return kept if said is None else said

    return Rules(
        minimum=chosen("minimum"), maximum=chosen("maximum"), change_per_second=chosen("change_per_second"),
        flat_after_seconds=chosen("flat_after_seconds"), gap_after_seconds=chosen("gap_after_seconds"),
    )


def _of_itself(instance: Instance, rules: Rules, now: datetime) -> tuple[quality.Remark, ...]:
    if instance.get("type") != "Property":
        return ()
    at = _moment(instance, now)
    return quality.judge(
        instance["value"], at=at, rules=rules, known=None, now=now, is_number=True
    ).remarks


def _with_flags(instance: Instance, remarks: Iterable[quality.Remark]) -> Instance:
    found = {name: each for name, each in instance.items() if name != FLAGS}
    flags = [each.as_content() for each in remarks]
    if flags:
        found[FLAGS] = {"type": "JsonProperty", "json": flags}
    return found


def _moment(instance: Instance, now: datetime) -> datetime:
    said = instance.get("observedAt") or instance.get("modifiedAt")
    return datetime.fromisoformat(str(said)) if said else now
