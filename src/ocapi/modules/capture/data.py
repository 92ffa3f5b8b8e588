"""What others may know of capture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from ocapi.lib.quality import Flag, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFacts:
    """A stream of readings as its owner describes it. unit: UCUM code. last_hour:
    newest hour with readings.
    """

    code: str
    title: str
    unit: str
    place: str
    source: str
    license: str
    quality: str
    last_hour: datetime | None = None


class SensorState(StrEnum):
    """How a sensor does. SILENT: nothing for longer than its rule of gaps says, or for a day without one.

    FLAGGED: a reading of the last day has a fault.
    """

    WAITING = "waiting"
    WORKS = "works"
    FLAGGED = "flagged"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """A sensor of the inventory. latitude, longitude: WGS 84 degrees, both or none.

    last_at: moment of the newest reading, or start of the newest hour of an import; None before the first.
    newest: value of the newest reading that was judged. rules_problem: why rules that came from elsewhere
    can't be applied, so that none are; empty when they can.
    """

    stream: StreamFacts
    state: SensorState
    owner: str = ""
    procedure: str = ""
    latitude: float | None = None
    longitude: float | None = None
    rules: Rules = field(default_factory=Rules)
    last_at: datetime | None = None
    newest: float | None = None
    rules_problem: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPage:
    """A page of sensors by title; cursor is empty on the last."""

    items: tuple[Sensor, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorInput:
    """A sensor as somebody typed it; numbers with a comma or a point. unit: UCUM code.

    latitude, longitude: WGS 84 degrees. minimum, maximum: in the unit. change: most in a minute.
    flat, gap: minutes. Empty: not said.
    """

    title: str = ""
    unit: str = ""
    place: str = ""
    latitude: str = ""
    longitude: str = ""
    owner: str = ""
    procedure: str = ""
    source: str = ""
    license: str = ""
    quality: str = ""
    minimum: str = ""
    maximum: str = ""
    change: str = ""
    flat: str = ""
    gap: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """One calibration of a sensor."""

    day: date
    laboratory: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """One flag of one reading; is_fault is False for what is only worth knowing."""

    at: datetime
    value: float
    flag: Flag
    is_fault: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyFigure:
    """The readings of one stream in one hour (UTC), in whole units."""

    hour: datetime
    n: int
    total: int
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A period of a series. is_missing: no hour of it has a reading, which is not the same as zero."""

    start: datetime
    n: int
    total: int
    is_missing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadColumns:
    """Which columns of a table are what; empty where nothing was said or found. unit: UCUM codes."""

    time: str = ""
    sensor: str = ""
    value: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRow:
    """One row of a table: an observation (members of SensorThings) of a datastream, or why it is none."""

    line: int
    datastream: str = ""
    observation: dict[str, object] = field(default_factory=dict)
    reason: str = ""


class BadUpload(ValueError):
    """A file of readings can't be read at all; the message says why."""


class BadBrokers(ValueError):
    """A text with brokers has a line that is not understood; the message names it."""


class UnknownBroker(LookupError):
    """No broker of that name."""


class SensorRefused(ValueError):
    """What was typed of a sensor or a calibration is not right. problems: a code by name of the field.

    Codes: required, tooLong, taken, notCode, notUnit, notNumber, notPlace, notBoth, notPositive, notRange,
    notDay, notYet.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {code}" for name, code in problems.items()))
        self.problems = dict(problems)


class SensorChanged(RuntimeError):
    """Somebody else changed the sensor meanwhile. found: as it is now."""

    def __init__(self, found: Sensor) -> None:
        super().__init__(found.stream.code)
        self.found = found


class StreamNotFound(LookupError):
    """No stream of that code."""


class UnknownStep(ValueError):
    """A series is asked by hour, day or month."""
