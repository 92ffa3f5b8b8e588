"""What people and machines get: pages, files, catalogue pages, the feed, and withdrawn things.

Not covered: how pages look (tests/journeys), CKAN (test_ckan).
"""

import json

import pytest
import yaml
from django.urls import reverse

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.data import Identifier, OrganizationKind, OrganizationStatus, RegisterRecord
from ocapi.lib import clock
from ocapi.lib.dcat import reading
from ocapi.lib.ldes.following import Fetched, State, follow
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import of_triples
from ocapi.modules.opendata import api, checking, feeds, queries
from ocapi.modules.opendata.data import Column, ColumnKind, SourceKind
from ocapi.modules.opendata.tests.factories import (
    ANYBODY,
    COUNTERS,
    SYSTEM,
    Elsewhere,
    a_dataset,
    a_table,
    published,
    staff,
)
from ocapi.modules.opendata.tests.test_harvest import ADDRESS, page, some
from ocapi.modules.opendata.tests.test_harvest import turtle as as_turtle

CODE = "fietstellers-in-de-gemeente"
FORMATS = {
    "ttl": turtle.Format.TURTLE,
    "jsonld": turtle.Format.JSON_LD,
    "rdf": turtle.Format.RDF_XML,
}


@pytest.fixture
def shared_data(house, offered):
    return published()


@pytest.fixture
def nobody(browse):
    return browse()


def graph_of(answer, extension):
    return of_triples(turtle.parse(answer.content, format=FORMATS[extension], base_iri="https://x.be/"))


def data_block(answer):
    text = (
        answer.content.decode().partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    )
    return json.loads(text)


class TestCatalog:
    def test_says_what_to_do_when_it_is_empty_or_finds_nothing(self, nobody):
        assert "Er is nog geen open data" in nobody.get("/open-data/").content.decode()
        assert "We vonden geen data" in nobody.get("/open-data/?q=qqqq").content.decode()

    def test_shows_datasets_with_facets_that_narrow(self, nobody, shared_data, offered):
        offered.add("bomen", a_table(COUNTERS[:1], [("Eik",)]))
        published(code="bomen", title="Bomen", theme="ENVI")
        text = nobody.get("/open-data/").content.decode()
        assert "Fietstellers in de gemeente" in text
        assert "/open-data/?thema=envi" in text
        narrowed = nobody.get("/open-data/?thema=envi").content.decode()
        assert "Fietstellers in de gemeente" not in narrowed
        assert "Bomen" in narrowed

    @pytest.mark.parametrize(
        "query", ["pagina=-1", "pagina=999999999", "sorteer=x'", "thema=%00", "q=" + "a" * 9_000]
    )
    def test_bears_any_address(self, nobody, shared_data, query):
        assert nobody.get(f"/open-data/?{query}").status_code == 200


