"""Rotation of keys: make new ones, seal every value anew, retire the old ones when nothing uses them.

What is done and what is left shows in the data itself: each sealed value bears the mark of its key. So there
is no state to lose, and whoever goes on after a kill begins at the first value under another key.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from ocapi.kernel.tenants import binding, closing, keys
from ocapi.kernel.tenants.connections import PLATFORM
from ocapi.kernel.tenants.data import Change, Progress, Resume, UnknownVault
from ocapi.kernel.tenants.extensions import hand_on, vaults
from ocapi.kernel.tenants.keyring import FRESH_S, LEAD, ring
from ocapi.lib import clock, crashpoint
from ocapi.lib.actor import Actor

SETTLE = timedelta(seconds=3 * FRESH_S)
"""After this no process seals under the old data key: each reads its keys anew every 30 s."""
RETIRE_SIGNING_AFTER = LEAD + timedelta(minutes=30)
"""An access token lives 6 minutes with its leeway, a webhook's signature is good for 5."""
BATCH = 500  # values per transaction: some 25 ms


def start(*, actor: Actor, now: datetime) -> None:
    """Give the bound organization a new data key and signing key; one that is being rotated gets no third."""
    tenant = binding.current()
    if len(_live("data", tenant.uuid)) > 1 or len(_live("signing", tenant.uuid)) > 1:
        return
    _tell("started", actor=actor, now=now)  # first: after a kill it stands there twice rather than never
    _make(("data", "signing"), owner=tenant.uuid, now=now)


def start_platform(*, now: datetime) -> None:
    """Give the installation a new signing key, unless it is getting one already."""
    if len(_live("signing", None)) == 1:
        _make(("signing",), owner=None, now=now)


def go_on(
    *, since: Resume, actor: Actor, now: datetime, budget_s: float, batch: int = BATCH
) -> Resume | None:
    """Go on with the bound organization's rotation for about `budget_s`; None when there is nothing to do.

    since: where the last call stopped; an empty one begins anew, which only costs time. The answer says when
    to come back: at once, or when old keys may be retired. Nothing is unreadable at any moment. Raises
    UnknownVault.
    """
    _retire_signing(None, now)
    owner = binding.current().uuid
    live = _live("data", owner)
    if len(live) > 1:
        if ring.data_keys(owner)[0].kid != live[0].kid:
            ring.forget(owner)
        resume = _rewrap(since, kid=live[0].kid, now=now, ends_at=clock.monotonic() + budget_s, batch=batch)
        if resume is not None:
            return resume
        if now < (settled := live[0].created_at + SETTLE):
            return Resume(due_at=settled)
        if any(vault.count_left(kid=live[0].kid) for vault in vaults):
            return Resume(due_at=now)  # written by somebody who had not heard of the new key
        _tell("retired", actor=actor, now=now)
        _retire([row.id for row in live[1:]], now)
        ring.forget(owner)
    return _retire_signing(owner, now)


def progress() -> Progress:
    """Tell how far the bound organization is: live keys, and by vault what is not under the newest one."""
    owner = binding.current().uuid
    data = _live("data", owner)
    return Progress(
        data_keys=tuple(row.kid for row in data),
        signing_keys=tuple(row.kid for row in _live("signing", owner)),
        left={vault.name: vault.count_left(kid=data[0].kid) for vault in vaults},
    )


def _rewrap(since: Resume, *, kid: str, now: datetime, ends_at: float, batch: int) -> Resume | None:
    names = [vault.name for vault in vaults]
    if since.vault and since.vault not in names:
        raise UnknownVault(since.vault)
    for name in names[names.index(since.vault) if since.vault else 0 :]:
        after = since.after if name == since.vault else ""
        while True:
            with closing.lifted():
                done = vaults.get(name).rewrap(kid=kid, after=after, limit=batch)
            after = done.after
            if not after:
                break
            if clock.monotonic() >= ends_at:
                return Resume(vault=name, after=after, due_at=now)
    return None


def _live(purpose: str, owner: UUID | None) -> list[Any]:
    from ocapi.kernel.tenants.models import KeyRow

    rows = KeyRow.objects.using(PLATFORM).filter(purpose=purpose, retired_at__isnull=True).order_by("-id")
    return list(rows.filter(tenant__isnull=True) if owner is None else rows.filter(tenant__uuid=owner))


def _make(purposes: tuple[str, ...], *, owner: UUID | None, now: datetime) -> None:
    from ocapi.kernel.tenants.models import TenantRow

    tenant = None if owner is None else TenantRow.objects.using(PLATFORM).get(uuid=owner)
    with transaction.atomic(using=PLATFORM):
        for purpose in purposes:
            keys.make_key_row(purpose=purpose, tenant=tenant, now=now)
        crashpoint.point("keys.new.before_commit")
    crashpoint.point("keys.new.after_commit")
    ring.forget(owner)


def _retire_signing(owner: UUID | None, now: datetime) -> Resume | None:
    live = _live("signing", owner)
    if len(live) == 1:
        return None
    if now < (due_at := live[0].created_at + RETIRE_SIGNING_AFTER):
        return None if owner is None else Resume(due_at=due_at)
    _retire([row.id for row in live[1:]], now)
    ring.forget(owner)
    return None


def _retire(row_ids: list[int], now: datetime) -> None:
    from ocapi.kernel.tenants.models import KeyRow

    with transaction.atomic(using=PLATFORM):
        KeyRow.objects.using(PLATFORM).filter(id__in=row_ids).update(retired_at=now)
        crashpoint.point("keys.retire.before_commit")
    crashpoint.point("keys.retire.after_commit")


def _tell(verb: str, *, actor: Actor, now: datetime) -> None:
    tenant = binding.current()
    change = Change(action=f"tenants.key_rotation.{verb}", resource=f"organization/{tenant.uuid}")
    with transaction.atomic():
        hand_on(change=change, actor=actor, now=now)
