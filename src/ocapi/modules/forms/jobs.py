"""Background work of forms."""

from datetime import datetime, time

from ocapi.kernel.jobs.extensions import job
from ocapi.lib import actor
from ocapi.modules.forms import api

EXPIRE = "forms.expire_drafts"


@job(EXPIRE, at=time(3, 10))
def expire_drafts(*, now: datetime) -> None:
    """Delete the drafts whose days are over, every night; a rest is left for the next night."""
    api.delete_expired(actor=actor.system(EXPIRE), now=now)
