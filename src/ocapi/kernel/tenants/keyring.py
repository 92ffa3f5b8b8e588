"""The key ring: the unwrapped keys of owners already asked for, read anew every half minute.

So every process learns of a new key without being told; a rotation waits longer than that before it trusts
that nobody uses the old one.
"""

import base64
import hashlib
import hmac
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ocapi.kernel.tenants import binding, keys
from ocapi.kernel.tenants.connections import PLATFORM
from ocapi.lib import clock

FRESH_S = 30.0  # longest time a process goes on with keys that another process replaced
LEAD = timedelta(minutes=15)
"""A new signing key is published this long before it signs: receivers keep a key set for 5 minutes, and the
data plane hears of it with the next snapshot, within 10."""
MARK_BYTES = 9  # a multiple of three, so that it is a prefix in base64 too
MARKED = b"\x01"


class SigningKey:
    """A P-256 key with its id; signs ES256 the way JOSE writes it (r and s, 64 bytes)."""

    def __init__(self, *, kid: str, private: ec.EllipticCurvePrivateKey) -> None:
        self.kid = kid
        self.private = private

    def sign(self, message: bytes) -> bytes:
        """Give the 64-byte ES256 signature of `message` (RFC 7518 section 3.4)."""
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    @property
    def public_jwk(self) -> dict[str, str]:
        """Give the public key as a JWK (RFC 7517)."""
        return jwk_of(self.private.public_key(), kid=self.kid)


def is_signed(message: bytes, signature: bytes, *, by: bytes) -> bool:
    """Tell whether a 64-byte ES256 signature is of `message` and of a public key (DER, P-256)."""
    public = load_der_public_key(by)
    if len(signature) != 64 or not isinstance(public, ec.EllipticCurvePublicKey):
        return False
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    try:
        public.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def jwk_of(public: ec.EllipticCurvePublicKey, *, kid: str) -> dict[str, str]:
    """Give a P-256 public key as a JWK (RFC 7517) for verification."""
    numbers = public.public_numbers()

    def coordinate(value: int) -> str:
        return base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode()

    return {
        "kty": "EC", "crv": "P-256", "x": coordinate(numbers.x), "y": coordinate(numbers.y),
        "kid": kid, "alg": "ES256", "use": "sig",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """An AES-256 key for column values. mark: the first bytes of each value sealed under it."""

    kid: str
    secret: bytes

    @property
    def mark(self) -> bytes:
        """Give the bytes by which a value tells its key."""
        return mark_of(self.kid)


def mark_of(kid: str) -> bytes:
    """Give the mark of the key with that id."""
    return MARKED + hashlib.sha256(kid.encode()).digest()[: MARK_BYTES - 1]


@dataclass(slots=True, kw_only=True)
class _Held:
    """The keys of one owner that are not retired, newest first, and when they were read.

    lookup: where keyed hashes start from; empty until it is asked for, unless it is kept as a key.
    """

    read_at: float
    data: tuple[DataKey, ...]
    signing: tuple[tuple[datetime, SigningKey], ...] = ()
    lookup: bytes = b""


class KeyRing:
    """The unwrapped keys of owners already asked for; `forget` reads them anew. A retired key is never in it.

    owner: the uuid of an organization; None is the platform.
    """

    def __init__(self) -> None:
        self._held: dict[UUID | None, _Held] = {}

    def forget(self, owner: UUID | None) -> None:
        """Drop what is held of an owner, after rotation or deletion."""
        self._held.pop(owner, None)

    def lend(self, owner: UUID, own: keys.OwnKeys) -> None:
        """Hold the keys of an organization that is not registered yet, until `forget`."""
        data = tuple(DataKey(kid=kid, secret=secret) for kid, secret in own.data)
        self._held[owner] = _Held(read_at=math.inf, data=data, lookup=own.lookup)

    def lookup_key(self, owner: UUID) -> bytes:
        """Give what the owner's keyed hashes start from: kept, or from the secret it was made under."""
        held = self._fresh(owner)
        if not held.lookup:
            held.lookup = keys.extracted(owner, oldest=self._oldest(owner))
        return held.lookup

    def data_keys(self, owner: UUID | None) -> tuple[DataKey, ...]:
        """Give the owner's data keys, newest first; the first one seals."""
        return self._fresh(owner).data

    def signing_key(self, owner: UUID | None) -> SigningKey:
        """Give the key the owner signs with now: the newest one that was published long enough."""
        known = self._fresh(owner).signing
        ready = [key for made_at, key in known if made_at + LEAD <= clock.now()]
        return ready[0] if ready else known[-1][1]

    def signing_keys(self, owner: UUID | None) -> tuple[SigningKey, ...]:
        """Give every key whose signatures may still be checked, newest first; all of them are published."""
        return tuple(key for _made_at, key in self._fresh(owner).signing)

    def _fresh(self, owner: UUID | None) -> _Held:
        held = self._held.get(owner)
        if held is None or clock.monotonic() - held.read_at >= FRESH_S:
            held = self._held[owner] = self._read(owner)
        return held

    def _oldest(self, owner: UUID) -> bytes:
        from ocapi.kernel.tenants.models import KeyRow

        rows = KeyRow.objects.using(PLATFORM).filter(tenant__uuid=owner).order_by("id")
        return bytes(rows.values_list("wrapped", flat=True)[0])

    def _read(self, owner: UUID | None) -> _Held:
        from ocapi.kernel.tenants.models import KeyRow

        rows = KeyRow.objects.using(PLATFORM).filter(retired_at__isnull=True)
        rows = rows.filter(tenant__isnull=True) if owner is None else rows.filter(tenant__uuid=owner)
        data: list[DataKey] = []
        lookup = b""
        signing: list[tuple[datetime, SigningKey]] = []
        for row in rows.order_by("-id"):
            secret = keys.unwrap(bytes(row.wrapped), aad=owner.bytes if owner else b"platform")
            if row.purpose == "data":
                data.append(DataKey(kid=row.kid, secret=secret))
                continue
            if row.purpose == keys.LOOKUP:
                lookup = secret
                continue
            private = serialization.load_der_private_key(secret, password=None)
            assert isinstance(private, ec.EllipticCurvePrivateKey)
            signing.append((row.created_at, SigningKey(kid=row.kid, private=private)))
        if not data or not signing:
            raise LookupError(f"no keys for {owner or 'the platform'}")
        return _Held(
            read_at=clock.monotonic(), data=tuple(data), signing=tuple(signing), lookup=lookup
        )


ring = KeyRing()


def own_keys(owner: UUID) -> keys.OwnKeys:
    """Give what opens an organization's sealed columns, to wrap it for a journey."""
    data = tuple((each.kid, each.secret) for each in ring.data_keys(owner))
    return keys.OwnKeys(data=data, lookup=ring.lookup_key(owner))


def keyed_hash(value: str, *, salt: str) -> bytes:
    """Give a keyed SHA-256 of `value` under the bound organization: to look up what is stored encrypted."""
    # The expansion half of HKDF: for who was made here it gives what the whole of it would.
    expand = HKDFExpand(algorithm=hashes.SHA256(), length=32, info=salt.encode())
    key = expand.derive(ring.lookup_key(binding.current().uuid))
    return hmac.new(key, value.encode(), hashlib.sha256).digest()
