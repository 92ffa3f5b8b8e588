"""The desk pages through their real addresses. Not covered: the drawing itself (journeys)."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

import ocapi
from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.testing import ACTOR, a_person, signed_in
from ocapi.kernel.audit.testing import leaves_of
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import clock, identifiers
from ocapi.lib.actor import Capacity
from ocapi.lib.bpmn import engine
from ocapi.lib.bpmn.model import Finding
from ocapi.lib.bpmn.reasons import TEXTS
from ocapi.lib.tests.bpmn_models import process
from ocapi.lib.tests.bpmn_run import flow
from ocapi.modules.processes import api
from ocapi.modules.processes.tests.factories import CLERK, deployed, started, tasks
from ocapi.modules.processes.views import telling

ROOT = "/desk/werkstromen/"
TASK = '<userTask id="a" name="Kijk de aanvraag na"/>'
STUCK = '<exclusiveGateway id="g" name="Akkoord?"/>'


@pytest.fixture
def desk(tenant):
    """Give a browser of a member of staff with a role."""
    from django.test import Client

    def of(role):
        person = a_person(now=clock.now())
        accounts.grant_role(person=person.uuid, code=role, actor=ACTOR, now=clock.now())
        client = Client(headers={"host": f"{tenant.key}.localhost"})
        signed_in(client, person=person.uuid, capacity=Capacity.STAFF)
        return client

    return of


def drawn(name="tekening.bpmn", raw=b""):
    body = f'<startEvent id="s"/><endEvent id="e"/>{TASK}{flow("s>a", "a>e")}'
    return SimpleUploadedFile(name, raw or process(body, key="nazicht"))


def text(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[-600:]
    return answer.content.decode()


class TestLoading:
    def test_takes_a_drawing_and_shows_what_it_became(self, desk):
        admin = desk("tenant_admin")
        assert "Nog geen werkstroom" in text(admin.get(ROOT))
        answer = admin.post(f"{ROOT}inladen/", {"drawing": drawn()})
        assert answer.status_code == 302
        assert "nazicht" in text(admin.get(answer["Location"]))
        assert "nazicht" in text(admin.get(ROOT))

    def test_names_each_element_that_cannot_be_executed_and_what_to_do(self, desk):
        body = f'<startEvent id="s"/><serviceTask id="x" name="Bel"/><endEvent id="e"/>{flow("s>x", "x>e")}'
        shown = text(desk("tenant_admin").post(
            f"{ROOT}inladen/", {"drawing": drawn(raw=process(body, key="p"))}), 422)
        assert "De diensttaak noemt geen koppeling." in shown and "Kies een koppeling." in shown
        assert "nog niet lopen" in shown

    @pytest.mark.parametrize(("raw", "said"), [
        (b"geen xml", "geen juiste XML"), (b"<x/>", "geen BPMN 2.0-bestand"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "documenttype (DTD)"),
        (b"<x>" + b" " * (4 << 20) + b"</x>", "te groot"),
    ])
    def test_says_what_is_wrong_with_another_file(self, desk, raw, said):
        admin = desk("tenant_admin")
        assert said in text(admin.post(f"{ROOT}inladen/", {"drawing": drawn(raw=raw)}), 422)
        assert "Nog geen werkstroom" in text(admin.get(ROOT))

    def test_asks_for_a_file(self, desk):
        assert "Kies een bestand." in text(desk("tenant_admin").post(f"{ROOT}inladen/"), 422)
        empty = desk("tenant_admin").post(f"{ROOT}inladen/", {"drawing": SimpleUploadedFile("a", b"")})
        assert "Dit bestand is leeg." in text(empty, 422)

    def test_is_not_for_clerks(self, desk):
        assert desk("clerk").get(f"{ROOT}inladen/").status_code == 403


class TestVersion:
    def test_shows_what_waits_where_and_how_long_tasks_took(self, desk):
        made = deployed(TASK, "s>a", "a>e")
        started(business_key="AAL-1")
        started(business_key="AAL-2")
        api.complete_task(task=tasks()[0].uuid, variables={}, actor=CLERK, now=NOW)
        shown = text(desk("clerk").get(f"{ROOT}{made.uuid}/"))
        assert 'data-node="a" data-count="1"' in shown
        assert "Kijk de aanvraag na" in shown and "&lt; 1 minuut" in shown
        assert "AAL-1" in shown and "AAL-2" in shown

    def test_can_be_narrowed_to_runs_in_a_state(self, desk):
        made = deployed(TASK, "s>a", "a>e")
        started(business_key="AAL-1")
        assert "AAL-1" not in text(desk("clerk").get(f"{ROOT}{made.uuid}/?toestand=klaar"))
        assert "AAL-1" in text(desk("clerk").get(f"{ROOT}{made.uuid}/?q=AAL"))
        assert "Geen enkel verloop" in text(desk("clerk").get(f"{ROOT}{made.uuid}/?q=B"))

    def test_gives_the_drawing_as_a_file_that_no_browser_runs(self, desk):
        made = deployed(TASK, "s>a", "a>e")
        answer = desk("clerk").get(f"{ROOT}{made.uuid}/tekening.bpmn")
        assert b"userTask" in answer.content and "attachment" in answer["Content-Disposition"]
        assert answer["Content-Security-Policy"].startswith("sandbox")


class TestWords:
    def test_are_there_for_everything_the_engine_notes(self):
        source = "".join(path.read_text() for path in Path(engine.__file__).parent.glob("*.py"))
        noted = set(re.findall(r'\.note\([^)]*?"([a-z]+)"', source)) | {"skipped"}
        assert len(noted) > 7
        assert [code for code in noted if telling.passage(code) == code] == []


    def test_are_there_for_every_reason_not_to_execute_an_element(self):
        said = {each: telling.finding(Finding(element="a", kind="task", reason=each))[0] for each in TEXTS}
        assert [each for each, words in said.items() if f"code: {each}" in words] == []
        assert "code: zzz" in telling.finding(Finding(element="a", kind="task", reason="zzz"))[0]


class TestStarting:
    def test_asks_what_it_is_about(self, desk):
        made, clerk = deployed(TASK, "s>a", "a>e"), desk("clerk")
        path = f"{ROOT}{made.uuid}/starten/"
        assert "Bijvoorbeeld het nummer van een dossier" in text(clerk.get(path))
        assert "Dit veld is nog leeg." in text(clerk.post(path, {"about": " "}), 422)
        assert "hoogstens 200 tekens" in text(clerk.post(path, {"about": "x" * 201}), 422)
        assert "AAL-7" in text(clerk.post(path, {"about": "AAL-7"}, follow=True))


class TestRun:
    def test_shows_its_way_and_the_names_of_its_values_without_a_leaf(self, desk):
        deployed(TASK, "s>a", "a>e")
        run = started(secret="geheime waarde")
        shown = text(desk("clerk").get(f"{ROOT}lopend/{run.uuid}/"))
        assert "Kijk de aanvraag na" in shown and "secret" in shown and "geheime" not in shown
        assert leaves_of("processes.read_instance") == []

    def test_shows_the_values_after_a_leaf(self, desk):
        deployed(TASK, "s>a", "a>e")
        insz = identifiers.synthetic_insz(date(1967, 2, 15), 467)
        run = started(secret="geheime waarde", count=Decimal("2.50"), home={"street": "Markt", "box": ""},
                      who=f"Fien, {identifiers.format_insz(insz)}", phone="04701234567")
        shown = text(desk("clerk").get(f"{ROOT}lopend/{run.uuid}/gegevens/"))
        assert "geheime waarde" in shown and "2,50" in shown and "street: Markt, box: –" in shown
        assert f"Fien, {identifiers.mask_insz(insz)}" in shown and "04701234567" in shown
        assert len(leaves_of("processes.read_instance")) == 1

    def test_stands_still_goes_on_and_stops_after_a_question(self, desk):
        deployed(TASK, "s>a", "a>e")
        run, clerk = started(), desk("clerk")
        states = {"stilleggen": "Staat stil", "hervatten": "Loopt", "stoppen": "Vroeger gestopt"}
        for action, state in states.items():
            assert "?" in text(clerk.get(f"{ROOT}lopend/{run.uuid}/{action}/"))
            assert clerk.post(f"{ROOT}lopend/{run.uuid}/{action}/").status_code == 302
            assert state in text(clerk.get(f"{ROOT}lopend/{run.uuid}/"))
        assert clerk.post(f"{ROOT}lopend/{run.uuid}/stoppen/").status_code == 302  # twice is once

    def test_knows_no_other_action(self, desk):
        deployed(TASK, "s>a", "a>e")
        assert desk("clerk").post(f"{ROOT}lopend/{started().uuid}/wissen/").status_code == 404


class TestStuck:
    def test_is_listed_with_its_reason_and_goes_on_past_the_step(self, desk):
        deployed(STUCK, "s>g", "g>e?false")
        run, clerk = started(), desk("clerk")
        shown = text(clerk.get(f"{ROOT}storingen/"))
        assert "Geen enkele voorwaarde" in shown and "Akkoord?" in shown
        incident = api.list_incidents(actor=CLERK).items[0]
        path = f"{ROOT}storingen/{incident.uuid}/"
        assert "Probeer opnieuw" in text(clerk.get(path))
        assert "Kies wat er moet gebeuren." in text(clerk.post(path), 422)
        assert "zit vast" in text(clerk.get(f"{ROOT}lopend/{run.uuid}/"))

    def test_says_which_step_and_why_and_that_another_try_did_not_help(self, desk):
        deployed(STUCK, "s>g", "g>e?false")
        run, clerk = started(), desk("clerk")
        incident = api.list_incidents(actor=CLERK).items[0]
        path = f"{ROOT}storingen/{incident.uuid}/"
        shown = text(clerk.get(path))
        assert "Akkoord?" in shown and "Geen enkele voorwaarde" in shown
        assert path in text(clerk.get(f"{ROOT}lopend/{run.uuid}/"))
        tried = clerk.post(path, {"how": "retry"}, follow=True)
        assert "zit weer vast" in text(tried)
        assert clerk.get(path).status_code == 404  # another incident took its place
        again = tried.redirect_chain[-1][0].partition("?")[0]
        assert "zit vast" not in text(clerk.post(again, {"how": "skip"}, follow=True))

    def test_names_the_run_the_step_without_a_name_and_why_an_expression_failed(self, desk):
        script = '<scriptTask id="a" scriptFormat="feel"><script>uren * 25</script></scriptTask>'
        deployed(script, "s>a", "a>e")
        run, clerk = started(business_key="AAL-77"), desk("clerk")
        shown = text(clerk.get(f"{ROOT}storingen/"))
        assert "AAL-77" in shown and "Berekening" in shown
        assert "Een waarde ontbreekt of heeft een ander type: uren * 25" in shown
        shown = text(clerk.get(f"{ROOT}lopend/{run.uuid}/"))
        assert "Start" in shown and "typesDoNotFit" not in shown
        listed = text(clerk.get(f"{ROOT}{api.list_definitions(actor=CLERK)[0].uuid}/"))
        assert re.search(r"AAL-77.*?Vastgelopen", listed.partition("Verlopen van deze versie")[2], re.DOTALL)
        assert "geen beeld van het proces" in listed
        assert telling.incident_note("expressionFailed", "zzz: a + b") == "zzz a + b"

    def test_says_what_to_do_with_a_run_that_stands_still(self, desk):
        deployed(TASK, "s>a", "a>e")
        run, clerk = started(), desk("clerk")
        clerk.post(f"{ROOT}lopend/{run.uuid}/stilleggen/")
        assert "Dit verloop staat stil." in text(clerk.get(f"{ROOT}lopend/{run.uuid}/"))
        assert "Hervat het eerst" in text(clerk.get(f"{ROOT}lopend/{run.uuid}/verplaatsen/"))

    def test_says_so_when_nothing_is(self, desk):
        assert "Niets zit vast" in text(desk("clerk").get(f"{ROOT}storingen/"))


class TestTasks:
    def test_are_taken_given_back_and_done(self, desk):
        deployed(TASK, "s>a", "a>e")
        started(business_key="AAL-1")
        clerk, path = desk("clerk"), f"{ROOT}taken/{tasks()[0].uuid}/"
        assert "AAL-1" in text(clerk.get(f"{ROOT}taken/"))
        assert "Geen taken" in text(clerk.get(f"{ROOT}taken/?mijn=1"))
        assert "AAL-1" in text(clerk.get(f"{ROOT}taken/?q=aal-1"))
        assert "Geen taak gevonden" in text(clerk.get(f"{ROOT}taken/?q=AAL-2"))
        assert clerk.post(path, {"claim": "1"}).status_code == 302
        assert "AAL-1" in text(clerk.get(f"{ROOT}taken/?mijn=1"))
        assert clerk.post(path, {"release": "1"}).status_code == 302
        assert clerk.post(path, {"claim": "1"}).status_code == 302
        assert clerk.post(path, {"complete": "1"}).status_code == 302
        assert clerk.get(path).status_code == 404

    def test_ask_how_it_goes_on_where_a_gateway_wants_to_know(self, desk):
        deployed(f'{TASK}<exclusiveGateway id="g" name="Volledig?"/><userTask id="b" name="Vul aan"/>',
                 "s>a", "a>g", "g>e?complete = true", "g>b?complete = false", "b>e")
        started()
        clerk, path = desk("clerk"), f"{ROOT}taken/{tasks()[0].uuid}/"
        clerk.post(path, {"claim": "1"})
        assert "Volledig?" in text(clerk.get(path))
        assert "Kies hoe het verdergaat." in text(clerk.post(path, {"complete": "1"}), 409)
        assert clerk.post(path, {"complete": "1", "choice": "1"}).status_code == 302
        assert [each.title for each in tasks()] == ["Vul aan"]

    def test_of_a_colleague_can_not_be_taken(self, desk):
        deployed(TASK, "s>a", "a>e")
        started()
        path = f"{ROOT}taken/{tasks()[0].uuid}/"
        assert desk("clerk").post(path, {"claim": "1"}).status_code == 302
        assert "Een collega heeft deze taak genomen" in text(desk("clerk").post(path, {"claim": "1"}), 409)


@pytest.mark.parametrize("place", [
    "lib/bpmn/engine", "modules/processes/services", "modules/processes/adapters",
])
def test_every_reason_a_step_gets_stuck_for_has_a_sentence(tenant, place):
    raised = re.compile(r'(?:StepFailed|ConnectorFailed)\(\s*"(\w+)"')
    sources = [each.read_text() for each in (Path(ocapi.__file__).parent / place).rglob("*.py")]
    reasons = {reason for source in sources for reason in raised.findall(source)}
    assert len(reasons) >= 3
    assert not [each for each in sorted(reasons) if f"code: {each}" in telling.incident(each)]
    assert "code: zzz" in telling.incident("zzz")


def test_an_expression_that_can_not_be_read_is_told_by_its_place_and_no_words_of_the_parser(tenant):
    said = "did not expect '}' at line 1, column 19: {aantal: aantal + }"
    found = Finding(element="a", kind="serviceTask", reason="expressionRefused", detail=said)
    assert telling.detail(found) == "lijn 1, plaats 19: {aantal: aantal + }"
