"""What others may know of public services: summaries, product pages, the regional catalogue, refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ActionKind(StrEnum):
    """Where the button of a product page leads."""

    FORM = "form"
    APPOINTMENT = "appointment"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSummary:
    """A public service as lists show it, in the words of one address form."""

    uuid: UUID
    code: str
    title: str
    summary: str
    domain: str
    life_event: str
    top_task: bool
    keywords: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TitledText:
    """A short title with its explanation, and a link where there is one."""

    title: str
    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the service costs. amount_cents: None when it depends on the local tariff."""

    is_free: bool
    amount_cents: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPoint:
    """Who answers questions about the service."""

    unit: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAction:
    """The one button of the product page. form: code of the form, empty unless kind is form."""

    label: str
    kind: ActionKind
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long it takes, in calendar days; is_legal: a law or decree sets it."""

    days: int
    is_legal: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicService(ServiceSummary):
    """A product page whole: every text in the words of one address form, never a mix.

    minimum_assurance: none, low, substantial or high. type, target_audiences, themes: LPDC codes.
    """

    description: str
    for_whom: tuple[TitledText, ...]
    exceptions: tuple[str, ...]
    procedure: tuple[TitledText, ...]
    bring: tuple[TitledText, ...]
    cost: Cost
    benefits: str
    more_info: tuple[TitledText, ...]
    legal_resources: tuple[TitledText, ...]
    contact: ContactPoint
    action: ServiceAction
    term: Term | None
    minimum_assurance: str
    case_type: str
    form: str
    type: str
    target_audiences: tuple[str, ...]
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainTitle:
    """A smart-city domain as the catalogue is grouped by; icon: code of the content pack."""

    code: str
    title_nl: str
    title_en: str
    icon: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeEvent:
    """A moment in somebody's life that services belong to."""

    code: str
    title: str


class EntryKind(StrEnum):
    """What an entry of the regional catalogue is."""

    CONCEPT = "concept"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """A Flemish service concept or a local service instance, as a list shows it."""

    uuid: UUID
    kind: EntryKind
    iri: str
    product_id: str
    title: str
    imported_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """One page of entries by title; empty cursor: no next page."""

    items: tuple[CatalogEntry, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextVariant:
    """A text in one language variant, as the source tagged it (`nl-be-x-formal`, `en`)."""

    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFact:
    """One property of an entry: label of the property and its values, IRIs shortened to their last part."""

    property: str
    values: tuple[TextVariant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogDetail(CatalogEntry):
    """An entry with all it says, and the statements it came from (N-Triples)."""

    version_of: str
    generated_at: str
    facts: tuple[EntryFact, ...]
    raw: str


class ServiceNotFound(LookupError):
    """No public service of that code in the bound organization."""


class EntryNotFound(LookupError):
    """No entry of that uuid in the regional catalogue of the bound organization."""


class InvalidCursor(ValueError):
    """A cursor is not one this list gave out."""


class ServiceRefused(ValueError):
    """A service's definition contradicts itself; `problems` lists each member and why."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
