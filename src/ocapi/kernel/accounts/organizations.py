"""Organizations, their identifiers with validity, and what an old identifier stands for after a merger."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.accounts.data import (
    Identifier,
    Organization,
    OrganizationKind,
    OrganizationStatus,
    OverlappingIdentifier,
    OwnerKind,
    Resolution,
    ResolutionStatus,
    UnknownIdentifier,
    UnknownOrganization,
)
from ocapi.kernel.accounts.models import ChangeEventPartyRow, IdentifierRow, OrganizationRow
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Change
from ocapi.kernel.tenants.extensions import hand_on
from ocapi.lib import ids
from ocapi.lib.actor import Actor

NAME = "name"


def check_no_overlap(existing: Iterable[Identifier], added: Identifier) -> None:
    """Raise OverlappingIdentifier when `added` shares a day with an existing row of its scheme and language."""
    for held in existing:
        if (held.scheme, held.language) == (added.scheme, added.language) and held.period.overlaps(
            added.period
        ):
            raise OverlappingIdentifier(scheme=added.scheme, existing=held.period, added=added.period)


def create(
    *,
    kind: OrganizationKind,
    identifiers: Iterable[Identifier],
    uuid: UUID | None,
    key: str,
    actor: Actor,
    now: datetime,
) -> Organization:
    """Create an organization with its identifiers; the tenant itself gets the tenant's own uuid."""
    with transaction.atomic():
        row = OrganizationRow.objects.create(
            uuid=uuid or ids.new_uuid(now),
            key=key or None,
            kind=kind.value,
            status=OrganizationStatus.ACTIVE.value,
            created_at=now,
        )
        for identifier in identifiers:
            _write_identifier(OwnerKind.ORGANIZATION, row.uuid, identifier, now=now)
        _changed("created", row.uuid, actor=actor, now=now)
    return get(row.uuid, on=now.date())


def add_identifier(
    *, kind: OwnerKind, owner: UUID, identifier: Identifier, actor: Actor, now: datetime
) -> None:
    """Give a person or organization an identifier; the same row again changes nothing."""
    with transaction.atomic():
        if _write_identifier(kind, owner, identifier, now=now):
            _changed("identified", owner, actor=actor, now=now)


def _write_identifier(kind: OwnerKind, owner: UUID, identifier: Identifier, *, now: datetime) -> bool:
    rows = IdentifierRow.objects.select_for_update().filter(
        owner_kind=kind.value, owner=owner, scheme=identifier.scheme
    )
    existing = [to_identifier(row) for row in rows]
    if any((held.value, held.period) == (identifier.value, identifier.period) for held in existing):
        return False
    check_no_overlap(existing, identifier)
    IdentifierRow.objects.create(
        uuid=ids.new_uuid(now),
        owner_kind=kind.value,
        owner=owner,
        scheme=identifier.scheme,
        value=identifier.value,
        language=identifier.language,
        valid_from=identifier.valid_from,
        valid_to=identifier.valid_to,
        source=identifier.source,
        edition=identifier.edition,
    )
    return True


def identifiers_of(*, kind: OwnerKind, owner: UUID) -> tuple[Identifier, ...]:
    """Give every identifier of a person or organization, by scheme, oldest first."""
    rows = IdentifierRow.objects.filter(owner_kind=kind.value, owner=owner).order_by(
        "scheme", "valid_from", "id"
    )
    return tuple(to_identifier(row) for row in rows)


def get(organization: UUID, *, on: date) -> Organization:
    """Give an organization with the name of that day, or raise UnknownOrganization."""
    found = get_many([organization], on=on)
    if organization not in found:
        raise UnknownOrganization(str(organization))
    return found[organization]


def get_many(organizations: Iterable[UUID], *, on: date) -> dict[UUID, Organization]:
    """Give the known ones among these organizations, by uuid, with the names of that day."""
    rows = list(OrganizationRow.objects.filter(uuid__in=set(organizations)))
    names = _names([row.uuid for row in rows], on=on)
    return {row.uuid: to_data(row, names.get(row.uuid, "")) for row in rows}


def own(*, on: date) -> Organization | None:
    """Find the row that stands for the bound organization itself: it has the tenant's uuid."""
    return get_many([tenants.current().uuid], on=on).get(tenants.current().uuid)


def find_by_key(key: str, *, on: date) -> Organization | None:
    """Find an organization by its key in the register, or None."""
    row = OrganizationRow.objects.filter(key=key).first()
    return None if row is None else get(row.uuid, on=on)


def find_by_code(code: str, *, on: date) -> Organization | None:
    """Find the organization that has this KBO, OVO or NIS code on that day, or None; municipality first."""
    owners = IdentifierRow.objects.filter(
        owner_kind=OwnerKind.ORGANIZATION.value, scheme__in=("kbo", "ovo", "nis"), value=code
    )
    found = get_many([row.owner for row in owners if to_identifier(row).period.holds(on)], on=on)
    return min(found.values(), key=_municipality_first, default=None)


