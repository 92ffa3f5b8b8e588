"""Built-in functions by their examples in the standard. Not covered: the kit (tests/conformance/dmn)."""

import pytest

from ocapi.lib.feel.functions import BUILT_INS
from ocapi.lib.feel.tests.evaluating import reasons, shown

EXAMPLES = {
    # strings
    'substring("foobar", 3)': '"obar"',
    'substring("foobar", 3, 3)': '"oba"',
    'substring("foobar", -2, 1)': '"a"',
    'substring("\\U01F40Eab", 2)': '"ab"',
    'string length("\\U01F40Eab")': "3",
    'upper case("aBc4")': '"ABC4"',
    'lower case("aBc4")': '"abc4"',
    'substring before("foobar", "bar")': '"foo"',
    'substring after("foobar", "ob")': '"ar"',
    'replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")': '"[1=ab][2=]cd"',
    'replace("a.b.c", ".", "-", "q")': '"a-b-c"',
    'replace("0123456789", "(\\d{3})(\\d{3})(\\d{4})", "($1) $2-$3")': '"(012) 345-6789"',
    'replace("abc", "B", "x", "i")': '"axc"',
    'contains("foobar", "of")': "false",
    'starts with("foobar", "fo")': "true",
    'ends with("foobar", "r")': "true",
    'matches("foobar", "^fo*b")': "true",
    'matches("abracadabra", "bra.*bra")': "true",
    'matches("h\\nello", "h.ello", "s")': "true",
    'matches("h\\nello", "h.ello")': "false",
    'matches("hello world", "hello\\ sworld", "x")': "true",
    'matches("hello world", " hello[ ]world ", "x")': "true",
    'matches("b", "[a-z-[aeiou]]")': "true",
    'matches("e", "[a-z-[aeiou]]")': "false",
    'matches("i", "[A-Z-[OI]]", "i")': "false",
    'matches("1.5-", "^[0-9-.]*$")': "true",
    'matches("é", "\\p{IsLatin-1Supplement}")': "true",
    'matches("a]b", "a[\\]]b")': "true",
    'matches("x y", "x[\\s]y")': "true",
    'matches("Å", "\\p{Lu}")': "true",
    'matches("9", "[^\\d]")': "false",
    'split("a;b;c;;", ";")': '["a", "b", "c", "", ""]',
    'split("John Doe", "\\s")': '["John", "Doe"]',
    'string join(["a", null, "c"], "-")': '"a-c"',
    'string(1.10)': '"1.10"',
    'string([1, "a", {b: true}])': '"[1, \\"a\\", {b: true}]"',
    'string(null)': "null",
    # lists
    "list contains([1, 2, null], null)": "true",
    "list replace([2, 4, 7, 8], 3, 6)": "[2, 4, 6, 8]",
    "list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)": "[5, 5, 7, 8]",
    "count([1, 2, [3, 4]])": "3",
    "min(1, 2, 3)": "1",
    'max(["a", "c", "b"])': '"c"',
    "max([])": "null",
    "sum([1, 2, 3])": "6",
    "mean(1, 2, 3)": "2",
    "product([2, 3, 4])": "24",
    "all([true, null])": "null",
    "all([false, null, true])": "false",
    "all([])": "true",
    "any([false, null, true])": "true",
    "any([])": "false",
    "sublist([4, 5, 6], 1, 2)": "[4, 5]",
    "sublist([4, 5, 6], -2)": "[5, 6]",
    "append([1], 2, [3])": "[1, 2, [3]]",
    "concatenate([1, 2], [3])": "[1, 2, 3]",
    "insert before([1, 3], 1, 2)": "[2, 1, 3]",
    "remove([1, 2, 3], 2)": "[1, 3]",
    "reverse([1, 2, 3])": "[3, 2, 1]",
    "index of([1, 2, 3, 2], 2)": "[2, 4]",
    "union([1, 2], [2, 3])": "[1, 2, 3]",
    "distinct values([1, 2, 3, 2, 1])": "[1, 2, 3]",
    "flatten([[1, 2], [[3]], 4])": "[1, 2, 3, 4]",
    "median(8, 2, 5, 3, 4)": "4",
    "stddev(2, 4, 7, 5)": "2.081665999466132735282297706979931",
    "mode([6, 1, 9, 6, 1])": "[1, 6]",
    "sort([3, 1, 2], function(x, y) x < y)": "[1, 2, 3]",
    "sort(list: [3, 1, 2])": "[1, 2, 3]",
    # numbers
    "decimal(1/3, 2)": "0.33",
    "decimal(1.5, 0)": "2",
    "decimal(2.5, 0)": "2",
    "floor(-1.56, 1)": "-1.6",
    "ceiling(-1.5)": "-1",
    "round half up(-5.5, 0)": "-6",
    "round half down(5.5, 0)": "5",
    "abs(-10)": "10",
    'abs(@"-PT5H")': "PT5H",
    "modulo(-12, 5)": "3",
    "modulo(12, -5)": "-3",
    "modulo(-10.1, 4.5)": "3.4",
    "sqrt(16)": "4",
    "odd(5)": "true",
    "even(5.5)": "false",
    # dates and times
    'day of week(date(2019, 9, 17))': '"Tuesday"',
    'week of year(date(2005, 1, 1))': "53",
    'day of year(date(2019, 9, 17))': "260",
    'month of year(date(2019, 9, 17))': '"September"',
    'date("2012-12-25") + duration("P1M")': "2013-01-25",
    'date("2024-02-29") + duration("P1Y")': "2025-02-28",
    'date and time(2017, 8, 10, 11, 12, 13, @"PT2H")': "2017-08-10T11:12:13+02:00",
    'time(14, 30, 0.5)': "14:30:00.5",
    'time("11:45:30@Europe/Brussels").timezone': '"Europe/Brussels"',
    '@"2024-03-30T12:00:00@Europe/Brussels" + @"P1D"': "2024-03-31T13:00:00@Europe/Brussels",
    '(@"2024-07-01T12:00:00@Europe/Brussels").time offset': "PT2H",
    '@"2021-01-02" - @"2021-01-01"': "P1D",
    'years and months duration(date("2011-12-22"), date("2013-08-24"))': "P1Y8M",
    'now()': "2026-07-01T12:30:00@Europe/Brussels",
    'today()': "2026-07-01",
    # contexts
    'get value({key1: "value1"}, "key1")': '"value1"',
    'get value({a: {b: 1}}, ["a", "b"])': "1",
    'get entries({a: 1})': '[{key: "a", value: 1}]',
    'context([{key: "a", value: 1}])': "{a: 1}",
    'context put({x: 1}, "y", 2)': "{x: 1, y: 2}",
    'context put({x: {y: 0}}, ["x", "y"], 2)': "{x: {y: 2}}",
    'context merge([{x: 1, y: 0}, {y: 2}])': "{x: 1, y: 2}",
    # intervals
    "before([1..5), [5..10])": "true",
    "after(10, [1..5])": "true",
    "meets([1..5], [5..10])": "true",
    "met by([5..10], [1..5])": "true",
    "overlaps([1..5], [3..8])": "true",
    "overlaps([1..5), [5..8])": "false",
    "overlaps before([1..5], [3..8])": "true",
    "overlaps after([3..8], [1..5])": "true",
    "finishes(10, [1..10])": "true",
    "finished by([5..10], (5..10])": "true",
    "includes([5..10], 6)": "true",
    "during([4..6], [1..10])": "true",
    "starts([1..5], [1..10])": "true",
    "started by([1..10], 1)": "true",
    "coincides([1..5], [1..5])": "true",
    'range("[1..3)")': "[1..3)",
    "[1..5].start included": "true",
    # identity and truth
    'is(date("2012-12-25"), time("23:00:50"))': "false",
    "not(true)": "false",
}
REASONS = {
    'substring("foobar", 0)': "outOfRange",
    'matches("a", "(a)\\\\1")': "patternNotSupported",
    'matches("a", "[\\p{L}-[a]]")': "patternNotSupported",
    'matches("a", "[a")': "invalidPattern",
    'matches("a", "(?=a)")': "patternNotSupported",
    'matches("a", "(a")': "invalidPattern",
    'replace("a", "", "b")': "invalidPattern",
    'replace("a", "a", "$x")': "invalidReplacement",
    "1 / 0": "divisionByZero",
    "10 ** 6200": "outOfRange",
    "sqrt(-1)": "outOfRange",
    'date("2023-02-29")': "noSuchDay",
    '@"10:00:00@Europe/Nowhere"': "unknownZone",
    'sum([1, "a"])': "notANumber",
    "min([1, true])": "notComparable",
    "floor(text: 1)": "wrongArguments",
    'get value({a: 1}, "b")': "unknownKey",
    "sort([1, 2], function(a, b) 1)": "notBoolean",
}


class TestBuiltIns:
    @pytest.mark.parametrize(("text", "value"), EXAMPLES.items())
    def test_give_what_the_standard_says(self, text: str, value: object) -> None:
        assert shown(text) == value

    @pytest.mark.parametrize(("text", "reason"), REASONS.items())
    def test_give_null_with_the_reason(self, text: str, reason: str) -> None:
        assert shown(text) == "null"
        assert reason in reasons(text)

    def test_have_an_example_each(self) -> None:
        used = " ".join([*EXAMPLES, *REASONS])
        untested = {name for name in BUILT_INS if f"{name}(" not in used}
        assert untested <= {"log", "exp", "number", "round up", "round down", "date and time"}

    def test_do_not_take_a_pattern_apart_for_long(self) -> None:
        assert shown(f'matches("{"a" * 26}!", "^(a+)+$")') == "false"
