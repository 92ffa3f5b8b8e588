"""Segmented append-only log with group commit: what `append` returned survives kill and power cut.

A frame is magic, version, length, sequence, the sequence known durable when it was written, checksum and
payload. The checksum is CRC-32 of zlib (IEEE polynomial) and not CRC32C: no wheel of ours brings the latter,
and version 1 fixes the choice. Recovery reads forward and cuts a torn tail off. A bad frame that a later one
knows to have been durable is corruption and raises, it is never skipped; without that mark a write whose
sectors arrived out of order could not be told from damage.
"""

import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ocapi.lib import crashpoint, durable
from ocapi.lib.durable import DISK, Appender, FileSystem

MAGIC = b"OCSG"
VERSION = 1
HEADER = struct.Struct(">4sBxxxIQQI")  # magic, version, padding, length, sequence, durable, checksum
COVERED = struct.Struct(">IQQ")  # what the checksum covers before the payload
MAX_PAYLOAD_BYTES = 16 << 20
SEGMENT_BYTES = 64 << 20
SUFFIX = ".seg"


class CorruptSegment(Exception):
    """A frame before the tail is damaged: quarantine the segment and raise the alarm, never skip it."""

    def __init__(self, segment: str, offset: int, reason: str) -> None:
        super().__init__(f"{segment} at byte {offset}: {reason}")
        self.segment = segment
        self.offset = offset
        self.reason = reason


class PayloadRefused(ValueError):
    """A payload is empty or larger than a frame may hold."""


class Record(NamedTuple):
    """One payload with its sequence, which counts from 1 without gaps over all segments."""

    sequence: int
    payload: bytes


class _Scan(NamedTuple):
    records: list[Record]
    good_bytes: int
    fault: str


class Writer:
    """The only writer of a log folder; safe for threads, whose appends share one sync.

    Opening recovers: `cut_bytes` tells how many bytes of a torn tail were cut off. Raises CorruptSegment.
    """

    def __init__(
        self, directory: Path, *, segment_bytes: int = SEGMENT_BYTES, file_system: FileSystem = DISK
    ) -> None:
        durable.make_directory(directory, file_system=file_system)
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._file_system = file_system
        self._writing = threading.Lock()
        self._syncing = threading.Lock()
        self._retired: list[Appender] = []
        self._file, self.last_sequence, self.cut_bytes = self._recover()
        self._synced_sequence = self.last_sequence

    @property
    def durable_sequence(self) -> int:
        """Give the sequence up to which all is durable: what others may be shown."""
        return self._synced_sequence

    def append(self, payloads: Sequence[bytes]) -> int:
        """Add payloads in order and give the last one's sequence when all of them are durable.

        Threads that arrive during a sync wait for the next one together (group commit). Raises
        PayloadRefused with nothing written, OSError (disk full) likewise, SyncFailed: then end the process.
        """
        for payload in payloads:
            if not 0 < len(payload) <= MAX_PAYLOAD_BYTES:
                raise PayloadRefused(f"a payload has 1 to {MAX_PAYLOAD_BYTES} bytes, not {len(payload)}")
        if not payloads:
            return self.last_sequence
        with self._writing:
            if self._file.size >= self._segment_bytes:
                self._roll()
            first = self.last_sequence + 1
            durable_up_to = self._synced_sequence
            frames = _frames(first, payloads, durable_up_to=durable_up_to)
            crashpoint.point("capture.append.before_write")
            self._file.append(frames)
            crashpoint.point("capture.append.after_write")
            self.last_sequence = mine = first + len(payloads) - 1
        self._sync_up_to(mine)
        return mine

    def roll(self) -> None:
        """Begin a new segment, so that the one before it can be removed; an empty one is kept."""
        with self._writing:
            if self._file.size:
                self._roll()

    def close(self) -> None:
        """Close the segment; everything acknowledged is already durable."""
        with self._syncing, self._writing:
            for file in (*self._retired, self._file):
                file.close()

    def _sync_up_to(self, sequence: int) -> None:
        with self._syncing:
            if self._synced_sequence >= sequence:
                return  # the sync of another thread took this one along
            with self._writing:
                file, written = self._file, self.last_sequence
                retired, self._retired = self._retired, []
            for full in retired:
                full.close()
            crashpoint.point("capture.append.before_sync")
            file.sync()
            self._synced_sequence = written
            crashpoint.point("capture.append.after_sync")

    def _roll(self) -> None:
        """Begin a new segment; called with the writing lock held.

        The full segment is synced first, so only the last segment can have a torn tail. It stays open for
        a thread that may be about to sync it; the next sync closes it.
        """
        crashpoint.point("capture.roll.before_sync")
        self._file.sync()
        crashpoint.point("capture.roll.after_sync")
        full, self._file = self._file, self._open(self.last_sequence + 1)
        self._retired.append(full)
        crashpoint.point("capture.roll.after_open")

    def _open(self, first_sequence: int) -> Appender:
        path = self._directory / f"{first_sequence:020d}{SUFFIX}"
        return Appender(path, file_system=self._file_system)

    def _recover(self) -> tuple[Appender, int, int]:
        names = segment_names(self._directory, file_system=self._file_system)
        if not names:
            return self._open(1), 0, 0
        first = first_sequence(names[-1])
        raw = self._file_system.read(self._directory / names[-1])
        scan = _scan(raw, first)
        _refuse_damage_before_tail(names[-1], raw, scan, first)
        file = self._open(first)
        if scan.good_bytes < len(raw):
            crashpoint.point("capture.recover.before_truncate")
            file.truncate(scan.good_bytes)
            file.sync()
            crashpoint.point("capture.recover.after_truncate")
        return file, first + len(scan.records) - 1, len(raw) - scan.good_bytes


