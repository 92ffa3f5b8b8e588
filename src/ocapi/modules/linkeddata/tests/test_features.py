"""Features: what a map program is given, and that two foreign clients read all of it.

Not covered: how pages look (tests/journeys), the geometry itself (lib/tests/test_geo).
"""

import json
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

import pytest
from django.urls import set_script_prefix

from ocapi.lib import clock
from ocapi.lib.geo import reading
from ocapi.lib.profile.model import Property
from ocapi.modules.linkeddata import api, asking, describing, features
from ocapi.modules.linkeddata.data import Access, ObjectRefused
from ocapi.modules.linkeddata.models import FeatureRow
from ocapi.modules.linkeddata.tests.conftest import OPERATOR
from ocapi.modules.linkeddata.tests.places import a_folder, a_place, read_by

LAMBERT = "http://www.opengis.net/def/crs/EPSG/0/31370"
NAME = "plaatsen.Plaats"


@pytest.fixture
def places(tenant, tmp_path):
    """A service of places for everybody."""
    api.create_service(folder=a_folder(tmp_path), may_read=Access.OPEN, actor=OPERATOR, now=clock.now())


def make(wkt="POINT(3.7 51)", **changes):
    return api.create_object(
        service="plaatsen", term="Plaats", body=a_place(wkt, **changes), actor=OPERATOR, now=clock.now()
    )


@pytest.fixture
def ask(browse, places):
    nobody = browse()

    def asked(path="", **parameters):
        query = {key.replace("_", "-"): value for key, value in parameters.items()}
        answer = nobody.get(f"/geo{path}?{urlencode(query)}")
        assert answer.status_code == 200, answer.content
        return answer.json()

    asked.browser = nobody
    return asked


@pytest.fixture
def items(ask):
    return lambda **parameters: ask(f"/collections/{NAME}/items", **parameters)


def names(found):
    return sorted(each["properties"]["naam"] for each in found["features"])


class TestDescription:
    def test_leads_a_client_from_the_landing_page_to_the_features(self, ask):
        links = {each["rel"]: each["href"] for each in ask()["links"]}
        assert {"self", "service-desc", "service-doc", "conformance", "data"} <= set(links)
        assert describing.CLASSES[0] in ask("/conformance")["conformsTo"]
        (found,) = ask("/collections")["collections"]
        assert (found["id"], found["itemType"]) == (NAME, "feature")
        assert LAMBERT in found["crs"]
        assert "extent" not in found
        assert [each["rel"] for each in found["links"]].count("items") == 2

    def test_names_the_extent_once_there_are_features(self, ask):
        make("POINT(3.5 50.9)")
        make("LINESTRING(3.6 51,3.8 51.2)")
        box = ask(f"/collections/{NAME}")["extent"]["spatial"]["bbox"][0]
        assert box == pytest.approx([3.5, 50.9, 3.8, 51.2], abs=1e-6)

    def test_says_in_openapi_how_large_a_page_may_be(self, ask):
        document = ask("/api")
        assert document["openapi"].startswith("3.0")
        assert document["components"]["parameters"]["limit"]["schema"]["maximum"] == 10_000
        assert f"/collections/{NAME}/items" in document["paths"]

    def test_lists_what_can_be_asked_for(self, ask):
        found = ask(f"/collections/{NAME}/queryables")["properties"]
        assert found["aantal"]["type"] == "number"
        assert {"naam", "soort", "positie_methode", "geometry", "iri"} <= set(found)

    def test_knows_nothing_of_services_that_are_not_for_everybody(self, ask, services):
        names_seen = [each["id"] for each in ask("/collections")["collections"]]
        assert names_seen == [NAME]


class TestUnderAPath:
    def test_every_address_stands_under_it_too(self, ask):
        set_script_prefix("/o/alpha/")  # as the WSGI server does
        try:
            for path in ("", "/collections", f"/collections/{NAME}", f"/collections/{NAME}/items"):
                found = ask.browser.get(f"/geo{path}", {"f": "json"}).json()
                addresses = [urlsplit(each["href"]) for each in found["links"]]
                ours = [each.path for each in addresses if "/geo" in each.path]
                assert ours
                assert [each for each in ours if not each.startswith("/o/alpha/geo")] == []
        finally:
            set_script_prefix("/")


