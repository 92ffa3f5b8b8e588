"""Background work of council."""

from datetime import datetime, timedelta

from ocapi.kernel.jobs.extensions import Outside, job
from ocapi.modules.council import api


@job("council.report", every=timedelta(minutes=5), is_atomic=False, is_outside=True)
def report(*, now: datetime) -> Outside | None:
    """Tell the supervisor of what was published; the decree asks for the same day."""
    return api.report_due(now=now)
