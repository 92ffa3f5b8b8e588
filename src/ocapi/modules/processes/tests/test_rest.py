"""The API for other systems. Not covered: tokens and problem bodies, which main guards centrally."""

import json
from dataclasses import replace

import pytest
from django.test import RequestFactory, override_settings
from django.urls import path, resolve
from ninja import NinjaAPI

from ocapi.kernel.tenants.testing import NOW
from ocapi.lib.problem import InputRefused
from ocapi.modules.processes import api
from ocapi.modules.processes.data import InvalidCursor, ProcessNotFound, TaskNotFound
from ocapi.modules.processes.rest import router
from ocapi.modules.processes.tests.factories import KEY, deployed, tasks
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
MACHINE = replace(WRITER, scopes=WRITER.scopes | {"processes:instances:read"})


@pytest.fixture(autouse=True)
def _urls():
    with override_settings(ROOT_URLCONF=__name__):
        yield


def call(method, where, body=None):
    factory = RequestFactory()
    request = factory.get(f"{ROOT}{where}") if method == "get" else factory.post(
        f"{ROOT}{where}", json.dumps(body), content_type="application/json")
    request.actor, request.now = MACHINE, NOW
    match = resolve(request.path)
    return match.func(request, *match.args, **match.kwargs)


def started_run():
    deployed(AWAIT, "s>a", "a>r", "r>e", shared=MESSAGE)
    answer = call("post", "/processDefinitions/p/instances", {
        "businessKey": KEY, "variables": {"amount": 12.50, "tags": ["a"]}})
    return answer, json.loads(answer.content)


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
