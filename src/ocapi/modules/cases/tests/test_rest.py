"""The REST operations. Not covered: tokens, problem bodies and unknown parameters,
which main guards centrally.
"""

import json
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path, resolve
from ninja import NinjaAPI

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib.problem import IfMatchMissing, IfMatchStale, InputRefused
from ocapi.modules.cases import api, data
from ocapi.modules.cases.models import CaseRow
from ocapi.modules.cases.rest import router
from ocapi.modules.cases.tests.factories import a_case, a_file, a_machine, in_status, some_person

pytestmark = pytest.mark.usefixtures("content")
READER, WRITER = a_machine("cases:cases:read"), a_machine("cases:cases:write")
CLERK = a_staff_member("clerk")
ROOT = "/api/cases/v1"


class RaisingApi(NinjaAPI):
    """Hands failures to the test as they are; main turns them into problems."""

    def on_exception(self, request, exc):
        raise exc


served = RaisingApi(urls_namespace="test-cases")
served.add_router("", router)
urlpatterns = [path(ROOT.lstrip("/") + "/", served.urls)]


@pytest.fixture(autouse=True)
def _urls():
    with override_settings(ROOT_URLCONF=__name__):
        yield


def call(
    method: str, where: str, body: object = None, *, actor=READER, headers=None, **query: object
) -> HttpResponse:
    factory = RequestFactory(headers=headers or {})
    if method == "get":
        request = factory.get(f"{ROOT}{where}", query)
    else:
        request = getattr(factory, method)(
            f"{ROOT}{where}", json.dumps(body), content_type="application/json"
        )
    request.actor, request.now, request.address_form = actor, NOW, "informal"
    match = resolve(request.path)
    return match.func(request, *match.args, **match.kwargs)


def whole(**changes: object) -> dict[str, object]:
    body: dict[str, object] = {
        "caseType": "kapvergunning",
        "applicant": {"kind": "person", "id": str(some_person()), "name": "Noor Peeters"},
        "answers": [{"section": "tree", "field": "species", "label": "Welke boom?", "value": "Eik"}],
    }
    return {**body, **changes}


class TestListCases:
    def test_pages_with_absolute_links(self):
        made = [a_case().uuid for _ in range(3)]
        first = json.loads(call("get", "/cases", pageSize="2").content)
        second = json.loads(
            call("get", "/cases", pageSize="2", cursor=first["next"].rpartition("cursor=")[2]).content
        )
        assert [UUID(each["id"]) for page in (first, second) for each in page["items"]] == made
        assert first["items"][0]["href"] == f"http://testserver{ROOT}/cases/{made[0]}"
        assert second.get("next") is None

    def test_joins_repeated_values_by_or(self):
        a_case(), in_status(a_case(), "start"), in_status(a_case(), "decide")
        found = json.loads(call("get", "/cases?status=received&status=decided").content)
        assert {each["status"] for each in found["items"]} == {"received", "decided"}

    def test_names_no_applicant(self):
        a_case(applicant_name="Zoë De Bruyère")
        assert "Bruy" not in call("get", "/cases").content.decode()

    @pytest.mark.parametrize("query", [{"sort": "name"}, {"reference": "Bruyère"}])
    def test_refuses_what_it_cannot_sort_or_may_not_search(self, query):
        with pytest.raises(data.InvalidParameter) as refused:
            call("get", "/cases", **query)
        assert refused.value.problem.issues[0].name in query

    def test_is_refused_without_the_scope(self):
        with pytest.raises(NotAllowed):
            call("get", "/cases", actor=WRITER)


