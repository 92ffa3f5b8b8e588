"""Background work of insight."""

from datetime import datetime, time, timedelta

from ocapi.kernel.jobs.extensions import job
from ocapi.modules.insight import api


@job("insight.publish_figures", at=time(4, 20))
def publish_figures(*, now: datetime) -> None:
    """Publish the figures of the twelve months up to the last complete one, once."""
    api.publish_figures(now=now)


@job("insight.compute_indicators", every=timedelta(hours=1), is_atomic=False)
def compute_indicators(*, now: datetime) -> None:
    """Renew the datasets of our own and compute the indicators whose formula or data are new."""
    api.compute_indicators(now=now)
