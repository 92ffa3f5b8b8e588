"""Organizations carried away and back: archives and backups."""

import hashlib
from datetime import datetime
from typing import Any

from tests.proofs.crash.operations.register import KEY, home, operation


@operation
def exported(key: str, now: datetime) -> None:
    """Write everything into an archive, unless it is there."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.registry.carrying.data import ArchiveRefused, Reason
    from ocapi.kernel.tenants import api as tenants

    with tenants.unbound():
        try:
            registry.export_tenant(key=KEY, target=home() / "archives" / key, now=now)
        except ArchiveRefused as refusal:
            if refusal.reason is not Reason.EXISTS:
                raise


@operation
def imported(key: str, now: datetime) -> None:
    """Make the guest from its archive, unless it is here."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import KeyTaken

    with tenants.unbound():
        try:
            registry.import_tenant(source=home() / "guest.tar", now=now)
        except KeyTaken:
            return


@operation
def kept(key: str, now: datetime) -> None:
    """Add the present state to a backup."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants

    with tenants.unbound():
        registry.back_up(key=KEY, target=_target("kept"), now=now)


@operation
def restored(key: str, now: datetime) -> None:
    """Put the lost organization back, unless it is here."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import KeyTaken

    target = _target(key)
    (uuid,) = target.list_names("records")
    with tenants.unbound():
        try:
            registry.restore(target=target, uuid=uuid, now=now)
        except KeyTaken:
            return


def _target(name: str) -> Any:
    from ocapi.kernel.registry.backups.targets import FolderTarget

    return FolderTarget(home() / "targets" / name)


def whole_backups() -> list[str]:
    """Give one name per record that proves whole, oldest first; a broken target is called so."""
    from ocapi.kernel.registry.backups import records, restoring
    from ocapi.kernel.registry.carrying import scratch, silent
    from ocapi.kernel.registry.carrying.data import ArchiveRefused

    target, count = _target("kept"), 0
    try:
        for uuid in target.list_names("records"):
            for each in records.newest_first(target, uuid):
                with scratch.folder() as folder:
                    restoring.assemble(target, each, folder, silent)
                count += 1
    except ArchiveRefused as refusal:
        return [f"broken: {refusal}"]
    return ["kept1", "kept2"][:count]


def whole_archives() -> list[str]:
    """Give the archives that prove whole; one that is there and does not is called broken."""
    from ocapi.kernel.registry.carrying import checking, scratch, silent
    from ocapi.kernel.registry.carrying.data import ArchiveRefused

    found = []
    for path in sorted((home() / "archives").iterdir()):
        if path.name.startswith("."):
            continue  # a leftover of a crash means nothing
        try:
            with scratch.folder() as folder:
                checking.unpack(path, folder, tell=silent)
                checking.check(folder, tell=silent)
            found.append(path.name)
        except ArchiveRefused as refusal:
            found.append(f"{path.name} broken: {refusal}")
    return found


def whole_organization(key: str) -> list[str]:
    """Give the key of an organization that holds what it was made with, when it is here."""
    from ocapi.kernel.accounts.models import PersonRow
    from ocapi.kernel.audit import api as audit
    from ocapi.kernel.files import api as files
    from ocapi.kernel.tenants import api as tenants

    found = []
    with tenants.unbound():
        for tenant in tenants.list_tenants():
            if tenant.key != key:
                continue
            with tenants.bind_tenant(tenant):
                head = audit.latest_head()
                blobs = [hashlib.sha256(path.read_bytes()).hexdigest() == sha256
                         for sha256, _size, path in files.list_blobs()]
                is_whole = (
                    audit.recomputed_root(size=head.size) == head.root and blobs == [True]
                    and PersonRow.objects.count() == 1
                )
            found.append(key if is_whole else f"{key} in parts")
    return found
