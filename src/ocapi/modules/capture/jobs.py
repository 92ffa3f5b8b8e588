"""Background work of capture."""

from datetime import datetime, timedelta

from ocapi.kernel.jobs.extensions import job
from ocapi.modules.capture import api


@job("capture.roll_up", every=timedelta(minutes=1))
def roll_up(*, now: datetime) -> None:
    """Roll up what the data plane put into the inbox since last time."""
    api.roll_up()


@job("capture.seal_passwords", every=timedelta(days=1), is_prompt=True, is_atomic=False)
def seal_passwords(*, now: datetime) -> None:
    """Seal passwords for brokers that an earlier release kept in the clear."""
    api.seal_passwords()


@job("capture.compact", every=timedelta(minutes=1), is_atomic=False)
def compact(*, now: datetime) -> None:
    """Put readings of entities from the log of the data plane into files."""
    api.compact(now=now)
