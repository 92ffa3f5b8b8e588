"""The API for other systems. Not covered: tokens and problem bodies, which main guards centrally."""

import json
from dataclasses import replace
from uuid import UUID

import pytest
from django.test import RequestFactory, override_settings
from django.urls import path, resolve
from ninja import NinjaAPI

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib.actor import Actor, Assurance, Capacity
from ocapi.lib.dmn.tests.fees import NS, fees
from ocapi.lib.problem import InputRefused
from ocapi.modules.rules import api
from ocapi.modules.rules.data import Case, DecisionNotFound, DecisionTaken
from ocapi.modules.rules.rest import router

pytestmark = pytest.mark.usefixtures("tenant")
ROOT = "/api/rules/v1"
ADMIN = a_staff_member("tenant_admin")
MACHINE = Actor(
    capacity=Capacity.APPLICATION, assurance=Assurance.HIGH, application="vergunningen",
    scopes=frozenset({"rules:models:read", "rules:models:write", "rules:decisions:write"}),
)
MOMENTS = f"""<definitions xmlns="{NS}" namespace="urn:terms" name="termijnen">
<itemDefinition name="tPerson">
<itemComponent name="born"><typeRef>date</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tDays" isCollection="true"><typeRef>date</typeRef></itemDefinition>
<inputData id="a" name="start"><variable name="start" typeRef="date"/></inputData>
<inputData id="b" name="term"><variable name="term" typeRef="days and time duration"/></inputData>
<inputData id="c" name="person"><variable name="person" typeRef="tPerson"/></inputData>
<inputData id="e" name="days"><variable name="days" typeRef="tDays"/></inputData>
<inputData id="f" name="note"><variable name="note"/></inputData>
<decision id="d" name="Einde"><variable name="Einde"/>
<informationRequirement><requiredInput href="#a"/></informationRequirement>
<informationRequirement><requiredInput href="#b"/></informationRequirement>
<informationRequirement><requiredInput href="#c"/></informationRequirement>
<informationRequirement><requiredInput href="#e"/></informationRequirement>
<informationRequirement><requiredInput href="#f"/></informationRequirement>
<literalExpression><text>{{end: start + term, year: person.born.year, last: max(days), note: note}}</text>
</literalExpression></decision></definitions>""".encode()


class RaisingApi(NinjaAPI):
    """Hands failures to the test as they are; main turns them into problems."""

    def on_exception(self, request, exc):
        raise exc


served = RaisingApi(urls_namespace="test-rules")
served.add_router("", router)
urlpatterns = [path(ROOT.lstrip("/") + "/", served.urls)]


@pytest.fixture(autouse=True)
def _urls():
    with override_settings(ROOT_URLCONF=__name__):
        yield


def call(method, where, body=None, actor=MACHINE):
    sent = {} if method == "get" else {"data": json.dumps(body), "content_type": "application/json"}
    request = getattr(RequestFactory(), method)(f"{ROOT}{where}", **sent)
    request.actor, request.now = actor, NOW
    match = resolve(request.path)
    return match.func(request, *match.args, **match.kwargs)


def deployed(raw=None, actor=MACHINE, **more):
    return call("post", "/decisionModels", {"xml": (raw or fees()).decode(), **more}, actor)


def evaluated(decision="Leges", actor=MACHINE, **more):
    return json.loads(call("post", "/evaluations", {"decision": decision, **more}, actor).content)


def refused(**more):
    with pytest.raises(InputRefused) as told:
        evaluated(**more)
    (issue,) = told.value.issues
    return issue.name, issue.detail