def frame(sequence: int, payload: bytes, *, durable_up_to: int) -> bytes:
    """Wrap a payload in its frame; the checksum covers length, both sequences and the payload."""
    return _frames(sequence, (payload,), durable_up_to=durable_up_to)


def _frames(first: int, payloads: Sequence[bytes], *, durable_up_to: int) -> bytes:
    """Wrap payloads in their frames, one after the other; written for a batch of thousands."""
    parts: list[bytes] = []
    add, header, covered, crc32 = parts.append, HEADER.pack, COVERED.pack, zlib.crc32
    for sequence, payload in enumerate(payloads, start=first):
        length = len(payload)
        checksum = crc32(payload, crc32(covered(length, sequence, durable_up_to)))
        add(header(MAGIC, VERSION, length, sequence, durable_up_to, checksum))
        add(payload)
    return b"".join(parts)


def _checksum(payload: bytes, sequence: int, durable_up_to: int) -> int:
    return zlib.crc32(payload, zlib.crc32(COVERED.pack(len(payload), sequence, durable_up_to)))


def segment_names(directory: Path, *, file_system: FileSystem = DISK) -> list[str]:
    """List the segments of a log folder, oldest first."""
    return [name for name in file_system.names(directory) if name.endswith(SUFFIX)]


def read(directory: Path, *, after_sequence: int = 0, file_system: FileSystem = DISK) -> Iterator[Record]:
    """Give the records after a sequence, in order, while a writer may be at work.

    A torn tail of the last segment ends the reading quietly: it was not acknowledged, or is being written.
    Raises CorruptSegment for damage before the tail and for a missing segment.
    """
    names = segment_names(directory, file_system=file_system)
    begin = sum(1 for name in names if first_sequence(name) <= after_sequence + 1)
    expected = 0
    for name in names[max(begin - 1, 0) :]:
        first = first_sequence(name)
        if expected and first != expected:
            raise CorruptSegment(name, 0, f"a segment from sequence {expected} is missing")
        raw = file_system.read(directory / name)
        scan = _scan(raw, first)
        if name != names[-1] and scan.good_bytes < len(raw):
            raise CorruptSegment(name, scan.good_bytes, scan.fault)
        _refuse_damage_before_tail(name, raw, scan, first)
        yield from (record for record in scan.records if record.sequence > after_sequence)
        expected = first + len(scan.records)


