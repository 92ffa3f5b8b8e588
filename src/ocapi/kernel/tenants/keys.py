"""Keys of organizations: made here, wrapped under the installation's master key,
used for columns and signing.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from django.conf import settings
from django.core.signing import TimestampSigner

from ocapi.kernel.tenants import binding
from ocapi.kernel.tenants.data import Tenant, WrongSecret
from ocapi.lib import ids

NONCE_BYTES = 12
LOOKUP = "lookup"  # purpose of the key that came with an organization from elsewhere


def _master() -> bytes:
    return hashlib.sha256(b"ocapi-master" + settings.OCAPI.secret.encode()).digest()


def _derived(salt: str, tenant_uuid: UUID) -> bytes:
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=tenant_uuid.bytes, info=salt.encode())
    return derive.derive(_master())


def wrap(secret: bytes, *, aad: bytes) -> bytes:
    """Encrypt a secret under the master key (AES-256-GCM); `aad` binds it to its owner."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_master()).encrypt(nonce, secret, aad)


def unwrap(wrapped: bytes, *, aad: bytes, under: bytes = b"") -> bytes:
    """Undo `wrap`; raises WrongSecret when the key (or the owner) differs."""
    try:
        return AESGCM(under or _master()).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], aad)
    except (InvalidTag, ValueError):  # ValueError: too short to hold anything
        raise WrongSecret from None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeys:
    """What opens an organization's sealed columns wherever it lives; never stored or shown unwrapped.

    data: the AES-256 key of columns. lookup: the pseudorandom key (RFC 5869 section 2.2) its keyed hashes
    start from. Its signing key is absent: it stays where it signed, the public part stands in the log.
    """

    data: bytes
    lookup: bytes


def own_keys(owner: UUID) -> OwnKeys:
    """Give what opens an organization's sealed columns, to wrap it for a journey."""
    return OwnKeys(data=ring.data_key(owner)[1], lookup=ring.lookup_key(owner))


def wrap_own(own: OwnKeys, *, owner: UUID, under: bytes = b"") -> bytes:
    """Wrap both keys under the master key or another one, bound to their owner.

    The same keys give the same bytes, so that a backup sees that nothing changed: the nonce comes from all
    that goes in, and repeats only where the whole message does.
    """
    secret, key = own.data + own.lookup, under or _master()
    nonce = hmac.new(key, b"ocapi-own-keys\0" + owner.bytes + secret, hashlib.sha256).digest()[:NONCE_BYTES]
    return nonce + AESGCM(key).encrypt(nonce, secret, owner.bytes)


def unwrap_own(wrapped: bytes, *, owner: UUID, under: bytes = b"") -> OwnKeys:
    """Undo `wrap_own`; raises WrongSecret."""
    both = unwrap(wrapped, aad=owner.bytes, under=under)
    return OwnKeys(data=both[:32], lookup=both[32:])


def installation_mac(message: bytes) -> bytes:
    """Give a HMAC-SHA256 that only who knows the installation's secret can make or check."""
    return hmac.new(_master(), b"ocapi-installation\0" + message, hashlib.sha256).digest()


def signer(salt: str) -> TimestampSigner:
    """Give a signer whose key belongs to the bound organization, because SECRET_KEY is shared by all."""
    return TimestampSigner(key=base64.b64encode(_derived(salt, binding.current().uuid)).decode(), salt=salt)


def role_password(tenant: Tenant) -> str:
    """Give the password of the tenant's own database login role; derived, so it is stored nowhere."""
    return _derived("postgres-role", tenant.uuid).hex()


def keyed_hash(value: str, *, salt: str) -> bytes:
    """Give a keyed SHA-256 of `value` under the bound organization: to look up what is stored encrypted."""
    # The expansion half of HKDF: for who was made here it gives what `_derived` would.
    expand = HKDFExpand(algorithm=hashes.SHA256(), length=32, info=salt.encode())
    key = expand.derive(ring.lookup_key(binding.current().uuid))
    return hmac.new(key, value.encode(), hashlib.sha256).digest()


