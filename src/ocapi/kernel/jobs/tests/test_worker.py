"""The loop itself, in a thread, and crash points in a process. Not covered: hundreds of organizations."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction

from ocapi.kernel.jobs import api, extensions, worker
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.tenants.testing import NOW, another_process, ended
from ocapi.lib import clock, crashpoint

DEADLINE_S = 20


class TestAgenda:
    def test_gives_the_soonest_first_and_each_once(self):
        agenda = worker.Agenda()
        for key, minutes in (("a", 3), ("b", 1), ("a", 2), ("b", 5)):
            agenda.set(key, NOW + timedelta(minutes=minutes))
        later = NOW + timedelta(minutes=10)
        assert [agenda.take(later) for _ in range(3)] == ["b", "a", None]

    def test_gives_nothing_before_its_time(self):
        agenda = worker.Agenda()
        agenda.set("a", NOW + timedelta(seconds=1))
        assert agenda.take(NOW) is None
        assert agenda.next_due_at() == NOW + timedelta(seconds=1)


class TestWorkerLoop:
    def test_runs_a_job_soon_after_its_commit(self, committed_tenant, monkeypatch):
        done, stop = threading.Event(), threading.Event()
        monkeypatch.setattr(extensions.jobs, "_providers", dict(extensions.jobs._providers))
        extensions.job("testing.ring")(lambda *, now: done.set())
        loop = threading.Thread(target=api.worker_loop, args=(stop,))
        loop.start()
        try:
            with transaction.atomic():
                api.enqueue(job="testing.ring", arguments={}, due_at=clock.now())
            assert done.wait(DEADLINE_S)
        finally:
            stop.set()
            loop.join(DEADLINE_S)
        assert not loop.is_alive()
        assert not outbox.worker_socket().exists()


    def test_goes_on_when_what_is_done_each_sweep_fails(self, committed_tenant, monkeypatch):
        asked, stop = list[int](), threading.Event()

        def failing():
            asked.append(len(asked))
            if len(asked) == 3:
                stop.set()
            raise OSError

        monkeypatch.setattr(worker, "SWEEP", timedelta())
        worker.worker_loop(stop, on_sweep=failing)
        assert asked == [0, 1, 2]


class TestCrash:
    @pytest.mark.parametrize(
        "name", ["jobs.claim.after_commit", "jobs.run.before_run", "jobs.finish.before_commit",
                 "jobs.finish.after_commit"],
    )
    def test_leaves_each_effect_exactly_once(self, committed_tenant, name):
        api.enqueue(job="testing.count", arguments={}, due_at=NOW)
        assert ended(another_process(work_off, crash=f"{name}:1")) == crashpoint.STATUS
        assert ended(another_process(work_off)) == 0
        assert outbox.position(reader="testing.count") == 1


def work_off():
    def count(*, now):
        reader = "testing.count"
        outbox.advance(reader=reader, to=outbox.position(reader=reader) + 1)

    extensions.jobs._providers.pop("testing.count")
    extensions.job("testing.count")(count)
    api.visit(now=NOW, budget_ms=5000)
    api.visit(now=NOW + timedelta(minutes=2), budget_ms=5000)


@pytest.fixture(autouse=True)
def _counting(monkeypatch):
    monkeypatch.setattr(extensions.jobs, "_providers", dict(extensions.jobs._providers))
    extensions.job("testing.count")(lambda *, now: None)
