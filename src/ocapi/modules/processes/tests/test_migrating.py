"""Moving instances between versions. Not covered: seconds (tests/performance)."""

from datetime import timedelta
from uuid import UUID

import pytest

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib.tests.bpmn_models import process
from ocapi.lib.tests.bpmn_run import flow
from ocapi.modules.processes import api, data
from ocapi.modules.processes.data import MigrationStage
from ocapi.modules.processes.services import migrating, moving
from ocapi.modules.processes.tests.factories import (
    ADMIN,
    CLERK,
    deployed,
    done,
    seen,
    started,
    tasks,
    worked,
)
from ocapi.modules.processes.tests.test_pages import desk, text  # noqa: F401 (a fixture)

pytestmark = pytest.mark.usefixtures("tenant")
TERM = ('<boundaryEvent id="t" attachedToRef="{}"><timerEventDefinition><timeDuration>P1D</timeDuration>'
        "</timerEventDefinition></boundaryEvent>")


def plan(source: data.Definition, target: data.Definition, **nodes: str) -> data.MigrationPlan:
    return data.MigrationPlan(source=source.uuid, target=target.uuid, nodes=nodes)


def moved(asked: data.MigrationPlan) -> tuple[data.Moved, ...]:
    foreseen = api.plan_migration(plan=asked, actor=ADMIN, now=NOW)
    found = api.migrate_instances(plan=asked, actor=ADMIN, now=NOW)
    assert found == foreseen
    return found


class TestMigration:
    def test_moves_instances_with_their_tasks_and_timers_to_other_ids(self):
        old = deployed('<userTask id="a"/>' + TERM.format("a"), "s>a", "a>e", "t>e")
        instance = started()
        new = deployed('<userTask id="check"/><userTask id="sign"/>' + TERM.format("check"), "s>check",
                       "check>sign", "sign>e", "t>e")
        assert [each.refused for each in moved(plan(old, new, a="check"))] == [{}]
        assert (seen(instance.uuid).version, seen(instance.uuid).nodes) == (2, ("check",))
        done("check")
        assert [each.node for each in tasks()] == ["sign"]

    def test_leaves_those_that_do_not_fit_with_the_reason(self):
        old = deployed('<userTask id="a"/><userTask id="b"/>', "s>a", "a>b")
        fits, stays = started(business_key="1"), started(business_key="2")
        task = next(each for each in tasks() if each.instance == stays.uuid)
        api.complete_task(task=task.uuid, variables={}, actor=CLERK, now=NOW)
        new = deployed('<userTask id="a"/><manualTask id="b"/>', "s>a", "a>b")
        assert {each.instance: each.refused for each in moved(plan(old, new))} == {
            fits.uuid: {}, stays.uuid: {"b": "otherKind"},
        }
        assert (seen(fits.uuid).version, seen(stays.uuid).version) == (2, 1)

    def test_moves_what_is_inside_a_sub_process(self):
        inside = '<subProcess id="{}"><userTask id="a"/></subProcess><userTask id="b"/>'
        old = deployed(inside.format("q"), "s>q", "q>b")
        started()
        new = deployed(inside.format("r"), "s>r", "r>b")
        assert [each.refused for each in api.plan_migration(plan=plan(old, new), actor=ADMIN, now=NOW)] == [
            {"q": "nodeGone", "a": "otherPlace"}
        ]
        moved(plan(old, new, q="r"))
        done("a")
        assert [each.node for each in tasks()] == ["b"]

    def test_arms_the_events_that_only_the_new_version_has(self):
        late = ('<boundaryEvent id="m" attachedToRef="a"><messageEventDefinition messageRef="m"/>'
                '</boundaryEvent><userTask id="b"/>')
        old = deployed('<userTask id="a"/>', "s>a", "a>e")
        first, second = started(business_key="1"), started(business_key="2")
        new = deployed('<userTask id="a"/><userTask id="c"/>' + TERM.format("a") + late,
                       "s>a", "a>e", "t>c", "m>b", shared='<message id="m" name="paid"/>')
        assert [each.refused for each in moved(plan(old, new))] == [{}, {}]
        api.correlate_message(name="paid", key="1", variables={}, actor=CLERK, now=NOW)
        assert api.fire_timers(now=NOW + timedelta(hours=25)) == 1
        assert (seen(first.uuid).nodes, seen(second.uuid).nodes) == (("b",), ("c",))

    def test_arms_a_new_event_sub_process_and_holds_its_timer_while_suspended(self):
        handler = ('<subProcess id="h" triggeredByEvent="true"><startEvent id="hs"><timerEventDefinition>'
                   "<timeDuration>P1D</timeDuration></timerEventDefinition></startEvent>"
                   '<userTask id="late"/><sequenceFlow id="hf" sourceRef="hs" targetRef="late"/>'
                   "</subProcess>")
        old = deployed('<userTask id="a"/>', "s>a", "a>e")
        instance = started()
        api.suspend(instance=instance.uuid, actor=CLERK, now=NOW)
        new = deployed('<userTask id="a"/>' + handler, "s>a", "a>e")
        moved(plan(old, new))
        assert api.fire_timers(now=NOW + timedelta(days=2)) == 0
        api.resume(instance=instance.uuid, actor=CLERK, now=NOW)
        assert api.fire_timers(now=NOW + timedelta(days=2)) == 1
        assert [each.node for each in tasks()] == ["late"]

    def test_leaves_an_instance_whose_new_event_cannot_be_computed(self):
        broken = ('<boundaryEvent id="t" attachedToRef="a"><timerEventDefinition><timeDuration>term'
                  "</timeDuration></timerEventDefinition></boundaryEvent>")
        old = deployed('<userTask id="a"/>', "s>a", "a>e")
        started()
        new = deployed('<userTask id="a"/>' + broken, "s>a", "a>e", "t>e")
        assert [each.refused for each in moved(plan(old, new))] == [{"t": "notATime"}]

    def test_is_refused_between_different_processes_and_to_clerks(self):
        old, other = deployed("<task id='t'/>", "s>t"), deployed("<task id='t'/>", "s>t", key="q")
        with pytest.raises(data.StepNotPossible, match="otherProcess"):
            api.plan_migration(plan=plan(old, other), actor=ADMIN, now=NOW)
        with pytest.raises(NotAllowed):
            api.plan_migration(plan=plan(old, old), actor=CLERK, now=NOW)

    def test_leaves_ended_instances_alone(self):
        old = deployed("<task id='t'/>", "s>t")
        started()
        raw = process(f'<startEvent id="s"/><userTask id="u"/>{flow("s>u")}')
        new = api.deploy(raw=raw, actor=ADMIN, now=NOW)[0]
        assert moved(plan(old, new)) == ()


