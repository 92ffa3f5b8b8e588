"""What a member holds: its own disk, and the logs of the organizations whose place names it.

The disk has an identity that the installation remembers, so that neither a second process of the same name
nor an empty disk in the place of a full one goes on as if nothing had happened.
"""

import fcntl
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from ocapi.dataplane.context.store import StoreBusy
from ocapi.dataplane.plan import Plan
from ocapi.lib import clock, codec, durable, ids, seglog
from ocapi.lib.members import mirror, places
from ocapi.lib.members.places import Held, Place

DISK = "member.json"
log = structlog.get_logger("dataplane.members")


class WrongDisk(Exception):
    """This process may not be that member; the message says what to do."""


class NotHeld(StoreBusy):
    """Another member holds these entities, or nobody does yet."""


class Disk(msgspec.Struct, frozen=True):
    """Which disk a member writes on."""

    name: str
    id: str


@dataclass(slots=True)
class _Looked:
    stamp: tuple[int, int]
    place: Place | None


class Holding:
    """The logs of one member."""

    def __init__(self, plan: Plan) -> None:
        assert plan.membership is not None and plan.disk is not None
        self.membership = plan.membership
        self.own = plan.membership.own
        self.disk_id = ""
        self._shared = plan.data
        self._disk = plan.disk
        self._lock = -1
        self._looked: dict[str, _Looked] = {}

    def claim(self) -> None:
        """Take the disk as the only process of this name; raises WrongDisk."""
        durable.make_directory(self._disk)
        self._lock = os.open(self._disk / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, durable.FILE_MODE)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise WrongDisk(f"a process of the name {self.own} is at work on this disk") from None
        try:
            self.disk_id = self._known_disk()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let others take the disk."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _known_disk(self) -> str:
        shared = self._shared / "members" / f"{self.own}.json"
        own, remembered = _read(self._disk / DISK), _read(shared)
        if own is not None and own.name != self.own:
            raise WrongDisk(f"this disk is that of member {own.name}, not of {self.own}")
        if remembered is not None and own != remembered:
            raise WrongDisk(
                f"member {self.own} wrote on another disk: attach it again, or let its work be taken over "
                "without it by `ocapi capture replace-disk` (see operations, members)"
            )
        if own is None:
            own = Disk(self.own, ids.token(16))
            durable.write_file(self._disk / DISK, codec.encode_json(own))
        if remembered is None:
            durable.make_directory(shared.parent)
            try:
                durable.add_file(shared, codec.encode_json(own))
            except FileExistsError:
                raise WrongDisk(f"another process of the name {self.own} began just now") from None
        return own.id

    def place(self, tenant: str) -> Place | None:
        """Give who holds an organization's entities; looks at the file again only when it changed."""
        capture = self._shared / "tenants" / tenant / "capture"
        try:
            found = os.stat(capture / places.NAME)
        except OSError:
            return None
        stamp, held = (found.st_mtime_ns, found.st_ino), self._looked.get(tenant)
        if held is None or held.stamp != stamp:
            held = self._looked[tenant] = _Looked(stamp, places.read(capture))
        return held.place

    def is_own(self, tenant: str) -> bool:
        """Tell whether this member is to hold an organization's entities."""
        place = self.place(tenant)
        return place is not None and place.member == self.own

    def log(self, tenant: str) -> Path:
        """Give the folder of the log of entities on the own disk."""
        return self._disk / "tenants" / tenant / "capture" / "log"

    def inbox(self, tenant: str) -> Path:
        """Give the folder of the inbox on the own disk."""
        return self._disk / "tenants" / tenant / "inbox"

    def tenants_with_inbox(self) -> Iterable[str]:
        """Give the organizations that have an inbox on the own disk."""
        folder = self._disk / "tenants"
        names = durable.DISK.names(folder) if folder.is_dir() else []
        return [name for name in names if self.inbox(name).is_dir()]

    def require(self, tenant: str) -> int:
        """Give the epoch in which this member holds the entities now; raises NotHeld."""
        place = self.place(tenant)
        if place is None or place.member != self.own:
            raise NotHeld(tenant)
        held = places.held(self.log(tenant))
        if held is not None and held.epoch == place.epoch and held.isReleased:
            raise NotHeld(tenant)
        return place.epoch

    def prepare(self, tenant: str) -> Path:
        """Give the folder of the log to go on with, taken over from the copy when it is new here.

        Blocks. Raises NotHeld, OSError.
        """
        epoch, folder = self.require(tenant), self.log(tenant)
        held = places.held(folder)
        if held is not None and held.epoch == epoch:
            return folder
        if held is not None and held.epoch > epoch:
            raise NotHeld(tenant)
        aside = folder.with_name(f".taking-{epoch}")
        durable.remove_tree(aside)
        durable.make_directory(aside)
        try:
            self._take(tenant, aside)
        except mirror.Busy:
            raise NotHeld(tenant) from None  # the worker is at it: a moment later
        places.hold(aside, Held(epoch=epoch))
        if folder.exists():
            self._put_away(folder, held)
        durable.place_directory(aside, folder)
        log.info("took over the entities of an organization", tenant=tenant, epoch=epoch)
        return folder

    def let_go(self, tenant: str) -> None:
        """Note that what stands in the log is all, for another member to go on; raises NotHeld."""
        folder = self.log(tenant)
        held = places.held(folder)
        if held is None:
            raise NotHeld(tenant)
        if not held.isReleased:
            places.hold(folder, Held(epoch=held.epoch, isReleased=True))

    def _take(self, tenant: str, aside: Path) -> None:
        source = self._shared / "tenants" / tenant / "capture" / "log"
        if not source.is_dir():
            return
        with mirror.locked(source, is_shared=True):
            for name in durable.DISK.names(source):
                if name.endswith(seglog.SUFFIX) or name.startswith(mirror.STATE):
                    durable.write_file(aside / name, durable.read_file(source / name))

    def _put_away(self, folder: Path, held: Held | None) -> None:
        """Remove what was handed over; keep, for people, what an operator went on without."""
        if held is not None and held.isReleased:
            durable.remove_tree(folder)
            return
        kept = folder.with_name(f"log-left-{held.epoch if held else 0}-{ids.token(6)}")
        durable.place_directory(folder, kept)
        log.error("a log that was gone on without is kept aside", folder=kept.name, at=str(clock.now()))


def _read(path: Path) -> Disk | None:
    try:
        return codec.decode_json(durable.read_file(path), Disk)
    except FileNotFoundError:
        return None
