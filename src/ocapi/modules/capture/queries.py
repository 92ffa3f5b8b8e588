"""Reads of capture."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import clock, codec, handed
from ocapi.lib.observed import DATASTREAMS, RESULT
from ocapi.lib.quality import Flag, Rules, sound_rules
from ocapi.lib.snapshot import Stream
from ocapi.modules.capture import sums
from ocapi.modules.capture.data import (
    Bucket,
    Calibration,
    Flagged,
    Load,
    LoadChoice,
    LoadNotFound,
    LoadReport,
    LoadState,
    Sensor,
    SensorPage,
    SensorState,
    StreamFacts,
    StreamNotFound,
    Tiers,
    UnknownStep,
)
from ocapi.modules.capture.models import (
    CalibrationRow,
    DayRow,
    FlagRow,
    HourRow,
    LoadRow,
    PartRow,
    StreamRow,
    WatermarkRow,
)

MOST_STREAMS = 500  # on a page
MOST_POLICIES = 100_000  # streams of one organization the data plane takes readings of
MOST_HOURS = 24 * 366 * 2
AT_ONCE = 25  # sensors on a page
MOST_SHOWN = 50  # flags, and calibrations, of a sensor
OF_LATE = timedelta(days=1)
E6 = 1_000_000
INBOX, ENTITIES, INBOX_REMOVED = 1, 2, 3  # rows of places in logs


def streams(*, after: str = "") -> tuple[StreamFacts, ...]:
    """Give a page of streams by title with their newest hour; after: code of the last one before it."""
    rows = _with_last()
    last = StreamRow.objects.filter(code=after).first() if after else None
    if last is not None:
        rows = rows.filter(Q(title__gt=last.title) | Q(title=last.title, id__gt=last.id))
    return tuple(_facts(row) for row in rows.order_by("title", "id")[:MOST_STREAMS])


def stream(code: str) -> StreamFacts:
    """Give one stream, or raise StreamNotFound."""
    row = _with_last().filter(code=code).first()
    if row is None:
        raise StreamNotFound(code)
    return _facts(row)


def _with_last() -> QuerySet[Any]:
    """Give the streams with their newest hour, or newest day where hours are kept no longer."""
    hours = HourRow.objects.filter(stream=OuterRef("id")).order_by("-hour").values("hour")[:1]
    days = DayRow.objects.filter(stream=OuterRef("id")).order_by("-day").values("day")[:1]
    return StreamRow.objects.annotate(last_hour=Subquery(hours), last_day=Subquery(days))


def _last_hour(row: Any) -> datetime | None:
    """Give the start of the newest hour with readings; of a day kept as such, that of its last."""
    if row.last_hour is not None or row.last_day is None:
        return row.last_hour
    return start_of_day(row.last_day + timedelta(days=1)) - timedelta(hours=1)


def _facts(row: StreamRow) -> StreamFacts:
    return StreamFacts(
        code=row.code,
        title=row.title,
        unit=row.unit,
        place=row.place,
        source=row.source,
        license=row.license,
        quality=row.quality,
        last_hour=_last_hour(row),
        position=_position(row),
    )


def _position(row: StreamRow) -> tuple[float, float] | None:
    if row.latitude_e6 is None or row.longitude_e6 is None:
        return None
    return row.longitude_e6 / E6, row.latitude_e6 / E6


def sensors(*, text: str, cursor: str, now: datetime) -> SensorPage:
    """Give a page of sensors by title that have the text in name, code, place or owner.

    A cursor that is not understood begins anew.
    """
    rows = _sensors(now)
    if text:
        rows = rows.filter(
            Q(title__icontains=text) | Q(code__icontains=text) | Q(place__icontains=text)
            | Q(owner__icontains=text)
        )
    after = _after(cursor)
    if after is not None:
        rows = rows.filter(Q(title__gt=after[0]) | Q(title=after[0], id__gt=after[1]))
    found = list(rows.order_by("title", "id")[: AT_ONCE + 1])
    last = found[AT_ONCE - 1] if len(found) > AT_ONCE else None
    return SensorPage(
        items=tuple(_sensor(row, now) for row in found[:AT_ONCE]),
        cursor=codec.canonical_json([last.title, last.id]).hex() if last else "",
    )


def sensor(code: str, *, now: datetime) -> Sensor:
    """Give one sensor, or raise StreamNotFound."""
    row = _sensors(now).filter(code=code).first()
    if row is None:
        raise StreamNotFound(code)
    return _sensor(row, now)


def calibrations(code: str) -> tuple[Calibration, ...]:
    """Give the calibrations of a sensor, the newest first."""
    rows = CalibrationRow.objects.filter(stream__code=code).order_by("-day", "-id")[:MOST_SHOWN]
    return tuple(Calibration(day=row.day, laboratory=row.laboratory, result=row.result) for row in rows)


def flags(code: str) -> tuple[Flagged, ...]:
    """Give the newest flags of a sensor's readings, the newest reading first."""
    rows = FlagRow.objects.filter(stream__code=code).order_by("-at", "-id")[:MOST_SHOWN]
    return tuple(
        Flagged(at=row.at, value=float(row.value), flag=Flag(row.flag), is_fault=row.is_fault) for row in rows
    )


