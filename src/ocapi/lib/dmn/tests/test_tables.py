"""Decision tables: every hit policy, defaults, limits, explanation. Not covered: graphs (test_models)."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocapi.lib import dmn
from ocapi.lib.dmn.tests.models import decision, definitions, inputs, table
from ocapi.lib.feel.tests.evaluating import NOW

RULES = [["< 10", '"low"', "1"], ["< 20", '"mid"', "2"], ["< 30", '"high"', "3"]]
NAMED = (
    "<output id='o1' name='level'><outputValues><text>\"high\", \"mid\", \"low\"</text></outputValues>"
    "</output>"
    "<output id='o2' name='points'/>"
)


def answer(logic: str, *, explains: bool = False, **values: object) -> dmn.Answer:
    kinds = {name: "string" if isinstance(value, str) else "Any" for name, value in values.items()}
    model = dmn.load(definitions(inputs(**kinds) + decision("D", logic, *(f"i_{name}" for name in kinds))))
    assert model.problems == ()
    return model.evaluate("D", values, now=NOW, explains=explains)


def codes(found: dmn.Answer) -> list[str]:
    return [issue.code for issue in found.issues]


class TestHitPolicies:
    def test_unique_gives_the_one_rule_that_matches(self) -> None:
        assert answer(table(["x"], [["1", '"a"'], ["2", '"b"']]), x=2).value == "b"

    def test_unique_refuses_several(self) -> None:
        found = answer(table(["x"], [["< 2", '"a"'], ["< 3", '"b"']]), x=1)
        assert (found.value, codes(found)) == (None, ["severalRulesMatch"])

    def test_any_wants_rules_that_match_to_agree(self) -> None:
        rules = [["< 2", '"a"'], ["< 3", '"a"'], ["< 4", '"b"']]
        assert answer(table(["x"], rules[:2], policy="ANY"), x=1).value == "a"
        assert codes(answer(table(["x"], rules, policy="ANY"), x=1)) == ["rulesDisagree"]

    def test_first_takes_the_first(self) -> None:
        assert answer(table(["x"], [["< 2", "1"], ["< 3", "2"]], policy="FIRST"), x=1).value == 1

    def test_priority_takes_the_highest_output_value(self) -> None:
        found = answer(table(["x"], RULES, policy="PRIORITY", outputs=NAMED), x=5)
        assert found.value == {"level": "high", "points": 3}

    def test_output_order_sorts_by_output_values(self) -> None:
        found = answer(table(["x"], RULES, policy="OUTPUT ORDER", outputs=NAMED), x=15)
        assert [each["level"] for each in found.value] == ["high", "mid"]

    def test_rule_order_keeps_the_order_of_the_rules(self) -> None:
        found = answer(table(["x"], RULES, policy="RULE ORDER", outputs=NAMED), x=5)
        assert [each["level"] for each in found.value] == ["low", "mid", "high"]

    @pytest.mark.parametrize(("aggregation", "value"), [
        ("", [1, 2, 3]), ("SUM", 6), ("MIN", 1), ("MAX", 3), ("COUNT", 3),
    ])
    def test_collect_aggregates(self, aggregation: str, value: object) -> None:
        rules = [["< 10", "1"], ["< 20", "2"], ["-", "3"]]
        attribute = f'aggregation="{aggregation}"' if aggregation else ""
        assert answer(table(["x"], rules, policy="COLLECT", attributes=attribute), x=5).value == value

    def test_give_the_default_when_no_rule_matches(self) -> None:
        outputs = "<output id='o'><defaultOutputEntry><text>\"none\"</text></defaultOutputEntry></output>"
        assert answer(table(["x"], [["1", '"a"']], outputs=outputs), x=2).value == "none"
        assert codes(answer(table(["x"], [["1", '"a"']]), x=2)) == ["noRuleMatches"]


class TestCells:
    def test_may_use_the_input_as_a_question_mark_and_other_inputs(self) -> None:
        rules = [["? > limit and ? < 2 * limit", '"between"'], ["> 2 * limit", '"above"']]
        assert answer(table(["x"], rules), x=15, limit=10).value == "between"
        assert answer(table(["x"], rules), x=25, limit=10).value == "above"

    def test_outside_the_output_values_give_null(self) -> None:
        outputs = "<output id='o'><outputValues><text>\"a\", \"b\"</text></outputValues></output>"
        assert codes(answer(table(["x"], [["1", '"c"']], outputs=outputs), x=1)) == ["outputNotAllowed"]

    def test_that_are_no_feel_never_match_and_are_a_problem_of_the_rule(self) -> None:
        logic = table(["x"], [["< <", '"a"'], ["1", '"b"']])
        model = dmn.load(definitions(inputs(x="number") + decision("D", logic, "i_x")))
        assert [(each.element, each.reason) for each in model.problems] == [("r1", "syntax")]
        assert model.evaluate("D", {"x": 1}, now=NOW).value == "b"

    @given(st.sampled_from(["A", "B", "C", "Z", ""]), st.integers(0, 12))
    def test_answer_the_same_by_index_as_one_by_one(self, code: str, number: int) -> None:
        """Columns of fixed strings are indexed; a column that is no list of strings is not."""
        rules = [['"A"', "< 5", '"1"'], ['"A","B"', "-", '"2"'], ["-", "> 9", '"3"'], ['"C"', "-", '"4"']]
        plain = [['? = "A"', *rules[0][1:]], ['? in ("A","B")', *rules[1][1:]], rules[2], rules[3]]
        fast = answer(table(["code", "n"], rules, policy="RULE ORDER"), code=code, n=number)
        slow = answer(table(["code", "n"], plain, policy="RULE ORDER"), code=code, n=number)
        assert fast.value == slow.value


class TestExplanation:
    def test_says_which_rules_matched_with_which_inputs(self) -> None:
        logic = table(["x", "y"], [["> 1", '"a"', "2.50"], ["< 1", "-", "3"]])
        found = answer(logic, explains=True, x=2, y="a")
        told, = found.tables
        assert (told.decision, told.table, told.hit_policy, told.output) == ("d_D", "t", "U", "2.50")
        assert [(each.label, each.value) for each in told.inputs] == [("x", "2"), ("y", '"a"')]
        assert [(each.id, each.number) for each in told.rules] == [("r1", 1)]

    def test_survives_json(self) -> None:
        found = answer(table(["x"], [["> 1", '"a"']]), explains=True, x=2)
        stored = json.loads(json.dumps(found.tables[0].as_json()))
        assert stored["rules"] == [{"id": "r1", "number": 1, "remarks": []}]

    def test_is_left_out_when_nobody_asks(self) -> None:
        assert answer(table(["x"], [["> 1", '"a"']]), x=2).tables == ()


class TestMoney:
    @given(st.decimals(min_value=0, max_value=10**6, places=2))
    def test_comes_out_to_the_cent(self, amount: Decimal) -> None:
        rules = [["< 100", "x"], [">= 100", "round half up(x * 0.95, 2)"]]
        reduced = (amount * Decimal("0.95")).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        expected = amount if amount < 100 else reduced
        assert answer(table(["x"], rules), x=amount).value == expected
