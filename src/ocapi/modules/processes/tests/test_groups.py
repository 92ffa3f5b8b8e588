"""Who here does the work of a group. Not covered: how groups come out of a drawing (test_handing)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.testing import ACTOR, a_person
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import clock
from ocapi.lib.actor import Actor, Assurance, Capacity
from ocapi.modules.processes import api
from ocapi.modules.processes.data import (
    GroupRefused,
    NotAColleague,
    NotInGroup,
    ProcessNotFound,
    WorkGroup,
)
from ocapi.modules.processes.tests.factories import ADMIN, CLERK, SYSTEM, deployed, started, tasks
from ocapi.modules.processes.tests.test_pages import desk, text  # noqa: F401 (a fixture)

PLACE = "/desk/werkstromen/groepen/"
DAY = timedelta(days=1)
ASKED = f"{PLACE}wijzigen/?proces=p&groep=Politie"


def a_clerk():
    """Give somebody who may do tasks."""
    person = a_person(now=NOW - DAY).uuid
    accounts.grant_role(person=person, code="clerk", actor=ACTOR, now=NOW - DAY)
    return person


def acting(person):
    return Actor(
        capacity=Capacity.STAFF, assurance=Assurance.HIGH, person=person, roles=frozenset({"clerk"})
    )


def drawn(groups="Politie"):
    deployed(f'<userTask id="a" name="Advies" o:candidateGroups="{groups}"/>', "s>a", "a>e")


def kept(*members, group="Politie", title="", receiver=None):
    made = WorkGroup(
        process="p", process_name="", group=group, title=title, members=frozenset(members), receiver=receiver
    )
    api.save_group(group=made, actor=ADMIN, now=clock.now())


class TestGroup:
    def test_is_for_everybody_until_somebody_is_in_it(self, tenant):
        drawn()
        started()
        (line,) = api.list_groups(actor=ADMIN)
        assert (line.group, line.members, line.waiting) == ("Politie", frozenset(), 1)
        api.claim_task(task=tasks()[0].uuid, actor=acting(a_clerk()), now=NOW)

    def test_lets_only_members_take_and_complete_also_tasks_that_waited(self, tenant):
        drawn()
        started()
        member, other = a_clerk(), a_clerk()
        kept(member, title="Lokale politie")
        task = tasks()[0].uuid
        for act in (
            lambda: api.claim_task(task=task, actor=acting(other), now=NOW),
            lambda: api.complete_task(task=task, variables={}, actor=acting(other), now=NOW),
        ):
            with pytest.raises(NotInGroup) as refused:
                act()
            assert refused.value.groups == ("Lokale politie",)
        with pytest.raises(NotAColleague):
            api.assign_task(task=task, person=other, actor=acting(member), now=clock.now())
        api.claim_task(task=task, actor=acting(member), now=NOW)
        api.complete_task(task=task, variables={}, actor=acting(member), now=NOW)

    def test_is_one_of_several_that_may_do_a_task(self, tenant):
        drawn("Politie, Brandweer")
        started()
        police, fire = a_clerk(), a_clerk()
        kept(police)
        task = tasks()[0].uuid
        assert api.able_to_do(process="p", names=("Politie", "Brandweer"), actor=CLERK) is None
        kept(fire, group="Brandweer")
        assert [each.uuid for each in api.list_tasks_of_groups(actor=acting(fire)).items] == [task]
        assert not api.list_tasks_of_groups(actor=acting(a_clerk())).items
        api.claim_task(task=task, actor=acting(fire), now=NOW)

    def test_gives_new_tasks_to_one_person_as_long_as_that_person_does_tasks(self, tenant):
        drawn()
        member = a_clerk()
        kept(member, receiver=member)
        started()
        assert [each.assignee for each in tasks()] == [member]
        for role in accounts.list_roles(person=member):
            accounts.end_role(role=role.uuid, actor=ACTOR, now=NOW - DAY / 2)
        started(business_key="other")
        assert [each.assignee for each in tasks() if each.reference == "other"] == [None]

    def test_holds_back_no_system(self, tenant):
        drawn()
        started()
        kept(a_clerk())
        api.complete_task(task=tasks()[0].uuid, variables={}, actor=SYSTEM, now=NOW)

    @pytest.mark.parametrize(("change", "error"), [
        ({"members": frozenset({uuid4()})}, GroupRefused), ({"receiver": uuid4()}, GroupRefused),
        ({"title": "x" * 201}, GroupRefused), ({"title": "a\nb"}, GroupRefused),
        ({"group": ""}, GroupRefused), ({"process": "q"}, ProcessNotFound),
    ])
    def test_is_refused_with_anything_unknown_and_keeps_nothing(self, tenant, change, error):
        drawn()
        wanted = {"process": "p", "process_name": "", "group": "Politie", "title": "Anders", **change}
        with pytest.raises(error):
            api.save_group(group=WorkGroup(**wanted), actor=ADMIN, now=clock.now())
        assert [each.title for each in api.list_groups(actor=ADMIN)] == [""]

    def test_is_set_by_administrators_only(self, tenant):
        drawn()
        with pytest.raises(NotAllowed):
            api.list_groups(actor=CLERK)


def test_groups_that_a_table_gives_are_listed_by_its_answers(tenant):
    for pack in ("decisions", "forms", "workflows"):
        registry.load_pack(name=pack, now=NOW)
    found = [each.group for each in api.list_groups(actor=ADMIN) if each.process == "evenement"]
    assert found == ["Brandweer", "Dienst Evenementen", "Mobiliteit", "Politie"]


class TestPages:
    def test_say_who_does_what_and_change_it(self, desk):  # noqa: F811 (the fixture)
        drawn()
        started()
        member, admin = a_clerk(), desk("tenant_admin")
        assert "Iedereen die taken doet" in text(admin.get(PLACE))
        assert "Wie deze taken mag doen" in text(admin.get(ASKED))
        posted = {"title": "Lokale politie", "members": [str(member)], "receiver": str(member)}
        assert admin.post(ASKED, posted)["Location"] == PLACE
        shown = text(admin.get(PLACE))
        assert "Lokale politie" in shown and "1 persoon" in shown and "één persoon" in shown
        clerk = desk("clerk")
        assert "Lokale politie" in text(clerk.get("/desk/werkstromen/taken/"))
        assert "Geen taken" in text(clerk.get("/desk/werkstromen/taken/?groepen=1"))
        refused = clerk.post(f"/desk/werkstromen/taken/{tasks()[0].uuid}/", {"claim": "1"})
        assert "Deze taak is voor Lokale politie" in text(refused, 409)

    @pytest.mark.parametrize("posted", [
        {"members": ["niemand"]}, {"members": [str(uuid4())]}, {"receiver": "x"}, {"title": "x" * 300},
    ])
    def test_say_how_to_repair_what_can_not_be_kept(self, desk, posted):  # noqa: F811 (the fixture)
        drawn()
        assert "Fout" in text(desk("tenant_admin").post(ASKED, posted), 422)

    @pytest.mark.parametrize("query", [
        "?proces=q&groep=Politie", f"?proces=p&groep={'x' * 201}",
    ])
    def test_do_not_know_another_group(self, desk, query):  # noqa: F811 (the fixture)
        drawn()
        admin = desk("tenant_admin")
        assert admin.get(f"{PLACE}wijzigen/{query}").status_code == 404
        assert admin.get(f"{PLACE}wijzigen/?proces=p")["Location"] == PLACE
