"""Places: map coordinates against published points, geometries as texts, touching, and the index.

Not covered: heights, and places outside Belgium for the two Lambert maps.
"""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib.geo import cells, lambert, reading, relations, systems
from ocapi.lib.geo.reading import GML_LITERAL, JSON_LITERAL, WKT_LITERAL

EPSG = "http://www.opengis.net/def/crs/EPSG/0"


def degrees(whole, minutes, seconds):
    return whole + minutes / 60 + seconds / 3600


# Belge 1972 to Lambert 72, as the National Geographic Institute published them (MapRef, 1999); x is east.
POINTS = (
    ((3, 10, 3.41519), (51, 18, 39.48882), 66333.0, 222966.0),
    ((5, 27, 47.75844), (51, 8, 10.75864), 226696.0, 203425.0),
    ((4, 3, 1.99697), (50, 29, 57.14179), 127514.0, 132032.0),
)


class TestLambert:
    @pytest.mark.parametrize(("east", "north", "x", "y"), POINTS)
    def test_72_meets_the_points_of_the_institute(self, east, north, x, y):
        found = lambert.LAMBERT_72.project(degrees(*east), degrees(*north))
        assert found == pytest.approx((x, y), abs=0.005)
        back = lambert.LAMBERT_72.unproject(x, y)
        assert back == pytest.approx((degrees(*east), degrees(*north)), abs=1e-7)

    def test_72_meets_the_example_of_the_guidance_note(self):
        """IOGP 373-7-2, Lambert Conic Conformal (2SP Belgium); EPSG:31370 is its twin, 5 cm apart."""
        place = degrees(5, 48, 26.533), degrees(50, 40, 46.461)
        assert lambert.LAMBERT_72.project(*place) == pytest.approx((251763.20, 153034.13), abs=0.05)

    def test_2008_meets_the_center_its_register_publishes(self):
        """EPSG:3812 in the register: the middle of its area, 4.315 E 50.69 N."""
        found = lambert.LAMBERT_2008.project(4.315, 50.69)
        assert found == pytest.approx((646203.71, 653269.93), abs=0.01)
        assert lambert.LAMBERT_2008.unproject(649328.0, 665262.0) == pytest.approx(
            (4.359215833333333, 50.797815), abs=1e-9
        )

    def test_72_moves_to_wgs_84_within_a_meter_of_the_older_shift(self):
        """EPSG 1610, three parameters, is exact to a meter; with a wrong sign in a turn it is tens apart."""
        for x, y in ((104000, 193000), (66333, 222966), (240000, 180000)):
            old = lambert._to_space(*lambert.LAMBERT_72.unproject(x, y), lambert.INTERNATIONAL_1924)
            shifted = (old[0] - 125.8, old[1] + 79.9, old[2] - 100.5)
            east, north = lambert._from_space(*shifted, lambert.WGS_84)
            found = lambert.from_lambert_72(x, y)
            assert abs(found[0] - east) * 70_000 < 1.5
            assert abs(found[1] - north) * 111_000 < 1.5

    @given(st.floats(20_000, 290_000), st.floats(25_000, 245_000))
    @settings(max_examples=50)
    def test_goes_there_and_back(self, x, y):
        assert lambert.to_lambert_72(*lambert.from_lambert_72(x, y)) == pytest.approx((x, y), abs=0.002)
        place = lambert.LAMBERT_2008.unproject(x + 5e5, y + 5e5)
        assert lambert.LAMBERT_2008.project(*place) == pytest.approx((x + 5e5, y + 5e5), abs=1e-4)


class TestSystems:
    @pytest.mark.parametrize(
        "name",
        [
            "EPSG:31370",
            f"{EPSG}/31370",
            "https://www.opengis.net/def/crs/EPSG/0/31370",
            "urn:ogc:def:crs:EPSG::31370",
            "http://www.opengis.net/gml/srs/epsg.xml#31370",
            f"[{EPSG}/31370]",
        ],
    )
    def test_are_found_by_every_usual_name(self, name):
        assert systems.find(name).title == "Lambert 72"

    def test_of_others_are_not_ours(self):
        assert systems.find("EPSG:25831") is None
        assert systems.find("31370") is None

    def test_4326_has_latitude_first(self):
        found = systems.written({"type": "Point", "coordinates": [3.7, 51.0]}, systems.find("EPSG:4326"))
        assert found["coordinates"] == [51.0, 3.7]


