"""Tables of readings as observations, a row at a time: columns guessed, faults told by line and reason."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ocapi.lib import codec
from ocapi.lib.columns import tables
from ocapi.modules.capture.data import BadUpload, UploadColumns, UploadRow

PARQUET = b"PAR1"
LARGEST_PARQUET = 1 << 30
LONGEST_KEY = 100
_NAMES = {  # what columns are called in Dutch and English, the best first
    "time": (
        "phenomenontime",
        "observedat",
        "timestamp",
        "tijdstip",
        "datumtijd",
        "datetime",
        "time",
        "tijd",
        "datum",
        "date",
    ),
    "sensor": (
        "datastream",
        "sensor",
        "sensor_id",
        "sensorid",
        "meetpunt",
        "meetreeks",
        "locatie",
        "paal",
        "id",
    ),
    "value": ("result", "value", "waarde", "meting", "meetwaarde", "aantal", "totaal", "count"),
    "unit": ("unit", "unitcode", "eenheid"),
}
_FORMS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M")


def readings_of(*, path: Path, wanted: UploadColumns, zone: str) -> Iterator[UploadRow]:
    """Give the rows of a file as observations; raises BadUpload."""
    try:
        local = ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError):
        raise BadUpload(f"{zone!r} is no time zone, as Europe/Brussels") from None
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(0)
        try:
            yield from _parquet(path, wanted, local) if head == PARQUET else _csv(file, wanted, local)
        except codec.MalformedInput as refusal:
            raise BadUpload(f"{refusal.path}: {refusal.detail}") from None
        except tables.SourceRefused as refusal:
            raise BadUpload(str(refusal)) from None


def guessed(header: Sequence[str], wanted: UploadColumns) -> UploadColumns:
    """Find the columns by their names; raises BadUpload with the header when one is not there."""
    plain = {name.strip().lower().replace(" ", ""): name for name in reversed(header)}
    found: dict[str, str] = {}
    for role, names in _NAMES.items():
        said = getattr(wanted, role)
        if said and said not in header:
            raise BadUpload(f"there is no column {said!r}; there are {', '.join(header)[:300]}")
        found[role] = said or next((plain[name] for name in names if name in plain), "")
    missing = [role for role in ("time", "sensor", "value") if not found[role]]
    if missing:
        raise BadUpload(f"say which column is the {missing[0]}; there are {', '.join(header)[:300]}")
    return UploadColumns(**found)


def _csv(file: BinaryIO, wanted: UploadColumns, zone: ZoneInfo | None) -> Iterator[UploadRow]:
    header, rows = codec.stream_csv(file)
    columns = guessed(header, wanted)
    for line, cells in rows:
        if not cells:
            yield UploadRow(line=line, reason="the line is no UTF-8 text")
        elif len(cells) != len(header):
            yield UploadRow(line=line, reason=f"{len(cells)} cells where the header has {len(header)}")
        else:
            yield _row(line, dict(zip(header, cells, strict=True)), columns, zone)


def _parquet(path: Path, wanted: UploadColumns, zone: ZoneInfo | None) -> Iterator[UploadRow]:
    columns = guessed(tables.parquet_names(path), wanted)
    names = [each for each in (columns.time, columns.sensor, columns.value, columns.unit) if each]
    for line, cells in enumerate(_rows(path, names), start=1):
        yield _row(line, dict(zip(names, cells, strict=True)), columns, zone)


def _rows(path: Path, names: list[str]) -> Iterator[tuple[Any, ...]]:
    return tables.read_parquet(path, names, largest_bytes=LARGEST_PARQUET, rows_at_once=4_096)


def _row(line: int, cells: dict[str, Any], columns: UploadColumns, zone: ZoneInfo | None) -> UploadRow:
    try:
        at = _moment(cells[columns.time], zone)
        result = _number(cells[columns.value])
        key = str(cells[columns.sensor] or "").strip()
        if not 0 < len(key) <= LONGEST_KEY:
            raise ValueError("the sensor is empty or too long")
    except ValueError as failure:
        return UploadRow(line=line, reason=str(failure))
    observation: dict[str, object] = {"phenomenonTime": at, "result": result}
    unit = str(cells.get(columns.unit) or "").strip() if columns.unit else ""
    if unit:
        observation["parameters"] = {"unit": unit}
    return UploadRow(line=line, datastream=key, observation=observation)


def _moment(cell: Any, zone: ZoneInfo | None) -> str:
    at = cell if isinstance(cell, datetime) else _read_moment(str(cell).strip())
    if at.tzinfo is None:
        if zone is None:
            raise ValueError("the time has no zone; say which one with --zone")
        local = at.replace(tzinfo=zone)
        if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != at:
            raise ValueError("this time does not exist: the clock was put forward")
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            raise ValueError("this time exists twice: the clock was put back; give its zone")
        at = local
    try:
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        raise ValueError("the time is outside the calendar") from None


def _read_moment(text: str) -> datetime:
    try:
        if len(text) > 10:
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is asked for by the caller
        except ValueError:
            continue
    raise ValueError(f"{text[:40]!r} is no moment, as 2026-11-28T09:30:00+01:00")


def _number(cell: Any) -> int | float:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        number: int | float = cell
    else:
        text = str(cell if cell is not None else "").strip()
        plain = text.replace(",", ".") if "." not in text and text.count(",") == 1 else text
        try:
            is_whole = plain.lstrip("-").isdecimal() and len(plain) < 19
            number = int(plain) if is_whole else float(plain)
        except ValueError:
            raise ValueError(f"{text[:40]!r} is no number") from None
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number
