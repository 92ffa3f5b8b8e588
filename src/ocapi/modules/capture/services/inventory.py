"""Writes of the inventory of sensors: what is known of a sensor, its rules, its calibrations."""

import math
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from ocapi.lib import ids, observed, units
from ocapi.modules.capture import queries
from ocapi.modules.capture.data import SensorChanged, SensorInput, SensorRefused, StreamNotFound
from ocapi.modules.capture.models import CalibrationRow, StreamRow

CODE = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
NAME = re.compile(r"[A-Za-z][^\s<>\"{}|\\^`]*")
SOURCE = ("datastream", "entity", "attribute")
MINUTE = 60
LONGEST = {"code": 80, "title": 200, "unit": 20, "place": 200, "owner": 200, "procedure": 500, "source": 200,
           "license": 200, "quality": 2_000, "laboratory": 200, "result": 500, "datastream": 100,
           "entity": 300, "attribute": 250}
_RULES = (("minimum", "minimum", 1), ("maximum", "maximum", 1), ("change", "changePerSecond", 1 / MINUTE),
          ("flat", "flatAfterSeconds", MINUTE), ("gap", "gapAfterSeconds", MINUTE))
MOST_DAYS = 36_500  # a hundred years
_EXACT = 1e15  # beyond it the last digits of a number are no longer those that were typed


def add(*, code: str, given: SensorInput, now: datetime) -> UUID:
    """Make a sensor; raises SensorRefused. Gives its uuid."""
    problems: dict[str, str] = {}
    if not CODE.fullmatch(code):
        problems["code"] = "notCode" if code else "required"
    elif len(code) > LONGEST["code"]:
        problems["code"] = "tooLong"
    elif StreamRow.objects.filter(code=code).exists():
        problems["code"] = "taken"
    values = _values(given, problems)
    try:
        with transaction.atomic():
            return StreamRow.objects.create(uuid=ids.new_uuid(now), code=code, **values).uuid
    except IntegrityError:  # somebody else was just before us
        raise SensorRefused({"code": "taken"}) from None


def change(*, code: str, given: SensorInput, seen: int, now: datetime) -> tuple[UUID, tuple[str, ...]]:
    """Change a sensor; gives its uuid and the columns that changed. seen: the version it rests on, or 0.

    Raises SensorRefused, SensorChanged, StreamNotFound.
    """
    row = StreamRow.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise StreamNotFound(code)
    values = _values(given, {})
    changed = tuple(name for name, value in values.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, values[name])
    if changed and seen not in (0, row.version):
        raise SensorChanged(queries.sensor(code, now=now))
    if changed:
        row.version += 1
        row.save(update_fields=[*changed, "version"])
    return row.uuid, changed


def declare_tiers(*, code: str, days: Mapping[str, str]) -> UUID:
    """Say how long what of a sensor is kept. Raises SensorRefused, StreamNotFound."""
    row = StreamRow.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise StreamNotFound(code)
    held = {name: getattr(row, f"{name}_days") for name in ("raw", "hourly", "daily")}
    typed = {name: "" if count is None else str(count) for name, count in held.items()} | dict(days)
    problems: dict[str, str] = {}
    found = _tiers(typed, problems)
    if problems:
        raise SensorRefused(problems)
    for name, count in found.items():
        setattr(row, name, count)
    row.version += 1
    row.save(update_fields=[*found, "version"])
    return row.uuid


def calibrate(
    *, code: str, day: date | None, laboratory: str, result: str, today: date, now: datetime
) -> UUID:
    """Keep a calibration; gives the uuid of its sensor. Raises SensorRefused, StreamNotFound."""
    row = StreamRow.objects.filter(code=code).first()
    if row is None:
        raise StreamNotFound(code)
    problems = _texts({"laboratory": laboratory, "result": result}, required=("laboratory", "result"))
    if day is None or day > today:
        problems["day"] = "notDay" if day is None else "notYet"
    if problems or day is None:
        raise SensorRefused(problems)
    CalibrationRow.objects.create(
        uuid=ids.new_uuid(now), stream=row, day=day, laboratory=laboratory.strip(), result=result.strip()
    )
    return row.uuid


