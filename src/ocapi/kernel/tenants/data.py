"""What others may know of an organization, and how binding can fail."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from ocapi.lib.clock import BRUSSELS

KEY_PATTERN = re.compile(r"[a-z][a-z0-9-]{1,30}")


class Kind(StrEnum):
    """What sort of organization a tenant is; the manifest of a module says on which kinds it is mounted."""

    MUNICIPALITY = "municipality"
    PSW_CENTRE = "pswCentre"
    COLLECTIVE = "collective"
    SUPPLIER = "supplier"
    KNOWLEDGE_INSTITUTE = "knowledgeInstitute"
    AGENCY = "agency"


class State(StrEnum):
    """Where a tenant stands in its life; only `active` tenants are served."""

    BUILDING = "building"
    ACTIVE = "active"
    MOVING = "moving"
    FROZEN = "frozen"
    DISSOLVED = "dissolved"


class Engine(StrEnum):
    """The kind of database that holds a tenant."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """Who takes over an organization. old, new: identities. new_name, new_base_iri: as they were when it was
    planned, so that they are known where the successor is not.

    on: first day, in Brussels, that the successor is the one. planned_by, confirmed_by: accounts of the
    machine. confirmed_at: None until somebody confirms; until then nothing follows from it.
    """

    uuid: UUID
    old: UUID
    new: UUID
    new_name: str
    new_base_iri: str
    on: date
    planned_at: datetime
    planned_by: str
    confirmed_at: datetime | None = None
    confirmed_by: str = ""

    @property
    def begins_at(self) -> datetime | None:
        """Give from when it is in force: the first instant of the day, or of its confirmation when later."""
        if self.confirmed_at is None:
            return None
        return max(datetime.combine(self.on, time(), tzinfo=BRUSSELS), self.confirmed_at)

    def is_in_force(self, at: datetime) -> bool:
        """Tell whether the organization is replaced at an instant."""
        return self.begins_at is not None and self.begins_at <= at


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One organization of this installation.

    uuid: the identity, also outside, for ever. key: local slug for folder, schema and cookie; never changes.
    base_iri: prefix of every IRI it publishes, fixed for life, independent of the hosts that serve it.
    hosts: names in use now. edition: differs when its database is another one than before. NIS, KBO, OVO
    codes and names are deliberately absent: they have validity and stand as identifier rows inside the tenant
    (`accounts`). succession: who takes it over, once that is confirmed.
    """

    uuid: UUID
    key: str
    base_iri: str
    kind: Kind
    state: State
    engine: Engine
    schema_number: int
    hosts: tuple[str, ...] = field(default=())
    is_reference: bool = False
    is_canary: bool = False
    is_demo: bool = False
    edition: tuple[int, int] = (0, 0)
    succession: Succession | None = None

    def is_replaced(self, at: datetime) -> bool:
        """Tell whether another organization has taken its place at an instant: it can then only be read."""
        return self.succession is not None and self.succession.is_in_force(at)

    @property
    def alias(self) -> str:
        """Give the database alias of this tenant."""
        return f"t_{self.key}"

    @property
    def schema(self) -> str:
        """Give the PostgreSQL schema, which is also the login role; a key holds no underscore,
        so it is unique.
        """
        return self.alias.replace("-", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change made by a kernel app that stands below audit and outbox, handed to the change sinks.

    action: operation code such as `accounts.person.created`. resource: `kind/uuid`. about: person uuids
    concerned. fields: names of changed columns, never their values. is_look: nothing changed, but somebody
    learned something of these persons.
    """

    action: str
    resource: str
    about: tuple[UUID, ...] = ()
    fields: tuple[str, ...] = ()
    is_look: bool = False


class ColumnKind(StrEnum):
    """What a column holds, and how its value is written in JSON (docs/standards/archive.md)."""

    INTEGER = "integer"
    NUMBER = "number"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    TEXT = "text"
    INSTANT = "instant"
    DAY = "day"
    UUID = "uuid"
    BYTES = "bytes"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column. references: `table.column` it points to, if any. personal: category of the data, if any."""

    name: str
    kind: ColumnKind
    is_required: bool
    references: str = ""
    personal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table. meaning: what one row is, a sentence. key: its primary key, by which rows are ordered."""

    name: str
    meaning: str
    key: str
    columns: tuple[Column, ...]


class RowRefused(ValueError):
    """A line does not fit its table. line counts from 1; 0 when the database refused several at once."""

    def __init__(self, *, table: str, line: int, why: str) -> None:
        super().__init__(f"{table} line {line}: {why}")
        self.table = table
        self.line = line
        self.why = why


class NotThisRelease(RuntimeError):
    """The bound organization has not had every migration of this release, or has had others."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"migrations that differ: {', '.join(names)}")
        self.names = names


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrapped:
    """What one batch of a key rotation did. after: where the next begins, empty at the end of the vault."""

    count: int
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Where and when a key rotation goes on. vault, after: empty to begin with the first one."""

    due_at: datetime | None = None
    vault: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a key rotation is. Keys: ids of those not retired, newest first; one of each when it is over.

    left: number of values not sealed under the newest data key, by vault.
    """

    data_keys: tuple[str, ...]
    signing_keys: tuple[str, ...]
    left: dict[str, int]


class UnknownVault(LookupError):
    """A rotation should go on in a place that keeps sealed values no more; begin anew."""


class Replaced(RuntimeError):
    """Something would change in an organization whose place another one has taken; it can only be read."""

    def __init__(self, succession: Succession) -> None:
        told = f"replaced by {succession.new_name} on {succession.on.isoformat()}"
        super().__init__(f"{told}: it can only be read")
        self.succession = succession


class SuccessionFault(StrEnum):
    """Why one organization can't take over another; the command adds what to do."""

    ITSELF = "itself"
    OTHER_KIND = "otherKind"
    OTHER_PLAN = "otherPlan"
    CIRCLE = "circle"
    SUCCESSOR_ENDS = "successorEnds"
    NO_PLAN = "noPlan"
    SECOND_PERSON = "secondPerson"
    IN_FORCE = "inForce"
    REGISTER_DIFFERS = "registerDiffers"
    NOT_IN_REGISTER = "notInRegister"


class SuccessionRefused(ValueError):
    """A succession can't be planned, confirmed or undone. detail: what was found."""

    def __init__(self, fault: SuccessionFault, *, detail: str = "") -> None:
        super().__init__(": ".join(part for part in (fault.value, detail) if part))
        self.fault = fault
        self.detail = detail


class TenantUnbound(RuntimeError):
    """A query ran while no organization was bound."""

    def __init__(self) -> None:
        super().__init__("no organization is bound: bind one with tenants.bind(key) or `ocapi --tenant KEY`")


class WrongTenant(RuntimeError):
    """Code bound to one organization reached for another."""

    def __init__(self, *, bound: str, asked: str) -> None:
        super().__init__(f"{asked!r} was asked for while {bound!r} is bound")
        self.bound = bound
        self.asked = asked


class UnknownTenant(LookupError):
    """No organization of this installation has that key or host name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no organization {name!r}")
        self.name = name


class InvalidKey(ValueError):
    """A tenant key is not a lower-case slug of 2 to 31 characters that starts with a letter."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key!r} is not a key: use a-z, 0-9 and '-', 2 to 31 characters, a letter first")
        self.key = key


