"""The door of services: product pages, lists, the regional catalogue, and loading of all three."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.extensions import BadRow, Loaded, PackFile
from ocapi.kernel.tenants import api as tenants
from ocapi.lib.actor import Actor
from ocapi.lib.codec import MalformedInput, Reason
from ocapi.lib.rdf.turtle import MAX_BYTES, MalformedRdf
from ocapi.modules.services import definitions, lpdc, queries, services
from ocapi.modules.services.data import (
    CatalogDetail,
    DomainTitle,
    EntryKind,
    EntryPage,
    LifeEvent,
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
    """Give the titles of domains, from the first source that has any; empty when none has."""
    return next((found for found in (source.list_domains() for source in domain_sources) if found), ())


def list_life_events() -> tuple[LifeEvent, ...]:
    """Give the life events in order."""
    return queries.list_life_events()


def find_page(*, uuid: str) -> str | None:
    """Give the path of the product page of the service with that uuid, or None."""
    code = queries.find_code(uuid=uuid)
    return services.path_of(code) if code else None


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
    """Import a Turtle file of the regional catalogue; bad subjects are reported by line, the rest loads.

    Raises MalformedInput, with the line, when the file is not Turtle or too large; then nothing is written.
    """
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    try:
        reading = lpdc.read(raw, kind=kind)
    except MalformedRdf as refused:
        raise _malformed(path, refused) from None
    with transaction.atomic():
        written, unchanged = services.store_entries(reading.entries, now=now)
    return Loaded(
        written=written,
        unchanged=unchanged,
        refused=tuple(_bad_row(each) for each in reading.refused),
        warnings=tuple(_bad_row(each) for each in reading.warnings),
    )


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


def _malformed(path: Path, refused: MalformedRdf) -> MalformedInput:
    if refused.reason == "tooLarge":
        return MalformedInput(Reason.TOO_LARGE, detail=f"{path.name}: more than {MAX_BYTES} bytes")
    where = f"line {refused.line}" if refused.line else "$"
    return MalformedInput(
        Reason.INVALID_VALUE,
        path=where,
        detail=f"{path.name} is not Turtle ({refused.detail})",
    )
