"""Views of a feed: which page a version is on, and what is served of it. Not covered: load."""

from urllib.parse import urlsplit
from uuid import UUID

import pytest

from ocapi.lib import clock
from ocapi.lib.ldes import vocabulary as ldes
from ocapi.lib.ldes.following import follow
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import TYPE, of_triples
from ocapi.modules.linkeddata import api, feeds, fragments
from ocapi.modules.linkeddata.data import RegisteredThing, ServiceNotFound, ViewKind
from ocapi.modules.linkeddata.models import VersionRow, ViewPageRow, ViewRow
from ocapi.modules.linkeddata.tests.conftest import OPERATOR
from ocapi.modules.linkeddata.tests.profile_files import an_organization
from ocapi.modules.linkeddata.tests.test_feeds import Reader, make

pytestmark = pytest.mark.usefixtures("services", "small_pages")
OBJECTS, CLASSES = "/data/open/feeds/objects", "/data/open/feeds/classes"


@pytest.fixture
def nobody(browse):
    return browse()


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(feeds, "PAGE_SIZE", 3)


def fill(count, name="Gemeente"):
    things = [
        RegisteredThing(key=f"k{each}", term="Organisatie", body=an_organization(naam=f"{name} {each}"))
        for each in range(count)
    ]
    return api.load_register(service="open", things=things, actor=OPERATOR, now=clock.now())


def add_view(kind=ViewKind.OBJECTS, service="open"):
    return api.add_view(service=service, kind=kind, now=clock.now())


def read(browser, path):
    reader = Reader(browser)
    for found in follow(f"{api.base()}{path}", fetch=reader.fetch, state=reader.state):
        reader.members += found
    return reader


def of_the_feed():
    return {f"{each.object.iri}/{each.sequence}" for each in VersionRow.objects.select_related("object")}


def pages():
    found = ViewPageRow.objects.order_by("view", "bucket", "page")
    return list(found.values_list("view__kind", "bucket", "page", "numbers"))


class TestMembers:
    @pytest.mark.parametrize(("kind", "path"), [(ViewKind.OBJECTS, OBJECTS), (ViewKind.CLASSES, CLASSES)])
    def test_are_those_of_the_feed_each_once(self, nobody, kind, path):
        add_view(kind)
        fill(20)
        (single,) = make()
        api.delete_object(
            service="open", term="Organisatie", uuid=single.uuid, sequence=1, actor=OPERATOR, now=clock.now()
        )
        fill(25, name="Stad")
        names = [each.name for each in read(nobody, path).members]
        assert len(names) == len(set(names)) == 47
        assert set(names) == of_the_feed()

    def test_of_one_object_are_in_one_group_in_order(self, nobody):
        add_view()
        for name in ("Een", "Twee", "Drie", "Vier", "Vijf"):
            fill(4, name=name)
        members = read(nobody, OBJECTS).members
        for of in {each.of for each in members}:
            assert [each.name for each in members if each.of == of] == [f"{of}/{n}" for n in range(1, 6)]
        assert len({UUID(each.of[-36:]).int % fragments.BUCKETS for each in members}) == len(
            {bucket for _kind, bucket, _page, _numbers in pages()}
        )

    def test_that_were_there_before_are_on_the_pages_they_would_have_had(self, nobody, monkeypatch):
        monkeypatch.setattr(fragments, "CAUGHT_UP_AT_ONCE", 4)
        add_view(ViewKind.OBJECTS)
        fill(10)
        fill(10, name="Stad")
        as_written = pages()
        ViewRow.objects.all().delete()
        assert (add_view(), add_view()) == (20, 0)
        assert pages() == as_written

    def test_are_not_taken_by_a_view_that_is_still_being_made(self, nobody):
        fill(5)
        add_view()
        ViewRow.objects.update(reached=2, places="{}")
        ViewPageRow.objects.all().delete()
        fill(3, name="Stad")
        assert pages() == []
        assert add_view() == 6


class TestPages:
    def test_are_immutable_when_full_and_short_lived_while_open(self, nobody):
        add_view(ViewKind.CLASSES)
        fill(4)
        full, opened = (nobody.get(f"{CLASSES}/Organisatie/{number}") for number in (1, 2))
        assert full["Cache-Control"] == "public, max-age=604800, immutable"
        assert opened["Cache-Control"] == "public, max-age=5"
        fill(9, name="Stad")
        again = nobody.get(f"{CLASSES}/Organisatie/1")
        assert (again.content, again["ETag"]) == (full.content, full["ETag"])
        assert nobody.get(f"{CLASSES}/Organisatie/2")["ETag"] != opened["ETag"]
        same = nobody.get(f"{CLASSES}/Organisatie/1", headers={"if-none-match": full["ETag"]})
        assert (same.status_code, same.content) == (304, b"")

    def test_cost_the_writer_no_row_for_a_version(self):
        add_view(ViewKind.CLASSES)
        fill(8)
        assert pages() == [
            ("classes", "Organisatie", 1, "1,2,3"),
            ("classes", "Organisatie", 2, "4,5,6"),
            ("classes", "Organisatie", 3, "7,8"),
        ]

    @pytest.mark.parametrize(
        "path",
        [
            *(f"{CLASSES}/Organisatie/{number}" for number in (0, 3, "x")),
            f"{CLASSES}/Anders/1",
            OBJECTS,
            f"{OBJECTS}/1/1",
            "/data/open/feeds/nergens",
        ],
    )
    def test_are_not_there_beyond_the_open_one_nor_in_a_view_that_is_not(self, nobody, path):
        add_view(ViewKind.CLASSES)
        fill(4)
        assert nobody.get(path).status_code == 404

    def test_are_not_for_who_may_not_read_the_service(self, nobody):
        add_view(service="organization")
        assert nobody.get("/data/organization/feeds/objects").status_code in (302, 401)
        assert nobody.get("/data/personal/feeds/objects").status_code in (302, 401)
        assert nobody.get("/data/organization/feeds/objects/1/1").status_code in (302, 401)


class TestRoot:
    def test_leads_to_each_group_stays_small_and_promises_nothing_of_them(self, nobody):
        add_view()
        before = nobody.get(OBJECTS, headers={"accept": "text/turtle"})
        fill(30)
        after = nobody.get(OBJECTS, headers={"accept": "text/turtle"})
        assert before.content == after.content
        assert len(after.content) < 4096
        graph = of_triples(turtle.parse(after.content, format=turtle.Format.TURTLE, base_iri="urn:x:"))
        ways = graph.subjects(TYPE, ldes.ANY_RELATION)
        firsts = {urlsplit(graph.one(each, ldes.TREE_NODE)).path for each in ways}
        assert firsts == {f"{OBJECTS}/{group}/1" for group in range(8)}
        assert graph.subjects(TYPE, ldes.AT_LEAST) == []

    def test_is_named_on_the_page_of_the_service(self, nobody):
        add_view()
        page = nobody.get("/data/open/").content.decode()
        assert (OBJECTS in page, CLASSES in page) == (True, False)

    def test_is_not_made_for_what_is_about_persons(self):
        with pytest.raises(ServiceNotFound):
            add_view(service="personal")
