"""Background work of cases."""

from datetime import datetime, time

from ocapi.kernel.jobs.extensions import job
from ocapi.modules.cases import api


@job("cases.forget_request_keys", at=time(3, 40))
def forget_request_keys(*, now: datetime) -> None:
    """Delete idempotency keys that are past their 31 days."""
    api.forget_request_keys(now=now)
