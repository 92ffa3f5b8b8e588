"""Fixtures of council. Covers nothing itself."""

import pytest

from ocapi.lib import clock


@pytest.fixture
def browse(tenant):
    """Give a browser for a role, or for nobody: `browse("clerk")`."""
    from django.test import Client

    from ocapi.kernel.accounts import api as accounts
    from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in
    from ocapi.lib.actor import Capacity

    def made(role: str = "") -> Client:
        browser = Client(headers={"host": f"{tenant.key}.localhost"})
        if role:
            person = a_person(now=clock.now())
            accounts.grant_role(person=person.uuid, code=role, actor=ACTOR, now=clock.now())
            signed_in(browser, person=person.uuid, capacity=Capacity.STAFF)
        return browser

    return made
