"""Keys of organizations: made here, wrapped under the installation's master key,
used for columns and signing.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.signing import TimestampSigner

from ocapi.kernel.tenants import binding
from ocapi.kernel.tenants.data import Tenant, WrongSecret
from ocapi.lib import codec, ids

NONCE_BYTES = 12
LOOKUP = "lookup"  # purpose of the key that came with an organization from elsewhere


def _masters() -> tuple[bytes, ...]:
    """Give the master keys that are accepted: of the secret, and of the one it replaces, if any."""
    secrets = (settings.OCAPI.secret, settings.OCAPI.secret_also)
    return tuple(hashlib.sha256(b"ocapi-master" + each.encode()).digest() for each in secrets if each)


def _master() -> bytes:
    return _masters()[0]


def _derived(salt: str, tenant_uuid: UUID) -> tuple[bytes, ...]:
    """Give what follows from each master key, the present one first."""
    return tuple(
        HKDF(algorithm=hashes.SHA256(), length=32, salt=tenant_uuid.bytes, info=salt.encode()).derive(master)
        for master in _masters()
    )


def wrap(secret: bytes, *, aad: bytes) -> bytes:
    """Encrypt a secret under the master key (AES-256-GCM); `aad` binds it to its owner."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_master()).encrypt(nonce, secret, aad)


def unwrap(wrapped: bytes, *, aad: bytes, under: bytes = b"") -> bytes:
    """Undo `wrap`, under the master keys that are accepted or another key; raises WrongSecret when none
    opens it (or the owner differs).
    """
    for key in (under,) if under else _masters():
        try:
            return AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], aad)
        except (InvalidTag, ValueError):  # ValueError: too short to hold anything
            continue
    raise WrongSecret


def is_current(wrapped: bytes, *, aad: bytes) -> bool:
    """Tell whether something is wrapped under the present secret."""
    return _opens(wrapped, aad, under=_master())


def _opens(wrapped: bytes, aad: bytes, *, under: bytes) -> bool:
    try:
        unwrap(wrapped, aad=aad, under=under)
    except WrongSecret:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeys:
    """What opens an organization's sealed columns wherever it lives; never stored or shown unwrapped.

    data: id and AES-256 key of columns, newest first; more than one while keys are being replaced, and each
    value tells its key by that id. lookup: the pseudorandom key (RFC 5869 section 2.2) its keyed hashes start
    from. Its signing key is absent: it stays where it signed, the public part stands in the log.
    """

    data: tuple[tuple[str, bytes], ...]
    lookup: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """`OwnKeys` as it is wrapped; keys in base64."""

    data: tuple[tuple[str, str], ...]
    lookup: str


def wrap_own(own: OwnKeys, *, owner: UUID, under: bytes = b"") -> bytes:
    """Wrap all keys under the master key or another one, bound to their owner.

    The same keys give the same bytes, so that a backup sees that nothing changed: the nonce comes from all
    that goes in, and repeats only where the whole message does.
    """
    written = _Written(
        data=tuple((kid, base64.b64encode(key).decode()) for kid, key in own.data),
        lookup=base64.b64encode(own.lookup).decode(),
    )
    secret, key = codec.encode_json(written), under or _master()
    nonce = hmac.new(key, b"ocapi-own-keys\0" + owner.bytes + secret, hashlib.sha256).digest()[:NONCE_BYTES]
    return nonce + AESGCM(key).encrypt(nonce, secret, owner.bytes)


def unwrap_own(wrapped: bytes, *, owner: UUID, under: bytes = b"") -> OwnKeys:
    """Undo `wrap_own`; raises WrongSecret."""
    written = codec.decode_json(unwrap(wrapped, aad=owner.bytes, under=under), _Written)
    return OwnKeys(
        data=tuple((kid, base64.b64decode(key)) for kid, key in written.data),
        lookup=base64.b64decode(written.lookup),
    )


def installation_mac(message: bytes) -> bytes:
    """Give a HMAC-SHA256 that only who knows the installation's secret can make or check."""
    return _installation_macs(message)[0]


def is_installation_mac(message: bytes, mac: bytes) -> bool:
    """Tell whether this installation made a MAC, under its secret or the one that it replaces."""
    return any(hmac.compare_digest(mac, each) for each in _installation_macs(message))


def _installation_macs(message: bytes) -> tuple[bytes, ...]:
    said = b"ocapi-installation\0" + message
    return tuple(hmac.new(master, said, hashlib.sha256).digest() for master in _masters())


def signer(salt: str) -> TimestampSigner:
    """Give a signer whose key belongs to the bound organization, because SECRET_KEY is shared by all."""
    key, *older = (base64.b64encode(each).decode() for each in _derived(salt, binding.current().uuid))
    return TimestampSigner(key=key, salt=salt, fallback_keys=[*older])


def role_passwords(tenant: Tenant) -> tuple[str, ...]:
    """Give the passwords the tenant's own database login role may have; derived, so they stand nowhere."""
    return tuple(each.hex() for each in _derived("postgres-role", tenant.uuid))


def extracted(owner: UUID, *, oldest: bytes) -> bytes:
    """Give what the keyed hashes of an organization made here start from (RFC 5869 section 2.2).

    oldest: its first key as it is wrapped, which tells under which secret the organization was made.
    """
    master = next((each for each in _masters() if _opens(oldest, owner.bytes, under=each)), None)
    if master is None:
        raise WrongSecret
    return hmac.new(owner.bytes, master, hashlib.sha256).digest()


def make_key_rows(*, tenant: Any, now: datetime, own: OwnKeys | None = None) -> None:
    """Make the data key and the signing key of an organization (or of the platform: tenant None).

    own: keys that came with an organization made elsewhere.
    """
    if own is None:
        make_key_row(purpose="data", tenant=tenant, now=now)
    else:
        for kid, secret in reversed(own.data):
            _keep(secret, kid, purpose="data", tenant=tenant, now=now)
        keep_lookup(own.lookup, tenant=tenant, now=now)
    make_key_row(purpose="signing", tenant=tenant, now=now)


def keep_lookup(start: bytes, *, tenant: Any, now: datetime) -> None:
    """Keep where an organization's keyed hashes start from, which no longer follows from the secret."""
    _keep(start, ids.token(12), purpose=LOOKUP, tenant=tenant, now=now)


def make_key_row(*, purpose: str, tenant: Any, now: datetime) -> None:
    """Make one key of an organization (or of the platform: tenant None); purpose: data or signing."""
    secret, kid, public = _new_data_key() if purpose == "data" else _new_signing_key()
    _keep(secret, kid, purpose=purpose, tenant=tenant, now=now, public=public)


def _keep(
    secret: bytes, kid: str, *, purpose: str, tenant: Any, now: datetime, public: str = ""
) -> None:
    from ocapi.kernel.tenants.models import KeyRow

    owner = tenant.uuid.bytes if tenant is not None else b"platform"
    KeyRow.objects.using("platform").create(
        uuid=ids.new_uuid(now), tenant=tenant, purpose=purpose, kid=kid, public=public,
        wrapped=wrap(secret, aad=owner), created_at=now,
    )


def _new_data_key() -> tuple[bytes, str, str]:
    return os.urandom(32), ids.token(12), ""


def _new_signing_key() -> tuple[bytes, str, str]:
    private = ec.generate_private_key(ec.SECP256R1())
    pkcs8 = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    spki = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pkcs8, hashlib.sha256(spki).hexdigest()[:32], base64.b64encode(spki).decode()
