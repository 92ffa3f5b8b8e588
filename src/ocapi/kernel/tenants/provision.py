"""Making and removing organizations: a copy of the template with an identity and keys of its own."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connections, transaction

from ocapi.kernel.tenants import binding, closing, keyring, keys, sqlite, succession, template
from ocapi.kernel.tenants.connections import PLATFORM
from ocapi.kernel.tenants.data import (
    KEY_PATTERN,
    AlreadyHere,
    Engine,
    InvalidKey,
    KeyTaken,
    Kind,
    NoServer,
    State,
    Tenant,
)
from ocapi.kernel.tenants.directory import directory
from ocapi.kernel.tenants.models import HostRow, TenantRow
from ocapi.lib import crashpoint, durable, ids

RESERVED = frozenset({"platform", "template", "default", "www", "idp", "static", "api"})


def folder(tenant_key: str) -> Path:
    """Give the folder that holds everything of one organization."""
    return Path(settings.OCAPI.data) / "tenants" / tenant_key


def parking_note(tenant_key: str) -> Path:
    """Give the file that says why an organization could not be brought up to a release; it goes with it."""
    return Path(settings.OCAPI.data) / "parked" / tenant_key


def damage_note(tenant_key: str) -> Path:
    """Give the file that says what was changed by hand in an organization, as long as it is withheld."""
    return Path(settings.OCAPI.data) / "damaged" / tenant_key


def is_withheld(tenant: Tenant) -> bool:
    """Tell whether an organization is not served because of such a note; asks no database."""
    return tenant.state is State.FROZEN and damage_note(tenant.key).exists()


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
    with _alone(key, hosts):
        _lay_out(tenant)
        crashpoint.point("tenants.create.before_row")
        made = _register(tenant, now=now)
    crashpoint.point("tenants.create.after_row")
    directory.forget()
    return made


def adopt(*, tenant: Tenant, own: keys.OwnKeys, fill: Callable[[], None], now: datetime) -> Tenant:
    """Take in an organization made elsewhere, with its identity and the keys of its columns.

    fill: loads its database and folder, called while it is bound; what it raises undoes everything. The
    registry row comes last, so whoever is killed in between leaves nothing that is served. Raises InvalidKey,
    KeyTaken (key, host or base IRI), AlreadyHere.
    """
    with _alone(tenant.key, tenant.hosts):
        _require_unknown(tenant)
        _lay_out(tenant)
        try:
            keyring.ring.lend(tenant.uuid, own)
            with closing.lifted(), binding.unbound(), binding.bind(tenant):
                fill()
            connections.forget(tenant.alias)  # type: ignore[attr-defined]
            crashpoint.point("tenants.import.before_row")
            made = _register(tenant, now=now, own=own)
        except BaseException:
            connections.forget(tenant.alias)  # type: ignore[attr-defined]
            keyring.ring.forget(tenant.uuid)
            _take_away(tenant)
            raise
    crashpoint.point("tenants.import.after_row")
    directory.forget()
    keyring.ring.forget(tenant.uuid)
    return made


@contextmanager
def _alone(key: str, hosts: tuple[str, ...]) -> Iterator[None]:
    """Let one process at a time make an organization of that key: a second one would clear its folder."""
    _require_free(key, hosts)
    with only_process(key) as is_only:
        if not is_only:
            raise KeyTaken(key)
        _require_free(key, hosts)  # again: it may have been made while we came here
        yield


@contextmanager
def only_process(key: str) -> Iterator[bool]:
    """Hold the lock of an organization during a block; gives whether no other process holds it."""
    locks = Path(settings.OCAPI.data) / "locks"
    durable.make_directory(locks)
    handle = os.open(locks / key, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, durable.FILE_MODE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_only = True
    except BlockingIOError:
        is_only = False
    try:
        yield is_only
    finally:
        os.close(handle)


def _require_unknown(tenant: Tenant) -> None:
    rows = TenantRow.objects.using(PLATFORM)
    if (known := rows.filter(uuid=tenant.uuid).first()) is not None:
        raise AlreadyHere(known.key)
    if rows.filter(base_iri=tenant.base_iri).exists():
        raise KeyTaken(tenant.base_iri)


def _require_free(key: str, hosts: tuple[str, ...]) -> None:
    if not KEY_PATTERN.fullmatch(key) or key in RESERVED:
        raise InvalidKey(key)
    if TenantRow.objects.using(PLATFORM).filter(key=key).exists():
        raise KeyTaken(key)
    for host in hosts:
        if HostRow.objects.using(PLATFORM).filter(name=host.lower(), valid_until__isnull=True).exists():
            raise KeyTaken(host)


def _register(tenant: Tenant, *, now: datetime, own: keys.OwnKeys | None = None) -> Tenant:
    with transaction.atomic(using=PLATFORM):
        row = TenantRow.objects.using(PLATFORM).create(
            uuid=tenant.uuid,
            key=tenant.key,
            base_iri=tenant.base_iri,
            kind=tenant.kind.value,
            state=tenant.state.value,
            engine=tenant.engine.value,
            schema_number=tenant.schema_number,
            is_reference=tenant.is_reference,
            is_canary=tenant.is_canary,
            is_demo=tenant.is_demo,
            created_at=now,
        )
        for host in tenant.hosts:
            HostRow.objects.using(PLATFORM).create(
                uuid=ids.new_uuid(now), tenant=row, name=host.lower(), valid_from=now
            )
        keys.make_key_rows(tenant=row, now=now, own=own)
        if tenant.succession is not None:
            succession.take_over(tenant.succession)
    return replace(tenant, edition=(row.id, row.cache_generation))


def _take_away(tenant: Tenant) -> None:
    if tenant.engine is Engine.POSTGRES:
        from ocapi.kernel.tenants import postgres

        postgres.drop_schema(tenant)
    durable.remove_tree(folder(tenant.key))


def _lay_out(tenant: Tenant) -> None:
    # Without a registry row nobody can have used this folder: it is what a creation cut short left behind.
    home = folder(tenant.key)
    durable.remove_tree(home)
    durable.remove_file(parking_note(tenant.key))
    durable.remove_file(damage_note(tenant.key))
    for part in ("blobs", "capture", "evidence", "published", "inbox"):
        durable.make_directory(home / part)
    _make_database(tenant)


def _make_database(tenant: Tenant) -> None:
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
    _take_away(tenant)


def set_state(tenant: Tenant, state: State) -> None:
    """Write where an organization stands; other processes know within a second."""
    TenantRow.objects.using(PLATFORM).filter(uuid=tenant.uuid).update(state=state.value)
    directory.forget()


def transplant(*, tenant: Tenant, engine: Engine, fill: Callable[[], None]) -> Tenant:
    """Give the bound organization a database of the other kind, loaded by `fill`; the old one is taken away.

    fill: called while the new database is bound. What it raises undoes everything. To be called inside
    `tables.held`, so that nothing is written to the old database any more: who still tries fails.
    """
    row, generation = tenant.edition
    moved = replace(tenant, engine=engine, state=State.ACTIVE, edition=(row, generation + 1))
    _make_database(moved)
    try:
        with binding.unbound(), binding.bind(moved):
            fill()
        crashpoint.point("tenants.move.before_switch")
        TenantRow.objects.using(PLATFORM).filter(uuid=tenant.uuid).update(
            engine=engine.value, state=State.ACTIVE.value, cache_generation=generation + 1
        )
    except BaseException:
        take_database_away(moved)
        raise
    crashpoint.point("tenants.move.after_switch")
    directory.forget()
    return moved


def prepare_engine(engine: Engine) -> None:
    """Make what new databases of a kind start from, when this installation has none yet."""
    cache = Path(settings.OCAPI.project) / "build"
    if engine is Engine.SQLITE:
        if not template.template_path().exists():
            template.build(cache=cache)
        return
    if not settings.OCAPI.database_url:
        raise NoServer
    from ocapi.kernel.tenants import postgres

    postgres.prepare_platform()
    postgres.record_template(kept=template.statements_path(cache))  # what lies there may be older


def take_database_away(tenant: Tenant) -> None:
    """Remove the database of an organization of the kind its engine says, and nothing else."""
    connections.forget_engine(tenant)  # type: ignore[attr-defined]
    if tenant.engine is Engine.POSTGRES:
        from ocapi.kernel.tenants import postgres

        postgres.drop_schema(tenant)
        return
    path = sqlite.database_path(Path(settings.OCAPI.data), tenant)
    for ending in ("", "-wal", "-shm"):
        durable.remove_file(path.with_name(path.name + ending))


def free_bytes() -> int:
    """Give the free bytes on the disk that holds the data folder."""
    return shutil.disk_usage(settings.OCAPI.data).free
