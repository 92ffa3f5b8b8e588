"""What others may know of opendata: offers of modules, what the gate says of them, and the catalogue."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from ocapi.lib.dcat.model import Dataset
from ocapi.lib.problem import InputRefused, Issue

Value: TypeAlias = str | int | Decimal | bool | date | datetime | None
"""A cell of a table."""
SEPARATOR = " | "


class ColumnKind(StrEnum):
    """What a column holds. freeText: written by people, so it never leaves. longitude, latitude: degrees.
    geometry: well-known text in CRS84.
    """

    TEXT = "text"
    FREE_TEXT = "freeText"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DAY = "day"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    LINK = "link"
    LONGITUDE = "longitude"
    LATITUDE = "latitude"
    GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of an offer.

    name: ASCII, as files write it. field: `table.column` it comes from, whose tag decides; empty when it is
    computed. category: of personal data, when the module itself says so. near_person: says something of few
    persons, so a second person looks. is_group: rows with equal groups describe the same persons.
    is_count: number of persons, homes or files behind the row. iri: property in the web of data, of the thing
    that the property `within` leads to when that is said. is_several: a cell may hold several texts with
    SEPARATOR between them; in columns with one `within` the same place is the same thing. is_subject: its
    cells name what their row is about.
    """

    name: str
    label: str
    kind: ColumnKind = ColumnKind.TEXT
    field: str = ""
    category: str = ""
    near_person: bool = False
    is_group: bool = False
    is_count: bool = False
    iri: str = ""
    description: str = ""
    within: str = ""
    is_several: bool = False
    is_subject: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedService:
    """An interface of the module itself; addresses begin with `/`. conforms_to: IRIs of standards."""

    code: str
    title: str
    endpoint: str
    description: str = ""
    conforms_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Data a module has to offer. source: name of the module's adapter; code: unique within it, a slug.

    theme, frequency: codes of the EU lists. is_aggregate: rows are counts over persons. quality: what is
    known of its quality. columns: empty when only the services give it. position: longitude and latitude of
    the one place all of it is about. is_local: it is about the area of the organization itself and no other.
    """

    source: str
    code: str
    title: str
    description: str
    columns: tuple[Column, ...]
    keywords: tuple[str, ...] = ()
    theme: str = "GOVE"
    frequency: str = "DAILY"
    is_aggregate: bool = False
    quality: str = ""
    standard: str = ""
    documentation: str = ""
    services: tuple[OfferedService, ...] = ()
    position: tuple[float, float] | None = None
    is_local: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows in the order of the columns of their offer."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]

    @property
    def place_of(self) -> dict[str, int]:
        """Give the place of each column by name."""
        return {each.name: place for place, each in enumerate(self.columns)}

    @property
    def has_points(self) -> bool:
        """Tell whether each row may be a point."""
        return {ColumnKind.LONGITUDE, ColumnKind.LATITUDE} <= {each.kind for each in self.columns}


class Outcome(StrEnum):
    """What the gate says."""

    CLEAR = "clear"
    SECOND_PERSON = "secondPerson"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing the gate saw. code: what; column: its name, empty for the whole; rows: how many.

    first: numbers of the first of those rows, as people count them.
    """

    code: str
    outcome: Outcome
    column: str = ""
    rows: int = 0
    detail: str = ""
    first: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the gate says of a table, with all it saw. hidden: cells that were emptied."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    hidden: int = 0


class Ground(StrEnum):
    """On which legal ground data is made open."""

    REUSE = "reuse"
    HIGH_VALUE = "highValue"
    ACTIVE_PUBLICITY = "activePublicity"
    OWN_DECISION = "ownDecision"


class State(StrEnum):
    """Where a dataset stands. gone: it was published, and its address says that it is no more."""

    PROPOSED = "proposed"
    PUBLISHED = "published"
    GONE = "gone"


