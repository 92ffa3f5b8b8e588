"""A feed of one organization fills a service of another: nothing lost, nothing twice, refusals by name.

Not covered: fetching over the network (lib/egress) and feeds of other makers.
"""

from datetime import date

import pytest

from ocapi.lib import clock, egress
from ocapi.lib.ldes.following import FeedBroken, Fetched, Received
from ocapi.lib.profile import reader
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import TYPE, Lexical, of_triples
from ocapi.modules.linkeddata import api, feeds, fetching
from ocapi.modules.linkeddata.models import ObjectRow, PersonalContentRow, ServiceRow, VersionRow
from ocapi.modules.linkeddata.receiving import thing_of
from ocapi.modules.linkeddata.tests.conftest import OPERATOR
from ocapi.modules.linkeddata.tests.profile_files import an_organization

pytestmark = pytest.mark.usefixtures("services")
ROOT = "https://elders.be/data/open/feed"


@pytest.fixture
def elsewhere(services, monkeypatch):
    """The pages of a feed as another organization would send them, by address; ours is empty after it."""
    monkeypatch.setattr(feeds, "PAGE_SIZE", 3)
    monkeypatch.setattr(api, "base", lambda: "https://elders.be")
    now = clock.now()
    asked = {"service": "open", "term": "Organisatie", "actor": OPERATOR, "now": now}
    made = [
        api.create_object(
            body=an_organization(
                naam=f"Naam {number}",
                start="2019-01-01",
                vestiging=[{"@type": "Vestiging", "plaats": "Markt"}],
            ),
            **asked,
        )
        for number in range(5)
    ]
    api.patch_object(uuid=made[0].uuid, patch={"naam": "Nieuwe naam"}, sequence=1, **asked)
    api.delete_object(uuid=made[1].uuid, sequence=1, **asked)
    api.end_object(
        uuid=made[2].uuid, ended_on=date(2025, 1, 1), replaced_by=(made[3].iri,), sequence=1, **asked
    )
    pages = {
        ROOT: api.get_feed(service="open", media_type="text/turtle", actor=OPERATOR),
        **{
            f"{ROOT}/{n}": api.get_feed_page(
                service="open", number=n, media_type="text/turtle", actor=OPERATOR
            )
            for n in (1, 2, 3)
        },
    }
    contents = {
        each.iri: api.get_object(uuid=each.uuid, term="Organisatie", actor=OPERATOR, now=now).content
        for each in made
        if each is not made[1]
    }
    monkeypatch.undo()
    for model in (PersonalContentRow, VersionRow, ObjectRow):
        model.objects.all().delete()
    ServiceRow.objects.update(last_number=0)
    return pages, contents


def sender(pages, *, stop_at=""):
    asked = []

    def fetch(address, tag):
        if address == stop_at:
            raise ConnectionError(address)
        asked.append(address)
        found = pages[address]
        graph = of_triples(turtle.parse(found.content, format=turtle.Format.TURTLE, base_iri="urn:x:"))
        return Fetched(graph=graph, tag=found.tag, is_immutable=found.is_full)

    return fetch, asked


def follow(fetch, service="open"):
    return api.follow_feed(service=service, address=ROOT, fetch=fetch, actor=OPERATOR, now=clock.now())


def contents():
    return {
        row.iri: VersionRow.objects.get(object=row, sequence=1 if row.ended_on else row.sequence).content
        for row in ObjectRow.objects.filter(is_deleted=False)
    }


