"""For tests of everybody: persons to act with, and a session without the identity provider."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory

from ocapi.kernel.accounts import persons, sessions
from ocapi.kernel.accounts.data import Person
from ocapi.kernel.accounts.middleware import cookie_name
from ocapi.kernel.accounts.models import User
from ocapi.kernel.accounts.risk import Circumstances, circumstances_of
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import actor as actors
from ocapi.lib import clock
from ocapi.lib.actor import Assurance, Capacity

ACTOR = actors.system("test")


def a_person(
    *, now: datetime, given_name: str = "Noor", family_name: str = "Peeters", national_number: str = ""
) -> Person:
    """Make a person of the bound organization."""
    return persons.create(
        given_name=given_name,
        family_name=family_name,
        birth_date="",
        email="",
        telephone="",
        national_number=national_number,
        uuid=None,
        actor=ACTOR,
        now=now,
    )


def the_circumstances(**headers: str) -> Circumstances:
    """Give how a request with these members of the WSGI environment comes."""
    return circumstances_of(RequestFactory().get("/", **headers))  # type: ignore[arg-type]


def signed_in(
    client_or_session: Client | SessionBase,
    *,
    person: UUID,
    capacity: Capacity = Capacity.CITIZEN,
    assurance: Assurance = Assurance.HIGH,
    company: UUID | None = None,
    power: UUID | None = None,
    now: datetime | None = None,
    circumstances: Circumstances | None = None,
) -> SessionBase:
    """Sign a person in as the identity provider would, in a test client (plain HTTP, own host) or a session.

    Role and power are checked at each request as ever: staff without a role row may do nothing. Sign in after
    granting roles, because a role change ends earlier sessions. now: of the sign-in. circumstances: how it
    came; left out, nothing is weighed.
    """
    session = SessionStore() if isinstance(client_or_session, Client) else client_or_session
    now = now or clock.now()
    row = persons.get_row(person)
    user = User.objects.filter(person=row).first()
    if user is None:
        user = User.objects.create(uuid=person, username=str(person), person=row, password="!")
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    sessions.write(
        session,
        sessions.SignIn(
            person=person,
            capacity=capacity,
            assurance=assurance,
            epoch=row.session_epoch,
            started_at=now,
            seen_at=now,
            company=company,
            power=power,
            circumstances=circumstances,
        ),
    )
    session.save()
    if isinstance(client_or_session, Client):
        key = tenants.current().key
        name = cookie_name(settings.SESSION_COOKIE_NAME, key=key, is_secure=False, is_path_prefixed=False)
        client_or_session.cookies[name] = session.session_key or ""
    return session
