"""The cost of a step is flat, counted in statements and plans. Not covered: seconds (tests/performance)."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import ids
from ocapi.modules.processes import api, queries
from ocapi.modules.processes.data import Instance, InstanceState, TaskState
from ocapi.modules.processes.models import (
    DefinitionRow,
    HistoryRow,
    InstanceRow,
    ScopeRow,
    SubscriptionRow,
    TaskRow,
    TimerRow,
    TokenRow,
)
from ocapi.modules.processes.services import looking, messaging, timers
from ocapi.modules.processes.tests.factories import CLERK, deployed, done, started, tasks

pytestmark = pytest.mark.usefixtures("tenant")
PARTS = ('<userTask id="a"/><task id="t"/><userTask id="b"/>'
         '<boundaryEvent id="y" attachedToRef="b">{}</boundaryEvent>')
TIMER = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
MANY = ('<userTask id="a"><multiInstanceLoopCharacteristics><loopCardinality>n</loopCardinality>'
        "</multiInstanceLoopCharacteristics></userTask>")


def round_trip() -> None:
    deployed(PARTS.format(TIMER), "s>a", "a>t", "t>b", "b>a", "y>e")


def shapes(act: Callable[[], None]) -> list[str]:
    """Give the statements an act needs, without their values."""
    with CaptureQueriesContext(connection) as seen:
        act()
    return [re.sub(r"'[^']*'|\b[sx_0-9]+\b|%s", "?", each["sql"]) for each in seen.captured_queries]


def with_past(instance: Instance, count: int) -> None:
    row = InstanceRow.objects.get(uuid=instance.uuid)
    HistoryRow.objects.bulk_create(
        HistoryRow(instance=row, token=2, node="t", what="left", at=NOW) for _each in range(count)
    )
    TaskRow.objects.bulk_create(
        TaskRow(uuid=ids.new_uuid(NOW), instance=row, scope=1, token=2, node="a", title="", kind="userTask",
                group="", state=TaskState.COMPLETED.value, created_at=NOW, ended_at=NOW)
        for _each in range(count)
    )


def with_others(instance: Instance, count: int) -> None:
    row = InstanceRow.objects.get(uuid=instance.uuid)
    made = InstanceRow.objects.bulk_create(
        InstanceRow(uuid=ids.new_uuid(NOW), definition_id=row.definition_id, process="p", version=1,
                    business_key=f"o-{number}", state="running", next_number=3, revision=1, started_at=NOW)
        for number in range(count)
    )
    for each in made:
        assert each.id
    ScopeRow.objects.bulk_create(
        ScopeRow(instance=each, number=1, parent=0, host=0, node="", kind="process", process="", path="1.",
                 total=0, started=0, done=0, index=0) for each in made
    )
    TokenRow.objects.bulk_create(
        TokenRow(instance=each, number=2, scope=1, node="a", stage="waiting", via="", child=0, turns=0)
        for each in made
    )
    TimerRow.objects.bulk_create(
        TimerRow(instance=each, scope=1, token=2, node="y", due_at=NOW, left=0, every="", is_held=False)
        for each in made
    )
    SubscriptionRow.objects.bulk_create(
        SubscriptionRow(instance=each, scope=1, token=2, node="y", kind="message", name="m", key=str(each.id))
        for each in made
    )


class TestAStep:
    @pytest.mark.parametrize("grow", [with_past, with_others])
    def test_needs_the_same_statements_with_ten_and_with_a_thousand(self, grow):
        round_trip()
        instance = started()
        done("a")
        done("b")  # now tables, plans and caches are warm
        costs = []
        for count in (10, 1_000):
            grow(instance, count)
            mine = tasks(group="")[0].uuid
            costs.append(shapes(lambda: api.complete_task(
                task=mine, variables={"x": count}, actor=CLERK, now=NOW)))  # noqa: B023 - called at once
            done("b")
        assert costs[0] == costs[1]
        assert len(costs[0]) <= 18

    def test_reads_no_history(self):
        round_trip()
        started()
        cost = shapes(lambda: done("a"))
        assert [each for each in cost if each.startswith("SELECT") and "processes_history" in each] == []

    def test_of_one_run_costs_the_same_among_ten_and_among_a_thousand(self):
        deployed(MANY, "s>a", "a>e")
        costs = []
        for count in (10, 1_000):
            started(n=count)
            task = TaskRow.objects.order_by("-id")[0].uuid
            costs.append(shapes(lambda: api.complete_task(
                task=task, variables={}, actor=CLERK, now=NOW)))  # noqa: B023 - called at once
        assert costs[0] == costs[1]

    def test_keeps_a_token_small(self):
        widest = sum(getattr(field, "max_length", None) or 8 for field in TokenRow._meta.fields)
        assert widest <= 10_000


class TestPlans:
    @pytest.mark.parametrize(("index", "rows"), [
        ("processes_timer_due", lambda: timers.due_timers(NOW)[:100]),
        ("processes_subscription_key", lambda: messaging.waiting_for("message", "m", "7")[:10]),
        ("processes_task_group", lambda: queries.open_tasks(group="Balie", assignee=None)[:20]),
        ("processes_task_others", lambda: queries.also_for("Balie", None).order_by("id")[:20]),
        ("processes_task_assignee", lambda: queries.open_tasks(group="", assignee=CLERK.person)[:20]),
        ("processes_incident_open", lambda: queries.open_incidents()[:20]),
        ("processes_instance_version", looking.live_runs),
        ("processes_instance_version", lambda: queries.latest(
            DefinitionRow.objects.get(), InstanceState.COMPLETED, 20)),
        ("processes_task_open", lambda: queries.open_tasks(group="", assignee=None)[:20]),
    ])
    def test_use_an_index_for_the_search_and_the_order(self, index, rows):
        many_tasks()
        plan = planned(rows())
        assert index in plan, plan
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan, plan


def many_tasks() -> None:
    """Make so many tasks, most of them done, that the statistics tell one index from another."""
    deployed("<task id='t'/>", "s>t")
    row = InstanceRow.objects.get(uuid=started().uuid)
    people = [ids.new_uuid(NOW) for _each in range(7)]
    TaskRow.objects.bulk_create(
        TaskRow(uuid=ids.new_uuid(NOW), instance=row, scope=1, token=2, node="a", title="", kind="userTask",
                group=f"g{number % 7}", assignee=people[number % 7], created_at=NOW,
                others=None if number % 90 else "\nBalie\n",
                state=(TaskState.COMPLETED if number % 30 else TaskState.OPEN).value,
                ended_at=NOW if number % 30 else None)
        for number in range(6_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE processes_task")


def planned(rows: "QuerySet[TaskRow]") -> str:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # small tables are read whole, which says nothing
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
    return rows.explain()
