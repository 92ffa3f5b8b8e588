"""A visitor of the bound organization's own site, through the whole middleware."""

import pytest

# Models are imported inside the fixtures: this file is read before Django is set up.


@pytest.fixture
def visitor(tenant):
    from django.test import Client

    return Client(headers={"host": f"{tenant.key}.localhost"})


@pytest.fixture
def citizen(visitor):
    """A signed-in citizen; `visitor` is then that citizen. Gives the person."""
    from ocapi.kernel.accounts.testing import a_person, signed_in
    from ocapi.lib import clock

    person = a_person(now=clock.now(), given_name="Fien", family_name="Boomgaard")
    signed_in(visitor, person=person.uuid)
    return person


@pytest.fixture
def administrator(visitor):
    """A signed-in administrator; `visitor` is then that person. Gives the person."""
    from ocapi.kernel.accounts import api as accounts
    from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in
    from ocapi.lib import clock
    from ocapi.lib.actor import Capacity

    now = clock.now()
    person = a_person(now=now, given_name="Ada", family_name="Beheerder")
    accounts.grant_role(person=person.uuid, code="tenant_admin", actor=ACTOR, now=now)
    signed_in(visitor, person=person.uuid, capacity=Capacity.STAFF)
    return person
