"""What a task asks by its form. Not covered: forms themselves (modules/forms)."""

from decimal import Decimal

from ocapi.kernel.tenants.testing import NOW
from ocapi.modules.forms import api as forms
from ocapi.modules.processes import api
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


class TestTask:
    def test_asks_the_questions_of_its_form_and_brings_them_as_values(self, desk):  # noqa: F811
        clerk, task = desk("clerk"), a_task()
        place = f"/desk/werkstromen/taken/{task}/"
        clerk.post(place, {"claim": "1"})
        shown = text(clerk.get(place))
        assert "Is het goed?" in shown and "Hier" in shown
        wrong = {"complete": "1", "goed": "true", "bedrag": "veel"}
        shown = text(clerk.post(place, wrong), 422)
        assert "Schrijf het als 12,50." in shown and 'value="veel"' in shown and "Fout:" in shown
        right = {**wrong, "bedrag": "12,50", "plaats": "hier", "dag": "31/12/2027"}
        assert clerk.post(place, right).status_code == 302
        run = api.list_instances(definition=api.list_definitions(actor=CLERK)[0].uuid, actor=CLERK).items[0]
        held = api.get_instance(instance=run.uuid, actor=CLERK, now=NOW).variables
        assert (held["goed"], held["bedrag"], held["plaats"]) == (True, Decimal("12.50"), "hier")

    def test_stands_in_the_worklist_of_cases(self, desk):  # noqa: F811
        a_task()
        assert "Kijk na" in text(desk("clerk").get("/desk/zaken/"))
        assert "open taak" in text(desk("clerk").get("/desk/"))


class TestShown:
    def test_what_the_drawing_hands_a_task_stands_on_its_page_for_who_took_it(self, desk):  # noqa: F811
        given = "".join(
            f'<dataInputAssociation><targetRef>x</targetRef><assignment><from>{source}</from><to>{label}</to>'
            "</assignment></dataInputAssociation>"
            for source, label in (
                ("bedrag", "Bedrag"), ("adviezen", "Adviezen"), ("number(bedrag)", "Fout"), ("weg", "Niets"),
            )
        )
        deployed(f'<userTask id="a" name="Weeg">{given}</userTask>', "s>a", "a>e")
        started(bedrag=Decimal("12.50"), adviezen=["Ja & goed", {"Politie": True}])
        clerk, place = desk("clerk"), f"/desk/werkstromen/taken/{tasks()[0].uuid}/"
        assert "Bedrag" not in text(clerk.get(place))
        clerk.post(place, {"claim": "1"})
        shown = text(clerk.get(place))
        assert "12,50" in shown and "Ja &amp; goed<br>Politie: Ja" in shown
        assert "Niets" in shown and "Fout" in shown
