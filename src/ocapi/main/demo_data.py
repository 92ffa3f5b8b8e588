"""The shapes of `content/demo/*.yaml`."""

from dataclasses import dataclass
from datetime import date

from ocapi.lib import actor

LOADER = actor.system("demo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An invented address."""

    street_name: str
    house_number: str
    postal_code: str
    municipality: str
    box_number: str = ""

    @property
    def line(self) -> str:
        """Give it on one line, the Dutch way."""
        box = f" bus {self.box_number}" if self.box_number else ""
        return f"{self.street_name} {self.house_number}{box}, {self.postal_code} {self.municipality}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """Colors of an invented house style, as `#rrggbb`."""

    primary: str
    on_primary: str
    primary_strong: str
    surface: str
    surface_tint: str
    text: str
    accent: str
    focus: str
    radius_px: int
    monogram: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How to reach an organization."""

    unit: str
    email: str
    telephone: str
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningDay:
    """The periods of one day; none = closed."""

    day: str
    periods: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOrganization:
    """One organization of the demo."""

    key: str
    kind: str
    name: str
    reference: bool
    register_key: str | None
    tagline: str
    opening_hours: tuple[OpeningDay, ...]
    address_form: str
    language: str
    hosts: tuple[str, ...]
    case_prefix: str
    brand: Brand
    contact: Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What a person is at one organization."""

    organization: str
    role: str
    capacity: str
    assurance: str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """One invented person with a synthetic national number."""

    key: str
    given_name: str
    family_name: str
    national_number: str
    birth_date: date
    address: Address
    nationality: str
    household: tuple[str, ...]
    email: str
    telephone: str
    memberships: tuple[Membership, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Organizations:
    """`organizations.yaml`."""

    organizations: tuple[DemoOrganization, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """`persons.yaml`."""

    persons: tuple[DemoPerson, ...]


def memberships(people: tuple[DemoPerson, ...], key: str) -> list[tuple[DemoPerson, Membership]]:
    """Give who is what at one organization."""
    return [(person, each) for person in people for each in person.memberships if each.organization == key]
