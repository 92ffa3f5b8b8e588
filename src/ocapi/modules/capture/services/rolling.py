"""Adds readings to the hours, each message once, many in one transaction; flags stay with their reading.

Readings come from the inbox and from uploads that were accepted: both are logs, read on from where the last
transaction ended.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock, crashpoint, inbox, quality, seglog
from ocapi.lib.inbox import Reading
from ocapi.modules.capture import sums
from ocapi.modules.capture.models import DayRow, FlagRow, HourRow, SeenRow, StreamRow, WatermarkRow

BATCH = 5_000  # readings in one transaction, unless one record brings more
MOST = 50_000  # readings in one turn
TURN_S = 0.5  # of one turn: the worker serves nobody else meanwhile; a batch that was begun is ended
ASKED = 500  # ids in one question to the database
LARGEST = 1e12  # of a value: sums of a million such in an hour still fit their column
YEARS = range(1900, 2200)  # of moments that are added up
log = logging.getLogger("ocapi.capture")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Readings that go into one transaction, and the sequence of the last one in their log."""

    readings: tuple[Reading, ...]
    last: int


def roll_up() -> int:
    """Add what the inbox holds since last time to the hourly rows; gives how many readings were new.

    Each new reading is judged by the rules of its stream as they are now; its flags are kept, and it counts.
    It stops after MOST readings or TURN_S, so that other organizations get their turn.
    """
    folder, ends_at = _inbox(), clock.monotonic() + TURN_S
    watermark, _made = WatermarkRow.objects.get_or_create(id=1, defaults={"sequence": 0})
    added = 0
    for batch in batches(folder, after=watermark.sequence):
        with transaction.atomic():
            added += add(batch.readings)
            watermark.sequence = batch.last
            crashpoint.point("capture.rollup.before_commit")
            watermark.save(update_fields=["sequence"])
        crashpoint.point("capture.rollup.after_commit")
        if clock.monotonic() > ends_at:
            break
    return added


def has_more() -> bool:
    """Tell whether the inbox holds what was not added up yet."""
    last = WatermarkRow.objects.filter(id=1).values_list("sequence", flat=True).first() or 0
    return next(batches(_inbox(), after=last, most=1), None) is not None


def _inbox() -> Path:
    return tenants.folder() / "inbox"


def batches(folder: Path, *, after: int, most: int = MOST) -> Iterator[Batch]:
    """Give the next readings of a log in batches; nothing for a log that is not there."""
    readings: list[Reading] = []
    left, last = most, 0
    for record in seglog.read(folder, after_sequence=after) if folder.is_dir() else ():
        readings += inbox.readings_of(record.payload)
        last = record.sequence
        if len(readings) >= min(BATCH, left):
            yield Batch(readings=tuple(readings), last=last)
            left -= len(readings)
            readings = []
        if left <= 0:
            return
    if readings:
        yield Batch(readings=tuple(readings), last=last)


def add(readings: Sequence[Reading]) -> int:
    """Add readings to the rows of their hours; call it in the transaction that moves the place in their log.

    Those of no known stream, and those whose id was seen before, add nothing. Gives how many were new.
    """
    rows = StreamRow.objects.select_for_update()  # so that hours of a stream do not become days meanwhile
    codes = {each.stream for each in readings}
    known = {row.code: row for row in rows.filter(code__in=codes).order_by("id")}
    fresh = _fresh(known, readings)
    hours: dict[tuple[int, datetime], sums.Sum] = {}
    days: dict[tuple[int, date], sums.Sum] = {}
    flags: list[FlagRow] = []
    for stream, reading in fresh:
        flags += _judged(stream, reading)
        if is_countable(reading.at, reading.value):
            day = clock.local_day(reading.at)
            if stream.folded_to is not None and day < stream.folded_to:  # late: its hour is a day by now
                held = days.setdefault((stream.id, day), sums.Sum())
            else:
                hour = reading.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
                held = hours.setdefault((stream.id, hour), sums.Sum())
            held.add(sums.one(reading.value))
        else:
            log.warning("a reading is outside what can be added up", extra={"stream": stream.code})
    SeenRow.objects.bulk_create(
        [SeenRow(stream=stream, message=reading.id, noted_on=_came_on(reading)) for stream, reading in fresh],
        batch_size=ASKED,
    )
    FlagRow.objects.bulk_create(flags, batch_size=ASKED, ignore_conflicts=True)
    add_up(HourRow, "hour", hours)
    add_up(DayRow, "day", days)
    touched = {stream.id: stream for stream, _reading in fresh}
    StreamRow.objects.bulk_update(
        touched.values(), ["newest_at", "newest_value", "same_since"], batch_size=200
    )
    return len(fresh)


