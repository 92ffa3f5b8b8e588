"""Identifiers of our own: UUID version 7 (RFC 9562 section 5.7), opaque outside,
ordered by creation inside.
"""

import os
from datetime import datetime
from uuid import UUID

_FREE = (1 << 128) - 1 & ~(0xF << 76) & ~(0x3 << 62)
_VERSION_7 = 0x7 << 76 | 0x2 << 62


def new_uuid(now: datetime, *, random: bytes | None = None) -> UUID:
    """Make a version 7 UUID for the instant `now`; `random` (10 bytes) may be handed in by tests."""
    entropy = random if random is not None else os.urandom(10)
    value = int(now.timestamp() * 1000) << 80 | int.from_bytes(entropy, "big")
    return UUID(int=value & _FREE | _VERSION_7)


def token(size: int = 24) -> str:
    """Make a random URL-safe text of `size` bytes of entropy, for links and nonces."""
    import base64

    return base64.urlsafe_b64encode(os.urandom(size)).rstrip(b"=").decode()
