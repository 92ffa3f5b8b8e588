"""The REST API through the real addresses: versions, refusals, paging, access.

Not covered: tokens and what the guard does for every operation (tests/security).
"""

import json

import pytest

from ocapi.kernel.outbox.testing import published
from ocapi.modules.linkeddata.models import ObjectRow, PersonalContentRow, VersionRow
from ocapi.modules.linkeddata.tests.profile_files import an_organization

pytestmark = pytest.mark.usefixtures("services")
ROOT = "/api/linkeddata/v1/services"
OPEN = f"{ROOT}/open/objects/Organisatie"


@pytest.fixture
def clerk(browse):
    return browse("clerk")


def send(browser, method, path, body=None, **headers):
    kind = "application/merge-patch+json" if method == "patch" else "application/json"
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return getattr(browser, method)(path, json.dumps(body), content_type=kind, headers=names)


def made(browser, path=OPEN, **changes):
    answer = send(browser, "post", path, an_organization(**changes))
    assert answer.status_code == 201, answer.content
    return answer


def where(answer):
    return answer["Location"].partition("localhost")[2]


def issues(answer):
    assert answer["Content-Type"] == "application/problem+json"
    return {(each["name"], each["type"].rpartition(":")[2]) for each in answer.json()["issues"]}


class TestReadAndSendBack:
    def test_changes_nothing_and_with_a_change_only_that(self, clerk):
        first = made(clerk)
        place, body = where(first), clerk.get(where(first)).json()
        assert "http://purl.org/dc/terms/hasVersion" in body
        again = send(clerk, "put", place, body, if_match='"1"')
        assert (again.status_code, again["ETag"]) == (200, '"1"')
        changed = send(clerk, "put", place, {**body, "naam": "Anders"}, if_match='"1"')
        assert (changed.status_code, changed.json()["naam"], changed["ETag"]) == (200, "Anders", '"2"')

    def test_refuses_the_version_of_another(self, clerk):
        first, other = made(clerk), made(clerk).json()
        version = {"http://purl.org/dc/terms/hasVersion": other["http://purl.org/dc/terms/hasVersion"]}
        answer = send(clerk, "put", where(first), {**first.json(), **version}, if_match='"1"')
        assert answer.status_code == 400


class TestCreate:
    def test_gives_the_object_its_name_and_first_version(self, clerk, tenant):
        answer = made(clerk)
        body = answer.json()
        assert body["@id"].startswith(f"{tenant.base_iri}/id/Organisatie/")
        assert body["@type"] == "Organisatie"
        assert body["@context"] == f"{tenant.base_iri}/data/open/context.jsonld"
        assert answer["ETag"] == '"1"'
        assert clerk.get(where(answer)).json() == body

    def test_refuses_a_member_that_stands_twice_by_name(self, clerk):
        answer = clerk.post(OPEN, '{"naam": "Hamme", "naam": "Zele"}', content_type="application/json")
        assert answer.status_code == 400
        (issue,) = answer.json()["issues"]
        assert (issue["name"], "stands twice" in issue["detail"]) == ("$..naam", True)

    def test_refuses_what_the_profile_does_not_allow_with_path_and_dutch_words(self, clerk):
        wrong = an_organization(
            nummer="x", start="2025-02-01", einde="2025-01-01", vestiging=[{"@type": "Vestiging"}]
        )
        del wrong["naam"]
        answer = send(clerk, "post", OPEN, wrong)
        assert answer.status_code == 400
        assert issues(answer) == {
            ("$.naam", "MinCountConstraintComponent"),
            ("$.nummer", "PatternConstraintComponent"),
            ("$.start", "LessThanOrEqualsConstraintComponent"),
            ("$.vestiging[0].plaats", "MinCountConstraintComponent"),
        }
        assert "Geef minstens 1 waarde voor Naam." in {each["detail"] for each in answer.json()["issues"]}
        assert not ObjectRow.objects.exists()
        assert not published("be.ocapi.linkeddata.object")

    @pytest.mark.parametrize(
        ("changes", "place"),
        [
            ({"kleur": "rood"}, "$.kleur"),
            ({"@context": "https://kwaad.example/c"}, "$.@context"),
            ({"@context": {"naam": "urn:x"}}, "$.@context"),
            ({"@context": "file:///etc/passwd"}, "$.@context"),
            ({"@id": "https://elders.be/id/1"}, "$.@id"),
            ({"soort": "geen iri"}, "$.soort"),
            ({"naam": {"@value": "x", "@language": "nl", "@index": 1}}, "$.naam.@index"),
            ({"naam": {"@value": "x", "@language": "nl BE"}}, "$.naam"),
            ({"naam": {"@value": "x", "@language": "x"}}, "$.naam"),
            ({"vestiging": [{"@type": "Vestiging", "@context": "file:///x"}]}, "$.vestiging[0].@context"),
            ({"@type": "Vestiging"}, "$.@type"),
        ],
    )
    def test_refuses_what_is_no_linked_data_of_the_profile(self, clerk, changes, place):
        answer = send(clerk, "post", OPEN, an_organization(**changes))
        assert answer.status_code == 400
        assert place in {name for name, _kind in issues(answer)}

    def test_refuses_a_name_of_ours_that_leads_to_nothing(self, clerk, tenant):
        unknown = f"{tenant.base_iri}/id/Organisatie/00000000-0000-4000-8000-000000000000"
        answer = send(clerk, "post", OPEN, an_organization(deel=[unknown]))
        assert ("$.deel", "referencedResourceNotFound") in issues(answer)

    def test_takes_a_name_of_ours_and_knows_its_class(self, clerk):
        first = made(clerk).json()["@id"]
        assert made(clerk, deel=[first]).json()["deel"] == [first]
        answer = send(clerk, "post", OPEN, an_organization(vestiging=[first]))
        assert issues(answer) == {("$.vestiging", "ClassConstraintComponent")}

    def test_judges_by_code_lists_and_trusts_names_of_others(self, clerk):
        assert made(clerk, soort="https://elders.be/soort/9").status_code == 201

    def test_makes_one_object_for_one_key(self, clerk):
        first = send(clerk, "post", OPEN, an_organization(), idempotency_key="k1")
        again = send(clerk, "post", OPEN, an_organization(), idempotency_key="k1")
        other = send(clerk, "post", OPEN, an_organization(naam="Aalter"), idempotency_key="k1")
        assert first.json() == again.json()
        assert other.status_code == 409
        assert ObjectRow.objects.count() == 1

    def test_tells_of_it_without_what_it_says(self, clerk):
        made(clerk, naam="Geheim")
        (event,) = published("be.ocapi.linkeddata.object.changed")
        assert "Geheim" not in event.data


