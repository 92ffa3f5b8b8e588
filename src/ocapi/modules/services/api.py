"""The door of services: product pages, lists, the regional catalogue, and loading of all three."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.extensions import BadRow, Loaded, PackFile
from ocapi.kernel.tenants import api as tenants
from ocapi.lib import codec
from ocapi.lib.actor import Actor
from ocapi.lib.codec import MalformedInput, Reason
from ocapi.lib.rdf.turtle import MAX_BYTES, Format, MalformedRdf
from ocapi.modules.services import contexts, definitions, dialect, feed, localizing, lpdc, queries, services
from ocapi.modules.services.data import (
    CatalogDetail,
    DomainTitle,
    EntryKind,
    EntryPage,
    FeedPage,
    InstanceDetail,
    InstancePage,
    InstanceText,
    InstanceVersion,
    LifeEvent,
    NotPublishable,
    PublicService,
    ServiceRefused,
    ServiceSummary,
)
from ocapi.modules.services.extensions import domain_sources


def get_service(*, code: str, address_form: str) -> PublicService:
    """Give a product page in the words of one address form; raises ServiceNotFound."""
    return queries.get_service(code=code, address_form=address_form)


def list_services(*, address_form: str, domain: str = "") -> tuple[ServiceSummary, ...]:
    """Give the organization's services in its own order, of one domain when named."""
    return queries.list_services(address_form=address_form, domain=domain)


def list_top(*, address_form: str) -> tuple[ServiceSummary, ...]:
    """Give at most six top tasks, in the organization's order."""
    return queries.list_services(address_form=address_form, top_only=True, limit=queries.TOP_TASKS)


def page_of_services(
    *, address_form: str, domain: str = "", after: str = "", limit: int = 20
) -> tuple[ServiceSummary, ...]:
    """Give the services with a code after `after`, by code: one page of the REST collection."""
    return queries.page_of_services(address_form=address_form, domain=domain, after=after, limit=limit)


def list_domains() -> tuple[DomainTitle, ...]:
    """Give the titles of domains, from the highest module that has any; empty when none has."""
    sources = reversed(tuple(domain_sources))  # modules above register later than our own fallback
    return next((found for found in (source.list_domains() for source in sources) if found), ())


def list_life_events() -> tuple[LifeEvent, ...]:
    """Give the life events in order."""
    return queries.list_life_events()


def find_page(*, uuid: str) -> str | None:
    """Give the path of the product page of the service with that uuid, or None."""
    code = queries.find_code(uuid=uuid)
    return services.path_of(code) if code else None


def has_version(*, instance: str, number: int | None = None) -> bool:
    """Tell whether that version of an instance is public, or any of it."""
    return queries.has_version(instance=instance, number=number)


def get_version(*, instance: UUID, number: int | None, actor: Actor) -> InstanceVersion:
    """Give a published version of an instance, None the newest; raises InstanceNotFound."""
    access.require(actor, "services.read")
    found = queries.get_version(instance=instance, number=number)
    return replace(found, page=services.path_of(found.page) if found.page else "")


def write_version(*, version: InstanceVersion, is_newest: bool, media_type: str) -> bytes:
    """Give a version as linked data; is_newest: as what the instance itself says now."""
    return feed.version_document(version.told, is_newest=is_newest, media_type=media_type, base=_base())


def list_catalog(
    *, actor: Actor, kind: EntryKind | None = None, text: str = "", cursor: str = ""
) -> EntryPage:
    """Give imported concepts and instances by title, 25 a page; raises NotAllowed, InvalidCursor."""
    access.require(actor, "services.read_catalog")
    return queries.list_entries(kind=kind, text=text, cursor=cursor)


def get_entry(*, entry: UUID, actor: Actor) -> CatalogDetail:
    """Give an imported concept or instance whole; raises NotAllowed, EntryNotFound."""
    access.require(actor, "services.read_catalog")
    return queries.get_entry(entry=entry)


