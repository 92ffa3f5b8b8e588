"""Identifiers of our own: UUID version 7 (RFC 9562 section 5.7), opaque outside,
ordered by creation inside.
"""

import os
from datetime import datetime
from hashlib import sha1
from uuid import UUID, SafeUUID

_FREE = ~(0xF << 76 | 0x3 << 62)
_VERSION_7 = 0x7 << 76 | 0x2 << 62
_VERSION_5 = 0x5 << 76 | 0x2 << 62
_keep = object.__setattr__


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
    return _made((moment | int.from_bytes(entropy, "big")) & _FREE | _VERSION_7)


def named_uuid(space: bytes, name: str) -> UUID:
    """Make the version 5 UUID of a name: the same as `uuid.uuid5`, whose namespace is given as its bytes."""
    digest = sha1(space + name.encode(), usedforsecurity=False).digest()  # noqa: S324 - RFC 9562 says so
    return _made(int.from_bytes(digest[:16], "big") & _FREE | _VERSION_5)


def _made(number: int) -> UUID:
    """Make a UUID as its own `__init__` does, without looking at what else it might be made of: registers
    need three for each of their things.
    """
    made = object.__new__(UUID)
    _keep(made, "int", number)
    _keep(made, "is_safe", SafeUUID.unknown)
    return made


def token(size: int = 24) -> str:
    """Make a random URL-safe text of `size` bytes of entropy, for links and nonces."""
    import base64

    return base64.urlsafe_b64encode(os.urandom(size)).rstrip(b"=").decode()
