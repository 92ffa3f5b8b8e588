"""Who may do a task, and who gets it. Not covered: roles themselves (kernel/accounts)."""

from uuid import uuid4

import pytest

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import clock
from ocapi.modules.processes import api
from ocapi.modules.processes.data import NotAColleague, TaskClaimed
from ocapi.modules.processes.tests.factories import CLERK, deployed, done, seen, started, tasks
from ocapi.modules.processes.tests.test_pages import desk, text  # noqa: F401 (a fixture)

MANY = (
    '<userTask id="a" o:candidateGroups="= adviser"><multiInstanceLoopCharacteristics>'
    "<loopDataInputRef>advisers</loopDataInputRef><inputDataItem id=\"i\" name=\"adviser\"/>"
    "</multiInstanceLoopCharacteristics></userTask>"
)


def groups_of(task):
    return (task.group, task.groups)


class TestGroups:
    def test_are_several_when_they_stand_with_commas_and_each_finds_the_task(self, tenant):
        deployed('<userTask id="a" o:candidateGroups="Politie, Brandweer,Mobiliteit"/>', "s>a", "a>e")
        started()
        for group in ("Politie", "Brandweer", "Mobiliteit"):
            assert [groups_of(each) for each in tasks(group=group)] == [
                ("Politie", ("Politie", "Brandweer", "Mobiliteit"))
            ]
        assert not tasks(group="Brand") and not tasks(group="weer")

    def test_are_computed_for_each_run_of_a_repetition(self, tenant):
        deployed(MANY, "s>a", "a>e")
        started(advisers=["Politie", ["Brandweer", "Mobiliteit"]])
        assert [groups_of(each) for each in tasks()] == [
            ("Politie", ("Politie",)), ("Brandweer", ("Brandweer", "Mobiliteit")),
        ]

    @pytest.mark.parametrize("adviser", [None, 12, "", ["Politie", 12], []])
    def test_that_are_no_texts_become_an_incident(self, tenant, adviser):
        deployed('<userTask id="a" o:candidateGroups="= adviser"/>', "s>a", "a>e")
        run = started(adviser=adviser)
        assert [each.reason for each in seen(run.uuid).incidents] == ["groupsNotTexts"]


class TestAssignee:
    def test_is_computed_and_nobody_else_completes_the_task(self, tenant):
        deployed('<userTask id="a" o:assignee="chosen"/>', "s>a", "a>e")
        started(chosen=str(uuid4()))
        with pytest.raises(TaskClaimed):
            done("a")

    @pytest.mark.parametrize(("chosen", "reasons"), [(None, []), ("", []), ("Jan", ["assigneeUnknown"])])
    def test_is_nobody_without_a_value_and_an_incident_for_no_person(self, tenant, chosen, reasons):
        deployed('<userTask id="a" o:assignee="chosen"/>', "s>a", "a>e")
        run = started(chosen=chosen)
        assert [each.reason for each in seen(run.uuid).incidents] == reasons

    def test_may_be_a_colleague_and_no_other(self, tenant):
        deployed('<userTask id="a"/>', "s>a", "a>e")
        started()
        (task,) = tasks()
        with pytest.raises(NotAColleague):
            api.assign_task(task=task.uuid, person=uuid4(), actor=CLERK, now=NOW)
        assert tasks()[0].assignee is None

    def test_is_chosen_from_the_colleagues_on_the_page_of_the_task(self, desk):  # noqa: F811
        clerk, other = desk("clerk"), desk("clerk")
        deployed('<userTask id="a" name="Kijk na"/>', "s>a", "a>e")
        started()
        place = f"/desk/werkstromen/taken/{tasks()[0].uuid}/"
        assert "Geef door" not in text(clerk.get(place)) and "Geef door" in text(clerk.get(f"{place}?geef=1"))
        assert "Kies een collega" in text(clerk.post(place, {"assign": "1", "colleague": "?"}), 409)
        second = accounts.list_role_holders(code="clerk", now=clock.now())[-1].person
        assert clerk.post(place, {"assign": "1", "colleague": str(second)}).status_code == 302
        shown = [text(each.get(place)) for each in (clerk, other)]
        assert tasks()[0].assignee == second and sum("Deze taak is klaar" in each for each in shown) == 1
