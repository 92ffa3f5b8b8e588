"""The CKAN action API as its clients use it: results, facets, filters, and errors in CKAN's own form.

Not covered: what a package holds (lib/tests/test_dcat).
"""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocapi.modules.opendata import queries
from ocapi.modules.opendata.tests.factories import COUNTERS, a_table, published
from ocapi.modules.opendata.views import ckan


@pytest.fixture
def client(browse, offered):
    offered.add("bomen", a_table(COUNTERS[:1], [("Eik",)]))
    published()
    published(code="bomen", title="Bomen op straat", theme="ENVI", keywords=("groen", "fiets"))
    browser = browse()

    def ask(action, body=None, *, path="/api/3/action/", **parameters):
        if body is not None:
            return browser.post(f"{path}{action}", body, content_type="application/json")
        return browser.get(f"{path}{action}", parameters)

    return ask


def result(answer):
    said = answer.json()
    assert (answer.status_code, said["success"]) == (200, True), said
    assert "help_show?name=" in said["help"]
    return said["result"]


def search(client, **parameters):
    return result(client("package_search", **parameters))


class TestActions:
    def test_list_and_show_packages_by_name_and_id(self, client):
        names = result(client("package_list"))
        assert names == ["bomen-op-straat", "fietstellers-in-de-gemeente"]
        by_name = result(client("package_show", id=names[0]))
        assert result(client("package_show", id=by_name["id"])) == by_name
        assert (by_name["name"], by_name["isopen"], by_name["num_resources"]) == (names[0], True, 5)
        assert result(client("resource_show", id=by_name["resources"][1]["id"]))["format"] == "PARQUET"

    def test_answer_at_both_addresses_and_by_post(self, client):
        assert result(client("package_list", path="/api/action/")) == result(
            client("package_list", {"limit": 5})
        )
        assert result(client("site_read")) is True
        assert result(client("status_show"))["ckan_version"]

    def test_list_organizations_groups_tags_and_licenses(self, client):
        assert result(client("organization_list")) == ["vlavirgem"]
        assert result(client("organization_show", id="vlavirgem"))["package_count"] == 2
        assert result(client("group_list", all_fields="true"))[0]["display_name"]
        assert result(client("tag_list")) == ["fiets", "groen", "verkeer"]
        assert all(each["url"] for each in result(client("license_list")))
        assert len(result(client("current_package_list_with_resources", limit=1))) == 1


class TestSearch:
    def test_pages_and_sorts(self, client):
        found = search(client, rows=1, start=1, sort="title_string asc")
        assert (found["count"], [each["name"] for each in found["results"]]) == (
            2,
            ["fietstellers-in-de-gemeente"],
        )
        assert search(client, rows=0)["results"] == []
        assert search(client, rows=10**9, q="*:*")["count"] == 2

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("bomen", 1),
            ("*:*", 2),
            ("", 2),
            ("title:bomen", 1),
            ("bom* AND straat", 1),
            ('"op straat"', 1),
        ],
    )
    def test_reads_what_clients_type(self, client, query, count):
        assert search(client, q=query)["count"] == count

    @pytest.mark.parametrize(
        ("filters", "count"),
        [
            ("groups:envi", 1),
            ("tags:fiets", 2),
            ('tags:"groen"', 1),
            ("+groups:tran +res_format:GEOJSON", 1),
            ("organization:vlavirgem AND res_format:CSV", 2),
            ("groups:(envi OR tran)", 2),
            ("groups:econ", 0),
            ("license_id:modellicentie-gratis-hergebruik", 2),
            ("dataset_type:dataset state:active", 2),
            ("*:*", 2),
        ],
    )
    def test_narrows_by_filters(self, client, filters, count):
        assert search(client, fq=filters)["count"] == count

    @pytest.mark.parametrize(
        "filters", ["-groups:envi", "groups", "metadata_modified:[NOW TO *]", "x:1", "a OR b"]
    )
    def test_never_passes_by_a_filter_it_cannot_read(self, client, filters):
        answer = client("package_search", fq=filters)
        error = answer.json()["error"]
        assert (answer.status_code, error["__type"], "fq" in error) == (409, "Validation Error", True)

    def test_counts_the_facets_that_are_asked(self, client):
        found = search(client, **{"facet.field": '["organization","tags","res_format"]', "facet.limit": "1"})
        assert found["facets"]["organization"] == {"vlavirgem": 2}
        (item,) = found["search_facets"]["tags"]["items"]
        assert item == {"name": "fiets", "display_name": "fiets", "count": 2}

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(text=st.text(st.sampled_from('ab:()"\\+-* OR'), max_size=24))
    def test_reads_any_filter_or_says_it_cannot(self, text):
        try:
            list(ckan._filters(text, "fq"))
        except ckan.Invalid:
            return
        ckan._query(text)


class TestErrors:
    @pytest.mark.parametrize(
        ("action", "parameters", "status", "kind"),
        [
            ("package_show", {"id": "niets"}, 404, "Not Found Error"),
            ("package_show", {}, 409, "Validation Error"),
            ("resource_show", {"id": "x-1"}, 404, "Not Found Error"),
            ("organization_show", {"id": "niets"}, 404, "Not Found Error"),
            ("package_search", {"rows": "veel"}, 409, "Validation Error"),
            ("package_search", {"start": "-1"}, 409, "Validation Error"),
            ("package_search", {"sort": "prijs asc"}, 409, "Validation Error"),
            ("package_search", {"facet.field": "organization"}, 409, "Validation Error"),
        ],
    )
    def test_come_as_ckan_gives_them(self, client, action, parameters, status, kind):
        answer = client(action, **parameters)
        said = answer.json()
        assert (answer.status_code, said["success"], said["error"]["__type"]) == (status, False, kind)

    @pytest.mark.parametrize(
        ("action", "body"),
        [
            ("package_create", "{}"),
            ("package_search", "{"),
            ("package_search", "[]"),
            ("package_search", "[" * 5_000),
        ],
    )
    def test_of_what_is_no_request_are_a_sentence(self, client, action, body):
        answer = client(action, body)
        assert (answer.status_code, answer.json()[:11]) == (400, "Bad request")

    def test_of_a_withdrawn_package_is_not_found(self, client):
        from ocapi.lib import clock
        from ocapi.modules.opendata import api
        from ocapi.modules.opendata.tests.factories import staff

        uuid = queries.dataset_row(code="bomen-op-straat").uuid
        api.withdraw(dataset=uuid, actor=staff(), now=clock.now())
        for named in ("bomen-op-straat", str(uuid)):
            assert client("package_show", id=named).status_code == 404
        assert json.loads(client("package_list").content)["result"] == ["fietstellers-in-de-gemeente"]
