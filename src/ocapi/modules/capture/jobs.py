"""Background work of capture."""

from datetime import datetime, time, timedelta
from uuid import UUID

from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.jobs.extensions import job
from ocapi.lib import clock
from ocapi.modules.capture import api

SOON = timedelta(seconds=1)  # between two looks at a load that goes on


@job("capture.roll_up", every=timedelta(minutes=1), is_atomic=False)
def roll_up(*, now: datetime) -> None:
    """Roll up what the data plane put into the inbox since last time; come back at once for what is left."""
    before = api.last_added_up()
    api.roll_up()
    if api.last_added_up() > before and api.has_more_to_add():
        jobs.enqueue(job="capture.roll_up", arguments={}, due_at=now, key="recurring")


@job("capture.load", is_atomic=False)
def load(*, upload: str, now: datetime) -> None:
    """Do the next step of a file of readings, and come back for the one after it."""
    if api.carry_on(upload=UUID(upload), now=now):
        jobs.enqueue(
            job="capture.load", arguments={"upload": upload}, due_at=now + SOON, key=f"load/{upload}"
        )


@job("capture.add_load", is_atomic=False, is_long=True)
def add_load(*, upload: str, now: datetime) -> None:
    """Add the readings of a file that was accepted to the hours: minutes of work for a large one."""
    while api.carry_on(upload=UUID(upload), now=clock.now()):
        pass


@job("capture.keep_tiers", at=time(4, 20), is_atomic=False)
def keep_tiers(*, now: datetime) -> None:
    """Let readings and figures go that are kept no longer."""
    api.keep_tiers(now=now)


@job("capture.sweep_loads", at=time(4, 10), is_atomic=False)
def sweep_loads(*, now: datetime) -> None:
    """Take away files of readings nobody went on with."""
    api.sweep_loads(now=now)


@job("capture.forget_seen", at=time(4, 20), is_atomic=False)
def forget_seen(*, now: datetime) -> None:
    """Forget ids of messages that nobody repeats any more."""
    api.forget_seen(now=now)


@job("capture.seal_passwords", every=timedelta(days=1), is_prompt=True, is_atomic=False)
def seal_passwords(*, now: datetime) -> None:
    """Seal passwords for brokers that an earlier release kept in the clear."""
    api.seal_passwords()


@job("capture.compact", every=timedelta(minutes=1), is_atomic=False)
def compact(*, now: datetime) -> None:
    """Put readings of entities from the log of the data plane into files."""
    api.compact(now=now)
