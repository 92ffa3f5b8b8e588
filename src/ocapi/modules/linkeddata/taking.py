"""From things of a register and members of a feed to what a service is filled with: named and checked."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from uuid import UUID, uuid5

from ocapi.lib.ldes.following import Received
from ocapi.modules.linkeddata import checking, profiles, reaching
from ocapi.modules.linkeddata.checking import Checked
from ocapi.modules.linkeddata.data import Json, ObjectRefused, RegisteredThing
from ocapi.modules.linkeddata.filling import Filling
from ocapi.modules.linkeddata.models import ServiceRow
from ocapi.modules.linkeddata.receiving import MemberRefused, thing_of


def uuid_of(*, service: UUID, key: str) -> UUID:
    """Give the uuid of a thing of a register; it follows from the key, so that loading again adds nothing."""
    return uuid5(service, key)


def checked(
    row: ServiceRow,
    body: Json,
    *,
    term: str,
    iri: str,
    beside: Mapping[str, frozenset[str]] = checking.NOTHING,
) -> Checked:
    """Give a body as an object of a service; raises ObjectRefused, ClassNotFound."""
    base = reaching.base()
    return checking.check(
        body,
        profile=profiles.of(row),
        term=term,
        iri=iri,
        base=base,
        context_iri=f"{base}{profiles.context_path(row.code)}",
        beside=beside,
    )


def registered(row: ServiceRow, things: Iterable[RegisteredThing]) -> list[Filling]:
    """Give things of a register checked, each knowing those before it; raises ObjectRefused, ClassNotFound."""
    taken, beside = list[Filling](), dict[str, frozenset[str]]()
    base = reaching.base()
    for each in things:
        prefix = f"{base}/id/{each.term}/"
        uuid = uuid_of(service=row.uuid, key=each.key)
        heirs = tuple(f"{prefix}{uuid_of(service=row.uuid, key=key)}" for key in each.replaced_by)
        made = _filling(
            row, each.body, each.term, uuid, f"{prefix}{uuid}", each.ended_on, heirs, beside=beside
        )
        beside[made.iri] = frozenset((made.class_iri,))
        taken.append(made)
    return taken


def followed(
    row: ServiceRow, members: Iterable[Received], refused: list[tuple[str, str]]
) -> Iterator[list[Filling] | str]:
    """Give members in order: those with content together, and the names of things to delete one by one.

    Members that can't be taken are added to refused, by name and reason.
    """
    ours = f"{reaching.base()}/"
    taken = list[Filling]()
    for each in members:
        try:
            if each.of.startswith(ours):
                raise MemberRefused("ownName")
            if each.is_deletion:
                yield taken
                taken = []
                yield each.of
            else:
                taken.append(_of_member(row, each))
        except (ObjectRefused, MemberRefused) as reason:
            refused.append((each.name, str(reason)))
    yield taken


def _of_member(row: ServiceRow, member: Received) -> Filling:
    thing = thing_of(member, profile=profiles.of(row))
    uuid = uuid_of(service=row.uuid, key=member.of)
    return _filling(row, thing.body, thing.term, uuid, member.of, thing.ended_on, thing.replaced_by)


def _filling(
    row: ServiceRow,
    body: Json,
    term: str,
    uuid: UUID,
    iri: str,
    ended_on: date | None,
    replaced_by: tuple[str, ...],
    *,
    beside: Mapping[str, frozenset[str]] = checking.NOTHING,
) -> Filling:
    found = checked(row, body, term=term, iri=iri, beside=beside)
    return Filling(
        term=term,
        class_iri=profiles.class_iri(profiles.of(row), term),
        uuid=uuid,
        iri=iri,
        checked=found,
        ended_on=ended_on,
        replaced_by=replaced_by,
    )