class TestChange:
    def test_needs_the_version_that_was_read(self, clerk):
        answer = made(clerk)
        place = where(answer)
        assert send(clerk, "put", place, an_organization()).status_code == 428
        assert send(clerk, "put", place, an_organization(), if_match='"7"').status_code == 412
        assert send(clerk, "delete", place).status_code == 428

    def test_adds_a_version_and_keeps_the_one_before(self, clerk):
        place = where(made(clerk))
        answer = send(clerk, "put", place, an_organization(naam="Hamme-Durme"), if_match='"1"')
        assert (answer.status_code, answer["ETag"], answer.json()["naam"]) == (200, '"2"', "Hamme-Durme")
        assert clerk.get(place, {"version": 1}).json()["naam"] == "Hamme"
        versions = clerk.get(f"{place}/versions").json()["items"]
        assert [each["change"] for each in versions] == ["created", "replaced"]
        assert versions[0]["validUntil"] == versions[1]["validFrom"]
        assert "validUntil" not in versions[1]

    def test_changes_nothing_when_it_says_the_same(self, clerk):
        place = where(made(clerk))
        answer = send(clerk, "put", place, an_organization(), if_match='"1"')
        assert answer["ETag"] == '"1"'
        assert VersionRow.objects.count() == 1

    def test_merges_a_patch_and_takes_away_what_is_null(self, clerk):
        place = where(made(clerk))
        answer = send(clerk, "patch", place, {"nummer": None, "naam": "Nieuw"}, if_match='"1"')
        assert answer.status_code == 200
        assert "nummer" not in answer.json()
        assert answer.json()["naam"] == "Nieuw"
        assert send(clerk, "patch", place, {"naam": None}, if_match='"2"').status_code == 400

    def test_deletes_once_and_for_all(self, clerk):
        answer = made(clerk)
        place = where(answer)
        assert send(clerk, "delete", place, if_match='"1"').status_code == 204
        assert clerk.get(place).status_code == 404
        assert send(clerk, "put", place, an_organization(), if_match='"2"').status_code == 404
        iri = answer.json()["@id"]
        assert clerk.get("/doc/" + iri.partition("/id/")[2]).status_code == 410

    def test_says_when_a_thing_ended_and_what_replaced_it(self, clerk):
        place = where(made(clerk))
        successor = made(clerk, naam="Nieuwe gemeente").json()["@id"]
        ending = {"endedOn": "2025-01-01", "replacedBy": [successor]}
        answer = send(clerk, "post", f"{place}/endings", ending, if_match='"1"')
        assert answer.status_code == 200
        assert answer.json()["http://purl.org/dc/terms/isReplacedBy"] == [{"@id": successor}]
        assert send(clerk, "post", f"{place}/endings", ending, if_match='"2"').status_code == 409
        assert clerk.get(place).status_code == 200

    def test_refuses_a_replacement_that_is_no_name(self, clerk):
        ending = {"endedOn": "2025-01-01", "replacedBy": ["de buren"]}
        answer = send(clerk, "post", f"{where(made(clerk))}/endings", ending, if_match='"1"')
        assert issues(answer) == {("$.replacedBy[0]", "invalidInput")}

    def test_numbers_the_versions_of_a_service_without_gaps(self, clerk):
        place = where(made(clerk))
        made(clerk)
        send(clerk, "patch", place, {"naam": "Twee"}, if_match='"1"')
        send(clerk, "delete", place, if_match='"2"')
        assert list(VersionRow.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]


