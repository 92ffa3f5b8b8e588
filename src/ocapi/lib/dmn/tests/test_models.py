"""Models: reading, graphs, functions, services, types, imports, refusals. Not covered: tables."""

import time

import pytest

from ocapi.lib import dmn
from ocapi.lib.dmn.tests.models import decision, definitions, inputs, literal
from ocapi.lib.feel import BudgetExceeded, NotAValue
from ocapi.lib.feel.budget import Limits
from ocapi.lib.feel.tests.evaluating import NOW

VERSIONS = [
    "http://www.omg.org/spec/DMN/20180521/MODEL/", "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/", "https://www.omg.org/spec/DMN/20230324/MODEL/",
]
KNOWLEDGE = (
    '<businessKnowledgeModel id="k_f" name="f"><variable name="f"/><encapsulatedLogic>'
    '<formalParameter name="n" typeRef="number"/>{logic}</encapsulatedLogic></businessKnowledgeModel>'
)
SERVICE = (
    '<decisionService id="k_s" name="s"><variable name="s"/><outputDecision href="#d_B"/>'
    '<encapsulatedDecision href="#d_A"/><inputData href="#i_x"/></decisionService>'
)


def value(body: str, name: str = "D", **values: object) -> object:
    return dmn.load(definitions(body)).evaluate(name, values, now=NOW).value


def refusal(raw: bytes, *others: bytes) -> dmn.ModelRefused:
    with pytest.raises(dmn.ModelRefused) as refused:
        dmn.load(raw, others=others)
    return refused.value


class TestReading:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_knows_every_version(self, version: str) -> None:
        model = dmn.load(definitions(decision("D", literal("1 + 1")), version=version))
        assert model.evaluate("D", {}, now=NOW).value == 2

    @pytest.mark.parametrize(("raw", "reason"), [
        (b"<definitions/>", "notDmn"),
        (b"nothing", "notXml"),
        (b"<!DOCTYPE d [<!ENTITY a 'b'>]><d>&a;</d>", "doctypeRefused"),
        (definitions("x" * (5 << 20)), "tooLarge"),
        (definitions(decision("D", "<list>" * 60 + "</list>" * 60)), "tooDeep"),
        (definitions(decision("D", "") + decision("D", "")), "doubleId"),
        (definitions("<decision id='d'/>"), "nameMissing"),
        (definitions(decision("D", "<decisionTable id='t' hitPolicy='BEST'/>")), "unknownHitPolicy"),
        (definitions(decision("D", "<conditional><if/></conditional>")), "partMissing"),
    ])
    def test_refuses_what_it_cannot_use(self, raw: bytes, reason: str) -> None:
        assert refusal(raw).reason == reason

    def test_keeps_a_model_of_which_one_expression_is_wrong(self) -> None:
        model = dmn.load(definitions(decision("D", literal("1 +")) + decision("E", literal("1"))))
        assert [(each.element, each.reason) for each in model.problems] == [("d_D", "syntax")]
        assert model.evaluate("D", {}, now=NOW).value is None
        assert model.evaluate("E", {}, now=NOW).value == 1


