"""Reads of capture."""

import hashlib
from datetime import datetime, timedelta

from django.db.models import Max

from ocapi.lib import clock
from ocapi.modules.capture.data import Bucket, StreamFacts, StreamNotFound, UnknownStep
from ocapi.modules.capture.models import HourRow, PartRow, StreamRow, WatermarkRow

MOST_STREAMS = 500
MOST_HOURS = 24 * 366 * 2


def streams() -> tuple[StreamFacts, ...]:
    """Give all streams by title with their newest hour."""
    rows = StreamRow.objects.annotate(last_hour=Max("hours__hour")).order_by("title", "id")[:MOST_STREAMS]
    return tuple(_facts(row) for row in rows)


def stream(code: str) -> StreamFacts:
    """Give one stream, or raise StreamNotFound."""
    row = StreamRow.objects.annotate(last_hour=Max("hours__hour")).filter(code=code).first()
    if row is None:
        raise StreamNotFound(code)
    return _facts(row)


def _facts(row: StreamRow) -> StreamFacts:
    return StreamFacts(
        code=row.code,
        title=row.title,
        unit=row.unit,
        place=row.place,
        source=row.source,
        license=row.license,
        quality=row.quality,
        last_hour=row.last_hour,
    )


def series(*, code: str, from_at: datetime, to_at: datetime, step: str) -> tuple[Bucket, ...]:
    """Give a series of periods; days and months are those of Brussels, so a day has 23, 24 or 25 hours."""
    if step not in ("hour", "day", "month"):
        raise UnknownStep(step)
    rows = HourRow.objects.filter(stream__code=code, hour__gte=from_at, hour__lt=to_at).order_by("hour")
    sums: dict[datetime, tuple[int, int]] = {}
    for hour, n, total in rows.values_list("hour", "n", "total")[:MOST_HOURS]:
        start = start_of(hour, step)
        held = sums.get(start, (0, 0))
        sums[start] = (held[0] + n, held[1] + total)
    buckets = []
    start = start_of(from_at, step)
    while start < to_at:
        n, total = sums.get(start, (0, 0))
        buckets.append(Bucket(start=start, n=n, total=total, is_missing=start not in sums))
        start = following(start, step)
    return tuple(buckets)


def start_of(instant: datetime, step: str) -> datetime:
    """Give the start of the period an instant falls in."""
    if step == "hour":
        return instant.replace(minute=0, second=0, microsecond=0)
    local = instant.astimezone(clock.BRUSSELS).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return local.replace(day=1) if step == "month" else local


def following(start: datetime, step: str) -> datetime:
    """Give the start of the next period; local steps follow the calendar, not the clock."""
    if step == "hour":
        return start + timedelta(hours=1)
    if step == "day":
        return start + timedelta(days=1)  # wall-clock arithmetic in Brussels
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def last_added_up() -> int:
    """Give how far the inbox was read."""
    return WatermarkRow.objects.values_list("sequence", flat=True).first() or 0


def files_digest() -> str:
    """Give the SHA-256, in hexadecimal, of the hashes of all files with readings, each on a line, in order.

    Who holds the files, or the list the data plane is shown, can compute it without us.
    """
    found = PartRow.objects.order_by("first_sequence").values_list("sha256", flat=True)
    return hashlib.sha256("".join(f"{each}\n" for each in found).encode()).hexdigest()
