"""The door of capture."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.kernel.registry import api as registry
from ocapi.lib import clock
from ocapi.lib.actor import Actor
from ocapi.lib.snapshot import Broker, Receiver, Stream
from ocapi.modules.capture import queries
from ocapi.modules.capture.api.loads import (
    accept_load,
    cancel_load,
    carry_on,
    check_load,
    get_load,
    hand_pass,
    list_loads,
    look_at,
    sweep_loads,
)
from ocapi.modules.capture.api.opening import close_sensor, find_publication, open_sensor
from ocapi.modules.capture.data import (
    Bucket,
    Calibration,
    Flagged,
    HourlyFigure,
    Sensor,
    SensorInput,
    SensorPage,
    StreamFacts,
    UploadColumns,
    UploadRow,
)
from ocapi.modules.capture.services import (
    brokers,
    collecting,
    compaction,
    inventory,
    rolling,
    seen,
    simulation,
    streams,
    tiers,
    uploads,
)

__all__ = [
    "accept_load", "add_calibration", "add_sensor", "cancel_load", "carry_on", "change_sensor", "check_load",
    "close_sensor", "find_publication", "open_sensor",
    "compact", "declare_tiers", "get_load", "get_sensor", "get_stream", "hand_pass", "keep_password",
    "has_more_to_add", "is_drained", "keep_tiers", "last_added_up", "last_removable",
    "list_brokers", "list_calibrations", "list_flags", "list_loads", "list_sensors", "list_streams",
    "load_hours", "look_at",
    "readings_of", "receivers", "replace_brokers", "replace_disk", "roll_up",
    "seal_passwords", "series", "simulated_city",
    "snapshot_part", "sweep_loads",
]

MANAGE = "capture.manage_sensors"
MOST_DAYS = inventory.MOST_DAYS


def list_streams(*, actor: Actor, after: str = "") -> tuple[StreamFacts, ...]:
    """Give a page of the streams of the bound organization by title, 500 at a time; the last one is empty.

    after: code of the last stream of the page before. Raises NotAllowed.
    """
    access.require(actor, "capture.read_streams")
    return queries.streams(after=after)


def get_stream(*, stream: str, actor: Actor) -> StreamFacts:
    """Give one stream by its code. Raises NotAllowed, StreamNotFound."""
    access.require(actor, "capture.read_streams")
    return queries.stream(stream)


def list_sensors(*, text: str, cursor: str, actor: Actor, now: datetime) -> SensorPage:
    """Give a page of the inventory by title, 25 at a time.

    text: in name, code, place or owner; empty for all. Raises NotAllowed.
    """
    access.require(actor, "capture.read_streams")
    return queries.sensors(text=text, cursor=cursor, now=now)


def get_sensor(*, sensor: str, actor: Actor, now: datetime) -> Sensor:
    """Give one sensor by its code. Raises NotAllowed, StreamNotFound."""
    access.require(actor, "capture.read_streams")
    return queries.sensor(sensor, now=now)


def list_calibrations(*, sensor: str, actor: Actor) -> tuple[Calibration, ...]:
    """Give the newest 50 calibrations of a sensor. Raises NotAllowed."""
    access.require(actor, "capture.read_streams")
    return queries.calibrations(sensor)


def list_flags(*, sensor: str, actor: Actor) -> tuple[Flagged, ...]:
    """Give the newest 50 flags of a sensor's readings. Raises NotAllowed."""
    access.require(actor, "capture.read_streams")
    return queries.flags(sensor)


def add_sensor(*, code: str, given: SensorInput, actor: Actor, now: datetime) -> None:
    """Put a sensor into the inventory; its readings are accepted once the next policy snapshot is out.

    code: small letters, digits and hyphens; it never changes. Raises NotAllowed, SensorRefused.
    """
    access.require(actor, MANAGE)
    with transaction.atomic():
        made = inventory.add(code=code, given=given, now=now)
        audit.changed(actor=actor, operation=MANAGE, resource=f"stream/{made}", now=now, fields=("code",))


def change_sensor(
    *, sensor: str, given: SensorInput, actor: Actor, now: datetime, seen: int = 0
) -> None:
    """Change what is known of a sensor and its rules, which judge readings that are added up from now on.

    Flags given before stay. seen: the version the change is based on; 0 takes whatever is there. Raises
    NotAllowed, StreamNotFound, SensorRefused, and SensorChanged when another change came first.
    """
    access.require(actor, MANAGE)
    with transaction.atomic():
        uuid, changed = inventory.change(code=sensor, given=given, seen=seen, now=now)
        if changed:
            audit.changed(actor=actor, operation=MANAGE, resource=f"stream/{uuid}", now=now, fields=changed)


def declare_tiers(*, sensor: str, days: Mapping[str, str], actor: Actor, now: datetime) -> None:
    """Say how long `raw`, `hourly` and `daily` figures of a sensor are kept, in days; empty for ever.

    What is not given stays. Raises NotAllowed, StreamNotFound, SensorRefused.
    """
    access.require(actor, MANAGE)
    with transaction.atomic():
        uuid = inventory.declare_tiers(code=sensor, days=days)
        audit.changed(actor=actor, operation=MANAGE, resource=f"stream/{uuid}", now=now, fields=tuple(days))


def add_calibration(
    *, sensor: str, day: date | None, laboratory: str, result: str, actor: Actor, now: datetime
) -> None:
    """Keep a calibration of a sensor; a calibration is never changed. day: None when what was typed is none.

    Raises NotAllowed, StreamNotFound, SensorRefused.
    """
    access.require(actor, MANAGE)
    today = now.astimezone(clock.BRUSSELS).date()
    with transaction.atomic():
        uuid = inventory.calibrate(
            code=sensor, day=day, laboratory=laboratory, result=result, today=today, now=now
        )
        audit.changed(
            actor=actor, operation=MANAGE, resource=f"stream/{uuid}", now=now, fields=("calibrations",)
        )


