"""Signatures over a manifest, and the code under which an organization's keys travel."""

import base64
import hashlib
import os
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from ocapi.kernel.registry.carrying.data import KEYS, SIGNATURE, ArchiveRefused, Reason
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import WrongSecret
from ocapi.lib import codec

CODE_BYTES = 20  # 160 bits of chance, 32 characters in base32


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature over the exact bytes of a manifest.

    key: PEM. signature: base64 of the ASN.1 form (RFC 3279 section 2.2.3), as openssl takes it. seal:
    hexadecimal HMAC that only the installation itself can check, so that its own copies need no fingerprint.
    """

    algorithm: str
    key: str
    signature: str
    seal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedKeys:
    """What opens sealed columns, twice: under the installation's secret and under the carrying code."""

    installation: str
    code: str


def sign(message: bytes) -> bytes:
    """Give signature.json over a manifest, by the installation's key."""
    key = tenants.platform_signing_key()
    raw = key.sign(message)
    halves = (int.from_bytes(raw[place : place + 32], "big") for place in (0, 32))
    pem = key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return codec.encode_json(Signature(
        algorithm="ECDSA-P256-SHA256", key=pem.decode(),
        signature=base64.b64encode(utils.encode_dss_signature(*halves)).decode(),
        seal=tenants.installation_mac(message).hex(),
    ))


def verify(message: bytes, raw: bytes, *, trusted: str = "") -> str:
    """Check signature.json over a manifest and give the signer's fingerprint.

    trusted: fingerprint that the sender told by another way; the installation's own need none. Raises
    ArchiveRefused: wrongSignature, unknownSigner.
    """
    try:
        found = codec.convert(codec.decode_signed_json(raw), Signature)
        key = serialization.load_pem_public_key(found.key.encode())
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ValueError("not a key on P-256")
        key.verify(base64.b64decode(found.signature, validate=True), message, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError, codec.MalformedInput) as failure:
        raise ArchiveRefused(Reason.WRONG_SIGNATURE, place=SIGNATURE, detail=str(failure)) from None
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    fingerprint = fingerprint_of(der)
    own_seal = tenants.is_installation_mac(message, _bytes_of(found.seal))
    is_told = bool(trusted) and _plain(trusted) == fingerprint
    if not (own_seal or is_told or der in tenants.platform_public_keys()):
        raise ArchiveRefused(Reason.UNKNOWN_SIGNER, place=SIGNATURE, detail=fingerprint)
    return fingerprint


def _bytes_of(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def fingerprint_of(der: bytes) -> str:
    """Give the SHA-256 of a public key, in lower-case hexadecimal."""
    return hashlib.sha256(der).hexdigest()


def own_fingerprint() -> str:
    """Give the fingerprint of the key this installation signs with."""
    key = tenants.platform_signing_key().private.public_key()
    return fingerprint_of(
        key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def _plain(text: str) -> str:
    return "".join(text.split()).replace(":", "").lower()


def new_code() -> str:
    """Make a carrying code: 32 letters and digits in groups of four."""
    text = base64.b32encode(os.urandom(CODE_BYTES)).decode()
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))


def _key_of(code: str) -> bytes:
    return hashlib.sha256("".join(code.split()).replace("-", "").upper().encode()).digest()


def seal_keys(owner: UUID, code: str) -> bytes:
    """Give keys.json of an organization. code: empty for a copy that stays with this installation."""
    own = tenants.own_keys(owner)
    under_code = tenants.wrap_own(own, owner=owner, under=_key_of(code)) if code else b""
    return codec.encode_json(SealedKeys(
        installation=base64.b64encode(tenants.wrap_own(own, owner=owner)).decode(),
        code=base64.b64encode(under_code).decode(),
    ))


def open_keys(raw: bytes, owner: UUID, code: str) -> tenants.OwnKeys:
    """Undo `seal_keys`: by the code when there is one, else by the installation's secret.

    Raises ArchiveRefused: changed, codeNeeded, codeWrong.
    """
    try:
        sealed = codec.convert(codec.decode_signed_json(raw), SealedKeys)
        by_installation = base64.b64decode(sealed.installation, validate=True)
        by_code = base64.b64decode(sealed.code, validate=True)
    except (ValueError, codec.MalformedInput) as failure:
        raise ArchiveRefused(Reason.CHANGED, place=KEYS, detail=str(failure)) from None
    try:
        if code:
            return tenants.unwrap_own(by_code, owner=owner, under=_key_of(code))
        return tenants.unwrap_own(by_installation, owner=owner)
    except WrongSecret:
        raise ArchiveRefused(Reason.CODE_WRONG if code else Reason.CODE_NEEDED, place=KEYS) from None
