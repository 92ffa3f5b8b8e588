"""The public REST reads. Not covered: mounting, tracing headers and rate limits, which belong to main."""

import json
from http import HTTPStatus

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from ocapi.lib.actor import ANONYMOUS
from ocapi.modules.services import rest

pytestmark = pytest.mark.usefixtures("catalogue")


def get(view, path, *args, headers=None, **query):
    request = RequestFactory().get(path, query, headers=headers or {})
    request.actor, request.address_form = ANONYMOUS, "informal"
    return view(request, *args)


def services(**query):
    return get(rest.list_services, "/api/services/v1/services", **query)


class TestListServices:
    def test_pages_by_code_without_skipping_or_doubling(self):
        first = json.loads(services(pageSize="5").content)
        cursor = first["items"][-1]["id"]
        second = json.loads(services(pageSize="5", cursor=cursor).content)
        ids = [item["id"] for item in (*first["items"], *second["items"])]
        assert ids == sorted(set(ids))
        assert f"cursor={cursor}" in first["next"]

    def test_says_no_next_on_the_last_page(self):
        assert "next" not in json.loads(services(pageSize="100").content)

    def test_filters_by_domain(self):
        items = json.loads(services(domain="environment").content)["items"]
        assert {item["domain"] for item in items} == {"environment"}

    def test_refuses_an_unknown_parameter_by_name(self):
        answer = services(colour="red")
        assert answer.status_code == HTTPStatus.BAD_REQUEST
        assert json.loads(answer.content)["issues"][0]["name"] == "colour"

    @pytest.mark.parametrize("size", ["0", "101", "many", "-1"])
    def test_refuses_a_page_size_out_of_range(self, size):
        assert services(pageSize=size).status_code == HTTPStatus.BAD_REQUEST

    def test_reads_the_list_in_one_statement(self):
        with CaptureQueriesContext(connection) as statements:
            services()
        assert len(statements) == 1


class TestGetService:
    def test_gives_the_page_with_tags_for_the_cache(self):
        answer = get(rest.get_service, "/api/services/v1/services/reispas", "reispas")
        assert json.loads(answer.content)["id"] == "reispas"
        assert answer["Ocapi-Cache-Tags"] == "services,service-reispas"
        assert "public" in answer["Cache-Control"]

    def test_answers_not_modified_to_who_has_it(self):
        entity_tag = get(rest.get_service, "/api/services/v1/services/reispas", "reispas")["ETag"]
        again = get(
            rest.get_service,
            "/api/services/v1/services/reispas",
            "reispas",
            headers={"If-None-Match": entity_tag},
        )
        assert (again.status_code, again.content) == (HTTPStatus.NOT_MODIFIED, b"")

    def test_writes_amounts_as_text_and_leaves_out_what_is_unknown(self):
        body = json.loads(
            get(rest.get_service, "/api/services/v1/services/kapvergunning", "kapvergunning").content
        )
        assert body["cost"]["amount"] == {"value": "0.00", "currency": "EUR"}
        assert None not in body.values()

    def test_says_that_a_service_is_unknown(self):
        answer = get(rest.get_service, "/api/services/v1/services/x", "x")
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert answer["Content-Type"] == "application/problem+json"


class TestDomains:
    def test_gives_titles_by_language(self):
        items = json.loads(get(rest.list_domains, "/api/services/v1/refData/domains").content)["items"]
        assert {"nl", "en"} == set(items[0]["title"])