def as_frames(records: Sequence[Record]) -> bytes:
    """Wrap records that are durable for the way to another log that keeps their sequences."""
    if not records:
        return b""
    payloads = [record.payload for record in records]
    return _frames(records[0].sequence, payloads, durable_up_to=records[-1].sequence)


def from_frames(raw: bytes, *, first: int) -> list[Record]:
    """Read what `as_frames` made; raises CorruptSegment when not every frame is whole and in order."""
    scan = _scan(raw, first)
    if scan.good_bytes < len(raw):
        raise CorruptSegment("frames", scan.good_bytes, scan.fault)
    return scan.records


def begin_at(directory: Path, sequence: int, *, file_system: FileSystem = DISK) -> None:
    """Make a new log whose first record will have a sequence; raises FileExistsError when there is one."""
    durable.make_directory(directory, file_system=file_system)
    if segment_names(directory, file_system=file_system):
        raise FileExistsError(str(directory))
    durable.add_file(directory / f"{sequence:020d}{SUFFIX}", b"", file_system=file_system)


def remove_up_to(directory: Path, sequence: int, *, file_system: FileSystem = DISK) -> int:
    """Take away segments whose records all stand at or before a sequence; the last one stays. Gives how many.

    Oldest first, so that a crash in between leaves no gap. Only the writer's process may call it.
    """
    names = segment_names(directory, file_system=file_system)
    gone = [
        name for name, following in zip(names, names[1:], strict=False)
        if first_sequence(following) <= sequence + 1
    ]
    for name in gone:
        durable.remove_file(directory / name, file_system=file_system)
    return len(gone)


def first_sequence(name: str) -> int:
    """Give the sequence of the first record of a segment, by its name. Raises CorruptSegment."""
    stem = name.removesuffix(SUFFIX)
    if not (stem.isascii() and stem.isdigit()):
        raise CorruptSegment(name, 0, "not a segment's name")
    return int(stem)


def _scan(raw: bytes, first: int) -> _Scan:
    """Read whole frames from the start until the end or the first bad one."""
    records: list[Record] = []
    offset = 0
    while offset < len(raw):
        found = _frame_at(raw, offset, first + len(records))
        if isinstance(found, str):
            return _Scan(records, offset, found)
        records.append(Record(first + len(records), found))
        offset += HEADER.size + len(found)
    return _Scan(records, offset, "")


def _frame_at(raw: bytes, offset: int, sequence: int) -> bytes | str:
    """Give the payload of the frame at an offset, or what is wrong with it."""
    if len(raw) - offset < HEADER.size:
        return "incomplete header"
    magic, version, length, found, durable_up_to, checksum = HEADER.unpack_from(raw, offset)
    if magic != MAGIC or version != VERSION:
        return "no frame of a known version"
    payload = raw[offset + HEADER.size : offset + HEADER.size + length]
    if len(payload) < length:
        return "incomplete payload"
    if _checksum(payload, found, durable_up_to) != checksum:
        return "wrong checksum"
    return payload if found == sequence else f"sequence {found} in the place of {sequence}"


def _refuse_damage_before_tail(name: str, raw: bytes, scan: _Scan, first: int) -> None:
    """Raise CorruptSegment when a whole frame behind the bad one knows that one to have been durable."""
    bad_sequence = first + len(scan.records)
    offset = raw.find(MAGIC, scan.good_bytes + 1)
    while scan.fault and offset >= 0:
        if _durable_mark_at(raw, offset) >= bad_sequence:
            raise CorruptSegment(name, scan.good_bytes, scan.fault)
        offset = raw.find(MAGIC, offset + 1)


def _durable_mark_at(raw: bytes, offset: int) -> int:
    """Give the durable sequence a whole frame at this offset carries, or -1 when there is none."""
    if len(raw) - offset < HEADER.size:
        return -1
    sequence, durable_up_to = HEADER.unpack_from(raw, offset)[3:5]
    return int(durable_up_to) if isinstance(_frame_at(raw, offset, sequence), bytes) else -1
