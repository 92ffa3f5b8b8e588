"""Catalogues written and read: DCAT as graph, Turtle, JSON-LD and RDF/XML, and CKAN packages.

Not covered: paging and harvests (modules/opendata), the shapes of the product (there too).
"""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import codec
from ocapi.lib.dcat import ckan, lists, rdfxml, reading, writing
from ocapi.lib.dcat import vocabulary as v
from ocapi.lib.dcat.model import (
    Agent,
    Box,
    Catalog,
    CatalogRecord,
    Contact,
    DataService,
    Dataset,
    Distribution,
    Period,
    text_of,
)
from ocapi.lib.rdf import turtle
from ocapi.lib.rdf.graph import of_triples
from ocapi.lib.rdf.writing import Written, expanded_json, write

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
IRI = "https://data.elders.be/id/bomen"


def whole() -> Dataset:
    """A dataset with everything that is both written and read."""
    publisher = Agent(
        name=(("nl", "Elders"),),
        iri="https://elders.be/#org",
        homepage="https://elders.be/",
        email="info@example.org",
    )
    contact = Contact(name="Dienst data", email="data@example.org", url="https://elders.be/contact")
    return Dataset(
        iri=IRI,
        title=(("nl", 'Bomen "op" straat'), ("fr", "Arbres")),
        description=(("nl", "Alle\nbomen."),),
        identifier=IRI,
        publisher=publisher,
        contact=contact,
        access_rights=v.PUBLIC,
        keywords=(("nl", "boom"), ("nl", "groen")),
        themes=(f"{v.EU}data-theme/ENVI",),
        frequency=f"{v.EU}frequency/DAILY",
        spatial=("https://example.org/gent",),
        box=Box(west=3.5, south=51.0, east=3.8, north=51.1),
        temporal=Period(start=date(2020, 1, 1), end=date(2026, 1, 1)),
        language=(v.DUTCH,),
        issued=NOON,
        modified=NOON,
        landing_page="https://elders.be/bomen",
        documentation=("https://elders.be/uitleg",),
        conforms_to=("https://example.org/standaard",),
        applicable_legislation=(v.HVD_REGULATION,),
        hvd_categories=(lists.HVD_CATEGORIES[0].iri,),
        in_series=("https://data.elders.be/id/reeks",),
        provenance=(("nl", "Geteld door de groendienst."),),
        version="2",
        distributions=(
            Distribution(
                iri=f"{IRI}#csv",
                identifier=f"{IRI}#csv",
                access_url="https://elders.be/bomen",
                download_url="https://elders.be/bomen.csv",
                title=(("nl", "CSV"),),
                format=f"{v.EU}file-type/CSV",
                media_type=f"{v.IANA}text/csv",
                license=lists.CC_ZERO,
                size_bytes=12,
                issued=NOON,
                modified=NOON,
                availability=v.STABLE,
                applicable_legislation=(v.HVD_REGULATION,),
            ),
        ),
        services=(
            DataService(
                iri=f"{IRI}#api",
                identifier=f"{IRI}#api",
                title=(("nl", "API"),),
                endpoint_url="https://elders.be/api",
                endpoint_description="https://elders.be/openapi.yaml",
                documentation="https://elders.be/uitleg",
                license=lists.CC_ZERO,
                access_rights=v.PUBLIC,
                conforms_to=("https://www.openapis.org/",),
                applicable_legislation=(v.HVD_REGULATION,),
                hvd_categories=(lists.HVD_CATEGORIES[0].iri,),
                contact=contact,
                publisher=publisher,
            ),
        ),
    )


def as_bytes(graph, form: turtle.Format) -> bytes:
    if form is turtle.Format.JSON_LD:
        return codec.encode_json(expanded_json(graph))
    if form is turtle.Format.RDF_XML:
        return rdfxml.write(graph, prefixes=v.PREFIXES)
    return write(graph, format=Written(form.value), prefixes=v.PREFIXES).encode()


