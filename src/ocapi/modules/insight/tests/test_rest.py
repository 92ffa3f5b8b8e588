"""The REST operation. Not covered: tokens, problem bodies and unknown parameters (main guards them)."""

import json

import pytest
from django.test import RequestFactory, override_settings
from django.urls import path, resolve
from ninja import NinjaAPI

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import ids
from ocapi.lib.actor import Actor, Assurance, Capacity
from ocapi.modules.insight import api
from ocapi.modules.insight.data.indicators import IndicatorNotFound
from ocapi.modules.insight.rest import router
from ocapi.modules.insight.tests.factories import a_fact, load_content, published, some_requests
from ocapi.modules.insight.tests.indicators import load_small, quickly

ROOT = "/api/insight/v1"


class RaisingApi(NinjaAPI):
    """Hands failures to the test as they are; main turns them into problems."""

    def on_exception(self, request, exc):
        raise exc


pytestmark = pytest.mark.stocked(by=load_content)
served = RaisingApi(urls_namespace="test-insight")
served.add_router("", router)
urlpatterns = [path(ROOT.lstrip("/") + "/", served.urls)]


@pytest.fixture(autouse=True)
def _figures(tenant):
    some_requests(services=("verhuizing", "kapvergunning"), each=8)
    published(*(a_fact(service="attest-van-woonst") for _ in range(3)))
    api.rebuild(now=NOW)
    with override_settings(ROOT_URLCONF=__name__):
        yield


def a_machine(*scopes: str) -> Actor:
    return Actor(
        capacity=Capacity.APPLICATION,
        assurance=Assurance.HIGH,
        application=ids.new_uuid(NOW),
        scopes=frozenset(scopes),
        trace_id="test",
    )


def body(**query: str) -> dict:
    request = RequestFactory().get(f"{ROOT}/figures", query)
    request.actor, request.now = a_machine("insight:figures:read"), NOW
    match = resolve(request.path)
    return json.loads(match.func(request, *match.args, **match.kwargs).content)


class TestListFigures:
    def test_gives_all_then_domains_then_services(self):
        found = body()
        assert [each["id"] for each in found["items"]] == [
            "2026.total",
            "2026.domain.environment",
            "2026.domain.cityServices",
            "2026.service.attest-van-woonst",
            "2026.service.kapvergunning",
            "2026.service.verhuizing",
        ]
        assert found["items"][0]["received"] == {"state": "shown", "value": 179}

    def test_hides_what_the_dashboard_hides(self):
        found = {each["id"]: each["received"] for each in body()["items"]}
        assert found["2026.service.attest-van-woonst"]["state"] == "small"
        assert found["2026.service.verhuizing"]["state"] == "withheld"

    def test_narrows_by_domain_and_service(self):
        assert [each["id"] for each in body(service="kapvergunning")["items"]] == [
            "2026.service.kapvergunning"
        ]
        assert len(body(domain="cityServices")["items"]) == 3

    def test_needs_the_scope(self):
        request = RequestFactory().get(f"{ROOT}/figures")
        request.actor, request.now = a_machine("cases:cases:read"), NOW
        with pytest.raises(NotAllowed):
            resolve(request.path).func(request)


class TestIndicators:
    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch):
        quickly(monkeypatch)
        load_small()

    def get(self, path: str, *scopes: str, **query: str) -> dict:
        request = RequestFactory().get(f"{ROOT}{path}", query)
        request.actor, request.now = a_machine(*scopes), NOW
        match = resolve(request.path)
        return json.loads(match.func(request, *match.args, **match.kwargs).content)

    def test_gives_anybody_the_open_ones_and_a_granted_machine_all(self):
        assert [each["id"] for each in self.get("/indicators")["items"]] == ["inhabitants", "spending"]
        granted = self.get("/indicators", "insight:indicators:read")["items"]
        assert [each["id"] for each in granted] == ["inhabitants", "internal", "spending"]

    def test_gives_numbers_as_decimal_text_by_area_part_and_period(self):
        found = self.get("/indicators/spending/observations", area="44084")
        assert [(each["period"], each.get("value")) for each in found["items"]] == [
            ("2023-01-01", "150"), ("2024-01-01", "200"), ("2025-01-01", "300"),
        ]  # fmt: skip

    def test_leads_from_number_to_formula_to_columns_to_versions_of_datasets(self):
        lineage = self.get("/indicators/spending")["lineage"]
        assert lineage["columns"]["value"] == ["planned_investment.amount", "population.population"]
        used = {each["id"]: each["version"] for each in lineage["datasets"]}
        assert used == {"planned_investment": 1, "population": 1}
        assert len(lineage["datasets"][0]["sha256"]) == 64

    def test_of_one_that_is_not_open_tells_nothing(self):
        with pytest.raises(IndicatorNotFound):
            self.get("/indicators/internal")
