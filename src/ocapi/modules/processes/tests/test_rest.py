"""The API for other systems. Not covered: tokens and problem bodies, which main guards centrally."""

import json
from dataclasses import replace
from uuid import UUID

import pytest
from django.test import RequestFactory, override_settings
from django.urls import path, resolve
from ninja import NinjaAPI

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib.problem import InputRefused
from ocapi.modules.processes import api
from ocapi.modules.processes.data import (
    IncidentNotFound,
    InvalidCursor,
    MigrationNotFound,
    ProcessNotFound,
    RelocationNotFound,
    TaskNotFound,
)
from ocapi.modules.processes.rest import router
from ocapi.modules.processes.rest.bodies import FourEyes, StateConflict
from ocapi.modules.processes.tests.factories import CLERK, KEY, deployed, drawn, tasks
from ocapi.modules.processes.tests.factories import SYSTEM as WRITER

pytestmark = pytest.mark.usefixtures("tenant")
ROOT = "/api/processes/v1"
AWAIT = '<userTask id="a" name="Kijk na"/><receiveTask id="r" messageRef="m"/>'
MESSAGE = '<message id="m" name="betaald"/>'


class RaisingApi(NinjaAPI):
    """Hands failures to the test as they are; main turns them into problems."""

    def on_exception(self, request, exc):
        raise exc


served = RaisingApi(urls_namespace="test-processes")
served.add_router("", router)
urlpatterns = [path(ROOT.lstrip("/") + "/", served.urls)]
MACHINE = replace(WRITER, scopes=WRITER.scopes | {"processes:instances:read", "processes:definitions:write"})
FAILING = '<scriptTask id="b" name="Reken" scriptFormat="feel"><script>1 / 0</script></scriptTask>'


@pytest.fixture(autouse=True)
def _urls():
    with override_settings(ROOT_URLCONF=__name__):
        yield


def call(method, where, body=None, actor=MACHINE, headers=None):
    sent = {} if method == "get" else {"data": json.dumps(body), "content_type": "application/json"}
    request = getattr(RequestFactory(), method)(f"{ROOT}{where}", headers=headers, **sent)
    request.actor, request.now = actor, NOW
    match = resolve(request.path)
    return match.func(request, *match.args, **match.kwargs)


def started_run():
    deployed(AWAIT, "s>a", "a>r", "r>e", shared=MESSAGE)
    answer = call("post", "/processDefinitions/p/instances", {
        "businessKey": KEY, "variables": {"amount": 12.50, "tags": ["a"]}})
    return answer, json.loads(answer.content)


class TestDeploy:
    def test_takes_a_file_into_use_and_the_same_again_changes_nothing(self):
        raw = drawn(AWAIT, "s>a", "a>r", "r>e", shared=MESSAGE)
        first = call("post", "/processDefinitions", {"xml": raw.decode()})
        assert first.status_code == 201
        (made,) = json.loads(first.content)["items"]
        assert (made["processKey"], made["version"]) == ("p", 1)
        (again,) = json.loads(call("post", "/processDefinitions", {"xml": raw.decode()}).content)["items"]
        assert again == made
        (listed,) = json.loads(call("get", "/processDefinitions").content)["items"]
        assert listed == made

    @pytest.mark.parametrize(("xml", "word"), [
        ("<no/>", ""), ("no xml", ""),
        (drawn('<scriptTask id="j" scriptFormat="javascript"><script>1</script></scriptTask>', "s>j", "j>e")
         .decode(), "j"),
    ])
    def test_a_file_that_can_not_be_executed_is_refused_with_its_reasons(self, xml, word):
        with pytest.raises(InputRefused) as told:
            call("post", "/processDefinitions", {"xml": xml})
        assert all(each.name == "$.xml" and each.detail for each in told.value.issues)
        assert any(word in each.detail for each in told.value.issues)
        assert json.loads(call("get", "/processDefinitions").content)["items"] == []

    def test_needs_the_right_to_write_processes(self):
        with pytest.raises(NotAllowed):
            call("post", "/processDefinitions", {"xml": "<no/>"},
                 actor=replace(MACHINE, scopes=MACHINE.scopes - {"processes:definitions:write"}))


