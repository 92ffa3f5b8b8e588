"""Recurring jobs: each is put into the queue once per due time, also after the worker was down."""

import zlib
from datetime import datetime

from django.db import transaction

from ocapi.kernel.jobs import queue, timing
from ocapi.kernel.jobs.extensions import JobKind, jobs
from ocapi.kernel.jobs.models import ScheduleRow
from ocapi.kernel.tenants import api as tenants


def plan(*, now: datetime) -> int:
    """Put every recurring job that is due into the queue; due times missed meanwhile count once."""
    recurring = [kind for kind in jobs if kind.every is not None or kind.at is not None]
    known = dict(ScheduleRow.objects.values_list("name", "due_at"))
    planned = 0
    for kind in recurring:
        due_at = known.get(kind.name)
        if due_at is None:
            ScheduleRow.objects.get_or_create(name=kind.name, defaults={"due_at": _first(kind, now)})
        elif due_at <= now:
            planned += _put(kind, due_at, now)
    return planned


def _put(kind: JobKind, due_at: datetime, now: datetime) -> int:
    with transaction.atomic():
        # The condition on due_at lets one of several workers win.
        unmoved = ScheduleRow.objects.filter(name=kind.name, due_at=due_at)
        moved = unmoved.update(due_at=_next(kind, due_at, now))
        if moved:
            queue.put(job=kind.name, arguments={}, due_at=now, key="recurring")
    return moved


def _next(kind: JobKind, due_at: datetime, now: datetime) -> datetime:
    if kind.every is not None:
        return timing.next_by_interval(every=kind.every, due_at=due_at, now=now)
    assert kind.at is not None
    return timing.next_by_wall_clock(at=kind.at, after=now)


def _first(kind: JobKind, now: datetime) -> datetime:
    if kind.is_prompt:
        return now
    if kind.every is None:
        return _next(kind, now, now)
    # Organizations start at different points of the interval, so that they do not all come at once.
    share = zlib.crc32(tenants.current().uuid.bytes + kind.name.encode()) / 2**32
    return now + kind.every * share


def next_due_at() -> datetime | None:
    """Give when the next recurring job is due, or None."""
    names = [kind.name for kind in jobs if kind.every is not None or kind.at is not None]
    rows = ScheduleRow.objects.filter(name__in=names).order_by("due_at")
    return rows.values_list("due_at", flat=True).first()
