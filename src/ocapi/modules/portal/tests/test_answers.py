"""An answer to what a process asked: sent without a case. Not covered: the process itself."""

from django.test import Client

from ocapi.kernel.accounts.testing import a_person, signed_in
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import actor as actors
from ocapi.lib import clock
from ocapi.lib.actor import Actor, Assurance, Capacity, Subject
from ocapi.modules.forms import api as forms
from ocapi.modules.portal import api

FIELD = {"code": "goed", "type": "yes_no", "label": "Is het goed?", "required": True}
FORM = {
    "code": "navraag", "version": "1", "title": "Navraag", "submit_label": "Klaar", "draft_days": 30,
    "minimum_assurance": "low", "sections": [{"code": "a", "title": "Navraag", "fields": [FIELD]}],
}


def test_an_answer_makes_no_case_and_only_its_sender_sees_that_it_arrived(tenant):
    forms.load_form(definition=forms.read_definition(value=FORM), now=NOW)
    person, now = a_person(now=clock.now()).uuid, clock.now()
    owner = Subject(kind="person", uuid=person)
    asks = actors.system("processes.call")
    forms.ask(form="navraag", owner=owner, reference="r", key="k", actor=asks, now=now)
    who = Actor(capacity=Capacity.CITIZEN, assurance=Assurance.HIGH, person=person, display_name="Mira")
    draft = forms.start(form="navraag", actor=who, now=now)
    forms.save_section(
        draft=draft.uuid, section="a", raw={"goed": ["true"]}, actor=who, now=now, address_form="informal",
        revision=draft.revision,
    )
    sent = api.send(draft=draft.uuid, actor=who, now=now, address_form="informal")
    assert sent.case is None
    seen = []
    for each in (person, a_person(now=now).uuid):
        client = Client(headers={"host": f"{tenant.key}.localhost"})
        signed_in(client, person=each, capacity=Capacity.CITIZEN)
        answer = client.get(f"/loket/ontvangst/antwoord/{sent.submission}")
        seen.append((answer.status_code, "Het antwoord is goed aangekomen" in answer.content.decode()))
    assert seen == [(200, True), (404, False)]


def test_a_form_that_leads_nowhere_is_not_begun_and_not_sent(tenant):
    forms.load_form(definition=forms.read_definition(value=FORM), now=NOW)
    person, now = a_person(now=clock.now()).uuid, clock.now()
    who = Actor(capacity=Capacity.CITIZEN, assurance=Assurance.HIGH, person=person, display_name="Mira")
    client = Client(headers={"host": f"{tenant.key}.localhost"})
    signed_in(client, person=person, capacity=Capacity.CITIZEN)
    refused = client.post("/loket/navraag/")
    assert refused.status_code == 409 and "een vraag van de gemeente" in refused.content.decode()
    draft = forms.start(form="navraag", actor=who, now=now)
    forms.save_section(
        draft=draft.uuid, section="a", raw={"goed": ["true"]}, actor=who, now=now, address_form="informal",
        revision=draft.revision,
    )
    unsent = client.post(f"/loket/navraag/{draft.uuid}/overzicht/")
    assert unsent.status_code == 409 and "blijven bewaard" in unsent.content.decode()
    assert forms.get_draft(draft=draft.uuid, actor=who, now=now).answers
    forms.ask(
        form="navraag", owner=Subject(kind="person", uuid=person), reference="r", key="k",
        actor=actors.system("processes.call"), now=now,
    )
    assert client.post("/loket/navraag/").status_code == 302
    assert client.post(f"/loket/navraag/{draft.uuid}/overzicht/").status_code == 302


def test_what_was_begun_and_not_sent_stands_in_the_own_overview(tenant):
    forms.load_form(definition=forms.read_definition(value=FORM), now=NOW)
    person, now = a_person(now=clock.now()).uuid, clock.now()
    who = Actor(capacity=Capacity.CITIZEN, assurance=Assurance.HIGH, person=person, display_name="Mira")
    client = Client(headers={"host": f"{tenant.key}.localhost"})
    signed_in(client, person=person, capacity=Capacity.CITIZEN)
    assert "Begonnen en niet verstuurd" not in client.get("/mijn/").content.decode()
    forms.start(form="navraag", actor=who, now=now)
    shown = client.get("/mijn/").content.decode()
    assert "Begonnen en niet verstuurd" in shown and 'href="/loket/navraag/"' in shown