def _texts(texts: Mapping[str, str], *, required: tuple[str, ...]) -> dict[str, str]:
    problems = {name: "tooLong" for name, text in texts.items() if len(text.strip()) > LONGEST[name]}
    return problems | {name: "required" for name in required if not texts[name].strip()}


def _values(given: SensorInput, problems: dict[str, str]) -> dict[str, object]:
    """Give the columns of what was typed; raises SensorRefused with all problems at once."""
    typed = {name: text.strip() for name, text in asdict(given).items()}
    names = [name for name in LONGEST if name in typed and name not in SOURCE]
    values: dict[str, object] = {name: typed[name] for name in names}
    problems |= _texts({name: typed[name] for name in values}, required=("title", "unit"))
    if "unit" not in problems:
        try:
            units.read(typed["unit"])
        except units.UnknownUnit:
            problems["unit"] = "notUnit"
    values |= _place(typed, problems)
    rules: dict[str, float] = {}
    for name, member, factor in _RULES:
        number = _number(typed[name], name, problems)
        if number is None:
            continue
        if name not in ("minimum", "maximum") and number <= 0:
            problems[name] = "notPositive"
        rules[member] = number * factor
    if "minimum" in rules and "maximum" in rules and rules["minimum"] > rules["maximum"]:
        problems["maximum"] = "notRange"
    tiers = _tiers(typed, problems)
    source = _source(typed, problems)
    if problems:
        raise SensorRefused(problems)
    return {**values, **source, **tiers, "rules": rules}


def _source(typed: Mapping[str, str], problems: dict[str, str]) -> dict[str, str]:
    """Give where readings come from: a datastream, or an attribute of an entity, or neither."""
    found = {name: typed[name] for name in ("datastream", "entity", "attribute")}
    problems |= _texts(found, required=())
    if found["datastream"] and (found["entity"] or found["attribute"]):
        problems["datastream"] = "notOne"
    if found["attribute"] and not found["entity"]:
        problems["entity"] = "required"
    if found["entity"] and not found["attribute"]:
        problems["attribute"] = "required"
    if found["entity"] and not URI.fullmatch(found["entity"]):
        problems["entity"] = "notUri"
    if found["attribute"] and not NAME.fullmatch(found["attribute"]):
        problems["attribute"] = "notWatched"
    found["attribute"] = observed.attribute_iri(found["attribute"]) if found["attribute"] else ""
    return found


def _tiers(typed: Mapping[str, str], problems: dict[str, str]) -> dict[str, int | None]:
    """Give how long what is kept. Days are kept at least as long as the hours they are made of."""
    found: dict[str, int | None] = {}
    for name in ("raw", "hourly", "daily"):
        text = typed[name]
        is_number = text.isascii() and text.isdecimal() and 0 < int(text[:6]) <= MOST_DAYS
        if text and not is_number:
            problems[name] = "notDays"
        found[f"{name}_days"] = int(text) if is_number else None
    hourly, daily = found["hourly_days"], found["daily_days"]
    if daily is not None and (hourly is None or hourly > daily) and "hourly" not in problems:
        problems["daily"] = "notLonger"
    return found


def _place(typed: Mapping[str, str], problems: dict[str, str]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for name, most in (("latitude", 90), ("longitude", 180)):
        number = _number(typed[name], name, problems)
        if number is not None and abs(number) > most:
            problems[name] = "notPlace"
        found[f"{name}_e6"] = None if number is None else round(number * 1_000_000)
    for name, other in (("latitude", "longitude"), ("longitude", "latitude")):
        if not typed[name] and typed[other]:
            problems[name] = "notBoth"
    return found


def _number(text: str, name: str, problems: dict[str, str]) -> float | None:
    if not text:
        return None
    try:
        number = float(text.replace(",", ".")) if len(text) <= 30 and "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if math.isnan(number) or abs(number) > _EXACT:
        problems[name] = "notNumber"
        return None
    return number
