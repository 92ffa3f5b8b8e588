"""Pages and documents: one object in every format, and what a browser and a machine are given.

Not covered: how pages look (tests/journeys).
"""

import pytest
import yaml

from ocapi.lib import clock, codec
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import of_triples
from ocapi.modules.linkeddata import api
from ocapi.modules.linkeddata.tests.conftest import OPERATOR
from ocapi.modules.linkeddata.tests.profile_files import an_organization

pytestmark = pytest.mark.usefixtures("services")


@pytest.fixture
def made(services):
    body = an_organization(
        start="2019-01-01",
        vestiging=[{"@type": "Vestiging", "plaats": "Marktplein 1"}],
        naam={"@value": 'Hamme "aan" de Durme', "@language": "nl"},
    )
    return api.create_object(service="open", term="Organisatie", body=body, actor=OPERATOR, now=clock.now())


@pytest.fixture
def nobody(browse):
    return browse()


def path_of(made):
    return f"/doc/Organisatie/{made.uuid}"


def statements(text, media_type):
    """Give the statements of a document by a second opinion, nameless things taken as one."""
    import pyoxigraph

    formats = {
        "text/turtle": pyoxigraph.RdfFormat.TURTLE,
        "application/n-quads": pyoxigraph.RdfFormat.N_QUADS,
        "application/trig": pyoxigraph.RdfFormat.TRIG,
        "application/n-triples": pyoxigraph.RdfFormat.N_TRIPLES,
        "application/ld+json": pyoxigraph.RdfFormat.JSON_LD,
    }

    def plain(term):
        return "_" if isinstance(term, pyoxigraph.BlankNode) else str(term)

    quads = pyoxigraph.parse(text, format=formats[media_type])
    return {(plain(each.subject), str(each.predicate), plain(each.object)) for each in quads}


class TestIdentifier:
    def test_leads_to_the_document_and_from_a_version_to_its_own(self, nobody, made):
        answer = nobody.get(f"/id/Organisatie/{made.uuid}")
        assert (answer.status_code, answer["Location"]) == (303, path_of(made))
        answer = nobody.get(f"/id/Organisatie/{made.uuid}/1")
        assert (answer.status_code, answer["Location"]) == (303, f"{path_of(made)}/1")

    @pytest.mark.parametrize(
        "path", ["/id/Auto/{}", "/id/Organisatie/{}/x", "/doc/Organisatie/{}/9", "/doc/Auto/{}"]
    )
    def test_leads_nowhere_when_nothing_is_there(self, nobody, made, path):
        assert nobody.get(path.format(made.uuid)).status_code == 404


