"""The door of accounts: persons, organizations and their identifiers, roles, powers of attorney, sign-in.

It stands below access and asks no permission: whoever calls decides with `access.require` first. Each change
is handed to the change sinks in its own transaction.
"""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest

from ocapi.kernel.accounts import open_sessions, organizations, persons, powers, register, roles, sessions
from ocapi.kernel.accounts.data import (
    CapacityChoice,
    Identifier,
    LoadReport,
    Organization,
    OrganizationKind,
    OwnerKind,
    Person,
    PowerOfAttorney,
    RegisterEvent,
    RegisterRecord,
    Resolution,
    Role,
    SessionEnd,
)
from ocapi.lib import clock
from ocapi.lib.actor import Actor, Subject


def create_person(
    *,
    given_name: str,
    family_name: str,
    actor: Actor,
    now: datetime,
    birth_date: str = "",
    email: str = "",
    telephone: str = "",
    national_number: str = "",
    uuid: UUID | None = None,
) -> Person:
    """Create a person of the bound organization.

    birth_date: `1985`, `1985-07` or `1985-07-02`; taken from the national number when empty. Raises
    InvalidIdentifier (also for a synthetic number outside a demo) and NationalNumberTaken.
    """
    return persons.create(
        given_name=given_name,
        family_name=family_name,
        birth_date=birth_date,
        email=email,
        telephone=telephone,
        national_number=national_number,
        uuid=uuid,
        actor=actor,
        now=now,
    )


def introduce_person(
    *, given_name: str, family_name: str, national_number: str, actor: Actor, now: datetime
) -> Person:
    """Give the person with this national number, created when this organization did not know it yet.

    A known person keeps its own names. Raises InvalidIdentifier, and NameDiffers when the family name is
    another one: whoever types a number must know whose it is.
    """
    return persons.introduce(
        given_name=given_name,
        family_name=family_name,
        national_number=national_number,
        actor=actor,
        now=now,
    )


def set_national_number(*, person: UUID, number: str, actor: Actor, now: datetime) -> None:
    """Give a person its national number, or correct it; raises InvalidIdentifier, NationalNumberTaken."""
    persons.set_national_number(person=person, number=number, actor=actor, now=now)


def get_person(person: UUID) -> Person:
    """Give a person, or raise UnknownPerson; its consultation leaf is the caller's."""
    return persons.get(person)


def get_persons(many: Iterable[UUID]) -> dict[UUID, Person]:
    """Give the known ones among these persons, by uuid."""
    return persons.get_many(many)


def find_person_by_national_number(number: str) -> Person | None:
    """Find the person with this national number, or None; raises InvalidIdentifier when it is none."""
    return persons.find_by_national_number(number)


def national_number_of(person: UUID) -> str | None:
    """Give the 11 digits of a person's national number, or None; each call needs its own audit leaf."""
    return persons.national_number_of(person)


def create_organization(
    *,
    kind: OrganizationKind,
    identifiers: Iterable[Identifier],
    actor: Actor,
    now: datetime,
    uuid: UUID | None = None,
    key: str = "",
) -> Organization:
    """Create an organization with its identifiers and names (scheme `name`).

    uuid: the tenant's own, for the row that stands for the bound organization itself. Raises
    OverlappingIdentifier, InvalidPeriod.
    """
    return organizations.create(kind=kind, identifiers=identifiers, uuid=uuid, key=key, actor=actor, now=now)


def add_identifier(
    *, kind: OwnerKind, owner: UUID, identifier: Identifier, actor: Actor, now: datetime
) -> None:
    """Give a person or organization an identifier; again changes nothing. Raises OverlappingIdentifier."""
    organizations.add_identifier(kind=kind, owner=owner, identifier=identifier, actor=actor, now=now)


def identifiers_of(*, kind: OwnerKind, owner: UUID) -> tuple[Identifier, ...]:
    """Give every identifier of a person or organization, by scheme, oldest first."""
    return organizations.identifiers_of(kind=kind, owner=owner)


def get_organization(organization: UUID, *, on: date) -> Organization:
    """Give an organization with the name of that day, or raise UnknownOrganization."""
    return organizations.get(organization, on=on)


def get_organizations(many: Iterable[UUID], *, on: date) -> dict[UUID, Organization]:
    """Give the known ones among these organizations, by uuid, with the names of that day."""
    return organizations.get_many(many, on=on)


def find_organization(*, key: str, on: date) -> Organization | None:
    """Find an organization by its key in the register of local authorities, or None."""
    return organizations.find_by_key(key, on=on)


def own_organization(*, on: date) -> Organization | None:
    """Find the row that stands for the bound organization itself, or None when it was never entered."""
    return organizations.own(on=on)


def resolve(*, scheme: str, value: str, on: date, kind: OrganizationKind | None = None) -> Resolution:
    """Tell what an identifier stands for on a day: the organization, and after a merger who took over.

    A NIS code names an area: without `kind` the municipality answers, not its OCMW. Raises UnknownIdentifier.
    Example: kbo of Merelbeke on 2026-01-01 is `ended`, replaced by Merelbeke-Melle.
    """
    return organizations.resolve(scheme=scheme, value=value, on=on, kind=kind)


def load_local_authorities(
    records: Iterable[RegisterRecord],
    events: Iterable[RegisterEvent],
    *,
    source: str,
    actor: Actor,
    now: datetime,
    own_key: str = "",
) -> LoadReport:
    """Load the register of local authorities and their change events; again changes nothing.

    own_key: key of the record that is the bound organization itself; it gets the tenant's uuid. One
    transaction; a record that contradicts itself or the register is reported in `refused` and the rest is
    loaded.
    """
    return register.load(records, events, source=source, own_key=own_key, actor=actor, now=now)


