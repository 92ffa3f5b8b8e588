"""Reports of wrong values: an object of a data service, the case it becomes, and how the reporter is told.

Not covered: how the pages look (tests/journeys).
"""

from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

import pytest
from django.test import Client

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.accounts.testing import a_person, signed_in
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib import clock
from ocapi.lib.actor import ANONYMOUS, Actor, Capacity
from ocapi.modules.cases import api
from ocapi.modules.cases.adapters.reports import MOST_A_DAY
from ocapi.modules.cases.data import WorklistFilter
from ocapi.modules.linkeddata import api as linkeddata
from ocapi.modules.linkeddata.data import (
    Access,
    ObjectNotFound,
    ReportingNotFound,
    ReportRefused,
    TooManyReports,
)

OPERATOR = Actor(capacity=Capacity.SYSTEM, application="test")
NAME = "http://www.w3.org/2004/02/skos/core#prefLabel"
PROFILE = """
name: organisaties
title: Organisaties
version: "1"
source: OSLO Organisatie-basis, restated for tests
prefixes: {org: "http://www.w3.org/ns/org#", skos: "http://www.w3.org/2004/02/skos/core#", ex: "https://voorbeeld.be/ns#"}
classes:
  - term: Organisatie
    iri: "org:Organization"
    label: Organisatie
    properties:
      - {term: naam, iri: "skos:prefLabel", count: "1", text: true, label: Naam}
      - {term: nummer, iri: "ex:number", label: Nummer}
"""


@pytest.fixture
def make(content, tmp_path):
    """Give an object of a service of a kind of access."""
    (tmp_path / "profile.yaml").write_text(PROFILE)

    def made(may_read=Access.OPEN):
        linkeddata.create_service(
            folder=tmp_path, code=may_read.value, title="Organisaties", may_read=may_read, actor=OPERATOR,
            now=NOW - timedelta(minutes=1),
        )
        return linkeddata.create_object(
            service=may_read.value, term="Organisatie", body={"naam": "Hamme"}, actor=OPERATOR, now=NOW
        )

    return made


def report(made, actor, **changes):
    given = {
        "property": NAME, "value": "Hamme", "proposed": "Hamme-Zogge",
        "explanation": "Het staat zo op de gevel.", "uuid": made.uuid, "term": "Organisatie", "now": NOW,
    }
    return linkeddata.report_value(actor=actor, **{**given, **changes})


class TestReport:
    def test_becomes_a_case_that_the_reporter_follows_and_is_told_of(self, make):
        citizen, clerk, made = a_citizen(), a_staff_member("clerk"), make()
        receipt = report(made, citizen)
        (own,) = api.list_own(actor=citizen, now=NOW)
        assert (own.reference, own.title) == (receipt.reference, "Melding van een fout gegeven")
        case = api.get_case(case=receipt.uuid, actor=clerk, now=NOW)
        said = {each.field: each.value for each in case.answers}
        assert (said["iri"], said["proposed"], said["version"]) == (made.iri, "Hamme-Zogge", "1")
        api.decide(
            case=case.uuid, outcome="kept", motivation="Zo staat het in het register.", actor=clerk, now=NOW,
            revision=case.revision,
        )
        told = api.get_case(case=receipt.uuid, actor=citizen, now=NOW)
        assert told.decision.motivation == "Zo staat het in het register."
        assert [each.template for each in told.documents] == ["receipt", "value-kept"]

    def test_of_the_same_value_by_the_same_person_is_one_case(self, make):
        citizen, made = a_citizen(), make()
        assert report(made, citizen) == report(made, citizen)
        assert report(made, citizen, proposed="Moerzeke") != report(made, citizen)

    def test_is_bounded_for_each_person_and_day(self, make):
        citizen, made = a_citizen(), make()
        for number in range(MOST_A_DAY):
            report(made, citizen, proposed=str(number))
        with pytest.raises(TooManyReports):
            report(made, citizen, proposed="nog een")
        assert report(made, citizen, proposed="morgen", now=NOW + timedelta(days=1, minutes=1))

    @pytest.mark.parametrize(("changes", "member"), [
        ({"property": "urn:x"}, "property"), ({"value": "Weg"}, "value"),
        ({"explanation": " "}, "explanation"),
        ({"proposed": "x" * 1001}, "proposed"),
    ])
    def test_that_cannot_be_taken_says_what_to_repair_and_makes_no_case(self, make, changes, member):
        citizen, made = a_citizen(), make()
        with pytest.raises(ReportRefused) as refused:
            report(made, citizen, **changes)
        assert refused.value.member == member
        assert api.list_own(actor=citizen, now=NOW) == ()

    def test_of_a_thing_about_persons_is_for_who_may_read_it(self, make):
        made = make(Access.PERSONAL)
        for actor in (ANONYMOUS, a_citizen()):
            with pytest.raises(NotAllowed):
                report(made, actor)
        assert report(made, a_staff_member("clerk"))

    def test_of_a_deleted_object_is_refused(self, make):
        made = make()
        linkeddata.delete_object(
            service="open", term="Organisatie", uuid=made.uuid, sequence=1, actor=OPERATOR, now=NOW
        )
        with pytest.raises(ObjectNotFound):
            report(made, a_citizen())


