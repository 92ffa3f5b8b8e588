"""Words become search tokens. Not covered: ranking and synonyms, which the search app keeps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import stem


def distance_by_definition(a: str, b: str) -> int:
    """Optimal string alignment by its full table."""
    table = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            cost = a[i - 1] != b[j - 1]
            options = [table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + cost]
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                options.append(table[i - 2][j - 2] + 1)
            table[i][j] = min(options)
    return table[-1][-1]


class TestTokens:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("kapvergunning", "De kapvergunningen"),
            ("verhuizen", "verhuizing"),
            ("boom", "bomen"),
            ("café", "CAFE"),
            ("foto's", "foto\u2019s"),
        ],
    )
    def test_finds_the_same_token_for_forms_of_one_word(self, one: str, other: str) -> None:
        assert stem.tokens(one) == stem.tokens(other) != []

    def test_leaves_names_and_numbers_whole(self) -> None:
        assert stem.tokens("Het OCMW van 9220 Hamme, model E301B") == [
            "ocmw",
            "9220",
            "hamme",
            "model",
            "e301b",
        ]

    def test_gives_nothing_for_stop_words_and_signs(self) -> None:
        assert stem.tokens("de van het -- ?!") == []

    def test_keeps_whole_words_for_suggestions(self) -> None:
        assert stem.raw_tokens("Geboorteaangifte: België, één_kind") == [
            "geboorteaangifte",
            "belgie",
            "een",
            "kind",
        ]


class TestEditDistance:
    @settings(max_examples=200, deadline=None)
    @given(a=st.text("abcd", max_size=7), b=st.text("abcd", max_size=7), limit=st.integers(0, 3))
    def test_equals_the_definition_within_the_limit(self, a: str, b: str, limit: int) -> None:
        expected = distance_by_definition(a, b)
        assert stem.edit_distance(a, b, limit=limit) == (expected if expected <= limit else None)

    def test_counts_a_swap_as_one(self) -> None:
        assert stem.edit_distance("kapvergunning", "kapvegrunning") == 1

    def test_names_the_nearest_first(self) -> None:
        words = ["verhuizen", "verhuisd", "verhuur", "vergunning"]
        assert stem.nearest("verhuisen", words) == [("verhuizen", 1), ("verhuisd", 2)]
