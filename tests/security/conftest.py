"""One signed-in visitor per party of the policy table, and the reviewed tables themselves."""

import csv
from pathlib import Path

import pytest

HERE = Path(__file__).parent
STAFF = ("clerk", "policy_maker", "dpo", "tenant_admin", "collective_admin", "supplier")


def read_table(name: str) -> list[dict[str, str]]:
    """Read a reviewed table: one dict per row, by column."""
    with (HERE / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def expected_policy():
    return {row["operation"]: row for row in read_table("policy.csv")}


@pytest.fixture
def visitors(tenant):
    """A browser for each party a person can be, by the name of its column."""
    from datetime import timedelta

    from django.test import Client

    from ocapi.kernel.accounts import api as accounts
    from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in
    from ocapi.lib import clock
    from ocapi.lib.actor import Capacity, Subject

    now = clock.now()

    def browser():
        return Client(headers={"host": f"{tenant.key}.localhost"})

    def subject(person):
        return Subject(kind="person", uuid=person.uuid)

    found = {"anonymous": browser(), "citizen_self": browser(), "represented": browser()}
    signed_in(found["citizen_self"], person=a_person(now=now).uuid)
    helper, helped = a_person(now=now), a_person(now=now)
    power = accounts.grant_power_of_attorney(
        grantor=subject(helped), representative=subject(helper), services=("*",),
        expires_at=now + timedelta(days=1), actor=ACTOR, now=now,
    )
    signed_in(found["represented"], person=helper.uuid, power=power.uuid)
    for role in (*STAFF, "suspended"):
        person = a_person(now=now)
        accounts.grant_role(person=person.uuid, code=role, actor=ACTOR, now=now)
        found[role] = browser()
        signed_in(found[role], person=person.uuid, capacity=Capacity.STAFF)
    return found