class TestModels:
    def test_deploys_a_file_and_lists_it_with_what_it_asks_for(self):
        answer = deployed()
        made = json.loads(answer.content)
        assert answer.status_code == 201 and answer["Location"] == made["href"]
        (found,) = json.loads(call("get", "/decisionModels").content)["items"]
        assert found == made
        assert (found["modelKey"], found["version"], found["decisions"]) == ("leges", 1, ["Leges"])
        shown = json.loads(call("get", f"/decisionModels/{made['id']}").content)
        assert shown == {**made, "inputs": [{"name": "oppervlakte", "type": "number"}]}

    def test_the_same_file_again_changes_nothing(self):
        assert json.loads(deployed().content) == json.loads(deployed().content)

    def test_types_are_named_as_feel_writes_them(self):
        made = json.loads(deployed(MOMENTS).content)
        shown = json.loads(call("get", f"/decisionModels/{made['id']}").content)
        assert {each["name"]: each["type"] for each in shown["inputs"]} == {
            "start": "date", "term": "days and time duration", "person": "context", "days": "list<date>",
            "note": "Any",
        }

    def test_a_file_that_is_no_model_is_refused_with_its_reason(self):
        with pytest.raises(InputRefused) as told:
            deployed(b"<no/>")
        assert told.value.issues[0].name == "$.xml" and told.value.issues[0].detail

    def test_a_version_whose_test_cases_fail_is_refused_by_their_names(self):
        api.deploy(raw=fees(), actor=ADMIN, now=NOW, cases=[
            Case(name="klein", decision="Leges", facts={"oppervlakte": 10}, expected=10)])
        with pytest.raises(InputRefused) as told:
            deployed(fees(low="12"))
        assert told.value.issues[0].detail == "testCasesFailed klein"

    def test_a_decision_that_another_model_gives_is_a_conflict(self):
        deployed()
        with pytest.raises(DecisionTaken):
            deployed(fees(name="andere"))

    def test_an_unknown_model_is_not_found(self):
        with pytest.raises(DecisionNotFound):
            call("get", f"/decisionModels/{UUID(int=7)}")


class TestEvaluation:
    def test_answers_exactly_with_the_rules_that_gave_it(self):
        deployed()
        raw = call("post", "/evaluations", {"decision": "Leges", "facts": {"oppervlakte": 60}}).content
        assert b'"value":25.50,' in raw
        found = json.loads(raw)
        assert (found["modelKey"], found["version"], found["issues"]) == ("leges", 1, [])
        (table,) = found["tables"]
        assert (table["hitPolicy"], table["output"]) == ("U", "25.50")
        assert [rule["number"] for rule in table["rules"]] == [2]
        assert table["inputs"] == [{"label": "oppervlakte", "value": "60"}]
        assert len(found["words"]) == 1

    def test_moments_come_and_go_as_iso_8601_also_inside_of_others(self):
        deployed(MOMENTS)
        found = evaluated("Einde", facts={
            "start": "2026-11-29", "term": "P3D", "person": {"born": "1990-02-01", "more": 1},
            "days": ["2026-01-01", "2026-03-01"], "note": "2026-01-01",
        })
        assert found["value"] == {
            "end": "2026-12-02", "year": 1990, "last": "2026-03-01", "note": "2026-01-01"}

    def test_nothing_where_there_is_no_value(self):
        deployed()
        found = evaluated(facts={})
        assert "value" not in found and found["decision"] == "Leges"

    def test_an_older_version_answers_when_it_is_asked(self):
        deployed()
        deployed(fees(low="12"))
        facts = {"oppervlakte": 1}
        assert [evaluated(facts=facts, version=n)["value"] for n in (1, 2)] == [10, 12]
        assert evaluated(facts=facts)["value"] == 12
        assert refused(facts=facts, version=3)[0] == "$.decision"

    @pytest.mark.parametrize(("facts", "place"), [
        ({"oppervlakte": "veel"}, "$.facts.oppervlakte"),
        ({"breedte": 1}, "$.facts.breedte"),
        ({"oppervlakte": True}, "$.facts.oppervlakte"),
    ])
    def test_a_fact_that_does_not_fit_is_refused_by_its_name(self, facts, place):
        deployed()
        name, detail = refused(facts=facts)
        assert name == place and detail

    @pytest.mark.parametrize("start", ["29/11/2026", "2026-02-30", "morgen", 20261129])
    def test_a_day_that_is_none_is_refused(self, start):
        deployed(MOMENTS)
        assert refused(decision="Einde", facts={"start": start}) == (
            "$.facts.start", "no date as ISO 8601 writes it" if isinstance(start, str) else "no date")

    def test_an_unknown_decision_is_refused_by_its_place(self):
        assert refused(decision="Niets")[0] == "$.decision"


class TestRights:
    @pytest.mark.parametrize("scope", sorted(MACHINE.scopes))
    def test_each_act_needs_its_own_scope(self, scope):
        made = json.loads(deployed().content)
        acts = {
            "rules:models:read": lambda actor: call("get", f"/decisionModels/{made['id']}", actor=actor),
            "rules:models:write": lambda actor: deployed(actor=actor),
            "rules:decisions:write": lambda actor: evaluated(actor=actor),
        }
        acts[scope](replace(MACHINE, scopes=frozenset({scope})))
        with pytest.raises(NotAllowed):
            acts[scope](replace(MACHINE, scopes=MACHINE.scopes - {scope}))
        with pytest.raises(NotAllowed):
            acts[scope](a_citizen())