def load_service(*, file: PackFile, now: datetime) -> Loaded:
    """Load a product text of a content pack; one that this kind of organization does not offer is withdrawn.

    Raises MalformedInput when it can't be read at all; a text that contradicts itself is a refused row.
    """
    try:
        definition = definitions.read(file.raw)
    except ServiceRefused as refused:
        return Loaded(
            written=0, refused=tuple(BadRow(line=0, reason=f"{file.path}: {p}") for p in refused.problems)
        )
    with transaction.atomic():
        if not services.offers(definition, tenants.current().kind):
            services.withdraw(code=definition.code)
            return Loaded(written=0, unchanged=1)
        row = services.store(definition, version=file.version, now=now)
        services.index(definition, uuid=row.uuid, address_form=_address_form(), now=now)
    return Loaded(written=1)


def load_life_events(*, file: PackFile, now: datetime) -> Loaded:
    """Load the list of life events; raises MalformedInput."""
    events = definitions.read_life_events(file.raw)
    with transaction.atomic():
        return Loaded(written=services.store_life_events(events, now=now))


def import_catalog(*, path: Path, kind: EntryKind, now: datetime) -> Loaded:
    """Import a file of the regional catalogue, Turtle or JSON-LD; bad subjects are reported, the rest loads.

    A context that JSON-LD names by address is read from beside the file. Instances whose concept means
    something else now are flagged. Raises MalformedInput, with the line, when the file can't be read or is
    too large; then nothing is written.
    """
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    is_json = path.suffix in (".json", ".jsonld")
    if is_json:
        raw = contexts.put_in(raw, folder=path.parent)
    try:
        reading = lpdc.read(raw, kind=kind, format=Format.JSON_LD if is_json else Format.TURTLE)
    except MalformedRdf as refused:
        raise _malformed(path, refused, "JSON-LD" if is_json else "Turtle") from None
    with transaction.atomic():
        written, unchanged = services.store_entries(reading.entries, now=now)
        localizing.flag(reading.entries)
    return Loaded(
        written=written,
        unchanged=unchanged,
        refused=tuple(_bad_row(each) for each in reading.refused),
        warnings=tuple(_bad_row(each) for each in reading.warnings),
    )


def list_instances(*, actor: Actor, only_review: bool = False, cursor: str = "") -> InstancePage:
    """Give local instances, those to review first, 25 a page; raises NotAllowed, InvalidCursor."""
    access.require(actor, "services.read_catalog")
    return queries.list_instances(only_review=only_review, cursor=cursor)


def get_instance(*, instance: UUID, actor: Actor) -> InstanceDetail:
    """Give a local instance whole, with what changed in its concept; raises NotAllowed, InstanceNotFound."""
    access.require(actor, "services.read_catalog")
    return queries.get_instance(instance=instance)


def make_instance(*, entry: UUID, actor: Actor, now: datetime) -> UUID:
    """Make a local instance of a concept; raises NotAllowed, EntryNotFound, InstanceExists."""
    access.require(actor, localizing.OPERATION)
    with transaction.atomic():
        return localizing.make(entry=entry, actor=actor, now=now).uuid


def write_instance(*, instance: UUID, text: InstanceText, actor: Actor, now: datetime) -> None:
    """Write the texts of an instance; raises NotAllowed, InstanceNotFound."""
    access.require(actor, localizing.OPERATION)
    with transaction.atomic():
        localizing.write(localizing.locked(instance), text, actor=actor, now=now)


def keep_own_text(*, instance: UUID, actor: Actor, now: datetime) -> None:
    """Settle a review by keeping our own text; raises NotAllowed, InstanceNotFound."""
    access.require(actor, localizing.OPERATION)
    with transaction.atomic():
        localizing.keep_own(localizing.locked(instance), actor=actor, now=now)


def take_over_text(*, instance: UUID, actor: Actor, now: datetime) -> None:
    """Settle a review by taking the texts of the concept over; raises NotAllowed, InstanceNotFound."""
    access.require(actor, localizing.OPERATION)
    with transaction.atomic():
        localizing.take_over(localizing.locked(instance), actor=actor, now=now)


