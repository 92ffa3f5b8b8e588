"""Outlines for maps: files that hold them, shared borders, refusals. Not covered: drawing."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib.geo import bordering, lambert, outlines
from ocapi.lib.geo.outlines import OutlinesRefused

CODES = {"44084": "44084", "44040": "44088", "44043": "44088"}
LEFT = [[3.4, 51.0], [3.5, 51.0], [3.5, 51.05], [3.501, 51.07], [3.5, 51.1], [3.4, 51.1], [3.4, 51.0]]
RIGHT = [[3.5, 51.0], [3.6, 51.0], [3.6, 51.1], [3.5, 51.1], [3.501, 51.07], [3.5, 51.05], [3.5, 51.0]]


def a_file(*areas, **more) -> bytes:
    """Make GeoJSON of pairs of code and ring."""
    features = [
        {
            "type": "Feature",
            "properties": {"naam": f"Gebied {code}", "nis": code},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for code, ring in areas
    ]
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def read(raw: bytes) -> dict[str, outlines.Outline]:
    return {each.code: each for each in outlines.read(raw, code_of=lambda code: CODES.get(code, "")).found}


def points(path: str) -> set[tuple[int, int]]:
    """Give the points of a path of one ring."""
    start, _l, rest = path.strip("Mz").partition("l")
    x, y = map(int, start.split())
    found, numbers = {(x, y)}, iter(rest.split())
    for dx in numbers:
        x, y = x + int(dx), y + int(next(numbers))
        found.add((x, y))
    return found


class TestReading:
    def test_gives_neighbors_the_same_points_along_their_border(self):
        found = read(a_file(("44084", LEFT), ("44040", RIGHT)))
        shared = points(found["44084"].path) & points(found["44088"].path)
        assert len(shared) >= 2
        edge = found["44088"].box[0]
        assert {point for point in points(found["44084"].path) if point[0] >= edge} <= shared

    def test_joins_the_areas_of_one_code_without_the_border_between(self):
        apart, joined = read(a_file(("44040", LEFT))), read(a_file(("44040", LEFT), ("44043", RIGHT)))
        assert joined["44088"].path.count("M") == 1
        assert joined["44088"].box[0] == apart["44088"].box[0]
        assert joined["44088"].box[2] > apart["44088"].box[2]

    def test_takes_codes_as_numbers_and_areas_that_turn_either_way(self):
        turned = read(a_file((44084, LEFT[::-1])))
        assert turned["44084"].box == read(a_file(("44084", LEFT)))["44084"].box

    def test_takes_lambert_72_by_the_old_member(self):
        ring = [list(lambert.to_lambert_72(*each)) for each in LEFT]
        named = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::31370"}}}
        ours, theirs = read(a_file(("44084", LEFT)))["44084"], read(a_file(("44084", ring), **named))["44084"]
        assert all(abs(one - other) <= 1 for one, other in zip(ours.box, theirs.box, strict=True))

    def test_leaves_out_and_counts_areas_that_are_not_known(self):
        found = outlines.read(a_file(("44084", LEFT), ("99999", RIGHT)), code_of=lambda c: CODES.get(c, ""))
        assert (len(found.found), found.others) == (1, 1)

    def test_takes_topojson_of_a_third_party(self, shared: Path):
        raw = (shared / "data/municipalities/geo/belgium-municipalities-2019.topojson").read_bytes()
        flemish = ("11", "12", "13", "23", "24", "3", "41", "42", "43", "44", "45", "46", "7")
        found = outlines.read(raw, code_of=lambda c: c if len(c) == 5 and c.startswith(flemish) else "")
        passed = sum(bool(each.path) for each in found.found)
        print(f"{passed} / 300 municipalities of 2019 have an outline")
        assert passed == 300
        assert found.others == 281
        assert sum(len(each.path) for each in found.found) < 60_000


class TestRefusing:
    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            (b"{", "notJson"),
            (b"[" * 500, "notJson"),
            (b"[]", "notGeo"),
            (b'{"type": "FeatureCollection", "features": [1]}', "notGeo"),
            (b'{"type": "Topology", "objects": {}, "arcs": []}', "notGeo"),
            (a_file(("12", LEFT)), "noCode"),
            (a_file(("44084", [[200_000, 190_000]] * 4)), "place"),
            (a_file(("44084", [[51.0, 3.4]] * 4)), "place"),
            (a_file(("44084", [["x", None]])), "notGeo"),
            (a_file(("44084", [{}, {}])), "notGeo"),
            (a_file(("44084", ["3.4"])), "notGeo"),
            (a_file(("44084", [[10**400, 51]])), "notJson"),
            (a_file(("44084", LEFT), crs={"properties": {"name": "EPSG:99"}}), "crs"),
        ],
    )
    def test_says_why(self, raw, reason):
        with pytest.raises(OutlinesRefused) as refused:
            read(raw)
        assert refused.value.reason == reason

    def test_ends_borders_that_would_take_for_ever(self, monkeypatch):
        monkeypatch.setattr(bordering, "MOST_STEPS", 3)
        with pytest.raises(OutlinesRefused, match="tooLarge"):
            read(a_file(("44084", LEFT)))

    @settings(max_examples=40, deadline=None)
    @given(
        st.recursive(
            st.none() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(["44084", "Polygon"]),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(["type", "features", "geometry", "coordinates", "arcs", "objects"]),
                    inner,
                )
            ),
            max_leaves=12,
        ),
        st.sampled_from(["FeatureCollection", "Feature", "Topology"]),
    )
    def test_never_breaks_down(self, inside, kind):
        whole = {"type": kind, "geometry": inside, "features": [inside], "objects": inside, "arcs": inside}
        raw = json.dumps({**whole, "properties": {"nis": "44084"}}).encode()
        try:
            read(raw)
        except OutlinesRefused:
            return