class TestItems:
    def test_are_geojson_in_longitude_and_latitude(self, ask, items):
        made = make(f"<{LAMBERT}> POINT(104000 193000)", aantal=3, soort=["a", "b"])
        (found,) = items()["features"]
        assert found["id"] == str(made.uuid)
        assert found["geometry"]["coordinates"] == pytest.approx([3.7128053, 51.0453415], abs=1e-6)
        assert found["properties"] == {
            "iri": made.iri,
            "title": "Markt",
            "naam": "Markt",
            "aantal": 3,
            "soort": ["a", "b"],
            "positie_methode": "gemeten",
        }
        one = ask(f"/collections/{NAME}/items/{made.uuid}", crs=LAMBERT)
        assert one["geometry"]["coordinates"] == pytest.approx([104000, 193000], abs=0.002)

    def test_follow_each_version_of_the_object(self, items):
        made = make()
        changed = api.replace_object(
            service="plaatsen",
            term="Plaats",
            uuid=made.uuid,
            body=a_place("POINT(4 51)"),
            sequence=1,
            actor=OPERATOR,
            now=clock.now(),
        )
        assert items()["features"][0]["geometry"]["coordinates"] == [4.0, 51.0]
        api.delete_object(
            service="plaatsen",
            term="Plaats",
            uuid=made.uuid,
            sequence=changed.sequence,
            actor=OPERATOR,
            now=clock.now(),
        )
        assert items()["features"] == []

    def test_without_a_place_are_none(self, items):
        api.create_object(
            service="plaatsen", term="Plaats", body={"naam": "Nergens"}, actor=OPERATOR, now=clock.now()
        )
        assert items() | {"links": 0, "timeStamp": 0} == {
            "type": "FeatureCollection",
            "features": [],
            "numberReturned": 0,
            "numberMatched": 0,
            "links": 0,
            "timeStamp": 0,
        }

    def test_with_a_broken_geometry_are_refused_with_the_place(self, places):
        with pytest.raises(ObjectRefused) as refused:
            make("POINT(3.7")
        (issue,) = refused.value.issues
        assert issue.name == "$.positie.wkt"
        assert "WKT" in issue.detail

    def test_come_in_pages_each_once(self, ask, items):
        made = {str(make(f"POINT({3 + n / 10} 51)").uuid) for n in range(7)}
        seen, page = [], items(limit=3)
        while True:
            seen += [each["id"] for each in page["features"]]
            following = [each["href"] for each in page["links"] if each["rel"] == "next"]
            if not following:
                break
            page = ask.browser.get("/geo" + following[0].partition("/geo")[2]).json()
        assert sorted(seen) == sorted(made)
        assert len(seen) == len(set(seen))

    def test_are_clamped_to_the_largest_page(self, items):
        make()
        assert items(limit=1_000_000)["numberReturned"] == 1

    @pytest.mark.parametrize(
        ("box", "expected"),
        [
            ("3.6,50.9,3.8,51.1", ["In"]),
            ("3.9,50,5,52", ["Lijn", "Ver"]),
            ("0,0,1,1", []),
            ("3.6,50.9,0,3.8,51.1,9", ["In"]),
            ("170,50,-170,52", ["Rand"]),
        ],
    )
    def test_are_found_by_box(self, items, box, expected):
        make("POINT(3.7 51)", naam="In")
        make("POINT(4.2 51)", naam="Ver")
        make("LINESTRING(3.85 51.5,4.5 51.5)", naam="Lijn")
        make("POINT(179 51)", naam="Rand")
        make("LINESTRING(3.45 51.0,3.65 51.2)", naam="Ernaast")
        assert names(items(bbox=box)) == expected

    def test_are_found_by_a_box_of_lambert(self, items):
        make(f"<{LAMBERT}> POINT(104000 193000)", naam="In")
        make(f"<{LAMBERT}> POINT(104200 193000)", naam="Uit")
        assert names(items(bbox="103900,192900,104100,193100", bbox_crs=LAMBERT)) == ["In"]

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ("2023-06-01", ["Lang", "Zonder"]),
            ("2024-02-01/..", ["Kort", "Lang", "Zonder"]),
            ("../2021-12-31", ["Zonder"]),
            ("2024-03-01T00:00:00Z/2024-03-02T00:00:00Z", ["Kort", "Lang", "Zonder"]),
        ],
    )
    def test_are_found_by_time(self, items, asked, expected):
        make(naam="Kort", vanaf="2024-01-01", tot="2024-12-31")
        make(naam="Lang", vanaf="2022-01-01")
        make(naam="Zonder")
        assert names(items(datetime=asked)) == expected

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ({"filter": "aantal > 3"}, ["B", "C"]),
            ({"naam": "A"}, ["A"]),
            ({"aantal": "4"}, ["B"]),
            ({"filter": "aantal > 3", "naam": "C"}, ["C"]),
            ({"soort": "y"}, ["B"]),
            ({"filter": "S_INTERSECTS(geometry, BBOX(3.65, 50, 3.75, 52))"}, ["A", "B"]),
            ({"filter": "S_INTERSECTS(geometry,POINT(104000 193000))", "filter_crs": LAMBERT}, []),
        ],
    )
    def test_are_found_by_what_they_say(self, items, asked, expected):
        make("POINT(3.7 51)", naam="A", aantal=1)
        make("POINT(3.7 51)", naam="B", aantal=4, soort=["x", "y"])
        make("POINT(4.7 51)", naam="C", aantal=9)
        assert names(items(**asked)) == expected

    @pytest.mark.parametrize(
        "asked",
        [
            {"limit": "0"},
            {"limit": "x"},
            {"bbox": "1,2,3"},
            {"bbox": "1,2,3,nan"},
            {"bbox": "5,9,6,8"},
            {"crs": "http://example.org/x"},
            {"datetime": "gisteren"},
            {"datetime": "2024/2023"},
            {"filter": "naam ="},
            {"filter": "geheim = 1"},
            {"filter": "(" * 5000},
            {"onbekend": "1"},
            {"filter": "naam='a'", "filter_lang": "cql2-json"},
            {"cursor": "zz"},
            {"f": "xml"},
        ],
    )
    def test_are_refused_with_the_name_of_what_is_wrong(self, ask, asked):
        query = urlencode({key.replace("_", "-"): value for key, value in asked.items()})
        answer = ask.browser.get(f"/geo/collections/{NAME}/items?{query}")
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["type"].startswith("urn:problem-type:")

    def test_that_are_not_there_are_a_problem_for_programs(self, ask):
        for path in ("nergens.X", "plaatsen.Auto", f"{NAME}/items/00000000-0000-4000-8000-000000000000"):
            answer = ask.browser.get(f"/geo/collections/{path}", headers={"accept": "application/geo+json"})
            assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")

    def test_that_take_too_much_judging_end_early_with_a_next(self, items, monkeypatch):
        monkeypatch.setattr(features, "BUDGET", 4)
        for number in range(6):
            make(naam=f"N{number}", aantal=number)
        page = items(filter="aantal = 5")
        assert page["features"] == []
        assert any(each["rel"] == "next" for each in page["links"])

    def test_read_a_page_in_few_statements(self, ask, items):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        make()
        items()
        with CaptureQueriesContext(connection) as asked:
            items(limit=100)
        assert len(asked) <= 10
        assert not [each for each in asked if "MIN(" in each["sql"].upper()]


