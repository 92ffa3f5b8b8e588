"""Records on a target: one signed page per state of an organization, each naming the one before."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ocapi.kernel.registry.backups.data import RECORD_FORMAT, RECORD_VERSION, RECORDS, Record
from ocapi.kernel.registry.backups.targets import add_proved
from ocapi.kernel.registry.carrying import signing
from ocapi.kernel.registry.carrying.data import ArchiveRefused, Reason
from ocapi.kernel.registry.extensions import BackupTarget
from ocapi.lib import codec, crashpoint

LARGEST_RECORD = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A record with the hash of its bytes, which the next one names."""

    record: Record
    sha256: str

    @property
    def taken_at(self) -> datetime:
        """Give the instant of the state it holds."""
        return datetime.fromisoformat(self.record.manifest.taken_at)


def _place(uuid: str, number: int) -> str:
    return f"{RECORDS}/{uuid}/{number:012d}.json"


def list_organizations(target: BackupTarget) -> list[str]:
    """Give the uuids of the organizations that have records."""
    return list(target.list_names(RECORDS))


def numbers(target: BackupTarget, uuid: str) -> list[int]:
    """Give the numbers of an organization's records, in order.

    The oldest may be gone: retention runs outside. Raises ArchiveRefused: missing for a gap between them.
    """
    found = []
    for name in target.list_names(f"{RECORDS}/{uuid}"):
        stem, _, ending = name.partition(".")
        if ending != "json" or not stem.isdecimal():
            raise ArchiveRefused(Reason.UNEXPECTED, place=f"{RECORDS}/{uuid}/{name}")
        found.append(int(stem))
    for expected, number in enumerate(sorted(found), start=min(found, default=1)):
        if number != expected:
            raise ArchiveRefused(Reason.MISSING, place=_place(uuid, expected))
    return sorted(found)


def add(target: BackupTarget, record: Record) -> Kept:
    """Sign a record and add it: from here on the state is there."""
    raw = codec.encode_json(record)
    content = raw + b"\n" + signing.sign(raw) + b"\n"
    crashpoint.point("backup.manifest.before_add")
    add_proved(target, _place(record.manifest.organization.uuid, record.number), content)
    crashpoint.point("backup.manifest.after_add")
    return Kept(record=record, sha256=hashlib.sha256(content).hexdigest())


def read(target: BackupTarget, uuid: str, number: int, *, trusted: str = "") -> Kept:
    """Give a record after its signature proved.

    Raises ArchiveRefused: missing, changed, newerFormat, wrongSignature, unknownSigner.
    """
    place = _place(uuid, number)
    content = target.read(place)
    if content.count(b"\n") != 2 or not content.endswith(b"\n"):
        raise ArchiveRefused(Reason.CHANGED, place=place, detail="not a page and its signature")
    raw, signature, _end = content.split(b"\n")
    try:
        signing.verify(raw, signature, trusted=trusted)
        found = codec.decode_signed_json(raw, max_bytes=LARGEST_RECORD)
        if not isinstance(found, dict) or found.get("format") != RECORD_FORMAT:
            raise ArchiveRefused(Reason.NOT_AN_ARCHIVE, place=place)
        if found.get("version") != RECORD_VERSION:
            raise ArchiveRefused(Reason.NEWER_FORMAT, place=place, detail=f"version {found.get('version')!r}")
        record = codec.convert(found, Record)
    except codec.MalformedInput as failure:
        raise ArchiveRefused(Reason.CHANGED, place=place, detail=str(failure)) from None
    except ArchiveRefused as refusal:
        raise ArchiveRefused(refusal.reason, place=place, detail=refusal.detail) from None
    if (record.manifest.organization.uuid, record.number) != (str(UUID(uuid)), number):
        raise ArchiveRefused(Reason.CHANGED, place=place, detail="it stands in the place of another record")
    return Kept(record=record, sha256=hashlib.sha256(content).hexdigest())


def newest_first(target: BackupTarget, uuid: str, *, trusted: str = "") -> Iterator[Kept]:
    """Walk back over an organization's records, each proved to be the one the next names."""
    following = ""
    for number in reversed(numbers(target, uuid)):
        kept = read(target, uuid, number, trusted=trusted)
        if following and kept.sha256 != following:
            raise ArchiveRefused(
                Reason.CHANGED, place=_place(uuid, number), detail="not the record that the next one names"
            )
        following = kept.record.previous
        yield kept
