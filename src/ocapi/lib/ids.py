"""Identifiers of our own: UUID version 7 (RFC 9562 section 5.7), opaque outside,
ordered by creation inside.
"""

import os
from datetime import datetime
from uuid import UUID

_FREE = ~(0xF << 76 | 0x3 << 62)
_VERSION_7 = 0x7 << 76 | 0x2 << 62


def new_uuid(now: datetime, *, random: bytes | None = None) -> UUID:
    """Make a version 7 UUID for the instant `now`; `random` (10 bytes) may be handed in by tests."""
    return _uuid(_moment(now), random if random is not None else os.urandom(10))


def new_uuids(now: datetime, count: int) -> list[UUID]:
    """Make as many version 7 UUIDs for one instant, in no order."""
    moment, entropy = _moment(now), os.urandom(10 * count)
    return [_uuid(moment, entropy[start : start + 10]) for start in range(0, 10 * count, 10)]


def _moment(now: datetime) -> int:
    return int(now.timestamp() * 1000) << 80


def _uuid(moment: int, entropy: bytes) -> UUID:
    return UUID(int=(moment | int.from_bytes(entropy, "big")) & _FREE | _VERSION_7)


def token(size: int = 24) -> str:
    """Make a random URL-safe text of `size` bytes of entropy, for links and nonces."""
    import base64

    return base64.urlsafe_b64encode(os.urandom(size)).rstrip(b"=").decode()
