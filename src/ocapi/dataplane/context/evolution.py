"""Shows readings over time: normalized, simplified and aggregated (GS CIM 009 clauses 4.5.6 to 4.5.9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ocapi.dataplane.context import rendering
from ocapi.dataplane.context.attributes import written
from ocapi.dataplane.context.entity import Entity
from ocapi.dataplane.context.rendering import View
from ocapi.dataplane.context.vocabulary import Terms
from ocapi.lib import codec

METHODS = ("totalCount", "distinctCount", "sum", "avg", "min", "max", "stddev", "sumsq")
_SIMPLE = {
    "Property": "values",
    "GeoProperty": "values",
    "Relationship": "objects",
    "LanguageProperty": "languageMaps",
    "VocabProperty": "vocabs",
    "JsonProperty": "jsons",
    "ListProperty": "valueLists",
    "ListRelationship": "objectLists",
}
_OF_NUMBERS = frozenset({"sum", "avg", "stddev", "sumsq"})
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How readings are to be shown. methods: of aggregation, none for single readings. width: of a period."""

    terms: Terms
    is_simple: bool = False
    methods: tuple[str, ...] = ()
    attributes: frozenset[str] = frozenset()
    width: str = ""
    with_system: bool = False
    pick: frozenset[str] = frozenset()
    omit: frozenset[str] = frozenset()
    property: str = "observedAt"
    language: str = ""

    def view(self) -> View:
        """Give how heads and single instances are shown."""
        return View(
            terms=self.terms,
            with_system=self.with_system,
            pick=self.pick,
            omit=self.omit,
            language=self.language,
        )


def shown(heads: Sequence[Entity], rows: Sequence[Mapping[str, Any]], form: Form) -> list[dict[str, Any]]:
    """Give each entity with its readings, in the order of the heads."""
    view = form.view()
    found = {each.id: _head(each, view) for each in heads}
    for row in rows:
        name = form.terms.compact(row["attribute"])
        if not view.wants(name):
            continue
        instance = _decoded(row["instance"])
        if form.is_simple:
            _add_simple(found[row["entity"]], name, instance, row, form)
            continue
        one = rendering.instance_of(instance, view)
        one["instanceId"] = f"urn:ngsi-ld:instance:{row['sequence']}:{row['place']}"
        if form.property in ("modifiedAt", "createdAt"):
            one[form.property] = _written(row["moment"])
        found[row["entity"]].setdefault(name, []).append(one)
    return list(found.values())


def _add_simple(
    entity: dict[str, Any], name: str, instance: dict[str, Any], row: Mapping[str, Any], form: Form
) -> None:
    view = form.view()
    instance = rendering.in_language(instance, form.language)
    kind = instance["type"]
    held = entity.setdefault(name, {"type": kind, _SIMPLE[kind]: []})
    several = held if isinstance(held, list) else [held]
    dataset = instance.get("datasetId", "")
    target = next(
        (each for each in several if each.get("datasetId", "") == dataset and each["type"] == kind), None
    )
    if target is None or (dataset and "datasetId" not in target):
        target = {"type": kind, _SIMPLE[kind]: []}
        several = [each for each in several if each[_SIMPLE[each["type"]]]] + [target]
        entity[name] = several[0] if len(several) == 1 else several
    if dataset:
        target["datasetId"] = dataset
    target[_SIMPLE[kind]].append([rendering.shown_value(instance, view), _written(row["moment"])])


def aggregated(
    heads: Sequence[Entity], rows: Sequence[Mapping[str, Any]], form: Form
) -> list[dict[str, Any]]:
    """Give each entity with figures by period: `[value, start, end]` under each method."""
    view = form.view()
    found = {each.id: _head(each, view) for each in heads}
    for row in rows:
        name = form.terms.compact(row["attribute"])
        if not view.wants(name):
            continue
        held = found[row["entity"]].setdefault(name, {"type": row["kind"]})
        start = row["start"] if row["start"] is not None else row["first_at"]
        end = row["stop"] if row["stop"] is not None else row["last_at"]
        for method in form.methods:
            value = row[method]
            if value is None and method in ("min", "max"):
                value = row[f"{method}_text"]
            if value is None and method in _OF_NUMBERS:
                continue
            held.setdefault(method, []).append([value, _written(start), _written(end)])
    return list(found.values())


def types_of(row: Mapping[str, Any]) -> Sequence[str]:
    """Give the types an entity had at a reading."""
    types: list[str] = _decoded(row["types"])["types"]
    return types


def observed_at(row: Mapping[str, Any]) -> str:
    """Give when a reading was observed; empty when that was not said."""
    return str(_decoded(row["instance"]).get("observedAt", ""))


def content_range(rows: Sequence[Mapping[str, Any]]) -> str:
    """Give which part of the readings an answer holds."""
    moments = [row.get("moment") or row.get("start") or row.get("first_at") or 0 for row in rows]
    return f"DateTime {_written(min(moments))}-{_written(max(moments))}/*"


def _head(entity: Entity, view: View) -> dict[str, Any]:
    head = Entity(
        id=entity.id,
        types=entity.types,
        scopes=entity.scopes,
        created_at=entity.created_at,
        modified_at=entity.modified_at,
    )
    return rendering.show(head, view)


def _decoded(text: str) -> dict[str, Any]:
    found = codec.decode_untyped(text.encode(), max_bytes=16 << 20, max_depth=200, max_keys=1_000_000)
    assert isinstance(found, dict)
    return found


def _written(micros: int) -> str:
    return written(EPOCH + timedelta(microseconds=micros))
