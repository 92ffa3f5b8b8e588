"""The process that reads a file of readings, as a whole: `python -m ocapi.modules.capture.services.checking`.

It knows no database and no network. `look` answers on its output what a file begins with. `check` reads the
whole file by what was asked (`asked.json` in its folder), keeps what is sound in a log of its own and tells
the rest in `report.json`, the last thing it writes. Nothing of it counts before somebody accepts it.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ocapi.lib import clock, codec, confined, durable, handed, quality, seglog, units
from ocapi.modules.capture.data import (
    BadUpload,
    LoadChoice,
    LoadReport,
    Look,
    RowFault,
    Understood,
    UploadRow,
)
from ocapi.modules.capture.services import uploads

LOG, LOCK, ASKED, REPORT, READ, STOP = "log", "lock", "asked.json", "report.json", "read", "stop"
AT_ONCE = 10_000  # rows that go to disk together
MOST_TOLD = 1_000  # faults, and doubtful readings, that are told; all are counted
SAMPLE = 10
LARGEST_VALUE = 1e12  # as `rolling.LARGEST`
YEARS = range(1900, 2200)  # as `rolling.YEARS`
MEMORY, CPU_SECONDS = 2 << 30, 4 * 3600
LOOK_SECONDS = 10
EVERY_S = 1.0  # between two words about how far it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A sensor readings may be for. rules: as `lib.quality.read_rules` has them."""

    unit: str
    rules: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a check is to do. sensors: by code."""

    choice: LoadChoice
    sensors: dict[str, Known]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A reading as a record of the log of a load, as `rolling.Reading` reads it."""

    stream: str
    id: str
    at: datetime
    value: float
    receivedAt: datetime  # noqa: N815  (as in the inbox)
    flags: dict[str, bool]


class Stopped(Exception):
    """Somebody cancelled the load."""


def check(folder: Path, *, now: datetime) -> LoadReport:
    """Read the file of a load and keep what is sound; gives what was found. Raises Stopped, OSError."""
    raw = durable.read_file(folder / ASKED)
    asked = codec.convert(codec.decode_untyped(raw, max_bytes=64 << 20, max_keys=10_000_000), Asked)
    durable.remove_tree(folder / LOG)  # what an earlier start left
    judging = _Judging(asked, now)
    writer, told_at = seglog.Writer(folder / LOG), clock.monotonic()
    try:
        for batch in _batches(folder, asked.choice):
            kept = [each for each in map(judging.take, batch) if each is not None]
            writer.append(codec.encode_records(kept) if kept else [])
            if clock.monotonic() - told_at >= EVERY_S:
                told_at = clock.monotonic()
                durable.write_file(folder / READ, str(judging.rows).encode())
    except BadUpload as refusal:
        return LoadReport(rows=judging.rows, code=refusal.code, what=refusal.what)
    finally:
        writer.close()
    return judging.report()


