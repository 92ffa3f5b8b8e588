"""What others may know of persons, organizations, roles, powers and sessions, and what can fail."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from ocapi.lib.actor import Assurance, Capacity, Subject

SUSPENDED = "suspended"
ADMINISTRATOR = "tenant_admin"
ROLE_CODES = (
    "clerk",
    "policy_maker",
    "dpo",
    "tenant_admin",
    "collective_admin",
    "supplier",
    "integrator",
    SUSPENDED,
)
"""Roles a person can hold in the bound organization.

`suspended` takes every other one away while it lasts.
"""

ALL_SERVICES = "*"
STAFF_MINIMUM = Assurance.SUBSTANTIAL  # reliability.md 5.3: staff never works on a low level of assurance


class OwnerKind(StrEnum):
    """What an identifier row belongs to."""

    PERSON = "person"
    ORGANIZATION = "organization"


class OrganizationKind(StrEnum):
    """What sort of organization a row describes; the tenant's own kind is `tenants.data.Kind`."""

    MUNICIPALITY = "municipality"
    PSW_CENTRE = "pswCentre"
    DISTRICT = "district"
    SUPPLIER = "supplier"
    ENTERPRISE = "enterprise"
    COLLECTIVE = "collective"
    AGENCY = "agency"
    KNOWLEDGE_INSTITUTE = "knowledgeInstitute"
    ASSOCIATION = "association"


class OrganizationStatus(StrEnum):
    """Whether an organization still exists."""

    ACTIVE = "active"
    ENDED = "ended"


