"""What policy makers see. Not covered: look and keyboard (journeys), suppression by itself (test_rules)."""

import re

import pytest
from django.db import connection
from django.http import Http404, HttpResponse
from django.test import RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import translation

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib.actor import ANONYMOUS
from ocapi.modules.insight import api
from ocapi.modules.insight.tests.factories import (
    POLICY,
    a_fact,
    figures,
    load_content,
    published,
    published_figures,
    some_requests,
)

pytestmark = pytest.mark.stocked(by=load_content)
SMALL = "&lt;\u00a05"


@pytest.fixture(autouse=True)
def _pages(tenant):
    with override_settings(ROOT_URLCONF="ocapi.modules.insight.tests.urls"), translation.override("nl"):
        yield


def answer(name: str, *args: str, actor=POLICY, **query: str) -> HttpResponse:
    """Call a view as the middleware of web would."""
    request = RequestFactory().get(reverse(f"insight:{name}", args=args), query)
    request.actor, request.now, request.address_form = actor, NOW, "informal"
    match = resolve(request.path)
    return match.func(request, *match.args, **match.kwargs)


def shown(name: str, *args: str, **query: str) -> str:
    return answer(name, *args, **query).content.decode()


def a_year() -> None:
    """Two services with enough requests, one with too few."""
    some_requests(services=("verhuizing", "kapvergunning"), each=8, counter=2)
    published(*(a_fact(service="attest-van-woonst") for _ in range(3)))
    api.rebuild(now=NOW)


class TestOverview:
    def test_shows_key_figures_and_where_they_come_from(self):
        a_year()
        page = shown("overview")
        for text in (
            "Aanvragen in 2026",
            "179",
            "Digitaal aandeel",
            "Gemiddelde doorlooptijd",
            "Binnen de termijn",
            "Bron: dossiers van",
            "Periode: sinds 1 januari 2026",
            "Bijgewerkt op",
        ):
            assert text in page, text

    def test_draws_the_months_with_their_table_twin(self):
        a_year()
        page = shown("overview")
        assert 'role="img"' in page
        assert re.search(r"<th scope=\"row\">feb</th><td[^>]*>16</td>", page)

    def test_writes_small_groups_as_such_and_explains_it(self):
        a_year()
        page = shown("overview")
        assert SMALL in page
        assert "niet getoond" in page
        assert "Een groep van één tot vier aanvragen" in page

    def test_keeps_a_small_count_out_of_the_whole_page(self):
        some_requests(months=[2], each=40, decided=False)
        published(*(a_fact(service="kapvergunning") for _ in range(4)))
        api.rebuild(now=NOW)
        page = shown("overview")
        assert ">44<" in page
        assert ">40<" not in page

    def test_leads_to_services_and_domains(self):
        a_year()
        page = shown("overview")
        assert reverse("insight:service", args=["verhuizing"]) in page
        assert reverse("insight:domain", args=["environment"]) in page

    @pytest.mark.parametrize("query", [{"dienst": "kapvergunning"}, {"domein": "environment"}])
    def test_narrows_to_a_service_or_domain(self, query):
        a_year()
        page = shown("overview", **query)
        assert ">88<" in page
        assert reverse("insight:service", args=["verhuizing"]) not in page
        assert "Toon alles" in page

    @pytest.mark.parametrize(
        "query", [{"jaar": "2019"}, {"jaar": "x"}, {"dienst": "reispas"}, {"domein": "<script>"}]
    )
    def test_says_so_when_nothing_fits(self, query):
        page = shown("overview", **query)
        assert "Geen aanvragen in deze periode" in page
        assert "<script>" not in page

    def test_warns_when_facts_wait(self):
        a_year()
        published(a_fact())
        assert "1 recente wijziging staat nog niet in deze cijfers." in shown("overview")

    def test_shows_the_sensor_series_with_the_way_to_its_page(self):
        registry.load_pack(name="bike-counts", now=NOW)
        page = shown("overview")
        assert "Gemeten op straat" in page
        assert 'href="/desk/sensoren/' in page

    def test_shows_peers_with_the_own_organization_marked(self, tenant):
        api.take_figures(figures=published_figures(name="Proefdorp"), source="https://p.example.org", now=NOW)
        api.take_figures(figures=published_figures(name="Eigenstad"), source=tenant.base_iri, now=NOW)
        page = shown("overview")
        assert page.index("Eigenstad") < page.index("eigen organisatie") < page.index("Proefdorp")

    @pytest.mark.parametrize("actor", [ANONYMOUS, a_staff_member("clerk"), a_staff_member("tenant_admin")])
    def test_is_closed_to_others(self, actor):
        for name, args in (("overview", ()), ("comparison", ()), ("domain", ("energy",)), ("export", ())):
            with pytest.raises(NotAllowed):
                answer(name, *args, actor=actor, tabel="dienst")

    def test_reads_in_a_bounded_number_of_statements(self):
        a_year()
        with CaptureQueriesContext(connection) as cold:
            shown("overview")
        with CaptureQueriesContext(connection) as warm:
            shown("overview")
        assert (len(cold), len(warm)) == (10, 9)


