"""What others may know of public services: summaries, product pages, the regional catalogue, refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ocapi.lib.codec import JsonValue


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


class InstanceState(StrEnum):
    """DRAFT was never published or changed since; ARCHIVED is no longer offered."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Review(StrEnum):
    """Why an instance must be looked at again: its concept means something else now, or is gone."""

    CHANGED = "changed"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text in both address forms; empty where the source had none in that form and no neutral one."""

    formal: str = ""
    informal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidPart:
    """A titled part of an instance: a requirement, a piece of evidence, a step, a cost, a benefit, a link."""

    title: Said
    text: Said
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceText:
    """What a local instance says, by the names of LPDC."""

    title: Said
    description: Said
    exception: Said = Said()
    regulation: Said = Said()
    requirements: tuple[SaidPart, ...] = ()
    evidence: tuple[SaidPart, ...] = ()
    procedures: tuple[SaidPart, ...] = ()
    costs: tuple[SaidPart, ...] = ()
    benefits: tuple[SaidPart, ...] = ()
    websites: tuple[SaidPart, ...] = ()
    keywords: tuple[str, ...] = ()
    type: str = ""
    audiences: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """A page of the feed as it is sent. is_full: it never changes any more. tag: what its ETag is made of."""

    content: bytes
    tag: str
    is_full: bool


class FeedPageNotFound(LookupError):
    """The feed has no such page yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceSummary:
    """A local instance as lists show it. review: why it must be looked at, or None."""

    uuid: UUID
    title: str
    concept: str
    state: InstanceState
    review: Review | None
    version: int
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InstancePage:
    """One page of instances, those to review first; empty cursor: no next page."""

    items: tuple[InstanceSummary, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What changed in the meaning of a concept: a property, what it said before and what it says now."""

    property: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A published version of an instance; it never changes."""

    version: int
    digest: str
    published_at: datetime
    is_archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceVersion:
    """A published version of an instance as everybody may read it.

    told: what the feed says of it. versions: (number, published at) of all, the oldest first. page: path of
    the product page, empty when it is offered no longer.
    """

    instance: UUID
    version: int
    published_at: datetime
    is_archived: bool
    told: dict[str, JsonValue]
    versions: tuple[tuple[int, datetime], ...]
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceDetail(InstanceSummary):
    """A local instance whole: its texts, what changed in its concept, and what was published."""

    text: InstanceText
    differences: tuple[Difference, ...]
    snapshots: tuple[Snapshot, ...]
    code: str


class InstanceNotFound(LookupError):
    """No local instance of that uuid in the bound organization."""


class InstanceExists(ValueError):
    """There is an instance of this concept already; `uuid` names it."""

    def __init__(self, uuid: UUID) -> None:
        super().__init__(str(uuid))
        self.uuid = uuid


class NotPublishable(ValueError):
    """An instance breaks a rule of the receiver; `problems` holds the code of each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


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
