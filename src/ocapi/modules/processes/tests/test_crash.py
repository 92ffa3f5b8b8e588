"""A crash leaves a step, timer or message whole, and several workers fire once. Not covered: power loss."""

from datetime import timedelta

import pytest

from ocapi.kernel.outbox.testing import published
from ocapi.kernel.tenants.testing import NOW, another_process, ended
from ocapi.lib import crashpoint
from ocapi.modules.processes import api, data
from ocapi.modules.processes.models import MessageRow, SubscriptionRow, TimerRow
from ocapi.modules.processes.tests.factories import CLERK, KEY, SYSTEM, deployed, seen, started, tasks
from ocapi.modules.processes.tests.test_api import MESSAGE, WAIT_DAY, A


def fire():
    api.fire_timers(now=NOW + timedelta(days=2))


def correlate():
    api.correlate_message(name="paid", key=KEY, variables={}, actor=SYSTEM, now=NOW)


MOMENTS = pytest.mark.parametrize(("moment", "is_done"), [("before_commit", False), ("after_commit", True)])


def crashed(act, crash):
    assert ended(another_process(act, crash=f"processes.{crash}:1")) == crashpoint.STATUS


@pytest.mark.usefixtures("committed_tenant")
class TestACrash:
    @MOMENTS
    def test_in_a_step_leaves_it_taken_or_to_be_taken(self, moment, is_done):
        deployed(A, "s>a", "a>e")
        instance = started()
        task = tasks()[0].uuid
        crashed(lambda: api.complete_task(task=task, variables={}, actor=CLERK, now=NOW), f"step.{moment}")
        assert seen(instance.uuid).state is (
            data.InstanceState.COMPLETED if is_done else data.InstanceState.RUNNING
        )
        if is_done:
            with pytest.raises(data.TaskNotFound):
                api.complete_task(task=task, variables={}, actor=CLERK, now=NOW)
        else:
            api.complete_task(task=task, variables={}, actor=CLERK, now=NOW)
        assert len(published("be.ocapi.processes.instance.completed")) == 1

    @MOMENTS
    def test_at_a_timer_lets_it_fire_once(self, moment, is_done):
        deployed(WAIT_DAY + A, "s>t", "t>a")
        started()
        crashed(fire, f"timer.{moment}")
        assert TimerRow.objects.exists() is not is_done
        assert api.fire_timers(now=NOW + timedelta(days=2)) == (0 if is_done else 1)
        assert len(tasks()) == 1

    @MOMENTS
    def test_at_a_message_lets_it_be_taken_up_once(self, moment, is_done):
        deployed('<receiveTask id="r" messageRef="m"/>' + A, "s>r", "r>a", shared=MESSAGE)
        started()
        crashed(correlate, f"message.{moment}")
        assert SubscriptionRow.objects.exists() is not is_done
        if not is_done:
            api.correlate_message(name="paid", key=KEY, variables={}, actor=SYSTEM, now=NOW)
        assert len(tasks()) == 1
        assert not MessageRow.objects.exists()


@pytest.mark.usefixtures("committed_tenant")
class TestSeveralWorkers:
    def test_fire_each_timer_once(self):
        deployed(WAIT_DAY + A, "s>t", "t>a")
        for number in range(12):
            started(business_key=str(number))
        workers = [another_process(fire) for _each in range(2)]
        assert [ended(each) for each in workers] == [0, 0]
        assert sorted(each.reference for each in tasks()) == sorted(str(number) for number in range(12))
        assert TimerRow.objects.count() == 0
