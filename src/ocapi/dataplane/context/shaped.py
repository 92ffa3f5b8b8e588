"""Takes in batches of entities of known shape: typed by what their sender sent before, no look at members.

A sensor network sends the same types with the same attributes again and again. The second batch of a sender
is decoded into Structs made for what the first one held, whose bounds are checked while the bytes are read;
what is left is a look at each entity, at each distinct moment and at links that are new. The log keeps the
bytes. Whatever does not fit is left as a whole to `plain`, and by that to the general way: one judge, and the
same comes out on all ways (a test compares them).
"""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Annotated, Any, TypeAlias

import msgspec

from ocapi.dataplane.context import changes, layers, plain
from ocapi.dataplane.context.attributes import moment
from ocapi.dataplane.context.entity import NULL, Entity, Instances
from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.layers import EMPTY, Frame, Layer
from ocapi.dataplane.context.store import Change, Store, batch_change
from ocapi.dataplane.context.vocabulary import Terms, are_uris, is_uri
from ocapi.lib import batched, codec, seglog

MOST_TYPES = 8  # of one sender
MOST_ATTRIBUTES = 100  # of one shape
LARGEST = 8 << 20  # bytes of a batch
_EXACT = plain.EXACT
_Value: TypeAlias = (
    Annotated[int, msgspec.Meta(ge=-_EXACT, le=_EXACT)] | float | bool
    | Annotated[str, msgspec.Meta(pattern=f"^(?!{NULL}$)")]
)
_HALF, _QUARTER = msgspec.Meta(ge=-180, le=180), msgspec.Meta(ge=-90, le=90)
_East: TypeAlias = Annotated[int, _HALF] | Annotated[float, _HALF]
_North: TypeAlias = Annotated[int, _QUARTER] | Annotated[float, _QUARTER]


class _Sent(msgspec.Struct):
    id: str


def _of(name: str, tag: str, *fields: tuple[str, Any]) -> Any:
    return msgspec.defstruct(name, fields, tag_field="type", tag=tag, forbid_unknown_fields=True, gc=False)


_POINTS = (
    _of("Point", "Point", ("coordinates", tuple[_East, _North])),
    _of("PointUp", "Point", ("coordinates", tuple[_East, _North, int | float])),
)
_ATTRIBUTES: Mapping[str, tuple[Any, int]] = {
    "Property": (_of("Property", "Property", ("value", _Value)), 2),
    "Property at": (_of("PropertyAt", "Property", ("value", _Value), ("observedAt", str)), 3),
    "Property in": (_of("PropertyIn", "Property", ("value", _Value), ("unitCode", str)), 3),
    "Property at in": (
        _of("PropertyAtIn", "Property", ("value", _Value), ("observedAt", str), ("unitCode", str)), 4,
    ),
    "Relationship": (_of("Relationship", "Relationship", ("object", str)), 2),
    "Point": (_of("Place", "GeoProperty", ("value", _POINTS[0])), 4),
    "Point up": (_of("PlaceUp", "GeoProperty", ("value", _POINTS[1])), 4),
}
"""The kinds of attributes a shape may have: how each is decoded, and its members, those within it too."""


class Shape:
    """One type with its attributes. found: kinds of attributes by name, in the order they are sent."""

    __slots__ = ("found", "iris", "kind", "links", "members", "moments", "names", "struct", "terms", "types")

    def __init__(self, kind: str, found: Mapping[str, str]) -> None:
        self.kind, self.found = kind, dict(found)
        fields: list[tuple[str, Any]] = [("id", str)]
        fields += [(f"a{place}", _ATTRIBUTES[each][0]) for place, each in enumerate(found.values())]
        names = {f"a{place}": name for place, name in enumerate(found)}
        self.struct: Any = msgspec.defstruct(
            "Entity", fields, tag_field="type", tag=kind, rename=names, forbid_unknown_fields=True, gc=False
        )
        self.members = 2 + sum(1 + _ATTRIBUTES[each][1] for each in found.values())
        self.names = tuple(found)
        places = {f"a{place}": each for place, each in enumerate(found.values())}
        self.moments = [attrgetter(f"{each}.observedAt") for each in places if " at" in places[each]]
        self.links = [attrgetter(f"{each}.object") for each in places if places[each] == "Relationship"]
        self.terms: Terms | None = None
        self.iris: tuple[str, ...] = ()
        self.types: tuple[str, ...] = ()

    def named_by(self, terms: Terms) -> None:
        """Take over the IRIs of these terms; raises NotPlain for names of one attribute."""
        if terms is self.terms:
            return
        try:
            iris, types = tuple(map(terms.expand, self.names)), (terms.expand(self.kind),)
        except Refusal:
            raise plain.NotPlain from None
        if len(set(iris)) != len(iris):
            raise plain.NotPlain
        self.terms, self.iris, self.types = terms, iris, types