class TestApi:
    def test_starts_a_run_and_says_where_it_stands(self):
        answer, body = started_run()
        assert answer.status_code == 201 and answer["Location"] == body["href"]
        assert (body["processKey"], body["businessKey"], body["activities"]) == ("p", KEY, ["a"])
        found = json.loads(call("get", f"/instances/{body['id']}").content)
        assert (found["state"], found["incidents"], found["href"]) == ("running", 0, body["href"])
        assert "12.5" not in json.dumps(found)

    def test_lists_and_completes_tasks_and_hands_messages_over(self):
        _answer, body = started_run()
        listed = json.loads(call("get", "/tasks").content)["items"]
        assert [(each["activity"], each["businessKey"]) for each in listed] == [("a", KEY)]
        done = call("post", f"/tasks/{listed[0]['id']}/complete", {"variables": {"ok": True}})
        assert done.status_code == 204 and tasks() == ()
        message = {"messageName": "betaald", "correlationKey": KEY, "variables": {}}
        took = json.loads(call("post", "/messages", message).content)
        assert took == {"instance": body["id"], "isNew": False}
        assert json.loads(call("get", f"/instances/{body['id']}").content)["state"] == "completed"

    def test_finds_nothing_that_is_not_there(self):
        with pytest.raises(ProcessNotFound):
            call("post", "/processDefinitions/weg/instances", {"businessKey": KEY})
        with pytest.raises(TaskNotFound):
            call("post", "/tasks/0192f3c4-5d6e-7f80-9a1b-2c3d4e5f6071/complete", {})

    def test_refuses_a_value_that_no_variable_holds(self):
        deployed(AWAIT, "s>a", "a>r", "r>e", shared=MESSAGE)
        with pytest.raises(InputRefused):
            call("post", "/processDefinitions/p/instances", {
                "businessKey": KEY, "variables": {"x": "y" * 70_000}})
        with pytest.raises(InvalidCursor):
            call("get", "/tasks?cursor=%25")
        assert api.list_tasks(actor=MACHINE).items == ()


class TestOperations:
    def test_lists_processes_versions_and_runs(self):
        _answer, body = started_run()
        deployed('<userTask id="b" name="Kijk nog eens"/>', "s>b", "b>e")
        processes = json.loads(call("get", "/processDefinitions").content)["items"]
        assert [(each["processKey"], each["version"]) for each in processes] == [("p", 2)]
        versions = json.loads(call("get", "/processDefinitions/p/versions").content)["items"]
        assert [each["version"] for each in versions] == [2, 1]
        assert json.loads(call("get", "/processDefinitions/p/instances").content)["items"] == []
        (run,) = json.loads(call("get", "/processDefinitions/p/instances?version=1").content)["items"]
        assert (run["id"], run["href"], run["state"]) == (body["id"], body["href"], "running")
        ended = call("get", "/processDefinitions/p/instances?version=1&state=completed")
        assert json.loads(ended.content)["items"] == []

    def test_pages_through_runs(self):
        deployed(AWAIT, "s>a", "a>r", "r>e", shared=MESSAGE)
        for number in range(3):
            call("post", "/processDefinitions/p/instances", {"businessKey": f"k{number}"})
        first = json.loads(call("get", "/processDefinitions/p/instances?pageSize=2").content)
        assert [each["businessKey"] for each in first["items"]] == ["k2", "k1"]
        query = first["next"].partition("?")[2]
        rest = json.loads(call("get", f"/processDefinitions/p/instances?{query}").content)
        assert [each["businessKey"] for each in rest["items"]] == ["k0"] and not rest.get("next")

    @pytest.mark.parametrize("where", [
        "/processDefinitions/weg/versions", "/processDefinitions/weg/instances",
        "/processDefinitions/p/instances?version=9",
    ])
    def test_finds_no_process_or_version_that_is_not_there(self, where):
        started_run()
        with pytest.raises(ProcessNotFound):
            call("get", where)

    def test_suspends_resumes_and_cancels_a_run(self):
        _answer, body = started_run()
        where = f"/instances/{body['id']}"
        states = [json.loads(call("post", f"{where}/{verb}").content)["state"]
                  for verb in ("suspend", "resume", "cancel")]
        assert states == ["suspended", "running", "cancelled"]

    @pytest.mark.parametrize(("before", "verb", "state"), [
        ((), "resume", "running"), (("suspend",), "suspend", "suspended"),
        (("cancel",), "cancel", "cancelled"), (("cancel",), "suspend", "cancelled"),
    ])
    def test_refuses_what_the_state_of_a_run_does_not_allow(self, before, verb, state):
        _answer, body = started_run()
        for each in before:
            call("post", f"/instances/{body['id']}/{each}")
        with pytest.raises(StateConflict) as refused:
            call("post", f"/instances/{body['id']}/{verb}")
        problem = refused.value.problem
        assert (problem.status, problem.detail) == (409, f"the run is {state}")

    def test_completes_no_task_of_a_run_that_stands_still(self):
        _answer, body = started_run()
        call("post", f"/instances/{body['id']}/suspend")
        (task,) = tasks()
        with pytest.raises(StateConflict):
            call("post", f"/tasks/{task.uuid}/complete", {})

    def test_tries_a_failed_step_again_and_goes_on_past_it(self):
        deployed(FAILING, "s>b", "b>e")
        run = json.loads(call("post", "/processDefinitions/p/instances", {"businessKey": KEY}).content)
        (incident,) = json.loads(call("get", "/incidents").content)["items"]
        assert (incident["instance"], incident["activity"]) == (run["id"], "b")
        again = json.loads(call("post", f"/incidents/{incident['id']}/retry").content)
        assert (again["state"], again["incidents"]) == ("running", 1)
        (incident,) = json.loads(call("get", "/incidents").content)["items"]
        past = json.loads(call("post", f"/incidents/{incident['id']}/skip").content)
        assert (past["state"], past["incidents"]) == ("completed", 0)
        with pytest.raises(IncidentNotFound):
            call("post", f"/incidents/{incident['id']}/skip")

    def test_moves_runs_to_another_version_after_a_look_at_each(self):
        _answer, body = started_run()
        deployed('<userTask id="b" name="Kijk nog eens"/>', "s>b", "b>e")
        newer, older = json.loads(call("get", "/processDefinitions/p/versions").content)["items"]
        plan = {"sourceDefinition": older["id"], "targetDefinition": newer["id"], "activities": {"a": "b"}}
        answer = call("post", "/migrations", plan)
        asked = json.loads(answer.content)
        assert (answer.status_code, asked["stage"], answer["Location"]) == (202, "checking", asked["href"])
        with pytest.raises(MigrationNotFound):
            call("post", f"/migrations/{asked['id']}/execute")
        api.go_on_migrating(migration=UUID(asked["id"]), now=NOW)
        checked = json.loads(call("get", f"/migrations/{asked['id']}").content)
        assert (checked["stage"], checked["fits"], checked["refused"]) == ("checked", 1, [])
        assert call("post", f"/migrations/{asked['id']}/execute").status_code == 202
        api.go_on_migrating(migration=UUID(asked["id"]), now=NOW)
        moved = json.loads(call("get", f"/instances/{body['id']}").content)
        assert (moved["version"], moved["activities"]) == (2, ["b"])

    @pytest.mark.parametrize("activities", [{"weg": "a"}, {}])
    def test_plans_no_migration_that_can_not_be(self, activities):
        started_run()
        (only,) = json.loads(call("get", "/processDefinitions/p/versions").content)["items"]
        target = only["id"] if not activities else str(UUID(int=7))
        with pytest.raises(InputRefused):
            call("post", "/migrations", {
                "sourceDefinition": only["id"], "targetDefinition": target, "activities": activities})


