"""Replacing the installation's secret: every key wrapped anew under the new one, owner by owner.

Each key is wrapped under one of two secrets and opens under either, so nothing is unreadable at any moment
and whoever goes on after a kill finds what is left in the rows themselves. What followed from the old secret
for good (where look-ups start) is written down as a key, in the transaction that lets the old one go.
"""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from ocapi.kernel.tenants import binding, keys, provision
from ocapi.kernel.tenants.connections import PLATFORM
from ocapi.kernel.tenants.data import Change, Engine
from ocapi.kernel.tenants.extensions import hand_on, sealed_files
from ocapi.kernel.tenants.keyring import ring
from ocapi.kernel.tenants.models import KeyRow, TenantRow
from ocapi.lib import crashpoint
from ocapi.lib.actor import Actor


def count_left(owner: UUID | None) -> int:
    """Tell how many keys of an organization (None: the platform) are wrapped under the other secret."""
    return _wrapped_left(owner) + sum(
        each.count_left(folder=_folder(owner), owner=owner) for each in sealed_files if owner is not None
    )


def _wrapped_left(owner: UUID | None) -> int:
    return sum(not keys.is_current(bytes(row.wrapped), aad=_aad(owner)) for row in _rows(owner))


def reseal_bound(*, actor: Actor, now: datetime) -> int:
    """Wrap the bound organization's keys under the present secret; gives how many were not.

    Leaves a change leaf when there were any. Raises WrongSecret for a key that opens under neither.
    """
    tenant = binding.current()
    if count := _wrapped_left(tenant.uuid):
        change = Change(action="tenants.secret.replaced", resource=f"organization/{tenant.uuid}")
        with transaction.atomic():
            hand_on(change=change, actor=actor, now=now)  # first: told twice after a kill rather than never
        _reseal(tenant.uuid, now)
    if tenant.engine is Engine.POSTGRES:
        from ocapi.kernel.tenants import postgres

        postgres.set_password(tenant)  # until then the role has the other one, which is tried too
    for each in sealed_files:
        count += each.seal_anew(folder=provision.folder(tenant.key), owner=tenant.uuid)
    return count


def reseal_platform(*, now: datetime) -> int:
    """Wrap the installation's own keys under the present secret; gives how many were not."""
    if count := _wrapped_left(None):
        _reseal(None, now)
    return count


def _reseal(owner: UUID | None, now: datetime) -> None:
    start = None if owner is None else ring.lookup_key(owner)
    with transaction.atomic(using=PLATFORM):
        if owner is not None and start is not None and not _rows(owner).filter(purpose=keys.LOOKUP).exists():
            tenant = TenantRow.objects.using(PLATFORM).get(uuid=owner)
            keys.keep_lookup(start, tenant=tenant, now=now)
        for row in _rows(owner):
            secret = keys.unwrap(bytes(row.wrapped), aad=_aad(owner))
            row.wrapped = keys.wrap(secret, aad=_aad(owner))
            row.save(update_fields=["wrapped"])
        crashpoint.point("keys.reseal.before_commit")
    crashpoint.point("keys.reseal.after_commit")
    ring.forget(owner)


def _folder(owner: UUID) -> Path:
    return provision.folder(TenantRow.objects.using(PLATFORM).get(uuid=owner).key)


def _rows(owner: UUID | None) -> Any:
    """Give every key of an owner, retired ones too: an old backup may need them."""
    rows = KeyRow.objects.using(PLATFORM).order_by("id")
    return rows.filter(tenant__isnull=True) if owner is None else rows.filter(tenant__uuid=owner)


def _aad(owner: UUID | None) -> bytes:
    return owner.bytes if owner else b"platform"
