"""The facts insight publishes and takes in. Not covered: carrying them between organizations (kernel)."""

import dataclasses
import json
from pathlib import Path

import pytest

from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.jobs.extensions import foreign_handlers, handlers
from ocapi.kernel.outbox.testing import published as stored
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Kind
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib import ids
from ocapi.modules.insight import api
from ocapi.modules.insight.data import PublishedFigures
from ocapi.modules.insight.module import MANIFEST
from ocapi.modules.insight.tests.factories import (
    POLICY,
    a_decision,
    a_fact,
    load_content,
    published,
    some_requests,
)

GOLDEN = Path(__file__).parent / "golden" / "events.json"
ADMIN = a_staff_member("tenant_admin")
FIGURES, COMPARISON = "be.ocapi.insight.figures.published.v1", "be.ocapi.insight.comparison.published.v1"


def schema(kind: type) -> dict[str, str]:
    return {
        each.name: each.type.__name__ if isinstance(each.type, type) else str(each.type)
        for each in dataclasses.fields(kind)
    }


class TestSchemas:
    def test_stay_as_they_were_published(self):
        found = {fact.event_type: schema(fact) for fact in MANIFEST.events_out}
        found["PublishedFigures"] = schema(PublishedFigures)
        assert found == json.loads(GOLDEN.read_text())

    def test_say_when_they_are_not_emitted(self):
        assert all("not when" in (fact.__doc__ or "") for fact in MANIFEST.events_out)

    def test_name_the_handlers_of_the_manifest(self):
        for each in MANIFEST.events_in:
            book = foreign_handlers if each.event_type in (FIGURES, COMPARISON) else handlers
            assert book.get(each.handler).event_type == each.event_type


class TestCounting:
    def test_follows_the_facts_of_cases(self, tenant):
        load_content()
        published(a_fact(), a_decision(), *(a_fact() for _ in range(6)))
        for _ in range(3):
            jobs.visit(now=NOW, budget_ms=5000, only=("jobs.handle",))
        found = api.get_year(year=2026, actor=POLICY, now=NOW)
        assert (found.total.received.value, found.waiting) == (7, 0)


@pytest.fixture
def collective(installation):
    yield from _made(Kind.COLLECTIVE)


@pytest.fixture
def municipality(installation):
    yield from _made(Kind.MUNICIPALITY)


@pytest.fixture
def neighbor(installation):
    yield from _made(Kind.MUNICIPALITY)


def _made(kind):
    made = tenants.create(key=f"i-{ids.new_uuid(NOW).hex[-12:]}", kind=kind, is_demo=True, now=NOW)
    yield made
    tenants.delete(key=made.key)


class TestComparisonBetweenOrganizations:
    def connect(self, collective, *members):
        for member in members:
            self.agree(member, collective, FIGURES, COMPARISON)
            self.agree(collective, member, COMPARISON, FIGURES)

    def agree(self, sender, receiver, sent, taken):
        with tenants.bind(sender.key):
            jobs.follow(source=receiver.base_iri, patterns=(taken,), actor=ADMIN, now=NOW)
            jobs.subscribe_organization(organization=receiver.key, patterns=(sent,), actor=ADMIN, now=NOW)

    def settle(self, *organizations):
        for _ in range(3):
            for each in organizations:
                with tenants.bind(each.key):
                    jobs.visit(now=NOW, budget_ms=5000, only=("jobs.handle_foreign",))

    def test_reaches_collective_and_members_and_stops_there(self, collective, municipality, neighbor):
        self.connect(collective, municipality, neighbor)
        with tenants.bind(municipality.key):
            some_requests(months=[11, 12], year=2025, each=10)
            some_requests(months=range(1, 12), each=10)
            assert api.publish_figures(now=NOW)
        self.settle(municipality, collective, neighbor, municipality)
        for each in (collective, neighbor, municipality):
            with tenants.bind(each.key):
                (found,) = api.list_comparison(actor=POLICY, now=NOW)
                assert (found.source, found.figures.received) == (municipality.base_iri, 120)
                assert found.is_own == (each.key == municipality.key)
        with tenants.bind(collective.key):
            assert [row.type for row in stored("be.ocapi.insight.")] == [COMPARISON]
        with tenants.bind(neighbor.key):
            assert stored("be.ocapi.insight.") == []

    def test_leaves_out_who_does_not_follow(self, collective, municipality, neighbor):
        self.connect(collective, municipality)
        with tenants.bind(municipality.key):
            some_requests(months=[11, 12], year=2025, each=10)
            api.publish_figures(now=NOW)
        self.settle(municipality, collective, neighbor)
        with tenants.bind(neighbor.key):
            assert api.list_comparison(actor=POLICY, now=NOW) == ()
