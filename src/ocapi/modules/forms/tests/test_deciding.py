"""What a form decides in FEEL and in rows, pure. Not covered here: storage, pages, sources."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import codec
from ocapi.modules.forms import api
from ocapi.modules.forms.data import (
    CALCULATED,
    Address,
    Fault,
    FormDefinition,
    FormRefused,
    Rows,
    Severity,
)
from ocapi.modules.forms.services import (
    checking,
    deciding,
    definitions,
    loose,
    messages,
    rows,
    ruling,
    schema,
    writing,
)
from ocapi.modules.forms.tests.factories import a_field, a_form, definition_with

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def q(code, kind, **members):
    return a_field(kind, code=code, **{"required": False, **members})


def filled(**values):
    files = values.pop("files", {})
    return checking.Filled(given=values, unreadable={}, prefill={}, files=files)


def decided(fields, **values):
    return checking.decide(definition_with(*fields), filled(**values), now=NOW)


def faults(fields, **values):
    return [
        (each.field.code, each.fault)
        for each in checking.faults(definition_with(*fields), filled(**values), now=NOW)
    ]


AGE = q("age", "integer", min=0, max=120)
ADULT = q("licence", "text", visible_when="age >= 18", required_when="age < 70")
TEAM = q(
    "team",
    "repeat",
    required=True,
    min_rows=2,
    max_rows=3,
    row_title="Lid",
    fields=[
        q("name", "text", required=True),
        q("fee", "amount", checks=[{"rule": "fee <= 100", "message": "Dit is te veel."}]),
    ],
)
TOTAL = q("total", "amount", calculation="sum(team.fee)")


class TestConditions:
    @pytest.mark.parametrize(("age", "asked"), [(17, False), (18, True), (None, False)])
    def test_a_question_is_asked_when_its_rule_is_true(self, age, asked):
        given_values = {} if age is None else {"age": age}
        assert ("licence" in decided([AGE, ADULT], **given_values).asked) is asked

    def test_a_question_is_required_when_its_rule_is_true(self):
        assert faults([AGE, ADULT], age=40) == [("licence", Fault.REQUIRED)]
        assert faults([AGE, ADULT], age=80) == []
        assert faults([AGE, ADULT], age=8, licence="x") == []

    def test_an_answer_that_is_not_asked_any_more_is_null_for_the_rules_after_it(self):
        made = decided([AGE, ADULT, q("more", "text", visible_when='licence = "B"')], age=8, licence="B")
        assert made.facts["licence"] is None and "more" not in made.asked

    def test_a_rule_knows_the_day_in_brussels(self):
        late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
        form = definition_with(q("x", "text", visible_when="today().year = 2027"), q("y", "text"))
        assert "x" in checking.decide(form, filled(), now=late).asked


class TestChecks:
    END = q("end", "date", checks=[{"rule": "end >= begin", "message": "Het einde ligt voor het begin."}])

    def test_a_check_that_is_false_refuses_with_its_own_words(self):
        page = loose.page(
            definition_with(q("begin", "date"), self.END),
            {"begin": ["02/05/2026"], "end": ["01/05/2026"]},
            now=NOW,
            address_form="formal",
            allow_synthetic=True,
        )
        assert [(each.field, each.message) for each in page.answers.problems] == [
            ("end", "Het einde ligt voor het begin.")
        ]

    def test_a_check_on_what_is_not_answered_refuses_nothing(self):
        assert faults([q("begin", "date"), self.END], end="2026-05-01") == []

    def test_a_rule_that_spends_its_budget_stops_nobody_and_marks_the_answer(self):
        endless = "count(for a in 1..n, b in 1..n return a) > 0"
        made = decided(
            [
                q("n", "integer"),
                q("x", "text", visible_when=endless),
                q("y", "text", checks=[{"rule": endless, "message": "?"}]),
            ],
            n=1000,
            x="1",
            y="2",
        )
        assert made.asked == {"n", "x", "y"} and not made.broken
        assert made.answers["y"].is_to_verify


class TestCalculation:
    def test_computes_exact_amounts_over_rows(self):
        items = Rows(items=({"name": "An", "fee": 10}, {"name": "Bo", "fee": 20}))
        made = decided([TEAM, TOTAL], team=items)
        assert made.answers["total"].value == 30
        assert made.answers["total"].source == CALCULATED
        assert made.facts["total"] == Decimal("0.3")

    @pytest.mark.parametrize(
        ("kind", "rule", "value"),
        [
            ("integer", "7 / 2", None),
            ("integer", "8 / 2", 4),
            ("amount", "1 / 3", 33),
            ("yes_no", "1 < 2", True),
            ("date", 'date(2026, 1, 31) + duration("P1M")', "2026-02-28"),
            ("text", "string(1)", "1"),
            ("text", "1", None),
            ("yes_no", "null", None),
            ("integer", "10 ** 30", None),
            ("amount", "0.005", 1),
        ],
    )
    def test_gives_an_answer_of_the_type_of_the_field_or_none(self, kind, rule, value):
        answer = decided([q("c", kind, calculation=rule)]).answers.get("c")
        assert (answer.value if answer else None) == value


class TestRows:
    RAW = {"team-0-row": ["1"], "team-0-name": ["An"], "team-0-fee": ["5"], "team-2-name": ["Bo"]}

    def read(self, raw):
        return rows.read(next(definition_with(TEAM).fields), raw, today=TODAY, allow_synthetic=True)

    def test_are_read_in_order_and_numbered_anew(self):
        assert self.read(self.RAW).items == ({"name": "An", "fee": 500}, {"name": "Bo"})

    def test_name_every_cell_that_can_not_be_read(self):
        with pytest.raises(rows.values.Unreadable) as refused:
            self.read({"team-0-fee": ["veel"], "team-1-fee": ["meer"]})
        assert refused.value.name == "team-0-fee team-1-fee"

    def test_are_added_and_taken_away_without_a_script(self):
        form = definition_with(TEAM)
        section, field = form.sections[0], next(form.fields)
        assert rows.pressed(section, {**self.RAW, "add-team": ["1"]}) == (field, None)
        assert rows.pressed(section, {**self.RAW, "remove-team-2": ["1"]}) == (field, 2)
        more = rows.changed(field, self.RAW, without=None)
        assert len(self.read(more).items) == 3
        assert self.read(rows.changed(field, more, without=0)).items[0] == {"name": "Bo"}
        full = rows.changed(field, more, without=None)
        assert len(self.read(full).items) == 3

    def test_report_what_is_missing_per_cell(self):
        form = definition_with(TEAM)
        found = checking.faults(form, filled(team=Rows(items=({"name": "An"}, {"fee": 20_000}))), now=NOW)
        assert [(each.name, each.fault) for each in found] == [("team-1-name", Fault.REQUIRED)]
        over = Rows(items=({"name": "A"}, {"name": "B", "fee": 20_000}))
        found = checking.faults(form, filled(team=over), now=NOW)
        assert [(each.name, each.fault) for each in found] == [("team-1-fee", Fault.REFUSED)]

    def test_have_to_be_enough(self):
        assert faults([TEAM]) == [("team", Fault.REQUIRED)]
        assert faults([TEAM], team=Rows(items=({"name": "A"}, {}))) == [("team", Fault.TOO_FEW)]

    @settings(max_examples=60, deadline=None)
    @given(
        raw=st.dictionaries(
            st.from_regex(r"(team|add-team|remove-team)(-[0-9]{1,4})?(-(name|fee|row|x))?", fullmatch=True),
            st.lists(st.text(max_size=8), max_size=3),
            max_size=12,
        )
    )
    def test_whatever_is_posted_gives_a_page_within_the_bounds(self, raw):
        page = loose.page(
            definition_with(TEAM, TOTAL), raw, now=NOW, address_form="formal", allow_synthetic=False
        )
        drawn = page.sections[0].fields[0]
        assert 2 <= len(drawn.rows) <= 4
        assert page.answers.problems or len(page.answers.facts["team"]) >= 2

    def test_keep_what_was_typed_on_an_error(self):
        page = loose.page(
            definition_with(TEAM),
            {"team-0-name": ["An"], "team-0-fee": ["veel"], "team-1-name": ["Bo"]},
            now=NOW,
            address_form="formal",
            allow_synthetic=False,
        )
        first = page.sections[0].fields[0].rows[0]
        assert [each.controls[0].value for each in first.fields] == ["An", "veel"]
        assert first.fields[1].controls[0].error and not first.fields[0].controls[0].error


class TestFacts:
    @pytest.mark.parametrize(
        ("kind", "value", "fact"),
        [
            ("date", "1985-07-02", date(1985, 7, 2)),
            ("date", "1985", "1985"),
            ("amount", 1250, Decimal("12.50")),
            ("multiple_choice", ("a",), ["a"]),
            ("integer", 3, 3),
            ("yes_no", False, False),
            (
                "address",
                Address(street_name="A", house_number="1", postal_code="9880", municipality="Aalter"),
                {
                    "street_name": "A",
                    "house_number": "1",
                    "box_number": "",
                    "postal_code": "9880",
                    "municipality": "Aalter",
                },
            ),
        ],
    )
    def test_are_typed_as_feel_knows_them(self, kind, value, fact):
        extra = {"options": [{"code": "a", "label": "A"}]} if kind == "multiple_choice" else {}
        field = next(definition_with(q("x", kind, **extra)).fields)
        assert deciding.fact_of(field, value) == fact


def found(*fields):
    value = a_form(sections=[{"code": "s", "title": "S", "fields": list(fields)}])
    return list(definitions.findings(codec.convert(value, FormDefinition)))


class TestLinter:
    @pytest.mark.parametrize(
        ("fields", "word"),
        [
            ([q("a", "text", visible_when="1 +")], "can't be read"),
            ([q("a", "text", visible_when="b = 1")], "no question has that code"),
            ([q("a", "text", checks=[{"rule": "b[zz > 1] = 1", "message": "x"}])], "no question"),
            ([q("a", "text", visible_when='b = "x"'), q("b", "text")], "asked later"),
            ([q("a", "integer", max=5), q("b", "text", visible_when="a > 5")], "never asked"),
            (
                [
                    q("a", "choice", options=[{"code": "x", "label": "X"}]),
                    q("b", "text", visible_when='a = "y"'),
                ],
                "never asked",
            ),
            ([q("a", "integer", min=10, checks=[{"rule": "a < 10", "message": "x"}])], "no answer can pass"),
            ([q("a", "date", max="today", checks=[{"rule": "a > today()", "message": "x"}])], "no answer"),
            ([q("a", "text", label="<script>alert(1)</script>")], "markup"),
            ([q("a", "text", help="javascript:alert(1)")], "markup"),
            ([q("a", "text", label={"formal": "Uw naam", "informal": ""})], "both"),
            ([q("date", "text")], "means something else"),
            ([q("case", "text")], "means something else"),
            ([q("a", "upload", calculation="1", upload={"accepted": ["pdf"], "max_bytes": 1})], "calculated"),
            ([q("a", "repeat", fields=[q("a", "text")])], "used twice"),
            ([q("a", "repeat", fields=[q("b", "repeat", fields=[q("c", "text")])])], "no repeat"),
            ([q("a", "repeat", fields=[q("b", "text")], max_rows=9_999)], "at most 50"),
            ([q(f"a{number}", "text") for number in range(301)], "too long"),
        ],
    )
    def test_names_what_is_wrong_and_the_repair(self, fields, word):
        said = " | ".join(messages.plainly(each) for each in found(*fields))
        assert word in said

    @pytest.mark.parametrize(
        "rule",
        [
            "a > 5",
            "a != null",
            "every x in [1, 2] satisfies x > 0",
            "count(team[fee > 1]) > 0",
            "(a + 1) > 2",
            "if a > 1 then true else false",
            'string length("x") > 0',
            "a in (1, 2, [5..9])",
        ],
    )
    def test_says_nothing_of_a_sound_rule(self, rule):
        assert found(q("a", "integer"), TEAM, q("b", "text", visible_when=rule)) == []

    @pytest.mark.parametrize(
        "rule",
        ['matches(a, "^[0-9]{1,2}u$")', "string length(a) = 5", 'starts with(a, "BE")', 'a + "?" = "ja?"'],
    )
    def test_judges_no_text_by_a_few_examples_when_a_rule_looks_into_it(self, rule):
        assert found(q("a", "text", checks=[{"rule": rule, "message": "Schrijf het anders."}])) == []

    def test_tells_of_a_rule_that_never_ends_before_anybody_waits_for_it(self):
        endless = "sum(for i in 1..100000000 return i)"
        (told,) = found(q("a", "integer", required=False, calculation=endless))
        assert told.at == "a" and "too much work" in messages.plainly(told)

    def test_reads_a_rule_of_the_longest_kind_within_its_bounds(self):
        nested = "(" * 900 + "1" + ")" * 900
        assert "can't be read" in messages.plainly(found(q("a", "text", visible_when=nested))[0])
        assert "longer than" in messages.plainly(found(q("a", "text", visible_when="1+" * 2_000 + "1"))[0])

    @settings(max_examples=80, deadline=None)
    @given(rule=st.text(alphabet="ab1 +-*/()[]{}<>=\"'.,:|?@forinretusmvyl\n", max_size=60))
    def test_never_breaks_on_any_text(self, rule):
        for each in found(q("a", "integer"), q("b", "text", visible_when=rule)):
            assert each.severity in Severity and messages.plainly(each)

    def test_does_not_try_what_it_can_not_list(self):
        form = definition_with(q("a", "email"), q("b", "text", visible_when='a = "x"'))
        known = {each.code: each for each in form.fields}
        node = ruling.parsed('a = "x"', known)
        assert ruling.tried('a = "x"', node, known, answered="") is None

    def test_refuses_when_loaded(self):
        with pytest.raises(FormRefused) as refused:
            definition_with(q("a", "text", visible_when="b = 1"))
        assert refused.value.problems[0].startswith("a: ")


class TestWriting:
    def test_gives_what_reads_back_as_the_same_with_the_same_hash(self):
        form = definition_with(TEAM, TOTAL, AGE, ADULT)
        again = api.read_definition(value=codec.decode_untyped(codec.encode_json(writing.plain(form))))
        assert again == form and writing.sha256(again) == writing.sha256(form)

    def test_another_question_is_another_hash(self):
        assert writing.sha256(definition_with(AGE)) != writing.sha256(definition_with(AGE, ADULT))


class TestSchema:
    def test_describes_each_answer_and_nothing_more(self):
        made = schema.of_form(
            definition_with(TEAM, TOTAL, q("d", "date"), q("s", "statement", required=True))
        )
        assert made["$schema"].endswith("2020-12/schema")
        assert made["required"] == ["team", "s"] and made["additionalProperties"] is False
        team = made["properties"]["team"]
        assert (team["minItems"], team["maxItems"], team["items"]["required"]) == (2, 3, ["name"])
        assert made["properties"]["d"]["format"] == "date"