def grant_role(
    *,
    person: UUID,
    code: str,
    actor: Actor,
    now: datetime,
    unit: str = "",
    source: str = "organization",
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> Role:
    """Grant a role in the bound organization; the person's sessions end.

    Raises UnknownRole, InvalidPeriod.
    """
    return roles.grant(
        person=person,
        code=code,
        unit=unit,
        source=source,
        valid_from=valid_from or now,
        valid_to=valid_to,
        actor=actor,
        now=now,
    )


def end_role(*, role: UUID, actor: Actor, now: datetime) -> None:
    """End a role now; the person's sessions end. Twice changes nothing.

    Raises UnknownRole, LastAdministrator.
    """
    roles.end(role=role, actor=actor, now=now)


def suspend(*, person: UUID, actor: Actor, now: datetime) -> Role:
    """Take every right of a person away until `resume`; the person's sessions end. Raises OwnSuspension."""
    return roles.suspend(person=person, actor=actor, now=now)


def resume(*, person: UUID, actor: Actor, now: datetime) -> None:
    """End a suspension; without one nothing changes."""
    roles.resume(person=person, actor=actor, now=now)


def list_roles(*, person: UUID) -> tuple[Role, ...]:
    """Give every role a person holds or held, oldest first."""
    return roles.list_of(person=person)


def list_running_roles(*, now: datetime, limit: int = 500) -> tuple[Role, ...]:
    """Give every role that somebody holds now, by family name, then role."""
    return roles.running_at(instant=now, limit=limit)


def list_role_holders(*, code: str, now: datetime, limit: int = 200) -> tuple[Role, ...]:
    """Give who holds a role now, by family name."""
    return roles.holders(code=code, instant=now, limit=limit)


def grant_power_of_attorney(
    *,
    grantor: Subject,
    representative: Subject,
    services: tuple[str, ...],
    expires_at: datetime,
    actor: Actor,
    now: datetime,
) -> PowerOfAttorney:
    """Grant a power of attorney from now until `expires_at`, for the named public services (or ALL_SERVICES).

    Raises NotTheGrantor (a representative never hands it on), InvalidPeriod, ServicesMissing,
    SelfRepresentation.
    """
    return powers.grant(
        grantor=grantor,
        representative=representative,
        services=services,
        expires_at=expires_at,
        actor=actor,
        now=now,
    )


def revoke_power_of_attorney(*, power: UUID, actor: Actor, now: datetime) -> None:
    """Revoke a power of attorney at once, also in sessions that use it.

    Raises UnknownPower, NotTheGrantor.
    """
    powers.revoke(power=power, actor=actor, now=now)


def list_powers_granted(grantor: Subject) -> tuple[PowerOfAttorney, ...]:
    """Give every power of attorney a person or organization granted, newest first."""
    return powers.granted_by(grantor)


def list_powers_held(representative: Subject, *, now: datetime) -> tuple[PowerOfAttorney, ...]:
    """Give the powers of attorney a person or organization may use now, newest first."""
    return powers.held_by(representative, instant=now)


def names_of(subjects: Iterable[Subject], *, now: datetime) -> dict[Subject, str]:
    """Give the names of persons and organizations, empty for unknown ones; the leaf is the caller's."""
    return {subject: sessions.name_of(subject, now=now) for subject in subjects}


def represents_for(actor: Actor, service: str) -> bool:
    """Tell whether this actor may act in that public service.

    Always for itself, by power only within its scope.
    """
    return not actor.scopes or bool(actor.scopes & {service, "*"})


def actor_of(request: HttpRequest) -> Actor:
    """Give who acts in this request: from the session, checked against today's roles and powers."""
    return sessions.of_request(request, now=clock.now()).actor


def session_expires_at(request: HttpRequest) -> datetime | None:
    """Give the instant this session ends when nothing more is asked, for the warning; None when anonymous."""
    sign_in = sessions.of_request(request, now=clock.now()).sign_in
    return None if sign_in is None else sign_in.expires_at()


def session_end_of(request: HttpRequest) -> SessionEnd | None:
    """Tell why the session this request came with is over, or None.

    A page then offers to sign in and go on.
    """
    return sessions.of_request(request, now=clock.now()).ended


def person_before(request: HttpRequest) -> UUID | None:
    """Give whose session ended with this request, so that what they typed is kept for no other; or None."""
    return sessions.of_request(request, now=clock.now()).was


def list_capacities(request: HttpRequest) -> tuple[CapacityChoice, ...]:
    """List every capacity the signed-in person may take without signing in again; empty when anonymous."""
    now = clock.now()
    sign_in = sessions.of_request(request, now=now).sign_in
    return () if sign_in is None else sessions.choices(sign_in, now=now)


def switch_capacity(request: HttpRequest, *, code: str) -> Actor:
    """Take another capacity, in a session with a new key; raises CapacityRefused, StepUpNeeded."""
    sessions.switch(request.session, code=code, now=clock.now())
    sessions.forget(request)
    return actor_of(request)


def configure_identity_provider(*, issuer: str, client_id: str, secret: str, scopes: tuple[str, ...]) -> None:
    """Keep the bound organization's own identity provider; the secret is stored encrypted."""
    from ocapi.kernel.accounts import adapters

    adapters.configure_identity_provider(issuer=issuer, client_id=client_id, secret=secret, scopes=scopes)


def remove_ended_sessions(*, now: datetime) -> int:
    """Remove what is kept of sessions that are over; gives how many. At most 5,000 in one call."""
    return open_sessions.remove_ended(now=now)
