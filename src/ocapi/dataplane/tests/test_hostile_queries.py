"""Texts nobody meant: each is refused or understood, in bounded time. Not covered: bodies."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.dataplane.context import changes, contexts, qlanguage
from ocapi.dataplane.context.attributes import read_attribute
from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.vocabulary import CORE_TERMS, Terms, read_terms
from ocapi.dataplane.sensorthings import filtering, options
from ocapi.dataplane.sensorthings.model import SETS

NOW = "2026-11-28T09:30:00Z"
ENTITY = changes.created(
    {"id": "urn:x:1", "type": "T", "a": 1, "b": {"value": "x", "c": 2}}, terms=CORE_TERMS, now=NOW
)
SIGNS = st.text(st.sampled_from("ab()[];|,.=!<>~\"'0 :/#+-"), max_size=30)
WORDS = st.lists(
    st.sampled_from(
        [
            "name",
            "eq",
            "and",
            "or",
            "not",
            "(",
            ")",
            "'x'",
            "5",
            "null",
            "add",
            "year",
            ",",
            "2026-11-28T00:00:00Z",
            "/",
            "geo.distance",
            "geography'POINT(1 1)'",
        ]
    ),
    max_size=14,
).map(" ".join)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.floats(allow_nan=False)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["type", "value", "object", "a", "datasetId", "observedAt", "languageMap", "@id", "dataset"]
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)


class TestTexts:
    @settings(max_examples=150, deadline=None)
    @given(SIGNS)
    def test_of_q_scopes_and_types(self, text: str) -> None:
        for compiled in (
            lambda: qlanguage.compile_q(text, CORE_TERMS),
            lambda: qlanguage.compile_scopes(text),
            lambda: qlanguage.compile_types(text, CORE_TERMS),
        ):
            try:
                assert compiled()(ENTITY) in (True, False)
            except Refusal as refusal:
                assert refusal.status in (400, 403)

    @settings(max_examples=150, deadline=None)
    @given(st.one_of(SIGNS, WORDS))
    def test_of_filter_order_and_expand(self, text: str) -> None:
        try:
            assert filtering.compile_filter(text)(lambda path: "x" if path == ("name",) else None) in (
                True,
                False,
            )
        except Refusal as refusal:
            assert refusal.status in (400, 501)
        filtering.time_bounds(text)
        for name in ("$orderby", "$expand", "$select", "$top"):
            try:
                options.read({name: text}, SETS["Things"])
            except Refusal as refusal:
                assert refusal.status in (400, 501)

    @settings(max_examples=100, deadline=None)
    @given(SIGNS)
    def test_of_link_headers(self, text: str) -> None:
        try:
            contexts.from_link(text)
        except Refusal as refusal:
            assert refusal.status == 400


class TestValues:
    @settings(max_examples=150, deadline=None)
    @given(JSON, st.booleans(), st.booleans())
    def test_of_attributes(self, raw: object, is_simplified: bool, is_partial: bool) -> None:
        try:
            found = read_attribute(
                raw, name="a", terms=CORE_TERMS, is_simplified=is_simplified, is_partial=is_partial
            )
            assert all(isinstance(each, dict) for each in found.values())
        except Refusal as refusal:
            assert refusal.status == 400

    @settings(max_examples=100, deadline=None)
    @given(
        st.dictionaries(
            st.sampled_from(["a", "b", "c", "@vocab", "d"]),
            st.one_of(JSON, st.sampled_from(["a:x", "b:y", "c", "https://x.example/", "d:z"])),
            max_size=5,
        )
    )
    def test_of_contexts_never_go_round_for_ever(self, context: dict[str, object]) -> None:
        try:
            terms = Terms(read_terms(context, {}))
            for name in ("a", "b:x", "c"):
                assert terms.expand(terms.compact(terms.expand(name))) == terms.expand(name)
        except Refusal as refusal:
            assert refusal.status == 400

    def test_a_pattern_takes_linear_time(self) -> None:
        entity = changes.created(
            {"id": "urn:x:1", "type": "T", "a": "a" * 5_000 + "!"}, terms=CORE_TERMS, now=NOW
        )
        assert not qlanguage.compile_q("a~=^(a+)+$", CORE_TERMS)(entity)

    @pytest.mark.parametrize("text", ["a" * 5_000, ";".join(["a"] * 200), "(" * 50 + "a" + ")" * 50])
    def test_what_asks_too_much_is_told(self, text: str) -> None:
        with pytest.raises(Refusal) as told:
            qlanguage.compile_q(text, CORE_TERMS)
        assert told.value.status == 403
