"""Keys of organizations: made and derived here, wrapped under the installation's master key."""

import base64
import hashlib
import hmac
import os
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
from ocapi.lib import ids

NONCE_BYTES = 12


def _master() -> bytes:
    return hashlib.sha256(b"ocapi-master" + settings.OCAPI.secret.encode()).digest()


def _derived(salt: str, tenant_uuid: UUID) -> bytes:
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=tenant_uuid.bytes, info=salt.encode())
    return derive.derive(_master())


def wrap(secret: bytes, *, aad: bytes) -> bytes:
    """Encrypt a secret under the master key (AES-256-GCM); `aad` binds it to its owner."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_master()).encrypt(nonce, secret, aad)


def unwrap(wrapped: bytes, *, aad: bytes) -> bytes:
    """Undo `wrap`; raises WrongSecret when the master key (or the owner) differs."""
    try:
        return AESGCM(_master()).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], aad)
    except InvalidTag:
        raise WrongSecret from None


def signer(salt: str) -> TimestampSigner:
    """Give a signer whose key belongs to the bound organization, because SECRET_KEY is shared by all."""
    return TimestampSigner(key=base64.b64encode(_derived(salt, binding.current().uuid)).decode(), salt=salt)


def role_password(tenant: Tenant) -> str:
    """Give the password of the tenant's own database login role; derived, so it is stored nowhere."""
    return _derived("postgres-role", tenant.uuid).hex()


def keyed_hash(value: str, *, salt: str) -> bytes:
    """Give a keyed SHA-256 of `value` under the bound organization: to look up what is stored encrypted."""
    return hmac.new(_derived(salt, binding.current().uuid), value.encode(), hashlib.sha256).digest()


def make_key_rows(*, tenant: Any, now: datetime) -> None:
    """Make the data key and the signing key of an organization (or of the platform: tenant None)."""
    make_key_row(purpose="data", tenant=tenant, now=now)
    make_key_row(purpose="signing", tenant=tenant, now=now)


def make_key_row(*, purpose: str, tenant: Any, now: datetime) -> None:
    """Make one key of an organization (or of the platform: tenant None); purpose: data or signing."""
    from ocapi.kernel.tenants.models import KeyRow

    owner = tenant.uuid.bytes if tenant is not None else b"platform"
    secret, kid, public = _new_data_key() if purpose == "data" else _new_signing_key()
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