class TestOffers:
    def test_tell_a_catalogue_where_each_service_is_read(self, places, services):
        make()
        found = {each.service.code: each for each in api.list_offers(actor=OPERATOR)}
        assert set(found) == {"plaatsen", "open", "organization", "personal"}
        assert found["plaatsen"].iri == f"{api.base()}/data/plaatsen"
        assert [each.count for each in found["plaatsen"].collections] == [1]
        names_of = {code: {name for name, _ in each.endpoints} for code, each in found.items()}
        assert {"features", "sparql", "feed", "openapi"} <= names_of["plaatsen"]
        assert names_of["personal"] & {"features", "sparql", "feed"} == set()
        assert "sparql" not in names_of["organization"]


class Watched:
    """A class of a profile that counts how often it is looked into."""

    def __init__(self, number, properties):
        self.iri, self.term, self._properties, self.looks = f"urn:c:{number}", f"C{number}", properties, 0

    @property
    def properties(self):
        self.looks += 1
        return self._properties


class TestPlaces:
    def test_of_a_profile_in_which_all_may_hold_all_are_found_in_a_few_looks(self):
        held = [Property(iri=f"urn:p:{n}", terms=(f"p{n}",), of_class=f"urn:c:{n}") for n in range(12)]
        classes = [Watched(number, held) for number in range(12)]
        profile = SimpleNamespace(classes=classes)
        assert not features.has_place(profile, classes[0])
        assert max(each.looks for each in classes) <= 1 + features.FLAT_DEPTH
        place = Property(iri="urn:wkt", terms=("wkt",), datatype=next(iter(reading.LITERALS)))
        classes.append(Watched(12, [place]))
        assert not features.has_place(profile, classes[0])
        held.append(Property(iri="urn:p:12", terms=("p12",), of_class="urn:c:12"))
        assert features.has_place(profile, classes[0])