def asked(source: data.Definition, target: data.Definition, **nodes: str) -> UUID:
    return api.ask_migration(plan=plan(source, target, **nodes), actor=ADMIN, now=NOW)


def taken(migration: UUID) -> None:
    """Let the worker take its turns until it is ready."""
    while state_of(migration).stage in (MigrationStage.CHECKING, MigrationStage.MOVING):
        api.go_on_migrating(migration=migration, now=NOW)


def state_of(migration: UUID) -> data.Migration:
    return api.get_migration(migration=migration, actor=ADMIN)


class TestAskedMigration:
    def test_looks_at_each_run_first_and_moves_them_only_when_told_to(self, monkeypatch):
        monkeypatch.setattr(moving, "BATCH", 2)  # so that it takes several turns
        old = deployed('<userTask id="a" name="Kijk"/><userTask id="b" name="Teken"/>', "s>a", "a>b")
        runs = [started(business_key=str(number)) for number in range(5)]
        done("a")
        new = deployed('<userTask id="c" name="Kijk"/><manualTask id="b" name="Teken"/>', "s>c", "c>b")
        found = {each.node: each for each in api.list_misfits(source=old.uuid, target=new.uuid, actor=ADMIN)}
        assert (found["a"].proposed, found["a"].waiting, found["b"].proposed) == ("c", 4, "")
        migration = asked(old, new, a="c")
        assert state_of(migration).stage is MigrationStage.CHECKING
        worked()
        assert state_of(migration).done == 2  # the rest a moment later
        taken(migration)
        foreseen = state_of(migration)
        assert (foreseen.stage, foreseen.done, foreseen.fits) == (MigrationStage.CHECKED, 5, 4)
        assert [(each.name, each.reason, each.count) for each in foreseen.refused] == [
            ("Teken", "otherKind", 1)]
        assert [each.business_key for each in foreseen.stays] == ["0"]
        assert {seen(each.uuid).version for each in runs} == {1}
        api.carry_out_migration(migration=migration, actor=ADMIN, now=NOW)
        monkeypatch.setattr(moving, "TURN_S", -1.0)  # one run in each turn
        worked()
        taken(migration)
        ended = state_of(migration)
        assert (ended.stage, ended.total, ended.fits) == (MigrationStage.DONE, 5, 4)
        assert [seen(each.uuid).version for each in runs] == [1, 2, 2, 2, 2]
        with pytest.raises(data.MigrationNotFound):
            api.carry_out_migration(migration=migration, actor=ADMIN, now=NOW)

    def test_counts_each_run_once_when_the_worker_dies_half_way(self, monkeypatch):
        old = deployed('<userTask id="a"/>', "s>a", "a>e")
        runs = [started(business_key=str(number)).uuid for number in range(3)]
        new = deployed('<userTask id="a" name="Kijk"/>', "s>a", "a>e")
        migration = asked(old, new)
        taken(migration)
        api.carry_out_migration(migration=migration, actor=ADMIN, now=NOW)
        whole, moves = migrating.move_one, iter((1, 2))

        def dies(*arguments, **named):
            next(moves)
            return whole(*arguments, **named)

        monkeypatch.setattr(migrating, "move_one", dies)
        with pytest.raises(StopIteration):
            api.go_on_migrating(migration=migration, now=NOW)
        assert (state_of(migration).fits, {seen(each).version for each in runs}) == (0, {1})
        monkeypatch.setattr(migrating, "move_one", whole)
        taken(migration)
        assert (state_of(migration).stage, state_of(migration).fits) == (MigrationStage.DONE, 3)
        assert {seen(each).version for each in runs} == {2}

    def test_is_refused_within_a_version_to_steps_nobody_drew_and_to_clerks(self):
        old = deployed('<userTask id="a"/>', "s>a", "a>e")
        new = deployed('<userTask id="a" name="Kijk"/>', "s>a", "a>e")
        with pytest.raises(data.StepNotPossible, match="sameVersion"):
            asked(old, old)
        with pytest.raises(data.StepNotPossible, match="nodeUnknown"):
            asked(old, new, a="nergens")
        with pytest.raises(NotAllowed):
            api.list_migrations(definition=old.uuid, actor=CLERK)


