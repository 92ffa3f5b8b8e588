"""Background work of notify."""

from datetime import datetime
from uuid import UUID

from ocapi.kernel.jobs.extensions import Outside, job
from ocapi.modules.notify import api


@job("notify.deliver", is_atomic=False, is_outside=True)
def deliver(*, delivery: str, now: datetime) -> Outside | None:
    """Carry the message named by its channel; not atomic, because the mail server is outside."""
    return api.deliver(delivery=UUID(delivery), now=now)
