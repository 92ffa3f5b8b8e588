"""Keeps linked data behind a dataset in step with it, in a job beside the request that opens or closes it."""

from datetime import UTC, datetime
from uuid import UUID

from ocapi.kernel.jobs import api as jobs
from ocapi.modules.opendata import queries
from ocapi.modules.opendata.data import State
from ocapi.modules.opendata.extensions import linked_sources
from ocapi.modules.opendata.models import DatasetRow

JOB = "opendata.link"


def plan(row: DatasetRow, *, now: datetime) -> None:
    """Have linked data follow a dataset that was opened, renewed or withdrawn, in its transaction."""
    if linked_sources.find(row.source) is not None:
        since = row.issued_at.astimezone(UTC).isoformat()
        jobs.enqueue(
            job=JOB, arguments={"dataset": str(row.uuid), "since": since}, due_at=now,
            key=f"{JOB}.{row.uuid}.{since}",
        )


def follow(*, dataset: UUID, since: datetime, now: datetime) -> None:
    """Bring or take away what stands behind a dataset, as it is open since then or no more."""
    row = queries.dataset_row(uuid=dataset)
    source = linked_sources.get(row.source)
    if row.state == State.PUBLISHED and row.issued_at == since:
        source.bring(code=row.offer, since=since, now=now)
    else:
        source.take_away(code=row.offer, since=since, now=now)
