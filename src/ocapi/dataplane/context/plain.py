"""Takes in batches of plain entities quickly: typed from the bytes, without a look at each member in Python.

Plain is what sensors send: an id, one type, and attributes in normalized form with one instance each: a
Property of one number, text or truth, a Relationship to one object, a GeoProperty of a point. Whatever is
not plain, or not right, is left as a whole to the general way of `changes`, which also says what is wrong:
so there is one judge. What comes out is the same on both ways (a test compares them).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, TypeAlias

import msgspec

from ocapi.dataplane.context import changes
from ocapi.dataplane.context.attributes import moment
from ocapi.dataplane.context.entity import NULL, Entity, Instances
from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.store import ENTITY, Change
from ocapi.dataplane.context.vocabulary import Terms, is_uri
from ocapi.lib import codec

EXACT = 2**53  # beyond it readers of JSON disagree about a whole number
MOST_MEMBERS = 500_000


class _Property(
    msgspec.Struct, tag_field="type", tag="Property", forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    value: bool | int | float | str
    observedAt: str = ""  # noqa: N815 - the names of the log: what was decoded is what is written
    unitCode: str = ""  # noqa: N815
    createdAt: str = ""  # noqa: N815
    modifiedAt: str = ""  # noqa: N815


class _Relationship(
    msgspec.Struct, tag_field="type", tag="Relationship", forbid_unknown_fields=True, omit_defaults=True,
    gc=False,
):
    object: str
    createdAt: str = ""  # noqa: N815
    modifiedAt: str = ""  # noqa: N815


class _Point(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["Point"]
    coordinates: Annotated[list[int | float], msgspec.Meta(min_length=2, max_length=3)]


class _GeoProperty(
    msgspec.Struct, tag_field="type", tag="GeoProperty", forbid_unknown_fields=True, omit_defaults=True
):
    value: _Point
    createdAt: str = ""  # noqa: N815
    modifiedAt: str = ""  # noqa: N815


_Attribute: TypeAlias = _Property | _Relationship | _GeoProperty
Sent: TypeAlias = dict[str, str | _Attribute]


class Held(Mapping[str, Instances]):
    """The attributes of a plain entity as they were decoded; made into instances when somebody reads them."""

    __slots__ = ("_instances", "plain")

    def __init__(self, plain: dict[str, _Attribute]) -> None:
        self.plain = plain
        self._instances: dict[str, Instances] | None = None

    def __getitem__(self, name: str) -> Instances:
        if self._instances is None:
            self._instances = {iri: {"": msgspec.to_builtins(each)} for iri, each in self.plain.items()}
        return self._instances[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.plain)

    def __len__(self) -> int:
        return len(self.plain)


def described(sent: str | _Attribute) -> str:
    """Give the kind of an attribute as `shaped` names it; empty for a text."""
    if isinstance(sent, _Property):
        return "Property" + " at" * (sent.observedAt != "") + " in" * (sent.unitCode != "")
    if isinstance(sent, _GeoProperty):
        return "Point" if len(sent.value.coordinates) == 2 else "Point up"
    return "Relationship" if isinstance(sent, _Relationship) else ""


class NotPlain(Exception):
    """The general way is to take this batch."""


def read(raw: bytes, *, limit: int) -> list[Sent]:
    """Read a batch of plain entities; raises NotPlain, also for a member that stands twice."""
    try:
        found = codec.decode_json(raw, list[Sent], max_bytes=limit)
    except codec.MalformedInput:
        raise NotPlain from None
    if b"\\u0000" in raw:
        raise NotPlain
    members = 0
    for each in found:
        members += len(each)
        for one in each.values():
            if one.__class__ is _Property:
                members += 2 + (one.observedAt != "") + (one.unitCode != "")  # type: ignore[union-attr]
            elif one.__class__ is not str:
                members += 2 if one.__class__ is _Relationship else 4
    if members > MOST_MEMBERS or raw.count(b'":') != members:
        raise NotPlain
    return found


class Upserting:
    """The entities of one batch, worked out one by one. is_whole: each replaces what was there."""

    def __init__(self, *, terms: Terms, now: str, is_whole: bool) -> None:
        self._terms, self._now, self._is_whole = terms, now, is_whole
        self._names: dict[str, str] = {}
        self._types: dict[str, tuple[str, ...]] = {}
        self._moments: dict[str, str] = {}

    def change(self, sent: Sent, old: Entity | None) -> Change:
        """Give the change an entity asks for; raises NotPlain."""
        name, kind, now = sent.pop("id", None), sent.pop("type", None), self._now
        if not isinstance(name, str) or not isinstance(kind, str) or (old is None and not is_uri(name)):
            raise NotPlain
        made: dict[str, _Attribute] = {}
        for key, each in sent.items():
            if each.__class__ is _Property:
                value, at = each.value, each.observedAt  # type: ignore[union-attr]
                if value == NULL or (value.__class__ is int and not -EXACT <= value <= EXACT):
                    raise NotPlain
                if at:
                    each.observedAt = self._moments.get(at) or self._moment(at)  # type: ignore[union-attr]
            else:
                _require_sound(each)
            each.createdAt = each.modifiedAt = now  # type: ignore[union-attr]
            made[self._names.get(key) or self._name(key)] = each  # type: ignore[assignment]
        if len(made) != len(sent) or len(made) > changes.MOST_ATTRIBUTES:
            raise NotPlain  # two names of one attribute
        types = self._types.get(kind) or self._kinds(kind)
        if old is None:
            return self._record(name, types, None, made, Held(made))
        if self._is_whole:
            gone = [(iri, key) for iri, held in old.attributes.items() for key in held
                    if iri not in made or key]
            return self._record(name, types, old, made, Held(made), gone=gone)
        types = old.types if types[0] in old.types else (*old.types, *types)
        return self._record(name, types, old, made, _together(old.attributes, made), scopes=old.scopes)

    def _record(
        self, name: str, types: tuple[str, ...], old: Entity | None, made: dict[str, _Attribute],
        attributes: Mapping[str, Instances], *, scopes: tuple[str, ...] = (),
        gone: Sequence[tuple[str, str]] = (),
    ) -> Change:
        created = old.created_at if old is not None else self._now
        record: dict[str, object] = {
            "kind": "put", "id": name, "types": types, "scopes": scopes, "created": created,
            "modified": self._now, "set": {iri: {"": each} for iri, each in made.items()}, "gone": gone,
        }
        new = Entity(
            id=name, types=types, created_at=created, modified_at=self._now, scopes=scopes,
            attributes=attributes,
        )
        return Change(ENTITY, name, old, new, codec.encode_record(record))

    def _name(self, key: str) -> str:
        if key in changes.HEAD:
            raise NotPlain
        try:
            self._names[key] = self._terms.expand(key)
        except Refusal:
            raise NotPlain from None
        return self._names[key]

    def _kinds(self, kind: str) -> tuple[str, ...]:
        try:
            self._types[kind] = (self._terms.expand(kind),)
        except Refusal:
            raise NotPlain from None
        return self._types[kind]

    def _moment(self, at: str) -> str:
        try:
            self._moments[at] = moment(at, "observedAt")
        except Refusal:
            raise NotPlain from None
        return self._moments[at]


def _together(
    before: Mapping[str, Instances], made: dict[str, _Attribute]
) -> Mapping[str, Instances]:
    """Give what an entity has after attributes were added to it; each keeps when it was first made."""
    if isinstance(before, Held):
        held = before.plain
        for iri, each in made.items():
            if iri in held:
                each.createdAt = held[iri].createdAt
        return Held(made if held.keys() <= made.keys() else {**held, **made})
    found = dict(before)
    for iri, each in made.items():
        instances = before.get(iri, {})
        if "" in instances:
            each.createdAt = instances[""].get("createdAt", each.createdAt)
        found[iri] = {**instances, "": msgspec.to_builtins(each)}
    return found


def _require_sound(each: str | _Attribute) -> None:
    if isinstance(each, _Relationship):
        if is_uri(each.object) and each.object != NULL:
            return
    elif isinstance(each, _GeoProperty):
        place = each.value.coordinates
        if -180 <= place[0] <= 180 and -90 <= place[1] <= 90:
            return
    raise NotPlain
