"""Identifiers of our own: UUID version 7 (RFC 9562 section 5.7), opaque outside,
ordered by creation inside.
"""

import os
from datetime import datetime
from uuid import UUID


def new_uuid(now: datetime, *, random: bytes | None = None) -> UUID:
    """Make a version 7 UUID for the instant `now`; `random` (10 bytes) may be handed in by tests."""
    entropy = random if random is not None else os.urandom(10)
    milliseconds = int(now.timestamp() * 1000)
    value = milliseconds << 80 | int.from_bytes(entropy, "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def token(size: int = 24) -> str:
    """Make a random URL-safe text of `size` bytes of entropy, for links and nonces."""
    import base64

    return base64.urlsafe_b64encode(os.urandom(size)).rstrip(b"=").decode()
