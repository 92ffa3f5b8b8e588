"""The kernel's own jobs: how often. Not covered: what each does, which is with the part that does it."""

from datetime import timedelta

from ocapi.kernel.jobs import standing
from ocapi.kernel.jobs.extensions import jobs


class TestEndedSessions:
    def test_are_removed_each_hour(self) -> None:
        standing.register()
        found = jobs.find("jobs.remove_ended_sessions")
        assert found is not None and found.every == timedelta(hours=1)
