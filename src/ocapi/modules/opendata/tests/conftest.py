"""Fixtures of opendata. Covers nothing itself."""

import pytest

from ocapi.lib import clock
from ocapi.lib.actor import Capacity
from ocapi.modules.opendata.tests import factories


@pytest.fixture
def offered(monkeypatch):
    """An extension point with one source of ours: give it offers and rows."""
    from ocapi.lib.registry import Registry
    from ocapi.modules.opendata import api, extensions, publishing

    made = Registry(extensions.DatasetSource)
    source = factories.Offering()
    made.add(source)
    for module in (api, extensions, publishing):
        monkeypatch.setattr(module, "dataset_sources", made)
    return source


@pytest.fixture
def house(tenant):
    """The organization with a name and an address for questions."""
    from ocapi.kernel.registry import api as registry

    for name, value in (
        ("organization.name", "Vlavirgem"),
        ("organization.contact", '{"email":"opendata@example.org"}'),
    ):
        registry.save_setting(name=name, value=value, actor=factories.SYSTEM, now=clock.now())
    return tenant


@pytest.fixture
def browse(house):
    """Give a browser for a role, or for nobody: `browse("policy_maker")`."""
    from django.test import Client

    from ocapi.kernel.accounts import api as accounts
    from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in

    def made(role: str = "") -> Client:
        browser = Client(headers={"host": f"{house.key}.localhost"})
        if role:
            person = a_person(now=clock.now())
            accounts.grant_role(person=person.uuid, code=role, actor=ACTOR, now=clock.now())
            signed_in(browser, person=person.uuid, capacity=Capacity.STAFF)
        return browser

    return made