class KeyTaken(ValueError):
    """Another organization of this installation has that key or host name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is already in use by an organization")
        self.name = name


class AlreadyHere(ValueError):
    """An organization with that identity lives in this installation, under the key `key`."""

    def __init__(self, key: str) -> None:
        super().__init__(f"this organization is here already, under the key {key!r}")
        self.key = key


class Busy(RuntimeError):
    """Another process works on this organization as a whole."""

    def __init__(self, key: str) -> None:
        super().__init__(f"another process is working on {key!r}")
        self.key = key


class AlreadyThere(ValueError):
    """The organization is in that kind of database already."""

    def __init__(self, key: str, engine: Engine) -> None:
        super().__init__(f"{key!r} is in {engine.value} already")


class NoServer(RuntimeError):
    """No database server is configured that an organization could move to."""

    def __init__(self) -> None:
        super().__init__("no PostgreSQL server is configured: set OCAPI_DATABASE_URL")


class WrongSecret(RuntimeError):
    """The installation's secret is not the one its keys were wrapped under."""

    def __init__(self) -> None:
        super().__init__(
            "the secret does not fit this database: put back the file `secret` of the data folder, or set "
            "OCAPI_SECRET to the value the organizations were made with; while it is being replaced, the one "
            "before it in OCAPI_SECRET_ALSO"
        )


class TemplateMissing(RuntimeError):
    """The template database is not built; `make setup` builds it, a running server never does."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"no template database at {path}: run `make setup` (or `ocapi template build`) first"
        )
