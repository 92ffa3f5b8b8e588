"""Long jobs beside the worker's loop. Not covered: the process itself, which is started by hand."""

from datetime import timedelta

import pytest

from ocapi.kernel.jobs import api, errands, extensions, queue, visiting
from ocapi.kernel.jobs.models import JobRow
from ocapi.kernel.tenants.testing import NOW


class Child:
    """A process as the loop sees it."""

    def __init__(self):
        self.code = None

    def poll(self):
        return self.code

    def terminate(self):
        self.code = -15

    def wait(self, timeout):
        return self.code


class Children(errands.Errands):
    """Starts children that do nothing by themselves."""

    def __init__(self):
        self.started = []
        super().__init__(self.begin)

    def begin(self, key):
        self.started.append((key, Child()))
        return self.started[-1][1]


@pytest.fixture
def done(monkeypatch):
    """Declare a long and a short job; gives what was done."""
    found = []
    monkeypatch.setattr(extensions.jobs, "_providers", dict(extensions.jobs._providers))
    extensions.job("testing.long", is_atomic=False, is_long=True)(lambda *, now: found.append("long"))
    extensions.job("testing.short")(lambda *, now: found.append("short"))
    return found


def visit(children, *, now=NOW):
    return visiting.visit(now=now, budget_ms=5_000, max_jobs=50, courier=None, errands=children)


def put(*names):
    for name in names:
        api.enqueue(job=name, arguments={}, due_at=NOW)


class TestLongJobs:
    def test_are_left_to_a_process_of_the_organization(self, tenant, done):
        put("testing.long", "testing.short")
        children = Children()
        visit(children)  # plans what recurs, which is due at once
        result = visit(children)
        assert (done, [key for key, _child in children.started]) == (["short"], [tenant.key])
        assert result.next_due_at is None or result.next_due_at > NOW

    def test_start_no_second_process_while_one_works(self, tenant, done):
        put("testing.long")
        children = Children()
        visit(children)
        put("testing.long")
        visit(children)
        assert len(children.started) == 1

    def test_are_taken_up_again_when_their_process_ended_too_early(self, tenant, done):
        put("testing.long")
        children = Children()
        visit(children)
        queue.claim(now=NOW, only=("testing.long",))
        children.started[0][1].code = 1
        visit(children, now=NOW + queue.LEASE / 2)
        assert len(children.started) == 1
        visit(children, now=NOW + queue.LEASE)
        assert len(children.started) == 2

    def test_keep_their_lease_while_their_process_works(self, tenant, done):
        put("testing.long")
        children = Children()
        visit(children)
        queue.claim(now=NOW, only=("testing.long",))
        later = NOW + timedelta(seconds=50)
        visit(children, now=later)
        assert JobRow.objects.get(name="testing.long").lease_until == later + queue.LEASE

    def test_get_no_lease_again_once_it_ended(self, tenant, done):
        put("testing.long")
        queue.claim(now=NOW, only=("testing.long",))  # by a worker that was killed
        children = Children()
        visit(children, now=NOW + queue.LEASE)
        visit(children, now=NOW + queue.LEASE)
        assert queue.claim(now=NOW + queue.LEASE, only=("testing.long",)) is not None

    def test_wait_for_room(self, tenant, done, monkeypatch):
        monkeypatch.setattr(errands, "MOST", 0)
        put("testing.long")
        children = Children()
        visit(children)
        assert (children.started, done) == ([], [])

    def test_are_done_one_after_the_other_in_their_process(self, tenant, done):
        put("testing.long", "testing.short", "testing.long")
        assert api.work_off_long() == 2
        assert done == ["long", "long"]

    def test_are_done_in_place_where_there_is_no_loop(self, tenant, done):
        put("testing.long")
        api.visit(now=NOW, budget_ms=5_000)
        assert done == ["long"]

    def test_end_with_the_worker(self, tenant, done):
        put("testing.long")
        children = Children()
        visit(children)
        children.close()
        assert children.started[0][1].code == -15

    def test_keep_their_own_transactions(self):
        with pytest.raises(ValueError, match="short"):
            extensions.job("testing.both", is_long=True)
