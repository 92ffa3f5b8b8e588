"""Records of the log of entities that hold a batch as it arrived, and the single records they stand for.

A batch is written as its bytes were sent, with what they lack beside them: moments, IRIs and since when each
entity and attribute is there. So taking it in costs no work per attribute. Who reads the log expands it: each
entity becomes a record of the kind `put`, in the order of the batch; all have the sequence of the batch. An
array of readings of a datastream becomes a record of the kind `history` and a `put` of the newest.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from ocapi.lib.observed import DETAILS, RESULT

BATCH, ARRAY = "batch", "array"
Since: TypeAlias = str | Mapping[str, str]
"""Since when the attributes of an entity are there: one instant for all, or one for each IRI."""


def entities(
    sent: object, *, now: str, names: Mapping[str, str], types: Mapping[str, str], moments: Mapping[str, str],
    made: Sequence[str], since: Sequence[Since],
) -> dict[str, object]:
    """Give the record of a batch of entities.

    sent: a list of entities in normalized form, one instance per attribute, no member twice; perhaps its
    bytes, `Embedded`. names, types: IRIs by the names in it. moments: in UTC, of those written in another
    way. made, since: by entity.
    """
    return {
        "kind": BATCH, "at": now, "names": dict(names), "types": dict(types), "moments": dict(moments),
        "made": made, "since": since, "entities": sent,
    }


def expanded(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the records a record stands for: itself, unless it is a batch."""
    if record.get("kind") == BATCH:
        yield from _entities(record)
    elif record.get("kind") == ARRAY:
        yield from _readings(record)
    else:
        yield record


def _entities(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    now, names, types, moments = record["at"], record["names"], record["types"], record["moments"]
    for sent, made, since in zip(record["entities"], record["made"], record["since"], strict=True):
        keys = [key for key in sent if key not in ("id", "type")]
        yield {
            "kind": "put", "id": sent["id"], "types": [types[sent["type"]]], "scopes": [], "created": made,
            "modified": now, "gone": [], "set": {
                names[key]: {"": instance(
                    sent[key], since=since_of(since, names[key]), now=now, moments=moments
                )}
                for key in keys
            },
        }


def instance(sent: Mapping[str, Any], *, since: str, now: str, moments: Mapping[str, str]) -> dict[str, Any]:
    """Give an attribute as it is held: as it was sent, its moment in UTC, with since when it is there."""
    found = dict(sent)
    if "observedAt" in found:
        found["observedAt"] = moments.get(found["observedAt"], found["observedAt"])
    found["createdAt"], found["modifiedAt"] = since, now
    return found


def since_of(since: Since, iri: str) -> str:
    """Give since when one attribute is there."""
    return since if isinstance(since, str) else since[iri]


def readings(
    rows: object, *, entity: str, types: Sequence[str], scopes: Sequence[str], made: str, now: str,
    components: Sequence[str], links: Mapping[str, str], newest: int,
) -> dict[str, object]:
    """Give the record of readings of a datastream, which stands as `entity`.

    rows: a list of lists of the components; perhaps its bytes, `Embedded`. links: of each reading. newest:
    the place of the reading that is the present state, -1 for none.
    """
    return {
        "kind": ARRAY, "id": entity, "types": types, "scopes": scopes, "created": made, "at": now,
        "components": components, "links": links, "newest": newest, "rows": rows,
    }


def reading(row: Sequence[Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """Give one reading of an array as it is held."""
    said = dict(zip(record["components"], row, strict=True))
    result, observed, now = said.pop("result"), said["phenomenonTime"], record["at"]
    is_short = len(observed) == 20 and observed[-1] == "Z"
    return {
        "type": "Property", "value": result, "observedAt": observed if is_short else in_utc(observed),
        DETAILS: {"type": "JsonProperty", "json": {**said, "@links": record["links"]}},
        "createdAt": now, "modifiedAt": now,
    }


def in_utc(text: str) -> str:
    """Write an instant with its zone in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _readings(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    found = [reading(row, record) for row in record["rows"]]
    head = {"id": record["id"], "types": record["types"], "modified": record["at"]}
    last = found.pop(record["newest"]) if record["newest"] >= 0 else None
    if found:
        yield {**head, "kind": "history", "set": {RESULT: found}}
    if last is not None:
        yield {
            **head, "kind": "put", "scopes": record["scopes"], "created": record["created"], "gone": [],
            "set": {RESULT: {"": last}},
        }