class Decided(StrEnum):
    """What became of a proposal to publish."""

    WAITING = "waiting"
    APPROVED = "approved"
    TURNED_DOWN = "turnedDown"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """How the organization describes a dataset. theme, frequency, hvd: codes of lists. license: IRI.

    used_by: name and address of what uses it. series: title of the series it belongs to, if any. left_out:
    names of columns of the offer that are not made public.
    """

    title: str
    description: str
    keywords: tuple[str, ...]
    theme: str
    frequency: str
    license: str
    hvd: str = ""
    contact_name: str = ""
    contact_email: str = ""
    quality: str = ""
    series: str = ""
    used_by: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody wants to make public, and the evidence of how that was decided."""

    uuid: UUID
    about: About
    ground: Ground
    motive: str
    verdict: Verdict
    decided: Decided
    requested_at: datetime
    digest: str
    row_count: int
    decided_at: datetime | None = None
    remark: str = ""
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A dataset in a list. formats: codes such as `CSV`. origin: title of the harvested source, or empty."""

    uuid: UUID
    code: str
    iri: str
    title: str
    summary: str
    publisher: str
    modified_at: datetime
    themes: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    origin: str = ""
    is_high_value: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """One value of a facet with how many datasets have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogPage:
    """Datasets that were asked for. facets: values by name of the facet. suggestion: a corrected search."""

    items: tuple[Entry, ...]
    total: int
    facets: dict[str, tuple[FacetValue, ...]] = field(default_factory=dict)
    suggestion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody looks for. filters: pairs of facet and value; equal facets mean either of them.

    sort: relevance, title, modified or issued, `-` before it turns it round. start: how many are skipped.
    """

    text: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    sort: str = ""
    start: int = 0
    size: int = 20
    with_facets: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """One broken rule of the catalogue standards. severity: violation or warning."""

    path: str
    text: str
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A dataset as the catalogue shows it. table: the data itself, None for a harvested one.

    issues: what the check against the standards found. checked_at: when.
    """

    uuid: UUID
    code: str
    dataset: Dataset
    state: State
    issued_at: datetime
    modified_at: datetime
    issues: tuple[Issued, ...] = ()
    table: Table | None = None
    digest: str = ""
    origin: str = ""
    origin_address: str = ""
    sequence: int = 1
    license: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A distribution as it is sent."""

    content: bytes
    media_type: str
    name: str
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """A page of the feed. tag: what its ETag is made of. is_full: it never changes any more."""

    content: bytes
    tag: str
    is_full: bool


class SourceKind(StrEnum):
    """How a source speaks."""

    DCAT = "dcat"
    CKAN = "ckan"


class RunOutcome(StrEnum):
    """How a harvest ended. partial: something stood in the way, so nothing was taken out."""

    RUNNING = "running"
    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A catalogue elsewhere that is harvested. datasets: how many of it stand in ours."""

    uuid: UUID
    title: str
    address: str
    kind: SourceKind
    is_active: bool
    datasets: int = 0
    errors: int = 0
    last_at: datetime | None = None
    last_outcome: RunOutcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One harvest. problem: code of what ended it early, empty when nothing did."""

    started_at: datetime
    ended_at: datetime | None
    outcome: RunOutcome
    seen: int
    made: int
    changed: int
    same: int
    gone: int
    refused: int
    problem: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordError:
    """A description that could not be kept or that breaks the standards."""

    name: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskDataset:
    """A dataset of our own as the desk sees it. problem: why it could not be renewed, empty when it could."""

    uuid: UUID
    code: str
    title: str
    state: State
    source: str
    offer: str
    modified_at: datetime
    waiting: bool = False
    issues: int = 0
    problem: str = ""


class DatasetNotFound(LookupError):
    """There is no dataset of that name in the catalogue."""


class DatasetGone(LookupError):
    """The dataset was in the catalogue and was taken out; its name is kept."""

    def __init__(self, code: str, *, title: str = "", gone_at: datetime | None = None) -> None:
        super().__init__(code)
        self.title = title
        self.gone_at = gone_at


class FileNotFound(LookupError):
    """The dataset has no distribution of that form."""


class PageNotFound(LookupError):
    """There is no such page of the catalogue or the feed."""


class OfferNotFound(LookupError):
    """No module offers data of that name, or the module is not there."""


class SourceNotFound(LookupError):
    """There is no such source of harvests."""


class ProposalNotFound(LookupError):
    """There is no proposal that waits, or not this one."""


class GateRefused(ValueError):
    """The privacy gate does not let the data through; `verdict` says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(", ".join(each.code for each in verdict.findings))
        self.verdict = verdict


class SamePerson(ValueError):
    """Who asked can't be who approves."""


class TableTooLarge(ValueError):
    """The offer holds more rows than a file of ours may."""


class SourceRefused(ValueError):
    """The address of a source can't be called, or it is harvested already."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AboutRefused(InputRefused):
    """The description lacks something; each issue names the field and a code in `detail`."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(
            tuple(
                Issue(kind="invalidInput", place="body", name=name, detail=code)
                for name, code in fields.items()
            )
        )
        self.fields = fields
