"""Harvests of catalogues elsewhere: DCAT in its formats and pages, CKAN, and sources that misbehave.

Not covered: reading of one description (lib/tests/test_dcat), the network itself (lib/tests/test_egress).
"""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.jobs import api as jobs
from ocapi.lib import clock, codec
from ocapi.lib.dcat import ckan, rdfxml, writing
from ocapi.lib.dcat import vocabulary as v
from ocapi.lib.dcat.model import Agent, Catalog, CatalogRecord, Contact
from ocapi.lib.rdf.graph import Graph
from ocapi.lib.rdf.writing import Written, expanded_json, write
from ocapi.modules.opendata import api, fetching, harvesting, queries
from ocapi.modules.opendata.data import Asked, DatasetGone, RunOutcome, SourceKind, SourceRefused
from ocapi.modules.opendata.tests.factories import ANYBODY, NOON, Elsewhere, a_dataset, published, staff

SPARE = 4  # a word that stands in so many descriptions is counted apart
ADDRESS = "https://data.elders.be/catalog.ttl"
CATALOG = Catalog(
    iri="https://data.elders.be/",
    identifier="elders",
    title=(("nl", "Elders"),),
    description=(("nl", "Alles"),),
    publisher=Agent(name=(("nl", "Elders"),)),
    contact=Contact(name="Elders"),
    license="",
    homepage="",
)


def some(count, start=1):
    return [a_dataset(f"https://data.elders.be/id/{number:06}") for number in range(start, start + count)]


def page(datasets, *, here=ADDRESS, following="") -> Graph:
    described = [
        (each, CatalogRecord(iri=f"{each.iri}#r", identifier="r", topic=each.iri, modified=NOON))
        for each in datasets
    ]
    return writing.catalog_graph(CATALOG, described, page=here, following=following)


def turtle(graph: Graph) -> tuple[bytes, str]:
    return write(graph, format=Written.TURTLE, prefixes=v.PREFIXES).encode(), "text/turtle"


def packages(datasets, *, total=None) -> tuple[bytes, str]:
    made = [
        ckan.package(each, id=str(number), name=f"p-{number}", landing_page=each.iri)
        for number, each in enumerate(datasets)
    ]
    result = {"count": len(made) if total is None else total, "results": made}
    return codec.encode_json({"success": True, "result": result}), "application/json"


@pytest.fixture
def a_source(house):
    def made(address=ADDRESS, kind=SourceKind.DCAT):
        return api.add_source(
            title="Elders", address=address, kind=kind, actor=staff("tenant_admin"), now=clock.now()
        )

    return made


def harvested(source, fetch):
    return api.harvest(source=source, now=clock.now(), fetch=fetch)


def total():
    return api.search_catalog(asked=Asked(), actor=ANYBODY).total


