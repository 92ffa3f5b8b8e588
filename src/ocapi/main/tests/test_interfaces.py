"""Every interface for programs is told: by its manifest, in the catalog, and its scopes in words."""

import json

import pytest
from django.test import Client

from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.data import Title
from ocapi.main import rest
from ocapi.modules.exchange import api as exchange


def test_each_rest_api_stands_in_a_manifest():
    told = [api for manifest in registry.list_manifests() for api in manifest.apis]
    assert {f"api/{name}/v1" for name, _api in rest.apis()} == {api.path for api in told if api.description}


def test_each_scope_is_said_in_words():
    unsaid = [each.code for each in exchange.list_scopes() if registry.title_of_scope(each.code) == Title(
        nl=each.code, en=each.code)]
    assert unsaid == []


def test_a_scope_of_nobody_keeps_its_code():
    assert registry.title_of_scope("no:such:scope").nl == "no:such:scope"


@pytest.mark.usefixtures("tenant")
class TestCatalog:
    def test_leads_a_program_to_each_description(self, tenant):
        got = Client(headers={"host": tenant.hosts[0]}).get("/.well-known/api-catalog")
        assert got.status_code == 200
        assert got["Content-Type"] == (
            'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"')
        catalog, *described = json.loads(got.content)["linkset"]
        assert catalog["anchor"].endswith("/.well-known/api-catalog")
        assert got["Link"] == f'<{catalog["anchor"]}>; rel="api-catalog"'
        items = {each["href"] for each in catalog["item"]}
        assert {each["anchor"] for each in described} <= items
        for each in described:
            (document,) = each["service-desc"]
            path = document["href"].partition(tenant.hosts[0])[2].partition("/")[2]
            assert Client(headers={"host": tenant.hosts[0]}).get(f"/{path}").status_code == 200