def _came_on(reading: Reading) -> date | None:
    return reading.receivedAt.astimezone(UTC).date() if reading.receivedAt else None


def is_countable(at: datetime, value: float) -> bool:
    """Tell whether a reading can be added up; one that can't is kept in its log and has a flag."""
    return abs(value) <= LARGEST and at.astimezone(UTC).year in YEARS


def _fresh(known: dict[str, StreamRow], readings: Iterable[Reading]) -> list[tuple[StreamRow, Reading]]:
    """Give the readings of known streams that were not added before, in order, each once."""
    wanted: dict[tuple[int, str], tuple[StreamRow, Reading]] = {}
    for reading in readings:
        stream = known.get(reading.stream)
        if stream is not None:
            wanted.setdefault((stream.id, reading.id), (stream, reading))
    by_stream: dict[int, list[str]] = {}
    for stream_id, message in wanted:
        by_stream.setdefault(stream_id, []).append(message)
    for stream_id, messages in by_stream.items():
        for start in range(0, len(messages), ASKED):
            seen = SeenRow.objects.filter(
                stream_id=stream_id, message__in=messages[start : start + ASKED]
            ).values_list("message", flat=True)
            for message in list(seen):
                del wanted[stream_id, message]
    return list(wanted.values())


def add_up(
    rows_of: type[HourRow] | type[DayRow], period: str, added: dict[tuple[int, Any], sums.Sum]
) -> None:
    """Add sums to the rows of their hours or days, by stream and start."""
    by_stream: dict[int, list[Any]] = {}
    for stream_id, start in added:
        by_stream.setdefault(stream_id, []).append(start)
    changed: list[Any] = []
    for stream_id, starts in by_stream.items():
        for place in range(0, len(starts), ASKED):
            wanted = {"stream_id": stream_id, f"{period}__in": starts[place : place + ASKED]}
            for row in list(rows_of.objects.filter(**wanted)):
                held = added.pop((stream_id, getattr(row, period)))
                held.add(sums.of(vars(row)))
                for name, value in held.columns().items():
                    setattr(row, name, value)
                changed.append(row)
    rows_of.objects.bulk_update(changed, sums.COLUMNS, batch_size=ASKED)
    made = [
        rows_of(**{"stream_id": stream_id, period: start, **held.columns()})
        for (stream_id, start), held in added.items()
    ]
    rows_of.objects.bulk_create(made, batch_size=ASKED)


def _judged(stream: StreamRow, reading: Reading) -> list[FlagRow]:
    """Give the flags of a reading, and note it on the stream when it is its newest."""
    flags, same_since, newest_at = reading.flags, reading.at, stream.newest_at
    received = reading.receivedAt or reading.at
    if flags is None:
        rules, problem = quality.sound_rules(stream.rules)
        if problem:
            log.warning("rules can't be applied", extra={"stream": stream.code, "reason": problem})
        known = None
        if newest_at is not None:
            since = stream.same_since or newest_at
            known = quality.Known(value=stream.newest_value, at=newest_at, same_since=since)
        verdict = quality.judge(
            reading.value, at=reading.at, rules=rules, known=known, now=received, is_number=True,
        )
        flags = {each.flag.value: each.is_fault for each in verdict.remarks}
        same_since = verdict.same_since
    is_ahead = reading.at - received > quality.AHEAD
    if not is_ahead and (newest_at is None or reading.at >= newest_at):
        stream.newest_at, stream.newest_value = reading.at, reading.value
        stream.same_since = same_since
    if not is_countable(reading.at, reading.value):
        flags = {**flags, quality.Flag.RANGE.value: True}
    return [
        FlagRow(stream=stream, message=reading.id, flag=flag, is_fault=is_fault, at=reading.at,
                value=reading.value)
        for flag, is_fault in flags.items()
    ]