def make_key_rows(*, tenant: Any, now: datetime, own: OwnKeys | None = None) -> None:
    """Make the data key and the signing key of an organization (or of the platform: tenant None).

    own: keys that came with an organization made elsewhere.
    """
    from ocapi.kernel.tenants.models import KeyRow

    owner = tenant.uuid.bytes if tenant is not None else b"platform"
    private = ec.generate_private_key(ec.SECP256R1())
    pkcs8 = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    spki = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    row = partial(KeyRow.objects.using("platform").create, tenant=tenant, created_at=now)
    data = own.data if own else os.urandom(32)
    row(uuid=ids.new_uuid(now), purpose="data", kid=ids.token(12), wrapped=wrap(data, aad=owner))
    if own:
        row(uuid=ids.new_uuid(now), purpose=LOOKUP, kid=ids.token(12), wrapped=wrap(own.lookup, aad=owner))
    row(
        uuid=ids.new_uuid(now), purpose="signing", kid=hashlib.sha256(spki).hexdigest()[:32],
        public=base64.b64encode(spki).decode(), wrapped=wrap(pkcs8, aad=owner),
    )


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


def jwk_of(public: ec.EllipticCurvePublicKey, *, kid: str) -> dict[str, str]:
    """Give a P-256 public key as a JWK (RFC 7517) for verification."""
    numbers = public.public_numbers()

    def coordinate(value: int) -> str:
        return base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode()

    return {
        "kty": "EC", "crv": "P-256", "x": coordinate(numbers.x), "y": coordinate(numbers.y),
        "kid": kid, "alg": "ES256", "use": "sig",
    }


class KeyRing:
    """The unwrapped keys of owners already asked for; a restart or `forget` reads them anew."""

    def __init__(self) -> None:
        self._data: dict[UUID | None, tuple[str, bytes]] = {}
        self._signing: dict[UUID | None, SigningKey] = {}
        self._lookup: dict[UUID, bytes] = {}

    def forget(self, owner: UUID | None) -> None:
        """Drop what is held of an owner, after rotation or deletion."""
        self._data.pop(owner, None)
        self._signing.pop(owner, None)
        if owner is not None:
            self._lookup.pop(owner, None)

    def lend(self, owner: UUID, own: OwnKeys) -> None:
        """Hold the keys of an organization that is not registered yet, until `forget`."""
        self._data[owner], self._lookup[owner] = ("", own.data), own.lookup

    def lookup_key(self, owner: UUID) -> bytes:
        """Give what the owner's keyed hashes start from: brought along, or derived from the master key."""
        if owner not in self._lookup:
            brought = self._find(owner, LOOKUP)
            derived = hmac.new(owner.bytes, _master(), hashlib.sha256).digest()  # RFC 5869 section 2.2
            self._lookup[owner] = derived if brought is None else brought[1]
        return self._lookup[owner]

    def data_key(self, owner: UUID | None) -> tuple[str, bytes]:
        """Give key id and 32 bytes of the owner's current data key."""
        if owner not in self._data:
            row, secret = self._read(owner, "data")
            self._data[owner] = (row.kid, secret)
        return self._data[owner]

    def signing_key(self, owner: UUID | None) -> SigningKey:
        """Give the owner's current signing key; owner None is the platform."""
        if owner not in self._signing:
            row, secret = self._read(owner, "signing")
            private = serialization.load_der_private_key(secret, password=None)
            assert isinstance(private, ec.EllipticCurvePrivateKey)
            self._signing[owner] = SigningKey(kid=row.kid, private=private)
        return self._signing[owner]

    def _read(self, owner: UUID | None, purpose: str) -> tuple[Any, bytes]:
        found = self._find(owner, purpose)
        if found is None:
            raise LookupError(f"no {purpose} key for {owner or 'the platform'}")
        return found

    def _find(self, owner: UUID | None, purpose: str) -> tuple[Any, bytes] | None:
        from ocapi.kernel.tenants.models import KeyRow

        rows = KeyRow.objects.using("platform").filter(purpose=purpose, retired_at__isnull=True)
        rows = rows.filter(tenant__isnull=True) if owner is None else rows.filter(tenant__uuid=owner)
        row = rows.order_by("-id").first()
        if row is None:
            return None
        return row, unwrap(bytes(row.wrapped), aad=owner.bytes if owner else b"platform")


ring = KeyRing()


def encrypt(value: str, *, context: str) -> bytes:
    """Encrypt a column value under the bound organization's data key; `context` names table and row kind."""
    tenant = binding.current()
    _kid, key = ring.data_key(tenant.uuid)
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, value.encode(), context.encode())


def decrypt(stored: bytes, *, context: str) -> str:
    """Undo `encrypt`; raises InvalidTag for another organization's or another context's value."""
    _kid, key = ring.data_key(binding.current().uuid)
    return AESGCM(key).decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], context.encode()).decode()