class TestDocument:
    def test_says_the_same_in_every_format(self, nobody, made):
        context = codec.decode_untyped(nobody.get("/data/open/context.jsonld").content)
        found = {}
        for media_type in (
            "text/turtle",
            "application/n-quads",
            "application/trig",
            "application/n-triples",
            "application/ld+json",
        ):
            answer = nobody.get(path_of(made), headers={"accept": media_type})
            assert answer["Content-Type"].startswith(media_type)
            assert answer["Vary"].startswith("Accept")
            text = answer.content.decode()
            if media_type == "application/ld+json":
                body = codec.decode_untyped(answer.content)
                text = codec.encode_json({**body, **context}).decode()
            found[media_type] = statements(text, media_type)
        assert len({frozenset(each) for each in found.values()}) == 1
        assert len(found["text/turtle"]) == 10

    def test_stands_in_a_graph_named_by_its_version(self, nobody, made):
        text = nobody.get(path_of(made), headers={"accept": "application/n-quads"}).content.decode()
        assert all(f"<{made.iri}/1> ." in line for line in text.splitlines())

    def test_is_a_page_for_a_browser(self, nobody, made):
        answer = nobody.get(path_of(made), headers={"accept": "text/html,*/*;q=0.8"})
        text = answer.content.decode()
        assert answer["Content-Type"].startswith("text/html")
        assert "Marktplein 1" in text
        assert "Ondernemingsnummer" in text

    def test_is_not_sent_again_to_who_has_it(self, nobody, made):
        tag = nobody.get(path_of(made), headers={"accept": "text/turtle"})["ETag"]
        again = nobody.get(path_of(made), headers={"accept": "text/turtle", "if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")

    def test_is_refused_in_a_format_that_is_not_made(self, nobody, made):
        assert nobody.get(path_of(made), headers={"accept": "image/png"}).status_code == 406

    def test_of_an_ended_thing_says_what_replaced_it(self, nobody, made):
        api.end_object(
            service="open",
            term="Organisatie",
            uuid=made.uuid,
            ended_on=clock.local_day(clock.now()),
            replaced_by=("https://elders.be/id/2",),
            sequence=1,
            actor=OPERATOR,
            now=clock.now(),
        )
        assert (
            "https://elders.be/id/2"
            in nobody.get(path_of(made), headers={"accept": "text/html"}).content.decode()
        )
        text = nobody.get(path_of(made), headers={"accept": "text/turtle"}).content.decode()
        assert "dcterms:isReplacedBy <https://elders.be/id/2>" in text

    def test_about_persons_is_not_shown_to_nobody(self, nobody, services):
        hidden = api.create_object(
            service="personal", term="Organisatie", body=an_organization(), actor=OPERATOR, now=clock.now()
        )
        answer = nobody.get(f"/doc/Organisatie/{hidden.uuid}", headers={"accept": "text/turtle"})
        assert answer.status_code in (302, 401)
        assert b"Hamme" not in answer.content


class TestService:
    def test_pages_list_what_there_is_for_who_looks(self, nobody, made, browse):
        assert "Dienst personal" not in nobody.get("/data/").content.decode()
        assert "Dienst personal" in browse("clerk").get("/data/").content.decode()
        assert nobody.get("/data/open/").status_code == 200
        assert str(made.uuid) in nobody.get("/data/open/Organisatie/").content.decode()
        assert nobody.get("/data/personal/").status_code == 404

    def test_gives_shapes_that_are_read_as_shapes(self, nobody):
        text = nobody.get("/data/open/shapes.ttl").content
        assert len(list(of_triples(turtle.parse(text, format=turtle.Format.TURTLE, base_iri="urn:x:")))) > 40

    def test_gives_an_openapi_document_of_the_profile(self, nobody):
        read = yaml.safe_load(nobody.get("/data/open/openapi.yaml").content)
        assert set(read["paths"]) == {
            f"/objects/{c}{t}" for c in ("Organisatie", "Vestiging") for t in ("", "/{id}")
        }
        schema = read["components"]["schemas"]["Organisatie"]
        assert schema["required"] == ["naam"]
        assert schema["properties"]["start"]["format"] == "date"
        assert schema["properties"]["deel"]["type"] == "array"

    def test_reads_an_object_in_few_statements(self, nobody, made):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        nobody.get(path_of(made))
        with CaptureQueriesContext(connection) as asked:
            nobody.get(path_of(made), headers={"accept": "application/n-quads"})
        assert len(asked) <= 8


class TestWords:
    def test_are_those_of_the_profile_and_its_concepts_also_for_what_stands_within(self, nobody):
        api.create_shipped(code="bestuurseenheden", now=clock.now())
        kinds = "http://data.vlaanderen.be/id/concept/BestuurseenheidClassificatieCode"
        body = {
            "naam": "Hamme",
            "classificatie": f"{kinds}/5ab0e9b8a3b2ca7c5e000001",
            "identificator": [{"@type": "Identificator", "notatie": "42008", "stelsel": "nis"}],
        }
        made = api.create_object(
            service="bestuurseenheden", term="Bestuurseenheid", body=body, actor=OPERATOR, now=clock.now()
        )
        page = nobody.get(f"/doc/Bestuurseenheid/{made.uuid}").content.decode()
        assert "Waarde: 42008; Stelsel: nis" in page
        assert ">Gemeente</a>" in page
