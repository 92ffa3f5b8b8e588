"""What others may know of capture."""

from dataclasses import dataclass, field
from datetime import datetime


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


class StreamNotFound(LookupError):
    """No stream of that code."""


class UnknownStep(ValueError):
    """A series is asked by hour, day or month."""
