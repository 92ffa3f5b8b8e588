"""A data service as a dataset: its properties as columns, in every form. Not covered: official profiles."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ocapi.lib import clock, codec
from ocapi.lib.geo import writing
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import of_triples
from ocapi.modules.linkeddata import api as linkeddata
from ocapi.modules.linkeddata.data import Access, RegisteredThing
from ocapi.modules.opendata import api, formats, gate
from ocapi.modules.opendata.adapters.data_services import DataServices
from ocapi.modules.opendata.data import ColumnKind, Decided, GateRefused, Ground, Outcome
from ocapi.modules.opendata.tests.factories import ANYBODY, an_about, staff

PROFILE = """
name: bibliotheken
title: Bibliotheken
version: "1"
source: invented for tests
prefixes:
  locn: "http://www.w3.org/ns/locn#"
  geo: "http://www.opengis.net/ont/geosparql#"
  skos: "http://www.w3.org/2004/02/skos/core#"
  adms: "http://www.w3.org/ns/adms#"
  xsd: "http://www.w3.org/2001/XMLSchema#"
  ex: "https://voorbeeld.be/ns#"
classes:
  - term: Bibliotheek
    iri: "ex:Library"
    label: Bibliotheek
    properties:
      - {term: naam, iri: "skos:prefLabel", count: "1", text: true, label: Naam}
      - {term: boeken, iri: "ex:books", datatype: "xsd:integer", label: Aantal boeken}
      - {term: open, iri: "ex:opened", datatype: "xsd:date", label: Open sinds, description: De eerste dag.}
      - {term: gemeten, iri: "ex:measured", datatype: "xsd:dateTime", label: Gemeten}
      - {term: thema, iri: "ex:theme", count: "0..n", label: Thema}
      - {term: beheerder, iri: "ex:keeper", link: true, label: Beheerder}
      - {term: nummer, iri: "adms:identifier", count: "0..n", of_class: "adms:Identifier", label: Nummer}
      - {term: plaats, iri: "locn:geometry", of_class: "ex:Position", label: Plaats}
      - {term: post, iri: "ex:mail", label: E-mail}
  - term: Identificator
    iri: "adms:Identifier"
    label: Identificator
    properties:
      - {term: notatie, iri: "skos:notation", label: Waarde}
      - {term: stelsel, iri: "ex:scheme", label: Stelsel}
  - term: Positie
    iri: "ex:Position"
    label: Positie
    properties:
      - {term: wkt, iri: "geo:asWKT", datatype: "geo:wktLiteral", label: Vorm}
      - {term: methode, iri: "ex:method", label: Methode}
