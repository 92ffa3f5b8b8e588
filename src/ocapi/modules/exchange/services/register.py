"""Consult the national register through whichever source the organization chose, with a leaf before data."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.audit import api as audit
from ocapi.kernel.registry import api as registry
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec, ids
from ocapi.lib.actor import Actor
from ocapi.lib.identifiers import Fault, InvalidIdentifier, parse_insz
from ocapi.modules.exchange import queries
from ocapi.modules.exchange.data import (
    DemoOnly,
    RegisterAnswer,
    RegisterPerson,
    SourceState,
)
from ocapi.modules.exchange.extensions import authentic_sources
from ocapi.modules.exchange.models import StubPersonRow

OPERATION = "exchange.consult_national_register"


def consult(
    *, person: UUID, fields: tuple[str, ...], purpose: str, reference: str, actor: Actor, now: datetime
) -> RegisterAnswer:
    """Ask the register for these fields of a person; nothing is asked that has no leaf."""
    source = authentic_sources.find(registry.setting("exchange.national_register"))
    if source is None or not source.is_on:
        return RegisterAnswer(state=SourceState.SOURCE_DOWN, values={}, at=now)
    number = accounts.national_number_of(person)
    if number is None:
        return RegisterAnswer(state=SourceState.EMPTY, values={}, at=now)
    audit.consulted(  # before the question: asking already gives the source the person's number
        actor=actor, operation=OPERATION, about=(person,), fields=fields,
        resource=f"person/{person}", now=now, purpose=purpose, reference=reference,
    )
    answer = source.fetch(national_number=number, fields=fields, now=now)
    values = {} if answer.state is SourceState.SOURCE_DOWN else answer.values
    return RegisterAnswer(state=answer.state, values=values, at=now)


def load_persons(records: Iterable[RegisterPerson], *, now: datetime) -> int:
    """Load invented persons into the stand-in, again without doubling; gives how many. Raises DemoOnly."""
    if not tenants.current().is_demo:
        raise DemoOnly
    count = 0
    for record in records:
        number = parse_insz(record.national_number, allow_synthetic=True)
        if not number.kind.is_synthetic:
            raise InvalidIdentifier("insz", Fault.IMPOSSIBLE_DATE)
        text = codec.encode_json(_values(record)).decode()
        stored = tenants.encrypt(text, context=queries.STUB_CONTEXT)
        StubPersonRow.objects.update_or_create(
            lookup=queries.stub_lookup(number.digits), defaults={"payload": stored, "loaded_at": now},
            create_defaults={"uuid": ids.new_uuid(now), "payload": stored, "loaded_at": now},
        )
        count += 1
    return count


def count_persons() -> int:
    """Tell how many persons the stand-in knows."""
    return StubPersonRow.objects.count()


def _values(record: RegisterPerson) -> dict[str, str]:
    address = record.address
    values = {
        "person.given_name": record.given_name, "person.family_name": record.family_name,
        "person.birth_date": record.birth_date, "person.nationality": record.nationality,
        "person.address.street_name": address.street_name,
        "person.address.house_number": address.house_number,
        "person.address.box_number": address.box_number, "person.address.postal_code": address.postal_code,
        "person.address.municipality": address.municipality,
    }
    return {path: value for path, value in values.items() if value}
