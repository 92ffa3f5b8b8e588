"""What subscribers are told: members of sets as they change, by topic (OGC 18-088 clause 14.3 to 14.6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ocapi.dataplane.context.entity import Entity
from ocapi.dataplane.context.history import Histories
from ocapi.dataplane.context.store import ENTITY, HISTORY, Change, Store, decoded
from ocapi.dataplane.sensorthings.catalog import Catalog, Record, observation_of, record_of
from ocapi.dataplane.sensorthings.model import DOCUMENT, RESULT, SETS, quoted
from ocapi.dataplane.sensorthings.options import Options
from ocapi.dataplane.sensorthings.reading import Reading
from ocapi.lib import codec
from ocapi.lib.mqtt import topics

VERSION = "v1.1"
_PREFIX = "urn:ocapi:sensorthings:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One subscription. text: its filter as sent. base: without the selection. members: shown.

    No members stand for all of them.
    """

    text: str
    qos: int
    base: str
    members: tuple[str, ...] = ()
    is_property: bool = False

    def topic_of(self, told: list[str]) -> str:
        """Give the topic to send on, among those of a record; empty when none is wanted."""
        if self.base != self.text:
            return self.text if self.base in told else ""
        return next((each for each in told if topics.matched(self.text, each) is not None), "")


def wanted_of(text: str, qos: int) -> Wanted | None:
    """Read a filter; None for one that is no filter of MQTT."""
    if not topics.is_filter(text):
        return None
    base, _, query = text.partition("?$select=")
    if query:
        return Wanted(text=text, qos=qos, base=base, members=tuple(query.split(",")))
    owner, _, last = text.rpartition("/")
    name = owner.removeprefix(f"{VERSION}/").partition("(")[0]
    if name in SETS and owner.endswith(")") and last in SETS[name].members():
        return Wanted(text=text, qos=qos, base=owner, members=(last,), is_property=True)
    return Wanted(text=text, qos=qos, base=text)


def records_of(change: Change) -> Iterator[Record]:
    """Give what a change says anew: a member of a set that was made or changed, an observation, or both."""
    name, _, key = change.id.removeprefix(_PREFIX).partition(":")
    if not change.id.startswith(_PREFIX) or name not in SETS:
        return
    if change.kind == HISTORY:
        for instance in decoded(change.payload).get("set", {}).get(RESULT, ()):
            yield observation_of(key, instance)
        return
    new, old = change.value, change.old
    if change.kind != ENTITY or not isinstance(new, Entity):
        return
    before: Any = old.attributes if isinstance(old, Entity) else {}
    if DOCUMENT in new.attributes and new.attributes[DOCUMENT] != before.get(DOCUMENT):
        yield record_of(SETS[name], new)
    if RESULT in new.attributes and new.attributes[RESULT] != before.get(RESULT):
        yield observation_of(key, new.attributes[RESULT][""])


def topics_of(record: Record) -> list[str]:
    """Give the topics of a record: as a member, in its set, and in the sets of what it belongs to."""
    found = [f"{VERSION}/{record.set.name}({quoted(record.key)})", f"{VERSION}/{record.set.name}"]
    for name, target in record.set.one.items():
        for way, (other, back) in SETS[target].many.items():
            if other == record.set.name and back == name and record.links.get(name):
                found.append(f"{VERSION}/{target}({quoted(str(record.links[name]))})/{way}")
    return found


async def payload_of(
    record: Record, wanted: Wanted, *, store: Store, histories: Histories, base: str
) -> bytes:
    """Write a record as a read of it would show it, or the members that are wanted. base: of the links."""
    reading = Reading(catalog=Catalog(store), histories=histories, base=base)
    options = Options(select=wanted.members) if wanted.members else Options()
    return codec.encode_json(await reading.shown(record, options))