class TestLists:
    def test_page_without_skipping_or_doubling(self, clerk):
        names = [made(clerk).json()["@id"] for _ in range(5)]
        found, path = [], f"{OPEN}?pageSize=2"
        while path:
            page = clerk.get(path).json()
            found += [each["iri"] for each in page["items"]]
            path = page.get("next", "").partition("localhost")[2]
        assert found == names

    def test_search_by_value_in_the_newest_version_only(self, clerk):
        place = where(made(clerk, naam="Oud"))
        send(clerk, "patch", place, {"naam": "Nieuw"}, if_match='"1"')
        made(clerk, naam="Ander")

        def found(**filters):
            return len(send(clerk, "post", f"{OPEN}/query", {"filters": filters}).json()["items"])

        assert (found(naam="Oud"), found(naam="Nieuw"), found(naam="Nieuw", nummer="x")) == (0, 1, 0)

    @pytest.mark.parametrize("name", ["kleur", "naam__contains", "id"])
    def test_refuse_a_filter_the_profile_does_not_know(self, clerk, name):
        answer = send(clerk, "post", f"{OPEN}/query", {"filters": {name: "x"}})
        assert issues(answer) == {(f"$.filters.{name}", "unknownInput")}

    def test_refuse_a_cursor_that_is_not_ours(self, clerk):
        assert clerk.get(OPEN, {"cursor": "zz"}).status_code == 400

    def test_say_that_a_class_or_service_is_unknown(self, clerk):
        assert clerk.get(f"{ROOT}/open/objects/Auto").status_code == 404
        assert clerk.get(f"{ROOT}/nergens/objects/Organisatie").status_code == 404


class TestAccess:
    def test_lets_everybody_read_what_is_open_and_nobody_else_write(self, clerk, browse):
        place = where(made(clerk))
        nobody = browse()
        assert nobody.get(place).status_code == 200
        assert send(nobody, "post", OPEN, an_organization()).status_code == 401
        assert send(browse("policy_maker"), "post", OPEN, an_organization()).status_code == 403

    @pytest.mark.parametrize("service", ["organization", "personal"])
    def test_keeps_the_rest_from_who_is_not_signed_in(self, clerk, browse, service):
        place = where(made(clerk, f"{ROOT}/{service}/objects/Organisatie"))
        nobody = browse()
        assert nobody.get(place).status_code == 401
        assert nobody.get(place.rpartition("/")[0]).status_code == 401
        assert {each["id"] for each in nobody.get(ROOT).json()["items"]} == {"open"}
        assert nobody.get(f"{ROOT}/{service}").status_code == 404

    def test_gives_what_is_about_persons_to_who_handles_it_only(self, clerk, browse):
        place = where(made(clerk, f"{ROOT}/personal/objects/Organisatie"))
        assert clerk.get(place).status_code == 200
        assert browse("tenant_admin").get(place).status_code == 403

    def test_keeps_what_is_about_persons_apart_and_untitled(self, clerk):
        made(clerk, f"{ROOT}/personal/objects/Organisatie", naam="Jan Peeters")
        assert PersonalContentRow.objects.count() == 1
        assert VersionRow.objects.get().content is None
        assert ObjectRow.objects.get().title == ""

    def test_searches_no_values_about_persons(self, clerk):
        path = f"{ROOT}/personal/objects/Organisatie"
        made(clerk, path, naam="Jan Peeters")
        answer = send(clerk, "post", f"{path}/query", {"filters": {"naam": "Iemand anders"}})
        assert answer.status_code == 400
