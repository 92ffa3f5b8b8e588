"""Known persons are consulted on every surface; each one's own log shows exactly that, no more, no fewer.

Not covered: what the pages look like (journeys), forms and prefill (their own tests run under the watch too).
"""

from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from lxml import html

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in
from ocapi.kernel.audit import api as audit
from ocapi.kernel.tenants.testing import a_citizen, a_staff_member
from ocapi.lib import clock
from ocapi.lib.actor import Capacity, Subject
from ocapi.modules.cases import api as cases
from ocapi.modules.cases.tests.factories import a_case, a_file, in_status, load_content
from tests.security.test_api_guard import CASES, a_token, bearer


@pytest.fixture
def town(tenant):
    """The content of the bound organization, and a maker of signed-in browsers."""
    load_content()

    def browser(person, *, role=""):
        if role:
            accounts.grant_role(person=person.uuid, code=role, actor=ACTOR, now=clock.now())
        client = Client(headers={"host": f"{tenant.key}.localhost"})
        signed_in(client, person=person.uuid, capacity=Capacity.STAFF if role else Capacity.CITIZEN)
        return client

    return browser


def an_inhabitant(name):
    return a_person(now=clock.now(), given_name=name, family_name="Boomgaard")


def decided_case_of(person):
    """File a case with a file and have it decided, so that there is a letter."""
    now = clock.now()
    citizen = a_citizen(person=person.uuid, display_name=person.display_name)
    file = a_file()
    case = a_case(citizen=citizen, now=now, attachments=(file,))
    in_status(case, "start", "decide", now=now)
    return case.uuid, file


def seen_by(person):
    """Count who was recorded to have looked at a person, by capacity and operation."""
    found, cursor = Counter(), ""
    citizen = a_citizen(person=person.uuid)
    while True:
        page = audit.list_consultations(person=person.uuid, actor=citizen, now=clock.now(), cursor=cursor,
                                        page_size=100)
        assert all(line.is_intact for line in page.items)
        found.update((line.capacity.value, line.operation) for line in page.items)
        cursor = page.cursor
        if not cursor:
            return found


def test_each_citizens_log_shows_exactly_who_looked(town):
    fien, jef, stranger = (an_inhabitant(name) for name in ("Fien", "Jef", "Lotte"))
    (case, file), (_other_case, _) = decided_case_of(fien), decided_case_of(jef)
    clerk, own = town(an_inhabitant("Bram"), role="clerk"), town(fien)
    detail = cases.get_case(case=case, actor=a_staff_member("clerk"), now=clock.now())
    letter = detail.documents[0].document
    machine = Client(headers={"host": clerk.defaults["HTTP_HOST"], **bearer(a_token("cases:cases:read"))})
    before = {person.uuid: seen_by(person) for person in (fien, jef, stranger)}

    def looks(client, *paths):
        for path in paths:
            assert client.get(path).status_code == 200, path

    desk = f"/desk/zaken/{case}"
    looks(clerk, desk, f"{desk}/bijlagen/{file}", f"{desk}/brieven/{letter}", "/desk/zaken/",
          "/desk/zaken/werklijst.csv", f"{CASES}/{case}", CASES)
    looks(machine, f"{CASES}/{case}", CASES)
    looks(own, f"/mijn/zaken/{case}", f"/mijn/zaken/{case}/bestand/{file}", "/mijn/zaken", "/mijn/berichten",
          f"/mijn/zaken/{case}/brief/{letter}")
    assert clerk.get(f"/desk/zaken/{stranger.uuid}").status_code == 404
    assert town(stranger).get(f"/mijn/zaken/{case}").status_code == 404

    new = {person.uuid: seen_by(person) - before[person.uuid] for person in (fien, jef, stranger)}
    lists = Counter({("staff", "cases.worklist"): 2, ("staff", "cases.export"): 1,
                     ("application", "cases.worklist"): 1})
    assert new[jef.uuid] == lists
    assert new[fien.uuid] == lists + Counter({
        ("staff", "cases.read"): 2, ("staff", "cases.read_attachment"): 1, ("staff", "documents.read"): 1,
        ("application", "cases.read"): 1, ("citizen", "cases.read"): 1, ("citizen", "cases.read_own"): 1,
        ("citizen", "cases.read_attachment"): 1, ("citizen", "documents.read"): 1,
        ("citizen", "notify.read_inbox"): 1,
    })
    assert new[stranger.uuid] == Counter()

    page = own.get("/mijn/raadplegingen").content.decode()
    rows = html.fromstring(page).xpath("//table/tbody/tr")
    assert len(rows) == min(20, seen_by(fien).total())


def test_a_representative_is_seen_by_whom_they_represent(town):
    fien, helper = an_inhabitant("Fien"), an_inhabitant("Hilde")
    case, _file = decided_case_of(fien)
    now = clock.now()
    granted, held = (Subject(kind="person", uuid=each.uuid) for each in (fien, helper))
    power = accounts.grant_power_of_attorney(
        grantor=granted, representative=held,
        services=("*",), expires_at=now + timedelta(days=1), actor=ACTOR, now=now,
    )
    client = town(helper)
    signed_in(client, person=helper.uuid, power=power.uuid)
    before = seen_by(fien)
    assert client.get(f"/mijn/zaken/{case}").status_code == 200
    assert seen_by(fien) - before == Counter({("citizen", "cases.read"): 1})
    page = client.get("/mijn/raadplegingen")  # of whom they represent: an own log would be shorter
    assert len(html.fromstring(page.content.decode()).xpath("//table/tbody/tr")) == seen_by(fien).total() - 1
    assert seen_by(fien)["citizen", "audit.read_consultations"] == 1
