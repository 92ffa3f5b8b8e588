"""Maps and their table twins; does not cover what a browser paints, nor the arrow keys."""

from decimal import Decimal

from django.utils import translation
from lxml import html

from ocapi.kernel.ui import brushes, maps
from ocapi.kernel.ui.data import Brush, Map, Place
from ocapi.kernel.ui.templatetags.ui import choropleth


def a_map(*values, **changes) -> Map:
    """Make a map of squares in a row, with these numbers."""
    places = tuple(
        Place(
            code=str(at),
            name=f"Plaats {at}",
            path=f"M{at * 100} 0l90 0 0 90 -90 0z",
            box=(at * 100, 0, at * 100 + 90, 90),
            value=None if value is None else Decimal(value),
            text="geen cijfer" if value is None else str(value),
            href=f"?gebied={at}",
        )
        for at, value in enumerate(values)
    )
    made = {"code": "kaart", "title": "Bomen", "place_label": "Gemeente", "value_label": "Aantal"}
    return Map(places=places, **{**made, **changes})


class TestClasses:
    def test_hold_about_equally_many_numbers(self):
        assert [each.count for each in maps.classes(range(10))] == [2, 2, 2, 2, 2]

    def test_never_split_equal_numbers(self):
        found = maps.classes([1] * 9 + [2])
        assert [(each.low, each.high, each.count) for each in found] == [(1, 1, 9), (2, 2, 1)]
        found = maps.classes([0] * 50 + list(range(1, 10)))
        assert sum(each.low <= 0 <= each.high for each in found) == 1
        assert sum(each.count for each in found) == 59

    def test_leave_out_what_has_no_number(self):
        assert maps.classes([None, None]) == ()
        assert maps.class_of(None, maps.classes([1, 2])) == 0


class TestPicture:
    def test_hatches_what_has_no_number_and_says_how_many(self):
        with translation.override("nl"):
            drawn = html.fromstring(str(maps.svg(a_map(1, 2, None))))
        assert drawn.xpath("//path[contains(@class, 'area--0')]/@fill") == ["url(#kaart-none)"]
        assert "1 gebied heeft geen cijfer" in drawn.xpath("//desc")[0].text_content()

    def test_is_one_stop_of_the_tab_key_at_the_chosen_area(self):
        drawn = html.fromstring(str(maps.svg(a_map(1, 2, 3, chosen="2"))))
        assert [each.get("href") for each in drawn.xpath("//a[@tabindex='0']")] == ["?gebied=2"]
        assert drawn.xpath("//a[last()]/@href") == ["?gebied=2"]  # on top of its neighbors

    def test_around_the_chosen_area_draws_only_what_is_near(self):
        many = a_map(*range(60), chosen="30", near=True)
        drawn = html.fromstring(str(maps.svg(many)))
        assert 3 <= len(drawn.xpath("//a")) < 15

    def test_stands_alone_as_a_file_with_legend_and_source(self):
        found = maps.picture(a_map(1, 2, 3, source="Statbel"))
        assert found.count("<path") == 3
        assert "Statbel" in found


class TestTableTwin:
    def test_holds_every_area_with_its_number_and_class(self):
        twin = choropleth(a_map(5, None, 1200))
        assert [(each.name, text) for each, text in twin["rows"][:2]] == [
            ("Plaats 2", "1.200"),
            ("Plaats 0", "5"),
        ]
        assert twin["missing"] == 1


class TestBrush:
    def test_draws_the_whole_course_with_a_window_on_what_is_shown(self):
        periods = tuple((f"2024-0{at}-01", f"2024-0{at}-28") for at in range(1, 6))
        made = Brush(form="f", periods=periods, values=(1, 2, None, 4, 5), first=1, last=3, text="x")
        drawn = html.fromstring(str(brushes.svg(made)))
        (window,) = drawn.xpath("//rect[@data-brush-window]")
        assert (window.get("x"), window.get("width")) == ("250.0", "500.0")
        assert len(drawn.xpath("//polyline")) == 2  # a gap stays a gap
        assert drawn.get("data-periods").split()[0] == "2024-01-01/2024-01-28"
