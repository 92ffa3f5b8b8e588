"""What happens when the identity provider says who somebody is: find or make the person, open the session."""

from datetime import datetime

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from ocapi.kernel.accounts import organizations, persons, roles, sessions
from ocapi.kernel.accounts.data import (
    STAFF_MINIMUM,
    Claims,
    Identifier,
    IdentityConflict,
    Organization,
    OrganizationKind,
    Person,
)
from ocapi.kernel.accounts.models import PersonRow, User
from ocapi.kernel.accounts.risk import Circumstances
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Change
from ocapi.kernel.tenants.extensions import hand_on
from ocapi.lib import actor as actors
from ocapi.lib.actor import Capacity
from ocapi.lib.identifiers import InvalidIdentifier, parse_kbo

ACTOR = actors.system("accounts.sign_in")


def user_for(claims: Claims, *, known: User | None, now: datetime) -> User:
    """Find or make the user behind the claims; `known` is whom the provider's subject belonged to before.

    Raises IdentityConflict when subject and national number point at two persons, InvalidIdentifier when the
    organization does not take this number (a synthetic one outside a demo).
    """
    with transaction.atomic():
        person = _person(claims, known=known, now=now)
        persons.update_names(
            person=person.uuid,
            given_name=claims.given_name,
            family_name=claims.family_name,
            email=claims.email,
            actor=ACTOR,
            now=now,
        )
        row = persons.get_row(person.uuid)
        user = User.objects.filter(person=row).first()
        if user is None:
            user = User(uuid=person.uuid, username=str(person.uuid), person=row)
            user.set_unusable_password()
            user.save()
    return user


def _person(claims: Claims, *, known: User | None, now: datetime) -> Person:
    by_number = persons.find_by_national_number(claims.national_number) if claims.national_number else None
    if known is not None:
        if by_number is not None and by_number.uuid != known.person.uuid:
            raise IdentityConflict
        if by_number is None and claims.national_number:
            if persons.national_number_of(known.person.uuid) is not None:
                raise IdentityConflict
            persons.set_national_number(
                person=known.person.uuid, number=claims.national_number, actor=ACTOR, now=now
            )
        return persons.to_data(known.person)
    if by_number is not None:
        return by_number
    return persons.create(
        given_name=claims.given_name,
        family_name=claims.family_name,
        birth_date="",
        email=claims.email,
        telephone="",
        national_number=claims.national_number,
        uuid=None,
        actor=ACTOR,
        now=now,
    )


def start(
    session: SessionBase, *, person: PersonRow, claims: Claims, now: datetime,
    circumstances: Circumstances | None = None,
) -> sessions.SignIn:
    """Open the session with the claimed capacity, or as a citizen when that one is not to be had.

    Staff: only with a role in this organization and a sufficient level of assurance. Enterprise:
    the company is entered in the register when it is new.
    """
    with transaction.atomic():
        company = _company(claims, now=now)
        if claims.capacity is Capacity.STAFF and _is_own(claims.organization_code, now=now):
            roles.take_over_claimed(person=person.uuid, codes=claims.roles, actor=ACTOR, now=now)
        person.refresh_from_db()
        capacity = claims.capacity
        if capacity is Capacity.STAFF and not _may_be_staff(person, claims, now=now):
            capacity = Capacity.CITIZEN
        if capacity is Capacity.ENTERPRISE and company is None:
            capacity = Capacity.CITIZEN
        opened = sessions.SignIn(
            person=person.uuid,
            capacity=capacity,
            assurance=claims.assurance,
            epoch=person.session_epoch,
            started_at=now,
            seen_at=now,
            company=company.uuid if company else None,
            circumstances=circumstances,
        )
        change = Change(
            action="accounts.session.started",
            resource=f"person/{person.uuid}",
            about=(person.uuid,),
            fields=("capacity", "assurance"),
        )
        hand_on(change=change, actor=ACTOR, now=now)
    sessions.write(session, opened)
    return opened


def _may_be_staff(person: PersonRow, claims: Claims, *, now: datetime) -> bool:
    own_or_unsaid = not claims.organization_code or _is_own(claims.organization_code, now=now)
    has_role = bool(roles.codes_at(person=person.uuid, instant=now))
    return own_or_unsaid and has_role and claims.assurance >= STAFF_MINIMUM


def _is_own(code: str, *, now: datetime) -> bool:
    tenant = tenants.current()
    if tenant.is_demo and code == tenant.key:
        return True  # a reference municipality has no number in any register
    own = organizations.own(on=now.date())
    found = organizations.find_by_code(code, on=now.date()) if code else None
    return own is not None and found is not None and own.uuid == found.uuid


def _company(claims: Claims, *, now: datetime) -> Organization | None:
    if claims.capacity is not Capacity.ENTERPRISE:
        return None
    found = organizations.find_by_code(claims.organization_code, on=now.date())
    if found is not None:
        return found
    try:
        number = parse_kbo(claims.organization_code)
    except InvalidIdentifier:
        return None
    name = Identifier(
        scheme=organizations.NAME, value=claims.organization_name or number, source="identityProvider"
    )
    return organizations.create(
        kind=OrganizationKind.ENTERPRISE,
        uuid=None,
        key="",
        actor=ACTOR,
        now=now,
        identifiers=(Identifier(scheme="kbo", value=number, source="identityProvider"), name),
    )