class TestRelocations:
    WISH = {"activity": "r", "reason": "Het dossier is al volledig."}

    def test_are_asked_by_one_person_and_confirmed_by_another(self):
        where, colleague = self.place(), a_staff_member("clerk")
        (found,) = json.loads(call("get", where, actor=CLERK).content)["places"]
        assert found["activity"] == "a" and "r" in [each["activity"] for each in found["targets"]]
        answer = call("post", where, {"token": found["token"], **self.WISH}, actor=CLERK)
        asked = json.loads(answer.content)
        assert (answer.status_code, answer["Location"], asked["isOwn"]) == (201, asked["href"], True)
        one = f"{where}/{asked['id']}"
        assert json.loads(call("get", one, actor=colleague).content)["isOwn"] is False
        with pytest.raises(FourEyes) as refused:
            call("post", f"{one}/confirm", actor=CLERK)
        assert refused.value.problem.status == 403 and [each.node for each in tasks()] == ["a"]
        moved = json.loads(call("post", f"{one}/confirm", actor=colleague).content)
        assert moved["activities"] == ["r"] and tasks() == ()
        with pytest.raises(RelocationNotFound):
            call("get", one, actor=CLERK)

    def test_are_withdrawn(self):
        where = self.place()
        (found,) = json.loads(call("get", where, actor=CLERK).content)["places"]
        asked = json.loads(
            call("post", where, {"token": found["token"], **self.WISH}, actor=CLERK).content)
        assert call("delete", f"{where}/{asked['id']}", actor=CLERK).status_code == 204
        assert json.loads(call("get", where, actor=CLERK).content)["items"] == []

    @pytest.mark.parametrize("wrong", [{"activity": "weg"}, {"reason": " "}, {"token": 999}])
    def test_are_refused_where_the_run_can_not_go_or_nobody_says_why(self, wrong):
        where = self.place()
        (found,) = json.loads(call("get", where, actor=CLERK).content)["places"]
        with pytest.raises(InputRefused):
            call("post", where, {"token": found["token"], **self.WISH, **wrong}, actor=CLERK)

    def test_are_not_for_systems_nor_for_runs_that_stand_still(self):
        where = self.place()
        with pytest.raises(NotAllowed):
            call("get", where)
        (found,) = json.loads(call("get", where, actor=CLERK).content)["places"]
        call("post", where.replace("relocations", "suspend"))
        with pytest.raises(StateConflict):
            call("post", where, {"token": found["token"], **self.WISH}, actor=CLERK)

    @staticmethod
    def place():
        _answer, body = started_run()
        return f"/instances/{body['id']}/relocations"
