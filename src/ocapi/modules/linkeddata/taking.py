"""From things of a register and members of a feed to what a service is filled with: named and checked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID, uuid5

from ocapi.lib.ldes.following import Received
from ocapi.modules.linkeddata import checking, profiles, queries, reaching
from ocapi.modules.linkeddata.checking import Rules
from ocapi.modules.linkeddata.data import ClassNotFound, Json, ObjectRefused, RegisteredThing
from ocapi.modules.linkeddata.filling import Filling
from ocapi.modules.linkeddata.models import ServiceRow
from ocapi.modules.linkeddata.receiving import MemberRefused, thing_of

LONGEST_IRI = 400  # characters, as a name is kept


def uuid_of(*, service: UUID, key: str) -> UUID:
    """Give the uuid of a thing of a register; it follows from the key, so that loading again adds nothing."""
    return uuid5(service, key)


def rules_of(row: ServiceRow) -> Rules:
    """Give what the objects of a service are checked by."""
    base = reaching.base()
    return Rules(profiles.of(row), base, f"{base}{profiles.context_path(row.code)}")


def registered(
    row: ServiceRow, things: Iterable[RegisteredThing], refused: list[tuple[str, str]]
) -> list[Filling]:
    """Give things of a register checked, each knowing those before it.

    What is not what the profile asks is added to refused, by key and reason.
    """
    taken, beside, rules = list[Filling](), dict[str, frozenset[str]](), rules_of(row)
    kinds = {each.iri: frozenset((each.iri,)) for each in rules.profile.classes}
    for each in things:
        prefix = f"{rules.base}/id/{each.term}/"
        uuid = uuid_of(service=row.uuid, key=each.key)
        heirs = each.replaced_by and tuple(
            f"{prefix}{uuid_of(service=row.uuid, key=key)}" for key in each.replaced_by
        )
        try:
            made = _filling(
                rules, each.body, each.term, uuid, f"{prefix}{uuid}", each.ended_on, heirs, beside=beside
            )
        except ClassNotFound:
            refused.append((each.key, f"classUnknown {each.term}"))
        except ObjectRefused as reason:
            refused.append((each.key, str(reason)))
        else:
            beside[made.iri] = kinds[made.class_iri]
            taken.append(made)
    return taken


def followed(
    row: ServiceRow, members: Sequence[Received], refused: list[tuple[str, str]]
) -> Iterator[list[Filling] | str]:
    """Give members in order: those with content together, and the names of things to delete one by one.

    Members that can't be taken are added to refused, by name and reason; also those of a thing that another
    service has already, for a name leads to one object.
    """
    rules, taken = rules_of(row), list[Filling]()
    elsewhere = queries.kept_elsewhere(row, [each.of for each in members])
    for each in members:
        try:
            if each.of.startswith(f"{rules.base}/"):
                raise MemberRefused("ownName")
            if len(each.of) > LONGEST_IRI:
                raise MemberRefused("nameTooLong")
            if each.of in elsewhere:
                raise MemberRefused("knownElsewhere")
            if each.is_deletion:
                yield taken
                taken = []
                yield each.of
            else:
                taken.append(_of_member(row, rules, each))
        except (ObjectRefused, MemberRefused) as reason:
            refused.append((each.name, str(reason)))
    yield taken


def _of_member(row: ServiceRow, rules: Rules, member: Received) -> Filling:
    thing = thing_of(member, profile=rules.profile)
    uuid = uuid_of(service=row.uuid, key=member.of)
    return _filling(rules, thing.body, thing.term, uuid, member.of, thing.ended_on, thing.replaced_by)


def _filling(
    rules: Rules,
    body: Json,
    term: str,
    uuid: UUID,
    iri: str,
    ended_on: date | None,
    replaced_by: tuple[str, ...],
    *,
    beside: Mapping[str, frozenset[str]] = checking.NOTHING,
) -> Filling:
    found = checking.check(body, rules, term=term, iri=iri, beside=beside)
    return Filling(
        term=term,
        class_iri=profiles.class_iri(rules.profile, term),
        uuid=uuid,
        iri=iri,
        checked=found,
        ended_on=ended_on,
        replaced_by=replaced_by,
    )
