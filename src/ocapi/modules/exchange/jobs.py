"""Background work of exchange."""

from datetime import datetime, timedelta

from ocapi.kernel.jobs.extensions import job
from ocapi.modules.exchange import api


@job("exchange.publish_snapshot", every=timedelta(minutes=10), is_atomic=False, is_prompt=True)
def publish_snapshot(*, now: datetime) -> None:
    """Write the policy snapshot, without which the data plane lets nobody in."""
    api.publish_snapshot(now=now)


@job("exchange.tidy", every=timedelta(hours=1))
def tidy(*, now: datetime) -> None:
    """Forget spent assertions and old failed attempts."""
    api.tidy(now=now)
