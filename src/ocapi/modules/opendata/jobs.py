"""Background work of opendata: renewing our own rows and harvesting sources."""

from datetime import datetime, time
from uuid import UUID

from ocapi.kernel.jobs.extensions import job
from ocapi.modules.opendata import api


@job("opendata.renew", at=time(2, 40), is_atomic=False)
def renew(*, now: datetime) -> None:
    """Renew the rows of our own datasets."""
    api.renew(now=now)


@job("opendata.plan_harvests", at=time(3, 30))
def plan_harvests(*, now: datetime) -> None:
    """Put a harvest of each active source into the queue."""
    api.plan_harvests(now=now)


@job("opendata.harvest", is_atomic=False, is_long=True)
def harvest(*, source: str, now: datetime) -> None:
    """Harvest one source."""
    api.harvest(source=UUID(source), now=now)


@job(api.EMPTY_SOURCE, is_atomic=False, is_long=True)
def empty_source(*, source: str, now: datetime) -> None:
    """Take the datasets of a stopped source out of the catalogue."""
    api.empty_source(source=UUID(source), now=now)


@job("opendata.link", is_atomic=False)
def link(*, dataset: str, since: str, now: datetime) -> None:
    """Bring linked data behind a dataset up to date, or take it away."""
    api.link(dataset=UUID(dataset), since=datetime.fromisoformat(since), now=now)
