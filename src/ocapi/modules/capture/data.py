"""What others may know of capture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from ocapi.lib.quality import Flag, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFacts:
    """A stream of readings as its owner describes it. unit: UCUM code. last_hour: newest hour with readings.

    position: longitude and latitude of the sensor (WGS 84), None when it is not known.
    """

    code: str
    title: str
    unit: str
    place: str
    source: str
    license: str
    quality: str
    last_hour: datetime | None = None
    position: tuple[float, float] | None = None

    @property
    def is_count(self) -> bool:
        """Tell whether readings count things (`{bikes}`): a period is their sum, else it is their mean."""
        return self.unit.startswith("{")


class SensorState(StrEnum):
    """How a sensor does. SILENT: nothing for longer than its rule of gaps says, or for a day without one.

    FLAGGED: a reading of the last day has a fault.
    """

    WAITING = "waiting"
    WORKS = "works"
    FLAGGED = "flagged"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers:
    """How many days single readings, hourly and daily figures of a sensor are kept; None: for ever.

    Hours that go become days; days that go are gone. Months are sums of days.
    """

    raw_days: int | None = None
    hourly_days: int | None = None
    daily_days: int | None = None


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
    datastream: str = ""
    entity: str = ""
    attribute: str = ""
    tiers: Tiers = field(default_factory=Tiers)


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPage:
    """A page of sensors by title; cursor is empty on the last."""

    items: tuple[Sensor, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorInput:
    """A sensor as somebody typed it; numbers with a comma or a point. unit: UCUM code.

    latitude, longitude: WGS 84 degrees. minimum, maximum: in the unit. change: most in a minute.
    flat, gap: minutes. raw, hourly, daily: days these are kept. datastream: its
    key; or entity: its URI, and attribute: its IRI, or its name in the context every context begins with.
    Empty: not said.
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
    datastream: str = ""
    entity: str = ""
    attribute: str = ""
    raw: str = ""
    hourly: str = ""
    daily: str = ""


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
    """A period of a series. is_missing: no hour of it has a reading, which is not the same as zero.

    total, minimum, maximum: exact, to a millionth of the unit. is_coarser: nothing so fine is kept of this
    period any more; ask by day.
    """

    start: datetime
    n: int
    total: Decimal
    is_missing: bool
    is_coarser: bool = False
    minimum: Decimal = Decimal(0)
    maximum: Decimal = Decimal(0)

    @property
    def mean(self) -> Decimal:
        """Give the mean of its readings to a millionth of the unit; zero when there are none."""
        found = round(self.total / self.n, 6).normalize() if self.n else Decimal(0)
        return Decimal(f"{found:f}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadColumns:
    """Which columns of a table are what; empty where nothing was said or found. unit: UCUM codes."""

    time: str = ""
    sensor: str = ""
    value: str = ""
    unit: str = ""


FAULTS: Mapping[str, str] = MappingProxyType({
    "notText": "the line is no UTF-8 text",
    "cells": "{what}",
    "noSensor": "the sensor is empty or too long",
    "noZone": "the time has no zone; say which one with --zone",
    "clockForward": "this time does not exist: the clock was put forward",
    "clockBack": "this time exists twice: the clock was put back; give its zone",
    "outside": "the time is outside the calendar",
    "notMoment": "{what} is no moment, as 2026-11-28T09:30:00+01:00",
    "notNumber": "{what} is no number",
    "notFinite": "not a finite number",
    "unknownSensor": "there is no sensor {what}",
    "unknownUnit": "the unit {what} is not known, or measures something else",
    "tooLarge": "{what} is too large to be added up",
})
"""Why a row is none, in English, by code; `what` is what stood there."""

REFUSALS: Mapping[str, str] = MappingProxyType({
    "zone": "{what} is no time zone, as Europe/Brussels",
    "column": "there is no column {what}",
    "time": "say which column is the time; there are {what}",
    "sensor": "say which column is the sensor; there are {what}",
    "value": "say which column is the value; there are {what}",
    "malformed": "{what}",
    "unreadable": "{what}",
    "unknownUnit": "the unit {what} is not known",
    "unknownSensor": "there is no sensor {what}",
    "broken": "the file can't be read within the memory or time it may take",
    "diskFull": "there is no room on the disk",
})
"""Why a file can't be read at all, in English, by code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRow:
    """One row of a table: an observation (members of SensorThings) of a datastream, or why it is none.

    fault: a code of FAULTS, empty for an observation.
    """

    line: int
    datastream: str = ""
    observation: dict[str, object] = field(default_factory=dict)
    fault: str = ""
    what: str = ""

    @property
    def reason(self) -> str:
        """Say why it is none, in English; empty for an observation."""
        return FAULTS[self.fault].format(what=self.what) if self.fault else ""


class BadUpload(ValueError):
    """A file of readings can't be read at all. code: of REFUSALS."""

    def __init__(self, code: str, what: str = "") -> None:
        super().__init__(REFUSALS[code].format(what=what))
        self.code, self.what = code, what


class LoadState(StrEnum):
    """How far a file of readings is. CHECKED: nothing of it counts until somebody accepts it."""

    ARRIVED = "arrived"
    CHECKING = "checking"
    CHECKED = "checked"
    REFUSED = "refused"
    LOADING = "loading"
    LOADED = "loaded"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadChoice:
    """How a file is to be read. sensor: code of the one sensor of all rows, else a column says it.

    unit: UCUM code of all values where no column says one; empty: that of the sensor. zone: of times that
    bring none.
    """

    columns: UploadColumns = field(default_factory=UploadColumns)
    zone: str = ""
    sensor: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """One row that is refused. code: of FAULTS."""

    line: int
    code: str
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """One row as it is understood; unit of the sensor. at: ISO 8601 in UTC."""

    line: int
    sensor: str
    at: str
    value: float
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a check found. flags: readings by flag. sensors: readings by code of their sensor.

    faults, doubtful: the first ones; `refused` and `flags` count all. sample: the first rows. code, what: of
    REFUSALS when the file can't be read at all.
    """

    rows: int = 0
    sound: int = 0
    refused: int = 0
    repeated: int = 0
    flags: dict[str, int] = field(default_factory=dict)
    sensors: dict[str, int] = field(default_factory=dict)
    faults: tuple[RowFault, ...] = ()
    doubtful: tuple[Understood, ...] = ()
    sample: tuple[Understood, ...] = ()
    from_at: str = ""
    to_at: str = ""
    code: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The beginning of a file. rows: the first, as texts. about_rows: how many there are, about.

    code, what: of REFUSALS when it can't be read.
    """

    header: tuple[str, ...] = ()
    guessed: UploadColumns = field(default_factory=UploadColumns)
    rows: tuple[tuple[str, ...], ...] = ()
    about_rows: int = 0
    code: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A file of readings on its way in. read: rows so far of the check or of the adding up."""

    uuid: UUID
    name: str
    size_bytes: int
    state: LoadState
    arrived_at: datetime
    choice: LoadChoice = field(default_factory=LoadChoice)
    about_rows: int = 0
    read: int = 0
    report: LoadReport = field(default_factory=LoadReport)
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPass:
    """Where a browser may send one file, for an hour. largest_bytes: of that file."""

    upload: UUID
    address: str
    largest_bytes: int


class LoadNotFound(LookupError):
    """No file of readings of that uuid."""


class LoadMoved(RuntimeError):
    """The file is not in the state the act is for; somebody else was first. state: it is in now."""

    def __init__(self, state: LoadState) -> None:
        super().__init__(state.value)
        self.state = state


class LoadRefused(ValueError):
    """What was chosen for a file is not right. problems: a code of REFUSALS, or `required`, by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {code}" for name, code in problems.items()))
        self.problems = dict(problems)


class BadBrokers(ValueError):
    """A text with brokers has a line that is not understood; the message names it."""


class UnknownBroker(LookupError):
    """No broker of that name."""


class UnknownMember(LookupError):
    """No process of the data plane has that name."""


class SensorRefused(ValueError):
    """What was typed of a sensor or a calibration is not right. problems: a code by name of the field.

    Codes: required, tooLong, taken, notCode, notUnit, notNumber, notPlace, notBoth, notPositive, notRange,
    notDay, notYet, notDays, notLonger, notUri, notOne, notWatched.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {code}" for name, code in problems.items()))
        self.problems = dict(problems)


class SensorChanged(RuntimeError):
    """Somebody else changed the sensor meanwhile. found: as it is now."""

    def __init__(self, found: Sensor) -> None:
        super().__init__(found.stream.code)
        self.found = found


class Openness(StrEnum):
    """Whether everybody may have what a sensor measures. WAITING: a second person must look at it first."""

    CLOSED = "closed"
    WAITING = "waiting"
    OPEN = "open"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """How a sensor stands with open and linked data. may_change: the asker may open and close it.

    licenses: address and name of those that may be chosen; license: the one that is, or is proposed, empty
    when what the sensor says is none of them. dataset: path of its page in the catalogue; linked: IRI of the
    sensor; both empty while it is not open. desk: path of what the desk knows of it, with the evidence.
    """

    state: Openness
    may_change: bool
    licenses: tuple[tuple[str, str], ...] = ()
    license: str = ""
    dataset: str = ""
    linked: str = ""
    desk: str = ""
    since: datetime | None = None


class OpeningRefused(ValueError):
    """A sensor can't be opened. code: gate, persons, license, noReadings, tooLarge, contact, text."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StreamNotFound(LookupError):
    """No stream of that code."""


class UnknownStep(ValueError):
    """A series is asked by hour, day or month."""
