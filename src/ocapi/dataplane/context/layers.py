"""Attributes of entities as they were decoded: read when somebody asks, and saved as they are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ocapi.dataplane.context.entity import Entity, Instances
from ocapi.lib import batched

EMPTY: Mapping[str, Instances] = {}


class Frame:
    """What the entities of one type in one batch share. names: of attributes as sent; iris: of the same."""

    __slots__ = ("iris", "kind", "moments", "names", "now", "places", "types")

    def __init__(
        self, *, kind: str, types: tuple[str, ...], names: tuple[str, ...], iris: tuple[str, ...], now: str,
        moments: Mapping[str, str],
    ) -> None:
        self.kind, self.types, self.names, self.iris = kind, types, names, iris
        self.now, self.moments = now, moments
        self.places = {iri: f"a{place}" for place, iri in enumerate(iris)}


class Layer(Mapping[str, Instances]):
    """The attributes of an entity as they were decoded, upon those it has besides.

    sent: a Struct with one field for each IRI of the frame, named by its place.
    """

    __slots__ = ("below", "frame", "sent", "since")

    def __init__(
        self, sent: Any, frame: Frame, since: batched.Since, below: Mapping[str, Instances]
    ) -> None:
        self.sent, self.frame, self.since, self.below = sent, frame, since, below

    def __getitem__(self, name: str) -> Instances:
        frame = self.frame
        place = frame.places.get(name)
        if place is None:
            return self.below[name]
        held = msgspec.to_builtins(getattr(self.sent, place))
        if held["type"] == "GeoProperty":
            held["value"]["coordinates"] = list(held["value"]["coordinates"])
        since = batched.since_of(self.since, name)
        return {"": batched.instance(held, since=since, now=frame.now, moments=frame.moments)}

    def __iter__(self) -> Iterator[str]:
        yield from self.frame.iris
        yield from self.below

    def __len__(self) -> int:
        return len(self.frame.iris) + len(self.below)

    def __contains__(self, name: object) -> bool:
        return name in self.frame.places or name in self.below


def record(
    frames: Sequence[Frame], sent: object, made: Sequence[str], since: Sequence[batched.Since]
) -> dict[str, object]:
    """Give the record of entities in these frames, which are of one moment. sent: them, or their bytes."""
    return batched.entities(
        sent, now=frames[0].now, moments=frames[0].moments, made=made, since=since,
        names={name: iri for each in frames for name, iri in zip(each.names, each.iris, strict=True)},
        types={each.kind: each.types[0] for each in frames},
    )


def grouped(entities: Sequence[Entity]) -> tuple[list[dict[str, object]], list[Entity]]:
    """Give records of the entities that came in batches, and the others."""
    groups: dict[Frame, list[Entity]] = {}
    others: list[Entity] = []
    for each in entities:
        held = each.attributes
        if isinstance(held, Layer) and not held.below:
            groups.setdefault(held.frame, []).append(each)
        else:
            others.append(each)
    found = []
    for frame, several in groups.items():
        layers: list[Any] = [each.attributes for each in several]
        found.append(record(
            [frame], [each.sent for each in layers], [each.created_at for each in several],
            [each.since for each in layers],
        ))
    return found, others
