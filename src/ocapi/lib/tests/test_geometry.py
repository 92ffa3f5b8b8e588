"""Shapes and how they lie to each other. Not covered: shapes across the date line."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import geometry

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]]}
RING = {
    "type": "Polygon",
    "coordinates": [
        [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]],
        [[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]],
    ],
}
NUMBERS = st.one_of(st.floats(), st.integers(), st.none(), st.text(max_size=2))


def shape(kind: str, coordinates: Any) -> geometry.Shape:
    return geometry.read({"type": kind, "coordinates": coordinates})


def point(lon: float, lat: float) -> geometry.Shape:
    return shape("Point", [lon, lat])


class TestReading:
    @pytest.mark.parametrize(
        "raw",
        [
            None,
            {},
            {"type": "Circle", "coordinates": [0, 0]},
            {"type": "Point"},
            {"type": "Point", "coordinates": [0]},
            {"type": "Point", "coordinates": [181, 0]},
            {"type": "Point", "coordinates": [0, math.inf]},
            {"type": "Point", "coordinates": [True, 0]},
            {"type": "LineString", "coordinates": [[0, 0]]},
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]},
            {"type": "Polygon", "coordinates": []},
            {"type": "MultiPoint", "coordinates": []},
            {"type": ["Point"], "coordinates": [0, 0]},
            {"type": "MultiPoint", "coordinates": [[0, 0]] * 30_000},
        ],
    )
    def test_refuses_what_is_no_shape(self, raw: object) -> None:
        with pytest.raises(geometry.BadGeometry):
            geometry.read(raw)

    @settings(max_examples=60, deadline=None)
    @given(
        st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon"]),
        st.recursive(NUMBERS, lambda inner: st.lists(inner, max_size=4), max_leaves=12),
    )
    def test_never_fails_otherwise(self, kind: str, coordinates: object) -> None:
        try:
            geometry.read({"type": kind, "coordinates": coordinates})
        except geometry.BadGeometry:
            return

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("POINT(3 51)", "Point"),
            ("SRID=4326;POINT (3 51)", "Point"),
            ("LINESTRING(0 0, 1 1)", "LineString"),
            ("POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))", "Polygon"),
        ],
    )
    def test_takes_well_known_text(self, text: str, kind: str) -> None:
        assert geometry.read(geometry.of_text(text)).kind == kind

    @pytest.mark.parametrize("text", ["", "POINT", "CURVE(1 1)", "POINT(a b)", "POINT(1 1"])
    def test_refuses_other_text(self, text: str) -> None:
        with pytest.raises(geometry.BadGeometry):
            geometry.of_text(text)


class TestRelations:
    @pytest.mark.parametrize(
        ("at", "is_in_square", "is_in_ring"),
        [
            ((2, 2), True, False),
            ((0.5, 0.5), True, True),
            ((4, 2), True, True),
            ((1, 2), True, True),
            ((5, 2), False, False),
            ((0, 0), True, True),
        ],
    )
    def test_a_point_lies_in_an_area_or_in_its_hole(
        self, at: tuple[float, float], is_in_square: bool, is_in_ring: bool
    ) -> None:
        assert geometry.within(point(*at), geometry.read(SQUARE)) is is_in_square
        assert geometry.intersects(point(*at), geometry.read(RING)) is is_in_ring

    def test_areas_contain_overlap_equal_or_part(self) -> None:
        square = geometry.read(SQUARE)
        inner = shape("Polygon", [[[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]])
        beside = shape("Polygon", [[[3, 3], [6, 3], [6, 6], [3, 6], [3, 3]]])
        far = shape("Polygon", [[[7, 7], [8, 7], [8, 8], [7, 8], [7, 7]]])
        assert geometry.contains(square, inner)
        assert geometry.overlaps(square, beside)
        assert geometry.disjoint(square, far)
        assert geometry.equals(square, shape("Polygon", [[[4, 0], [4, 4], [0, 4], [0, 0], [4, 0]]]))
        assert not geometry.overlaps(square, inner)
        assert geometry.intersects(shape("LineString", [[-1, 2], [5, 2]]), square)

    def test_distances_are_meters_on_a_sphere(self) -> None:
        ghent, brussels = point(3.7250, 51.0543), point(4.3517, 50.8503)
        assert geometry.distance_m(ghent, brussels) == pytest.approx(49_400, rel=0.01)
        line = shape("LineString", [[3, 51], [4, 51]])
        assert geometry.distance_m(point(3.5, 51.01), line) == pytest.approx(1_112, rel=0.01)
        assert geometry.distance_m(point(3.5, 51), line) == 0

    def test_shapes_with_too_many_edges_are_told(self) -> None:
        many = shape("LineString", [[each / 100, each % 7] for each in range(3_000)])
        other = shape("LineString", [[each / 100, each % 5 + 0.5] for each in range(3_000)])
        with pytest.raises(geometry.TooManyPairs):
            geometry._crosses(many, other)
