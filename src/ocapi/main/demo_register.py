"""Fills the stand-in of the national register with the demo's invented people."""

from collections.abc import Iterable
from datetime import datetime

from ocapi.main.demo_data import DemoPerson


def load(people: Iterable[DemoPerson], *, now: datetime) -> int:
    """Load the people of one organization; gives how many."""
    from ocapi.modules.exchange import api as exchange
    from ocapi.modules.exchange.data import RegisterAddress, RegisterPerson

    records = [
        RegisterPerson(
            national_number=person.national_number,
            given_name=person.given_name,
            family_name=person.family_name,
            birth_date=person.birth_date.isoformat(),
            nationality=person.nationality,
            address=RegisterAddress(
                street_name=person.address.street_name,
                house_number=person.address.house_number,
                box_number=person.address.box_number,
                postal_code=person.address.postal_code,
                municipality=person.address.municipality,
            ),
        )
        for person in {each.key: each for each in people}.values()
    ]
    return exchange.load_register_persons(records, now=now)
