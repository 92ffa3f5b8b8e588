"""Roles of persons in the bound organization; each change ends the person's sessions."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from ocapi.kernel.accounts import persons
from ocapi.kernel.accounts.data import (
    ADMINISTRATOR,
    ROLE_CODES,
    SUSPENDED,
    InvalidPeriod,
    LastAdministrator,
    OwnSuspension,
    Role,
    UnknownRole,
)
from ocapi.kernel.accounts.models import PersonRow, RoleRow
from ocapi.kernel.tenants.data import Change
from ocapi.kernel.tenants.extensions import hand_on
from ocapi.lib import ids
from ocapi.lib.actor import Actor

FROM_PROVIDER = "identityProvider"


def grant(
    *,
    person: UUID,
    code: str,
    unit: str,
    source: str,
    valid_from: datetime,
    valid_to: datetime | None,
    actor: Actor,
    now: datetime,
) -> Role:
    """Grant a role; the same role of the same unit still running is given back unchanged."""
    if code not in ROLE_CODES:
        raise UnknownRole(code)
    if valid_to is not None and valid_to <= valid_from:
        raise InvalidPeriod(valid_from, valid_to)
    with transaction.atomic():
        row = PersonRow.objects.select_for_update().filter(pk=persons.get_row(person).pk).get()
        held = _running(RoleRow.objects.filter(person=row, code=code, unit=unit), now).first()
        if held is not None and held.valid_to == valid_to:
            return to_data(held, person)
        made = RoleRow.objects.create(
            uuid=ids.new_uuid(now),
            person=row,
            code=code,
            unit=unit,
            source=source,
            valid_from=valid_from,
            valid_to=valid_to,
        )
        _changed("granted", row, made.uuid, actor=actor, now=now)
    return to_data(made, person)


def end(*, role: UUID, actor: Actor, now: datetime) -> None:
    """End a role now; ending one that has ended changes nothing. Raises UnknownRole, LastAdministrator."""
    with transaction.atomic():
        row = RoleRow.objects.select_related("person").filter(uuid=role).first()
        if row is None:
            raise UnknownRole(str(role))
        if row.valid_to is not None and row.valid_to <= now:
            return
        if row.code == ADMINISTRATOR and not _other_administrators(row, now).exists():
            raise LastAdministrator
        _end_row(row, actor=actor, now=now)


def _other_administrators(row: RoleRow, now: datetime) -> "QuerySet[RoleRow]":
    # Locked, so that two administrators who end each other's role at the same time do not both succeed.
    running = _running(RoleRow.objects.filter(code=ADMINISTRATOR), now).select_for_update()
    return running.exclude(pk=row.pk)


def _end_row(row: RoleRow, *, actor: Actor, now: datetime) -> None:
    row.valid_to = now
    row.save(update_fields=["valid_to"])
    _changed("ended", row.person, row.uuid, actor=actor, now=now)


def suspend(*, person: UUID, actor: Actor, now: datetime) -> Role:
    """Take every right of a person away until `resume`. Raises OwnSuspension."""
    if actor.person == person:
        raise OwnSuspension
    return grant(
        person=person,
        code=SUSPENDED,
        unit="",
        source="organization",
        valid_from=now,
        valid_to=None,
        actor=actor,
        now=now,
    )


def resume(*, person: UUID, actor: Actor, now: datetime) -> None:
    """End a suspension; without one nothing changes."""
    for row in _running(RoleRow.objects.filter(person__uuid=person, code=SUSPENDED), now):
        end(role=row.uuid, actor=actor, now=now)


def take_over_claimed(*, person: UUID, codes: Iterable[str], actor: Actor, now: datetime) -> None:
    """Make the roles that come from the identity provider exactly `codes`; own grants are left alone."""
    wanted = {code for code in codes if code in ROLE_CODES and code != SUSPENDED}
    claimed = RoleRow.objects.filter(person__uuid=person, source=FROM_PROVIDER)
    held = {row.code: row for row in _running(claimed, now)}
    for code in sorted(wanted - held.keys()):
        grant(
            person=person,
            code=code,
            unit="",
            source=FROM_PROVIDER,
            valid_from=now,
            valid_to=None,
            actor=actor,
            now=now,
        )
    for code in sorted(held.keys() - wanted):
        with transaction.atomic():
            _end_row(held[code], actor=actor, now=now)


def codes_at(*, person: UUID, instant: datetime) -> frozenset[str]:
    """Give the role codes a person holds at an instant; only `suspended` while suspended."""
    running = _running(RoleRow.objects.filter(person__uuid=person), instant)
    codes = frozenset(running.values_list("code", flat=True))
    return frozenset({SUSPENDED}) if SUSPENDED in codes else codes


def list_of(*, person: UUID) -> tuple[Role, ...]:
    """Give every role a person holds or held, oldest first."""
    return tuple(
        to_data(row, person)
        for row in RoleRow.objects.filter(person__uuid=person).order_by("valid_from", "id")
    )


def holders(*, code: str, instant: datetime, limit: int) -> tuple[Role, ...]:
    """Give who holds a role at an instant, by family name."""
    running = _running(RoleRow.objects.filter(code=code), instant).select_related("person")
    rows = running.order_by("person__family_name", "person__given_name", "id")[:limit]
    return tuple(to_data(row, row.person.uuid) for row in rows)


def running_at(*, instant: datetime, limit: int) -> tuple[Role, ...]:
    """Give every role somebody holds at an instant, by family name, then role."""
    running = _running(RoleRow.objects.all(), instant).select_related("person")
    rows = running.order_by("person__family_name", "person__given_name", "person_id", "code", "id")[:limit]
    return tuple(to_data(row, row.person.uuid) for row in rows)


def _running(rows: "QuerySet[RoleRow]", instant: datetime) -> "QuerySet[RoleRow]":
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=instant), valid_from__lte=instant)


def _changed(verb: str, person: PersonRow, role: UUID, *, actor: Actor, now: datetime) -> None:
    PersonRow.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
    change = Change(
        action=f"accounts.role.{verb}", resource=f"role/{role}", about=(person.uuid,), fields=("code",)
    )
    hand_on(change=change, actor=actor, now=now)


def to_data(row: RoleRow, person: UUID) -> Role:
    """Give the row as others may see it."""
    return Role(
        uuid=row.uuid,
        person=person,
        code=row.code,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        unit=row.unit,
        source=row.source,
    )
