"""Fills a service with many things at once: what is there is looked up together, and rows go in together.

Each version has its number and its fact, as when an object is written alone (`services`). One leaf tells of
all versions of a batch by their numbers, for they are one act; in a service about persons each has its own.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F

from ocapi.kernel.audit import api as audit
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, ids
from ocapi.lib.actor import Actor
from ocapi.modules.linkeddata import features, fragments
from ocapi.modules.linkeddata.checking import NO_PLACES, Checked
from ocapi.modules.linkeddata.data import Access, Change, Json
from ocapi.modules.linkeddata.events import ObjectChanged
from ocapi.modules.linkeddata.fragments import Numbered
from ocapi.modules.linkeddata.models import ObjectRow, PersonalContentRow, ServiceRow, VersionRow

_OBJECTS = tenants.Insert(
    ObjectRow,
    *("uuid", "service", "term", "class_iri", "iri", "title", "sequence", "is_deleted", "ended_on"),
    *("replaced_by", "changed_at"),
    ending=" RETURNING {t.id}",
)
_VERSIONS = tenants.Insert(
    VersionRow,
    *("uuid", "object", "service", "sequence", "number", "change", "content", "ended_on", "replaced_by"),
    "recorded_at",
)
_THERE = tenants.Statement("SELECT {o.id} FROM {o} WHERE {o.uuid} {among}", o=ObjectRow)
_RENEW = tenants.Statement(
    "UPDATE {o} SET {o.title} = %s, {o.sequence} = %s, {o.ended_on} = %s, {o.replaced_by} = %s,"
    " {o.changed_at} = %s WHERE {o.id} = %s",
    o=ObjectRow,
)


@dataclass(slots=True, kw_only=True)
class Filling:
    """A thing that was found to be what the profile asks, with its name and how it ended."""

    term: str
    class_iri: str
    uuid: UUID
    iri: str
    checked: Checked
    ended_on: date | None
    replaced_by: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class _Held:
    """An object with the versions it gets: changes. row: as it is now; None for a new one, whose id comes."""

    thing: Filling
    row: ObjectRow | None
    changes: tuple[Change, ...]
    id: int = 0

    def version(self, place: int) -> tuple[int, date | None, tuple[str, ...]]:
        """Give sequence, end and heirs of one of its versions, 0 first."""
        row, thing = self.row, self.thing
        sequence = (row.sequence if row else 0) + place + 1
        if self.changes[place] is Change.ENDED:
            return sequence, thing.ended_on, thing.replaced_by
        return sequence, row.ended_on if row else None, tuple(row.replaced_by) if row else ()

    def newest(self) -> tuple[int, date | None, tuple[str, ...]]:
        """Give sequence, end and heirs as they will be."""
        return self.version(len(self.changes) - 1)


def fill(
    service: ServiceRow, things: Sequence[Filling], *, operation: str, actor: Actor, now: datetime
) -> int:
    """Make, renew or end the objects of these things; gives how many changed. The service is locked.

    A thing that comes twice is brought up to date twice. Emits ObjectChanged for each version.
    """
    changed, batch = 0, dict[UUID, Filling]()
    for thing in things:
        if thing.uuid in batch:
            changed += _fill(service, batch, operation=operation, actor=actor, now=now)
            batch = {}
        batch[thing.uuid] = thing
    return changed + _fill(service, batch, operation=operation, actor=actor, now=now)


def _fill(
    service: ServiceRow, things: Mapping[UUID, Filling], *, operation: str, actor: Actor, now: datetime
) -> int:
    held = [each for each in _held(things) if each.changes]
    if not held:
        return 0
    new = [each for each in held if each.row is None]
    _make(service, new, now=now)
    for each in held:
        if each.row is not None:
            sequence, ended_on, heirs = each.newest()
            title = _title(service, each.thing)
            _RENEW.later(title, sequence, ended_on, _json(heirs), now, each.id)
    first = service.last_number + 1
    _add_versions(service, held, now=now)
    if service.access != Access.PERSONAL:
        _keep_features(service, held, now=now)
    facts, code = [], service.code
    for each in held:
        thing, before = each.thing, each.row.sequence if each.row else 0
        for place, change in enumerate(each.changes, start=1):
            fact = ObjectChanged(
                service=code,
                object_class=thing.class_iri,
                iri=thing.iri,
                version=before + place,
                change=change.value,
            )
            facts.append(fact)
    outbox.publish_all(facts, actor=actor, now=now)
    _tell(service, held, first=first, operation=operation, actor=actor, now=now)
    return len(held)


def _held(things: Mapping[UUID, Filling]) -> Iterator[_Held]:
    """Give each thing with the object that it is, when there is one, and what is new about it."""
    found = [row for (row,) in _THERE.rows(list(things))] if things else []
    rows = {each.uuid: each for each in ObjectRow.objects.filter(id__in=found)} if found else {}
    said = VersionRow.objects.filter(object__in=found, sequence=F("object__sequence"))
    contents = {
        row: None if profile else content  # of an earlier version of the profile: said anew
        for row, content, profile in (said.values_list("object", "content", "profile") if found else ())
    }
    for uuid, thing in things.items():
        row = rows.get(uuid)
        changes = []
        if row is None:
            changes.append(Change.CREATED)
        elif not row.is_deleted and contents.get(row.id) != thing.checked.content:
            changes.append(Change.REPLACED)
        is_there = row is None or (row.ended_on is None and not row.is_deleted)
        if thing.ended_on and is_there:
            changes.append(Change.ENDED)
        yield _Held(thing=thing, row=row, changes=tuple(changes), id=row.id if row else 0)


def _make(service: ServiceRow, new: list[_Held], *, now: datetime) -> None:
    """Keep new objects as they are after their last version, and note their ids."""
    rows, of = [], service.id
    for each in new:
        thing, (sequence, ended_on, heirs) = each.thing, each.newest()
        named = (thing.uuid, of, thing.term, thing.class_iri, thing.iri, _title(service, thing))
        rows.append((*named, sequence, False, ended_on, _json(heirs), now))
    given = sorted(row for (row,) in _OBJECTS.many(rows))  # they are given in the order of the rows
    for each, row in zip(new, given, strict=True):
        each.id = row


def _add_versions(service: ServiceRow, held: list[_Held], *, now: datetime) -> None:
    is_personal = service.access == Access.PERSONAL
    recorded_at = max(now, service.last_at or now)  # a feed never gets a version older than its newest
    rows, said, taken = [], list[tuple[UUID, Json]](), list[Numbered]()
    number, of = service.last_number, service.id
    uuids = iter(ids.new_uuids(now, sum(len(each.changes) for each in held)))
    for each in held:
        checked = each.thing.checked
        text = None if is_personal else checked.text or json.dumps(checked.content)
        for place, change in enumerate(each.changes):
            sequence, ended_on, heirs = each.version(place)
            uuid, number = next(uuids), number + 1
            at = (uuid, each.id, of, sequence, number)
            rows.append((*at, change.value, text, ended_on, _json(heirs), recorded_at))
            said.append((uuid, checked.content))
            taken.append(Numbered(number, each.thing.uuid, each.thing.term))
    _VERSIONS.run(rows)
    service.last_number, service.last_at = service.last_number + len(rows), recorded_at
    service.save(update_fields=("last_number", "last_at"))
    if not is_personal:
        fragments.take(service, taken, now=now)
    else:
        kept = dict(VersionRow.objects.filter(uuid__in=[each for each, _ in said]).values_list("uuid", "id"))
        PersonalContentRow.objects.bulk_create(
            PersonalContentRow(uuid=ids.new_uuid(now), version_id=kept[each], content=content)
            for each, content in said
        )


def _keep_features(service: ServiceRow, held: list[_Held], *, now: datetime) -> None:
    placed = []
    for each in held:
        thing = each.thing
        if thing.checked.graph is not NO_PLACES:
            sequence, ended_on, heirs = each.newest()
            row = ObjectRow(id=each.id, uuid=thing.uuid, service=service, term=thing.term, iri=thing.iri)
            row.title, row.sequence, row.ended_on = thing.checked.title, sequence, ended_on
            placed.append((row, thing.checked.content, thing.checked.graph))
    renewed = [each.id for each in held if each.row is not None]
    features.keep_all(service, placed, renewed=renewed)


def _tell(
    service: ServiceRow, held: list[_Held], *, first: int, operation: str, actor: Actor, now: datetime
) -> None:
    """Write the leaf of a batch, which names its versions; about persons a leaf for each version."""
    if service.access != Access.PERSONAL:
        audit.changed(
            actor=actor,
            operation=operation,
            resource=f"linkedService/{service.uuid}",
            now=now,
            fields=("content",),
            reference=f"versions {first}-{service.last_number}",
            outcome="filled",
        )
        return
    for each in held:
        for change in each.changes:
            audit.changed(
                actor=actor,
                operation=operation,
                resource=f"linkedObject/{each.thing.uuid}",
                now=now,
                fields=("content",),
                outcome=change.value,
            )


def _title(service: ServiceRow, thing: Filling) -> str:
    return "" if service.access == Access.PERSONAL else thing.checked.title


def _json(heirs: tuple[str, ...]) -> str:
    return codec.encode_json(list(heirs)).decode() if heirs else "[]"
