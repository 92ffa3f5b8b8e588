"""Tables of readings as observations, a row at a time: columns guessed, faults told by line and reason."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ocapi.lib import codec
from ocapi.lib.columns import tables
from ocapi.modules.capture.data import BadUpload, Look, UploadColumns, UploadRow

PARQUET = b"PAR1"
LARGEST_PARQUET = 1 << 30
LONGEST_KEY = 100
SHOWN = 5  # rows of a look
MEASURED = 500  # rows their length is guessed from
MOST_COLUMNS = 60
LONGEST_CELL = 60
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


class _Fault(ValueError):
    def __init__(self, code: str, what: str = "") -> None:
        super().__init__(code)
        self.code, self.what = code, what


def readings_of(
    *, path: Path, wanted: UploadColumns, zone: str, sensor: str = ""
) -> Iterator[UploadRow]:
    """Give the rows of a file as observations; raises BadUpload. sensor: of all rows, if no column says."""
    local = zone_of(zone)
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(0)
        try:
            read = _Reader(wanted, local, sensor)
            yield from read.parquet(path) if head == PARQUET else read.csv(file)
        except codec.MalformedInput as refusal:
            raise BadUpload("malformed", f"{refusal.path}: {refusal.detail}") from None
        except tables.SourceRefused as refusal:
            raise BadUpload("unreadable", str(refusal)) from None


def zone_of(name: str) -> ZoneInfo | None:
    """Give a time zone by its name, None for none; raises BadUpload."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadUpload("zone", repr(name[:60])) from None


def look_at(path: Path) -> Look:
    """Give the beginning of a file, and which columns are what by their names. Raises BadUpload."""
    with path.open("rb") as file:
        try:
            if file.read(4) == PARQUET:
                header = tables.parquet_names(path)[:MOST_COLUMNS]
                read = _rows(path, header)
                about = tables.parquet_rows(path)
                rows = [tuple(map(_as_text, row)) for row in islice(read, SHOWN)]
            else:
                file.seek(0)
                header, lines = codec.stream_csv(file)
                rows = [tuple(line.cells[:MOST_COLUMNS]) for line in islice(lines, MEASURED) if line.cells]
                about = len(rows) * path.stat().st_size // max(file.tell(), 1)
        except codec.MalformedInput as refusal:
            raise BadUpload("malformed", f"{refusal.path}: {refusal.detail}") from None
        except tables.SourceRefused as refusal:
            raise BadUpload("unreadable", str(refusal)) from None
    shown = tuple(tuple(cell[:LONGEST_CELL] for cell in row) for row in rows[:SHOWN])
    return Look(
        header=tuple(header[:MOST_COLUMNS]), guessed=_by_name(header, UploadColumns()), rows=shown,
        about_rows=max(about, len(rows)),
    )


def _as_text(cell: object) -> str:
    return "" if cell is None else str(cell)


def guessed(header: Sequence[str], wanted: UploadColumns, *, needs_sensor: bool = True) -> UploadColumns:
    """Find the columns by their names; raises BadUpload with the header when one is not there."""
    for said in (wanted.time, wanted.sensor, wanted.value, wanted.unit):
        if said and said not in header:
            raise BadUpload("column", f"{said[:60]!r}; there are {', '.join(header)[:300]}")
    found = _by_name(header, wanted)
    for role in ("time", "sensor", "value") if needs_sensor else ("time", "value"):
        if not getattr(found, role):
            raise BadUpload(role, ", ".join(header)[:300])
    return found


def _by_name(header: Sequence[str], wanted: UploadColumns) -> UploadColumns:
    plain = {name.strip().lower().replace(" ", ""): name for name in reversed(header)}
    return UploadColumns(**{
        role: getattr(wanted, role) or next((plain[name] for name in names if name in plain), "")
        for role, names in _NAMES.items()
    })


class _Reader:
    """Reads rows by what was said of the file."""

    def __init__(self, wanted: UploadColumns, zone: ZoneInfo | None, sensor: str) -> None:
        self._wanted, self._zone, self._sensor = wanted, zone, sensor

    def csv(self, file: BinaryIO) -> Iterator[UploadRow]:
        header, rows = codec.stream_csv(file)
        columns = guessed(header, self._wanted, needs_sensor=not self._sensor)
        for line, cells in rows:
            if not cells:
                yield UploadRow(line=line, fault="notText")
            elif len(cells) != len(header):
                told = f"{len(cells)} cells where the header has {len(header)}"
                yield UploadRow(line=line, fault="cells", what=told)
            else:
                yield self._row(line, dict(zip(header, cells, strict=True)), columns)

    def parquet(self, path: Path) -> Iterator[UploadRow]:
        columns = guessed(tables.parquet_names(path), self._wanted, needs_sensor=not self._sensor)
        wanted = (columns.time, "" if self._sensor else columns.sensor, columns.value, columns.unit)
        names = list(dict.fromkeys(each for each in wanted if each))
        for line, cells in enumerate(_rows(path, names), start=1):
            yield self._row(line, dict(zip(names, cells, strict=True)), columns)

    def _row(self, line: int, cells: dict[str, Any], columns: UploadColumns) -> UploadRow:
        try:
            at = _moment(cells[columns.time], self._zone)
            result = _number(cells[columns.value])
            key = self._sensor or str(cells[columns.sensor] or "").strip()
            if not 0 < len(key) <= LONGEST_KEY:
                raise _Fault("noSensor")
        except _Fault as failure:
            return UploadRow(line=line, fault=failure.code, what=failure.what)
        observation: dict[str, object] = {"phenomenonTime": at, "result": result}
        unit = str(cells.get(columns.unit) or "").strip() if columns.unit else ""
        if unit:
            observation["parameters"] = {"unit": unit}
        return UploadRow(line=line, datastream=key, observation=observation)


def _rows(path: Path, names: list[str]) -> Iterator[tuple[Any, ...]]:
    return tables.read_parquet(path, names, largest_bytes=LARGEST_PARQUET, rows_at_once=4_096)


def _moment(cell: Any, zone: ZoneInfo | None) -> str:
    at = cell if isinstance(cell, datetime) else _read_moment(str(cell).strip())
    try:
        if at.tzinfo is None:
            at = _placed(at, zone)
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        raise _Fault("outside") from None


def _placed(at: datetime, zone: ZoneInfo | None) -> datetime:
    if zone is None:
        raise _Fault("noZone")
    local = at.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != at:
        raise _Fault("clockForward")
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise _Fault("clockBack")
    return local


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
    raise _Fault("notMoment", repr(text[:40]))


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
            raise _Fault("notNumber", repr(text[:40])) from None
    if not math.isfinite(number):
        raise _Fault("notFinite")
    return number