def series(
    *, stream: str, from_at: datetime, to_at: datetime, step: str, actor: Actor
) -> tuple[Bucket, ...]:
    """Give the periods of a series from rollup rows: step hour (UTC), day or month (Brussels).

    A period without readings is there with `is_missing`. Raises NotAllowed, UnknownStep.
    """
    access.require(actor, "capture.read_streams")
    return queries.series(code=stream, from_at=from_at, to_at=to_at, step=step)


def load_hours(*, facts: StreamFacts, figures: Iterable[HourlyFigure], now: datetime) -> int:
    """Take in hourly figures of a stream; those of the same hours are replaced. Gives how many."""
    return streams.replace_hours(facts=facts, figures=figures, now=now)


def roll_up() -> int:
    """Add what arrived in the inbox to the hourly rows, each message once; gives how many were new."""
    collector = _collector()
    if collector is not None:
        collector.inbox()
    return rolling.roll_up()


def forget_seen(*, now: datetime) -> int:
    """Forget ids of messages that came in so long ago that nobody repeats them; gives how many."""
    return seen.forget(now=now)


def has_more_to_add() -> bool:
    """Tell whether the inbox holds what was not added to the hours yet."""
    return rolling.has_more()


def last_added_up() -> int:
    """Give the sequence of the last record of the inbox that was added to the hours; 0 when none was."""
    return queries.last_added_up()


def last_removable() -> int:
    """Give the sequence of the last record of the inbox that may be removed, or was; 0 for none."""
    return queries.removable()


def keep_tiers(*, now: datetime) -> int:
    """Let single readings, hours and days go that are kept no longer; gives how many. Safe to repeat.

    Hours become days first; leaves say what went. The data plane removes the parts of its log.
    """
    text = registry.setting("capture.raw_days")
    default = int(text) if text.isascii() and text.isdecimal() and 0 < int(text[:6]) <= MOST_DAYS else None
    return tiers.keep(now=now, default_raw_days=default)


def compact(*, now: datetime) -> int:
    """Put readings of entities from the log into files, and forget what is to go; gives how many were new."""
    collector = _collector()
    if collector is None:
        return compaction.compact(now=now, store=settings.OCAPI.shelf)
    member = collector.entities()
    count = compaction.compact(now=now, member=member, store=settings.OCAPI.shelf)
    collecting.let_go(queries.last_compacted())
    return count


def replace_disk(*, member: str) -> int:
    """Go on without the disk of a member, from what was collected; gives for how many organizations.

    For the operator's command. Raises UnknownMember.
    """
    found = settings.OCAPI
    return collecting.replace_disk(data=Path(found.data), members=found.membership, name=member)


def is_drained(*, member: str) -> bool:
    """Tell whether a member gets nothing new, by the settings of this process."""
    found = settings.OCAPI.membership
    return found is not None and member in found.drained


def _collector() -> collecting.Collector | None:
    """Give what collects from several members; None for one process."""
    found = settings.OCAPI
    if found.membership is None:
        return None
    return collecting.Collector(found.membership, (found.secret, found.secret_also))


def list_brokers() -> tuple[Broker, ...]:
    """Give the brokers of MQTT readings are taken from, for the operator's command."""
    return brokers.every()


def replace_brokers(*, text: str, now: datetime) -> None:
    """Take readings from other brokers from now on, for the operator's command.

    text: as `lib.mqtt.mapping.read` describes. Raises BadBrokers, with the line, and nothing changed.
    """
    brokers.replace(text=text, now=now)


def simulated_city(
    *, sensors: int, seed: int, from_at: datetime, minutes: int, every_s: int
) -> Iterator[simulation.Request]:
    """Give the requests of SensorThings that make a city and let it measure; the same for the same seed."""
    return simulation.city(sensors=sensors, seed=seed, from_at=from_at, minutes=minutes, every_s=every_s)


def readings_of(*, path: Path, wanted: UploadColumns, zone: str) -> Iterator[UploadRow]:
    """Read a CSV or Parquet file of any size as observations, a row at a time, faults by line included.

    wanted: columns by name; those left empty are guessed. zone: of moments that bring none; empty refuses
    them. Raises BadUpload when the file or its columns can't be read.
    """
    return uploads.readings_of(path=path, wanted=wanted, zone=zone)


def keep_password(*, broker: str, password: str) -> None:
    """Keep the password for a broker, for the operator's command. Raises UnknownBroker."""
    brokers.keep_password(broker=broker, password=password)


def seal_passwords() -> int:
    """Seal passwords that an earlier release kept in the clear; gives how many were. Safe to repeat."""
    return brokers.seal_passwords()


def snapshot_part() -> tuple[Stream | Receiver | Broker, ...]:
    """Give this module's part of the policy snapshot.

    It holds the streams the data plane accepts readings for, the approved receivers of notifications, and the
    brokers it reads from.
    """
    return (*queries.policies(), *receivers(registry.setting("capture.receivers")), *brokers.every())


def receivers(text: str) -> tuple[Receiver, ...]:
    """Read the setting of approved receivers: `host`, `host:port` or `internal host:port`, commas between.

    What cannot be read is left out: an approval that is not understood approves nothing.
    """
    found = []
    for part in text.split(","):
        words = part.split()
        is_internal = len(words) == 2 and words[0] == "internal"
        if len(words) != 1 + is_internal:
            continue
        host, _, port = words[-1].partition(":")
        if host and (not port or (port.isascii() and port.isdecimal() and 0 < int(port) < 65536)):
            found.append(Receiver(host=host.lower(), port=int(port or 443), is_internal=is_internal))
    return tuple(found)
