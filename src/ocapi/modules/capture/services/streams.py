"""Writes of capture: streams and the hourly figures of an import."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from ocapi.lib import clock, ids
from ocapi.modules.capture import sums
from ocapi.modules.capture.data import HourlyFigure, StreamFacts
from ocapi.modules.capture.models import DayRow, HourRow, StreamRow
from ocapi.modules.capture.services import rolling


def describe(facts: StreamFacts, *, now: datetime) -> StreamRow:
    """Make a stream, or renew its description."""
    values = {
        "title": facts.title, "unit": facts.unit, "place": facts.place, "source": facts.source,
        "license": facts.license, "quality": facts.quality,
    }
    row, _made = StreamRow.objects.update_or_create(
        code=facts.code, defaults=values, create_defaults={"uuid": ids.new_uuid(now), **values}
    )
    return row


def replace_hours(*, facts: StreamFacts, figures: Iterable[HourlyFigure], now: datetime) -> int:
    """Write the hourly figures of an import, replacing those of the same hours; gives how many.

    Figures of a day whose hours are kept no longer replace that day.
    """
    with transaction.atomic():
        stream = describe(facts, now=now)
        rows, of_days, count = [], dict[tuple[int, date], sums.Sum](), 0
        for each in figures:
            count += 1
            held = sums.Sum(n=each.n, **{name: getattr(each, name) * sums.E6 for name in sums.FIGURES})
            day = clock.local_day(each.hour)
            if stream.folded_to is not None and day < stream.folded_to:
                of_days.setdefault((stream.id, day), sums.Sum()).add(held)
            else:
                rows.append(HourRow(stream=stream, hour=each.hour, **held.columns()))
        for stream_id, day in of_days:
            DayRow.objects.filter(stream_id=stream_id, day=day).delete()
        rolling.add_up(DayRow, "day", of_days)
        HourRow.objects.bulk_create(
            rows, batch_size=500, update_conflicts=True, unique_fields=["stream", "hour"],
            update_fields=sums.COLUMNS,
        )
    return count
