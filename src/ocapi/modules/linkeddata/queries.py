"""Reads of services, objects and versions: query sets to data."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from ocapi.lib import codec
from ocapi.modules.linkeddata import profiles
from ocapi.modules.linkeddata.data import (
    Access,
    Change,
    DataService,
    Filters,
    FilterUnknown,
    InvalidCursor,
    Json,
    ObjectDeleted,
    ObjectNotFound,
    ObjectPage,
    ObjectSummary,
    ObjectVersion,
    ServiceClass,
    ServiceNotFound,
)
from ocapi.modules.linkeddata.models import ObjectRow, PersonalContentRow, ProfileRow, ServiceRow, VersionRow

MAX_SERVICES = 200
MAX_VERSIONS = 500
NEWEST_AT_ONCE = 1_000
NAMES_AT_ONCE = 500


def service_row(code: str) -> ServiceRow:
    """Give the row of a service with its profile; raises ServiceNotFound."""
    row = ServiceRow.objects.select_related("profile").filter(code=code).first()
    if row is None:
        raise ServiceNotFound(code)
    return row


def service_rows(*, code: str = "") -> tuple[ServiceRow, ...]:
    """Give the rows of every service, or of the one named, with their profiles."""
    rows = ServiceRow.objects.select_related("profile").order_by("code")
    return tuple((rows.filter(code=code) if code else rows)[:MAX_SERVICES])


def profile_row(*, service: str, digest: str) -> ProfileRow:
    """Give a profile by which a service runs or ran; raises ServiceNotFound."""
    row = service_row(service)
    ran = VersionRow.objects.filter(service=row, profile__digest=digest).exists()
    found = ProfileRow.objects.filter(digest=digest).first() if ran or row.profile.digest == digest else None
    if found is None:
        raise ServiceNotFound(service)
    return found


def find_digest(*, code: str) -> str | None:
    """Give the digest of the profile by which a service runs, or None when there is no such service."""
    return ServiceRow.objects.filter(code=code).values_list("profile__digest", flat=True).first()


def list_services() -> tuple[DataService, ...]:
    """Give every service by title."""
    rows = ServiceRow.objects.select_related("profile").order_by("title", "id")[:MAX_SERVICES]
    return tuple(describe(row) for row in rows)


def describe(row: ServiceRow) -> DataService:
    """Give a service with its classes and how many objects each has."""
    profile = profiles.of(row)
    counts = dict(
        ObjectRow.objects.filter(service=row, is_deleted=False)
        .order_by()
        .values_list("term")
        .annotate(Count("id"))
    )
    warnings: dict[str, int] = {}
    for each in profile.findings:
        warnings[each.code] = warnings.get(each.code, 0) + 1
    return DataService(
        code=row.code,
        title=row.title,
        access=Access(row.access),
        profile=profile.name,
        digest=profile.digest,
        created_at=row.created_at,
        fallback_share=profile.fallback_share,
        warnings=tuple(sorted(warnings.items())),
        classes=tuple(
            ServiceClass(term=each.term, iri=each.iri, label=each.label, count=counts.get(each.term, 0))
            for each in sorted(profile.classes, key=lambda each: each.term)
        ),
    )


def object_row(*, uuid: UUID, service: str = "", term: str = "") -> ObjectRow:
    """Give the row of an object, also of a deleted one; raises ObjectNotFound."""
    rows = ObjectRow.objects.select_related("service__profile").filter(uuid=uuid)
    if service:
        rows = rows.filter(service__code=service)
    if term:
        rows = rows.filter(term=term)
    row = rows.first()
    if row is None:
        raise ObjectNotFound(str(uuid))
    return row


def find_object(*, uuid: str, term: str) -> bool:
    """Tell whether there is, or was, an object of that class and uuid."""
    return ObjectRow.objects.filter(uuid=uuid, term=term).exists()


def version_of(row: ObjectRow, *, sequence: int | None = None) -> ObjectVersion:
    """Give a version of an object, the newest when none is named.

    Raises ObjectDeleted for the newest of a deleted object, ObjectNotFound for a version that never was.
    """
    if sequence is None and row.is_deleted:
        raise ObjectDeleted(str(row.uuid))
    wanted = row.sequence if sequence is None else sequence
    found = VersionRow.objects.select_related("profile").filter(object=row, sequence=wanted).first()
    if found is None:
        raise ObjectNotFound(str(row.uuid))
    later = VersionRow.objects.filter(object=row, sequence=wanted + 1).values_list("recorded_at", flat=True)
    return _version(row, found, content=_content(row, found), valid_until=later.first())


def list_versions(row: ObjectRow) -> tuple[ObjectVersion, ...]:
    """Give the versions of an object without what they say, the oldest first."""
    rows = list(_all_versions(row)[:MAX_VERSIONS])
    ends = [*(each.recorded_at for each in rows[1:]), None]
    return tuple(
        _version(row, each, content={}, valid_until=end) for each, end in zip(rows, ends, strict=True)
    )


def _all_versions(row: ObjectRow) -> QuerySet[VersionRow]:
    rows = VersionRow.objects.select_related("profile").filter(object=row)
    return rows.defer("content", "profile__files").order_by("sequence")


def _content(row: ObjectRow, version: VersionRow) -> Json:
    if version.change == Change.DELETED:
        return {}
    if row.service.access == Access.PERSONAL:
        kept = PersonalContentRow.objects.filter(version=version).first()
        return dict(kept.content) if kept else {}
    return dict(version.content or {})


def _version(
    row: ObjectRow, version: VersionRow, *, content: Json, valid_until: datetime | None
) -> ObjectVersion:
    return ObjectVersion(
        service=row.service.code,
        access=Access(row.service.access),
        term=row.term,
        uuid=row.uuid,
        iri=row.iri,
        title=row.title,
        sequence=version.sequence,
        change=Change(version.change),
        content=content,
        valid_from=version.recorded_at,
        valid_until=valid_until,
        ended_on=version.ended_on,
        replaced_by=tuple(version.replaced_by or ()),
        profile=version.profile.digest if version.profile else "",
    )


def list_objects(
    service: ServiceRow, *, term: str, cursor: str = "", page_size: int = 20, filters: Filters | None = None
) -> ObjectPage:
    """Give objects in the order they were made; filters: value by name of a property, joined by AND."""
    rows = ObjectRow.objects.filter(service=service, term=term, is_deleted=False)
    if filters:
        rows = _filtered(rows, service, filters)
    if cursor:
        rows = rows.filter(id__gt=_position(cursor))
    found = list(rows.order_by("id")[: page_size + 1])
    more = len(found) > page_size
    return ObjectPage(
        items=tuple(_summary(each) for each in found[:page_size]),
        next_cursor=codec.canonical_json([found[page_size - 1].id]).hex() if more else "",
    )


def _filtered(rows: QuerySet[ObjectRow], service: ServiceRow, filters: Filters) -> QuerySet[ObjectRow]:
    known = profiles.of(service).context.terms
    wanted = Q(service=service, object__sequence=F("sequence"))
    for name, value in filters.items():
        if name not in known or not (name.isascii() and name.isalnum()):
            raise FilterUnknown(name)
        wanted &= Q(**{f"content__{name}": value})
    return rows.filter(id__in=VersionRow.objects.filter(wanted).values("object"))


def _position(cursor: str) -> int:
    try:
        (number,) = codec.decode_json(bytes.fromhex(cursor), tuple[int])
    except ValueError:
        raise InvalidCursor from None
    return number


def _summary(row: ObjectRow) -> ObjectSummary:
    return ObjectSummary(
        uuid=row.uuid,
        term=row.term,
        iri=row.iri,
        title=row.title,
        sequence=row.sequence,
        changed_at=row.changed_at,
        ended_on=row.ended_on,
    )


def classes_of(iris: Iterable[str]) -> dict[str, frozenset[str]]:
    """Give the class of each of these objects of ours that exists, by IRI."""
    wanted = list(iris)
    if not wanted:
        return {}
    found = ObjectRow.objects.filter(iri__in=wanted, is_deleted=False).values_list("iri", "class_iri")
    return {iri: frozenset((class_iri,)) for iri, class_iri in found}


def kept_elsewhere(service: ServiceRow, iris: Sequence[str]) -> set[str]:
    """Give those of these names that an object of another service bears, or bore."""
    found, wanted = set[str](), list(dict.fromkeys(iris))
    for start in range(0, len(wanted), NAMES_AT_ONCE):
        rows = ObjectRow.objects.filter(iri__in=wanted[start : start + NAMES_AT_ONCE])
        found.update(rows.exclude(service=service).values_list("iri", flat=True))
    return found


def newest(service: ServiceRow, *, term: str = "") -> Iterator[tuple[ObjectRow, Json, str]]:
    """Give every object of a service that is there with what it says now and the digest of the profile it was
    written by (empty for the present one), in parts; not of a service about persons. term: of one class only.
    """
    last = 0
    while True:
        rows = list(
            VersionRow.objects.select_related("object", "profile")
            .defer("profile__files")
            .filter(object__service=service, object__id__gt=last, object__is_deleted=False)
            .filter(sequence=F("object__sequence"), **({"object__term": term} if term else {}))
            .order_by("object__id")[:NEWEST_AT_ONCE]
        )
        for each in rows:
            yield each.object, dict(each.content or {}), each.profile.digest if each.profile else ""
            last = each.object.id
        if len(rows) < NEWEST_AT_ONCE:
            return


def titles_of(iris: Iterable[str], *, beside: str = Access.OPEN) -> dict[str, str]:
    """Give the title of each of these objects of ours, by IRI; empty titles are left out.

    beside: who may read the service that names them; objects of a service that is more closed stay unnamed.
    """
    rows = ObjectRow.objects.filter(service__access__in={Access.OPEN, beside}, iri__in=list(iris)[:500])
    found = rows.values_list("iri", "title")
    return {iri: title for iri, title in found if title}
