"""Background work of insight."""

from datetime import datetime, time

from ocapi.kernel.jobs.extensions import job
from ocapi.modules.insight import api


@job("insight.publish_figures", at=time(4, 20))
def publish_figures(*, now: datetime) -> None:
    """Publish the figures of the twelve months up to the last complete one, once."""
    api.publish_figures(now=now)