class TestHarvest:
    def test_ten_times_gives_no_doubles_and_no_changes(self, a_source):
        source, fetch = a_source(), Elsewhere({ADDRESS: turtle(page(some(5)))})
        runs = [harvested(source, fetch) for _time in range(10)]
        assert [each.outcome for each in runs] == [RunOutcome.COMPLETE] * 10
        assert (runs[0].made, runs[0].seen) == (5, 5)
        assert [(each.made, each.changed, each.same, each.gone) for each in runs[1:]] == [(0, 0, 5, 0)] * 9
        assert total() == queries.last_number() == 5

    @pytest.mark.parametrize(
        "write_as",
        [
            turtle,
            lambda graph: (codec.encode_json(expanded_json(graph)), "application/ld+json"),
            lambda graph: (rdfxml.write(graph, prefixes=v.PREFIXES), "application/rdf+xml"),
            lambda graph: (rdfxml.write(graph, prefixes=v.PREFIXES), "text/plain"),
            lambda graph: (turtle(graph)[0], "application/octet-stream"),
        ],
    )
    def test_reads_each_format_also_under_a_wrong_name(self, a_source, write_as):
        run = harvested(a_source(), Elsewhere({ADDRESS: write_as(page(some(3)))}))
        assert (run.outcome, run.made) == (RunOutcome.COMPLETE, 3)

    def test_asks_the_database_hardly_more_for_thirty_datasets_than_for_ten(self, a_source):
        counts = []
        for number, size in enumerate((10, 30)):
            address = f"{ADDRESS}?{number}"
            fetch = Elsewhere({address: turtle(page(some(size, 1 + 100 * number), here=address))})
            source = a_source(address)
            with CaptureQueriesContext(connection) as asked:
                assert harvested(source, fetch).made == size
            counts.append(len(asked))
        assert counts[1] - counts[0] <= 20 + SPARE  # one more for each: what is kept of where it came from

    def test_follows_pages_to_the_last(self, a_source):
        second = "https://data.elders.be/catalog.ttl?page=2"
        fetch = Elsewhere(
            {
                ADDRESS: turtle(page(some(3), following=second)),
                second: turtle(page(some(2, 4), here=second)),
            }
        )
        assert harvested(a_source(), fetch).seen == 5
        assert fetch.asked == [ADDRESS, second]

    def test_takes_out_what_vanished_and_brings_back_what_returned_under_its_name(self, a_source):
        source = a_source()
        harvested(source, Elsewhere({ADDRESS: turtle(page(some(3)))}))
        code = queries.list_codes()[-1]
        last = next(each for each in some(3) if queries.dataset_row(code=code).iri == each.iri)
        rest = [each for each in some(3) if each != last]
        run = harvested(source, Elsewhere({ADDRESS: turtle(page(rest))}))
        assert (run.gone, run.same, total()) == (1, 2, 2)
        with pytest.raises(DatasetGone):
            api.get_published(code=code, actor=ANYBODY)
        run = harvested(source, Elsewhere({ADDRESS: turtle(page(some(3)))}))
        assert (run.made, run.changed, total()) == (0, 1, 3)
        assert api.get_published(code=code, actor=ANYBODY).dataset.iri == last.iri

    def test_takes_what_changed_and_nothing_else(self, a_source):
        source = a_source()
        harvested(source, Elsewhere({ADDRESS: turtle(page(some(3)))}))
        changed = [replace(some(1)[0], title=(("nl", "Anders"),)), *some(2, 2)]
        run = harvested(source, Elsewhere({ADDRESS: turtle(page(changed))}))
        assert (run.changed, run.same) == (1, 2)
        assert api.search_catalog(asked=Asked(text="anders"), actor=ANYBODY).total == 1

    def test_lists_what_cannot_be_kept_with_the_reason_and_takes_the_rest(self, a_source, house):
        source = a_source()
        bad = replace(some(1, 9)[0], title=())
        own = a_dataset(f"{house.base_iri.rstrip('/')}/id/dataset/1")
        run = harvested(source, Elsewhere({ADDRESS: turtle(page([*some(2), bad, own]))}))
        assert (run.outcome, run.made, run.refused) == (RunOutcome.COMPLETE, 2, 2)
        _source, _runs, errors, _faulty = api.get_source(source=source, actor=staff("clerk"))
        assert {each.name: each.reason for each in errors} == {bad.iri: "noTitle", own.iri: "ownName"}
        harvested(source, Elsewhere({ADDRESS: turtle(page(some(2)))}))
        assert api.get_source(source=source, actor=staff("clerk"))[2] == ()

    def test_keeps_one_of_two_sources_that_tell_of_the_same(self, a_source):
        one, two = a_source(), a_source("https://portaal.be/catalog.ttl")
        harvested(one, Elsewhere({ADDRESS: turtle(page(some(2)))}))
        run = harvested(two, Elsewhere({"https://portaal.be/catalog.ttl": turtle(page(some(3)))}))
        assert (run.made, run.refused, total()) == (1, 2, 3)
        assert {each.reason for each in api.get_source(source=two, actor=staff())[2]} == {"knownElsewhere"}

    def test_shows_what_breaks_the_standards(self, a_source):
        source = a_source()
        harvested(source, Elsewhere({ADDRESS: turtle(page([replace(some(1)[0], publisher=None)]))}))
        (faulty,) = api.get_source(source=source, actor=staff())[3]
        assert faulty[2] == 1

    def test_brings_many_within_few_statements_each(self, a_source):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        source, fetch = a_source(), Elsewhere({ADDRESS: turtle(page(some(60)))})
        with CaptureQueriesContext(connection) as asked:
            harvested(source, fetch)
        assert len(asked) <= 60 * 22
        with CaptureQueriesContext(connection) as asked:
            harvested(source, fetch)
        assert len(asked) <= 25


    def test_says_of_one_before_that_its_process_ended(self, a_source, monkeypatch):
        source = a_source()
        with monkeypatch.context() as broken, pytest.raises(SystemExit):
            broken.setattr(harvesting, "_bounded", lambda *_: (_ for _ in ()).throw(SystemExit))
            harvested(source, Elsewhere({ADDRESS: turtle(page(some(2)))}))
        harvested(source, Elsewhere({ADDRESS: turtle(page(some(2)))}))
        _found, runs, _errors, _faulty = api.get_source(source=source, actor=staff("tenant_admin"))
        assert [(each.outcome, each.problem) for each in runs] == [
            (RunOutcome.COMPLETE, ""), (RunOutcome.FAILED, "interrupted"),
        ]


