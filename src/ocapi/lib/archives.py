"""Zip archives, workbooks too, are judged by their directory before anything in them is unpacked.

Python's reader never gives more of an entry than the directory says, so that a lie there ends in a failure
and not in more bytes (reliability.md 2.3).
"""

import zipfile
from pathlib import Path
from typing import IO

MOST_ENTRIES = 10_000
RATIO = 100  # an entry grows at most this many times
SMALL = 64 << 10  # bytes; below this the ratio says nothing
_NESTED = (".zip", ".jar", ".xlsx", ".docx", ".ods", ".odt", ".gz", ".bz2", ".xz", ".7z", ".tar")


class ArchiveRefused(ValueError):
    """The archive may not be unpacked; the message says which limit it passes."""


def require_sound(file: Path | IO[bytes], *, most_bytes: int) -> int:
    """Give the bytes an archive unpacks to; raises ArchiveRefused before any of them is made.

    most_bytes: of all entries together. Refused are too many entries, one that grows too much, an archive in
    the archive, a name that leads out, an encrypted entry, two of one name, and what is no archive.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as failure:
        raise ArchiveRefused("it is no archive that can be read") from failure
    if len(entries) > MOST_ENTRIES:
        raise ArchiveRefused(f"it holds more than {MOST_ENTRIES} entries")
    if len({each.filename for each in entries}) < len(entries):
        raise ArchiveRefused("it holds two entries of one name")
    for each in entries:
        _require_sound_entry(each)
    total = sum(each.file_size for each in entries)
    if total > most_bytes:
        raise ArchiveRefused(f"it unpacks to more than {most_bytes} bytes")
    return total


def _require_sound_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    parts = name.replace("\\", "/").split("/")
    if not parts[0] or ".." in parts or ":" in name or "\0" in name:
        raise ArchiveRefused("it holds a name that leads out of it")
    if entry.flag_bits & 0x1:
        raise ArchiveRefused("it holds an encrypted entry")
    if name.lower().endswith(_NESTED):
        raise ArchiveRefused("it holds an archive")
    if entry.file_size > SMALL and entry.file_size > RATIO * max(entry.compress_size, 1):
        raise ArchiveRefused(f"an entry grows more than {RATIO} times")
