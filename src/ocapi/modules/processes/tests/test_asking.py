"""What a task asks by its form. Not covered: forms themselves (modules/forms)."""

from datetime import date
from decimal import Decimal

import pytest

from ocapi.kernel.tenants.testing import NOW
from ocapi.modules.forms import api as forms
from ocapi.modules.processes import api
from ocapi.modules.processes.data import Asked
from ocapi.modules.processes.tests.factories import CLERK, deployed, started, tasks
from ocapi.modules.processes.tests.test_pages import desk, text  # noqa: F401 (a fixture)

FIELDS = [
    {"code": "goed", "type": "yes_no", "label": "Is het goed?", "required": True},
    {"code": "bedrag", "type": "amount", "label": "Hoeveel?", "required": False},
    {"code": "dag", "type": "date", "label": "Wanneer?", "required": False},
    {"code": "plaats", "type": "choice", "label": "Waar?", "required": True,
     "options": [{"code": "hier", "label": "Hier"}, {"code": "daar", "label": "Daar"}]},
]
FORM = {
    "code": "nazicht", "version": "1", "title": "Nazicht", "submit_label": "Klaar", "service": "nazicht",
    "minimum_assurance": "substantial", "draft_days": 30, "case_type": "nazicht",
    "sections": [{"code": "a", "title": "Nazicht", "fields": FIELDS}],
}


def a_task():
    forms.load_form(definition=forms.read_definition(value=FORM), now=NOW)
    deployed('<userTask id="a" name="Kijk na" o:formKey="nazicht"/>', "s>a", "a>e")
    started(business_key="AAL-1")
    return tasks()[0].uuid


def asked(kind, **more):
    return Asked(code="x", type=kind, label="X", is_required=True, **more)


class TestAnswers:
    @pytest.mark.parametrize(("kind", "typed", "value"), [
        ("text", " hallo ", "hallo"), ("amount", "1.250,50", Decimal("1250.50")),
        ("amount", "€ 12", Decimal(12)), ("number", "12", Decimal(12)), ("yes_no", "false", False),
        ("date", "31/12/2027", date(2027, 12, 31)), ("date", "2027-12-31", date(2027, 12, 31)),
    ])
    def test_are_read_as_people_write_them(self, kind, typed, value):
        assert api.answer_form(asked=(asked(kind),), typed={"x": [typed]}) == ({"x": value}, {})

    @pytest.mark.parametrize(("kind", "typed"), [
        ("amount", "veel"), ("amount", "NaN"), ("amount", "1e999"), ("number", "1,5"), ("yes_no", "ja"),
        ("date", "31/02/2027"), ("date", "morgen"), ("choice", "weg"), ("text", "x" * 20_000),
    ])
    def test_are_refused_with_the_type_they_should_have(self, kind, typed):
        assert api.answer_form(asked=(asked(kind),), typed={"x": [typed]})[1] == {"x": kind}

    def test_may_stay_empty_when_nothing_requires_them(self):
        one = Asked(code="x", type="amount", label="X", is_required=False)
        assert api.answer_form(asked=(one,), typed={}) == ({"x": None}, {})
        assert api.answer_form(asked=(asked("text"),), typed={"x": [" "]})[1] == {"x": "required"}

    def test_take_several_choices_each_once(self):
        one = asked("choices", options=(("a", "A"), ("b", "B")))
        assert api.answer_form(asked=(one,), typed={"x": ["b", "a", "b"]})[0] == {"x": ["b", "a"]}
        assert api.answer_form(asked=(one,), typed={"x": ["b", "weg"]})[1] == {"x": "choices"}


class TestTask:
    def test_asks_the_questions_of_its_form_and_brings_them_as_values(self, desk):  # noqa: F811
        clerk, task = desk("clerk"), a_task()
        place = f"/desk/werkstromen/taken/{task}/"
        clerk.post(place, {"claim": "1"})
        shown = text(clerk.get(place))
        assert "Is het goed?" in shown and "Hier" in shown
        wrong = {"complete": "1", "answer-goed": "true", "answer-bedrag": "veel"}
        shown = text(clerk.post(place, wrong), 422)
        assert "Vul een bedrag in" in shown and "Dit veld is nog leeg." in shown and 'value="veel"' in shown
        right = {**wrong, "answer-bedrag": "12,50", "answer-plaats": "hier", "answer-dag": "31/12/2027"}
        assert clerk.post(place, right).status_code == 302
        run = api.list_instances(definition=api.list_definitions(actor=CLERK)[0].uuid, actor=CLERK).items[0]
        held = api.get_instance(instance=run.uuid, actor=CLERK, now=NOW).variables
        assert (held["goed"], held["bedrag"], held["plaats"]) == (True, Decimal("12.50"), "hier")

    def test_stands_in_the_worklist_of_cases(self, desk):  # noqa: F811
        a_task()
        assert "Kijk na" in text(desk("clerk").get("/desk/zaken/"))
        assert "open taak" in text(desk("clerk").get("/desk/"))