def read_back(raw: bytes, form: turtle.Format) -> list[reading.Read]:
    return list(reading.datasets(of_triples(turtle.parse(raw, format=form, base_iri="https://x.be/"))))


def from_turtle(text: str) -> list[reading.Read]:
    head = "".join(f"@prefix {prefix}: <{space}> .\n" for prefix, space in v.PREFIXES.items())
    return read_back(f"{head}{text}".encode(), turtle.Format.TURTLE)


class TestDcat:
    @pytest.mark.parametrize("form", list(turtle.Format))
    def test_gives_back_in_each_format_what_was_written(self, form):
        (found,) = read_back(as_bytes(writing.dataset_graph(whole()), form), form)
        expected = whole()
        assert found.dataset is not None
        for name in Dataset.__dataclass_fields__:
            got, wanted = getattr(found.dataset, name), getattr(expected, name)
            assert (sorted(got) if name in ("title", "keywords") else got) == (
                sorted(wanted) if name in ("title", "keywords") else wanted
            ), name

    def test_pages_lead_to_the_next_in_both_vocabularies(self):
        catalog = Catalog(
            iri="https://x.be/",
            identifier="x",
            title=(("nl", "X"),),
            description=(("nl", "X"),),
            publisher=Agent(name=(("nl", "X"),)),
            contact=Contact(name="X"),
            license=lists.CC_ZERO,
            homepage="",
        )
        record = CatalogRecord(iri=f"{IRI}#record", identifier="r", topic=IRI, modified=NOON)
        graph = writing.catalog_graph(
            catalog,
            [(whole(), record)],
            page="https://x.be/?page=1",
            first="https://x.be/?page=1",
            following="https://x.be/?page=2",
            total=200,
        )
        assert reading.next_page(graph, here="https://x.be/?page=1") == "https://x.be/?page=2"
        assert graph.values("https://x.be/?page=1", f"{v.HYDRA}nextPage") == ["https://x.be/?page=2"]
        assert reading.next_page(writing.dataset_graph(whole()), here="https://x.be/") == ""

    def test_reads_what_foreign_catalogues_make_of_it(self):
        (found,) = from_turtle("""
            <https://a.be/1> a dcat:Dataset ; dct:title "Zonder taal" ; dct:publisher "Gemeente" ;
              dct:issued "2020" ; dct:modified "2020-05-06T07:08:09" ; dct:license <https://a.be/l> ;
              dcat:contactPoint [ vcard:hasEmail "data@example.org" ] ; dcat:theme "https://a.be/thema" ;
              dcat:landingPage <javascript:alert(1)> ;
              dct:temporal [ <http://schema.org/startDate> "2019-01-01"^^xsd:date ] ;
              dct:spatial [ locn:geometry "POLYGON((3 51,4 51,4 52,3 52,3 51))"^^gsp:wktLiteral ] ;
              dcat:distribution [ dcat:accessURL <https://a.be/d> ; dct:format "CSV" ;
                dcat:byteSize "1.0E3" ],
                [ dct:title "nergens" ] .
            """)
        of = found.dataset
        assert of is not None
        assert (text_of(of.title), text_of(of.publisher.name)) == ("Zonder taal", "Gemeente")
        assert (of.issued.year, of.modified) == (2020, datetime(2020, 5, 6, 7, 8, 9, tzinfo=UTC))
        assert (of.contact.email, of.themes, of.landing_page) == (
            "data@example.org",
            ("https://a.be/thema",),
            "",
        )
        assert of.temporal.start == date(2019, 1, 1)
        assert (of.box.west, of.box.north) == (3.0, 52.0)
        (only,) = of.distributions
        assert (only.iri, only.format, only.size_bytes) == ("https://a.be/1#distribution-1", "CSV", 1000)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ('[] a dcat:Dataset ; dct:title "Zonder adres" .', "noAddress"),
            ("<https://a.be/1> a dcat:Dataset .", "noTitle"),
            (f'<https://a.be/{"x" * 500}> a dcat:Dataset ; dct:title "Lang" .', "addressTooLong"),
            ('<javascript:x> a dcat:Dataset ; dct:title "Vals" .', "noAddress"),
        ],
    )
    def test_says_of_each_description_why_it_cannot_be_kept(self, text, reason):
        (found,) = from_turtle(text)
        assert (found.dataset, found.reason) == (None, reason)

    def test_refuses_xml_that_declares_entities(self):
        bomb = b'<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><rdf:RDF/>'
        for raw in (bomb, bomb.decode().encode("utf-16")):
            with pytest.raises(turtle.MalformedRdf) as refused:
                read_back(raw, turtle.Format.RDF_XML)
            assert refused.value.reason == "entities"

    @given(text=st.text(max_size=40))
    @settings(max_examples=60)
    def test_reads_any_text_of_a_date_or_a_box_without_falling(self, text):
        reading.read_moment(text)
        reading.read_box(f"POLYGON {text}")

    def test_meets_the_official_shapes(self, shared):
        from ocapi.lib.rdf import oracle

        graph = writing.dataset_graph(whole())
        series = whole()
        writing_of_series = writing.dataset_graph(
            Dataset(
                iri=series.in_series[0],
                title=series.title,
                description=series.description,
                identifier="reeks",
                publisher=series.publisher,
                contact=series.contact,
                is_series=True,
            )
        )
        for statement in writing_of_series:
            subject = statement[0].replace("_:b", "_:s")
            value = statement[2].replace("_:b", "_:s") if isinstance(statement[2], str) else statement[2]
            graph.add(subject, statement[1], value)
        files = (
            "3.0.1_html_shacl_shapes.ttl",
            "3.0.1_html_shacl_range.ttl",
            "3.0.1_html_shacl_deprecateduris.ttl",
            "3.0.0_html_shacl_range.ttl",
            "3.0.0_shacl_dcat-ap-SHACL.ttl",
        )
        passed = 0
        for name in files:
            raw = (shared / "data" / "opendata" / "dcat-ap" / name).read_bytes()
            shapes = of_triples(turtle.parse(raw, format=turtle.Format.TURTLE, base_iri="urn:x:"))
            found = oracle.validate(graph, shapes)
            passed += not found
            assert not found, (name, found[:3])
        print(f"DCAT-AP shape files passed / total: {passed} / {len(files)}")


