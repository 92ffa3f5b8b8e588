"""Jobs, handlers and schedules by their rules. Not covered: killed processes (test_crash), the loop."""

import dataclasses
import threading
from dataclasses import dataclass
from datetime import time, timedelta

import pytest
from django.db import connection, transaction

from ocapi.kernel.access.extensions import operations
from ocapi.kernel.jobs import api, data, extensions, queue, relay, running, visiting
from ocapi.kernel.jobs.models import HandledRow, JobRow, ScheduleRow
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib.envelope import Fact, event
from ocapi.lib.registry import UnknownName
from ocapi.lib.tracing import following


@event("be.ocapi.testing.order.placed.v1")
class OrderPlaced(Fact):
    """Emitted by these tests only."""

    order: str
    lines: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedOrder:
    order: str


class Diary:
    """What the jobs of these tests did, in order."""

    def __init__(self):
        self.entries = []
        self.failing = set()


DIARY = Diary()


def note(*, entry, now):
    if entry in DIARY.failing:
        raise ValueError("Noor Peeters, 67.62.15-467.51")
    DIARY.entries.append((tenants.current().key, entry))


def note_order(order, meta):
    if order.order in DIARY.failing:
        raise ValueError(order.order)
    DIARY.entries.append((order.order, meta.sequence))


@pytest.fixture(autouse=True)
def _declared(monkeypatch):
    DIARY.entries.clear()
    DIARY.failing.clear()
    for name in ("jobs", "handlers"):
        registry = getattr(extensions, name)
        monkeypatch.setattr(registry, "_providers", dict(registry._providers))
    extensions.job("testing.note")(note)
    extensions.handles("be.ocapi.testing.order.placed.v1", reads=PlacedOrder)(note_order)
    for operation in data.OPERATIONS:
        if operations.find(operation.name) is None:
            operations.add(operation)


def entries():
    return [entry for _key, entry in DIARY.entries]


def the_job():
    """Give the row of the one job of these tests; the kernel's own recurring ones stand beside it."""
    return JobRow.objects.get(name="testing.note")


def enqueue(entry, *, due_at=NOW, key=""):
    return api.enqueue(job="testing.note", arguments={"entry": entry}, due_at=due_at, key=key)


def place(order):
    with transaction.atomic():
        return outbox.publish(OrderPlaced(order=order), actor=a_staff_member(), now=NOW)


class TestTrace:
    def test_goes_on_from_a_request_to_its_jobs_and_to_who_handles_its_facts(self, tenant):
        seen = []

        def hear(order, meta):
            seen.append(following.current())

        extensions.job("testing.trace")(lambda *, now: seen.append(following.current()))
        extensions.handles("be.ocapi.testing.order.placed.v1", reads=PlacedOrder)(hear)
        nobody = dataclasses.replace(a_staff_member(), trace_id="")
        with following.within("trace-1"):
            api.enqueue(job="testing.trace", arguments={}, due_at=NOW)
            with transaction.atomic():
                outbox.publish(OrderPlaced(order="x"), actor=nobody, now=NOW)
        with following.within(""):
            place("y")  # by somebody whose own request has the trace `test`
            api.visit(now=NOW, budget_ms=60_000)
            assert (sorted(seen), following.current()) == (["test", "trace-1", "trace-1"], "")


