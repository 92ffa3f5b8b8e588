"""Seals small values for a file or an address, under keys that follow from the installation's secret.

Both planes hold the secret, so what one seals the other opens: passwords for brokers, passes for an upload.
A key belongs to one purpose; a value is also bound to its owner, and opens nowhere else. Columns of the
database are sealed under keys of the organization instead (`kernel.tenants`).
"""

import os
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MARK = b"OCS1"  # the form: AES-256-GCM under a key of HKDF-SHA-256
NONCE_BYTES = 12
KEY_BYTES = 32


class NotSealed(ValueError):
    """A value was not sealed here for this purpose and owner, or was damaged since."""


class Sealer:
    """Seals under the first secret and opens under each, so that a secret can be replaced meanwhile."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(each.encode() for each in secrets if each)
        if not self._secrets:
            raise ValueError("a sealer needs a secret")

    def __repr__(self) -> str:
        return "Sealer(…)"

    def seal(self, plain: bytes, *, purpose: str, owner: bytes) -> bytes:
        """Give a value sealed for one purpose and owner. owner: what is unique to it, as its uuid."""
        nonce = os.urandom(NONCE_BYTES)
        key = _key(self._secrets[0], purpose)
        return MARK + nonce + AESGCM(key).encrypt(nonce, plain, owner)

    def open(self, sealed: bytes, *, purpose: str, owner: bytes) -> bytes:
        """Undo `seal`; raises NotSealed."""
        for secret in self._secrets:
            found = _opened(sealed, _key(secret, purpose), owner)
            if found is not None:
                return found
        raise NotSealed(purpose)

    def is_current(self, sealed: bytes, *, purpose: str, owner: bytes) -> bool:
        """Tell whether a value is sealed under the present secret."""
        return _opened(sealed, _key(self._secrets[0], purpose), owner) is not None


def _opened(sealed: bytes, key: bytes, owner: bytes) -> bytes | None:
    if not sealed.startswith(MARK):
        return None
    nonce, rest = sealed[len(MARK) :][:NONCE_BYTES], sealed[len(MARK) + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, rest, owner)
    except (InvalidTag, ValueError):  # ValueError: too short to hold anything
        return None


def _key(secret: bytes, purpose: str) -> bytes:
    derived = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=b"ocapi-sealed", info=purpose.encode())
    return derived.derive(secret)
