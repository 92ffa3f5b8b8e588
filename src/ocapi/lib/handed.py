"""Files of readings on their way: where the data plane puts them, and the pass that lets somebody send one.

A file stands in `capture/uploads/<uuid>/`: `data` as it came, then `about.json`, which makes it whole. The
pass is sealed (`lib.sealed`) by the web process, names one upload of one organization, and ends.
"""

import base64
import binascii
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from ocapi.lib import codec, durable
from ocapi.lib.sealed import NotSealed, Sealer

PURPOSE = "capture.upload"
OWNER = b"upload"
DATA, ABOUT = "data", "about.json"
LARGEST = (1 << 30) + (64 << 20)  # bytes of a file: 1 GiB and some
LONGEST_PASS = 2_048


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """What a pass says. tenant: key of the organization. back: path of the page the sender goes on to.

    again: path of the page to send another file from, for who sent one that is not taken.
    """

    tenant: str
    upload: UUID
    until: datetime
    back: str
    again: str = ""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came whole. name: as its sender called it. sha256: hexadecimal."""

    name: str
    size_bytes: int
    sha256: str
    arrived_at: datetime


class BadPass(ValueError):
    """A pass is none of ours, or its time is over."""


def write_pass(told: Pass, *, sealer: Sealer) -> str:
    """Give a pass as part of an address."""
    sealed = sealer.seal(codec.encode_json(told), purpose=PURPOSE, owner=OWNER)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read_pass(text: str, *, sealer: Sealer, now: datetime) -> Pass:
    """Undo `write_pass`; raises BadPass."""
    if len(text) > LONGEST_PASS:
        raise BadPass
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        told = codec.decode_json(sealer.open(sealed, purpose=PURPOSE, owner=OWNER), Pass)
    except (binascii.Error, ValueError, NotSealed, codec.MalformedInput):
        raise BadPass from None
    if now > told.until:
        raise BadPass
    return told


def folder_of(capture: Path, upload: UUID) -> Path:
    """Give the folder of an upload. capture: the organization's folder of that name."""
    return capture / "uploads" / str(upload)


def add_about(folder: Path, about: About) -> None:
    """Say that a file came whole; durable when this returns. Raises FileExistsError."""
    durable.add_file(folder / ABOUT, codec.encode_json(about))


def find_about(folder: Path) -> About | None:
    """Give what came, or None while it is not whole."""
    try:
        return codec.decode_json(durable.read_file(folder / ABOUT), About)
    except (FileNotFoundError, codec.MalformedInput):
        return None


def arrived(capture: Path) -> list[tuple[UUID, About]]:
    """Give the uploads that came whole, the newest first."""
    folder = capture / "uploads"
    found = []
    for name in durable.DISK.names(folder) if folder.is_dir() else ():
        try:
            uuid = UUID(name)
        except ValueError:
            continue
        about = find_about(folder / name)
        if about is not None:
            found.append((uuid, about))
    return sorted(found, key=lambda each: each[1].arrived_at, reverse=True)