class TestEnqueue:
    def test_runs_what_is_due_in_order_and_leaves_nothing(self, tenant):
        enqueue("later", due_at=NOW + timedelta(hours=1))
        enqueue("second")
        enqueue("first", due_at=NOW - timedelta(hours=1))
        result = api.visit(now=NOW, budget_ms=60_000)
        assert entries() == ["first", "second"]
        assert result.next_due_at <= NOW + timedelta(hours=1)
        assert JobRow.objects.filter(name="testing.note").count() == 1

    def test_refuses_a_job_nobody_declared(self, tenant):
        with pytest.raises(UnknownName):
            api.enqueue(job="nobody.knows", arguments={}, due_at=NOW)

    @pytest.mark.parametrize("value", [None, 1.5, ["a"], {"a": 1}, "x" * 3000])
    def test_refuses_more_than_ids_and_codes(self, tenant, value):
        with pytest.raises(data.InvalidArguments):
            api.enqueue(job="testing.note", arguments={"entry": value}, due_at=NOW)

    def test_keeps_one_waiting_job_per_key_with_the_earlier_time(self, tenant):
        first = enqueue("a", due_at=NOW + timedelta(hours=2), key="k")
        assert enqueue("a", due_at=NOW + timedelta(hours=1), key="k") == first
        assert the_job().due_at == NOW + timedelta(hours=1)

    def test_makes_a_second_one_while_the_first_runs(self, tenant):
        enqueue("a", key="k")
        queue.claim(now=NOW)
        enqueue("a", key="k")
        assert JobRow.objects.count() == 2

    def test_disappears_with_its_transaction(self, tenant):
        with pytest.raises(RuntimeError), transaction.atomic():
            enqueue("a")
            raise RuntimeError
        assert not JobRow.objects.exists()

    def test_stays_in_its_organization(self, tenant, other_tenant):
        enqueue("a")
        with tenants.unbound(), tenants.bind(other_tenant.key):
            assert queue.claim(now=NOW) is None
        api.visit(now=NOW, budget_ms=60_000)
        assert DIARY.entries == [(tenant.key, "a")]


class TestLease:
    def test_lets_another_worker_take_over_only_after_it_ended(self, tenant):
        enqueue("a")
        queue.claim(now=NOW)
        assert queue.claim(now=NOW + timedelta(seconds=59)) is None
        assert queue.claim(now=NOW + timedelta(seconds=60)).attempts == 2

    def test_discards_the_result_of_a_worker_that_lost_it(self, tenant):
        enqueue("a")
        slow = queue.claim(now=NOW)
        later = NOW + timedelta(minutes=2)
        quick = queue.claim(now=later)
        place_before = outbox.position(reader="x")
        extensions.jobs._providers["testing.note"] = extensions.JobKind(
            name="testing.note", run=lambda *, entry, now: outbox.advance(reader="x", to=9),
            every=None, at=None, is_atomic=True,
        )
        assert not running.run(slow, now=later, random=middle)
        assert outbox.position(reader="x") == place_before
        assert running.run(quick, now=later, random=middle)
        assert outbox.position(reader="x") == 9

    def test_does_not_let_a_late_failure_disturb_the_new_holder(self, tenant):
        enqueue("a")
        slow = queue.claim(now=NOW)
        queue.claim(now=NOW + timedelta(minutes=2))
        queue.fail(slow, ValueError(), now=NOW, random=middle)
        assert the_job().state == "running"

    def test_gives_up_a_job_that_keeps_killing_its_worker(self, tenant):
        enqueue("killer")
        enqueue("innocent", due_at=NOW + timedelta(days=1))
        moment = NOW
        while (claimed := queue.claim(now=moment)) and claimed.arguments["entry"] == "killer":
            moment += timedelta(hours=2)
        assert claimed.arguments["entry"] == "innocent"
        assert api.list_dead(actor=a_staff_member("tenant_admin"))[0].error_code == "LeaseLost"

    def test_is_given_to_one_of_two_workers(self, committed_tenant):
        for number in range(20):
            enqueue(str(number))
        claimed = []

        def work():
            with tenants.bind(committed_tenant.key):
                while found := queue.claim(now=NOW):
                    claimed.append(found.arguments["entry"])
            tenants.close_connections()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(claimed, key=int) == [str(number) for number in range(20)]


