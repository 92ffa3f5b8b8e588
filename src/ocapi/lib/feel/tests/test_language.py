"""The language itself: names, types, three values, money. Not covered: functions (test_functions)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocapi.lib.feel import NotAValue, compile_expression, compile_unary_tests
from ocapi.lib.feel.tests.evaluating import NOW, outcome, reasons, shown

EXPRESSIONS = {
    "1 + 2 * 3 - 4 / 2": "5",
    "-2 ** 2": "4",
    "2 ** 3 ** 2": "64",
    ".5 + 1e3": "1000.5",
    '"a" + "b"': '"ab"',
    "true and null": "null",
    "false and null": "false",
    "true or null": "true",
    '"x" or true': "true",
    "1 = null": "false",
    '1 = "1"': "null",
    "null = null": "true",
    "if null then 1 else 2": "2",
    'if 1 > 2 then "a" else if 2 > 1 then "b" else "c"': '"b"',
    "5 between 1 and 10 and true": "true",
    "5 in (1, <3, [4..6])": "true",
    "5 in ]5..10]": "false",
    "1 in [[2..4], [1..3]]": "true",
    "for i in 1..3, j in 1..i return i * j": "[1, 2, 4, 3, 6, 9]",
    "for i in 3..1 return i": "[3, 2, 1]",
    'for d in @"2024-02-28"..@"2024-03-01" return day of week(d)': '["Wednesday", "Thursday", "Friday"]',
    "for i in [1..3) return i": "[1, 2]",
    "for i in 1..6 return if i <= 2 then 1 else partial[-1] + partial[-2]": "[1, 1, 2, 3, 5, 8]",
    "for i in 1..3 return count(partial)": "[0, 1, 2]",
    "some x in [1, 2], y in [3, 4] satisfies x + y = 6": "true",
    "every x in [] satisfies false": "true",
    "[1, 2, 3, 4][item > 2]": "[3, 4]",
    "[1, 2, 3][-1]": "3",
    "[{a: 1}, {a: 2}][a = 2].a": "[2]",
    "[{item: 1}, {item: 2}][item >= 2]": "[{item: 2}]",
    "{a b: 1, c: a b + 1}.c": "2",
    "{fact: function(n) if n < 2 then 1 else n * fact(n - 1), r: fact(20)}.r": "2432902008176640000",
    "(function(a: number, b) a + b)(b: 2, a: 1)": "3",
    "{make: function(a) function(b) a - b, r: make(5)(3)}.r": "2",
    "(for i in 1..3 return function() i)[2]()": "2",
    "1 instance of number": "true",
    "[1, 2] instance of list<number>": "true",
    '{a: 1, b: "x"} instance of context<a: number>': "true",
    "(function(a) a) instance of function<Any>->Any": "true",
    "null instance of Any": "false",
    "[1..5] instance of range<number>": "true",
    "(< 10) = (< 10)": "true",
    "// a remark\n 1 /* and another */ + 1": "2",
    '"\\uD83D\\uDCA9" = "\\U01F4A9"': "true",
    "{\"a key\": 1}.a key": "1",
}


class TestExpressions:
    @pytest.mark.parametrize(("text", "value"), EXPRESSIONS.items())
    def test_evaluate_as_the_standard_says(self, text: str, value: object) -> None:
        assert shown(text) == value

    def test_read_names_with_spaces_and_symbols_by_the_longest_in_scope(self) -> None:
        values = {"a": 10, "b": 3, "a-b": 99, "Teacher's mark": 7, "and more": 1}
        expression = compile_expression("a-b + Teacher's mark - and more", names=values)
        found = expression.evaluate(values, now=NOW)
        assert found.value == 105

    def test_subtract_when_no_longer_name_is_in_scope(self) -> None:
        assert shown("a-b", a=10, b=3) == "7"

    def test_let_a_variable_hide_a_built_in_function(self) -> None:
        assert shown("count + 1", count=1) == "2"

    def test_record_where_null_comes_from(self) -> None:
        issue, = outcome('1 + (2 * "x")').issues[:1]
        assert (issue.code, issue.detail, issue.position) == ("typesDoNotFit", "number * string", 7)

    def test_refuse_functions_of_another_language(self) -> None:
        text = "{f: function(a) external {java: {class: \"java.lang.Math\"}}, r: f(1)}.r"
        assert (shown(text), reasons(text)) == ("null", ["externalFunctionRefused"])


class TestUnaryTests:
    @pytest.mark.parametrize(("text", "value", "passes"), [
        ("-", 1, True), ("", None, True), ("< 10", 5, True), ("< 10", "a", None), ('"a","b"', "b", True),
        ('not("a","b")', "c", True), ("[1..5)", 5, False), ("? > 1 and ? < 3", 2, True),
        ("false", False, True),
        ("null", None, True), ('starts with(?, "ab")', "abc", True), ("limit", 7, True), ("> limit", 8, True),
        ("[1, 2, 3]", 2, True), ("= 3", 3, True), ("!= 3", 3, False), ("not(null)", 1, True),
        ('< @"2024-01-01"', datetime(2023, 5, 5, tzinfo=UTC).date(), True),
    ])
    def test_pass_or_not(self, text: str, value: object, passes: bool | None) -> None:
        tests = compile_unary_tests(text or "-", names=["limit"])
        assert tests.evaluate(value, {"limit": 7}, now=NOW).value is passes


class TestMoney:
    @given(st.lists(st.decimals(min_value=0, max_value=10**9, places=2), min_size=1, max_size=50))
    def test_adds_up_to_the_cent(self, amounts: list[Decimal]) -> None:
        assert outcome("sum(amounts)", amounts=amounts).value == sum(amounts, Decimal(0))

    @given(st.integers(0, 10**15), st.integers(1, 400))
    def test_rounds_half_up_as_the_regulation_says(self, cents: int, percent: int) -> None:
        value = outcome("round half up(cents * percent / 100, 0)", cents=cents, percent=percent).value
        assert value == (2 * cents * percent + 100) // 200

    def test_is_never_a_float(self) -> None:
        with pytest.raises(NotAValue):
            outcome("x", x=0.1)
        assert outcome("0.1 + 0.2 = 0.3").value is True


class TestTimeAndHost:
    def test_comes_from_the_argument(self) -> None:
        assert shown("today() + @\"P1D\"") == "2026-07-02"
        with pytest.raises(ValueError, match="aware"):
            compile_expression("now()").evaluate({}, now=datetime(2026, 1, 1))  # noqa: DTZ001

    @pytest.mark.parametrize("name", ["__class__", "__dict__", "real", "upper", "nanos", "value"])
    def test_no_property_of_a_host_object_is_reachable(self, name: str) -> None:
        for value in ("text", 1, [1], NOW, {"a": 1}):
            assert shown(f"x.{name}", x=value) in ("null", "[null]")

    def test_no_host_object_gets_in(self) -> None:
        with pytest.raises(NotAValue):
            outcome("x", x=object())
        with pytest.raises(NotAValue, match="half a character"):
            outcome("x", x=["a\ud800"])

    @pytest.mark.parametrize("text", ["eval(\"1\")", "__import__(\"os\")", "open(\"x\")", "print(1)"])
    def test_no_host_function_is_reachable(self, text: str) -> None:
        assert (shown(text), reasons(text)[0]) == ("null", "unknownName")
