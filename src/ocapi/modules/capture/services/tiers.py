"""Keeps what a sensor declares and no longer: single readings, then hours, then days.

What goes has stood in the next tier before: hours become days in one transaction, and a part of the log goes
only when every reading of it was added up. Each removal leaves a leaf with counts and hashes. A crash leaves
the state before or after, and the next run goes on.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import transaction

from ocapi.kernel.audit import api as audit
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import actor, clock, codec, crashpoint, durable, handed, inbox, seglog, tiers
from ocapi.lib.inbox import Reading
from ocapi.modules.capture import queries, sums
from ocapi.modules.capture.data import LoadReport, LoadState
from ocapi.modules.capture.models import DayRow, FlagRow, HourRow, LoadRow, StreamRow, WatermarkRow
from ocapi.modules.capture.services import checking, rolling

JOB = actor.system("capture.keep_tiers")
OPERATION = "capture.manage_sensors"
DAYS = 60  # that become days in one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A whole segment of the inbox that may go."""

    last: int
    readings: int
    sha256: str


def keep(*, now: datetime, default_raw_days: int | None) -> int:
    """Let go what is kept no longer; gives how many hours, days and records went.

    default_raw_days: for sensors that do not say how long their single readings are kept; None for ever.
    """
    today, gone = clock.local_day(now), 0
    for stream in StreamRow.objects.order_by("id"):
        if stream.hourly_days is not None:
            gone += _fold(stream.id, today - timedelta(days=stream.hourly_days), now)
        if stream.daily_days is not None:
            gone += _drop_days(stream, today - timedelta(days=stream.daily_days), now)
    gone += _drop_raw(now, default_raw_days)
    return gone


def _fold(stream_id: int, until: date, now: datetime) -> int:
    """Make days of the hours before a day, some at a time."""
    gone = 0
    while True:
        with transaction.atomic():
            stream = StreamRow.objects.select_for_update().get(id=stream_id)
            hours = HourRow.objects.filter(stream=stream, hour__lt=queries.start_of_day(until))
            first = hours.order_by("hour").values_list("hour", flat=True).first()
            if first is None:
                if stream.folded_to is None or stream.folded_to < until:
                    stream.folded_to = until
                    stream.save(update_fields=["folded_to"])
                return gone
            upto = min(until, clock.local_day(first) + timedelta(days=DAYS))
            gone += _fold_some(stream, upto, now)
            crashpoint.point("capture.tiers.before_commit")
        crashpoint.point("capture.tiers.after_commit")


def _fold_some(stream: StreamRow, upto: date, now: datetime) -> int:
    hours = HourRow.objects.filter(stream=stream, hour__lt=queries.start_of_day(upto))
    of_days: dict[tuple[int, date], sums.Sum] = {}
    whole, told = sums.Sum(), hashlib.sha256()
    found = list(hours.order_by("hour").values("hour", *sums.COLUMNS))
    for row in found:
        hour, held = row["hour"], sums.of(row)
        for each in (whole, of_days.setdefault((stream.id, clock.local_day(hour)), sums.Sum())):
            each.add(held)
        told.update(f"{hour:%Y-%m-%dT%H}Z {held}\n".encode())
    rolling.add_up(DayRow, "day", of_days)
    hours.delete()
    if stream.folded_to is None or stream.folded_to < upto:
        stream.folded_to = upto
        stream.save(update_fields=["folded_to"])
    what = f"hours={len(found)} n={whole.n} sum={sums.exact(whole.total)}"
    _leaf(stream, "hours", "folded", f"{what} {told.hexdigest()}", now)
    return len(found)


def _drop_days(stream: StreamRow, until: date, now: datetime) -> int:
    with transaction.atomic():
        days = DayRow.objects.filter(stream=stream, day__lt=until)
        told, count = hashlib.sha256(), 0
        for row in days.order_by("day").values("day", *sums.COLUMNS):
            held = sums.of(row)
            told.update(f"{row['day']:%Y-%m-%d} {held.n} {sums.exact(held.total)}\n".encode())
            count += 1
        if count:
            days.delete()
            _leaf(stream, "days", "removed", f"days={count} {told.hexdigest()}", now)
        return count


