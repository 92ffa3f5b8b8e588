"""What others may know of linkeddata: services, objects in versions, and why an object is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from ocapi.lib.cql2.syntax import Node
from ocapi.lib.geo.systems import Geometry
from ocapi.lib.problem import BELGIF, OCAPI, InputRefused, Issue, Problem
from ocapi.lib.profile.changes import ProfileChange

Json: TypeAlias = dict[str, Any]
"""An object of JSON-LD as it travels: what a profile allows is known at run time only."""


class Access(StrEnum):
    """Who may read the objects of a service."""

    OPEN = "open"
    ORGANIZATION = "organization"
    PERSONAL = "personal"


class Change(StrEnum):
    """What made a version."""

    CREATED = "created"
    REPLACED = "replaced"
    ENDED = "ended"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceClass:
    """A class of a service. term: its name in addresses. count: objects that are there now."""

    term: str
    iri: str
    label: str
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DataService:
    """A data service made of a profile.

    digest: SHA-256 that pins the profile. fallback_share: share of its shapes that pySHACL judges, 0 to 1.
    warnings: code and number of what the lint found.
    """

    code: str
    title: str
    access: Access
    profile: str
    digest: str
    created_at: datetime
    classes: tuple[ServiceClass, ...]
    fallback_share: float = 0.0
    warnings: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectVersion:
    """One version of an object.

    iri: of the object; its versions add `/` and the sequence. content: JSON-LD without context, empty for a
    deletion. valid_until: when the next version came, None for the newest. ended_on, replaced_by: set when
    the thing itself ended. profile: digest of the one it was written by, empty for the service's present one.
    """

    service: str
    access: Access
    term: str
    uuid: UUID
    iri: str
    title: str
    sequence: int
    change: Change
    content: Json
    valid_from: datetime
    valid_until: datetime | None = None
    ended_on: date | None = None
    replaced_by: tuple[str, ...] = ()
    profile: str = ""

    @property
    def version_iri(self) -> str:
        """Give the IRI of this version."""
        return f"{self.iri}/{self.sequence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSummary:
    """An object in a list."""

    uuid: UUID
    term: str
    iri: str
    title: str
    sequence: int
    changed_at: datetime
    ended_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPage:
    """Objects in the order they were made; next_cursor is empty on the last page."""

    items: tuple[ObjectSummary, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyValue:
    """A value as a page shows it. href: where it leads, for a name. language: of a text, else empty."""

    text: str
    href: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownProperty:
    """A property as a page shows it."""

    label: str
    description: str
    values: tuple[PropertyValue, ...]
    iri: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueReport:
    """What somebody says of a value that is wrong, or missing (value empty), in a version of an object.

    iri, title: of the object. property: IRI. label: of the property. proposed: what it should be, empty when
    the reporter doesn't know. explanation: how they know. path: of the page about the object.
    """

    iri: str
    title: str
    path: str
    service: str
    version: int
    property: str
    label: str
    value: str
    proposed: str
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportReceipt:
    """What a report became: the number and uuid by which the reporter follows it."""

    reference: str
    uuid: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredThing:
    """A thing of a register that is loaded as an object. key: its stable name in the register.

    replaced_by: keys of what came in its place when it ended.
    """

    key: str
    term: str
    body: Json
    ended_on: date | None = None
    replaced_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What following a feed brought. refused: members that are not what the profile asks, with the reason.

    gaps: pages that the feed had taken away by its retention.
    """

    taken: int
    refused: tuple[tuple[str, str], ...] = ()
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """The objects of one class that have a place. name: `service.Class`. count: of features, 0 when not
    measured.

    extent: west, south, east, north in degrees, None without features. names: of properties that can be asked
    for, with their kind: string, number, boolean, or empty when unknown.
    """

    name: str
    service: str
    term: str
    title: str
    description: str
    access: Access
    count: int = 0
    extent: tuple[float, float, float, float] | None = None
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A service as a catalogue tells of it: what it is, by which addresses it is read, and where things are.

    iri: of the service. endpoints: whole addresses by name: page, rest, openapi, context, shapes, feed; for
    an open one sparql, features when objects have a place. collections: its map layers.
    """

    service: DataService
    iri: str
    endpoints: tuple[tuple[str, str], ...]
    collections: tuple[Collection, ...] = ()


Scalar: TypeAlias = str | int | Decimal | bool | date | datetime | None
"""One value in a cell of a table."""


class StandardFault(StrEnum):
    """Why an entry of a register of standards is not read; another reason names a day that is none."""

    NO_OBJECT = "not an object"
    NO_NAME = "neither title nor configuration"
    NO_LETTERS = "a title without letters or digits"


class ValueKind(StrEnum):
    """What a column of a table holds. longitude, latitude: degrees; geometry: well-known text in CRS84."""

    TEXT = "text"
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
class TableColumn:
    """A property as a column. name: `naam`, or `positie.methode` for what a thing within says. iri: what it
    means.

    within: IRI of the property that leads to that thing, else empty. is_several: its cells are tuples of
    texts; in columns of one thing within, the same place is the same thing. is_subject: names the object.
    """

    name: str
    label: str
    iri: str = ""
    description: str = ""
    kind: ValueKind = ValueKind.TEXT
    within: str = ""
    is_several: bool = False
    is_subject: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTable:
    """The objects of a service as rows, in the order they were made."""

    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Scalar | tuple[str, ...], ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which features are asked for.

    area: geometry of CRS84 that they meet. since, until: the time they speak of meets it. filter: CQL2, read.
    equal: value by name of property. cursor: where a page before ended.
    """

    limit: int
    area: Geometry | None = None
    since: datetime | None = None
    until: datetime | None = None
    filter: Node | None = None
    equal: tuple[tuple[str, str], ...] = ()
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturePage:
    """Features as GeoJSON texts in CRS84. next_cursor: empty at the end. A page that ran out of its time may
    hold fewer than were asked for, and none at all, and still have a next.
    """

    features: tuple[str, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """What another version of a profile would mean. before, after: digests. fitting: objects that it allows.

    reasons: place, what is wrong there, and of how many objects. examples: IRI and place of some of them.
    """

    service: str
    before: str
    after: str
    changes: tuple[ProfileChange, ...]
    fitting: int
    reasons: tuple[tuple[str, str, int], ...] = ()
    examples: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What was made anew from the objects: features with a place, and statements that can be asked for."""

    features: int
    statements: int


class ViewKind(StrEnum):
    """By what a view of a feed divides versions: eight groups of objects, or their classes."""

    OBJECTS = "objects"
    CLASSES = "classes"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """A page of a feed as it is sent. is_full: it never changes any more. tag: what its ETag is made of."""

    content: bytes
    tag: str
    is_full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedBody:
    """A public body as an identifier leads to it.

    iri, page: its name and document here, empty when the organization does not publish it. identifiers:
    (scheme, value) of those that are valid on the day.
    """

    name: str
    iri: str
    page: str
    identifiers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifiedBody:
    """What an identifier (nis, kbo, ovo) stands for on a day.

    status: current, renumbered, ended or future. current_value: of the scheme, empty when the body ended.
    """

    scheme: str
    value: str
    on: date
    status: str
    body: NamedBody
    current_value: str
    replaced_by: tuple[NamedBody, ...]


class StandardCategory(StrEnum):
    """What a standard of OSLO is; unknown when the register does not say it."""

    VOCABULARY = "vocabulary"
    PROFILE = "applicationProfile"
    MODEL = "implementationModel"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformance:
    """Why a data service of ours is said to go by a standard.

    digest: of the pinned profile. share_compiled: of its shapes. objects: how many it has; each was checked
    when it was saved, the last time on `checked_at`, None while there is none.
    """

    service: str
    title: str
    profile: str
    digest: str
    objects: int
    checked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A standard of the register. status, usage: as the register words them, empty when it does not say."""

    code: str
    title: str
    category: StandardCategory
    status: str
    usage: str
    published_on: date | None
    address: str
    conforms: tuple[Conformance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardPage:
    """Standards by title. total: how many the register holds. imported_at: None while it is empty."""

    items: tuple[Standard, ...]
    total: int
    imported_at: datetime | None
    next_cursor: str = ""


class IdentifierNotFound(LookupError):
    """No public body is known by that identifier."""


class ReportingNotFound(LookupError):
    """Nobody of this organization takes reports of wrong values."""


class ReportRefused(InputRefused):
    """The report can't be taken; `member` says what to repair: property, value, proposed or explanation."""

    def __init__(self, member: str, detail: str) -> None:
        super().__init__((Issue(kind="invalidInput", place="body", name=f"$.{member}", detail=detail),))
        self.member = member
        self.detail = detail


class TooManyReports(RuntimeError):
    """Somebody reported more values within a day than is taken."""

    problem = Problem(
        status=429,
        type=f"{OCAPI}linkeddata:tooManyReports",
        title="Too many reports",
        detail="no more reports are taken from you today; try again tomorrow",
        headers=(("Retry-After", "86400"),),
    )


class ServiceNotFound(LookupError):
    """There is no service of that code, or not for who asks."""


class ObjectNotFound(LookupError):
    """There is no such object, or it was deleted."""


class ObjectDeleted(LookupError):
    """The object was deleted; its name is kept. An API tells nothing more than of one that never was."""

    problem = Problem(
        status=404, type=f"{BELGIF}resourceNotFound", title="Resource not found", detail="no such resource"
    )


class ClassNotFound(LookupError):
    """The profile has no class of that name."""


class ServiceTooLarge(ValueError):
    """The objects of a service hold more text than one table may."""


class CollectionNotFound(LookupError):
    """There is no collection of features of that name, or not for who asks."""


class FeatureNotFound(LookupError):
    """There is no such feature in the collection."""


class ServiceExists(ValueError):
    """There is a service of that code already."""


class ProfileRefused(ValueError):
    """No service can be made of the profile; `findings` are the fatal ones as code, where and detail."""

    def __init__(self, findings: tuple[tuple[str, str, str], ...]) -> None:
        super().__init__("; ".join(" ".join(filter(None, each)) for each in findings))
        self.findings = findings


class InvalidCursor(InputRefused):
    """The cursor was not given by us."""

    def __init__(self) -> None:
        super().__init__(
            (Issue(kind="invalidInput", place="query", name="cursor", detail="not given by us"),)
        )


class IdempotencyConflict(ValueError):
    """The key was used before with another body."""


class ObjectEnded(ValueError):
    """The object ended already; an ending is stated once."""


class VersionChanged(ValueError):
    """The version the caller read is no longer the newest."""

    problem = Problem(
        status=412,
        type=f"{OCAPI}linkeddata:versionChanged",
        title="Version changed",
        detail="it was changed in the meantime; read it again",
    )


class FilterUnknown(InputRefused):
    """A filter names a property that can't be filtered on."""

    def __init__(self, name: str) -> None:
        super().__init__((Issue(kind="unknownInput", place="body", name=f"$.filters.{name}"),))


class ObjectRefused(InputRefused):
    """The object is not what the profile asks; each issue has the place in the object and a Dutch message."""


class ThingsRefused(ValueError):
    """Some things of a register are not what the profile asks; all others are in.

    refused: the first 1,000 of them, key and what is wrong. count: how many there are. changed, same: of the
    others, how many were made or renewed, and how many were as they are.
    """

    def __init__(self, refused: tuple[tuple[str, str], ...], *, count: int, changed: int, same: int) -> None:
        named = "; ".join(f"{key}: {reason}" for key, reason in refused[:20])
        super().__init__(f"{count} refused, {changed} made or renewed, {same} as they were: {named}")
        self.refused, self.count, self.changed, self.same = refused, count, changed, same


Filters: TypeAlias = Mapping[str, str | int | bool]
