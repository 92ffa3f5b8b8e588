"""Powers of attorney: granted by the grantor itself, always ending, never handed on, revocable at once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.accounts.data import NotTheGrantor, PowerOfAttorney, UnknownPower
from ocapi.kernel.accounts.models import PowerOfAttorneyRow
from ocapi.kernel.tenants.data import Change
from ocapi.kernel.tenants.extensions import hand_on
from ocapi.lib import ids
from ocapi.lib.actor import Actor, Capacity, Subject

MAX_LISTED = 200  # powers one person sees on a page; more is a matter for an application


def may_dispose(actor: Actor, grantor: Subject) -> bool:
    """Tell whether this actor may grant or revoke for the grantor: the person itself, staff, or the system.

    A representative acts with `represents` set: it may use a power and never pass it on (depth 1). For a
    company its own people sign in with the capacity of that company, which is no power of attorney: `scopes`
    is empty.
    """
    if actor.capacity in (Capacity.SYSTEM, Capacity.STAFF):
        return True
    if actor.scopes:
        return False
    if actor.represents is not None:
        return actor.capacity is Capacity.ENTERPRISE and actor.represents == grantor
    return actor.person is not None and grantor == Subject(kind="person", uuid=actor.person)


def grant(
    *,
    grantor: Subject,
    representative: Subject,
    services: tuple[str, ...],
    expires_at: datetime,
    actor: Actor,
    now: datetime,
) -> PowerOfAttorney:
    """Grant a power of attorney from now until `expires_at`."""
    if not may_dispose(actor, grantor):
        raise NotTheGrantor
    power = PowerOfAttorney(
        uuid=ids.new_uuid(now),
        grantor=grantor,
        representative=representative,
        services=services,
        valid_from=now,
        expires_at=expires_at,
    )
    with transaction.atomic():
        PowerOfAttorneyRow.objects.create(
            uuid=power.uuid,
            grantor_kind=grantor.kind,
            grantor=grantor.uuid,
            representative_kind=representative.kind,
            representative=representative.uuid,
            services=list(services),
            valid_from=now,
            expires_at=expires_at,
        )
        _changed("granted", power, actor=actor, now=now)
    return power


def revoke(*, power: UUID, actor: Actor, now: datetime) -> None:
    """Revoke a power of attorney now; revoking twice changes nothing."""
    with transaction.atomic():
        row = PowerOfAttorneyRow.objects.filter(uuid=power).first()
        if row is None:
            raise UnknownPower(str(power))
        held = to_data(row)
        if not may_dispose(actor, held.grantor):
            raise NotTheGrantor
        if row.revoked_at is not None:
            return
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        _changed("revoked", held, actor=actor, now=now)


def find(power: UUID) -> PowerOfAttorney | None:
    """Find a power of attorney, or None."""
    row = PowerOfAttorneyRow.objects.filter(uuid=power).first()
    return None if row is None else to_data(row)


def held_by(representative: Subject, *, instant: datetime) -> tuple[PowerOfAttorney, ...]:
    """Give the powers a person or organization may use at an instant, newest first."""
    rows = PowerOfAttorneyRow.objects.filter(
        representative_kind=representative.kind,
        representative=representative.uuid,
        expires_at__gt=instant,
        revoked_at__isnull=True,
        valid_from__lte=instant,
    )
    return tuple(to_data(row) for row in rows.order_by("-valid_from", "-id")[:MAX_LISTED])


def granted_by(grantor: Subject) -> tuple[PowerOfAttorney, ...]:
    """Give every power a person or organization granted, also ended ones, newest first."""
    rows = PowerOfAttorneyRow.objects.filter(grantor_kind=grantor.kind, grantor=grantor.uuid)
    return tuple(to_data(row) for row in rows.order_by("-valid_from", "-id")[:MAX_LISTED])


def to_data(row: PowerOfAttorneyRow) -> PowerOfAttorney:
    """Give the row as others may see it."""
    return PowerOfAttorney(
        uuid=row.uuid,
        grantor=Subject(kind=row.grantor_kind, uuid=row.grantor),
        representative=Subject(kind=row.representative_kind, uuid=row.representative),
        services=tuple(row.services),
        valid_from=row.valid_from,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _changed(verb: str, power: PowerOfAttorney, *, actor: Actor, now: datetime) -> None:
    about = tuple(party.uuid for party in (power.grantor, power.representative) if party.kind == "person")
    change = Change(
        action=f"accounts.power_of_attorney.{verb}",
        resource=f"power-of-attorney/{power.uuid}",
        about=about,
        fields=("services", "expires_at"),
    )
    hand_on(change=change, actor=actor, now=now)
