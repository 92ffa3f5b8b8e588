"""Fixtures of linkeddata. Covers nothing itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from ocapi.lib import clock
from ocapi.lib.actor import Actor, Capacity
from ocapi.modules.linkeddata.data import Access
from ocapi.modules.linkeddata.tests.profile_files import a_folder

OPERATOR = Actor(capacity=Capacity.SYSTEM, application="test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder with the test profile."""
    return a_folder(tmp_path)


@pytest.fixture
def services(tenant, folder):
    """One service of each kind of access, made of one profile; gives the folder."""
    from ocapi.modules.linkeddata import api

    for may_read in Access:
        api.create_service(
            folder=folder,
            code=may_read.value,
            title=f"Dienst {may_read.value}",
            may_read=may_read,
            actor=OPERATOR,
            now=clock.now() - timedelta(minutes=1),
        )
    return folder


@pytest.fixture
def browse(tenant):
    """Give a browser for a role, or for nobody: `browse("clerk")`."""
    from django.test import Client

    from ocapi.kernel.accounts import api as accounts
    from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in

    def made(role: str = "") -> Client:
        browser = Client(headers={"host": f"{tenant.key}.localhost"})
        if role:
            person = a_person(now=clock.now())
            accounts.grant_role(person=person.uuid, code=role, actor=ACTOR, now=clock.now())
            signed_in(browser, person=person.uuid, capacity=Capacity.STAFF)
        return browser

    return made