class ResolutionStatus(StrEnum):
    """What an identifier means on a day.

    current: it names the organization on that day. renumbered: the organization goes on under another value
    of the scheme. ended: the organization ended, `replaced_by` says who took over. future: not valid yet.
    """

    CURRENT = "current"
    RENUMBERED = "renumbered"
    ENDED = "ended"
    FUTURE = "future"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A half-open period of days `[start, end)`; None is unbounded."""

    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise InvalidPeriod(self.start, self.end)

    def holds(self, day: date) -> bool:
        """Tell whether the day falls in the period: its start does, its end does not."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def overlaps(self, other: "Period") -> bool:
        """Tell whether the two periods share a day."""
        starts_before_end = self.start is None or other.end is None or self.start < other.end
        ends_after_start = other.start is None or self.end is None or other.start < self.end
        return starts_before_end and ends_after_start


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """One identifier with its validity: scheme kbo, nis, ovo, iri, name, ...

    language: only for names, else empty. source: who says so. edition: of the code list (REFNIS 2019, 2025).
    """

    scheme: str
    value: str
    valid_from: date | None = None
    valid_to: date | None = None
    language: str = ""
    source: str = ""
    edition: str = ""

    @property
    def period(self) -> Period:
        """Give the validity as a half-open period."""
        return Period(start=self.valid_from, end=self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person known to the bound organization.

    The national number is deliberately absent (conventions.md 7).

    birth_date: as far as known, `1985`, `1985-07` or `1985-07-02`, or empty.
    """

    uuid: UUID
    given_name: str
    family_name: str
    birth_date: str = ""
    email: str = ""
    telephone: str = ""

    @property
    def display_name(self) -> str:
        """Give the name as running text shows it; a person may have no given name."""
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """An organization in the register of the bound organization; `name` is the one valid on the day asked."""

    uuid: UUID
    key: str
    kind: OrganizationKind
    status: OrganizationStatus
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What an identifier stands for: the organization, what became of it, and the value that is valid now."""

    organization: Organization
    status: ResolutionStatus
    current_value: str = ""
    replaced_by: tuple[Organization, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRecord:
    """One organization as a register delivers it; `key` is its stable name within that register."""

    key: str
    kind: OrganizationKind
    status: OrganizationStatus
    identifiers: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResult:
    """What one organization became in a change event."""

    key: str
    status: OrganizationStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEvent:
    """A change event as a register delivers it (org:ChangeEvent).

    Originals, resulting, and each one's status.
    """

    key: str
    change_type: str
    on: date
    originals: tuple[str, ...]
    resulting: tuple[str, ...]
    results: tuple[EventResult, ...] = ()
    shape: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a bulk load changed; all zero when it was loaded before.

    `refused` holds (key, reason) per bad row.
    """

    organizations: int = 0
    identifiers: int = 0
    events: int = 0
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role a person holds in the bound organization, from and until an instant."""

    uuid: UUID
    person: UUID
    code: str
    valid_from: datetime
    valid_to: datetime | None = None
    unit: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerOfAttorney:
    """A power of attorney: who may act for the grantor, for which public services, and until when.

    services: codes of public services, or ALL_SERVICES. A representative cannot hand it on (depth 1).
    """

    uuid: UUID
    grantor: Subject
    representative: Subject
    services: tuple[str, ...]
    valid_from: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.expires_at <= self.valid_from:
            raise InvalidPeriod(self.valid_from, self.expires_at)
        if not self.services:
            raise ServicesMissing
        if self.grantor == self.representative:
            raise SelfRepresentation

    def is_valid_at(self, instant: datetime) -> bool:
        """Tell whether it may be used at that instant."""
        is_revoked = self.revoked_at is not None and self.revoked_at <= instant
        return self.valid_from <= instant < self.expires_at and not is_revoked

    def covers(self, service: str) -> bool:
        """Tell whether it holds for that public service."""
        return ALL_SERVICES in self.services or service in self.services


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What the identity provider says of a person who signs in, read by name from its token (ACM/IDM).

    organization_code: KBO, OVO or NIS of the organization the person acts for, empty for a citizen.
    roles: role codes granted for that organization. national_number: 11 digits or empty; never logged or
    stored outside the encrypted table.
    """

    subject: str
    given_name: str
    family_name: str
    capacity: Capacity
    assurance: Assurance
    national_number: str = field(default="", repr=False)
    email: str = ""
    organization_code: str = ""
    organization_name: str = ""
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityChoice:
    """One capacity a signed-in person may take without signing in again; `code` goes back in the form."""

    code: str
    capacity: Capacity
    person_name: str
    represents: Subject | None = None
    represents_name: str = ""
    roles: tuple[str, ...] = ()
    is_current: bool = False
    needs_step_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """One session of a person that has not ended.

    handle: names it in a form; the session cannot be taken over by it. is_same_browser: it was opened in a
    browser like the one that asks, as far as can be seen.
    """

    handle: str
    capacity: Capacity
    assurance: Assurance
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_current: bool
    is_same_browser: bool


class SessionNotFound(LookupError):
    """No open session of this person has that handle: it ended meanwhile."""


class SessionEnd(StrEnum):
    """Why a session stopped."""

    IDLE = "idle"
    TOO_LONG = "tooLong"
    REVOKED = "revoked"
    RISK = "risk"


class InvalidPeriod(ValueError):
    """A period does not end after it starts."""

    def __init__(self, start: date | datetime, end: date | datetime) -> None:
        super().__init__(f"the period ends on {end}, not after its start {start}")
        self.start = start
        self.end = end


class OverlappingIdentifier(ValueError):
    """Two identifiers of one scheme would be valid for one owner on the same day."""

    def __init__(self, *, scheme: str, existing: Period, added: Period) -> None:
        super().__init__(
            f"{scheme}: [{added.start}, {added.end}) overlaps [{existing.start}, {existing.end})"
        )
        self.scheme = scheme


class UnknownIdentifier(LookupError):
    """No organization in the register ever had this identifier."""

    def __init__(self, scheme: str) -> None:
        super().__init__(f"no organization has this {scheme}")
        self.scheme = scheme


class UnknownPerson(LookupError):
    """No person of the bound organization has this uuid."""


class UnknownOrganization(LookupError):
    """The register of the bound organization holds no such organization."""


class UnknownRole(ValueError):
    """A role code is not one of ROLE_CODES."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{code!r} is no role; known: {', '.join(ROLE_CODES)}")
        self.code = code


class LastAdministrator(ValueError):
    """The role is that of the last administrator: without one nobody could grant roles any more."""


class OwnSuspension(ValueError):
    """Nobody suspends themselves: only another administrator could undo it."""


class NameDiffers(ValueError):
    """The national number belongs to somebody with another family name; which one is not told."""


class UnknownPower(LookupError):
    """No power of attorney with this uuid."""


class NationalNumberTaken(ValueError):
    """Another person of the bound organization already has this national number."""


class IdentityConflict(ValueError):
    """The identity provider's subject and national number point at two different persons."""


class ServicesMissing(ValueError):
    """A power of attorney names no public service."""


class SelfRepresentation(ValueError):
    """Grantor and representative are the same."""


class NotTheGrantor(PermissionError):
    """Only the grantor itself grants or revokes, never somebody who represents it (depth 1)."""


class CapacityRefused(PermissionError):
    """The person may not take this capacity now: the choice is unknown, or it has ended."""


class StepUpNeeded(PermissionError):
    """The capacity needs a higher level of assurance than this sign-in has."""

    def __init__(self, needs: Assurance) -> None:
        super().__init__(f"needs assurance {needs.name.lower()}")
        self.needs = needs


class ClaimsRefused(ValueError):
    """The identity provider's claims are incomplete or contradict each other; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CodeRefused(ValueError):
    """A code of the second factor is wrong, or was used before."""


class TooManyTries(PermissionError):
    """Too many wrong codes; try again after `retry_after_s` seconds."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s