def test_nobody_takes_reports_where_the_case_type_is_absent(tenant):
    assert not linkeddata.takes_reports()
    with pytest.raises(ReportingNotFound):
        linkeddata.list_reportable(uuid=UUID(int=1), term="Organisatie", actor=a_citizen(), now=NOW)


class TestPages:
    def test_lead_from_a_value_to_a_report_and_its_number(self, make, tenant):
        made, browser = make(), Client(headers={"host": f"{tenant.key}.localhost"})
        asked = f"/doc/Organisatie/{made.uuid}/melden"
        wrong = f"{asked}?eigenschap={quote(NAME, safe='')}&waarde=0"
        assert wrong.replace("&", "&amp;") in browser.get(asked.removesuffix("/melden")).content.decode()
        assert browser.get(wrong)["Location"].startswith("/account/aanmelden")
        signed_in(browser, person=a_person(now=clock.now()).uuid)
        assert "Hamme" in browser.get(wrong).content.decode()
        typed = {"eigenschap": NAME, "waarde": "0", "proposed": "Zogge", "explanation": ""}
        assert browser.post(asked, typed).status_code == 422
        sent = browser.post(asked, {**typed, "explanation": "Zie de gevel."}).content.decode()
        (case,) = api.list_worklist(
            filter=WorklistFilter(), actor=a_staff_member("clerk"), now=clock.now()
        ).items
        assert case.reference in sent

    def test_mean_the_only_value_of_what_was_chosen_from_the_list(self, make, tenant):
        made, browser = make(), Client(headers={"host": f"{tenant.key}.localhost"})
        signed_in(browser, person=a_person(now=clock.now()).uuid)
        asked = f"/doc/Organisatie/{made.uuid}/melden?eigenschap={quote(NAME, safe='')}"
        page = browser.get(asked).content.decode()
        assert "Hamme" in page and 'name="waarde" value="0"' in page

    def test_of_the_api_answer_with_the_number_or_with_what_to_repair(self, make, tenant):
        made, browser = make(), Client(headers={"host": f"{tenant.key}.localhost"})
        at = f"/api/linkeddata/v1/services/open/objects/Organisatie/{made.uuid}/reports"
        body = {"property": NAME, "value": "Hamme", "explanation": "Zie de gevel."}
        assert browser.post(at, body, content_type="application/json").status_code == 401
        signed_in(browser, person=a_person(now=clock.now()).uuid)
        refused = browser.post(at, {**body, "value": "Weg"}, content_type="application/json")
        assert (refused.status_code, refused.json()["issues"][0]["name"]) == (400, "$.value")
        assert browser.post(at, body, content_type="application/json").status_code == 201