class TestCreateCase:
    def test_files_a_whole_case_and_says_where_it_is(self):
        response = call("post", "/cases", whole(attachments=[str(a_file())]), actor=WRITER)
        body = json.loads(response.content)
        assert (response.status_code, response["ETag"]) == (201, '"1"')
        assert response["Location"] == f"http://testserver{ROOT}/cases/{body['id']}"
        kept = api.get_case(case=UUID(body["id"]), actor=CLERK, now=NOW)
        assert (kept.channel, kept.answers[0].value, len(kept.attachments)) == ("api", "Eik", 1)

    def test_gives_the_same_case_for_the_same_key(self):
        body, headers = whole(), {"Idempotency-Key": "k-1"}
        first, second = (json.loads(call("post", "/cases", body, actor=WRITER, headers=headers).content)
                         for _ in range(2))
        assert first["id"] == second["id"]
        with pytest.raises(data.IdempotencyConflict):
            call("post", "/cases", whole(channel="kiosk"), actor=WRITER, headers=headers)
        assert CaseRow.objects.count() == 1

    @pytest.mark.parametrize(("change", "name"), [
        ({"caseType": "zwembad"}, "$.caseType"), ({"attachments": ["018f0000-0000-7000-8000-000000000000"]},
                                                  "$.attachments"),
    ])
    def test_names_what_it_refers_to_and_does_not_exist(self, change, name):
        with pytest.raises(InputRefused) as refused:
            call("post", "/cases", whole(**change), actor=WRITER)
        assert refused.value.issues[0].name == name
        assert CaseRow.objects.count() == 0

    def test_refuses_an_unknown_member(self):
        from ninja.errors import ValidationError

        with pytest.raises(ValidationError) as refused:
            call("post", "/cases", whole(colour="green"), actor=WRITER)
        assert refused.value.errors[0]["type"] == "extra_forbidden"
        assert refused.value.errors[0]["loc"][-1] == "colour"


class TestGetCase:
    def test_gives_all_with_a_strong_etag(self):
        made = in_status(a_case(), "start", "decide")
        response = call("get", f"/cases/{made.uuid}")
        body = json.loads(response.content)
        assert response["ETag"] == '"3"'
        assert body["decision"]["outcome"] == "granted"
        assert [each["action"] for each in body["history"]] == ["receive", "start", "decide"]

    def test_does_not_know_a_random_id(self):
        with pytest.raises(data.CaseNotFound):
            call("get", f"/cases/{some_person()}")

    def test_hides_the_case_of_somebody_else(self):
        with pytest.raises(NotAllowed):
            call("get", f"/cases/{a_case().uuid}", actor=a_citizen())


class TestUpdateCase:
    def test_assigns_and_gives_the_next_version(self):
        made, colleague = a_case(), some_person()
        response = call("patch", f"/cases/{made.uuid}", {"assignee": str(colleague)}, actor=WRITER,
                        headers={"If-Match": '"1"'})
        assert response["ETag"] == '"2"'
        assert json.loads(response.content)["assignee"] == str(colleague)

    def test_takes_null_for_nobody(self):
        made = in_status(a_case(), "start")
        call("patch", f"/cases/{made.uuid}", {"assignee": None}, actor=WRITER, headers={"If-Match": '"2"'})
        assert api.get_case(case=made.uuid, actor=CLERK, now=NOW).assignee is None

    def test_demands_the_version_that_was_read(self):
        made = in_status(a_case(), "start")
        where, body = f"/cases/{made.uuid}", {"assignee": None}
        with pytest.raises(IfMatchMissing):
            call("patch", where, body, actor=WRITER)
        with pytest.raises(IfMatchStale):
            call("patch", where, body, actor=WRITER, headers={"If-Match": "*"})
        with pytest.raises(data.CaseChanged):
            call("patch", where, body, actor=WRITER, headers={"If-Match": '"1"'})

    def test_refuses_a_patch_that_changes_nothing(self):
        made = a_case()
        with pytest.raises(InputRefused):
            call("patch", f"/cases/{made.uuid}", {}, actor=WRITER, headers={"If-Match": '"1"'})


class TestDecideCase:
    def test_records_the_decision(self):
        made = a_case()
        body = {"outcome": "refused", "motivation": "De boom is gezond."}
        response = call(
            "post", f"/cases/{made.uuid}/decisions", body, actor=WRITER, headers={"If-Match": '"1"'}
        )
        assert response.status_code == 201
        assert response["Location"].endswith(f"/cases/{made.uuid}")
        assert api.get_case(case=made.uuid, actor=CLERK, now=NOW).outcome == "refused"

    def test_names_the_allowed_outcomes(self):
        made = a_case()
        with pytest.raises(data.OutcomeUnknown) as refused:
            call(
                "post",
                f"/cases/{made.uuid}/decisions",
                {"outcome": "perhaps", "motivation": "x"},
                actor=WRITER,
                headers={"If-Match": '"1"'},
            )
        assert "granted" in refused.value.problem.issues[0].detail


class TestCodeLists:
    def test_give_statuses_with_labels(self):
        body = json.loads(call("get", "/refData/caseStatuses").content)
        assert {"code": "received", "label": {"nl": "Nieuw"}} in body["items"]
