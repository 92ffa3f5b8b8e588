"""The feed of a service: pages, caching, and a reader that follows it. Not covered: load."""

import gzip
from urllib.parse import urlsplit

import pytest

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock
from ocapi.lib.ldes import vocabulary as ldes
from ocapi.lib.ldes.following import Fetched, State, follow
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import TYPE, of_triples
from ocapi.modules.linkeddata import api, feeds
from ocapi.modules.linkeddata.models import VersionRow
from ocapi.modules.linkeddata.tests.conftest import OPERATOR
from ocapi.modules.linkeddata.tests.profile_files import an_organization

pytestmark = pytest.mark.usefixtures("services")


@pytest.fixture
def nobody(browse):
    return browse()


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(feeds, "PAGE_SIZE", 3)


def make(count=1, service="open", **changes):
    return [
        api.create_object(
            service=service,
            term="Organisatie",
            body=an_organization(**changes),
            actor=OPERATOR,
            now=clock.now(),
        )
        for _ in range(count)
    ]


class Reader:
    """Follows the feed through the site, as a client elsewhere does; knows what it asked and was sent."""

    def __init__(self, browser, kept=None):
        self.browser, self.asked, self.members = browser, [], []
        self.state = State.of(kept or {})

    def fetch(self, address, tag):
        headers = {"accept": "text/turtle", **({"if-none-match": tag} if tag else {})}
        answer = self.browser.get(urlsplit(address).path, headers=headers)
        self.asked.append((address.rpartition("/")[2], answer.status_code))
        if answer.status_code == 304:
            return Fetched(graph=None, tag=tag)
        graph = of_triples(turtle.parse(answer.content, format=turtle.Format.TURTLE, base_iri="urn:x:"))
        return Fetched(graph=graph, tag=answer["ETag"], is_immutable="immutable" in answer["Cache-Control"])

    def read(self, pages=None):
        for count, found in enumerate(
            follow(f"{api.base()}/data/open/feed", fetch=self.fetch, state=self.state), 1
        ):
            self.members += found
            if count == pages:
                break
        return [each.name for each in self.members]


