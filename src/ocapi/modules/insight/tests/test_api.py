"""Counting, figures and comparison through the door. Not covered: suppression by itself (test_rules)."""

from datetime import date, datetime
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import transaction

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.outbox.testing import published as stored
from ocapi.kernel.tenants.testing import NOW, a_citizen, a_staff_member
from ocapi.lib.clock import BRUSSELS
from ocapi.modules.insight import api
from ocapi.modules.insight.data import Number, UnknownDomain, UnknownService
from ocapi.modules.insight.models import DomainRow, PeerRow, RollupRow
from ocapi.modules.insight.tests.factories import (
    POLICY,
    a_closing,
    a_decision,
    a_fact,
    figures,
    load_content,
    published,
    published_figures,
    some_requests,
)
from ocapi.modules.services import api as public_services

COLUMNS = (
    "month",
    "service",
    "domain",
    "channel",
    "received",
    "opened",
    "decided",
    "in_term",
    "lead_days",
    "term_days",
)


def count(*facts, start=1):
    with transaction.atomic():
        for sequence, fact in enumerate(facts, start):
            api.count(fact=fact, sequence=sequence, at=NOW)


def rows():
    return sorted(RollupRow.objects.values_list(*COLUMNS))


def year(number=2026, now=NOW):
    return api.get_year(year=number, actor=POLICY, now=now)


@pytest.fixture
def content(tenant):
    load_content()


@pytest.mark.usefixtures("content")
class TestCount:
    def test_adds_a_request_to_its_month_service_domain_and_channel(self):
        count(a_fact(), a_fact(channel="counter"), a_fact())
        march = date(2026, 3, 1)
        assert rows() == [
            (march, "verhuizing", "cityServices", "counter", 1, 1, 0, 0, 0, 0),
            (march, "verhuizing", "cityServices", "portal", 2, 2, 0, 0, 0, 0),
        ]

    def test_adds_a_decision_to_the_month_it_was_made_in(self):
        fact = {"received_on": date(2026, 3, 25)}
        count(a_fact(**fact), a_decision(days=20, **fact), a_fact(**fact), a_decision(days=40, **fact))
        assert [row[:1] + row[4:] for row in rows()] == [
            (date(2026, 3, 1), 2, 0, 0, 0, 0, 0),
            (date(2026, 4, 1), 0, 0, 1, 1, 20, 30),
            (date(2026, 5, 1), 0, 0, 1, 0, 40, 30),
        ]

    def test_ends_in_the_same_rows_in_whatever_order_facts_come(self):
        facts = (a_fact(), a_decision(days=40), a_closing(decided_on=date(2026, 4, 19)))
        found = set()
        for order in permutations(facts):
            RollupRow.objects.all().delete()
            count(*order)
            found.add(tuple(rows()))
        assert len(found) == 1

    def test_takes_a_case_that_ended_without_a_decision_from_the_open_ones(self):
        count(a_fact(), a_closing())
        assert rows()[0][4:] == (1, 0, 0, 0, 0, 0)

    def test_has_no_domain_for_a_service_nobody_knows(self):
        count(a_fact(service="onbekend"))
        assert rows()[0][1:3] == ("onbekend", "none")


@pytest.mark.usefixtures("content")
class TestRebuild:
    def test_ends_in_the_rows_that_counting_makes(self):
        facts = (a_fact(), a_decision(), a_fact(channel="counter"), a_closing())
        count(*facts)
        before = rows()
        published(*facts)
        assert api.rebuild(now=NOW) == 4
        assert rows() == before

    def test_keeps_what_is_still_on_its_way_from_counting_twice(self):
        fact = a_fact()
        published(fact)
        api.rebuild(now=NOW)
        count(fact)  # the handler comes late, with the same place in the outbox
        assert rows()[0][4] == 1

    def test_counts_what_comes_afterwards(self):
        published(a_fact())
        api.rebuild(now=NOW)
        count(a_fact(), start=2)
        assert rows()[0][4] == 2

    def test_twice_changes_nothing(self):
        published(a_fact(), a_decision())
        api.rebuild(now=NOW)
        before = rows()
        api.rebuild(now=NOW)
        assert rows() == before


@pytest.mark.usefixtures("content")
class TestGetYear:
    def test_tells_shares_and_means(self):
        some_requests(months=range(1, 11), each=10, counter=5)
        total = year().total
        assert (total.received.value, total.decided.value, total.open.value) == (100, 100, 0)
        assert (total.digital_share, total.in_term_share) == (Decimal(50), Decimal(100))
        assert (total.mean_lead_days, total.mean_term_days) == (Decimal(10), Decimal(30))
        assert total.months[0] == Number(value=10)

    def test_hides_a_small_service_and_one_beside_it(self):
        some_requests(services=("verhuizing", "kapvergunning"), months=[2], each=9, decided=False)
        published(*(a_fact(service="attest-van-woonst", received_on=date(2026, 2, 5)) for _ in range(3)))
        api.rebuild(now=NOW)
        found = {each.code: each.received for each in year().services}
        assert found["attest-van-woonst"] == Number(value=None, is_small=True)
        assert found["verhuizing"] == Number(value=None)  # of the same domain, whose total is shown
        assert found["kapvergunning"] == Number(value=9)
        assert year().total.received == Number(value=21)

    def test_tells_no_share_when_a_part_of_it_is_small(self):
        some_requests(months=[2], each=20, counter=3)
        found = year().total
        assert found.received.value == 20
        assert (found.digital.value, found.other.value, found.digital_share) == (None, None, None)

    def test_is_empty_before_the_first_request(self):
        found = year()
        assert (found.total.received.value, found.services, found.counted_at) == (0, (), None)
        assert found.years == (2026,)

    def test_ends_with_the_month_that_runs_in_brussels(self):
        new_year = datetime(2027, 1, 1, 0, 30, tzinfo=BRUSSELS)  # still 2026 in UTC
        found = api.get_year(year=None, actor=POLICY, now=new_year)
        assert (found.year, found.last_month, found.is_running) == (2027, 1, True)

    def test_says_how_many_facts_wait(self):
        published(a_fact(), a_fact())
        assert year().waiting == 2
        api.rebuild(now=NOW)
        assert year().waiting == 0

    @pytest.mark.parametrize("actor", [a_citizen(), a_staff_member("clerk"), a_staff_member("supplier")])
    def test_is_for_policy_makers_and_the_collective(self, actor):
        with pytest.raises(NotAllowed):
            api.get_year(year=2026, actor=actor, now=NOW)
        api.get_year(year=2026, actor=a_staff_member("collective_admin"), now=NOW)


