"""Brings what several members of the data plane took in together, before it is added up and put into files.

With one process there is nothing to bring: its log is where the worker reads it.
"""

import logging
from pathlib import Path

from ocapi.kernel.tenants import api as tenants
from ocapi.lib import durable
from ocapi.lib.members import mirror, places
from ocapi.lib.members.calling import Away, Calls
from ocapi.lib.members.membership import Membership
from ocapi.lib.members.signing import Signer
from ocapi.modules.capture.data import UnknownMember

log = logging.getLogger("ocapi.capture")


class Collector:
    """The worker's side of some members."""

    def __init__(self, members: Membership, secrets: tuple[str, ...]) -> None:
        self._calls = Calls(members, Signer("", secrets))

    def entities(self) -> str:
        """Copy what the holder of the bound organization's entities has; gives its name, empty when away."""
        tenant, capture = tenants.current().key, tenants.folder() / "capture"
        try:
            return mirror.collect_entities(self._calls, tenant=tenant, capture=capture)
        except (Away, mirror.Busy) as failure:
            log.warning("the holder of the entities is away", extra={"reason": str(failure)})
            return ""

    def inbox(self) -> int:
        """Add every member's inbox of the bound organization to the one inbox; gives how many records."""
        try:
            tenant, folder = tenants.current().key, tenants.folder() / "inbox"
            return mirror.collect_inbox(self._calls, tenant=tenant, folder=folder)
        except mirror.Busy:
            return 0  # the job of another worker is at it


def let_go(upto: int) -> None:
    """Take away from the copy of the log what stands in files and in a saved state."""
    try:
        mirror.let_go(tenants.folder() / "capture", upto)
    except mirror.Busy:
        return  # the next time


def replace_disk(*, data: Path, members: Membership | None, name: str) -> int:
    """Go on without the disk of a member, from what was collected; gives for how many organizations.

    A member of that name may then begin on an empty disk. Raises UnknownMember with nothing changed.
    """
    if members is None or name not in members.addresses:
        raise UnknownMember(name)
    count = 0
    folder = data / "tenants"
    for tenant in durable.DISK.names(folder) if folder.is_dir() else ():
        capture = folder / tenant / "capture"
        place = places.read(capture)
        if place is not None and place.member == name:
            wanted = members.owner_of_entities(tenant)
            count += mirror.take_over_without_disk(capture=capture, member=name, wanted=wanted)
    durable.remove_file(data / "members" / f"{name}.json")
    return count