class Sender:
    """What one sender sent before; its next batches are read by it."""

    def __init__(self) -> None:
        self._shapes: dict[str, Shape] = {}
        self._by_struct: dict[type, Shape] = {}
        self._reader: codec.Reader[list[_Sent]] | None = None
        self._missed = 0

    def learn(self, sent: Sequence[plain.Sent]) -> None:
        """Remember the shapes of a batch that was not of a known one; less often when that goes on."""
        self._missed += 1
        if self._missed & (self._missed - 1) and self._missed % 64:
            return
        shapes = dict(self._shapes)
        for each in sent:
            kind, found = _described(each)
            if not kind or not found or len(found) > MOST_ATTRIBUTES:
                return
            if kind not in shapes or shapes[kind].found != found:
                if kind in shapes and shapes[kind] is not self._shapes.get(kind):
                    return  # two shapes of one type in one batch
                shapes.pop(kind, None)
                shapes[kind] = Shape(kind, found)
        self._shapes = dict(list(shapes.items())[-MOST_TYPES:])
        self._by_struct = {each.struct: each for each in self._shapes.values()}
        union: Any = None
        for struct in self._by_struct:
            union = struct if union is None else union | struct
        self._reader = codec.Reader(list[union])

    def read(self, raw: bytes) -> tuple[Sequence[Any], list[tuple[Shape, Sequence[Any]]]]:
        """Decode a batch; gives it, and by shape. Raises NotPlain, also for a member that stands twice."""
        if self._reader is None or len(raw) > LARGEST:
            raise plain.NotPlain
        try:
            found = self._reader.read(raw, max_bytes=LARGEST)
        except codec.MalformedInput:
            raise plain.NotPlain from None
        kinds = set(map(type, found))
        sent: list[tuple[Shape, Sequence[Any]]] = [
            (self._by_struct[kind],
             found if len(kinds) == 1 else [each for each in found if each.__class__ is kind])
            for kind in kinds
        ]
        members = sum(shape.members * len(several) for shape, several in sent)
        if members > plain.MOST_MEMBERS or raw.count(b'":') != members:
            raise plain.NotPlain
        self._missed = 0
        return found, sent


def change(
    raw: bytes, sender: Sender, *, store: Store, terms: Terms, now: str, is_whole: bool, most: int
) -> Change:
    """Give the change a batch asks for; is_whole: each entity replaces what was there. Raises NotPlain."""
    found, by_shape = sender.read(raw)
    if not 0 < len(found) <= most:
        raise plain.NotPlain
    for shape, _several in by_shape:
        shape.named_by(terms)
    moments = _moments(by_shape)
    _require_links(by_shape)
    names = [each.id for each in found]
    if len(set(names)) != len(names) or store.watched.holds_any(names):
        raise plain.NotPlain
    frames = {
        shape.struct: Frame(
            kind=shape.kind, types=shape.types, names=shape.names, iris=shape.iris, now=now, moments=moments
        )
        for shape, _several in by_shape
    }
    news: dict[str, Entity] = {}
    olds = store.newest_entities(names)
    made: list[str] = []
    since: list[batched.Since] = []
    for sent, name, old in zip(found, names, olds, strict=True):
        frame = frames[sent.__class__]
        first: batched.Since = now
        below = EMPTY
        if old is None:
            if not is_uri(name):
                raise plain.NotPlain
            created = now
        else:
            created = old.created_at
            first, below = _upon(old, frame, is_whole)
        made.append(created)
        since.append(first)
        news[name] = Entity(
            id=name, types=frame.types, created_at=created, modified_at=now,
            attributes=Layer(sent, frame, first, below),
        )
    payload = codec.encode_record(layers.record(list(frames.values()), codec.Embedded(raw), made, since))
    if len(payload) > seglog.MAX_PAYLOAD_BYTES:
        raise plain.NotPlain
    return batch_change(olds, news, payload)


def _upon(old: Entity, frame: Frame, is_whole: bool) -> tuple[batched.Since, Mapping[str, Instances]]:
    """Give since when the attributes are there, and what an entity has besides; raises NotPlain."""
    held = old.attributes
    if old.types != frame.types or old.scopes:
        raise plain.NotPlain
    if held.__class__ is Layer and held.frame.iris == frame.iris:  # type: ignore[attr-defined]
        first, below = held.since, held.below  # type: ignore[attr-defined]
    else:
        first, below = _beside(held, frame)
    if not is_whole:
        return first, below
    if below:
        raise plain.NotPlain
    return frame.now, below


def _beside(held: Mapping[str, Instances], frame: Frame) -> tuple[batched.Since, Mapping[str, Instances]]:
    first: dict[str, str] = {}
    for iri in frame.iris:
        instances = held.get(iri, {})
        if any(instances):
            raise plain.NotPlain  # more than one of an attribute
        first[iri] = instances[""].get("createdAt", frame.now) if instances else frame.now
    return first, {iri: each for iri, each in held.items() if iri not in frame.places}


def _moments(sent: Sequence[tuple[Shape, Sequence[Any]]]) -> dict[str, str]:
    """Give the moments that are written in another way than in UTC; raises NotPlain for what is none."""
    told: set[str] = set()
    for shape, several in sent:
        for observed_at in shape.moments:
            told.update(map(observed_at, several))
    try:
        return {each: at for each in told if (at := moment(each, "observedAt")) != each}
    except Refusal:
        raise plain.NotPlain from None


def _require_links(sent: Sequence[tuple[Shape, Sequence[Any]]]) -> None:
    for shape, several in sent:
        for link in shape.links:
            links = list(map(link, several))
            if NULL in links or not are_uris(links):
                raise plain.NotPlain


def _described(sent: plain.Sent) -> tuple[str, dict[str, str]]:
    """Give the type of a plain entity and the kinds of its attributes; nothing when it is not of a shape."""
    kind = sent.get("type")
    found = {}
    for name, each in sent.items():
        if name in ("id", "type"):
            continue
        described = plain.described(each)
        if not described or name in changes.HEAD:
            return "", {}
        found[name] = described
    return (kind, found) if isinstance(kind, str) else ("", {})
