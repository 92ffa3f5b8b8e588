"""Long jobs: those of an organization run in a process of its own, beside the worker's loop.

The loop serves one organization after the other. A job that waits for somebody else for minutes, such as a
harvest of a source that drips, would keep letters, terms and revocations of all of them waiting.
"""

import random as chance
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from ocapi.kernel.jobs import queue, running
from ocapi.kernel.jobs.data import JobState
from ocapi.kernel.jobs.extensions import jobs
from ocapi.kernel.jobs.models import JobRow
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock

MOST = 2  # at once, over all organizations: each is a process as large as the worker
STOP_WITHIN_S = 2.0


class Process(Protocol):
    """What of `subprocess.Popen` is needed here."""

    def poll(self) -> int | None:
        """Give the exit code, None while it works."""

    def terminate(self) -> None:
        """Ask it to end."""

    def wait(self, timeout: float) -> int:
        """Wait until it ended."""


class Errands:
    """The processes that work on long jobs, by organization. start: begins one for an organization."""

    def __init__(self, start: Callable[[str], Process]) -> None:
        self._start = start
        self._held: dict[str, Process] = {}

    def tend(self, *, now: datetime) -> None:
        """See to the long jobs of the bound organization: keep their lease while its process works, or start
        one when something is due and there is room. Without room the next sweep looks again.
        """
        self._held = {key: each for key, each in self._held.items() if each.poll() is None}
        key, names = tenants.current().key, long_names()
        if key in self._held:
            held = JobRow.objects.filter(name__in=names, state=JobState.RUNNING.value, lease_until__gt=now)
            held.update(lease_until=now + queue.LEASE)  # one that ended was left behind, and is claimed anew
        elif names and len(self._held) < MOST and queue.claimable(now, only=names).exists():
            self._held[key] = self._start(key)

    def close(self) -> None:
        """End every process; what it worked on is taken up again once its lease ends."""
        for each in self._held.values():
            each.terminate()
        for each in self._held.values():
            each.wait(timeout=STOP_WITHIN_S)
        self._held = {}


def long_names() -> tuple[str, ...]:
    """Give the names of the long jobs."""
    return tuple(each.name for each in jobs if each.is_long)


def work_off() -> int:
    """Do the long jobs that are due in the bound organization, one after the other; gives how many."""
    done = 0
    while claimed := queue.claim(now=clock.now(), only=long_names()):
        running.run(claimed, now=clock.now(), random=chance.random)
        done += 1
    return done
