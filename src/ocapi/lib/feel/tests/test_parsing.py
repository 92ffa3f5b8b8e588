"""Any text is a tree or refused with a place; a tree survives writing and reading. Not covered: meaning."""

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib.feel import BudgetExceeded, FeelSyntaxError, compile_expression, parse_expression
from ocapi.lib.feel import syntax as s
from ocapi.lib.feel.functions import BUILT_IN_NAMES, BUILT_INS
from ocapi.lib.feel.numbers import from_int
from ocapi.lib.feel.parser import parse_unary_tests
from ocapi.lib.feel.tests.evaluating import NOW
from ocapi.lib.feel.writing import write, write_tests

PIECES = st.sampled_from([
    *"()[]{}.,:+-*/<>=?@'", "**", "..", "<=", "!=", "->", " ", '"a"', "1", "2.5", "1e3", "x", "if ", " then ",
    " else ", "for ", " in ", " return ", "some ", " satisfies ", " and ", " or ", "not", " between ",
    " instance of ", "function", "external", "null", "true", '@"P1D"', "number", "list", "context", "//",
    "/*",
    "*/", "\n", "é", "\U0001f600", "\\u", *sorted(BUILT_INS),
])
NAMES = st.sampled_from(["a", "b", "a b", "sum", "date and time"])
LEAVES = st.one_of(
    st.integers(0, 10**9).map(from_int).map(s.Literal), st.text(max_size=5).map(s.Literal),
    st.sampled_from([True, False, None]).map(s.Literal), NAMES.map(s.Name), st.just(s.AtLiteral("P1D")),
)


def grown(inner: st.SearchStrategy[s.Node]) -> st.SearchStrategy[s.Node]:
    chains = st.sampled_from([("+", "-"), ("*", "/"), ("**",)])
    return st.one_of(
        st.builds(s.Path, inner, st.just("a b")), st.builds(s.Filter, inner, inner),
        st.builds(s.Call, inner, st.lists(inner, max_size=3).map(tuple)), st.builds(s.Negation, inner),
        chains.flatmap(lambda signs: st.builds(
            s.Chain, inner,
            st.lists(st.tuples(st.sampled_from(signs), inner), min_size=1, max_size=3).map(tuple),
        )),
        st.builds(s.Comparison, st.sampled_from(["=", "!=", "<", ">="]), inner, inner),
        st.builds(s.Logic, st.sampled_from(["and", "or"]),
                  st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(s.Between, inner, inner, inner),
        st.builds(s.If, st.tuples(st.tuples(inner, inner)), inner),
        st.builds(s.ListNode, st.lists(inner, max_size=3).map(tuple)),
        st.builds(s.RangeNode, inner, inner, st.booleans(), st.booleans()),
        st.builds(s.ContextNode, st.tuples(st.tuples(st.just("a b"), inner))),
        st.builds(s.For, st.tuples(st.builds(s.Iterator, st.just("a"), inner, st.none())), inner),
    )


TREES = st.recursive(LEAVES, grown, max_leaves=12)


class TestAnyText:
    @settings(max_examples=200, deadline=None)
    @given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join)))
    def test_is_a_tree_or_refused_with_its_place(self, text: str) -> None:
        for parse in (parse_expression, parse_unary_tests):
            try:
                parse(text, known=BUILT_IN_NAMES)
            except FeelSyntaxError as refusal:
                assert 0 <= refusal.position <= len(text)
                assert refusal.line >= 1
                assert refusal.column >= 1

    @settings(max_examples=200, deadline=None)
    @given(st.lists(PIECES, max_size=20).map("".join))
    def test_evaluates_to_a_value_or_exceeds_a_budget(self, text: str) -> None:
        with suppress(FeelSyntaxError, BudgetExceeded):
            compile_expression(text, names=["x"]).evaluate({"x": [1, {"a": "b"}]}, now=NOW)

    @pytest.mark.parametrize("piece", [
        "(", "[", "{a:", "-", "if ", "x.", "f(", "not(", "1 in (", "for x in ", "function(a) ", "/*", '"',
        "1+",
        "x or ", "if x then 1 else ", "{a b: 1}.a b,", "date and time ", "list<", "@", "..", "a+-",
    ])
    def test_of_one_piece_repeated_takes_bounded_time(self, piece: str) -> None:
        text = piece * (12_000 // len(piece)) + "1"
        started = time.process_time()
        with suppress(FeelSyntaxError):
            compile_expression(text)
        assert time.process_time() - started < 1.5

    def test_longer_than_the_limit_is_refused(self) -> None:
        with pytest.raises(FeelSyntaxError, match="longer than"):
            parse_expression(" " * 40_000)

    def test_nested_too_deep_is_refused_with_its_place(self) -> None:
        with pytest.raises(FeelSyntaxError, match="nested deeper than 64") as refusal:
            parse_expression("(" * 5_000 + "1" + ")" * 5_000)
        assert refusal.value.position == 64


class TestTrees:
    @settings(max_examples=120, deadline=None)
    @given(TREES)
    def test_written_and_read_again_are_the_same(self, tree: s.Node) -> None:
        text = write(tree)
        again = parse_expression(text, known=BUILT_IN_NAMES.plus(["a", "b", "a b"]))
        assert write(again) == text

    @pytest.mark.parametrize("text", [
        "a instance of list<context<b: number, c: string>>", "a instance of function<number>->string",
        "1 in (< 2, [3..4], (> 5))", "f(x: 1, y z: 2)", "some a in b, c in 1..2 satisfies a = c",
        'function(a: date and time, b) external {c: "d"}', "a.b[c].d(e)[1]", "--1 ** 2",
    ])
    def test_written_by_hand_survive_too(self, text: str) -> None:
        tree = parse_expression(text, known=BUILT_IN_NAMES)
        assert parse_expression(write(tree), known=BUILT_IN_NAMES) == tree

    @pytest.mark.parametrize("text", ["-", "< 1, [2..3]", 'not("a", > 5)', "? > 1", "= 1, != 2"])
    def test_of_cells_survive_too(self, text: str) -> None:
        tree = parse_unary_tests(text)
        assert parse_unary_tests(write_tests(tree)) == tree
