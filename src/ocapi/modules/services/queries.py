"""Reads of public services and of the regional catalogue: query sets to data."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from ocapi.lib import codec
from ocapi.modules.services import definitions, lpdc
from ocapi.modules.services.data import (
    CatalogDetail,
    CatalogEntry,
    Difference,
    EntryFact,
    EntryKind,
    EntryNotFound,
    EntryPage,
    InstanceDetail,
    InstanceNotFound,
    InstancePage,
    InstanceState,
    InstanceSummary,
    InstanceText,
    InstanceVersion,
    InvalidCursor,
    LifeEvent,
    PublicService,
    Review,
    ServiceNotFound,
    ServiceSummary,
    Snapshot,
    TextVariant,
)
from ocapi.modules.services.models import (
    CatalogRow,
    InstanceRow,
    InstanceSnapshotRow,
    LifeEventRow,
    ServiceVersionRow,
)

LARGEST_LIST = 2000  # services of one organization; LPDC counts about 1,500 concepts
OWN = "urn:ocapi:product:"  # begins the name in place of the concept of an instance that has none
TOP_TASKS = 6
PAGE_SIZE = 25


def _current() -> QuerySet[ServiceVersionRow]:
    rows = ServiceVersionRow.objects.filter(is_current=True).select_related("service")
    return rows.order_by("service__order_number", "service__code")


def get_service(*, code: str, address_form: str) -> PublicService:
    """Give a product page; raises ServiceNotFound."""
    row = _current().filter(service__code=code).first()
    if row is None:
        raise ServiceNotFound(code)
    return _service(row, address_form)


def find_code(*, uuid: str) -> str | None:
    """Give the code of the service with that uuid, or None."""
    codes = _current().filter(service__uuid=uuid).values_list("service__code", flat=True)
    return codes.first()


def list_services(
    *, address_form: str, domain: str = "", top_only: bool = False, limit: int = LARGEST_LIST
) -> tuple[ServiceSummary, ...]:
    """Give services in the order of the organization."""
    rows = _current()
    if domain:
        rows = rows.filter(service__domain=domain)
    if top_only:
        rows = rows.filter(service__is_top_task=True)
    return tuple(_summary(row, address_form) for row in rows[:limit])


def page_of_services(*, address_form: str, domain: str, after: str, limit: int) -> tuple[ServiceSummary, ...]:
    """Give services by code, after that code: the order of the REST collection."""
    rows = _current().order_by("service__code").filter(service__code__gt=after)
    if domain:
        rows = rows.filter(service__domain=domain)
    return tuple(_summary(row, address_form) for row in rows[:limit])


def _summary(row: ServiceVersionRow, address_form: str) -> ServiceSummary:
    d = definitions.of_stored(row.definition)
    return ServiceSummary(
        uuid=row.service.uuid,
        code=d.code,
        title=definitions.worded(d.title, address_form),
        summary=definitions.worded(d.summary, address_form),
        domain=d.domain,
        life_event=d.life_event or "",
        top_task=d.top_task,
        keywords=d.keywords,
        version=row.version,
    )


def _service(row: ServiceVersionRow, address_form: str) -> PublicService:
    identity = definitions.Identity(uuid=row.service.uuid, version=row.version)
    return definitions.resolve(
        definitions.of_stored(row.definition), address_form=address_form, identity=identity
    )


def list_definitions() -> tuple[tuple[UUID, definitions.ServiceDefinition], ...]:
    """Give every current definition with the uuid of its service."""
    return tuple(
        (row.service.uuid, definitions.of_stored(row.definition)) for row in _current()[:LARGEST_LIST]
    )


def get_definition(*, service: UUID) -> definitions.ServiceDefinition:
    """Give the current definition of a service; raises ServiceNotFound."""
    row = _current().filter(service__uuid=service).first()
    if row is None:
        raise ServiceNotFound(str(service))
    return definitions.of_stored(row.definition)


def find_definition(*, code: str) -> definitions.ServiceDefinition | None:
    """Give the current definition of the service of that code, or None."""
    row = _current().filter(service__code=code).first()
    return definitions.of_stored(row.definition) if row else None


def list_life_events() -> tuple[LifeEvent, ...]:
    """Give the life events in order."""
    rows = LifeEventRow.objects.order_by("order_number", "code").values_list("code", "title_nl")
    return tuple(LifeEvent(code=code, title=title) for code, title in rows[:LARGEST_LIST])


def list_entries(*, kind: EntryKind | None, text: str, cursor: str, page_size: int = PAGE_SIZE) -> EntryPage:
    """Give entries of the regional catalogue by title; text: words that title, texts or number hold."""
    rows = CatalogRow.objects.only("uuid", "kind", "iri", "product_id", "title", "imported_at")
    if kind is not None:
        rows = rows.filter(kind=kind.value)
    for word in text.lower().split():
        rows = rows.filter(search_text__contains=word)
    if cursor:
        title, number = _position(cursor)
        rows = rows.filter(Q(title__gt=title) | Q(title=title, id__gt=number))
    found = list(rows.order_by("title", "id")[: page_size + 1])
    last = found[page_size - 1] if len(found) > page_size else None
    return EntryPage(
        items=tuple(_entry(row) for row in found[:page_size]),
        next_cursor=codec.canonical_json([last.title, last.id]).hex() if last else "",
    )


def _position(cursor: str) -> tuple[str, int]:
    try:
        title, number = codec.decode_json(bytes.fromhex(cursor), tuple[str, int])
    except ValueError:
        raise InvalidCursor(cursor) from None
    return title, number


def _entry(row: CatalogRow) -> CatalogEntry:
    return CatalogEntry(
        uuid=row.uuid,
        kind=EntryKind(row.kind),
        iri=row.iri,
        product_id=row.product_id,
        title=row.title,
        imported_at=row.imported_at,
    )


def get_entry(*, entry: UUID) -> CatalogDetail:
    """Give an entry whole; raises EntryNotFound."""
    row = CatalogRow.objects.filter(uuid=entry).first()
    if row is None:
        raise EntryNotFound(str(entry))
    facts = tuple(
        EntryFact(property=_short(path), values=tuple(_variant(pair) for pair in pairs))
        for path, pairs in row.facts
    )
    return CatalogDetail(
        uuid=row.uuid,
        kind=EntryKind(row.kind),
        iri=row.iri,
        product_id=row.product_id,
        title=row.title,
        imported_at=row.imported_at,
        version_of=row.version_of,
        generated_at=row.generated_at,
        facts=facts,
        raw=row.raw,
    )


def _short(path: str) -> str:
    return " > ".join(_last_part(iri) for iri in path.split(" > "))


def _last_part(iri: str) -> str:
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2]


def _variant(pair: list[str]) -> TextVariant:
    language, text = pair
    return TextVariant(language=language, text=text if language or "/" not in text else _readable(text))


def _readable(text: str) -> str:
    is_code = text.startswith(lpdc.LPDC) or "/id/concept/" in text
    return _last_part(text) if is_code else text


def list_instances(*, only_review: bool, cursor: str, page_size: int = PAGE_SIZE) -> InstancePage:
    """Give local instances, those to review first, then by title."""
    rows = InstanceRow.objects.defer("text", "reviewed")
    if only_review:
        rows = rows.exclude(review="")
    if cursor:
        title, number = _position(cursor)
        review, _bar, title = title.partition("|")
        rows = rows.filter(
            Q(review__lt=review)
            | Q(review=review, title__gt=title)
            | Q(review=review, title=title, id__gt=number)
        )
    found = list(rows.order_by("-review", "title", "id")[: page_size + 1])
    last = found[page_size - 1] if len(found) > page_size else None
    return InstancePage(
        items=tuple(_instance(row) for row in found[:page_size]),
        next_cursor=codec.canonical_json([f"{last.review}|{last.title}", last.id]).hex() if last else "",
    )


def _instance(row: InstanceRow) -> InstanceSummary:
    return InstanceSummary(
        uuid=row.uuid,
        title=row.title,
        concept=concept_of(row),
        state=InstanceState(row.state),
        review=Review(row.review) if row.review else None,
        version=row.version,
        changed_at=row.changed_at,
    )


def instance_text(row: InstanceRow) -> InstanceText:
    """Give the texts of an instance."""
    return codec.convert(row.text, InstanceText)


def concept_of(row: InstanceRow) -> str:
    """Give the IRI of the concept of an instance, empty for a product of our own that has none."""
    return "" if row.concept.startswith(OWN) else row.concept


def concept_row(row: InstanceRow) -> CatalogRow:
    """Give the newest snapshot of the concept of an instance; raises EntryNotFound."""
    found = CatalogRow.objects.filter(kind=EntryKind.CONCEPT.value, iri=row.snapshot).first()
    if found is None:
        raise EntryNotFound(row.snapshot)
    return found


def get_instance(*, instance: UUID) -> InstanceDetail:
    """Give an instance whole; raises InstanceNotFound."""
    row = InstanceRow.objects.filter(uuid=instance).first()
    if row is None:
        raise InstanceNotFound(str(instance))
    snapshots = InstanceSnapshotRow.objects.filter(instance=row).defer("text").order_by("-version")
    summary = _instance(row)
    return InstanceDetail(
        uuid=summary.uuid,
        title=summary.title,
        concept=summary.concept,
        state=summary.state,
        review=summary.review,
        version=summary.version,
        changed_at=summary.changed_at,
        text=instance_text(row),
        differences=_differences(row) if row.review else (),
        snapshots=tuple(
            Snapshot(
                version=each.version,
                digest=each.digest,
                published_at=each.published_at,
                is_archived=each.is_archived,
            )
            for each in snapshots[:LARGEST_LIST]
        ),
        code=row.code,
    )


def has_version(*, instance: str, number: int | None) -> bool:
    """Tell whether the feed holds that version of an instance; None: any."""
    rows = InstanceSnapshotRow.objects.filter(instance__uuid=instance, number__isnull=False)
    return (rows if number is None else rows.filter(version=number)).exists()


def get_version(*, instance: UUID, number: int | None) -> InstanceVersion:
    """Give a version of an instance that the feed holds, None the newest; raises InstanceNotFound."""
    rows = InstanceSnapshotRow.objects.filter(instance__uuid=instance, number__isnull=False)
    versions = tuple(rows.order_by("version").values_list("version", "published_at")[:LARGEST_LIST])
    asked = versions[-1][0] if versions and number is None else number
    row = rows.filter(version=asked).select_related("instance").defer("text").first()
    if row is None:
        raise InstanceNotFound(str(instance))
    return InstanceVersion(
        instance=instance,
        version=row.version,
        published_at=row.published_at,
        is_archived=row.is_archived,
        told=row.member,
        versions=versions,
        page=row.instance.code if _current().filter(service__code=row.instance.code).exists() else "",
    )


def last_in_feed() -> tuple[int, datetime] | None:
    """Give the number and instant of the newest member of the feed, None while there is none."""
    rows = InstanceSnapshotRow.objects.filter(number__isnull=False).order_by("-number")
    return rows.values_list("number", "published_at").first()


def list_members(*, first: int, count: int) -> list[dict[str, codec.JsonValue]]:
    """Give members of the feed by number, what each says."""
    rows = InstanceSnapshotRow.objects.filter(number__gte=first, number__lt=first + count)
    return list(rows.order_by("number").values_list("member", flat=True))


def _differences(row: InstanceRow) -> tuple[Difference, ...]:
    found = CatalogRow.objects.filter(kind=EntryKind.CONCEPT.value, iri=row.snapshot).first()
    if found is None:
        return ()
    before = lpdc.meaning(row.reviewed, iri=_subject(row.reviewed))
    after = lpdc.meaning(found.raw, iri=found.iri)
    return tuple(
        Difference(
            property=_short(path),
            before=tuple(sorted(set(before.get(path, ())) - set(after.get(path, ())))),
            after=tuple(sorted(set(after.get(path, ())) - set(before.get(path, ())))),
        )
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    )


def _subject(raw: str) -> str:
    """Give what stored statements are about: the subject of the first one."""
    return raw[1 : raw.index(">")] if raw.startswith("<") else ""
