"""The policy snapshot the data plane lives by: this organization's part, and the signed index of all."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import State, Tenant
from ocapi.lib import codec, durable, snapshot, successors
from ocapi.lib.snapshot import (
    ApplicationGrant,
    Broker,
    Limits,
    PublicKey,
    Receiver,
    Snapshot,
    SnapshotRefused,
    Stream,
    TenantEntry,
    TenantPart,
)
from ocapi.modules.exchange import queries
from ocapi.modules.exchange.data import ApplicationState

log = logging.getLogger(__name__)

KEY_NAME = "platform.jwk"
REISSUE_AFTER = timedelta(minutes=9)
"""Younger than this an unchanged index is left alone; each organization's job asks every 10 minutes."""
STATES = {State.ACTIVE: "active", State.MOVING: "readOnly", State.FROZEN: "readOnly"}


def part() -> TenantPart:
    """Give the bound organization's part: applications, and what mounted modules add (streams, limits)."""
    tenant = tenants.current()
    applications = queries.list_applications()
    added = list(_added_by_modules())
    limits = [found for found in added if isinstance(found, Limits)]
    return TenantPart(
        tenant=_entry(tenant),
        keys=tuple(
            PublicKey(kid=key.kid, owner=each.client_id, x=key.x, y=key.y)
            for each in applications if each.state is ApplicationState.ACTIVE for key in each.keys
        ),
        grants=tuple(
            ApplicationGrant(
                client_id=each.client_id, tenant=tenant.key, scopes=each.scopes, state=each.state.value
            )
            for each in applications
        ),
        streams=tuple(found for found in added if isinstance(found, Stream)),
        limits=limits[0] if limits else Limits(),
        receivers=tuple(found for found in added if isinstance(found, Receiver)),
        brokers=tuple(found for found in added if isinstance(found, Broker)),
    )


def publish(*, now: datetime) -> bool:
    """Write the snapshot when the bound organization's part changed or the index ages; tells whether it did.

    Parts of other organizations are taken over from the verified snapshot in place; without one, or for an
    organization that has none yet, they are made anew. Only the worker calls this.
    """
    folder = Path(settings.OCAPI.data) / "snapshot"
    durable.make_directory(folder)
    key = tenants.platform_signing_key()
    with _locked(folder):
        _hand_over(folder)
        held, is_own = _held(folder, now)
        parts = _parts(held)
        is_fresh = held is not None and is_own and now - held.issued_at < REISSUE_AFTER
        is_due = held is None or not is_fresh or parts != held.parts
        if is_due:
            generation = max(held.generation + 1 if held else 1, int(now.timestamp()))
            snapshot.write_index(
                folder, parts=parts.values(), generation=generation, key=key.private, now=now
            )
        _pin(folder)
    return is_due


def _parts(held: Snapshot | None) -> dict[str, TenantPart]:
    """Give every part. Who is not served keeps the part it had: its database may be moving or damaged."""
    own = tenants.current()
    made: dict[str, TenantPart] = {}
    for tenant in tenants.list_tenants():
        if tenant.state in (State.BUILDING, State.DISSOLVED):
            continue
        kept = held.parts.get(tenant.key) if held else None
        if tenant.state is not State.ACTIVE:
            made[tenant.key] = _unread(tenant, kept)
        elif tenant.uuid == own.uuid:
            made[tenant.key] = part()
        elif kept is not None and kept.tenant == _entry(tenant):
            made[tenant.key] = kept
        else:
            made[tenant.key] = _read(tenant, kept)
    return made


def _unread(tenant: Tenant, kept: TenantPart | None) -> TenantPart:
    return replace(kept, tenant=_entry(tenant)) if kept else TenantPart(tenant=_entry(tenant))


def _read(tenant: Tenant, kept: TenantPart | None) -> TenantPart:
    """Read another organization's part; trouble at one must not end the policy of all."""
    try:
        with tenants.unbound(), tenants.bind_tenant(tenant):
            return part()
    except (DatabaseError, OSError) as failure:
        tenants.close_connections()
        told = {"tenant": tenant.key, "error": type(failure).__name__}
        log.error("a part of the policy can't be read", extra=told)
        return _unread(tenant, kept)


def _held(folder: Path, now: datetime) -> tuple[Snapshot | None, bool]:
    """Give the snapshot in place, and whether the newest key signed it: who starts now believes that one."""
    newest = tenants.platform_signing_key().kid
    for key in tenants.platform_signing_keys():
        try:
            return snapshot.load(folder, public_key=key.private.public_key(), now=now), key.kid == newest
        except SnapshotRefused:
            continue
    return None, False


def _hand_over(folder: Path) -> None:
    """Let each signing key sign for the next, before anything is signed with that one."""
    published = list(reversed(tenants.platform_signing_keys()))
    successors.write(folder, [
        successors.signed(
            kid=new.kid, x=new.public_jwk["x"], y=new.public_jwk["y"], by=old.kid, key=old.private
        )
        for old, new in pairwise(published)
    ])


def _pin(folder: Path) -> None:
    """Show the key a data plane that starts from now on believes: after the index that it signed."""
    jwk = codec.encode_json(tenants.platform_signing_key().public_jwk)
    if not (folder / KEY_NAME).exists() or durable.read_file(folder / KEY_NAME) != jwk:
        durable.write_file(folder / KEY_NAME, jwk)


def _entry(tenant: Tenant) -> TenantEntry:
    heir = tenant.succession
    return TenantEntry(
        uuid=tenant.uuid, key=tenant.key, hosts=tenant.hosts,
        state="suspended" if tenants.is_withheld(tenant) else STATES.get(tenant.state, "suspended"),
        replaced_at=heir.begins_at.astimezone(UTC) if heir and heir.begins_at else None,
        successor=heir.new_base_iri if heir else "",
    )


def _added_by_modules() -> Iterator[object]:
    for manifest in registry.list_manifests():
        if manifest.snapshot_part is not None and registry.is_mounted(manifest.name):
            yield from manifest.snapshot_part()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process at a time count generations; the lock goes with the process."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, durable.FILE_MODE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
