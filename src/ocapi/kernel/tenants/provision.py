"""Making and removing organizations: a copy of the template with an identity and keys of its own."""

import shutil
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connections, transaction

from ocapi.kernel.tenants import keyring, keys, sqlite, template
from ocapi.kernel.tenants.connections import PLATFORM
from ocapi.kernel.tenants.data import KEY_PATTERN, Engine, InvalidKey, KeyTaken, Kind, State, Tenant
from ocapi.kernel.tenants.directory import directory
from ocapi.kernel.tenants.models import HostRow, TenantRow
from ocapi.lib import crashpoint, durable, ids

RESERVED = frozenset({"platform", "template", "default", "www", "idp", "static", "api"})


def folder(tenant_key: str) -> Path:
    """Give the folder that holds everything of one organization."""
    return Path(settings.OCAPI.data) / "tenants" / tenant_key


def create(
    *,
    key: str,
    kind: Kind,
    base_iri: str,
    hosts: tuple[str, ...],
    is_reference: bool,
    is_demo: bool,
    now: datetime,
) -> Tenant:
    """Create an organization from the template: folder and database first, the registry row last."""
    if not KEY_PATTERN.fullmatch(key) or key in RESERVED:
        raise InvalidKey(key)
    platform = TenantRow.objects.using(PLATFORM)
    if platform.filter(key=key).exists():
        raise KeyTaken(key)
    for host in hosts:
        if HostRow.objects.using(PLATFORM).filter(name=host, valid_until__isnull=True).exists():
            raise KeyTaken(host)
    tenant = Tenant(
        uuid=ids.new_uuid(now),
        key=key,
        base_iri=base_iri,
        kind=kind,
        state=State.ACTIVE,
        engine=Engine(settings.OCAPI.store),
        schema_number=1,
        hosts=hosts,
        is_reference=is_reference,
        is_demo=is_demo,
    )
    _lay_out(tenant)
    crashpoint.point("tenants.create.before_row")
    with transaction.atomic(using=PLATFORM):
        row = platform.create(
            uuid=tenant.uuid,
            key=key,
            base_iri=base_iri,
            kind=kind.value,
            state=State.ACTIVE.value,
            engine=tenant.engine.value,
            schema_number=1,
            is_reference=is_reference,
            is_demo=is_demo,
            created_at=now,
        )
        for host in hosts:
            HostRow.objects.using(PLATFORM).create(
                uuid=ids.new_uuid(now), tenant=row, name=host.lower(), valid_from=now
            )
        keys.make_key_rows(tenant=row, now=now)
    crashpoint.point("tenants.create.after_row")
    directory.forget()
    return tenant


def _lay_out(tenant: Tenant) -> None:
    # Without a registry row nobody can have used this folder: it is what a creation cut short left behind.
    home = folder(tenant.key)
    durable.remove_tree(home)
    for part in ("blobs", "capture", "evidence", "published", "inbox"):
        durable.make_directory(home / part)
    if tenant.engine is Engine.SQLITE:
        path = sqlite.database_path(Path(settings.OCAPI.data), tenant)
        durable.write_file(path, template.read_template())
        template.assert_pragmas_hold(path)
        return
    from ocapi.kernel.tenants import postgres

    postgres.create_schema(tenant)


def delete(*, tenant: Tenant) -> None:
    """Remove an organization: its registry row and keys first, so that nothing serves it, then its data."""
    connections.forget(tenant.alias)  # type: ignore[attr-defined]
    with transaction.atomic(using=PLATFORM):
        TenantRow.objects.using(PLATFORM).filter(uuid=tenant.uuid).delete()
    directory.forget()
    keyring.ring.forget(tenant.uuid)
    if tenant.engine is Engine.POSTGRES:
        from ocapi.kernel.tenants import postgres

        postgres.drop_schema(tenant)
    durable.remove_tree(folder(tenant.key))


def free_bytes() -> int:
    """Give the free bytes on the disk that holds the data folder."""
    return shutil.disk_usage(settings.OCAPI.data).free
