"""The policy snapshot in use: read at start, asked for again each second and when woken, never half-swapped.

The public key is pinned when this process starts: whoever can write the snapshot folder later cannot bring a
key of his own. A refused snapshot leaves the one in use; past its validity every question fails closed.
"""

import asyncio
from pathlib import Path

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric import ec

from ocapi.lib import clock, codec, durable, snapshot
from ocapi.lib.snapshot import Snapshot, SnapshotMissing, SnapshotRefused

POLL_S = 1.0
KEY_NAME = "platform.jwk"
log = structlog.get_logger("dataplane.snapshot")


class NoPolicy(Exception):
    """There is no valid snapshot: nothing that needs one may be answered."""


class _Jwk(msgspec.Struct, frozen=True):
    """The installation's public key as RFC 7517 writes it; members we do not use are ignored."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str = ""


class Policy:
    """Holds the snapshot in use and its pinned key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key: ec.EllipticCurvePublicKey | None = None
        self._kid = ""
        self._held: Snapshot | None = None
        self._mark: tuple[int, int] | None = None
        self._woken = asyncio.Event()
        self._refusal = ""

    @property
    def kid(self) -> str:
        """Give the id of the pinned key."""
        return self._kid

    @property
    def key(self) -> ec.EllipticCurvePublicKey:
        """Give the pinned public key, or raise NoPolicy."""
        if self._key is None:
            raise NoPolicy("no public key yet")
        return self._key

    def current(self) -> Snapshot:
        """Give the snapshot in use; raises NoPolicy when there is none or it expired."""
        if self._held is None or clock.now() >= self._held.expires_at:
            raise NoPolicy("no valid snapshot")
        return self._held

    def wake(self, _: bytes = b"") -> None:
        """Look for a newer snapshot now instead of at the next second."""
        self._mark = None
        self._woken.set()

    def refresh(self) -> bool:
        """Read the snapshot when its index changed; tells whether another generation is in use now."""
        self._pin()
        mark = _mark(self._folder / snapshot.INDEX_NAME)
        if self._key is None or mark is None or mark == self._mark:
            return False
        earlier = self._held.generation if self._held else 0
        try:
            found = snapshot.load(
                self._folder, public_key=self._key, now=clock.now(), min_generation=earlier
            )
        except SnapshotMissing:
            return False
        except SnapshotRefused as refusal:
            self._report(type(refusal).__name__)
            self._mark = mark
            return False
        except codec.MalformedInput:
            self._report("MalformedInput")
            self._mark = mark
            return False
        self._mark, self._held, self._refusal = mark, found, ""
        return found.generation != earlier

    async def follow(self) -> None:
        """Read again each second and when woken, until cancelled."""
        while True:
            self.refresh()
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), POLL_S)
            except TimeoutError:
                continue

    def _pin(self) -> None:
        if self._key is not None:
            return
        try:
            found = codec.decode_json(durable.read_file(self._folder / KEY_NAME), _Jwk)
            numbers = ec.EllipticCurvePublicNumbers(_number(found.x), _number(found.y), ec.SECP256R1())
            self._key, self._kid = numbers.public_key(), found.kid
        except FileNotFoundError:
            return
        except ValueError:
            self._report("BadPublicKey")

    def _report(self, reason: str) -> None:
        if reason != self._refusal:
            self._refusal = reason
            log.error("snapshot refused", reason=reason)


def _mark(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return (found.st_mtime_ns, found.st_ino)


def _number(text: str) -> int:
    import base64

    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