class TestFollowFeed:
    def test_gives_the_newest_of_every_object_as_it_was_written(self, elsewhere):
        pages, written = elsewhere
        done = follow(sender(pages)[0])
        assert (done.refused, done.gaps) == ((), ())
        assert contents() == written
        assert ObjectRow.objects.filter(is_deleted=True).count() == 1

    def test_refuses_things_that_another_service_has_by_name_and_takes_them_nowhere_else(self, elsewhere):
        pages, written = elsewhere
        follow(sender(pages)[0])
        again = follow(sender(pages)[0], service="organization")
        assert again.taken == 0
        assert {reason for _name, reason in again.refused} == {"knownElsewhere"}
        assert contents() == written

    def test_says_when_an_address_is_no_feed(self):
        thing = Fetched(graph=of_triples(turtle.parse(
            b"<urn:a> <urn:b> <urn:c> .", format=turtle.Format.TURTLE, base_iri="urn:x:"
        )))
        with pytest.raises(FeedBroken, match="notAFeed"):
            follow(lambda address, tag: thing)

    def test_keeps_versions_and_how_things_ended(self, elsewhere):
        follow(sender(elsewhere[0])[0])
        renamed = ObjectRow.objects.get(title="Nieuwe naam")
        assert VersionRow.objects.filter(object=renamed).count() == 2
        ended = ObjectRow.objects.get(ended_on="2025-01-01")
        assert ended.replaced_by[0].startswith("https://elders.be/id/Organisatie/")

    def test_goes_on_after_a_crash_without_asking_or_taking_twice(self, elsewhere):
        pages, written = elsewhere
        with pytest.raises(ConnectionError):
            follow(sender(pages, stop_at=f"{ROOT}/2")[0])
        before = VersionRow.objects.count()
        assert before == 3
        fetch, asked = sender(pages)
        follow(fetch)
        assert f"{ROOT}/1" not in asked
        assert contents() == written
        follow(sender(pages)[0])
        assert VersionRow.objects.count() == 8

    def test_refuses_by_name_what_is_not_what_the_profile_asks(self, elsewhere):
        pages, written = elsewhere
        wrong = {
            address: type(page)(
                content=page.content.replace(b"0207446773", b"kapot"), tag=page.tag, is_full=page.is_full
            )
            if address.endswith("/1")
            else page
            for address, page in pages.items()
        }
        done = follow(sender(wrong)[0])
        assert len(done.refused) == 3
        assert all("PatternConstraintComponent" in reason for _name, reason in done.refused)
        assert set(contents()) == set(written)  # by their later versions

    def test_never_writes_under_a_name_of_ours(self, elsewhere, tenant):
        ours = tenant.base_iri.encode()
        pages = {
            address: type(page)(
                content=page.content.replace(b"<https://elders.be/id", b"<" + ours + b"/id"),
                tag=page.tag,
                is_full=page.is_full,
            )
            for address, page in elsewhere[0].items()
        }
        done = follow(sender(pages)[0])
        assert {reason for _name, reason in done.refused} == {"ownName"}
        assert not ObjectRow.objects.exists()


class TestFetcher:
    def answered(self, monkeypatch, **changes):
        told = {
            "status": 200,
            "headers": {"content-type": "text/turtle", "etag": '"1"'},
            "url": ROOT,
            "body": b"<urn:a> <urn:b> <urn:c> .",
            **changes,
        }
        monkeypatch.setattr(egress, "send", lambda **_call: egress.Answer(**told))
        return fetching.fetcher(ROOT, is_internal=False)(ROOT, '"0"')

    def test_reads_a_page_with_its_tag(self, monkeypatch):
        headers = {
            "content-type": "text/turtle; charset=utf-8",
            "cache-control": "public, immutable",
            "etag": '"1"',
        }
        found = self.answered(monkeypatch, headers=headers)
        assert (found.tag, found.is_immutable, len(list(found.graph))) == ('"1"', True, 1)

    def test_knows_a_page_that_is_as_it_was_and_one_that_is_gone(self, monkeypatch):
        assert self.answered(monkeypatch, status=304).graph is None
        assert self.answered(monkeypatch, status=410).is_gone

    @pytest.mark.parametrize(
        "changes",
        [
            {"status": 503, "headers": {"retry-after": "30"}},
            {"headers": {"content-type": "text/html"}},
            {"body": b"geen turtle"},
            {"headers": {"content-type": "application/ld+json"}, "body": b"[[[["},
        ],
    )
    def test_stops_at_what_is_no_page_so_that_the_next_time_goes_on_there(self, monkeypatch, changes):
        with pytest.raises(fetching.FeedUnavailable):
            self.answered(monkeypatch, **changes)

    def test_goes_to_no_other_host_and_to_no_address_inside(self):
        fetch = fetching.fetcher("https://127.0.0.1/ldes", is_internal=False)
        for address in ("https://127.0.0.1/ldes", "https://elders.be/", "file:///etc/passwd"):
            with pytest.raises(fetching.FeedUnavailable):
                fetch(address, "")


class TestMember:
    def test_is_written_with_the_terms_that_its_class_has_by_its_own_context(self):
        context = b"""{"@context": {"Boek": {"@id": "https://voorbeeld.be/ns#Boek", "@context": {
            "titel": "https://voorbeeld.be/ns#titel"}}}}"""
        profile = reader.read({"context.jsonld": context}, name="boeken")
        name = "https://elders.be/id/1/1"
        statements = (
            (name, TYPE, "https://voorbeeld.be/ns#Boek"),
            (name, "https://voorbeeld.be/ns#titel", Lexical("Reinaert")),
        )
        member = Received(name=name, of=name[:-2], at="", is_deletion=False, statements=statements)
        assert thing_of(member, profile=profile).body == {"@type": "Boek", "titel": "Reinaert"}
