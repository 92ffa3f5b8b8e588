"""A city of sensors for demonstration and load, made of a seed: the same seed gives the same city.

Values follow the hour of the day; about one reading in two hundred has a fault of those that quality rules
find (out of range, repeated, late), so that flags are seen too. Nothing of it is measured anywhere.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

IN_A_REQUEST = 500  # sensors or readings, about half a megabyte
CENTER = (3.45, 51.09)  # longitude and latitude
SPREAD = 0.05  # degrees
NUMBERS = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request below the address of a service. path: `/Datastreams` and the like."""

    path: str
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    code: str
    title: str
    unit: str
    low: float
    high: float
    peak_hour: int
    is_whole: bool = False


KINDS = (
    _Kind(code="bikes", title="Fietsers", unit="{fietsers}", low=0, high=90, peak_hour=8, is_whole=True),
    _Kind(
        code="traffic", title="Voertuigen", unit="{voertuigen}", low=2, high=240, peak_hour=17, is_whole=True
    ),
    _Kind(code="no2", title="Stikstofdioxide", unit="ug/m3", low=8, high=60, peak_hour=18),
    _Kind(code="temperature", title="Temperatuur", unit="Cel", low=4, high=17, peak_hour=15),
    _Kind(code="noise", title="Geluid", unit="dB[SPL]", low=35, high=72, peak_hour=17),
    _Kind(
        code="parking", title="Vrije plaatsen", unit="{plaatsen}", low=0, high=120, peak_hour=4, is_whole=True
    ),
    _Kind(code="water", title="Waterpeil", unit="m", low=0.4, high=1.2, peak_hour=2),
    _Kind(code="energy", title="Verbruik van een gebouw", unit="kW.h", low=1, high=25, peak_hour=11),
    _Kind(code="waste", title="Vulling van een container", unit="%", low=0, high=100, peak_hour=20),
)


def city(*, sensors: int, seed: int, from_at: datetime, minutes: int, every_s: int) -> Iterator[Request]:
    """Give the requests that make the sensors, then those with readings, moment after moment."""
    for first in range(0, sensors, IN_A_REQUEST):
        numbers = range(first, min(first + IN_A_REQUEST, sensors))
        for kind in KINDS:
            several = [each for each in numbers if _kind(each) is kind]
            if several:
                yield Request(path="/ObservedProperties", body=_property(kind, several, seed))
    for step in range(minutes * 60 // every_s):
        at = from_at + timedelta(seconds=step * every_s)
        for first in range(0, sensors, IN_A_REQUEST):
            numbers = range(first, min(first + IN_A_REQUEST, sensors))
            groups = [_readings(each, seed, at, step, every_s) for each in numbers]
            yield Request(path="/CreateObservations", body=groups)


def _kind(number: int) -> _Kind:
    return KINDS[number % len(KINDS)]


def _key(number: int, seed: int) -> str:
    return f"sim-{seed}-{number}"


def _property(kind: _Kind, numbers: list[int], seed: int) -> dict[str, Any]:
    return {
        "@iot.id": f"sim-{seed}-{kind.code}-{numbers[0]}",
        "name": kind.title,
        "description": f"{kind.title}, gesimuleerd",
        "definition": f"https://data.ocapi.example/simulated/{kind.code}",
        "Datastreams": [_datastream(kind, each, seed) for each in numbers],
    }


def _datastream(kind: _Kind, number: int, seed: int) -> dict[str, Any]:
    chance = Random(f"{seed}/{number}")
    place = [round(each + chance.uniform(-SPREAD, SPREAD), 6) for each in CENTER]
    name = f"{kind.title} {number}"
    location = {"type": "Point", "coordinates": place}
    span = kind.high - kind.low
    return {
        "@iot.id": _key(number, seed),
        "name": name,
        "description": "Gesimuleerd: niets hiervan is gemeten",
        "observationType": NUMBERS,
        "unitOfMeasurement": {"name": kind.title, "symbol": kind.unit, "definition": f"ucum:{kind.unit}"},
        "properties": {"quality": {"minimum": kind.low - span, "maximum": kind.high + span}},
        "Thing": {
            "name": f"Paal {number}",
            "description": "Gesimuleerd",
            "Locations": [
                {
                    "name": name,
                    "description": "Punt",
                    "encodingType": "application/geo+json",
                    "location": location,
                }
            ],
        },
        "Sensor": {
            "name": f"Sensor {number}",
            "description": "Gesimuleerd",
            "encodingType": "text/plain",
            "metadata": "-",
        },
    }


def _readings(number: int, seed: int, at: datetime, step: int, every_s: int) -> dict[str, Any]:
    kind, chance = _kind(number), Random(f"{seed}/{number}/{step}")
    hour = at.hour + at.minute / 60
    share = 0.5 + 0.5 * math.cos((hour - kind.peak_hour) / 24 * 2 * math.pi)
    value = kind.low + (kind.high - kind.low) * (0.85 * share + 0.15 * chance.random())
    fault, moment = chance.randrange(600), at
    if fault == 0:
        value = kind.high + 3 * (kind.high - kind.low)
    elif fault == 1 and step:
        moment = at - timedelta(seconds=every_s / 2 + every_s)
    rows = [[_written(moment), round(value) if kind.is_whole else round(value, 3)]]
    if fault == 2:
        rows *= 2
    return {
        "Datastream": {"@iot.id": _key(number, seed)},
        "components": ["phenomenonTime", "result"],
        "dataArray": rows,
    }


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