class TestGraph:
    def test_works_out_only_what_is_needed_and_that_once(self) -> None:
        body = (
            decision("A", literal("1 / 0")) + decision("B", literal("now()"))
            + decision("C", literal("B"), "d_B") + decision("D", literal("B = C"), "d_B", "d_C")
        )
        found = dmn.load(definitions(body)).evaluate("D", {}, now=NOW)
        assert (found.value, found.issues) == (True, ())

    def test_says_in_which_element_something_went_wrong(self) -> None:
        found = dmn.load(definitions(decision("A", literal("1 / 0")) + decision("D", literal("A"), "d_A")))
        issue, = found.evaluate("D", {}, now=NOW).issues
        assert (issue.element, issue.code) == ("d_A", "divisionByZero")

    def test_asks_each_of_many_that_share_their_needs_once(self) -> None:
        """Twenty layers of two that both need both below: a tree walk would take a million steps."""
        body = decision("a0", literal("1")) + decision("b0", literal("1"))
        for each in range(1, 21):
            needs = (f"d_a{each - 1}", f"d_b{each - 1}")
            text = literal(f"a{each - 1} + b{each - 1}")
            body += decision(f"a{each}", text, *needs) + decision(f"b{each}", text, *needs)
        found = dmn.load(definitions(body)).evaluate("a20", {}, now=NOW)
        assert (found.value, found.steps < 100) == (2**20, True)

    def test_refuses_decisions_that_need_each_other(self) -> None:
        body = decision("A", literal("B"), "d_B") + decision("B", literal("A"), "d_A")
        assert refusal(definitions(body)).reason == "cyclicRequirement"

    @pytest.mark.parametrize(("of", "circle"), [
        ("AA", "A → A"), ("AB BC CA", "A → B → C → A"), ("XA AB BA", "A → B → A"),
    ])
    def test_refuses_types_that_are_names_of_each_other_and_names_the_circle(self, of, circle) -> None:
        body = "".join(f'<itemDefinition name="{a}" isCollection="{str(a == "B").lower()}">'
                       f"<typeRef>{b}</typeRef></itemDefinition>" for a, b in of.split())
        refused = refusal(definitions(body + decision("D", literal("1"))))
        assert (refused.reason, refused.element) == ("cyclicType", circle)

    def test_takes_a_type_that_is_a_part_of_itself(self) -> None:
        body = ('<itemDefinition name="A"><itemComponent name="of"><typeRef>A</typeRef></itemComponent>'
                "</itemDefinition>" + decision("D", literal("{of: {of: null}}"), type_ref="A"))
        assert dmn.load(definitions(body)).evaluate("D", {}, now=NOW).value == {"of": {"of": None}}

    def test_takes_a_chain_of_a_thousand_decisions(self) -> None:
        body = decision("n0", literal("1")) + "".join(
            decision(f"n{each}", literal(f"n{each - 1} + 1"), f"d_n{each - 1}") for each in range(1, 1_000)
        )
        patient = Limits(milliseconds=10_000)  # what it may take is not the question here
        answer = dmn.load(definitions(body)).evaluate("n999", {}, now=NOW, limits=patient)
        assert answer.value == 1_000

    def test_knows_no_decision_that_is_not_there(self) -> None:
        with pytest.raises(dmn.UnknownDecision):
            value(decision("D", literal("1")), "E")

    def test_refuses_floats(self) -> None:
        with pytest.raises(NotAValue):
            value(inputs(x="number") + decision("D", literal("x"), "i_x"), x=1.5)


class TestFunctions:
    def test_of_knowledge_models_are_called_by_place_or_name(self) -> None:
        body = KNOWLEDGE.format(logic=literal("n * 2"))
        assert value(body + decision("D", literal("f(2) + f(n: 3)"), "k_f")) == 10

    def test_may_call_themselves_within_the_budget(self) -> None:
        body = KNOWLEDGE.format(logic=literal("if n < 2 then 1 else n * f(n - 1)"))
        assert value(body + decision("D", literal("f(20)"), "k_f")) == 2432902008176640000
        with pytest.raises(BudgetExceeded, match="callDepth"):
            value(body + decision("D", literal("f(200)"), "k_f"))

    def test_of_services_see_only_what_they_are_given(self) -> None:
        body = (
            inputs(x="number", y="number") + decision("A", literal("x + 1"), "i_x")
            + decision("B", literal("[A, y]"), "d_A", "i_y") + SERVICE
            + decision("D", literal("s(10)"), "k_s", "i_y")
        )
        model = dmn.load(definitions(body))
        assert model.evaluate("D", {"x": 1, "y": 2}, now=NOW).value == [11, None]
        assert model.evaluate_service("s", {"x": 5}, now=NOW).value == [6, None]

    def test_in_java_are_refused(self) -> None:
        java = '<functionDefinition kind="Java"><context/></functionDefinition>'
        logic = f'<context><contextEntry><variable name="g"/>{java}</contextEntry>' \
                f"<contextEntry>{literal('g()')}</contextEntry></context>"
        found = dmn.load(definitions(decision("D", logic))).evaluate("D", {}, now=NOW)
        assert (found.value, [issue.code for issue in found.issues]) == (None, ["externalFunctionRefused"])


class TestBoxes:
    @pytest.mark.parametrize(("logic", "expected"), [
        (f"<list>{literal('1')}{literal('2')}</list>", [1, 2]),
        (f"<relation><column name='a'/><row>{literal('1')}</row></relation>", [{"a": 1}]),
        (f"<conditional><if>{literal('true')}</if><then>{literal('1')}</then><else>{literal('2')}</else>"
         "</conditional>", 1),
        (f"<filter><in>{literal('[1, 2, 3]')}</in><match>{literal('item > 1')}</match></filter>", [2, 3]),
        (f"<for iteratorVariable='e'><in>{literal('1..3')}</in><return>{literal('e')}</return></for>", None),
        (f"<for iteratorVariable='e'><in>{literal('[1..3]')}</in><return>{literal('e * 2')}</return></for>",
         [2, 4, 6]),
        (f"<every iteratorVariable='e'><in>{literal('[1, 2]')}</in><satisfies>{literal('e > 1')}</satisfies>"
         "</every>", False),
        (f"<some iteratorVariable='e'><in>{literal('[1, 2]')}</in><satisfies>{literal('e > 1')}</satisfies>"
         "</some>", True),
    ])
    def test_give_what_they_hold(self, logic: str, expected: object) -> None:
        assert value(decision("D", logic)) == expected