class TestDataset:
    def test_shows_all_there_is_to_know(self, nobody, shared_data):
        text = nobody.get(f"/open-data/{CODE}").content.decode()
        for shown in (
            "Coupure",
            "data.parquet",
            "data.geojson",
            "Modellicentie",
            "Elke dag",
            "volgt DCAT-AP 3",
            "Eén teller mist",
            "rows",
            "openapi.yaml",
            "circle",
        ):
            assert shown in text, shown

    def test_of_the_organization_itself_names_its_area(self, browse, nobody, offered):
        own = RegisterRecord(
            key="vlavirgem",
            kind=OrganizationKind.MUNICIPALITY,
            status=OrganizationStatus.ACTIVE,
            identifiers=(
                Identifier(scheme="name", value="Vlavirgem"),
                Identifier(scheme="nis", value="99991", edition="2025"),
            ),
        )
        accounts.load_local_authorities(
            (own,), (), source="test", actor=SYSTEM, now=clock.now(), own_key="vlavirgem"
        )
        offered.add("bomen", a_table(COUNTERS[:1], [("Eik",)]), is_local=True)
        shared = browse("policy_maker").post("/desk/open-data/aanbod/test/bomen/", TestDesk.form())
        assert (shared.status_code, shared["Location"]) == (302, "/open-data/fietstellers")
        published()
        assert "Vlavirgem, België" in nobody.get("/open-data/fietstellers").content.decode()
        assert "Vlavirgem, België" not in nobody.get(f"/open-data/{CODE}").content.decode()
        described = graph_of(nobody.get("/open-data/catalog.ttl"), "ttl")
        assert "http://vocab.belgif.be/auth/refnis2025/99991" in described.things

    def test_tells_search_engines_without_a_way_to_break_out(self, nobody, house, offered):
        published(title="</script><script>alert(1)</script>", description="<!-- & -->")
        (code,) = queries.list_codes()
        answer = nobody.get(f"/open-data/{code}")
        assert data_block(answer)["name"] == "</script><script>alert(1)</script>"
        assert b"<script>alert" not in answer.content
        assert data_block(answer)["@type"] == "Dataset"

    @pytest.mark.parametrize("extension", ["ttl", "jsonld", "rdf"])
    def test_answers_in_linked_data_by_name_and_by_asking(self, nobody, shared_data, extension):
        by_name = nobody.get(f"/open-data/{CODE}?formaat={extension}")
        by_asking = nobody.get(f"/open-data/{CODE}", headers={"accept": FORMATS[extension].value})
        assert by_name.content == by_asking.content
        (found,) = reading.datasets(graph_of(by_name, extension))
        assert found.name == queries.dataset_row(code=CODE).iri

    def test_has_a_name_that_leads_to_its_page(self, nobody, shared_data):
        answer = nobody.get(f"/id/dataset/{queries.dataset_row(code=CODE).uuid}")
        assert (answer.status_code, answer["Location"]) == (303, f"/open-data/{CODE}")

    def test_of_elsewhere_says_where_it_comes_from_and_what_is_wrong_with_it(self, nobody, house):
        source = api.add_source(
            title="Gemeente Elders",
            address=ADDRESS,
            kind=SourceKind.DCAT,
            actor=staff("tenant_admin"),
            now=clock.now(),
        )
        odd = a_dataset(publisher=None, distributions=())
        api.harvest(source=source, now=clock.now(), fetch=Elsewhere({ADDRESS: as_turtle(page([odd]))}))
        (code,) = queries.list_codes()
        text = nobody.get(f"/open-data/{code}").content.decode()
        for shown in ("Gemeente Elders", "precies één uitgever", "overtreedt"):
            assert shown in text, shown

    def test_that_was_withdrawn_answers_410_to_people_and_machines(self, nobody, shared_data):
        api.withdraw(dataset=queries.dataset_row(code=CODE).uuid, actor=staff(), now=clock.now())
        answer = nobody.get(f"/open-data/{CODE}", headers={"accept": "text/html"})
        assert (answer.status_code, "ingetrokken" in answer.content.decode()) == (410, True)
        for path in (f"/open-data/{CODE}", f"/open-data/{CODE}/data.csv", f"/open-data/{CODE}/rows"):
            answer = nobody.get(path, headers={"accept": "application/json"})
            assert (answer.status_code, answer["Content-Type"]) == (410, "application/problem+json")

    @pytest.mark.parametrize(
        "path",
        [
            "/open-data/niets",
            "/open-data/niets/data.csv",
            f"/open-data/{CODE}/data.exe",
            "/open-data/catalog.exe",
            "/open-data/catalog.ttl?page=9",
            "/open-data/feed/99",
            "/open-data/feed/x",
        ],
    )
    def test_that_is_not_there_answers_404(self, nobody, shared_data, path):
        assert nobody.get(path).status_code == 404


