"""The policy snapshot: the only contract between the planes, signed, without personal data or private keys.

One file per organization plus `index.json`, which names each by its SHA-256 and is signed ES256 over its
exact bytes. Parts are named by their hash and written first, the index last, so a reader finds the old
snapshot or the new one and never a mixture; one that reads while old parts go gets PartMismatch and retries.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from ocapi.lib import codec, durable

VALIDITY = timedelta(hours=24)
INDEX_NAME = "index.json"
MAX_PART_BYTES = 16 << 20


class SnapshotRefused(Exception):
    """A snapshot on disk may not be used; the reader keeps the one it has until that expires."""


class SnapshotMissing(SnapshotRefused):
    """There is no index yet."""


class BadSnapshotSignature(SnapshotRefused):
    """The index was not signed by the key of this installation."""


class SnapshotTooOld(SnapshotRefused):
    """The generation is lower than one seen before: somebody put an old index back."""


class SnapshotExpired(SnapshotRefused):
    """The index is past its validity; the data plane fails closed."""


class PartMismatch(SnapshotRefused):
    """A part is missing, malformed, or not the one the index names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantEntry:
    """An organization as the data plane knows it. state: active | readOnly | suspended.

    replaced_at: from when another one has its place, whose base IRI is `successor`.
    """

    uuid: UUID
    key: str
    hosts: tuple[str, ...] = ()
    state: str = "active"
    replaced_at: datetime | None = None
    successor: str = ""

    def is_replaced(self, at: datetime) -> bool:
        """Tell whether another organization has its place at an instant; it can then only be read."""
        return self.replaced_at is not None and self.replaced_at <= at


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A public key of an application or of this installation. x, y: base64url of the P-256 point."""

    kid: str
    owner: str
    x: str
    y: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationGrant:
    """What a machine account may do at an organization. state: active | revoked."""

    client_id: str
    tenant: str
    scopes: tuple[str, ...] = ()
    state: str = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A stream of readings the data plane accepts. schema: JSON text of its compiled validator.

    datastream: key of the datastream its readings come from, or entity and attribute (IRI) they come from;
    all empty for one that is sent under its own name. rules: as `lib.quality.read_rules` has them.
    """

    name: str
    schema: str = ""
    datastream: str = ""
    entity: str = ""
    attribute: str = ""
    rules: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A host an organization approved for notifications of the data plane.

    is_internal: private addresses and plain HTTP too, for a receiver on the organization's own network.
    """

    host: str
    port: int = 443
    is_internal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicMapping:
    """Which messages of a broker are readings of which datastream.

    wanted: filter of topics. datastream: key, in which `{1}` is what the first wildcard stands for. value,
    time: members of a JSON payload, dots between; without `value` the payload itself is the reading.
    """

    wanted: str
    datastream: str
    value: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A broker of MQTT an organization reads from, as one of its machine accounts. login: user name there."""

    name: str
    host: str
    port: int
    account: str
    mappings: tuple[TopicMapping, ...]
    login: str = ""
    is_secure: bool = True
    is_internal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an organization may use at most. messages_per_second: of one source by MQTT."""

    requests_per_minute: int = 600
    body_bytes: int = 1 << 20
    messages_per_second: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantPart:
    """All the data plane needs to know of one organization."""

    tenant: TenantEntry
    keys: tuple[PublicKey, ...] = ()
    grants: tuple[ApplicationGrant, ...] = ()
    streams: tuple[Stream, ...] = ()
    limits: Limits = Limits()
    receivers: tuple[Receiver, ...] = ()
    brokers: tuple[Broker, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEntry:
    """A line of the index: key of the organization, name of its file, SHA-256 in hexadecimal."""

    tenant: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What is signed: the generation, when it was made, until when it holds, and every part."""

    generation: int
    issued_at: datetime
    expires_at: datetime
    parts: tuple[PartEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIndex:
    """The file `index.json`: the index as base64url of its exact bytes, and r || s over them."""

    payload: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A verified snapshot: parts keyed by the organization's key, and keys by host name."""

    generation: int
    issued_at: datetime
    expires_at: datetime
    parts: dict[str, TenantPart]
    hosts: dict[str, str]


def write_index(
    directory: Path,
    *,
    parts: Iterable[TenantPart],
    generation: int,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> Index:
    """Write every part and then the signed index, each durable; old parts that no index names are removed.

    generation: higher than any before, the caller counts. Readers see the new snapshot at the rename.
    """
    durable.make_directory(directory)
    entries = tuple(_write_part(directory, part) for part in parts)
    index = Index(generation=generation, issued_at=now, expires_at=now + VALIDITY, parts=entries)
    payload = codec.encode_json(index)
    r, s = utils.decode_dss_signature(key.sign(payload, ec.ECDSA(SHA256())))
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    signed = SignedIndex(payload=_to_text(payload), signature=_to_text(signature))
    earlier = _named_files(directory)
    durable.write_file(directory / INDEX_NAME, codec.encode_json(signed))
    for name in earlier - {entry.file for entry in entries}:
        durable.remove_file(directory / name)
    return index


def load(
    directory: Path, *, public_key: ec.EllipticCurvePublicKey, now: datetime, min_generation: int = 0
) -> Snapshot:
    """Read and verify the snapshot, or raise a SnapshotRefused that says why.

    min_generation: the one in use, which is accepted again; a lower one is refused.
    """
    index = _read_index(directory, public_key)
    if index.generation < min_generation:
        raise SnapshotTooOld(f"generation {index.generation} after {min_generation}")
    if now >= index.expires_at:
        raise SnapshotExpired(f"expired at {index.expires_at.isoformat()}")
    parts = {entry.tenant: _read_part(directory, entry) for entry in index.parts}
    return Snapshot(
        generation=index.generation,
        issued_at=index.issued_at,
        expires_at=index.expires_at,
        parts=parts,
        hosts={host: key for key, part in parts.items() for host in part.tenant.hosts},
    )


def _write_part(directory: Path, part: TenantPart) -> PartEntry:
    raw = codec.encode_json(part)
    digest = hashlib.sha256(raw).hexdigest()
    path = directory / f"{part.tenant.key}.{digest[:16]}.json"
    if not path.exists():
        durable.write_file(path, raw)
    return PartEntry(tenant=part.tenant.key, file=path.name, sha256=digest)


def _read_index(directory: Path, public_key: ec.EllipticCurvePublicKey) -> Index:
    try:
        raw = durable.read_file(directory / INDEX_NAME)
    except FileNotFoundError:
        raise SnapshotMissing(INDEX_NAME) from None
    try:
        signed = codec.decode_json(raw, SignedIndex, max_bytes=MAX_PART_BYTES)
        payload, signature = _from_text(signed.payload), _from_text(signed.signature)
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        public_key.verify(utils.encode_dss_signature(r, s), payload, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        raise BadSnapshotSignature(INDEX_NAME) from None
    return codec.decode_json(payload, Index, max_bytes=MAX_PART_BYTES)


def _read_part(directory: Path, entry: PartEntry) -> TenantPart:
    try:
        raw = durable.read_file(directory / Path(entry.file).name)
        if hashlib.sha256(raw).hexdigest() != entry.sha256:
            raise PartMismatch(entry.tenant)
        part = codec.decode_json(raw, TenantPart, max_bytes=MAX_PART_BYTES)
    except (FileNotFoundError, codec.MalformedInput):
        raise PartMismatch(entry.tenant) from None
    if part.tenant.key != entry.tenant:
        raise PartMismatch(entry.tenant)
    return part


def _named_files(directory: Path) -> set[str]:
    return {path.name for path in directory.glob("*.json") if path.name != INDEX_NAME}


def _to_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _from_text(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
