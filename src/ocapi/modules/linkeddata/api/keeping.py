"""What follows the objects of a service: full pages of its feed and the index, in bounded turns."""

from datetime import datetime

from ocapi.kernel.jobs import api as jobs
from ocapi.modules.linkeddata import feeds, indexing, queries, reaching
from ocapi.modules.linkeddata.data import Access

KEEP_PAGES, KEEP_INDEX = "linkeddata.keep_pages", "linkeddata.keep_index"


def plan_pages(*, service: str, now: datetime) -> None:
    """Have the full pages of a feed kept by a job; one that waits already does for all."""
    _plan(KEEP_PAGES, service, now)


def plan_index(*, service: str, now: datetime) -> None:
    """Have what is new in a service brought into the index by a job; one that waits already does for all."""
    _plan(KEEP_INDEX, service, now)


def keep_full_pages(*, service: str, now: datetime) -> int:
    """Keep full pages of a feed as files; again changes nothing. Gives how many were written.

    What one turn leaves is planned.
    """
    row = queries.service_row(service)
    if row.access == Access.PERSONAL:
        return 0
    kept = feeds.keep_full(row, base=reaching.base())
    if kept == feeds.KEPT_AT_ONCE:
        plan_pages(service=service, now=now)
    return kept


def keep_index(*, service: str, now: datetime) -> int:
    """Bring what is new in a service into the index; again changes nothing. Gives how many versions.

    What one turn leaves is planned. Raises IndexBusy.
    """
    done = indexing.catch_up(queries.service_row(service), base=reaching.base())
    if done == indexing.AT_ONCE:
        plan_index(service=service, now=now)
    return done


def _plan(job: str, service: str, now: datetime) -> None:
    jobs.enqueue(job=job, arguments={"service": service}, due_at=now, key=service)
