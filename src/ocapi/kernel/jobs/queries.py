"""Reads of jobs, subscriptions and deliveries."""

from typing import TypeAlias

from django.db import models

from ocapi.kernel.jobs import data
from ocapi.kernel.jobs.models import DeliveryRow, FollowRow, JobRow, SubscriptionRow

DeliveryRows: TypeAlias = "models.QuerySet[DeliveryRow]"


def dead_jobs(*, limit: int) -> tuple[data.DeadJob, ...]:
    """Give the jobs that were given up, newest first."""
    rows = JobRow.objects.filter(state=data.JobState.DEAD.value).order_by("-due_at", "-id")[:limit]
    return tuple(
        data.DeadJob(
            uuid=row.uuid, name=row.name, arguments=row.arguments, attempts=row.attempts,
            error_code=row.error_code, error_text=row.error_text, died_at=row.due_at,
        )
        for row in rows
    )


def subscription(row: SubscriptionRow) -> data.Subscription:
    """Give a row as data."""
    return data.Subscription(
        uuid=row.uuid, url=row.url, patterns=tuple(row.patterns), state=data.SubscriptionState(row.state),
        ended_reason=row.ended_reason, organization=row.organization,
    )


def subscriptions() -> tuple[data.Subscription, ...]:
    """Give every subscription, oldest first."""
    return tuple(subscription(row) for row in SubscriptionRow.objects.order_by("id"))


def followed(row: FollowRow) -> data.Followed:
    """Give a row as data."""
    return data.Followed(uuid=row.uuid, source=row.source, patterns=tuple(row.patterns))


def follows() -> tuple[data.Followed, ...]:
    """Give every followed organization, oldest first."""
    return tuple(followed(row) for row in FollowRow.objects.order_by("id"))


def deliveries(*, state: data.DeliveryState | None, cursor: str, page_size: int) -> data.DeliveryPage:
    """Give a page of deliveries, newest first."""
    rows = DeliveryRow.objects.select_related("subscription").order_by("-id")
    if state is not None:
        rows = rows.filter(state=state.value)
    if cursor:
        if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
            raise data.InvalidCursor(cursor)
        rows = rows.filter(id__lt=int(cursor))
    found = list(rows[: page_size + 1])
    shown = found[:page_size]
    more = str(shown[-1].id) if len(found) > page_size else ""
    return data.DeliveryPage(items=tuple(_delivery(row) for row in shown), cursor=more)


def _delivery(row: DeliveryRow) -> data.Delivery:
    return data.Delivery(
        uuid=row.uuid, subscription=row.subscription.uuid, event=row.event, event_type=row.event_type,
        subject=row.subject, sequence=row.sequence, state=data.DeliveryState(row.state),
        attempts=row.attempts, due_at=row.due_at, status=row.status, error_code=row.error_code,
    )