class TestRetries:
    def test_come_later_and_later_until_the_job_is_given_up_with_its_reason(self, tenant):
        DIARY.failing.add("bad")
        enqueue("bad")
        moment, tries = NOW, 0
        while the_job().state == "waiting":
            moment = the_job().due_at
            visiting.visit(now=moment, budget_ms=2000, max_jobs=50, courier=None, random=middle)
            tries += 1
        assert tries == 14
        assert moment - NOW == timedelta(seconds=72 + 6000)
        dead = api.list_dead(actor=a_staff_member("tenant_admin"))[0]
        assert (dead.name, dead.attempts, dead.error_code) == ("testing.note", 14, "ValueError")
        assert "in note" in dead.error_text
        assert "Noor" not in dead.error_text

    def test_never_block_the_jobs_behind(self, tenant):
        DIARY.failing.add("bad")
        enqueue("bad", due_at=NOW - timedelta(hours=1))
        for number in range(5):
            enqueue(f"good-{number}")
        api.visit(now=NOW, budget_ms=5000)
        assert len(entries()) == 5

    def test_undo_what_the_failed_try_did(self, tenant):
        def half(*, now):
            outbox.advance(reader="half", to=1)
            raise ValueError

        extensions.job("testing.half")(half)
        api.enqueue(job="testing.half", arguments={}, due_at=NOW)
        api.visit(now=NOW, budget_ms=60_000)
        assert outbox.position(reader="half") == 0

    def test_yield_to_a_later_request_for_the_same_work(self, tenant):
        DIARY.failing.add("a")
        enqueue("a", key="k")
        claimed = queue.claim(now=NOW)
        enqueue("a", key="k", due_at=NOW + timedelta(seconds=1))
        running.run(claimed, now=NOW, random=middle)
        assert the_job().attempts == 0

    def test_start_over_when_staff_asks(self, tenant):
        JobRow.objects.all().delete()
        enqueue("a")
        JobRow.objects.update(state="dead", attempts=14)
        admin = a_staff_member("tenant_admin")
        api.retry(job=api.list_dead(actor=admin)[0].uuid, actor=admin, now=NOW)
        api.visit(now=NOW, budget_ms=60_000)
        assert entries() == ["a"]

    def test_are_refused_for_what_is_not_dead(self, tenant):
        with pytest.raises(data.NotFound):
            api.retry(job=enqueue("a"), actor=a_staff_member("tenant_admin"), now=NOW)


class TestHandlers:
    def test_receive_each_fact_once_with_the_members_they_read(self, tenant):
        place("o1")
        place("o2")
        api.visit(now=NOW, budget_ms=5000)
        api.visit(now=NOW, budget_ms=5000)
        assert DIARY.entries == [("o1", 1), ("o2", 2)]

    def test_ignore_a_fact_they_have_dealt_with(self, tenant):
        place("o1")
        api.visit(now=NOW, budget_ms=60_000)
        outbox.advance(reader=relay.READER, to=0)
        api.visit(now=NOW, budget_ms=60_000)
        assert DIARY.entries == [("o1", 1)]
        assert HandledRow.objects.count() == 1

    def test_forget_a_fact_whose_handling_failed(self, tenant):
        DIARY.failing.add("o1")
        place("o1")
        api.visit(now=NOW, budget_ms=60_000)
        assert not HandledRow.objects.exists()
        DIARY.failing.clear()
        api.visit(now=NOW + timedelta(minutes=1), budget_ms=60_000)
        assert DIARY.entries == [("o1", 1)]

    def test_do_not_wait_for_a_fact_that_fails(self, tenant):
        DIARY.failing.add("o1")
        place("o1")
        place("o2")
        api.visit(now=NOW, budget_ms=5000)
        assert DIARY.entries == [("o2", 2)]


class TestHandlersToldOncePer:
    @pytest.fixture(autouse=True)
    def told_once_per_order(self, _declared):
        kept = extensions.handlers._providers  # as the fixture above made it, for this test alone
        name = next(name for name, kind in kept.items() if kind.run is note_order)
        del kept[name]
        once = extensions.handles("be.ocapi.testing.order.placed.v1", reads=PlacedOrder, once_per="order")
        once(note_order)

    def test_run_once_for_what_waits_of_each_value(self, tenant):
        for order in ("a", "b", "a", "a"):
            place(order)
        api.visit(now=NOW, budget_ms=5000)
        api.visit(now=NOW, budget_ms=5000)
        assert DIARY.entries == [("a", 1), ("b", 2)]

    def test_run_again_for_a_fact_that_came_while_they_ran(self, tenant):
        place("a")
        relay.relay(now=NOW)
        claimed = queue.claim(now=NOW, only=(relay.HANDLE,))
        place("a")
        relay.relay(now=NOW)
        running.run(claimed, now=NOW, random=middle)
        api.visit(now=NOW, budget_ms=5000)
        assert DIARY.entries == [("a", 1), ("a", 2)]

    def test_run_after_a_failure_for_all_that_waits(self, tenant):
        DIARY.failing.add("a")
        place("a")
        api.visit(now=NOW, budget_ms=5000)
        DIARY.failing.clear()
        place("a")
        api.visit(now=NOW + timedelta(hours=1), budget_ms=5000)
        api.visit(now=NOW + timedelta(hours=1), budget_ms=5000)
        assert DIARY.entries == [("a", 1)]

    def test_may_read_nothing_else(self):
        with pytest.raises(ValueError, match="reads nothing else"):
            extensions.handles("be.ocapi.testing.order.placed.v1", reads=PlacedOrder, once_per="client")


