"""Background work of council."""

from datetime import datetime, timedelta

from ocapi.kernel.jobs.extensions import job
from ocapi.modules.council import api


@job("council.report", every=timedelta(minutes=5), is_atomic=False)
def report(*, now: datetime) -> None:
    """Tell the supervisor of what was published; the decree asks for the same day."""
    api.report_due(now=now)
