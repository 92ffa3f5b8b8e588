"""What would run for ever, or fill the memory, is stopped. Not covered: parsing (test_parsing)."""

import time

import pytest

from ocapi.lib.feel import BudgetExceeded, Limits, compile_expression
from ocapi.lib.feel.tests.evaluating import NOW, outcome

DOUBLED = "l: for i in 1..50 return if i = 1 then [1] else [partial[-1], partial[-1]]"
ENDLESS = {
    "for i in 1..1000000000 return i": "listSize",
    "for i in 1..1000, j in 1..1000 return i": "listSize",
    "count(for i in 1..1000, j in 1..1000 return i)": "listSize",
    "for i in 1..90000 return for j in 1..90000 return j": "steps",
    "some i in 1..90000, j in 1..90000 satisfies i + j < 0": "steps",
    "{f: function(n) f(n + 1), r: f(1)}.r": "callDepth",
    "{f: function(n) [f(n), f(n)], r: f(1)}.r": "callDepth",
    "for i in 1..90000 return if i = 1 then [] else [partial[-1]]": "resultSize",
    "for i in 1..90000 return if i = 1 then [1] else [partial[-1], partial[-1]]": "resultSize",
    "{" + DOUBLED + ", r: string(l)}.r": "stringSize",
    "{" + DOUBLED + ", r: l = l}.r": "steps",
    "{" + DOUBLED + ", r: flatten(l)}.r": "listSize",
    "{" + DOUBLED + ", r: l instance of"
    " list<list<number>>}.r": "steps",
    'for i in 1..90 return if i = 1 then "ab" else partial[-1] + partial[-1]': "stringSize",
    "for i in 1..90000 return partial": "steps",
    "sort(for i in 1..90000 return modulo(i * 7919, 90001), function(a, b) a < b)": "steps",
    "distinct values(for i in 1..90000 return i)": "steps",
    'for i in 1..50000 return string join(for j in 1..1000 return "abcdefghijklmnop")': "steps",
}


class TestBudgets:
    @pytest.mark.parametrize(("text", "limit"), ENDLESS.items())
    def test_stop_what_would_not_end(self, text: str, limit: str) -> None:
        started = time.process_time()
        with pytest.raises(BudgetExceeded) as stopped:
            outcome(text)
        assert stopped.value.limit in (limit, "time")
        assert time.process_time() - started < 1  # the budget is 0.2 s; machines of others are slow

    def test_allow_a_hundred_thousand_items(self) -> None:
        expression = compile_expression("count(for i in 1..100000 return i)")
        assert expression.evaluate({}, now=NOW, limits=Limits(milliseconds=5_000)).value == 100_000

    def test_can_be_made_smaller(self) -> None:
        expression = compile_expression("for i in 1..100 return i")
        with pytest.raises(BudgetExceeded, match="steps"):
            expression.evaluate({}, now=NOW, limits=Limits(steps=50))

    def test_refuse_a_pattern_on_a_long_text_that_could_take_long(self) -> None:
        with pytest.raises(BudgetExceeded, match="time"):
            outcome('matches(x, "(a?){500}a{500}b")', x="a" * 100_000)

    def test_keep_a_replacement_within_the_string_limit(self) -> None:
        with pytest.raises(BudgetExceeded, match="stringSize|time"):
            outcome('replace(x, "a", x)', x="a" * 50_000)

    def test_count_no_recursion_of_the_caller(self) -> None:
        def deeper(levels: int) -> object:
            if levels:
                return deeper(levels - 1)
            text = "{f: function(n) if n = 0 then 0 else 1 + f(n - 1), r: f(60)}.r"
            return outcome(text).value

        with pytest.raises(BudgetExceeded, match="callDepth"):
            deeper(800)
        assert deeper(50) == 60

    def test_spend_nothing_on_constant_folding_that_is_large(self) -> None:
        text = "[" + ", ".join(['replace("' + "a" * 300 + '", "a", "' + "b" * 300 + '")'] * 40) + "]"
        started = time.process_time()
        compile_expression(text)
        assert time.process_time() - started < 1