class TestCkanSource:
    SITE = "https://ckan.elders.be"

    def addresses(self, *pages):
        return Elsewhere(
            {
                f"{self.SITE}/api/3/action/package_search?rows=200&start={start}&sort=name+asc": raw
                for start, raw in pages
            }
        )

    def test_is_read_page_by_page_without_doubles(self, a_source):
        source = a_source(f"{self.SITE}/api/3", SourceKind.CKAN)
        fetch = self.addresses((0, packages(some(3), total=5)), (3, packages(some(2, 4), total=5)))
        assert (harvested(source, fetch).made, harvested(source, fetch).same, total()) == (5, 5, 5)

    def test_names_packages_that_are_none(self, a_source):
        result = {"count": 3, "results": [7, {"name": "zonder-titel", "title": "", "id": ""}, {"title": "X"}]}
        raw = codec.encode_json({"result": result}), "application/json"
        run = harvested(a_source(self.SITE, SourceKind.CKAN), self.addresses((0, raw)))
        assert (run.made, run.refused) == (1, 2)

    @pytest.mark.parametrize(
        ("raw", "problem"),
        [
            (b"<html>", "notJson"),
            (b"{}", "notCkan"),
            (b'{"result":{"count":"9","results":[]}}', "notCkan"),
            (b'{"result":{"count":0,"results":[]}}', "nothingFound"),
            (b"[" * 100_000, "notJson"),
        ],
    )
    def test_that_is_none_says_so(self, a_source, raw, problem):
        run = harvested(a_source(self.SITE, SourceKind.CKAN), self.addresses((0, (raw, ""))))
        assert (run.outcome, run.problem) == (RunOutcome.FAILED, problem)

    def test_that_answers_the_same_for_ever_is_stopped(self, a_source):
        def same_page(address):
            raw, kind = packages(some(2), total=10**9)
            return fetching.Fetched(content=raw, media_type=kind, address=address)

        run = harvested(a_source(self.SITE, SourceKind.CKAN), same_page)
        assert (run.outcome, run.problem, run.made) == (RunOutcome.PARTIAL, "repeatsItself", 2)


