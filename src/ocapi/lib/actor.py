"""Who acts: person x capacity x organization x level of assurance, as every audit line names it."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from uuid import UUID


class Assurance(IntEnum):
    """Level of assurance of a sign-in, ordered (eIDAS Regulation (EU) 910/2014 art. 8)."""

    NONE = 0
    LOW = 1
    SUBSTANTIAL = 2
    HIGH = 3


class Capacity(StrEnum):
    """In which role a person acts; `citizen` is a role, not a nationality (ACM/IDM target group)."""

    ANONYMOUS = "anonymous"
    CITIZEN = "citizen"
    ENTERPRISE = "enterprise"
    STAFF = "staff"
    APPLICATION = "application"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The person or organization something is about: the internal uuid, never a national number."""

    kind: str  # person | organization
    uuid: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The one who acts in the bound organization.

    person: internal person uuid, None for anonymous, applications and the system.
    application: client id of a machine account, or the name of the job for the system.
    represents: the subject on whose behalf a representative acts (power of attorney), else None.
    roles: role codes held in the bound organization; scopes: what a machine client was granted.
    risk: what speaks against this being the person who signed in, 0 to 100; weighed for staff.
    """

    capacity: Capacity
    assurance: Assurance = Assurance.NONE
    person: UUID | None = None
    display_name: str = ""
    application: str = ""
    represents: Subject | None = None
    represents_name: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    scopes: frozenset[str] = field(default_factory=frozenset)
    trace_id: str = ""
    risk: int = 0

    @property
    def subject(self) -> Subject | None:
        """Give the subject whose own data this actor may see: the represented one, else the person itself."""
        if self.represents is not None:
            return self.represents
        return Subject(kind="person", uuid=self.person) if self.person else None

    @property
    def label(self) -> str:
        """Give a code for logs that names no person: capacity and internal id."""
        return f"{self.capacity.value}:{self.person or self.application or '-'}"


ANONYMOUS = Actor(capacity=Capacity.ANONYMOUS)


def system(job: str) -> Actor:
    """Make the actor of background work; `job` is its registered name."""
    return Actor(capacity=Capacity.SYSTEM, assurance=Assurance.HIGH, application=job)