class TestMigrationPages:
    def test_lead_from_a_version_to_the_runs_that_went_along(self, desk):  # noqa: F811 (the fixture)
        old = deployed('<userTask id="a" name="Kijk"/><userTask id="b" name="Teken"/>', "s>a", "a>b")
        started(business_key="1")
        stays = started(business_key="2")
        api.complete_task(
            task=next(each for each in tasks() if each.instance == stays.uuid).uuid, variables={},
            actor=CLERK, now=NOW)
        new = deployed('<userTask id="c" name="Kijk"/><manualTask id="b" name="Teken"/>', "s>c", "c>b")
        admin, root = desk("tenant_admin"), "/desk/werkstromen/"
        assert f"{root}{old.uuid}/overstappen/" in text(admin.get(f"{root}{old.uuid}/"))
        place = f"{root}{old.uuid}/overstappen/{new.uuid}/"
        assert place in text(admin.get(f"{root}{old.uuid}/overstappen/"))
        shown = text(admin.get(place))
        assert "Kijk (Taak voor iemand)" in shown and "Hier staat nu 1 verloop." in shown
        assert "Kies een stap uit de lijst." in text(admin.post(place, {"to:a": "b"}), 422)
        answer = admin.post(place, {"to:a": "c", "to:b": ""})
        assert "Er stapt nog niets over" in text(admin.get(answer["Location"]))
        migration = UUID(answer["Location"].rstrip("/").rpartition("/")[2])
        taken(migration)
        shown = text(admin.get(answer["Location"]))
        assert "andere versie: 1 van 2 verlopen. Blijft: 1." in shown
        assert "Deze stap is van een andere soort in de andere versie." in shown
        assert "Laat 1 verloop verdergaan in versie 2" in shown
        assert admin.post(f"{answer['Location']}uitvoeren/").status_code == 302
        taken(migration)
        shown = text(admin.get(answer["Location"]))
        assert "Overgestapt: 1 van 2 verlopen. In de oude versie gebleven: 1." in shown
        assert seen(stays.uuid).version == 1
        assert desk("clerk").get(place).status_code == 403
