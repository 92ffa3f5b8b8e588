"""How a public service stands in a content pack, and how its texts get the words of one address form."""

from dataclasses import dataclass
from uuid import UUID

from ocapi.kernel.tenants.data import Kind
from ocapi.lib import codec
from ocapi.modules.services.data import (
    ActionKind,
    ContactPoint,
    Cost,
    PublicService,
    ServiceAction,
    ServiceRefused,
    Term,
    TitledText,
)

KINDS = {"municipality": Kind.MUNICIPALITY, "psw_centre": Kind.PSW_CENTRE}
"""Kinds of organization as content packs spell them."""

ASSURANCES = ("none", "low", "substantial", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A text in both address forms; a text that addresses nobody is a plain string instead."""

    formal: str
    informal: str


Words = str | Wording


def worded(words: Words | None, address_form: str) -> str:
    """Give the text for an address form, only ever as stored; empty for an absent text."""
    if isinstance(words, Wording):
        return words.formal if address_form == "formal" else words.informal
    return words or ""


def both(words: Words | None) -> tuple[str, ...]:
    """Give every form a text has, for the search index."""
    if isinstance(words, Wording):
        return words.formal, words.informal
    return (words,) if words else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WordedText:
    """A titled text of a pack."""

    title: Words
    text: Words | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostDefinition:
    """Cost of a pack; amount_cents None: by local tariff."""

    free: bool
    text: Words
    amount_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitsDefinition:
    """Advantages of a pack."""

    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDefinition:
    """Contact of a pack."""

    unit: str
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionDefinition:
    """Button of a pack."""

    label: Words
    kind: ActionKind
    form: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TermDefinition:
    """Term of a pack, in calendar days."""

    days: int
    legal: bool
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDefinition:
    """A public service as `content/README.md` describes the file kind `service`."""

    code: str
    order: int
    top_task: bool
    kind_of_organization: tuple[str, ...]
    domain: str
    type: str
    title: Words
    summary: Words
    description: Words
    cost: CostDefinition
    contact: ContactDefinition
    action: ActionDefinition
    minimum_assurance: str
    target_audiences: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    life_event: str | None = None
    for_whom: tuple[WordedText, ...] = ()
    exceptions: tuple[Words, ...] = ()
    procedure: tuple[WordedText, ...] = ()
    bring: tuple[WordedText, ...] = ()
    benefits: BenefitsDefinition | None = None
    more_info: tuple[WordedText, ...] = ()
    legal_resources: tuple[WordedText, ...] = ()
    term: TermDefinition | None = None
    case_type: str | None = None
    form: str | None = None
    keywords: tuple[str, ...] = ()
    synonyms: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which stored service and version a definition belongs to."""

    uuid: UUID
    version: str


def read(raw: bytes) -> ServiceDefinition:
    """Read a service file; raises MalformedInput for its form, ServiceRefused for what contradicts itself."""
    definition = codec.decode_yaml(raw, ServiceDefinition)
    problems = tuple(_problems(definition))
    if problems:
        raise ServiceRefused(problems)
    return definition


def of_stored(stored: object) -> ServiceDefinition:
    """Give the definition of a stored JSON value."""
    return codec.convert(stored, ServiceDefinition)


def fits(definition: ServiceDefinition, kind: Kind) -> bool:
    """Tell whether an organization of that kind offers this service."""
    return kind in {KINDS.get(name) for name in definition.kind_of_organization}


def _problems(definition: ServiceDefinition) -> list[str]:
    found = [
        f"kind_of_organization: {name} is none of {', '.join(KINDS)}"
        for name in definition.kind_of_organization
        if name not in KINDS
    ]
    if definition.minimum_assurance not in ASSURANCES:
        found.append(f"minimum_assurance: use one of {', '.join(ASSURANCES)}")
    if definition.action.kind is ActionKind.FORM and not definition.action.form:
        found.append("action.form: name the form that the button starts")
    if definition.cost.free and definition.cost.amount_cents:
        found.append("cost: free and an amount exclude each other")
    links = [each.url for each in (*definition.more_info, *definition.legal_resources) if each.url]
    found += [f"{url}: write a link as https://…" for url in links if not url.startswith("https://")]
    return found


def resolve(definition: ServiceDefinition, *, address_form: str, identity: Identity) -> PublicService:
    """Give the product page in the words of one address form."""

    def say(words: Words | None) -> str:
        return worded(words, address_form)

    def titled(texts: tuple[WordedText, ...]) -> tuple[TitledText, ...]:
        return tuple(TitledText(title=say(t.title), text=say(t.text), url=t.url or "") for t in texts)

    d = definition
    return PublicService(
        uuid=identity.uuid,
        version=identity.version,
        code=d.code,
        title=say(d.title),
        summary=say(d.summary),
        domain=d.domain,
        life_event=d.life_event or "",
        top_task=d.top_task,
        keywords=d.keywords,
        description=say(d.description),
        for_whom=titled(d.for_whom),
        exceptions=tuple(say(text) for text in d.exceptions),
        procedure=titled(d.procedure),
        bring=titled(d.bring),
        cost=Cost(is_free=d.cost.free, amount_cents=d.cost.amount_cents, text=say(d.cost.text)),
        benefits=say(d.benefits.text) if d.benefits else "",
        more_info=titled(d.more_info),
        legal_resources=titled(d.legal_resources),
        contact=ContactPoint(unit=d.contact.unit, text=say(d.contact.text)),
        action=ServiceAction(label=say(d.action.label), kind=d.action.kind, form=d.action.form or ""),
        term=Term(days=d.term.days, is_legal=d.term.legal, text=say(d.term.text)) if d.term else None,
        minimum_assurance=d.minimum_assurance,
        case_type=d.case_type or "",
        form=d.form or "",
        type=d.type,
        target_audiences=d.target_audiences,
        themes=d.themes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageTitle:
    """A title in Dutch and English."""

    nl: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeEventDefinition:
    """A life event as `content/README.md` describes it."""

    code: str
    order: int
    title: LanguageTitle


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeEventList:
    """The file kind `lifeEvents`."""

    life_events: tuple[LifeEventDefinition, ...]


def read_life_events(raw: bytes) -> tuple[LifeEventDefinition, ...]:
    """Read the list of life events; raises MalformedInput."""
    return codec.decode_yaml(raw, LifeEventList).life_events
