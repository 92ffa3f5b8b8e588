"""Persons and their national numbers, which stand encrypted in one table and nowhere else."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.accounts.data import NameDiffers, NationalNumberTaken, Person, UnknownPerson
from ocapi.kernel.accounts.models import NationalNumberRow, PersonRow
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Change
from ocapi.kernel.tenants.extensions import hand_on
from ocapi.lib import ids, stem
from ocapi.lib.actor import Actor
from ocapi.lib.identifiers import parse_insz

CONTEXT = "accounts.national_number"


def create(
    *,
    given_name: str,
    family_name: str,
    birth_date: str,
    email: str,
    telephone: str,
    national_number: str,
    uuid: UUID | None,
    actor: Actor,
    now: datetime,
) -> Person:
    """Create a person, with its national number when given."""
    with transaction.atomic():
        row = PersonRow.objects.create(
            uuid=uuid or ids.new_uuid(now),
            given_name=given_name,
            family_name=family_name,
            birth_date=birth_date,
            email=email,
            telephone=telephone,
            created_at=now,
        )
        if national_number:
            _write_number(row, national_number, now=now)
        fields = ("given_name", "family_name", "birth_date", "email", "telephone")
        _changed("created", row.uuid, fields, actor=actor, now=now)
    return to_data(row)


def introduce(
    *, given_name: str, family_name: str, national_number: str, actor: Actor, now: datetime
) -> Person:
    """Give the person with this national number, created when not yet known here."""
    known = find_by_national_number(national_number)
    if known is None:
        return create(
            given_name=given_name,
            family_name=family_name,
            birth_date="",
            email="",
            telephone="",
            national_number=national_number,
            uuid=None,
            actor=actor,
            now=now,
        )
    is_same = stem.fold(known.family_name) == stem.fold(family_name)
    # Either answer tells something of a person, so that person can see it was asked.
    hand_on(actor=actor, now=now, change=Change(
        action=f"accounts.person.{'recognized' if is_same else 'not_recognized'}", is_look=True,
        resource=f"person/{known.uuid}", about=(known.uuid,), fields=("national_number", "family_name"),
    ))
    if not is_same:
        raise NameDiffers
    return known


def update_names(
    *, person: UUID, given_name: str, family_name: str, email: str, actor: Actor, now: datetime
) -> None:
    """Take over what the identity provider says of a person, when it differs.

    An empty e-mail changes nothing.
    """
    row = get_row(person)
    told = {"given_name": given_name, "family_name": family_name, "email": email or row.email}
    differing = tuple(name for name, value in told.items() if getattr(row, name) != value)
    if not differing:
        return
    with transaction.atomic():
        for name in differing:
            setattr(row, name, told[name])
        row.save(update_fields=differing)
        _changed("updated", row.uuid, differing, actor=actor, now=now)


def set_national_number(*, person: UUID, number: str, actor: Actor, now: datetime) -> None:
    """Give a person its national number, or correct it."""
    with transaction.atomic():
        _write_number(get_row(person), number, now=now)
        _changed("updated", person, ("national_number",), actor=actor, now=now)


def _write_number(row: PersonRow, number: str, *, now: datetime) -> None:
    insz = parse_insz(number, allow_synthetic=tenants.current().is_demo)
    lookup = tenants.keyed_hash(insz.digits, salt=CONTEXT)
    holder = NationalNumberRow.objects.filter(lookup=lookup).first()
    if holder is not None:
        if holder.person_id != row.pk:
            raise NationalNumberTaken
        return
    ciphertext = tenants.encrypt(insz.digits, context=CONTEXT)
    NationalNumberRow.objects.update_or_create(
        person=row,
        defaults={"ciphertext": ciphertext, "lookup": lookup},
        create_defaults={
            "uuid": ids.new_uuid(now),
            "ciphertext": ciphertext,
            "lookup": lookup,
        },
    )
    if not row.birth_date:
        row.birth_date = str(insz.birth_date)
        row.save(update_fields=["birth_date"])


def national_number_of(person: UUID) -> str | None:
    """Give the 11 digits of a person's national number, or None."""
    stored = (
        NationalNumberRow.objects.filter(person__uuid=person).values_list("ciphertext", flat=True).first()
    )
    return None if stored is None else tenants.decrypt(bytes(stored), context=CONTEXT)


def find_by_national_number(number: str) -> Person | None:
    """Find the person with this national number, or None; raises InvalidIdentifier when it is none."""
    # Reading never refuses the synthetic range: what is not stored is not found.
    lookup = tenants.keyed_hash(parse_insz(number, allow_synthetic=True).digits, salt=CONTEXT)
    row = PersonRow.objects.filter(
        pk__in=NationalNumberRow.objects.filter(lookup=lookup).values("person_id")
    ).first()
    return None if row is None else to_data(row)


def get_row(person: UUID) -> PersonRow:
    """Give the row of a person, or raise UnknownPerson."""
    row = PersonRow.objects.filter(uuid=person).first()
    if row is None:
        raise UnknownPerson(str(person))
    return row


def get(person: UUID) -> Person:
    """Give a person, or raise UnknownPerson."""
    return to_data(get_row(person))


def get_many(persons: Iterable[UUID]) -> dict[UUID, Person]:
    """Give the known ones among these persons, by uuid."""
    return {row.uuid: to_data(row) for row in PersonRow.objects.filter(uuid__in=set(persons))}


def end_sessions(row: PersonRow) -> None:
    """Make every session of this person end at its next request."""
    row.session_epoch += 1
    row.save(update_fields=["session_epoch"])


def to_data(row: PersonRow) -> Person:
    """Give the row as others may see it."""
    return Person(
        uuid=row.uuid,
        given_name=row.given_name,
        family_name=row.family_name,
        birth_date=row.birth_date,
        email=row.email,
        telephone=row.telephone,
    )


def _changed(verb: str, person: UUID, fields: tuple[str, ...], *, actor: Actor, now: datetime) -> None:
    change = Change(
        action=f"accounts.person.{verb}", resource=f"person/{person}", about=(person,), fields=tuple(fields)
    )
    hand_on(change=change, actor=actor, now=now)
