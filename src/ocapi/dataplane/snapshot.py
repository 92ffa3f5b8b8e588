"""The policy snapshot in use: read at start, asked for again each second and when woken, never half-swapped.

The public key is pinned when this process starts: whoever can write the snapshot folder later cannot bring a
key of his own. A newer one is believed when the pinned one signed for it (`lib/successors`). A refused
snapshot leaves the one in use; past its validity every question fails closed.
"""

import asyncio
from pathlib import Path

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric import ec

from ocapi.lib import clock, codec, durable, snapshot, successors
from ocapi.lib.snapshot import BadSnapshotSignature, Snapshot, SnapshotMissing, SnapshotRefused

POLL_S = 1.0
KEY_NAME = "platform.jwk"
OLD_KEYS_S = 600.0  # an access token lives 300 s, with 60 s of leeway
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
        self._keys: dict[str, ec.EllipticCurvePublicKey] = {}  # by id, oldest first
        self._signed_by = ""  # id of the key of the snapshot in use
        self._retire_at = 0.0  # monotonic: when keys older than that one are believed no more
        self._held: Snapshot | None = None
        self._mark: tuple[int, int] | None = None
        self._woken = asyncio.Event()
        self._refusal = ""

    def keys(self) -> dict[str, ec.EllipticCurvePublicKey]:
        """Give the installation's believed public keys by id, oldest first; raises NoPolicy without one."""
        if not self._keys:
            raise NoPolicy("no public key yet")
        if self._retire_at and clock.monotonic() >= self._retire_at:
            self._keys = {self._signed_by: self._keys[self._signed_by]}
            self._retire_at = 0.0
        return self._keys

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
        if not self._keys or mark is None or mark == self._mark:
            return False
        earlier = self._held.generation if self._held else 0
        self._keys = successors.follow(self._folder, self._keys)
        try:
            found = self._load(earlier)
        except SnapshotMissing:
            return False
        except SnapshotRefused as refusal:
            if _mark(self._folder / snapshot.INDEX_NAME) != mark:
                return False  # it was replaced while it was read, perhaps with its key: at the next look
            self._report(type(refusal).__name__)
            self._mark = mark
            return False
        except codec.MalformedInput:
            self._report("MalformedInput")
            self._mark = mark
            return False
        self._mark, self._held, self._refusal = mark, found, ""
        return found.generation != earlier

    def _load(self, earlier: int) -> Snapshot:
        """Load what a believed key signed; keys from before the one in use sign no snapshots any more."""
        kids = list(self._keys)
        since = kids.index(self._signed_by) if self._signed_by in kids else 0
        for kid in kids[since:]:
            try:
                found = snapshot.load(
                    self._folder, public_key=self._keys[kid], now=clock.now(), min_generation=earlier
                )
            except BadSnapshotSignature:
                continue
            if self._signed_by and kid != self._signed_by:
                self._retire_at = clock.monotonic() + OLD_KEYS_S
            self._signed_by = kid
            return found
        raise BadSnapshotSignature(snapshot.INDEX_NAME)

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
        if self._keys:
            return
        try:
            found = codec.decode_json(durable.read_file(self._folder / KEY_NAME), _Jwk)
            self._keys = {found.kid: successors.public_key(found.x, found.y)}
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
