"""Making an organization from an archive that proved whole."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from ocapi.kernel.audit import api as audit
from ocapi.kernel.audit.data import NoHead, NoSuchTree
from ocapi.kernel.registry.carrying import signing
from ocapi.kernel.registry.carrying.checking import Checked
from ocapi.kernel.registry.carrying.data import (
    BLOBS,
    FILES,
    KEYS,
    MANIFEST,
    TABLES,
    ArchiveRefused,
    LogState,
    Manifest,
    Progress,
    Reason,
)
from ocapi.kernel.registry.carrying.writing import EMPTY_LOG
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Engine, Kind, RowRefused, State, Table, Tenant
from ocapi.lib import crashpoint, durable


def read(
    *, checked: Checked, code: str, key: str, hosts: tuple[str, ...], now: datetime, tell: Progress,
    finally_: Callable[[], None],
) -> Tenant:
    """Make the organization: whole, or absent when anything is wrong. Gives it.

    key, hosts: instead of those in the archive, when given. finally_: done last while it is bound and not
    served yet. Raises ArchiveRefused, and what `tenants.adopt` raises.
    """
    tenant = tenant_of(checked.manifest, key=key, hosts=hosts)
    own = signing.open_keys(durable.read_file(checked.folder / KEYS), tenant.uuid, code)

    def fill() -> None:
        crashpoint.point("tenants.import.before_load")
        _load(checked, tell)
        crashpoint.point("tenants.import.after_load")
        _place_files(checked.folder, tenants.folder())
        crashpoint.point("tenants.import.after_files")
        finally_()

    return tenants.adopt(tenant=tenant, own=own, fill=fill, now=now)


def tenant_of(manifest: Manifest, *, key: str = "", hosts: tuple[str, ...] = ()) -> Tenant:
    """Give the organization of a manifest as it will be in this installation."""
    told = manifest.organization
    try:
        return Tenant(
            uuid=UUID(told.uuid), key=key or told.key, base_iri=told.base_iri, kind=Kind(told.kind),
            state=State.ACTIVE, engine=Engine(settings.OCAPI.store), schema_number=1,
            hosts=hosts or told.hosts, is_reference=told.is_reference, is_canary=told.is_canary,
            is_demo=told.is_demo, succession=told.succession,
        )
    except ValueError as failure:
        raise ArchiveRefused(Reason.CHANGED, place=MANIFEST, detail=str(failure)) from None


def _load(checked: Checked, tell: Progress) -> None:
    is_older = set(checked.manifest.migrations) != tenants.known_migrations()
    if is_older:
        tell("the archive is from an older release: building its tables first")
        tenants.rebuild_at(checked.manifest.migrations)
    try:
        with tenants.loading():
            for table in checked.tables:
                _load_table(table, checked, tell)
            found = log_state()
            if found != checked.manifest.audit:
                raise ArchiveRefused(
                    Reason.ROOT_DIFFERS, place="audit_leaf",
                    detail=f"{found.leaves} leaves with root {found.root}",
                )
    except RowRefused as refusal:
        raise ArchiveRefused(Reason.BAD_ROW, place=refusal.table, detail=str(refusal)) from None
    if is_older:
        tenants.migrate_bound()


def _load_table(table: Table, checked: Checked, tell: Progress) -> None:
    wanted = checked.manifest.rows[table.name]
    count = tenants.load_rows(table, lines_of(checked.folder / TABLES / f"{table.name}.jsonl"))
    if count != wanted:
        raise ArchiveRefused(Reason.COUNT_DIFFERS, place=table.name, detail=f"{count} rows of {wanted}")
    if count:
        tell(f"{table.name}: {count} rows")


def lines_of(path: Path) -> Iterator[bytes]:
    """Give the lines of a file one by one."""
    with path.open("rb") as lines:
        yield from lines


def log_state() -> LogState:
    """Give the state of the bound organization's log, its root computed anew from the leaves.

    Raises ArchiveRefused: rootDiffers when the stored head says otherwise.
    """
    try:
        head = audit.latest_head()
        root = audit.recomputed_root(size=head.size)
    except NoHead:
        return EMPTY_LOG
    except NoSuchTree as failure:
        raise ArchiveRefused(Reason.ROOT_DIFFERS, place="audit_leaf", detail=str(failure)) from None
    if root != head.root:
        raise ArchiveRefused(Reason.ROOT_DIFFERS, place="audit_head", detail=f"leaves give {root.hex()}")
    return LogState(leaves=head.size, root=head.root.hex())


def _place_files(source: Path, home: Path) -> None:
    for folder, target in ((BLOBS, home / BLOBS), (FILES, home)):
        for path in sorted((source / folder).rglob("*")):
            if path.is_file():
                final = target / path.relative_to(source / folder)
                durable.make_directory(final.parent)
                durable.replace_into(path, final)