@pytest.mark.usefixtures("small_pages")
class TestPages:
    def test_hold_every_version_once_in_order_of_commit(self, nobody):
        made = make(7)
        api.delete_object(
            service="open", term="Organisatie", uuid=made[0].uuid, sequence=1, actor=OPERATOR, now=clock.now()
        )
        rows = VersionRow.objects.select_related("object").order_by("number")
        assert Reader(nobody).read() == [f"{each.object.iri}/{each.sequence}" for each in rows]

    def test_say_what_the_object_said_and_that_it_was_deleted(self, nobody):
        (made,) = make(vestiging=[{"@type": "Vestiging", "plaats": "Markt"}])
        api.delete_object(
            service="open", term="Organisatie", uuid=made.uuid, sequence=1, actor=OPERATOR, now=clock.now()
        )
        reader = Reader(nobody)
        reader.read()
        first, last = reader.members
        assert {each.of for each in reader.members} == {made.iri}
        assert (first.is_deletion, last.is_deletion) == (False, True)
        assert any(predicate.endswith("prefLabel") for _s, predicate, _v in first.statements)
        assert any(getattr(value, "text", "") == "Markt" for _s, _p, value in first.statements)

    def test_serve_an_object_of_before_whose_language_is_no_tag(self, nobody):
        make(3)
        odd = VersionRow.objects.get(number=2)
        odd.content["naam"] = {"@value": "Oud", "@language": "nl_BE"}
        odd.save()
        page = nobody.get("/data/open/feed/1")
        assert (page.status_code, b'"Oud"@nl-be' in page.content) == (200, True)
        api.rebuild(now=clock.now())
        kept = tenants.folder() / "published" / "ldes" / "open" / "1.nt.gz"
        assert gzip.decompress(kept.read_bytes()) == page.content
        kept.unlink()
        assert nobody.get(urlsplit(odd.object.iri).path.replace("/id/", "/doc/")).status_code == 200

    def test_are_immutable_when_full_and_short_lived_while_open(self, nobody):
        make(4)
        full, opened = (nobody.get(f"/data/open/feed/{number}") for number in (1, 2))
        assert full["Cache-Control"] == "public, max-age=604800, immutable"
        assert opened["Cache-Control"] == "public, max-age=5"
        before = full.content
        make(5)
        assert nobody.get("/data/open/feed/1").content == before
        assert nobody.get("/data/open/feed/2")["ETag"] != opened["ETag"]
        again = nobody.get("/data/open/feed/1", headers={"if-none-match": full["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    def test_are_kept_compressed_to_the_same_bytes_as_made_from_rows(self, nobody):
        make(7)
        from_rows = nobody.get("/data/open/feed/1").content
        assert api.keep_full_pages(service="open", now=clock.now()) == 2
        assert api.keep_full_pages(service="open", now=clock.now()) == 0
        folder = tenants.folder() / "published" / "ldes" / "open"
        assert sorted(each.name for each in folder.iterdir()) == ["1.nt.gz", "2.nt.gz"]
        assert gzip.decompress((folder / "1.nt.gz").read_bytes()) == from_rows
        assert nobody.get("/data/open/feed/1").content == from_rows
        for each in folder.iterdir():
            each.unlink()

    def test_are_kept_from_the_oldest_in_turns(self, monkeypatch):
        monkeypatch.setattr(feeds, "KEPT_AT_ONCE", 2)
        make(16)
        folder = tenants.folder() / "published" / "ldes" / "open"
        assert [api.keep_full_pages(service="open", now=clock.now()) for _turn in range(4)] == [2, 2, 1, 0]
        assert sorted(each.name for each in folder.iterdir()) == [f"{n}.nt.gz" for n in range(1, 6)]
        for each in folder.iterdir():
            each.unlink()

    @pytest.mark.parametrize(
        "media_type",
        [
            "application/n-quads",
            "application/trig",
            "application/ld+json",
            "application/n-triples",
            "text/turtle",
        ],
    )
    def test_say_the_same_in_every_format(self, nobody, media_type):
        import pyoxigraph

        make(4)
        asked = pyoxigraph.RdfFormat.from_media_type(media_type)

        def count(content, of):
            return len(
                {
                    (
                        str(q.subject)[:2] == "_:" or q.subject,
                        q.predicate,
                        str(q.object)[:2] == "_:" or q.object,
                    )
                    for q in pyoxigraph.parse(content, format=of)
                }
            )

        answer = nobody.get("/data/open/feed/1", headers={"accept": media_type})
        assert answer["Content-Type"] == media_type
        plain = nobody.get("/data/open/feed/1", headers={"accept": "application/n-triples"}).content
        assert count(answer.content, asked) == count(plain, pyoxigraph.RdfFormat.N_TRIPLES) > 20

    @pytest.mark.parametrize(
        "path", ["/data/open/feed/0", "/data/open/feed/3", "/data/open/feed/x", "/data/nergens/feed"]
    )
    def test_are_not_there_beyond_the_open_one(self, nobody, path):
        make(4)
        assert nobody.get(path).status_code == 404


class TestRoot:
    def test_has_one_view_the_paths_the_retention_and_one_way_on(self, nobody):
        answer = nobody.get("/data/open/feed", headers={"accept": "text/turtle"})
        graph = of_triples(turtle.parse(answer.content, format=turtle.Format.TURTLE, base_iri="urn:x:"))
        (stream,) = graph.subjects(TYPE, ldes.EVENT_STREAM)
        assert len(graph.values(stream, ldes.VIEW)) == 1
        assert graph.values(stream, ldes.TIMESTAMP_PATH) == [ldes.GENERATED_AT]
        assert graph.values(stream, ldes.VERSION_OF_PATH) == [ldes.IS_VERSION_OF]
        assert len(graph.subjects(TYPE, ldes.AT_LEAST)) == 1
        assert any(predicate == ldes.FULL_LOG for _s, predicate, _v in graph)

    def test_is_as_small_with_many_members_as_with_none(self, nobody, small_pages):
        before = nobody.get("/data/open/feed").content
        make(8)
        assert nobody.get("/data/open/feed").content == before
        assert len(before) < 4096

    def test_is_not_there_for_what_is_about_persons_nor_for_who_may_not_read(self, nobody, browse):
        assert browse("clerk").get("/data/personal/feed").status_code == 404
        assert nobody.get("/data/organization/feed").status_code in (302, 401)


@pytest.mark.usefixtures("small_pages")
class TestReader:
    def test_goes_on_where_it_stopped_without_loss_or_double(self, nobody):
        make(8)
        first = Reader(nobody)
        first.read(pages=1)
        second = Reader(nobody, kept=first.state.kept())
        names = [each.name for each in first.members] + second.read()
        assert len(names) == len(set(names)) == 8
        assert ("1", 200) not in second.asked

    def test_asks_only_for_the_root_and_the_open_page_when_it_is_up_to_date(self, nobody):
        make(8)
        reader = Reader(nobody)
        reader.read()
        reader.asked.clear()
        reader.read()
        assert reader.asked == [("feed", 304), ("3", 304)]

    def test_takes_what_was_added_since(self, nobody):
        make(4)
        reader = Reader(nobody)
        reader.read()
        make(4)
        assert len(set(reader.read())) == len(reader.members) == 8

    def test_tells_of_a_page_that_retention_took_away(self, nobody):
        make(4)
        reader = Reader(nobody)
        whole = reader.fetch

        def gone(address, tag):
            return Fetched(graph=None, is_gone=True) if address.endswith("/2") else whole(address, tag)

        reader.fetch = gone
        assert len(reader.read()) == 3
        assert len(reader.state.gaps) == 1