class TestSchedules:
    def test_run_once_for_all_the_times_that_were_missed(self, tenant):
        declare = extensions.job("testing.hourly", every=timedelta(hours=1))
        declare(lambda *, now: DIARY.entries.append(("", now)))
        api.visit(now=NOW, budget_ms=60_000)
        due_at = ScheduleRow.objects.get(name="testing.hourly").due_at
        assert NOW <= due_at <= NOW + timedelta(hours=1)
        later = due_at + timedelta(hours=5, minutes=1)
        api.visit(now=later, budget_ms=5000)
        api.visit(now=later, budget_ms=5000)
        assert entries() == [later]
        assert ScheduleRow.objects.get(name="testing.hourly").due_at == due_at + timedelta(hours=6)

    def test_begin_at_once_when_nothing_works_without_them(self, tenant):
        declare = extensions.job("testing.prompt", every=timedelta(hours=1), is_prompt=True)
        declare(lambda *, now: DIARY.entries.append(("", now)))
        assert api.visit(now=NOW, budget_ms=60_000).next_due_at == NOW
        api.visit(now=NOW, budget_ms=5000)
        assert entries() == [NOW]

    def test_follow_the_wall_clock_in_brussels(self, tenant):
        extensions.job("testing.daily", at=time(6, 0))(lambda *, now: None)
        api.visit(now=NOW, budget_ms=60_000)
        found = ScheduleRow.objects.get(name="testing.daily").due_at
        assert found.isoformat() == "2026-11-24T05:00:00+00:00"

    def test_are_refused_with_two_rhythms(self):
        with pytest.raises(ValueError, match="not both"):
            extensions.job("testing.both", every=timedelta(hours=1), at=time(6, 0))


class TestVisit:
    def test_ends_after_its_number_of_jobs_and_asks_to_come_back(self, tenant):
        for number in range(5):
            enqueue(str(number))
        result = api.visit(now=NOW, max_jobs=2, budget_ms=5000)
        assert (entries(), result.next_due_at) == (["0", "1"], NOW)

    def test_seals_the_log(self, tenant):
        from ocapi.kernel.audit import api as audit

        leaf = audit.changed(actor=a_staff_member(), operation="x", resource="x/1", now=NOW)
        api.visit(now=NOW, budget_ms=60_000)
        assert audit.inclusion_proof(leaf=leaf).index == 0

    def test_comes_back_for_facts_that_were_not_relayed(self, tenant, monkeypatch):
        monkeypatch.setattr(relay, "BATCH", 1)
        place("o1")
        place("o2")
        assert api.visit(now=NOW, budget_ms=5000).next_due_at == NOW

    def test_writes_nothing_for_an_idle_organization_until_its_next_job(self, tenant):
        for _settling in range(3):
            api.visit(now=NOW, budget_ms=5000)
        with connection.execute_wrapper(forbid_writes):
            result = api.visit(now=NOW, budget_ms=60_000)
        assert result.did == 0
        assert result.next_due_at > NOW


def forbid_writes(execute, statement, params, many, context):
    assert not str(statement).startswith(("INSERT", "UPDATE", "DELETE")), statement
    return execute(statement, params, many, context)


def middle():
    return 0.5