class TestReading:
    @pytest.mark.parametrize(
        ("text", "datatype"),
        [
            ("POINT(3.7 51)", WKT_LITERAL),
            ("POINT Z (3.7 51 12)", WKT_LITERAL),
            ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> point (3.7 51.0)", WKT_LITERAL),
            (f"<{EPSG}/4326> POINT(51 3.7)", WKT_LITERAL),
            ("SRID=4326;POINT(51 3.7)", WKT_LITERAL),
            ('{"type":"Point","coordinates":[3.7,51]}', JSON_LITERAL),
            (
                f'<g:Point xmlns:g="http://www.opengis.net/gml/3.2" srsName="{EPSG}/4326">'
                "<g:pos>51 3.7</g:pos></g:Point>",
                GML_LITERAL,
            ),
        ],
    )
    def test_gives_the_same_place_from_every_text(self, text, datatype):
        found = reading.read(text, datatype=datatype)
        assert (found["type"], found["coordinates"][:2]) == ("Point", [3.7, 51.0])

    def test_turns_lambert_into_degrees(self):
        found = reading.read(f"<{EPSG}/31370> POINT(104000 193000)", datatype=WKT_LITERAL)
        assert found["coordinates"] == pytest.approx([3.7128053, 51.0453415], abs=1e-6)

    def test_reads_every_kind_of_simple_feature(self):
        texts = {
            "LineString": "LINESTRING(0 0,1 1)",
            "Polygon": "POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))",
            "MultiPoint": "MULTIPOINT((0 0),(1 1))",
            "MultiLineString": "MULTILINESTRING((0 0,1 1),(2 2,3 3))",
            "MultiPolygon": "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))",
        }
        for kind, text in texts.items():
            assert reading.read(text, datatype=WKT_LITERAL)["type"] == kind
        assert reading.read("MULTIPOINT(0 0,1 1)", datatype=WKT_LITERAL)["coordinates"] == [[0, 0], [1, 1]]
        both = reading.read("GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))", datatype=WKT_LITERAL)
        assert len(both["geometries"]) == 2

    def test_reads_a_polygon_and_parts_of_gml(self):
        ring = "<g:LinearRing><g:posList>0 0 1 0 1 1 0 0</g:posList></g:LinearRing>"
        polygon = f"<g:Polygon><g:exterior>{ring}</g:exterior></g:Polygon>"
        text = (
            '<g:MultiSurface xmlns:g="http://www.opengis.net/gml/3.2">'
            f"<g:surfaceMember>{polygon}</g:surfaceMember></g:MultiSurface>"
        )
        assert reading.read(text, datatype=GML_LITERAL)["type"] == "MultiPolygon"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "POINT",
            "POINT(1)",
            "POINT(1 2",
            "POINT(a b)",
            "POINT(1 2) x",
            "LINESTRING(1 1)",
            "POLYGON((0 0,1 0,1 1,0 1))",
            "POINT(1e999 2)",
            "POINT(200 95)",
            "(" * 5000,
            "MULTIPOINT(" + "0 0," * 100_001 + "0 0)",
        ],
    )
    def test_refuses_what_is_no_geometry(self, text):
        with pytest.raises(reading.MalformedGeometry):
            reading.read(text, datatype=WKT_LITERAL)

    @pytest.mark.parametrize(
        "text",
        [
            '{"type":"Point"}',
            "[]",
            '{"type":"Point","coordinates":[true,1]}',
            "x",
            '{"type":"Polygon","coordinates":[[[0,0],[1,1]]]}',
            '{"type":"GeometryCollection","geometries":[]}',
        ],
    )
    def test_refuses_what_is_no_geojson(self, text):
        with pytest.raises(reading.MalformedGeometry):
            reading.read(text, datatype=JSON_LITERAL)

    def test_refuses_a_document_type_in_gml(self):
        with pytest.raises(reading.MalformedGeometry):
            reading.read('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', datatype=GML_LITERAL)

    @pytest.mark.parametrize(
        "text", ["<http://example.org/crs> POINT(1 1)", "CIRCULARSTRING(0 0,1 1,2 0)", "POINT EMPTY"]
    )
    def test_passes_over_what_it_does_not_support(self, text):
        with pytest.raises(reading.UnsupportedGeometry):
            reading.read(text, datatype=WKT_LITERAL)

    @given(st.text(alphabet="POINTLYGEMUS(),. -019\n", max_size=60))
    @settings(max_examples=200)
    def test_never_breaks_on_any_text(self, text):
        with contextlib.suppress(reading.MalformedGeometry, reading.UnsupportedGeometry):
            systems.envelope(reading.read(text, datatype=WKT_LITERAL))


