"""What law and code lists say, read once from the shipped pack: its edition belongs to the release."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from ocapi.lib import codec


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A term in calendar days with its article; our own duties never shift to a working day."""

    days: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """An entry of a code list."""

    code: str
    title: str
    iri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyKind(Code):
    """A kind of governing body. unit: kind of organization. is_public: its meetings are open to visitors."""

    unit: str
    is_public: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Code):
    """A mandate in bodies of these kinds. votes: whether its holder has a vote."""

    bodies: tuple[str, ...]
    votes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentType(Code):
    """A kind of document and the property by which a meeting has it."""

    property: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionType(Code):
    """A kind of decision. reported: the supervisor must be told. above: code of the wider kind."""

    regulation: bool = False
    reported: bool = False
    above: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The pack `council`."""

    duties: Mapping[str, Duty]
    units: tuple[Code, ...]
    bodies: tuple[BodyKind, ...]
    roles: tuple[Role, ...]
    statuses: tuple[Code, ...]
    documents: tuple[DocumentType, ...]
    decision_types: tuple[DecisionType, ...]


class _Shipped:
    """Reads the pack once per process; it holds nothing of an organization."""

    def __init__(self) -> None:
        self._read: Rules | None = None

    def __call__(self) -> Rules:
        if self._read is None:
            path = Path(settings.OCAPI.project) / "content" / "council" / "rules.yaml"
            self._read = codec.decode_yaml(path.read_bytes(), Rules)
        return self._read


_SHIPPED = _Shipped()


def shipped() -> Rules:
    """Give the rules of this release."""
    return _SHIPPED()


def body_kind(code: str) -> BodyKind | None:
    """Give a kind of body, or None."""
    return next((each for each in shipped().bodies if each.code == code), None)


def role(code: str) -> Role | None:
    """Give a role, or None."""
    return next((each for each in shipped().roles if each.code == code), None)


def status(code: str) -> Code | None:
    """Give a status of a mandate holder, or None."""
    return next((each for each in shipped().statuses if each.code == code), None)


def unit(code: str) -> Code | None:
    """Give a kind of administrative unit, or None."""
    return next((each for each in shipped().units if each.code == code), None)


def document(code: str) -> DocumentType:
    """Give a kind of document; raises KeyError."""
    return next(each for each in shipped().documents if each.code == code)


def decision_type(code: str) -> DecisionType | None:
    """Give a kind of decision, or None."""
    return next((each for each in shipped().decision_types if each.code == code), None)


def with_wider(code: str) -> Iterator[DecisionType]:
    """Give a kind of decision and the wider kinds it belongs to, narrowest first."""
    found = decision_type(code)
    while found is not None:
        yield found
        found = decision_type(found.above) if found.above else None


def due_agenda(meets_on: date) -> date:
    """Give the last day to make an agenda public: eight days before the meeting."""
    return meets_on - timedelta(days=shipped().duties["agenda"].days)


def due_decisions(decided_on: date) -> date:
    """Give the last day to publish the list of decisions, and regulations: ten days after."""
    return decided_on + timedelta(days=shipped().duties["decisions"].days)


def entry_into_force(published_on: date) -> date:
    """Give the day a regulation enters into force when it names none: the fifth day after publication."""
    return published_on + timedelta(days=shipped().duties["entry_into_force"].days)