def _batches(folder: Path, choice: LoadChoice) -> Iterator[list[UploadRow]]:
    rows = uploads.readings_of(
        path=folder / handed.DATA, wanted=choice.columns, zone=choice.zone, sensor=choice.sensor
    )
    batch: list[UploadRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= AT_ONCE:
            yield batch
            batch = []
            if (folder / STOP).exists():
                raise Stopped
    yield batch


class _Judging:
    """Judges rows in the order of the file, each by the one before it of its sensor, and counts."""

    def __init__(self, asked: Asked, now: datetime) -> None:
        self._asked, self._now = asked, now
        self._rules = {code: quality.sound_rules(each.rules)[0] for code, each in asked.sensors.items()}
        self._before: dict[str, quality.Known] = {}
        self.rows = self._sound = self._refused = self._repeated = 0
        self._flags: dict[str, int] = {}
        self._sensors: dict[str, int] = {}
        self._faults: list[RowFault] = []
        self._doubtful: list[Understood] = []
        self._sample: list[Understood] = []
        self._span: tuple[datetime, datetime] | None = None

    def take(self, row: UploadRow) -> Kept | None:
        """Give a row as it is kept; None when it is refused, or was there before."""
        self.rows += 1
        fault = RowFault(line=row.line, code=row.fault, what=row.what) if row.fault else None
        kept = None
        if fault is None:
            kept, fault = self._kept(row)
        if fault is not None:
            self._refused += 1
            if len(self._faults) < MOST_TOLD:
                self._faults.append(fault)
        return kept

    def _kept(self, row: UploadRow) -> tuple[Kept | None, RowFault | None]:
        known = self._asked.sensors.get(row.datastream)
        if known is None:
            return None, RowFault(line=row.line, code="unknownSensor", what=row.datastream[:80])
        at = datetime.fromisoformat(str(row.observation["phenomenonTime"]))
        value, remarks, fault = self._in_unit(row, known)
        if fault is None and abs(value) > LARGEST_VALUE:
            fault = RowFault(line=row.line, code="tooLarge", what=f"{value:g}")
        if fault is None and at.astimezone(UTC).year not in YEARS:
            fault = RowFault(line=row.line, code="outside")
        if fault is not None:
            return None, fault
        before = self._before.get(row.datastream)
        if before is not None and before.at == at and before.value == value:
            self._repeated += 1
            return None, None
        verdict = quality.judge(
            value, at=at, rules=self._rules[row.datastream], known=before, now=self._now, is_number=True
        )
        if before is None or at >= before.at:
            self._before[row.datastream] = quality.Known(value=value, at=at, same_since=verdict.same_since)
        flags = {each.flag.value: each.is_fault for each in (*remarks, *verdict.remarks)}
        self._count(row, at, value, flags)
        moment = at.astimezone(UTC)
        # Ids outlive the readings, so that a file that comes again adds nothing: they tell nothing of them.
        told = hashlib.sha256(f"{row.datastream} {moment.isoformat()} {value!r}".encode()).hexdigest()
        return Kept(
            stream=row.datastream, id=told[:32], at=moment, value=value, receivedAt=self._now, flags=flags
        ), None

    def _in_unit(
        self, row: UploadRow, known: Known
    ) -> tuple[float, tuple[quality.Remark, ...], RowFault | None]:
        value = float(str(row.observation["result"]))
        said = row.observation.get("parameters")
        given = str(said["unit"]) if isinstance(said, dict) else self._asked.choice.unit
        if not given or given == known.unit:
            return value, (), None
        try:
            found = units.convert(value, given=given, wanted=known.unit)
        except (units.UnknownUnit, units.OtherQuantity, OverflowError):
            return value, (), RowFault(line=row.line, code="unknownUnit", what=given[:40])
        return found, (quality.Remark(quality.Flag.CONVERTED, given, is_fault=False),), None

    def _count(self, row: UploadRow, at: datetime, value: float, flags: Mapping[str, bool]) -> None:
        self._sound += 1
        for flag in flags:
            self._flags[flag] = self._flags.get(flag, 0) + 1
        self._sensors[row.datastream] = self._sensors.get(row.datastream, 0) + 1
        first, last = self._span or (at, at)
        self._span = (min(first, at), max(last, at))
        is_doubtful = any(flags.values()) and len(self._doubtful) < MOST_TOLD
        if is_doubtful or len(self._sample) < SAMPLE:
            told = Understood(
                line=row.line, sensor=row.datastream, at=at.isoformat(), value=value, flags=tuple(flags)
            )
            self._doubtful += [told] if is_doubtful else []
            self._sample += [told] if len(self._sample) < SAMPLE else []

    def report(self) -> LoadReport:
        """Give what was found."""
        first, last = self._span or (None, None)
        return LoadReport(
            rows=self.rows, sound=self._sound, refused=self._refused, repeated=self._repeated,
            flags=self._flags, sensors=self._sensors, faults=tuple(self._faults),
            doubtful=tuple(self._doubtful), sample=tuple(self._sample),
            from_at=first.isoformat() if first else "", to_at=last.isoformat() if last else "",
        )


def look(path: Path) -> Look:
    """Give the beginning of a file, or why it can't be read."""
    try:
        return uploads.look_at(path)
    except BadUpload as refusal:
        return Look(code=refusal.code, what=refusal.what)


def is_under_way(folder: Path) -> bool:
    """Tell whether a process checks this load now."""
    try:
        with (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def main(act: str, place: Path) -> int:
    """Do what the command line says."""
    if act == "look":
        confined.confine(
            memory_bytes=MEMORY, cpu_seconds=LOOK_SECONDS, writes_files=False, is_enough=True
        )
        sys.stdout.buffer.write(codec.encode_json(asdict(look(place))))
        return 0
    handle = os.open(place / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, durable.FILE_MODE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return 0  # another process is at it
    confined.confine(memory_bytes=MEMORY, cpu_seconds=CPU_SECONDS, is_enough=True)
    with contextlib.suppress(Stopped):
        try:
            report = check(place, now=clock.now())
        except MemoryError:
            report = LoadReport(code="broken")
        except OSError as failure:
            if failure.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            durable.remove_tree(place / LOG)
            report = LoadReport(code="diskFull")
        durable.write_file(place / REPORT, codec.encode_json(asdict(report)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
