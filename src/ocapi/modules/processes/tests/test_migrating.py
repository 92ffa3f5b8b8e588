"""Moving instances between versions. Not covered: seconds (tests/performance)."""

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
    foreseen = api.plan_migration(plan=asked, actor=ADMIN)
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
        assert [each.refused for each in api.plan_migration(plan=plan(old, new), actor=ADMIN)] == [
            {"q": "nodeGone", "a": "otherPlace"}
        ]
        moved(plan(old, new, q="r"))
        done("a")
        assert [each.node for each in tasks()] == ["b"]

    def test_is_refused_between_different_processes_and_to_clerks(self):
        old, other = deployed("<task id='t'/>", "s>t"), deployed("<task id='t'/>", "s>t", key="q")
        with pytest.raises(data.StepNotPossible, match="otherProcess"):
            api.plan_migration(plan=plan(old, other), actor=ADMIN)
        with pytest.raises(NotAllowed):
            api.plan_migration(plan=plan(old, old), actor=CLERK)

    def test_leaves_ended_instances_alone(self):
        old = deployed("<task id='t'/>", "s>t")
        started()
        raw = process(f'<startEvent id="s"/><userTask id="u"/>{flow("s>u")}')
        new = api.deploy(raw=raw, actor=ADMIN, now=NOW)[0]
        assert moved(plan(old, new)) == ()