class TestPages:
    def test_show_layers_and_their_objects_to_people(self, ask):
        made = make(naam="Markt van Aalter")
        html = {"accept": "text/html"}
        assert NAME in ask.browser.get("/geo/", headers=html).content.decode()
        text = ask.browser.get(f"/geo/collections/{NAME}", headers=html).content.decode()
        assert "Markt van Aalter" in text
        assert f"/doc/Plaats/{made.uuid}" in text
        answer = ask.browser.get(f"/geo/collections/{NAME}/items/{made.uuid}", headers=html)
        assert answer["Location"] == f"/doc/Plaats/{made.uuid}"

    def test_go_to_sign_in_for_what_is_internal(self, browse, tenant, tmp_path):
        api.create_service(
            folder=a_folder(tmp_path), may_read=Access.ORGANIZATION, actor=OPERATOR, now=clock.now()
        )
        make()
        assert browse().get(f"/geo/collections/{NAME}/items").status_code == 302
        assert browse("clerk").get(f"/geo/collections/{NAME}/items").json()["numberReturned"] == 1


class TestRebuild:
    def test_makes_the_same_features_again(self, places):
        make()
        make("POINT(4 51)")
        before = set(FeatureRow.objects.values_list("uuid", "feature", "cell"))
        FeatureRow.objects.all().delete()
        assert api.rebuild(now=clock.now()).features == 2
        assert set(FeatureRow.objects.values_list("uuid", "feature", "cell")) == before


GDAL = """
import json, pyogrio
pyogrio.set_gdal_config_options({"GDAL_HTTP_MAX_RETRY": "0", "OGR_OAPIF_PAGE_SIZE": ""})
address = "OAPIF:{site}/geo"
layers = [str(name) for name in pyogrio.list_layers(address)[:, 0]]
meta, ids, geometry, fields = pyogrio.raw.read(address, layer=layers[0], return_fids=False)
found = {name: [str(v) for v in values] for name, values in zip(meta["fields"], fields)}
print(json.dumps({"layers": layers, "count": len(geometry), "crs": meta["crs"], "fields": found,
                  "wkb": [bytes(each).hex() for each in geometry]}))
"""
OWSLIB = """
import json
from owslib.ogcapi.features import Features
site = Features("http://127.0.0.1:{port}/geo")
(name,) = site.feature_collections()
found = site.collection_items(name, limit=3, bbox=[3, 50, 4, 52])
rest = site.collection_items(name, limit=3, filter="aantal >= 298")
print(json.dumps({"name": name, "conforms": len(site.conformance()["conformsTo"]),
                  "title": site.collection(name)["id"], "first": found["numberReturned"],
                  "queryables": sorted(site.collection_queryables(name)["properties"]),
                  "filtered": [each["properties"]["aantal"] for each in rest["features"]]}))
"""


class TestForeignClients:
    def test_gdal_reads_every_feature_equal(self, tenant, places, monkeypatch):
        monkeypatch.setattr(asking, "MAX_LIMIT", 100)
        monkeypatch.setattr(
            describing,
            "_PARAMETERS",
            {
                **describing._PARAMETERS,
                "limit": describing._parameter(
                    "limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 10}, ""
                ),
            },
        )
        made = {make(f"POINT({3 + n / 1000} 51)", aantal=n).iri: n for n in range(300)}
        printed, asked = read_by(GDAL, host=f"{tenant.key}.localhost")
        found = json.loads(printed)
        assert found["layers"] == [NAME]
        assert dict(zip(found["fields"]["iri"], map(int, found["fields"]["aantal"]), strict=True)) == made
        import struct

        places_read = {
            iri: struct.unpack("<dd", bytes.fromhex(wkb)[5:21])
            for iri, wkb in zip(found["fields"]["iri"], found["wkb"], strict=True)
        }
        assert all(places_read[iri] == pytest.approx((3 + n / 1000, 51.0)) for iri, n in made.items())
        pages = [each for each in asked if urlsplit(each).path.endswith("/items")]
        assert len(pages) >= 3, asked

    def test_owslib_finds_its_way_and_filters(self, tenant, places):
        for number in range(295, 300):
            make(f"POINT({3 + number / 1000} 51)", aantal=number)
        found = json.loads(read_by(OWSLIB, host=f"{tenant.key}.localhost")[0])
        assert found["name"] == found["title"] == NAME
        assert (found["first"], found["filtered"]) == (3, [298, 299])
        assert "positie_methode" in found["queryables"]
        assert found["conforms"] == len(describing.CLASSES)
