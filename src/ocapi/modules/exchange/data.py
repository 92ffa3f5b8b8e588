"""What others may know of machine accounts, access tokens and authentic sources, and how they can fail."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ocapi.lib.problem import BELGIF, Problem

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_LIFE_S = 300


class ApplicationState(StrEnum):
    """Where a machine account stands; a revoked one never comes back."""

    ACTIVE = "active"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationKey:
    """A public P-256 key of an application. x, y: base64url of the point's coordinates."""

    kid: str
    x: str
    y: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A machine account: who owns it, its public keys, what it may ask for."""

    uuid: UUID
    client_id: str
    name: str
    owner: str
    keys: tuple[ApplicationKey, ...]
    scopes: tuple[str, ...]
    state: ApplicationState
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeChoice:
    """A scope a machine account can be granted. title: what it allows, in Dutch."""

    code: str
    title: str
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token and what it holds. expires_in: seconds."""

    access_token: str
    scope: str
    expires_in: int = TOKEN_LIFE_S


class SourceState(StrEnum):
    """How an authentic source answered; `sourceDown` is never shown as an empty answer."""

    OK = "ok"
    EMPTY = "empty"
    SOURCE_DOWN = "sourceDown"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAnswer:
    """What a source knows of a person: values by path, such as `person.address.street_name`."""

    state: SourceState
    values: "dict[str, str]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAnswer:
    """The answer of a consultation. values: by path, only those asked for. at: instant of the answer."""

    state: SourceState
    values: "dict[str, str]"
    at: datetime
    source: str = "Rijksregister"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAddress:
    """An address as the national register gives it."""

    street_name: str
    house_number: str
    postal_code: str
    municipality: str
    box_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPerson:
    """An invented person of the register's stand-in. birth_date: ISO day, or as much of it as is known."""

    national_number: str
    given_name: str
    family_name: str
    birth_date: str
    address: RegisterAddress
    nationality: str = ""


class ApplicationNotFound(LookupError):
    """No machine account of that uuid."""


class ApplicationRefused(ValueError):
    """A machine account can't be registered so. problems: (field, code) pairs; fields name, keys, scopes."""

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__(", ".join(f"{name}: {code}" for name, code in problems))
        self.problems = problems


class KeysRefused(ValueError):
    """A key set can't be used.

    code: notJson, noKey, tooManyKeys, privateKey, wrongKind, notOnCurve, sameKid.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class GrantRefused(ValueError):
    """No token. error: code of RFC 6749 section 5.2; status 401 for a client that did not prove who it is."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = 401 if error == "invalid_client" else 400


class TooManyFailures(Exception):
    """A client failed too often from one address. retry_after_s: seconds until it may try again."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s

    @property
    def problem(self) -> Problem:
        """Give the 429."""
        return Problem(
            status=429, type=f"{BELGIF}tooManyFailedRequests", title="Too Many Failed Requests",
            headers=(("Retry-After", str(self.retry_after_s)),),
        )


class TokenRefused(Exception):
    """An access token is not accepted. kind: `invalidAccessToken` or `expiredAccessToken`."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class DemoOnly(RuntimeError):
    """Invented persons are loaded into demo organizations only."""