def _sensors(now: datetime) -> QuerySet[Any]:
    faults = FlagRow.objects.filter(stream=OuterRef("id"), is_fault=True, at__gte=now - OF_LATE)
    return _with_last().annotate(has_faults=Exists(faults))


def _sensor(row: Any, now: datetime) -> Sensor:
    rules, problem = sound_rules(row.rules)
    position = _position(row)
    last_at = row.newest_at if row.newest_at is not None else _last_hour(row)
    return Sensor(
        stream=_facts(row), state=_state(last_at, row.has_faults, rules, now), owner=row.owner,
        procedure=row.procedure, latitude=position[1] if position else None,
        longitude=position[0] if position else None, rules=rules, last_at=last_at,
        newest=_number(row.newest_value), rules_problem=problem,
        version=row.version, datastream=row.datastream, entity=row.entity, attribute=row.attribute,
        tiers=Tiers(raw_days=row.raw_days, hourly_days=row.hourly_days, daily_days=row.daily_days),
    )


def _number(value: object) -> float | None:
    """Give a value as a number; a row that was carried here may hold anything."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _state(last_at: datetime | None, has_faults: bool, rules: Rules, now: datetime) -> SensorState:
    if last_at is None:
        return SensorState.WAITING
    silence = timedelta(seconds=rules.gap_after_seconds) if rules.gap_after_seconds else OF_LATE
    if now - last_at > silence:
        return SensorState.SILENT
    return SensorState.FLAGGED if has_faults else SensorState.WORKS


def loads() -> tuple[Load, ...]:
    """Give the newest files of readings, those that wait for somebody first."""
    rows = list(LoadRow.objects.order_by("-arrived_at", "-id")[:MOST_SHOWN])
    known = set(LoadRow.objects.values_list("uuid", flat=True))
    waiting = tuple(
        _arrived(uuid, about) for uuid, about in handed.arrived(tenants.folder() / "capture")
        if uuid not in known
    )
    return (*waiting[:MOST_SHOWN], *(_load(row) for row in rows))


def load(upload: UUID) -> Load:
    """Give one file of readings, or raise LoadNotFound."""
    row = LoadRow.objects.filter(uuid=upload).first()
    if row is not None:
        return _load(row)
    about = handed.find_about(handed.folder_of(tenants.folder() / "capture", upload))
    if about is None:
        raise LoadNotFound(str(upload))
    return _arrived(upload, about)


def load_digest(upload: UUID) -> str:
    """Give the SHA-256 of a file of readings as it came."""
    return LoadRow.objects.values_list("sha256", flat=True).get(uuid=upload)


def _arrived(uuid: UUID, about: handed.About) -> Load:
    return Load(
        uuid=uuid, name=about.name, size_bytes=about.size_bytes, state=LoadState.ARRIVED,
        arrived_at=about.arrived_at,
    )


def _load(row: LoadRow) -> Load:
    state = LoadState(row.state)
    return Load(
        uuid=row.uuid, name=row.name, size_bytes=row.size_bytes, state=state, arrived_at=row.arrived_at,
        choice=codec.convert(row.choice, LoadChoice), about_rows=row.about_rows,
        read=row.added_up if state in (LoadState.LOADING, LoadState.LOADED) else row.read,
        report=codec.convert(row.report, LoadReport), ended_at=row.ended_at,
    )


def _after(cursor: str) -> tuple[str, int] | None:
    try:
        found = codec.decode_untyped(bytes.fromhex(cursor[:2_000]), max_bytes=1_000)
    except (ValueError, codec.MalformedInput):
        return None
    if isinstance(found, list) and len(found) == 2 and isinstance(found[0], str) and type(found[1]) is int:
        return (found[0], found[1]) if 0 <= found[1] < 2**63 else None
    return None


def series(*, code: str, from_at: datetime, to_at: datetime, step: str) -> tuple[Bucket, ...]:
    """Give a series of periods; days and months are those of Brussels, so a day has 23, 24 or 25 hours.

    Periods that begin before the hours that are kept are made of days; an hour of them is told as coarser.
    """
    if step not in ("hour", "day", "month"):
        raise UnknownStep(step)
    rows = HourRow.objects.filter(stream__code=code, hour__gte=from_at, hour__lt=to_at).order_by("hour")
    found: dict[datetime, sums.Sum] = {}
    for row in rows.values("hour", *sums.COLUMNS)[:MOST_HOURS]:
        found.setdefault(start_of(row["hour"], step), sums.Sum()).add(sums.of(row))
    folded_to = StreamRow.objects.filter(code=code).values_list("folded_to", flat=True).first()
    kept_from = start_of_day(folded_to) if folded_to is not None else None
    if kept_from is not None and from_at < kept_from and step != "hour":
        for start, held in _days(code, from_at, to_at, step):
            found.setdefault(start, sums.Sum()).add(held)
    buckets = []
    start = start_of(from_at, step)
    while start < to_at:
        held = found.get(start, sums.Sum())
        is_coarser = step == "hour" and kept_from is not None and start < kept_from and start not in found
        buckets.append(
            Bucket(
                start=start, n=held.n, total=sums.exact(held.total), minimum=sums.exact(held.minimum),
                maximum=sums.exact(held.maximum), is_missing=start not in found, is_coarser=is_coarser,
            )
        )
        start = following(start, step)
    return tuple(buckets)


def _days(code: str, from_at: datetime, to_at: datetime, step: str) -> Iterator[tuple[datetime, sums.Sum]]:
    """Give what days that are kept as such add to a period that begins in the span."""
    first, last = clock.local_day(from_at), clock.local_day(to_at)
    rows = DayRow.objects.filter(stream__code=code, day__gte=first, day__lte=last).order_by("day")
    for row in rows.values("day", *sums.COLUMNS)[:MOST_HOURS]:
        start = start_of_day(row["day"])
        if from_at <= start < to_at:
            yield start_of(start, step), sums.of(row)


def start_of_day(day: date) -> datetime:
    """Give the instant a day begins in Brussels."""
    return datetime(day.year, day.month, day.day, tzinfo=clock.BRUSSELS)


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


def removable() -> int:
    """Give the sequence of the last record of the inbox that may be removed, or was; 0 for none."""
    return WatermarkRow.objects.filter(id=INBOX_REMOVED).values_list("sequence", flat=True).first() or 0


def watched() -> dict[tuple[str, str], str]:
    """Give the streams whose readings come from datastreams and entities, by entity and attribute."""
    rows = StreamRow.objects.exclude(datastream="", entity="").order_by("id")
    return {
        (f"{DATASTREAMS}{key}", RESULT) if key else (entity, attribute): code
        for code, key, entity, attribute in rows.values_list("code", "datastream", "entity", "attribute")
    }


def policies() -> tuple[Stream, ...]:
    """Give the streams as the data plane knows them."""
    rows = StreamRow.objects.order_by("title", "id")[:MOST_POLICIES]
    return tuple(
        Stream(
            name=row.code, datastream=row.datastream, entity=row.entity, attribute=row.attribute,
            rules=row.rules if (row.datastream or row.entity) and not sound_rules(row.rules)[1] else {},
        )
        for row in rows
    )


def last_added_up() -> int:
    """Give how far the inbox was read."""
    return WatermarkRow.objects.filter(id=INBOX).values_list("sequence", flat=True).first() or 0


def last_compacted() -> int:
    """Give how far the log of entities was put into files."""
    return WatermarkRow.objects.filter(id=ENTITIES).values_list("sequence", flat=True).first() or 0


def files_digest() -> str:
    """Give the SHA-256, in hexadecimal, of the hashes of all files with readings, each on a line, in order.

    Who holds the files, or the list the data plane is shown, can compute it without us.
    """
    found = PartRow.objects.order_by("first_sequence").values_list("sha256", flat=True)
    return hashlib.sha256("".join(f"{each}\n" for each in found).encode()).hexdigest()
