"""Contrast mathematics and stylesheets of brands; does not cover how a browser mixes colors."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.kernel.ui import api, themes
from ocapi.kernel.ui.colors import contrast, mix, nearest_passing
from ocapi.kernel.ui.data import InvalidToken, Tokens

any_color = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


class TestContrast:
    @pytest.mark.parametrize(
        ("one", "other", "ratio"),
        [
            ("#000000", "#ffffff", 21.0),
            ("#ffffff", "#ffffff", 1.0),
            ("#777777", "#ffffff", 4.48),
            ("#767676", "#ffffff", 4.54),
            ("#ff0000", "#ffffff", 4.0),
            ("#0000ff", "#ffffff", 8.59),
        ],
    )
    def test_agrees_with_known_values(self, one: str, other: str, ratio: float) -> None:
        assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
        assert contrast(other, one) == contrast(one, other)


class TestNearestPassing:
    @settings(max_examples=60, deadline=None)
    @given(foreground=any_color, background=any_color)
    def test_always_passes_on_one_background(self, foreground: str, background: str) -> None:
        proposal = nearest_passing(foreground, on=(background,), ratio=4.5)
        assert contrast(proposal, background) >= 4.5

    def test_leaves_a_passing_color_alone(self) -> None:
        assert nearest_passing("#124a63", on=("#ffffff",), ratio=4.5) == "#124a63"

    def test_stays_close_to_the_color_asked_for(self) -> None:
        proposal = nearest_passing("#777777", on=("#ffffff",), ratio=4.5)
        assert 0x70 <= int(proposal[1:3], 16) <= 0x76

    def test_keeps_both_ends_when_mixing(self) -> None:
        assert (mix("#124a63", "#ffffff", 0), mix("#124a63", "#ffffff", 1)) == ("#124a63", "#ffffff")


class TestCheckTokens:
    def test_accepts_the_neutral_theme(self) -> None:
        assert api.check_tokens(Tokens()) == []

    def test_refuses_pale_text_with_a_proposal_that_passes(self) -> None:
        (first, *rest) = api.check_tokens(Tokens(muted="#b0b0b0"))
        assert (first.foreground, first.background, first.needed) == ("muted", "background", 4.5)
        assert first.ratio < 4.5
        assert api.check_tokens(Tokens(muted=first.proposal)) == []
        assert [each.background for each in rest] == ["surface"]

    def test_asks_three_to_one_of_the_edges_of_fields(self) -> None:
        (problem, _) = api.check_tokens(Tokens(control="#cccccc"))
        assert (problem.foreground, problem.needed) == ("control", 3.0)

    def test_proposes_dark_text_on_a_yellow_brand(self) -> None:
        problems = {
            each.foreground: each for each in api.check_tokens(Tokens(brand="#8a7a00", on_brand="#e0e0a0"))
        }
        assert contrast(problems["on_brand"].proposal, "#8a7a00") >= 4.5

    @pytest.mark.parametrize("value", ["red", "#FFF", "#12345", "#12345g", "url(x)", "#000000}"])
    def test_refuses_what_is_not_a_color(self, value: str) -> None:
        with pytest.raises(InvalidToken):
            Tokens(brand=value)


class TestStylesheetFor:
    def test_names_equal_tokens_equally_and_others_otherwise(self) -> None:
        name, content = api.stylesheet_for(Tokens())
        assert (name, content) == api.stylesheet_for(Tokens())
        assert name != api.stylesheet_for(Tokens(brand="#5a1f6b"))[0]
        assert b"--ocapi-color-brand: #124a63;" in content

    @settings(max_examples=25, deadline=None)
    @given(brand=any_color, accent=any_color, link=any_color)
    def test_derives_dark_colors_that_pass_whatever_the_brand(
        self, brand: str, accent: str, link: str
    ) -> None:
        dark = themes.dark_of(Tokens(brand=brand, accent=accent, link=link))
        assert api.check_tokens(dark) == []