class TestNames:
    def test_of_fields_with_symbols_are_found_in_filters_and_behind_dots(self) -> None:
        item = (
            '<itemDefinition name="tLine" isCollection="true"><itemComponent name="net-amount">'
            "<typeRef>number</typeRef></itemComponent></itemDefinition>"
        )
        boxed = f"<filter><in>{literal('lines')}</in><match>{literal('net-amount > 5')}</match></filter>"
        body = (
            item + inputs(lines="tLine")
            + decision("D", literal("sum(lines[net-amount > 5].net-amount)"), "i_lines")
            + decision("E", boxed, "i_lines")
        )
        lines = [{"net-amount": 4}, {"net-amount": 6}, {"net-amount": 10}]
        assert value(body, "D", lines=lines) == 16
        assert value(body, "E", lines=lines) == lines[1:]

    def test_of_a_thousand_entries_take_no_long_time(self) -> None:
        entries = "".join(
            f'<contextEntry><variable name="e {n}"/>{literal(f"e {n - 1} + 1" if n else "1")}</contextEntry>'
            for n in range(1_000)
        )
        started = time.process_time()
        last = f"<contextEntry>{literal('e 999')}</contextEntry>"
        assert value(decision("D", f"<context>{entries}{last}</context>")) == 1_000
        assert time.process_time() - started < 2


class TestTypes:
    ITEMS = (
        '<itemDefinition name="tAge"><typeRef>number</typeRef>'
        "<allowedValues><text>[0..150]</text></allowedValues>"
        "</itemDefinition>"
        '<itemDefinition name="tPerson"><itemComponent name="age"><typeRef>tAge</typeRef></itemComponent>'
        '<itemComponent name="children" isCollection="true"><typeRef>tPerson</typeRef></itemComponent>'
        "</itemDefinition>"
        '<itemDefinition name="tAges" isCollection="true"><typeRef>tAge</typeRef></itemDefinition>'
    )

    def coerced(self, type_ref: str, given: object) -> object:
        return value(self.ITEMS + inputs(x=type_ref) + decision("D", literal("x"), "i_x"), x=given)

    def test_refuse_values_that_are_not_allowed(self) -> None:
        assert self.coerced("tAge", 40) == 40
        assert self.coerced("tAge", 200) is None
        assert self.coerced("tAges", [1, 200]) is None

    def test_take_a_list_of_one_for_its_item_and_the_reverse(self) -> None:
        assert self.coerced("tAge", [40]) == 40
        assert self.coerced("tAges", 40) == [40]

    def test_may_hold_themselves(self) -> None:
        child = {"age": 4, "children": []}
        assert self.coerced("tPerson", {"age": 40, "children": [child]}) is not None
        assert self.coerced("tPerson", {"age": 40, "children": [{"age": "x", "children": []}]}) is None
        assert self.coerced("tPerson", {"age": 40, "children": [{"age": 200, "children": []}]}) is None

    def test_that_nobody_defined_are_a_problem(self) -> None:
        model = dmn.load(definitions(decision("D", literal("1"), type_ref="tNone")))
        assert [(each.reason, each.detail) for each in model.problems] == [("unknownType", "tNone")]


class TestImports:
    BASE = definitions(inputs(x="number") + decision("Double", literal("x * 2"), "i_x"), namespace="urn:base")

    def importing(self, body: str, *, of: str = "urn:base", namespace: str = "urn:main") -> bytes:
        kind = "https://www.omg.org/spec/DMN/20230324/MODEL/"
        return definitions(
            f'<import name="base" namespace="{of}" importType="{kind}"/>{body}', namespace=namespace
        )

    def test_stand_under_their_name(self) -> None:
        main = self.importing(decision("D", literal("base.Double + 1"), "urn:base#d_Double"))
        model = dmn.load(main, others=[self.BASE])
        assert model.evaluate("D", {"{urn:base}x": 4}, now=NOW).value == 9

    def test_that_are_missing_or_go_in_a_circle_are_refused(self) -> None:
        main = self.importing("")
        assert refusal(main).reason == "importMissing"
        back = self.importing("", of="urn:main", namespace="urn:base")
        assert refusal(main, back).reason == "cyclicImport"
