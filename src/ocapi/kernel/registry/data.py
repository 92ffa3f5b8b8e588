"""The manifest, one object per module that says what it is, offers, needs and holds; the shipped register."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from ocapi.kernel.access.data import Operation
from ocapi.kernel.tenants.data import Kind

ALL_KINDS = frozenset(Kind)
LOCAL = frozenset({Kind.MUNICIPALITY, Kind.PSW_CENTRE})


class Tier(StrEnum):
    """Quality tier of a module (house.md 12)."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


class Audience(StrEnum):
    """For whom a page or link is: it decides the shell and the navigation it stands in."""

    PUBLIC = "public"
    CITIZEN = "citizen"
    DESK = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A name in Dutch (screens) and English (docs)."""

    nl: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A set of pages (`urls`) or a REST router (`rest`) and the path prefix it answers under.

    urls: dotted module with `urlpatterns`. prefix: without leading slash, e.g. `loket/`.
    """

    prefix: str
    urls: str
    audience: Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class Navigation:
    """One link of an audience's menu, shown when the actor may do `operation`.

    hint: one line about what is there, for the start page.
    """

    audience: Audience
    title: Title
    url_name: str
    operation: str
    order: int = 50
    icon: str = ""
    hint: Title | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """An interface for other programs. path: where it begins; description: path of its OpenAPI document.

    standard: what it follows; empty for an interface of our own, which follows the BelGIF REST guide.
    """

    title: Title
    path: str
    description: str = ""
    standard: str = ""


def rest_api(name: str, title: Title) -> Api:
    """Give an interface of our own by its name in addresses."""
    return Api(title=title, path=f"api/{name}/v1", description=f"api/{name}/v1/doc/openapi.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting an organization may change; stored under `<module>.<key>`."""

    key: str
    title: Title
    default: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventIn:
    """A type of event the module reacts to, and with which handler."""

    event_type: str
    handler: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """A row of the platform's own record of processing (GDPR art. 30), read from the column tags.

    activity: what is done. categories: of data. subjects: whose. retention: how long and why.
    """

    activity: Title
    purpose: str
    legal_basis: str
    categories: tuple[str, ...]
    subjects: tuple[str, ...]
    retention: str
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFormat:
    """A format `ocapi content import` reads: `load(raw, now) -> Loaded` in the owning module."""

    name: str
    title: Title
    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A subcommand `ocapi <module> <name>`; function takes parsed arguments and makes one api call."""

    name: str
    help: str
    function: str
    needs_tenant: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a module tells the platform.

    name: label, folder and table prefix. kinds: on which organizations it is mounted. scopes: what each scope
    of its operations allows. provides: pairs of (extension point, provider) filled at start-up.
    snapshot_part: dotted function that gives its part of the policy snapshot. content: packs it loads.
    carry: how its tables travel in an export (`whole`, or `none`).
    """

    name: str
    title: Title
    purpose: str
    layer: str
    kinds: frozenset[Kind]
    mounts: tuple[Mount, ...] = ()
    operations: tuple[Operation, ...] = ()
    navigation: tuple[Navigation, ...] = ()
    apis: tuple[Api, ...] = ()
    scopes: Mapping[str, Title] = field(default_factory=dict)
    settings: tuple[Setting, ...] = ()
    events_out: tuple[type, ...] = ()
    events_in: tuple[EventIn, ...] = ()
    extension_points: tuple[str, ...] = ()
    provides: tuple[tuple[Any, Any], ...] = ()
    handlers: str = ""
    jobs: str = ""
    commands: tuple[Command, ...] = ()
    content: tuple[str, ...] = ()
    personal_data: tuple[PersonalData, ...] = ()
    standards: tuple[str, ...] = ()
    carry: str = "whole"
    tier: Tier = Tier.BRONZE
    snapshot_part: Callable[[], Any] | None = field(default=None)


class ManifestRefused(ValueError):
    """A manifest contradicts itself or the house; `problems` lists each with where and how to repair."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityIdentifier:
    """An identifier or name of a local authority in the shipped register, from a day on and until another.

    scheme: kbo, nis, ovo, iri, name. edition: of a scheme that has them. check: kept as it was published.
    """

    scheme: str
    value: str
    valid_from: date | None = None
    valid_to: date | None = None
    edition: str = ""
    check: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A municipality, public social welfare centre or district of the shipped register."""

    key: str
    kind: str
    status: str
    identifiers: tuple[AuthorityIdentifier, ...]
    province: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityOutcome:
    """What became of one authority by a change."""

    organization: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityChange:
    """A merger or another change of the shipped register. original, resulting: keys of authorities."""

    key: str
    type: str
    date: date
    kind: str
    shape: str
    original: tuple[str, ...]
    resulting: tuple[str, ...]
    results: tuple[AuthorityOutcome, ...] = ()
    nis_change: object = None
    district: object = None
