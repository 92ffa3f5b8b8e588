"""The saved state of a log: all that lives at a sequence, so that a start reads only the tail.

A file `state-<sequence>` of JSON lines beside the segments; the first line says how many follow and their
SHA-256. It is rebuildable: one that is damaged is passed over and the whole log read instead.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from ocapi.lib import codec, crashpoint, durable

PREFIX = "state-"
LARGEST = 1 << 30
log = structlog.get_logger("dataplane.context")


def write(folder: Path, sequence: int, records: Sequence[dict[str, Any]]) -> None:
    """Save a state and take the older ones away. Raises OSError with the older ones untouched."""
    lines = [codec.encode_record(each) for each in records]
    body = b"\n".join(lines)
    head = codec.encode_record(
        {
            "version": 1,
            "sequence": sequence,
            "lines": len(lines),
            "sha256": hashlib.sha256(body).hexdigest(),
        }
    )
    crashpoint.point("capture.snapshot.before_write")
    durable.write_file(folder / f"{PREFIX}{sequence:020d}", head + b"\n" + body)
    crashpoint.point("capture.snapshot.after_write")
    for name in names(folder)[:-1]:
        durable.remove_file(folder / name)


def read(folder: Path) -> tuple[int, list[dict[str, Any]]]:
    """Give the newest sound state and its sequence; 0 and nothing when there is none."""
    for name in reversed(names(folder)):
        raw = durable.read_file(folder / name)
        first, _, body = raw.partition(b"\n")
        try:
            head = _line(first)
            if head.get("sha256") == hashlib.sha256(body).hexdigest() and head.get("version") == 1:
                return int(head["sequence"]), [_line(each) for each in body.split(b"\n") if each]
        except (codec.MalformedInput, KeyError, TypeError, ValueError):
            pass
        log.error("a saved state is damaged and is passed over", name=name)
    return 0, []


def _line(raw: bytes) -> dict[str, Any]:
    found = codec.decode_untyped(raw, max_bytes=LARGEST, max_depth=200, max_keys=1_000_000)
    if not isinstance(found, dict):
        raise codec.MalformedInput(codec.Reason.NOT_JSON, detail="a line is no object")
    return found


def names(folder: Path) -> list[str]:
    """List the saved states of a log, oldest first."""
    return sorted(each for each in durable.DISK.names(folder) if each.startswith(PREFIX))


def sequence_of(name: str) -> int:
    """Give the sequence a saved state reaches, by its name."""
    return int(name.removeprefix(PREFIX))
