"""The loop itself, in a thread, and crash points in a process. Not covered: hundreds of organizations."""

import os
import subprocess
import sys
import textwrap
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from ocapi.kernel.jobs import api, extensions, worker
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW
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


class TestCrash:
    @pytest.mark.parametrize(
        "name", ["jobs.claim.after_commit", "jobs.run.before_run", "jobs.finish.before_commit",
                 "jobs.finish.after_commit"],
    )
    def test_leaves_each_effect_exactly_once(self, committed_tenant, name):
        if connection.vendor == "postgresql":
            pytest.skip("the child would start a server of its own")
        api.enqueue(job="testing.count", arguments={}, due_at=NOW)
        tenants.close_connections()
        assert self.child(committed_tenant.key, crash=f"{name}:1") == crashpoint.STATUS
        assert self.child(committed_tenant.key, crash="") == 0
        assert outbox.position(reader="testing.count") == 1

    def child(self, key, *, crash):
        program = textwrap.dedent(f"""
            import django
            django.setup()
            from datetime import timedelta
            from ocapi.kernel.jobs import api, extensions
            from ocapi.kernel.outbox import api as outbox
            from ocapi.kernel.tenants import api as tenants
            from ocapi.kernel.tenants.testing import NOW
            def count(*, now):
                reader = "testing.count"
                outbox.advance(reader=reader, to=outbox.position(reader=reader) + 1)
            extensions.job("testing.count")(count)
            with tenants.bind({key!r}):
                api.visit(now=NOW, budget_ms=5000)
                api.visit(now=NOW + timedelta(minutes=2), budget_ms=5000)
        """)
        env = {**os.environ, crashpoint.VARIABLE: crash}
        return subprocess.run([sys.executable, "-c", program], env=env, check=False).returncode


@pytest.fixture(autouse=True)
def _counting(monkeypatch):
    monkeypatch.setattr(extensions.jobs, "_providers", dict(extensions.jobs._providers))
    extensions.job("testing.count")(lambda *, now: None)
