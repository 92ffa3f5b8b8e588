"""Writes of capture: streams, hourly figures, and the roll-up of the inbox."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, crashpoint, ids, quality, seglog
from ocapi.modules.capture.data import HourlyFigure, StreamFacts
from ocapi.modules.capture.models import FlagRow, HourRow, SeenRow, StreamRow, WatermarkRow

BATCH = 5_000  # inbox records in one transaction
log = logging.getLogger("ocapi.capture")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    stream: str
    id: str
    at: datetime
    value: float
    client: str = ""
    receivedAt: datetime | None = None  # noqa: N815  (written by the data plane)


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


def roll_up() -> int:
    """Add what the inbox holds since last time to the hourly rows; gives how many readings were new.

    Each new reading is judged by the rules of its stream as they are now; its flags are kept, and it counts.
    """
    folder = tenants.folder() / "inbox"
    if not folder.exists():
        return 0
    added = 0
    with transaction.atomic():
        watermark, _made = WatermarkRow.objects.get_or_create(id=1, defaults={"sequence": 0})
        known = {row.code: row for row in StreamRow.objects.all()}
        touched: dict[str, StreamRow] = {}
        flags: list[FlagRow] = []
        for count, record in enumerate(seglog.read(folder, after_sequence=watermark.sequence), start=1):
            reading = codec.decode_json(record.payload, _Reading)
            stream = known.get(reading.stream)
            if stream is not None and _add(stream, reading):
                added += 1
                touched[stream.code] = stream
                flags += _judged(stream, reading)
            watermark.sequence = record.sequence
            if count >= BATCH:
                break
        FlagRow.objects.bulk_create(flags, batch_size=500)
        StreamRow.objects.bulk_update(
            touched.values(), ["newest_at", "newest_value", "same_since"], batch_size=200
        )
        crashpoint.point("capture.rollup.before_commit")
        watermark.save(update_fields=["sequence"])
    crashpoint.point("capture.rollup.after_commit")
    return added


def _judged(stream: StreamRow, reading: _Reading) -> list[FlagRow]:
    """Give the flags of a reading, and note it on the stream when it is its newest."""
    known = None
    if stream.newest_at is not None:
        since = stream.same_since or stream.newest_at
        known = quality.Known(value=stream.newest_value, at=stream.newest_at, same_since=since)
    received = reading.receivedAt or reading.at
    rules, problem = quality.sound_rules(stream.rules)
    if problem:
        log.warning("rules can't be applied", extra={"stream": stream.code, "reason": problem})
    verdict = quality.judge(
        reading.value, at=reading.at, rules=rules, known=known, now=received,
        is_number=True,
    )
    if not verdict.is_ahead and (known is None or reading.at >= known.at):
        stream.newest_at, stream.newest_value = reading.at, reading.value
        stream.same_since = verdict.same_since
    return [
        FlagRow(stream=stream, message=reading.id, flag=each.flag.value, is_fault=each.is_fault,
                at=reading.at, value=reading.value)
        for each in verdict.remarks
    ]


def _add(stream: StreamRow, reading: _Reading) -> bool:
    _seen, is_new = SeenRow.objects.get_or_create(stream=stream, message=reading.id)
    if not is_new:
        return False
    hour = reading.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    value = round(reading.value)
    row, made = HourRow.objects.get_or_create(
        stream=stream, hour=hour, defaults={"n": 1, "total": value, "minimum": value, "maximum": value}
    )
    if not made:
        row.n, row.total = row.n + 1, row.total + value
        row.minimum, row.maximum = min(row.minimum, value), max(row.maximum, value)
        row.save(update_fields=["n", "total", "minimum", "maximum"])
    return True