class TestBadSource:
    @pytest.mark.parametrize(
        ("raw", "problem"),
        [
            (b"\x00\xff garbage", "notRdf"),
            (b"", "nothingFound"),
            (b"<http://a> <http://b> <http://c> .", "nothingFound"),
            (b'{"@context":"https://elders.be/context.jsonld"}', "remoteContext"),
            (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>', "entities"),
        ],
    )
    def test_takes_nothing_out_and_says_what_stood_in_the_way(self, a_source, raw, problem):
        source = a_source()
        harvested(source, Elsewhere({ADDRESS: turtle(page(some(2)))}))
        run = harvested(source, Elsewhere({ADDRESS: (raw, "")}))
        assert (run.outcome, run.problem, run.gone, total()) == (RunOutcome.FAILED, problem, 0, 2)

    def test_that_breaks_off_takes_nothing_out(self, a_source):
        source = a_source()
        harvested(source, Elsewhere({ADDRESS: turtle(page(some(4)))}))
        broken = Elsewhere({ADDRESS: turtle(page(some(1), following="https://data.elders.be/2"))})
        run = harvested(source, broken)
        assert (run.outcome, run.problem, run.gone, total()) == (RunOutcome.PARTIAL, "status", 0, 4)

    def test_that_leads_in_a_circle_is_stopped(self, a_source):
        run = harvested(a_source(), Elsewhere({ADDRESS: turtle(page(some(1), following=ADDRESS))}))
        assert (run.outcome, run.problem) == (RunOutcome.PARTIAL, "repeatsItself")

    def test_that_never_ends_is_stopped(self, a_source, monkeypatch):
        monkeypatch.setattr(harvesting, "MAX_DATASETS", 25)

        def endless(address):
            number = int(address.partition("=")[2] or 0)
            raw, kind = turtle(page(some(2, number * 2), here=address, following=f"{ADDRESS}?p={number + 1}"))
            return fetching.Fetched(content=raw, media_type=kind, address=address)

        run = harvested(a_source(), endless)
        assert (run.problem, run.made, total()) == ("tooMany", 24, 24)

    def test_that_sends_more_than_it_may_is_stopped(self, a_source, monkeypatch):
        monkeypatch.setattr(harvesting, "MAX_BYTES", 100)
        assert harvested(a_source(), Elsewhere({ADDRESS: turtle(page(some(1)))})).problem == "tooLarge"

    def test_that_takes_too_long_is_stopped(self, a_source, monkeypatch):
        monkeypatch.setattr(harvesting, "MAX_SECONDS", -1)
        assert harvested(a_source(), Elsewhere({ADDRESS: turtle(page(some(1)))})).problem == "tooLong"

    @pytest.mark.parametrize(
        "address",
        [
            "http://169.254.169.254/latest",
            "file:///etc/passwd",
            "https://elders.be/ a",
            "geen adres",
            "https://" + "jan:geheim" + "@elders.be/",
            "ftp://elders.be/",
        ],
    )
    def test_is_refused_by_its_address(self, a_source, address):
        with pytest.raises(SourceRefused):
            a_source(address)

    def test_inside_our_own_network_is_never_called(self, a_source):
        run = api.harvest(source=a_source("https://10.0.0.8/catalog.ttl"), now=clock.now())
        assert (run.outcome, run.problem) == (RunOutcome.FAILED, "refused")

    def test_leads_to_no_other_host(self):
        fetch = fetching.fetcher("https://elders.be/catalog.ttl")
        with pytest.raises(fetching.SourceUnavailable) as refused:
            fetch("https://anders.be/2.ttl")
        assert refused.value.reason == "refused"


class TestSources:
    def test_are_kept_by_administrators_and_once(self, a_source):
        a_source()
        with pytest.raises(SourceRefused):
            a_source()
        with pytest.raises(NotAllowed):
            api.add_source(title="X", address="https://x.be/", kind=SourceKind.DCAT, actor=staff(), now=NOON)

    def test_that_stop_leave_no_ghosts_and_can_come_back(self, a_source, offered):
        source, fetch = a_source(), Elsewhere({ADDRESS: turtle(page(some(3)))})
        published()
        harvested(source, fetch)
        api.stop_source(source=source, actor=staff("tenant_admin"), now=clock.now())
        assert queries.active_sources() == ()
        jobs.visit(now=clock.now(), budget_ms=60_000, only=(api.EMPTY_SOURCE,))
        assert total() == 1
        assert a_source() == source
        assert harvested(source, fetch).changed == 3
        assert total() == 4

    def test_that_stop_end_a_harvest_that_is_under_way_with_its_batch(self, a_source, monkeypatch):
        source = a_source()
        monkeypatch.setattr(harvesting, "BATCH", 2)
        taken = harvesting._take_batch

        def take_and_stop(batch, going):
            taken(batch, going)
            api.stop_source(source=source, actor=staff("tenant_admin"), now=clock.now())

        monkeypatch.setattr(harvesting, "_take_batch", take_and_stop)
        run = harvested(source, Elsewhere({ADDRESS: turtle(page(some(6)))}))
        assert (run.outcome, run.problem, run.made) == (RunOutcome.PARTIAL, "stopped", 2)
        jobs.visit(now=clock.now(), budget_ms=60_000, only=(api.EMPTY_SOURCE,))
        assert total() == 0

    def test_are_harvested_each_night_and_asked_once(self, a_source):
        a_source()
        assert api.plan_harvests(now=clock.now()) == 1