def publish_instance(*, instance: UUID, actor: Actor, now: datetime) -> None:
    """Publish an instance as a new snapshot, product page and search result.

    Raises NotAllowed, InstanceNotFound, NotPublishable with each rule it breaks.
    """
    access.require(actor, localizing.OPERATION)
    with transaction.atomic():
        localizing.publish(localizing.locked(instance), actor=actor, now=now)


def publish_products(*, actor: Actor, now: datetime) -> tuple[int, int]:
    """Publish the product pages of our own as instances in the feed; gives how many are new or changed, and
    how many stayed or speak in another address form than the organization.

    An operator does this at the command line, so no policy is asked. Each in its own transaction; again
    changes nothing.
    """
    done = stayed = 0
    for uuid, _definition in queries.list_definitions():
        try:
            with transaction.atomic():
                row = localizing.of_product(service=uuid, actor=actor, now=now)
                if row is not None:
                    localizing.publish(row, actor=actor, now=now)
        except NotPublishable:
            row = None
        done, stayed = done + (row is not None), stayed + (row is None)
    return done, stayed


def archive_instance(*, instance: UUID, actor: Actor, now: datetime) -> None:
    """Offer an instance no longer: a last snapshot, no page; raises NotAllowed, InstanceNotFound."""
    access.require(actor, localizing.OPERATION)
    with transaction.atomic():
        localizing.archive(localizing.locked(instance), actor=actor, now=now)


def get_lpdc_page(*, number: int, actor: Actor) -> FeedPage:
    """Give a page of published instances as LPDC reads it, 0 the oldest; raises FeedPageNotFound."""
    access.require(actor, "services.read")
    return feed.dialect_page(number, base=_base())


def get_feed(*, media_type: str, actor: Actor) -> FeedPage:
    """Give the root of the feed of published instances (LDES, strict TREE)."""
    access.require(actor, "services.read")
    return feed.strict_root(media_type=media_type, base=_base())


def get_feed_page(*, number: int, media_type: str, actor: Actor) -> FeedPage:
    """Give a page of the strict view, 1 the oldest; raises FeedPageNotFound."""
    access.require(actor, "services.read")
    return feed.strict_page(number, media_type=media_type, base=_base())


def get_context(*, name: str) -> bytes:
    """Give a context of the feed: `ipdc-lpdc-im` of its members, `ldes` of its pages; tells of nobody."""
    found = {"ipdc-lpdc-im": dialect.MODEL_CONTEXT, "ldes": dialect.FEED_CONTEXT}[name]
    return codec.encode_json({"@context": found})


def get_shape() -> str:
    """Give the shape that every member of the feed has, as Turtle."""
    return dialect.SHAPE


def _base() -> str:
    return tenants.current().base_iri.rstrip("/")


def reindex(*, now: datetime) -> int:
    """Put every service into search again, in the organization's present address form; gives how many."""
    found = queries.list_definitions()
    with transaction.atomic():
        for uuid, definition in found:
            services.index(definition, uuid=uuid, address_form=_address_form(), now=now)
    return len(found)


def entity_tag(content: bytes) -> str:
    """Give the strong entity tag of a representation."""
    return services.digest(content)


def _address_form() -> str:
    return registry.setting("organization.address_form")


def _bad_row(problem: lpdc.Problem) -> BadRow:
    return BadRow(line=problem.line, reason=f"{problem.subject}: {problem.reason}")


def _malformed(path: Path, refused: MalformedRdf, name: str) -> MalformedInput:
    if refused.reason == "tooLarge":
        return MalformedInput(Reason.TOO_LARGE, detail=f"{path.name}: more than {MAX_BYTES} bytes")
    where = f"line {refused.line}" if refused.line else "$"
    return MalformedInput(
        Reason.INVALID_VALUE,
        path=where,
        detail=f"{path.name} is not {name} ({refused.detail})",
    )
