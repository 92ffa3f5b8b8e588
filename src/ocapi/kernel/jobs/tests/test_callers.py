"""Jobs that ask somebody outside, beside the loop. Not covered: who is asked; that is each job's own."""

import threading
from datetime import timedelta

import pytest

from ocapi.kernel.jobs import api, callers, extensions, queue, visiting
from ocapi.kernel.jobs.extensions import Outside
from ocapi.kernel.jobs.models import JobRow
from ocapi.kernel.tenants.testing import NOW

DEADLINE_S = 20


class Receiver:
    """Somebody outside who answers when he is let."""

    def __init__(self):
        self.may_answer, self.asked, self.settled, self.failure = threading.Event(), 0, [], None

    def ask(self):
        self.asked += 1
        assert self.may_answer.wait(DEADLINE_S)
        if self.failure is not None:
            raise self.failure
        return "answer"

    def settle(self, answer, *, now):
        self.settled.append(answer())


@pytest.fixture
def receiver(monkeypatch):
    """Declare a job that asks a receiver, and one that asks nobody; gives the receiver."""
    made = Receiver()
    monkeypatch.setattr(extensions.jobs, "_providers", dict(extensions.jobs._providers))
    outside = extensions.job("testing.outside", is_atomic=False, is_outside=True)
    outside(lambda *, now: Outside(ask=made.ask, settle=made.settle))
    extensions.job("testing.near")(lambda *, now: made.settled.append("near"))
    yield made
    made.may_answer.set()


@pytest.fixture
def beside():
    """Give callers, and what is released at each answer."""
    arrived = threading.Semaphore(0)
    made = callers.Callers(arrived=lambda key: arrived.release())
    yield made, arrived
    made.close()


def visit(beside, *, now=NOW):
    return visiting.visit(
        now=now, budget_ms=5_000, max_jobs=50, courier=None, callers=beside[0],
        only=("testing.outside", "testing.near"),
    )


def put(*names):
    for name in names:
        api.enqueue(job=name, arguments={}, due_at=NOW)


def came(beside):
    assert beside[1].acquire(timeout=DEADLINE_S)


class TestJobsThatAskOutside:
    def test_keep_no_other_job_waiting(self, tenant, receiver, beside):
        put("testing.outside", "testing.near")
        visit(beside)
        assert receiver.settled == ["near"]
        receiver.may_answer.set()
        came(beside)
        visit(beside)
        assert receiver.settled == ["near", "answer"]
        assert not JobRow.objects.filter(name="testing.outside").exists()

    def test_are_tried_again_when_their_settling_fails(self, tenant, receiver, beside):
        put("testing.outside")
        visit(beside)
        receiver.failure = ConnectionError()
        receiver.may_answer.set()
        came(beside)
        visit(beside)
        row = JobRow.objects.get(name="testing.outside")
        assert (row.state, row.error_code) == ("waiting", "ConnectionError")

    def test_keep_their_lease_while_they_are_waited_for(self, tenant, receiver, beside):
        put("testing.outside")
        visit(beside)
        later = NOW + queue.LEASE - timedelta(seconds=1)
        visit(beside, now=later)
        assert JobRow.objects.get(name="testing.outside").lease_until == later + queue.LEASE

    def test_change_nothing_once_their_lease_was_lost(self, tenant, receiver, beside):
        put("testing.outside")
        visit(beside)
        queue.claim(now=NOW + queue.LEASE, only=("testing.outside",))  # by another worker
        receiver.may_answer.set()
        came(beside)
        visit(beside)
        assert receiver.settled == []

    def test_wait_for_room_and_are_told_of_it(self, tenant, receiver, beside):
        for _visit in range(2):  # what recurs is planned and done
            api.visit(now=NOW, budget_ms=60_000)
        put(*["testing.outside"] * (callers.OF_ONE + 1))
        result = visit(beside)
        assert receiver.asked == callers.OF_ONE
        assert result.next_due_at is None or result.next_due_at > NOW
        receiver.may_answer.set()
        came(beside)
        came(beside)
        visit(beside)
        came(beside)
        visit(beside)
        assert receiver.settled == ["answer"] * (callers.OF_ONE + 1)

    def test_are_waited_for_where_there_is_no_loop(self, tenant, receiver):
        put("testing.outside")
        receiver.may_answer.set()
        api.visit(now=NOW, budget_ms=5_000, only=("testing.outside",))
        assert receiver.settled == ["answer"]

    def test_are_named_to_be_settled_when_the_loop_ends(self, tenant, receiver, beside):
        put("testing.outside")
        visit(beside)
        receiver.may_answer.set()
        assert beside[0].close() == (tenant.key,)
        assert visiting.settle(beside[0], now=NOW) == 1
        assert receiver.settled == ["answer"]

    def test_keep_their_own_transactions(self):
        with pytest.raises(ValueError, match="short"):
            extensions.job("testing.both", is_outside=True)