"""
LINE = "<http://www.opengis.net/def/crs/EPSG/0/31370> LINESTRING(103720 194180, 103820 194280)"
LIBRARY = {
    "naam": "Krook",
    "boeken": 310,
    "open": "2017-03-10",
    "gemeten": "2026-01-01T00:00:00+01:00",
    "thema": ["muziek", "film"],
    "beheerder": "https://voorbeeld.be/id/gent",
    "nummer": [
        {"@type": "Identificator", "notatie": "0207", "stelsel": "KBO"},
        {"@type": "Identificator", "notatie": "44021"},
    ],
    "plaats": {"@type": "Positie", "wkt": LINE, "methode": "gemeten"},
}
OTHER = {
    "https://voorbeeld.be/ns#seats": 40,
    "https://voorbeeld.be/ns#books": {"@value": 12},
    "naam": {"@value": "Bib", "@language": "nl"},
}


@pytest.fixture
def libraries(house, tmp_path: Path):
    """A data service with two libraries, one of them written otherwise; gives how to add another."""
    folder = tmp_path / "bibliotheken"
    folder.mkdir()
    (folder / "profile.yaml").write_text(PROFILE)
    linkeddata.create_service(
        folder=folder,
        may_read=Access.OPEN,
        actor=linkeddata.LOADER,
        now=clock.now() - timedelta(minutes=1),
    )

    def add(key: str, says: dict) -> None:
        thing = RegisteredThing(key=key, term="Bibliotheek", body=says)
        linkeddata.load_register(
            service="bibliotheken", things=[thing], actor=linkeddata.LOADER, now=clock.now()
        )

    add("krook", LIBRARY)
    add("bib", OTHER)
    return add


def shared(*left_out: str) -> str:
    """Make the service open data; gives the code of the dataset."""
    code, decided = api.propose(
        source="linkeddata",
        code="bibliotheken",
        about=an_about(left_out=left_out),
        ground=Ground.REUSE,
        motive="",
        actor=staff(),
        now=clock.now(),
    )
    assert decided is Decided.APPROVED
    return code


def rows() -> list[dict]:
    table = DataServices().read(code="bibliotheken", now=clock.now())
    return [dict(zip([each.name for each in table.columns], row, strict=True)) for row in table.rows]


class TestColumns:
    def test_are_the_properties_with_what_they_hold_and_where_it_lies(self, libraries):
        first, second = rows()
        assert (first["naam"], first["boeken"], str(first["open"])) == ("Krook", 310, "2017-03-10")
        assert (first["thema"], first["beheerder"]) == ("muziek | film", "https://voorbeeld.be/id/gent")
        assert (first["nummer.notatie"], first["nummer.stelsel"]) == ("0207 | 44021", "KBO | ")
        assert first["plaats.methode"] == "gemeten"
        assert abs(first["lengtegraad"] - Decimal("3.7095")) < Decimal("0.01")
        assert first["wkt"].startswith("LINESTRING (3.7")
        assert (second["naam"], second["boeken"], second["wkt"]) == ("Bib", 12, None)
        assert (first["seats"], second["seats"]) == (None, 40)  # said, though the profile does not name it

    def test_say_what_they_mean_and_of_which_kind_they_are(self, libraries):
        (offer,) = DataServices().list_offers(now=clock.now())
        assert {"naam", "boeken"} <= {each.name for each in offer.columns}
        found = {each.name: each for each in DataServices().read(code=offer.code, now=clock.now()).columns}
        assert found["open"].kind is ColumnKind.DAY
        assert (found["open"].label, found["open"].description) == ("Open sinds", "De eerste dag.")
        assert found["boeken"].iri == "https://voorbeeld.be/ns#books"
        assert found["nummer.stelsel"].label == "Nummer: stelsel"
        assert found["nummer.stelsel"].within == "http://www.w3.org/ns/adms#identifier"
        assert found["beheerder"].kind is ColumnKind.LINK
        assert "soort" not in found
        assert offer.description.startswith("In deze lijst staan gegevens over: Bibliotheek.")

    def test_cost_as_many_statements_for_many_objects_as_for_few(self, libraries):
        def asked() -> int:
            with CaptureQueriesContext(connection) as seen:
                rows()
            return len(seen)

        few = asked()
        for number in range(5):
            libraries(f"bib-{number}", OTHER)
        assert asked() == few


class TestForms:
    def test_say_the_same_of_the_same_things(self, libraries):
        code = shared()
        name = rows()[0]["iri"]

        def sent(extension: str) -> bytes:
            return api.get_file(code=code, extension=extension, actor=ANYBODY).content

        graph = of_triples(turtle.parse(sent("ttl"), format=turtle.Format.TURTLE, base_iri="urn:x:"))
        assert {each.text for each in graph.values(name, "https://voorbeeld.be/ns#theme")} == {
            "muziek",
            "film",
        }
        things = [graph.things[each] for each in graph.values(name, "http://www.w3.org/ns/adms#identifier")]
        told = {tuple(sorted(value.text for values in each.values() for value in values)) for each in things}
        assert told == {("0207", "KBO"), ("44021",)}
        node = codec.decode_untyped(sent("jsonld"))["@graph"][0]
        assert (node["@id"], node["thema"]) == (name, ["muziek", "film"])
        assert node["nummer"] == [
            {"nummer.notatie": "0207", "nummer.stelsel": "KBO"},
            {"nummer.notatie": "44021"},
        ]
        feature = codec.decode_untyped(sent("geojson"))["features"][0]
        assert feature["geometry"]["type"] == "LineString"
        assert feature["properties"]["nummer.stelsel"] == ["KBO", None]
        assert b"muziek | film" in sent("csv")
        assert sent("parquet")[:4] == b"PAR1"

    def test_are_asked_by_one_of_several_values(self, libraries):
        _table, total = api.rows_of(
            code=shared(), filters=[("thema", "film")], start=0, size=5, actor=ANYBODY
        )
        assert total == 1

    @pytest.mark.parametrize(
        ("geometry", "text"),
        [
            ({"type": "Point", "coordinates": [3.70000001, 51]}, "POINT (3.7 51)"),
            (
                {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1.5], [0, 0]]]},
                "POLYGON ((0 0, 1 0, 1 1.5, 0 0))",
            ),
            (
                {
                    "type": "GeometryCollection",
                    "geometries": [{"type": "MultiPoint", "coordinates": [[1, 2]]}],
                },
                "GEOMETRYCOLLECTION (MULTIPOINT (1 2))",
            ),
        ],
    )
    def test_write_places_as_well_known_text(self, geometry, text):
        assert writing.wkt(geometry) == text


class TestGate:
    def test_names_the_row_and_lets_the_column_stay_here(self, libraries):
        libraries("derde", {"naam": "Derde", "post": "info@voorbeeld.be"})
        with pytest.raises(GateRefused) as refused:
            shared()
        (finding,) = refused.value.verdict.findings
        assert (finding.code, finding.column, finding.first) == ("mailAddress", "post", (3,))
        code = shared("post")
        names = [each.name for each in api.get_published(code=code, actor=ANYBODY).table.columns]
        assert "naam" in names
        assert "post" not in names

    def test_leaves_the_column_out_of_what_is_renewed_too(self, libraries):
        code = shared("post")
        libraries("derde", {"naam": "Derde", "post": "info@voorbeeld.be"})
        assert api.renew(now=clock.now()) == (1, 0)
        table = api.get_published(code=code, actor=ANYBODY).table
        assert len(table.rows) == 3
        assert "post" not in table.place_of

    def test_leaves_out_what_no_row_says_unless_told_otherwise(self, libraries):
        offer, table, verdict = api.preview(
            source="linkeddata", code="bibliotheken", left_out=None, actor=staff(), now=clock.now()
        )
        assert verdict.outcome is Outcome.CLEAR
        assert {each.name for each in offer.columns} - set(table.place_of) == {
            "nummer",
            "plaats",
            "post",
            "geeindigd",
            "vervangen_door",
        }
        assert gate.empty_columns(table) == ()
        assert formats.offered(table)
