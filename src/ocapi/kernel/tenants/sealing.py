"""Column values under the bound organization's data key: mark of the key, nonce, ciphertext.

Values of before marks existed are nonce and ciphertext alone; they are read until their key is retired.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ocapi.kernel.tenants import binding, keys
from ocapi.kernel.tenants.keyring import MARK_BYTES, DataKey, ring


def encrypt(value: str, *, context: str) -> bytes:
    """Encrypt a column value under the bound organization's data key; `context` names table and row kind."""
    key = ring.data_keys(binding.current().uuid)[0]
    nonce = os.urandom(keys.NONCE_BYTES)
    return key.mark + nonce + AESGCM(key.secret).encrypt(nonce, value.encode(), context.encode())


def decrypt(stored: bytes, *, context: str) -> str:
    """Undo `encrypt`; raises InvalidTag for another organization's or another context's value."""
    owner = binding.current().uuid
    try:
        return _open(stored, ring.data_keys(owner), context)
    except InvalidTag:
        ring.forget(owner)  # another process may have made its key a moment ago
        return _open(stored, ring.data_keys(owner), context)


def _open(stored: bytes, known: tuple[DataKey, ...], context: str) -> str:
    for key in known:
        if stored[:MARK_BYTES] == key.mark:
            return _opened(stored[MARK_BYTES:], key, context)
    for key in known[:-1]:
        try:
            return _opened(stored, key, context)
        except InvalidTag:
            continue
    return _opened(stored, known[-1], context)


def _opened(sealed: bytes, key: DataKey, context: str) -> str:
    nonce, ciphertext = sealed[: keys.NONCE_BYTES], sealed[keys.NONCE_BYTES :]
    return AESGCM(key.secret).decrypt(nonce, ciphertext, context.encode()).decode()