class TestCkan:
    def test_gives_back_what_a_package_can_say(self):
        package = ckan.package(whole(), id="0", name="bomen", landing_page="https://elders.be/bomen")
        found = ckan.dataset(package, site="https://elders.be")
        expected = whole()
        for name in (
            "iri",
            "identifier",
            "themes",
            "frequency",
            "hvd_categories",
            "applicable_legislation",
            "spatial",
            "access_rights",
            "version",
        ):
            assert getattr(found, name) == getattr(expected, name), name
        assert text_of(found.title) == text_of(expected.title)
        assert text_of(found.publisher.name) == "Elders"
        assert found.distributions[0].license == lists.CC_ZERO
        assert found.distributions[0].access_url == "https://elders.be/bomen.csv"

    @given(
        package=st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        [
                            "id",
                            "name",
                            "title",
                            "tags",
                            "extras",
                            "resources",
                            "organization",
                            "key",
                            "value",
                            "groups",
                            "url",
                            "license_id",
                            "size",
                            "notes",
                        ]
                    ),
                    inner,
                    max_size=5,
                )
            ),
            max_leaves=12,
        ).filter(lambda value: isinstance(value, dict))
    )
    @settings(max_examples=40, deadline=None)
    def test_takes_any_package_or_says_why_not(self, package):
        try:
            found = ckan.dataset(package, site="https://elders.be")
        except reading.NotADataset:
            return
        assert found.iri and text_of(found.title)

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Fietstellers in Gént", "fietstellers-in-gent"),
            ("é", "e-x"),
            ("", "x-x"),
            ("--A--B--", "a-b"),
        ],
    )
    def test_makes_names_ckan_takes(self, text, name):
        assert ckan.name_of(text) == name