def resolve(*, scheme: str, value: str, on: date, kind: OrganizationKind | None = None) -> Resolution:
    """Tell what an identifier stands for on a day, through mergers and renumbering.

    A NIS code names an area, so a municipality and its OCMW share it: without `kind` the municipality
    answers.
    """
    rows = list(
        IdentifierRow.objects.filter(
            owner_kind=OwnerKind.ORGANIZATION.value, scheme=scheme, value=value
        ).order_by("id")
    )
    owners = get_many([row.owner for row in rows], on=on)
    candidates = [
        (to_identifier(row), owners[row.owner])
        for row in rows
        if row.owner in owners and (kind is None or owners[row.owner].kind is kind)
    ]
    if not candidates:
        raise UnknownIdentifier(scheme)
    identifier, organization = min(
        candidates,
        key=lambda found: (
            not found[0].period.holds(on),
            _municipality_first(found[1]),
            -(found[0].valid_to or date.max).toordinal(),
        ),
    )
    return _resolution(identifier, organization, on=on)


def _resolution(identifier: Identifier, organization: Organization, *, on: date) -> Resolution:
    current = _current_value(organization.uuid, identifier, on=on)
    if identifier.period.holds(on):
        return Resolution(organization=organization, status=ResolutionStatus.CURRENT, current_value=current)
    if identifier.valid_from is not None and on < identifier.valid_from:
        return Resolution(organization=organization, status=ResolutionStatus.FUTURE, current_value=current)
    heirs = successors(organization.uuid, on=on)
    if current and not heirs:
        return Resolution(
            organization=organization, status=ResolutionStatus.RENUMBERED, current_value=current
        )
    return Resolution(
        organization=organization,
        status=ResolutionStatus.ENDED,
        replaced_by=tuple(sorted(get_many(heirs, on=on).values(), key=lambda heir: heir.name)),
    )


def _current_value(owner: UUID, identifier: Identifier, *, on: date) -> str:
    of_scheme = IdentifierRow.objects.filter(
        owner_kind=OwnerKind.ORGANIZATION.value,
        owner=owner,
        scheme=identifier.scheme,
        language=identifier.language,
    )
    return next((row.value for row in of_scheme if to_identifier(row).period.holds(on)), "")


def successors(organization: UUID, *, on: date) -> tuple[UUID, ...]:
    """Give who took over an organization that ended on or before a day, through later mergers.

    Empty when none.
    """
    ends: dict[UUID, frozenset[UUID]] = {}
    parties = ChangeEventPartyRow.objects.filter(event__on__lte=on).select_related("event", "organization")
    by_event: dict[int, list[ChangeEventPartyRow]] = {}
    for party in parties:
        by_event.setdefault(party.event_id, []).append(party)
    for members in by_event.values():
        results = frozenset(party.organization.uuid for party in members if party.is_result)
        for party in members:
            if party.is_original and not party.is_result:
                ends[party.organization.uuid] = results
    return tuple(sorted(follow(organization, ends)))


def follow(organization: UUID, ends: dict[UUID, frozenset[UUID]]) -> frozenset[UUID]:
    """Give the last organizations of the chain that starts at an ended one.

    A chain never runs in a circle.
    """
    last: set[UUID] = set()
    seen = {organization}
    waiting = list(ends.get(organization, ()))
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        if each in ends:
            waiting.extend(ends[each])
        else:
            last.add(each)
    return frozenset(last)


def _municipality_first(organization: Organization) -> tuple[bool, bool, str]:
    return (
        organization.kind is not OrganizationKind.MUNICIPALITY,
        organization.status is not OrganizationStatus.ACTIVE,
        str(organization.uuid),
    )


def _names(owners: list[UUID], *, on: date) -> dict[UUID, str]:
    """Give each owner's name of the day, else its last one: an organization that ended keeps its name."""
    rows = IdentifierRow.objects.filter(
        owner_kind=OwnerKind.ORGANIZATION.value, owner__in=owners, scheme=NAME
    )
    best: dict[UUID, tuple[bool, date, str]] = {}
    for row in rows:
        rank = (to_identifier(row).period.holds(on), row.valid_to or date.max, row.value)
        if row.owner not in best or rank > best[row.owner]:
            best[row.owner] = rank
    return {owner: rank[2] for owner, rank in best.items()}


def to_identifier(row: IdentifierRow) -> Identifier:
    """Give the row as others may see it."""
    return Identifier(
        scheme=row.scheme,
        value=row.value,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        language=row.language,
        source=row.source,
        edition=row.edition,
    )


def to_data(row: OrganizationRow, name: str) -> Organization:
    """Give the row as others may see it."""
    return Organization(
        uuid=row.uuid,
        key=row.key or "",
        kind=OrganizationKind(row.kind),
        status=OrganizationStatus(row.status),
        name=name,
    )


def _changed(verb: str, owner: UUID, *, actor: Actor, now: datetime) -> None:
    change = Change(
        action=f"accounts.organization.{verb}", resource=f"organization/{owner}", fields=("identifiers",)
    )
    hand_on(change=change, actor=actor, now=now)