def polygon(text):
    return reading.read(text, datatype=WKT_LITERAL)


class TestTouching:
    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            ("POINT(1 1)", "POLYGON((0 0,4 0,4 4,0 4,0 0))", True),
            ("POINT(0 2)", "POLYGON((0 0,4 0,4 4,0 4,0 0))", True),
            ("POINT(2 2)", "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,3 1,3 3,1 3,1 1))", False),
            ("LINESTRING(-1 2,5 2)", "POLYGON((0 0,4 0,4 4,0 4,0 0))", True),
            ("LINESTRING(0 5,5 0)", "POLYGON((0 0,2 0,2 2,0 2,0 0))", False),
            ("POLYGON((1 1,2 1,2 2,1 1))", "POLYGON((0 0,4 0,4 4,0 4,0 0))", True),
            ("POLYGON((0 0,4 0,4 4,0 4,0 0))", "POLYGON((1 1,2 1,2 2,1 1))", True),
            ("POLYGON((0 0,1 0,0 1,0 0))", "POLYGON((1 1,1 0.5,0.5 1,1 1))", False),
            ("LINESTRING(0 0,2 2)", "LINESTRING(0 2,2 0)", True),
            ("LINESTRING(0 0,2 2)", "LINESTRING(2 2,3 0)", True),
            ("LINESTRING(0 0,1 1)", "LINESTRING(0 1,0.4 0.6)", False),
            ("MULTIPOINT(9 9,1 1)", "MULTIPOLYGON(((0 0,4 0,4 4,0 0)),((7 7,8 7,8 8,7 7)))", True),
        ],
    )
    def test_is_judged_by_the_shape_itself(self, one, other, expected):
        assert relations.intersect(polygon(one), polygon(other)) is expected
        assert relations.intersect(polygon(other), polygon(one)) is expected


BOX = st.tuples(
    st.floats(-180, 180),
    st.floats(-90, 90),
    st.sampled_from((0, 1e-7, 1e-4, 0.01, 0.5, 20, 360)),
    st.sampled_from((0, 1e-7, 1e-4, 0.01, 0.5, 20, 180)),
).map(lambda t: (t[0], t[1], min(t[0] + t[2], 180.0), min(t[1] + t[3], 90.0)))


class TestIndex:
    @given(BOX, BOX)
    @settings(max_examples=400)
    def test_misses_no_box_that_is_met(self, stored, asked):
        singles, ranges = cells.ranges(asked)
        number = cells.key(stored)
        if relations.overlap(stored, asked):
            assert number in singles or any(low <= number <= high for low, high in ranges)

    @given(BOX)
    @settings(max_examples=100)
    def test_asks_few_ranges_in_order_and_apart(self, asked):
        singles, ranges = cells.ranges(asked)
        assert len(ranges) <= cells.MAX_RANGES
        assert len(singles) <= 6 * cells.MAX_RANGES
        assert all(low <= high for low, high in ranges)
        assert all(a[1] < b[0] for a, b in zip(ranges, ranges[1:], strict=False))

    def test_asks_one_range_of_the_whole_world(self):
        assert [len(each) for each in cells.ranges((-180, -90, 180, 90))] == [0, 1]

    def test_leaves_out_most_of_what_is_elsewhere(self):
        points = [(2.5 + x / 25, 50.7 + y / 100) for x in range(100) for y in range(80)]
        singles, ranges = cells.ranges((3.70, 51.04, 3.72, 51.06))
        hits = [p for p in points if any(a <= cells.key((*p, *p)) <= b for a, b in ranges)]
        assert 1 <= len(hits) <= 20
