"""The invented staff of a demo's organizations, as they act once they are known there."""

from ocapi.lib.actor import Actor, Assurance, Capacity
from ocapi.main.demo_data import DemoOrganization, DemoPerson, memberships


def acting(facts: DemoOrganization, people: tuple[DemoPerson, ...], *, roles: tuple[str, ...]) -> list[Actor]:
    """Give who has one of these roles at the bound organization, in the order of the file."""
    from ocapi.kernel.accounts import api as accounts

    found = []
    for person, each in memberships(people, facts.key):
        known = accounts.find_person_by_national_number(person.national_number)
        if each.role in roles and known is not None:
            found.append(
                Actor(
                    capacity=Capacity.STAFF,
                    assurance=Assurance.HIGH,
                    person=known.uuid,
                    roles=frozenset({each.role}),
                    display_name=f"{person.given_name} {person.family_name}",
                    trace_id="demo",
                )
            )
    return found