class TestFiles:
    def test_come_with_type_name_and_tag(self, nobody, shared_data):
        answer = nobody.get(f"/open-data/{CODE}/data.csv")
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert answer["Content-Disposition"] == f'attachment; filename="{CODE}.csv"'
        assert answer["Access-Control-Allow-Origin"] == "*"
        again = nobody.get(f"/open-data/{CODE}/data.csv", headers={"if-none-match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    def test_are_as_long_and_have_the_checksum_the_catalogue_says(self, nobody, shared_data):
        import hashlib

        for each in api.get_published(code=CODE, actor=ANYBODY).dataset.distributions:
            content = nobody.get(
                each.download_url.partition("/open-data/")[1] + each.download_url.rpartition("/open-data/")[2]
            ).content
            assert (len(content), hashlib.sha256(content).hexdigest()) == (each.size_bytes, each.sha256)

    def test_of_rows_are_asked_by_page_and_value(self, nobody, shared_data):
        first = nobody.get(f"/open-data/{CODE}/rows?pageSize=2").json()
        assert (first["total"], len(first["items"]), "page=2" in first["next"]) == (3, 2, True)
        assert nobody.get(f"/open-data/{CODE}/rows?naam=Coupure").json()["items"][0]["per_dag"] == 4120
        for query in ("page=0", "page=x", "niet=1", "pageSize=-1"):
            answer = nobody.get(f"/open-data/{CODE}/rows?{query}")
            assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")

    def test_of_rows_are_described_as_openapi(self, nobody, shared_data):
        document = yaml.safe_load(nobody.get(f"/open-data/{CODE}/openapi.yaml").content)
        assert document["openapi"] == "3.0.3"
        assert set(document["components"]["schemas"]["Row"]["properties"]) == {each.name for each in COUNTERS}


class TestMachines:
    @pytest.fixture
    def many(self, house, monkeypatch):
        monkeypatch.setattr(feeds, "PAGE_SIZE", 4)
        source = api.add_source(
            title="Elders",
            address=ADDRESS,
            kind=SourceKind.DCAT,
            actor=staff("tenant_admin"),
            now=clock.now(),
        )
        api.harvest(source=source, now=clock.now(), fetch=Elsewhere({ADDRESS: as_turtle(page(some(10)))}))
        return source

    @pytest.mark.parametrize("extension", list(FORMATS))
    def test_walk_the_catalogue_to_its_end(self, nobody, many, extension):
        address, names = f"/open-data/catalog.{extension}", []
        while address:
            graph = graph_of(nobody.get(address), extension)
            assert checking.check_graph(graph) == ()
            names += [each.name for each in reading.datasets(graph)]
            following = reading.next_page(graph, here="")
            address = following.partition("/open-data/")[1] + following.partition("/open-data/")[2]
        assert sorted(names) == sorted(each.iri for each in some(10))

    def test_harvest_us_as_we_harvest_others(self, nobody, many, house):
        """Our own harvester reads our own catalogue, and refuses nothing but what it has already."""
        base = house.base_iri.rstrip("/")

        def fetch(address):
            from ocapi.modules.opendata.fetching import Fetched as Page

            answer = nobody.get(address.removeprefix(base))
            return Page(content=answer.content, media_type="text/turtle", address=address)

        source = api.add_source(
            title="Wijzelf",
            address="https://wij.example.org/",
            kind=SourceKind.DCAT,
            now=clock.now(),
            actor=staff("tenant_admin"),
        )
        from ocapi.modules.opendata.models import SourceRow

        SourceRow.objects.filter(uuid=source).update(address=f"{base}/open-data/catalog.ttl")
        run = api.harvest(source=source, now=clock.now(), fetch=fetch)
        assert (run.outcome, run.seen, run.refused) == ("complete", 10, 10)

    def test_follow_the_feed_and_go_on_where_they_stopped(self, nobody, many, house):
        base, state = house.base_iri.rstrip("/"), State()

        def fetch(address, tag):
            headers = {"accept": "text/turtle", **({"if-none-match": tag} if tag else {})}
            answer = nobody.get(address.removeprefix(base), headers=headers)
            if answer.status_code == 304:
                return Fetched(graph=None, tag=tag)
            is_full = "immutable" in answer["Cache-Control"]
            return Fetched(graph=graph_of(answer, "ttl"), tag=answer["ETag"], is_immutable=is_full)

        def members():
            pages = follow(f"{base}/open-data/feed", fetch=fetch, state=state)
            return [member for members in pages for member in members]

        assert sorted(each.of for each in members()) == [each.iri for each in some(10)]
        api.harvest(source=many, now=clock.now(), fetch=Elsewhere({ADDRESS: as_turtle(page(some(9)))}))
        (last,) = members()
        assert (last.of, last.is_deletion) == (some(10)[-1].iri, True)
        assert members() == []

    def test_find_every_page_in_the_sitemap_which_robots_names(self, nobody, many):
        assert nobody.get("/open-data/sitemap.xml").content.count(b"<url>") == 11
        assert b"/open-data/sitemap.xml" in nobody.get("/robots.txt").content


class TestDesk:
    def test_shows_what_the_gate_says_and_shares_by_one_switch(self, browse, offered):
        maker = browse("policy_maker")
        assert "Fietstellers" in maker.get("/desk/open-data/").content.decode()
        text = maker.get("/desk/open-data/aanbod/test/fietstellers/").content.decode()
        assert "Niets wijst naar een persoon" in text
        answer = maker.post("/desk/open-data/aanbod/test/fietstellers/", self.form())
        assert (answer.status_code, answer["Location"]) == (302, "/open-data/fietstellers")

    @staticmethod
    def form(**changes):
        said = {
            "title": "Fietstellers",
            "description": "Waar we tellen.",
            "keywords": "fiets, tellen",
            "theme": "TRAN",
            "frequency": "DAILY",
            "ground": "reuse",
            "license": "https://data.vlaanderen.be/id/licentie/modellicentie-gratis-hergebruik/v1.0",
        }
        return {**said, **changes}

    def test_says_what_is_no_longer_renewed_and_leads_to_sharing_it_again(self, browse, offered):
        maker, place = browse("policy_maker"), "/desk/open-data/aanbod/test/fietstellers/"
        maker.post(place, self.form())
        offered.add("fietstellers", a_table((Column(name="nieuw", label="Nieuw"),), (("x",),)))
        assert api.renew(now=clock.now()) == (0, 1)
        text = maker.get("/desk/open-data/").content.decode()
        assert "wordt niet meer vernieuwd" in text
        assert f'href="{place}"' in text
        (own,) = (each for each in api.list_own(actor=staff()) if each.problem)
        page = maker.get(reverse("opendata:desk-dataset", args=[own.uuid]))
        assert f'href="{place}"' in page.content.decode()
        assert maker.post(place, self.form()).status_code == 302
        assert "wordt niet meer vernieuwd" not in maker.get("/desk/open-data/").content.decode()

    def test_says_at_each_field_what_to_repair(self, browse, offered):
        answer = browse("policy_maker").post(
            "/desk/open-data/aanbod/test/fietstellers/",
            self.form(title="", ground="", used_by="x | http://x"),
        )
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "Kies uit de lijst" in text or "Vul in: Wettelijke basis" in text
        answer = browse("policy_maker").post("/desk/open-data/aanbod/test/fietstellers/", self.form(title=""))
        assert "Vul in: Titel" in answer.content.decode()

    def test_never_shows_rows_that_may_not_leave(self, browse, offered):
        offered.add("mails", a_table((Column(name="m", label="M"),), (("jan.geheim@example.org",),)))
        answer = browse("policy_maker").get("/desk/open-data/aanbod/test/mails/")
        assert b"jan.geheim" not in answer.content
        assert "bevat e-mailadressen" in answer.content.decode()
        answer = browse("policy_maker").post("/desk/open-data/aanbod/test/mails/", self.form())
        assert answer.status_code == 409

    def test_lets_a_second_person_decide(self, browse, offered):
        counts = (
            Column(name="wijk", label="Wijk", is_group=True),
            Column(name="n", label="Aantal", kind=ColumnKind.INTEGER, is_count=True),
        )
        offered.add("wijken", a_table(counts, [("Noord", 40), ("Zuid", 30)]), is_aggregate=True)
        maker, officer = browse("policy_maker"), browse("dpo")
        maker.post("/desk/open-data/aanbod/test/wijken/", self.form(title="Wijken"))
        uuid = queries.find_offered(source="test", offer="wijken").uuid
        path = f"/desk/open-data/datasets/{uuid}/"
        assert "Een andere persoon keurt het goed" in maker.get(path).content.decode()
        assert maker.post(path, {"decision": "approve"}).status_code == 409
        assert "Noord" in officer.get(path).content.decode()
        assert officer.post(path, {"decision": "approve"}).status_code == 302
        assert maker.get("/open-data/wijken").status_code == 200
        assert officer.post(f"{path}intrekken/").status_code == 302
        assert maker.get("/open-data/wijken").status_code == 410

    @pytest.mark.parametrize(
        ("role", "path", "status"),
        [
            ("", "/desk/open-data/", 302),
            ("clerk", "/desk/open-data/", 200),
            ("clerk", "/desk/open-data/aanbod/test/fietstellers/", 403),
            ("policy_maker", "/desk/open-data/bronnen/nieuw/", 403),
            ("tenant_admin", "/desk/open-data/bronnen/nieuw/", 200),
            ("policy_maker", "/desk/open-data/aanbod/test/niets/", 404),
        ],
    )
    def test_opens_for_those_who_may(self, browse, offered, role, path, status):
        assert browse(role).get(path).status_code == status

    def test_keeps_sources_and_shows_their_harvests(self, browse, house):
        keeper = browse("tenant_admin")
        for address, text in (("http://elders.be/", "https://"), ("elders", "hele adres")):
            answer = keeper.post(
                "/desk/open-data/bronnen/nieuw/", {"title": "E", "kind": "dcat", "address": address}
            )
            assert (answer.status_code, text in answer.content.decode()) == (422, True)
        answer = keeper.post(
            "/desk/open-data/bronnen/nieuw/", {"title": "E", "kind": "dcat", "address": ADDRESS}
        )
        (source,) = api.list_sources(actor=staff())
        assert answer["Location"] == f"/desk/open-data/bronnen/{source.uuid}/"
        api.harvest(source=source.uuid, now=clock.now(), fetch=Elsewhere({ADDRESS: (b"x", "")}))
        text = keeper.get(answer["Location"]).content.decode()
        assert "Het bestand is geen linked data" in text
        assert keeper.post(answer["Location"]).status_code == 302
        assert keeper.post(f"{answer['Location']}stoppen/").status_code == 302

    def test_says_that_an_offer_is_too_large_for_a_file(self, browse, offered, monkeypatch):
        from ocapi.modules.opendata import publishing

        monkeypatch.setattr(publishing, "MAX_ROWS", 2)
        answer = browse("policy_maker").get("/desk/open-data/aanbod/test/fietstellers/")
        assert (answer.status_code, "hoogstens 50.000 rijen" in answer.content.decode()) == (409, True)
