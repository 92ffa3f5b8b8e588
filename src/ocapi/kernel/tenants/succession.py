"""One organization takes the place of another: planned, confirmed, in force from its day, undone before it.

Nothing happens on the day itself: who asks compares the day with the clock. So there is no moment at which a
kill could leave an organization half replaced. Each act is told in the log of both first and then written in
one row; a kill in between leaves it told twice after the repetition, never untold.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from ocapi.kernel.tenants import binding
from ocapi.kernel.tenants.connections import PLATFORM
from ocapi.kernel.tenants.data import (
    Change,
    Succession,
    SuccessionFault,
    SuccessionRefused,
    Tenant,
    UnknownTenant,
)
from ocapi.kernel.tenants.directory import directory, succession_of
from ocapi.kernel.tenants.extensions import hand_on
from ocapi.kernel.tenants.models import SuccessionRow, TenantRow
from ocapi.lib import crashpoint, ids
from ocapi.lib.actor import Actor


def plan(
    *, old: Tenant, new: Tenant, new_name: str, on: date, by: str, actor: Actor, now: datetime
) -> Succession:
    """Note that `new` takes the place of `old` on a day; the same again changes nothing.

    by: account of the machine. Nothing follows from it before `confirm`. Raises SuccessionRefused.
    """
    require_possible(old=old, new=new, on=on)
    held = find(old)
    if held is not None:
        if (held.new, held.on) != (new.uuid, on):
            told = f"{held.new_name} on {held.on.isoformat()}"
            raise SuccessionRefused(SuccessionFault.OTHER_PLAN, detail=told)
        return held
    crashpoint.point("tenants.merge.before_plan")
    _tell("planned", old, new, actor=actor, now=now)
    with transaction.atomic(using=PLATFORM):
        row = SuccessionRow.objects.using(PLATFORM).create(
            uuid=ids.new_uuid(now), old=old.uuid, new=new.uuid, new_name=new_name, new_base_iri=new.base_iri,
            on_day=on, planned_at=now, planned_by=by,
        )
    crashpoint.point("tenants.merge.after_plan")
    directory.forget()
    return succession_of(row)


def require_possible(*, old: Tenant, new: Tenant, on: date) -> None:
    """Raise SuccessionRefused when `new` can't take the place of `old` on that day, whoever asks."""
    if old.uuid == new.uuid:
        raise SuccessionRefused(SuccessionFault.ITSELF)
    if old.kind is not new.kind:
        raise SuccessionRefused(SuccessionFault.OTHER_KIND, detail=f"{old.kind.value}, {new.kind.value}")
    seen, each = {old.uuid}, find(new)
    if each is not None and each.on <= on:
        raise SuccessionRefused(
            SuccessionFault.SUCCESSOR_ENDS, detail=f"{each.new_name} on {each.on.isoformat()}"
        )
    while each is not None:
        if each.new in seen:
            raise SuccessionRefused(SuccessionFault.CIRCLE, detail=each.new_name)
        seen.add(each.new)
        each = _of(each.new)


def confirm(*, old: Tenant, by: str, needs_second: bool, actor: Actor, now: datetime) -> Succession:
    """Let the plan hold, from its day or from now when that is past; again changes nothing.

    needs_second: another account than the one that planned it must confirm. Raises SuccessionRefused,
    UnknownTenant when the successor is no longer here.
    """
    held = _required(old)
    if held.confirmed_at is not None:
        return held
    if needs_second and by == held.planned_by:
        raise SuccessionRefused(SuccessionFault.SECOND_PERSON, detail=by)
    new = directory.by_uuid(held.new)
    crashpoint.point("tenants.merge.before_confirm")
    _tell("confirmed", old, new, actor=actor, now=now)
    with transaction.atomic(using=PLATFORM):
        rows = SuccessionRow.objects.using(PLATFORM).filter(uuid=held.uuid, confirmed_at__isnull=True)
        rows.update(confirmed_at=now, confirmed_by=by)
        _reopen(old)
    crashpoint.point("tenants.merge.after_confirm")
    directory.forget()
    return _required(old)


def undo(*, old: Tenant, actor: Actor, now: datetime) -> None:
    """Take a plan back, confirmed or not, as long as it is not in force. Raises SuccessionRefused."""
    held = _required(old)
    if held.is_in_force(now):
        raise SuccessionRefused(SuccessionFault.IN_FORCE, detail=f"since {held.begins_at}")
    try:
        new = directory.by_uuid(held.new)
    except UnknownTenant:
        new = old  # it was carried away: only the one that stays can be told
    crashpoint.point("tenants.merge.before_undo")
    _tell("undone", old, new, actor=actor, now=now)
    with transaction.atomic(using=PLATFORM):
        SuccessionRow.objects.using(PLATFORM).filter(uuid=held.uuid).update(undone_at=now)
        _reopen(old)
    crashpoint.point("tenants.merge.after_undo")
    directory.forget()


def find(old: Tenant) -> Succession | None:
    """Give the plan for an organization that was not undone, confirmed or not, or None."""
    return _of(old.uuid)


def take_over(succession: Succession) -> None:
    """Write a confirmed succession that came with an organization from elsewhere, unless it is here."""
    rows = SuccessionRow.objects.using(PLATFORM)
    if _of(succession.old) is not None or rows.filter(uuid=succession.uuid).exists():
        return
    rows.create(
        uuid=succession.uuid, old=succession.old, new=succession.new, new_name=succession.new_name,
        new_base_iri=succession.new_base_iri, on_day=succession.on, planned_at=succession.planned_at,
        planned_by=succession.planned_by, confirmed_at=succession.confirmed_at,
        confirmed_by=succession.confirmed_by,
    )


def _tell(verb: str, old: Tenant, new: Tenant, *, actor: Actor, now: datetime) -> None:
    change = Change(action=f"tenants.succession.{verb}", resource=f"organization/{old.uuid}")
    for each in dict.fromkeys((old.uuid, new.uuid)):
        with binding.unbound(), binding.bind(old if each == old.uuid else new), transaction.atomic():
            hand_on(change=change, actor=actor, now=now)
        crashpoint.point("tenants.merge.after_leaf")


def _reopen(old: Tenant) -> None:
    """Let every process open the organization's database anew, with the guard or without."""
    rows = TenantRow.objects.using(PLATFORM).filter(uuid=old.uuid)
    rows.update(cache_generation=F("cache_generation") + 1)


def _required(old: Tenant) -> Succession:
    held = find(old)
    if held is None:
        raise SuccessionRefused(SuccessionFault.NO_PLAN, detail=old.key)
    return held


def _of(uuid: Any) -> Succession | None:
    row = SuccessionRow.objects.using(PLATFORM).filter(old=uuid, undone_at__isnull=True).first()
    return None if row is None else succession_of(row)
