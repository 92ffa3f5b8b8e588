"""Writes of capture: streams and the hourly figures of an import."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ocapi.lib import ids
from ocapi.modules.capture.data import HourlyFigure, StreamFacts
from ocapi.modules.capture.models import HourRow, StreamRow


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
    """Write the hourly figures of an import, replacing those of the same hours; gives how many."""
    with transaction.atomic():
        stream = describe(facts, now=now)
        rows = [
            HourRow(stream=stream, hour=each.hour, n=each.n, total=each.total, minimum=each.minimum,
                    maximum=each.maximum)
            for each in figures
        ]
        HourRow.objects.bulk_create(
            rows, batch_size=500, update_conflicts=True, unique_fields=["stream", "hour"],
            update_fields=["n", "total", "minimum", "maximum"],
        )
    return len(rows)