class TestDomain:
    def test_shows_its_services_and_the_peers(self):
        a_year()
        for name, code in (("Proefdorp", "a"), ("Proefstad", "b")):
            api.take_figures(
                figures=published_figures(name=name, domains=(figures("environment"),)),
                source=f"https://{code}.example.org",
                now=NOW,
            )
        page = shown("domain", "environment")
        assert "Milieu en natuur" in page
        assert "Kapvergunning" in page
        assert "Proefdorp" in page
        assert 'id="digitaal-title"' in page

    def test_without_requests_says_so(self):
        assert "Geen aanvragen in deze periode" in shown("domain", "energy")

    def test_that_nobody_knows_is_not_found(self):
        with pytest.raises(Http404):
            answer("domain", "onbekend")


class TestService:
    def test_shows_its_months_and_its_domain(self):
        a_year()
        page = shown("service", "kapvergunning")
        assert reverse("insight:domain", args=["environment"]) in page
        assert "Aanvragen per maand" in page

    def test_that_nobody_asked_for_is_not_found(self):
        with pytest.raises(Http404):
            answer("service", "reispas")


class TestComparison:
    def test_draws_what_is_hidden_as_not_shown(self):
        for code, digital in (("a", 50), ("b", None)):
            api.take_figures(
                figures=published_figures(name=f"Proef {code}", total=figures(digital=digital)),
                source=f"https://{code}.example.org",
                now=NOW,
            )
        page = shown("comparison")
        assert "42\u00a0%" in page
        assert "niet getoond" in page

    def test_is_by_domain_too(self):
        api.take_figures(
            figures=published_figures(domains=(figures("energy", received=77),)),
            source="https://a.example.org",
            now=NOW,
        )
        assert "77" in shown("comparison", domein="energy")
        assert "77" not in shown("comparison", domein="health")

    def test_says_how_to_get_into_it(self):
        assert "na twaalf volle maanden" in shown("comparison")


class TestExport:
    def test_holds_what_the_table_shows(self):
        a_year()
        lines = shown("export", tabel="dienst").lstrip("\ufeff").split("\r\n")
        assert lines[0] == "Dienst;Aanvragen;Digitaal;Beslist;Doorlooptijd (dagen);Binnen de termijn"
        assert lines[1] == "Kapvergunning;88;75\u00a0%;88;10,0;100\u00a0%"
        assert any(line.startswith("Attest van woonst;<\u00a05;") for line in lines)

    def test_escapes_what_a_spreadsheet_would_run(self):
        api.take_figures(figures=published_figures(name="=1+1"), source="https://a.example.org", now=NOW)
        assert "'=1+1;" in shown("export", tabel="gemeente")

    def test_gives_months_and_domains(self):
        a_year()
        assert "2026-02;16" in shown("export", tabel="maand")
        assert "Milieu en natuur;88" in shown("export", tabel="domein", domein="environment")

    def test_gives_every_chart_as_picture_and_workbook(self):
        a_year()
        for name in ("a", "b"):
            api.take_figures(
                figures=published_figures(name=name), source=f"https://{name}.example.org", now=NOW
            )
        assert "tabel=maand&amp;vorm=png" in shown("overview")
        assert "tabel=digitaal&amp;vorm=xlsx" in shown("comparison")
        assert answer("export", tabel="maand", vorm="png").content.startswith(b"\x89PNG")
        for table in ("maand", "digitaal", "doorlooptijd"):
            assert answer("export", tabel=table, vorm="xlsx").content.startswith(b"PK")

    @pytest.mark.parametrize("query", [{}, {"tabel": "x"}, {"tabel": "maand", "dienst": "x"}])
    def test_of_nothing_is_not_found(self, query):
        with pytest.raises(Http404):
            answer("export", **query)