@pytest.mark.usefixtures("content")
class TestTrend:
    def trend(self, now=NOW):
        found = year(now=now)
        before = api.find_year_before(figures=found, of=found.total, actor=POLICY)
        return api.get_trend(figures=found, of=found.total, before=before)

    def test_compares_complete_months_only(self):
        some_requests(months=range(1, 12), year=2026, each=6)
        some_requests(months=range(1, 13), year=2025, each=8)
        found = self.trend()
        assert (found.until_month, found.now, found.before) == (10, 60, 80)
        assert found.change == Decimal(-25)

    def test_is_not_told_when_a_month_is_hidden(self):
        some_requests(months=range(1, 12), year=2026, each=6)
        some_requests(months=range(1, 12), year=2025, each=3)
        assert self.trend().change is None

    def test_is_not_told_without_a_year_before(self):
        some_requests(months=range(1, 12), year=2026, each=6)
        assert self.trend().change is None


@pytest.mark.usefixtures("content")
class TestFindFigures:
    def test_finds_by_service_domain_or_all(self):
        some_requests(months=[2])
        found = year()
        assert api.find_figures(figures=found) is found.total
        assert api.find_figures(figures=found, domain="cityServices").code == "cityServices"
        assert api.find_figures(figures=found, service="verhuizing").code == "verhuizing"

    def test_refuses_what_has_no_figures(self):
        with pytest.raises(UnknownDomain):
            api.find_figures(figures=year(), domain="mobility")
        with pytest.raises(UnknownService):
            api.find_figures(figures=year(), service="reispas")


class TestPublishFigures:
    def test_publishes_twelve_complete_months_once(self, tenant):
        load_content()
        some_requests(months=[11, 12], year=2025, each=10, counter=5)
        some_requests(months=range(1, 12), each=10, counter=5)
        assert api.publish_figures(now=NOW)
        assert not api.publish_figures(now=NOW)
        (row,) = stored("be.ocapi.insight.figures.")
        assert row.subject == "2026-10"
        own = api.list_comparison(actor=POLICY, now=NOW)[0]
        assert (own.is_own, own.is_stale, own.figures.received) == (True, False, 120)
        assert own.figures.digital_share == Decimal(50)

    def test_waits_for_twelve_complete_months(self, tenant):
        load_content()
        some_requests(months=range(1, 12), each=10)
        assert not api.publish_figures(now=NOW)

    def test_hides_a_small_domain(self, tenant):
        load_content()
        some_requests(months=[11], year=2025, each=10)
        published(*(a_fact(service="kapvergunning") for _ in range(2)))
        published(*(a_fact(service="bewonerskaart") for _ in range(7)))
        api.rebuild(now=NOW)
        assert api.publish_figures(now=NOW)
        text = stored("be.ocapi.insight.figures.")[0].data
        assert '"code":"environment","received":null' in text
        assert '"code":"mobility","received":null' in text


class TestComparison:
    def test_takes_in_newer_figures_only(self, tenant):
        for until, received in (("2026-09", 100), ("2026-10", 110), ("2026-08", 90), ("2026-10", 1000)):
            api.take_figures(
                figures=published_figures(until=until, total=figures(received=received)),
                source="https://proefdorp.example.org",
                now=NOW,
            )
        assert PeerRow.objects.get().received == 110

    def test_of_a_municipality_shares_nothing_further(self, tenant):
        api.take_figures(figures=published_figures(), source="https://proefdorp.example.org", now=NOW)
        assert stored("be.ocapi.insight.") == []

    def test_marks_figures_that_stay_behind(self, tenant):
        api.take_figures(
            figures=published_figures(until="2026-06"), source="https://proefdorp.example.org", now=NOW
        )
        assert api.list_comparison(actor=POLICY, now=NOW)[0].is_stale

    def test_is_for_policy_makers(self, tenant):
        with pytest.raises(NotAllowed):
            api.list_comparison(actor=a_staff_member("clerk"), now=NOW)


class TestDomains:
    def test_come_from_the_pack_in_its_order(self, tenant):
        load_content()
        assert [each.code for each in api.list_domains()] == [
            "mobility",
            "urbanDevelopment",
            "economy",
            "environment",
            "cityServices",
            "education",
            "energy",
            "health",
        ]

    def test_order_the_service_catalogue(self, tenant):
        load_content()
        DomainRow.objects.filter(code="health").update(position=0, title_nl="Zorg")
        assert public_services.list_domains()[0].title_nl == "Zorg"

    def test_fall_back_on_the_shipped_list(self, tenant):
        assert len(public_services.list_domains()) == 8
