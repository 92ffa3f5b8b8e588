"""Moving instances between versions. Not covered: seconds (tests/performance)."""

from datetime import timedelta

import pytest

from ocapi.kernel.access.data import NotAllowed
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib.tests.bpmn_models import process
from ocapi.lib.tests.bpmn_run import flow
from ocapi.modules.processes import api, data
from ocapi.modules.processes.tests.factories import ADMIN, CLERK, deployed, done, seen, started, tasks

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
