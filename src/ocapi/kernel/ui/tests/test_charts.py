"""Charts and their table twins; does not cover what a browser paints."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree, html

from ocapi.kernel.ui import charts, pictures
from ocapi.kernel.ui.data import Chart, ChartKind, Series
from ocapi.kernel.ui.tests import gallery


def texts(markup: str, path: str) -> list[str]:
    return [str(node.text_content()).strip() for node in html.fromstring(markup).xpath(path)]


def drawn(chart: Chart) -> str:
    return gallery.draw("dashboard", bars=chart, line=gallery.RATIO)


class TestTableTwin:
    def test_holds_the_same_numbers_as_the_bars(self) -> None:
        picture = texts(str(charts.svg(gallery.BARS)), "//text[contains(@class, 'ocapi-chart__value')]")
        page = html.fromstring(gallery.draw("dashboard"))
        twin = [cell.text_content() for cell in page.xpath("(//figure)[1]//td")]
        assert picture == twin
        assert "12.540" in twin

    def test_holds_each_number_of_a_line(self) -> None:
        page = html.fromstring(gallery.draw("dashboard"))
        twin = [cell.text_content() for cell in page.xpath("(//figure)[2]//td")]
        known = [
            str(value)
            for pair in zip(*(s.values for s in gallery.LINE.series), strict=True)
            for value in pair
            if value is not None
        ]
        assert [cell for cell in twin if cell.isdigit()] == known
        assert len(twin) == 2 * len(gallery.LINE.categories)

    def test_marks_missing_and_withheld_numbers_apart(self) -> None:
        first = gallery.BARS.series[0]
        assert charts.value_text(gallery.BARS, first, 2) != charts.value_text(gallery.BARS, first, 3)


class TestSvg:
    def test_starts_bars_at_zero_and_keeps_their_proportion(self) -> None:
        svg = etree.fromstring(str(charts.svg(gallery.RATIO)))
        bars = [node for node in svg if "ocapi-chart__bar" in node.get("class", "")]
        assert {bar.get("x") for bar in bars} == {"0"}
        assert [bar.get("width") for bar in bars] == ["50.00%", "30.00%"]  # the track of 100 % is 80 % wide

    @pytest.mark.parametrize(("count", "most", "labeled"), [
        (1, 3, [0]), (2, 4, [0, 1]), (4, 4, [0, 1, 2, 3]), (12, 3, [0, 5, 11]),
        (13, 7, [0, 2, 4, 6, 8, 10, 12]), (12, 7, [0, 2, 4, 6, 8, 11]),
    ])  # fmt: skip
    def test_labels_both_ends_and_even_steps(self, count: int, most: int, labeled: list[int]) -> None:
        assert charts.labeled(count, most) == labeled

    @pytest.mark.parametrize(
        ("highest", "gutter"), [(90, "narrow"), (9_000, "wide"), (400_000, "wide"), (9_000_000, "widest")]
    )
    def test_keeps_room_beside_the_plot_for_the_labels_of_the_scale(self, highest: int, gutter: str) -> None:
        line = Series(name="a", values=(1, *[highest] * (len(gallery.LINE.categories) - 1)))
        chart = replace(gallery.LINE, series=(line,))
        svg = etree.fromstring(str(charts.svg(chart)))
        assert svg.get("class") == f"ocapi-chart__picture ocapi-chart__picture--{gutter}"
        labels = [node for node in svg if node.get("text-anchor") == "end" and node.get("dy")]
        assert labels and {node.get("x") for node in labels} == {"-8"}  # outside of the plot

    def test_leaves_a_gap_where_a_line_has_no_number(self) -> None:
        svg = etree.fromstring(str(charts.svg(gallery.LINE)))
        classes = [node.get("class", "") for node in svg]
        assert sum("ocapi-chart__gap" in each for each in classes) == 2
        segments = sum("ocapi-chart__line ocapi-chart__series-1" in each for each in classes)
        assert segments == 13 - 3  # two missing days in a row break three of thirteen segments

    def test_includes_zero_in_the_scale_of_a_line(self) -> None:
        svg = str(charts.svg(gallery.LINE))
        assert 'class="ocapi-chart__zero"' in svg

    def test_names_itself_to_screen_readers(self) -> None:
        svg = etree.fromstring(str(charts.svg(gallery.LINE)))
        assert svg.get("role") == "img"
        ids = {node.get("id"): node.text for node in svg if node.get("id")}
        assert ids[svg.get("aria-labelledby")] == gallery.LINE.title
        assert "440" in (ids[svg.get("aria-describedby")] or "")

    def test_escapes_every_text(self) -> None:
        series = (replace(gallery.RATIO.series[0], name='"><script>'),)
        chart = replace(gallery.RATIO, title="<script>x", categories=("<b>&", "y"), series=series)
        assert "<script" not in str(charts.svg(chart))
        assert "<b>" not in str(charts.svg(chart))
        assert not re.search("<script>x", drawn(chart))

    @pytest.mark.parametrize("values", [(None, None), (0, 0), (-5, 3), (Decimal("0.001"), Decimal("0.002"))])
    @pytest.mark.parametrize("kind", list(ChartKind))
    def test_draws_awkward_numbers(self, kind: ChartKind, values: tuple[Decimal | int | None, ...]) -> None:
        chart = replace(gallery.RATIO, kind=kind, series=(Series(name="a", values=values),), decimals=3)
        svg = etree.fromstring(str(charts.svg(chart)))
        heights = [float(node.get(at)) for node in svg for at in ("y1", "y2", "cy") if node.get(at)]
        assert all(0 <= height <= float(svg.get("height")) for height in heights)

    def test_says_below_a_picture_to_download_what_its_numbers_are_worth(self) -> None:
        assert "these data are old" in pictures.picture(replace(gallery.LINE, quality="these data are old."))

    def test_draws_a_single_point(self) -> None:
        chart = replace(gallery.LINE, categories=("nu",), series=(Series(name="a", values=(7,)),))
        assert 'cx="49.50%"' in str(charts.svg(chart))


class TestChart:
    def test_refuses_series_of_another_length(self) -> None:
        with pytest.raises(ValueError, match="3 values for 2"):
            replace(gallery.RATIO, series=(Series(name="a", values=(1, 2, 3)),))

    def test_refuses_a_withheld_place_that_holds_a_number(self) -> None:
        with pytest.raises(ValueError, match="suppressed"):
            Series(name="a", values=(3,), suppressed=frozenset({0}))


class TestNumber:
    @pytest.mark.parametrize(
        ("value", "decimals", "text"),
        [(1234567, 0, "1.234.567"), (Decimal("-12.5"), 2, "\u221212,50"), (0, 1, "0,0")],
    )
    def test_writes_the_dutch_way(self, value: Decimal | int, decimals: int, text: str) -> None:
        assert charts.number(value, decimals) == text
