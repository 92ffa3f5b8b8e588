"""Background work of linkeddata: what follows the objects of a service."""

from datetime import datetime

from ocapi.kernel.jobs.extensions import job
from ocapi.modules.linkeddata import api


@job(api.KEEP_PAGES, is_atomic=False)
def keep_pages(*, service: str, now: datetime) -> None:
    """Keep full pages of a feed."""
    api.keep_full_pages(service=service, now=now)


@job(api.KEEP_INDEX, is_atomic=False)
def keep_index(*, service: str, now: datetime) -> None:
    """Bring what is new in a service into the index."""
    api.keep_index(service=service, now=now)