def _drop_raw(now: datetime, default: int | None) -> int:
    """Let single readings go: their flags, logs of loads, and whole segments of the inbox."""
    said = StreamRow.objects.values_list("code", "raw_days")
    kept = {code: days if days is not None else default for code, days in said}
    horizons = {code: now - timedelta(days=days) for code, days in kept.items() if days is not None}
    gone = sum(_drop_flags(code, before, now) for code, before in horizons.items())
    for load in LoadRow.objects.filter(state=LoadState.LOADED.value).exclude(report={}).order_by("id"):
        gone += _drop_load(load, horizons, now)
    unknown = now - timedelta(days=default) if default is not None else None
    return gone + _drop_inbox(horizons, kept, unknown, now)


def _drop_flags(code: str, before: datetime, now: datetime) -> int:
    with transaction.atomic():
        count, _by_table = FlagRow.objects.filter(stream__code=code, at__lt=before).delete()
        if count:
            stream = StreamRow.objects.get(code=code)
            _leaf(stream, "flags", "removed", f"flags={count} before={before:%Y-%m-%dT%H:%MZ}", now)
        return count


def _drop_load(load: LoadRow, horizons: dict[str, datetime], now: datetime) -> int:
    report = codec.convert(load.report, LoadReport)
    last = min(datetime.fromisoformat(report.to_at), load.arrived_at) if report.to_at else load.arrived_at
    if not all(code in horizons and last < horizons[code] for code in report.sensors):
        return 0
    folder = handed.folder_of(tenants.folder() / "capture", load.uuid)
    told, count = hashlib.sha256(), 0
    for record in seglog.read(folder / checking.LOG) if (folder / checking.LOG).is_dir() else ():
        told.update(record.payload)
        count += 1
    with transaction.atomic():
        load.report = {}  # it quotes readings
        load.save(update_fields=["report"])
        audit.changed(
            actor=JOB, operation=OPERATION, resource=f"load/{load.uuid}", now=now, fields=("readings",),
            outcome="removed", reference=f"records={count} {told.hexdigest()}",
        )
    crashpoint.point("capture.tiers.after_load_commit")
    durable.remove_tree(folder)
    return count


def _drop_inbox(
    horizons: dict[str, datetime], kept: dict[str, int | None], unknown: datetime | None, now: datetime
) -> int:
    """Say up to where the inbox may go: whole segments from its start, all added up, none to be kept."""
    folder, capture = tenants.folder() / "inbox", tenants.folder() / "capture"
    before, count = queries.removable(), 0
    for span in _spans(folder, queries.last_added_up(), horizons, kept, unknown):
        if span.last > before:
            with transaction.atomic():
                WatermarkRow.objects.update_or_create(
                    id=queries.INBOX_REMOVED, defaults={"sequence": span.last}
                )
                audit.changed(
                    actor=JOB, operation=OPERATION, resource="inbox/readings", now=now, fields=("readings",),
                    outcome="removed", reference=f"readings={span.readings} upTo={span.last} {span.sha256}",
                )
                crashpoint.point("capture.tiers.before_inbox_commit")
            count += span.readings
    crashpoint.point("capture.tiers.before_inbox_publish")
    tiers.publish(capture, queries.removable())
    return count


def _spans(
    folder: Path, added_up: int, horizons: dict[str, datetime], kept: dict[str, int | None],
    unknown: datetime | None,
) -> Iterator[_Span]:
    """Give the segments that may go, from the start, until the first that may not."""
    if not folder.is_dir():
        return
    firsts = [seglog.first_sequence(name) for name in seglog.segment_names(folder)]
    ends = {following - 1 for following in firsts[1:]}
    told, count, last = hashlib.sha256(), 0, 0
    for record in seglog.read(folder):
        readings = inbox.readings_of(record.payload)
        befores = [horizons.get(each.stream) if each.stream in kept else unknown for each in readings]
        if record.sequence > added_up or not all(map(_is_past, readings, befores)):
            return
        told.update(record.payload)
        count, last = count + len(readings), record.sequence
        if record.sequence in ends:
            yield _Span(last=last, readings=count, sha256=told.hexdigest())
            told, count = hashlib.sha256(), 0
    if count:  # all of the newest segment: the data plane begins another
        yield _Span(last=last, readings=count, sha256=told.hexdigest())


def _is_past(reading: Reading, before: datetime | None) -> bool:
    """Tell whether a reading may go; a clock that is ahead keeps nothing longer."""
    return before is not None and min(reading.at, reading.receivedAt or reading.at) < before


def _leaf(stream: StreamRow, field: str, outcome: str, reference: str, now: datetime) -> None:
    audit.changed(
        actor=JOB, operation=OPERATION, resource=f"stream/{stream.uuid}", now=now, fields=(field,),
        outcome=outcome, reference=reference,
    )