class TestWriting:
    def test_names_a_file_type_that_others_say_in_a_word(self):
        package = {
            "id": "a", "title": "A", "resources": [
                {"url": "https://e.be/a", "format": "csv"},
                {"url": "https://e.be/b", "format": "eigen formaat"},
            ],
        }
        written = write(
            writing.dataset_graph(ckan.dataset(package, site="https://e.be")), format=Written.N_TRIPLES
        )
        assert f"<{v.DCT}format> <{v.EU}file-type/CSV>" in written
        assert '"eigen formaat"' in written

    @pytest.mark.parametrize(
        "said", ["geen adres", "https://e.be/a b", "<x>", "a\x01b", "http://[::1", "é:\n"]
    )
    def test_leaves_out_what_no_format_can_write_and_keeps_the_rest(self, said):
        agent = Agent(name=((said, "Naam"),), iri=said, homepage=said, email=said, kind=said)
        distribution = Distribution(
            iri=said, access_url=said, download_url=said, title=((said, said),), format=said, media_type=said,
            license=said, availability=said, applicable_legislation=(said,),
        )
        service = DataService(
            iri=said, title=(("nl", said),), endpoint_url=said, endpoint_description=said, documentation=said,
            license=said, access_rights=said, conforms_to=(said,),
        )
        dataset = Dataset(
            iri=IRI, title=(("nl", "Bomen"),), description=((said, said),), identifier=said, publisher=agent,
            contact=Contact(name=said, email=said, url=said), access_rights=said, keywords=((said, said),),
            themes=(said,), frequency=said, spatial=(said,), language=(said,), landing_page=said,
            documentation=(said,), conforms_to=(said,), applicable_legislation=(said,),
            hvd_categories=(said,), in_series=(said,), provenance=((said, said),), version=said,
            distributions=(distribution,), services=(service,),
        )
        graph = writing.dataset_graph(dataset)
        for form in Written:
            text = write(graph, format=form, prefixes=v.PREFIXES)
            assert "Bomen" in text
            assert "Naam" in text
        assert b"Bomen" in rdfxml.write(graph, prefixes=v.PREFIXES)

    @settings(max_examples=60)
    @given(
        st.dictionaries(
            st.sampled_from(["id", "title", "notes", "url", "license_url", "version", "type"]), st.text()
        ),
        st.lists(st.dictionaries(st.sampled_from(["id", "url", "format", "mimetype", "name"]), st.text())),
        st.dictionaries(
            st.sampled_from(["access_rights", "spatial_uri", "theme", "frequency", "uri", "identifier"]),
            st.text(),
        ),
    )
    def test_of_any_package_that_is_taken_comes_in_every_format(self, said, resources, extras):
        resources = [{**each, "url": "https://e.be/a"} for each in resources]
        package = {**said, "title": "Bomen", "id": "b", "resources": resources, "extras": [
            {"key": key, "value": value} for key, value in extras.items()
        ]}
        graph = writing.dataset_graph(ckan.dataset(package, site="https://e.be"))
        assert write(graph, format=Written.TURTLE, prefixes=v.PREFIXES)
        assert rdfxml.write(graph, prefixes=v.PREFIXES)


class TestLists:
    def test_takes_http_and_https_and_a_slash_as_the_same_license(self):
        assert lists.entry(lists.FREE_REUSE.replace("https", "http")) is lists.entry(lists.FREE_REUSE)
        assert lists.is_open_license("https://creativecommons.org/licenses/by/4.0")
        assert not lists.is_open_license("https://example.org/mijn-licentie")

    def test_shows_an_unknown_name_by_its_last_part(self):
        assert lists.label("https://example.org/lijst#Eigen_code") == "Eigen code"
