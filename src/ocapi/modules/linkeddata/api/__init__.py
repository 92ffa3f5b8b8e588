"""The door of linkeddata: services from profiles, objects in versions, and how they are shown.

What an operation is called depends on who may read the service: `read_open`, `read_internal` or
`read_personal`, and `write` or `write_personal`. Each read of personal content leaves a leaf before it
answers.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid5

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.extensions import BadRow, Loaded, PackFile
from ocapi.lib import ids
from ocapi.lib.actor import Actor, Capacity
from ocapi.lib.ldes.following import Fetch, Received, State, follow
from ocapi.lib.profile import reader
from ocapi.modules.linkeddata import (
    authorities,
    checking,
    feeds,
    filling,
    openapi,
    profiles,
    queries,
    reaching,
    services,
    showing,
    taking,
)
from ocapi.modules.linkeddata.api.features import (
    get_collection,
    get_feature,
    list_collections,
    list_features,
    list_offers,
    measure_collection,
)
from ocapi.modules.linkeddata.api.fragments import add_view, get_view, get_view_page, list_views
from ocapi.modules.linkeddata.api.identifiers import BODIES, identify_body
from ocapi.modules.linkeddata.api.keeping import (
    KEEP_INDEX,
    KEEP_PAGES,
    keep_full_pages,
    keep_index,
    plan_index,
    plan_pages,
)
from ocapi.modules.linkeddata.api.querying import ask, rebuild
from ocapi.modules.linkeddata.api.registers import name_of, take_away
from ocapi.modules.linkeddata.api.reports import list_reportable, report_value, takes_reports
from ocapi.modules.linkeddata.api.standards import import_standards, list_standards
from ocapi.modules.linkeddata.api.tables import list_columns, read_table
from ocapi.modules.linkeddata.api.upgrades import SHIPPED, upgrade_service
from ocapi.modules.linkeddata.data import (
    Access,
    DataService,
    FeedPage,
    Filters,
    FilterUnknown,
    Followed,
    IdempotencyConflict,
    Json,
    ObjectEnded,
    ObjectNotFound,
    ObjectPage,
    ObjectVersion,
    ProfileRefused,
    RegisteredThing,
    ServiceNotFound,
    ShownProperty,
    ThingsRefused,
    VersionChanged,
)
from ocapi.modules.linkeddata.extensions import version_pages
from ocapi.modules.linkeddata.models import ObjectRow, ServiceRow
from ocapi.modules.linkeddata.reaching import READ, WRITE, base

__all__ = [
    "KEEP_INDEX",
    "KEEP_PAGES",
    "add_view",
    "ask",
    "base",
    "get_collection",
    "get_feature",
    "get_view",
    "get_view_page",
    "identify_body",
    "import_standards",
    "list_standards",
    "keep_full_pages",
    "keep_index",
    "list_collections",
    "list_columns",
    "list_features",
    "list_offers",
    "list_reportable",
    "list_views",
    "measure_collection",
    "name_of",
    "plan_index",
    "plan_pages",
    "read_table",
    "rebuild",
    "report_value",
    "take_away",
    "takes_reports",
    "upgrade_service",
]

LOADER = Actor(capacity=Capacity.SYSTEM, application="linkeddata.load")
CODE = re.compile(r"[a-z][a-z0-9-]{1,58}\Z")
NAMED = 1_000  # things that are refused
FILLED_AT_ONCE = 500  # things in one transaction: it stays under 50 ms


def lint_profile(*, folder: Path) -> tuple[bool, float, tuple[tuple[str, str, str, bool], ...]]:
    """Read a profile; gives whether a service can be made of it, the share of fallback, and all findings.

    A finding is code, where, detail, and whether it is fatal. Raises NotAProfile.
    """
    read = reader.read(reader.files_of(folder), name=folder.name)
    found = tuple((each.code, each.where, each.detail, each.is_fatal) for each in read.findings)
    return read.is_usable, read.fallback_share, found


def create_service(
    *, folder: Path, code: str = "", title: str = "", may_read: Access, actor: Actor, now: datetime
) -> DataService:
    """Make a data service of the profile in a folder: code and title are the profile's when left out.

    Content comes from an operator at the command line, so no policy is asked. Raises NotAProfile,
    ProfileRefused with the fatal findings, ServiceExists, ValueError for a code that is no address. Emits
    ServiceCreated.
    """
    files = reader.files_of(folder)
    profile = reader.read(files, name=folder.name)
    if not profile.is_usable:
        raise ProfileRefused(tuple((e.code, e.where, e.detail) for e in profile.findings if e.is_fatal))
    code = code or folder.name
    if not CODE.match(code):
        raise ValueError(f"{code!r}: use lower-case letters, digits and dashes")
    with transaction.atomic():
        row = services.create_service(
            code=code,
            title=title or profile.title,
            access=may_read,
            profile=profile,
            files=reader.pinned(files),
            actor=actor,
            now=now,
        )
    return queries.describe(row)


def create_shipped(*, code: str, under: str = "", title: str = "", now: datetime) -> Loaded:
    """Make an open service of a profile that the product ships; one that is there is left as it is.

    under, title: another code and title than the profile's, so that one profile can carry several services.
    Raises ProfileRefused, PackRefused, KeyError for a profile that isn't shipped.
    """
    raw = registry.shipped_file(pack=SHIPPED, path=f"{code}.yaml")
    file = PackFile(pack=SHIPPED, version="", kind="dataProfile", path=f"{code}.yaml", raw=raw)
    return load_profile(file=file, under=under, title=title, now=now)


def load_profile(*, file: PackFile, under: str = "", title: str = "", now: datetime) -> Loaded:
    """Make an open service of a profile of a content pack; code and title are the profile's when left out.

    A service that runs by another version of the profile is left as it is, with a warning. Raises
    MalformedInput, ProfileRefused.
    """
    files = {reader.OWN: file.raw}
    profile = reader.read(files, name=Path(file.path).stem)
    code = under or profile.name
    running = queries.find_digest(code=code)
    if running is not None:
        other = BadRow(line=0, reason=f"{code} runs by another version of its profile")
        return Loaded(written=0, unchanged=1, warnings=() if running == profile.digest else (other,))
    if not profile.is_usable:
        raise ProfileRefused(tuple((e.code, e.where, e.detail) for e in profile.findings if e.is_fatal))
    with transaction.atomic():
        services.create_service(
            code=code,
            title=title or profile.title,
            access=Access.OPEN,
            profile=profile,
            files=reader.pinned(files),
            actor=LOADER,
            now=now,
        )
    return Loaded(written=1)


def load_register(
    *, service: str, things: Iterable[RegisteredThing], actor: Actor, now: datetime
) -> tuple[int, int]:
    """Load things of a register as objects: made, renewed or ended; gives how many changed and how many did
    not.

    An object's name follows from the key, so that loading again changes nothing. Things are checked before
    their transaction and go in together; a batch in one transaction, so that others can write meanwhile.
    Raises NotAllowed, ServiceNotFound; and ThingsRefused at the end, when all others are in, with each thing
    that is not what the profile asks. Emits ObjectChanged.
    """
    row = reaching.writable(service, actor)
    changed = same = count = 0
    named = list[tuple[str, str]]()
    waiting = iter(things)
    while batch := list(islice(waiting, FILLED_AT_ONCE)):
        done = None
        while done is None:
            refused = list[tuple[str, str]]()
            fillings = taking.registered(row, batch, refused)
            with transaction.atomic():
                held = services.locked(service)
                if held.profile_id == row.profile_id:
                    done = filling.fill(
                        held, fillings, operation=WRITE[Access(held.access)], actor=actor, now=now
                    )
            row = held  # with another profile they are checked anew
        changed, same, count = changed + done, same + len(fillings) - done, count + len(refused)
        named += refused[: NAMED - len(named)]
    if count:
        raise ThingsRefused(tuple(named), count=count, changed=changed, same=same)
    return changed, same


def load_public_bodies(*, actor: Actor, now: datetime) -> tuple[int, int]:
    """Fill the service of public bodies with all that the shipped registers know; as load_register does."""
    return load_register(service=BODIES, things=authorities.public_bodies(), actor=actor, now=now)


def follow_feed(*, service: str, address: str, fetch: Fetch, actor: Actor, now: datetime) -> Followed:
    """Bring what a feed (LDES) elsewhere has new into a service; goes on where it stopped, also after a
    crash.

    Members of a page and how far the feed was followed are kept in one transaction. A member that is not what
    the profile asks, or that bears a name of ours, is refused by name and the rest is taken. Raises
    NotAllowed, ServiceNotFound, FeedBroken. Emits ObjectChanged.
    """
    row = reaching.writable(service, actor)
    kept = services.followed(row, address=address, now=now)
    state = State.of(kept.state)
    taken, refused = 0, list[tuple[str, str]]()
    for members in follow(address, fetch=fetch, state=state):
        with transaction.atomic():
            held = services.locked(service)
            taken += _take(held, members, refused, actor=actor, now=now)
            kept.state, kept.followed_at = state.kept(), now
            kept.save()
    kept.state = state.kept()
    kept.save()
    return Followed(taken=taken, refused=tuple(refused), gaps=tuple(sorted(state.gaps)))


def _take(
    held: ServiceRow,
    members: tuple[Received, ...],
    refused: list[tuple[str, str]],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Make, renew, end or delete the objects of members, in order; gives how many changed."""
    taken, operation = 0, WRITE[Access(held.access)]
    for each in taking.followed(held, members, refused):
        if isinstance(each, str):
            taken += services.take_away(held, iri=each, operation=operation, actor=actor, now=now)
        else:
            taken += filling.fill(held, each, operation=operation, actor=actor, now=now)
    return taken


def list_services(*, actor: Actor) -> tuple[DataService, ...]:
    """Give the services whose objects the actor may read, by title."""
    access.require(actor, "linkeddata.list_services")
    return tuple(each for each in queries.list_services() if access.may(actor, READ[each.access]))


def get_service(*, service: str, actor: Actor) -> DataService:
    """Give a service; raises ServiceNotFound, also for one that the actor may not know of."""
    access.require(actor, "linkeddata.list_services")
    found = queries.describe(queries.service_row(service))
    if not access.may(actor, READ[found.access]):
        raise ServiceNotFound(service)
    return found


def get_context(*, service: str) -> tuple[bytes, str]:
    """Give the JSON-LD context of a service, and what pins its profile. A context tells of nobody."""
    row = queries.service_row(service)
    return showing.context_of(row), row.profile.digest


def get_earlier_context(*, service: str, digest: str) -> bytes:
    """Give the context of a version of a profile by which a service runs or ran; raises ServiceNotFound."""
    queries.profile_row(service=service, digest=digest)
    return showing.context_of_version(queries.service_row(service), digest)


def get_shapes(*, service: str) -> tuple[str, str]:
    """Give the shapes of a service as Turtle, and what pins its profile."""
    row = queries.service_row(service)
    return showing.shapes_of(row), row.profile.digest


def get_openapi(*, service: str, server: str) -> str:
    """Give the OpenAPI 3.0.3 document of a service as YAML; server: address of its API."""
    return openapi.document(queries.service_row(service), server=server)


def list_objects(
    *,
    service: str,
    term: str,
    cursor: str = "",
    page_size: int = 20,
    filters: Filters | None = None,
    actor: Actor,
    now: datetime,
) -> ObjectPage:
    """Give objects of a class in the order they were made; filters: value by name of a property, joined by
    AND.

    Raises NotAllowed, ServiceNotFound, ClassNotFound, InvalidCursor, FilterUnknown; a service about persons
    has no filters.
    """
    row = reaching.readable(service, actor)
    profiles.class_iri(profiles.of(row), term)
    if row.access == Access.PERSONAL:
        if filters:
            raise FilterUnknown(next(iter(filters)))
        _leaf(actor, resource=f"linkedService/{row.uuid}", fields=("identifier",), now=now)
    return queries.list_objects(row, term=term, cursor=cursor, page_size=page_size, filters=filters)


def get_object(
    *, uuid: UUID, term: str, service: str = "", sequence: int | None = None, actor: Actor, now: datetime
) -> ObjectVersion:
    """Give an object by its newest version, or by the one named; leaves a leaf when it is about a person.

    Raises NotAllowed, ObjectNotFound, ObjectDeleted (only to who might have read it).
    """
    row = queries.object_row(uuid=uuid, service=service, term=term)
    access.require(actor, READ[Access(row.service.access)])
    if row.service.access == Access.PERSONAL:
        _leaf(actor, resource=f"linkedObject/{row.uuid}", fields=("content",), now=now)
    return queries.version_of(row, sequence=sequence)


def list_versions(*, uuid: UUID, term: str, service: str = "", actor: Actor) -> tuple[ObjectVersion, ...]:
    """Give the versions of an object without what they say, the oldest first; raises as get_object does."""
    row = queries.object_row(uuid=uuid, service=service, term=term)
    access.require(actor, READ[Access(row.service.access)])
    return queries.list_versions(row)


def create_object(
    *, service: str, term: str, body: Json, actor: Actor, now: datetime, idempotency_key: str = ""
) -> ObjectVersion:
    """Create an object that is what the profile asks; the same key and body again gives the same object.

    Raises NotAllowed, ServiceNotFound, ClassNotFound, ObjectRefused, IdempotencyConflict. Emits
    ObjectChanged.
    """
    row = reaching.writable(service, actor)
    uuid = ids.new_uuid(now)
    if idempotency_key:
        who = actor.application or actor.person or "nobody"
        uuid = uuid5(row.uuid, f"{who}\n{term}\n{idempotency_key}")
    iri = f"{base()}/id/{term}/{uuid}"
    checked = _checked(row, body, term=term, iri=iri)
    with transaction.atomic():
        held = services.locked(service)
        if idempotency_key:
            repeated = ObjectRow.objects.filter(uuid=uuid).first()
            if repeated is not None:
                return _repeated(repeated, checked, actor=actor, now=now)
        made = services.create(
            held,
            term=term,
            class_iri=profiles.class_iri(profiles.of(held), term),
            uuid=uuid,
            iri=iri,
            checked=checked,
            operation=WRITE[Access(held.access)],
            actor=actor,
            now=now,
        )
    return _written(made, actor=actor, now=now)


def replace_object(
    *, service: str, term: str, uuid: UUID, body: Json, sequence: int, actor: Actor, now: datetime
) -> ObjectVersion:
    """Give an object a new version; the same content again changes nothing.

    sequence: of the version that was read. Raises NotAllowed, ObjectNotFound, VersionChanged, ObjectRefused.
    Emits ObjectChanged.
    """
    with transaction.atomic():
        held, row = _held(service, term, uuid, sequence, actor)
        heirs = tuple(row.replaced_by)
        said = showing.as_written(body, iri=row.iri, ended_on=row.ended_on, replaced_by=heirs)
        checked = _checked(held, said, term=term, iri=row.iri)
        before = _written(row, actor=actor, now=now)
        if before.content == checked.content and not before.profile:
            return before
        services.replace(
            row, held, checked=checked, operation=WRITE[Access(held.access)], actor=actor, now=now
        )
    return _written(row, actor=actor, now=now)


def patch_object(
    *, service: str, term: str, uuid: UUID, patch: Json, sequence: int, actor: Actor, now: datetime
) -> ObjectVersion:
    """Change members of an object (RFC 7386: null takes one away); else as replace_object does."""
    row = queries.object_row(uuid=uuid, service=service, term=term)
    access.require(actor, WRITE[Access(row.service.access)])
    before = _written(row, actor=actor, now=now)
    return replace_object(
        service=service,
        term=term,
        uuid=uuid,
        body=showing.merged(before.content, patch),
        sequence=sequence,
        actor=actor,
        now=now,
    )


def end_object(
    *,
    service: str,
    term: str,
    uuid: UUID,
    ended_on: date,
    replaced_by: tuple[str, ...],
    sequence: int,
    actor: Actor,
    now: datetime,
) -> ObjectVersion:
    """Say that the thing ended on a day and what came in its place; it stays readable.

    Raises NotAllowed, ObjectNotFound, VersionChanged, ObjectEnded, ObjectRefused for a replacement that is no
    IRI. Emits ObjectChanged.
    """
    with transaction.atomic():
        held, row = _held(service, term, uuid, sequence, actor)
        if row.ended_on is not None:
            raise ObjectEnded(str(uuid))
        showing.require_iris(replaced_by)
        before = _written(row, actor=actor, now=now)
        services.end(
            row,
            held,
            content=before.content,
            ended_on=ended_on,
            replaced_by=replaced_by,
            operation=WRITE[Access(held.access)],
            actor=actor,
            now=now,
        )
    return _written(row, actor=actor, now=now)


def delete_object(*, service: str, term: str, uuid: UUID, sequence: int, actor: Actor, now: datetime) -> None:
    """Take an object away; its name is never used again. Raises and emits as replace_object does."""
    with transaction.atomic():
        held, row = _held(service, term, uuid, sequence, actor)
        services.delete(row, held, operation=WRITE[Access(held.access)], actor=actor, now=now)


def get_feed(*, service: str, media_type: str, actor: Actor) -> FeedPage:
    """Give the root of a service's feed (LDES); raises NotAllowed, ServiceNotFound."""
    return feeds.root(reaching.published(service, actor), media_type=media_type, base=base())


def get_feed_page(*, service: str, number: int, media_type: str, actor: Actor) -> FeedPage:
    """Give a page of a service's feed, 1 first; raises ObjectNotFound beyond the last."""
    return feeds.page(reaching.published(service, actor), number=number, media_type=media_type, base=base())


def find_page(*, kind: str, uuid: str) -> str | None:
    """Give the path of the document about an object, or None."""
    return f"/doc/{kind}/{uuid}" if queries.find_object(uuid=uuid, term=kind) else None


def find_version_page(*, kind: str, uuid: str, number: int) -> str | None:
    """Give the path of the document about a version, of ours or of a module above, or None."""
    if find_page(kind=kind, uuid=uuid) is not None:
        return f"/doc/{kind}/{uuid}/{number}"
    found = (each.find_path(kind=kind, uuid=uuid, number=number) for each in version_pages)
    return next((path for path in found if path is not None), None)


def linked_document(version: ObjectVersion) -> Json:
    """Give a version as an object of JSON-LD with the context of its service."""
    context = f"{base()}{context_path(version.service, version.profile)}"
    return {"@context": context, **showing.document(version)}


def context_path(service: str, digest: str = "") -> str:
    """Give the path at which the context of a service is served; digest: of an earlier version of it."""
    return profiles.context_path(service, digest)


def written(version: ObjectVersion, *, media_type: str) -> str:
    """Give a version in a format: JSON-LD, Turtle, N-Quads, TriG or N-Triples, by media type."""
    return showing.written(queries.service_row(version.service), version, media_type=media_type, base=base())


def shown(version: ObjectVersion) -> tuple[ShownProperty, ...]:
    """Give the properties of a version as a page shows them."""
    return showing.properties(queries.service_row(version.service), version)


def heirs_of(version: ObjectVersion) -> tuple[tuple[str, str], ...]:
    """Give IRI and name of what took the place of a thing; the name is the IRI of what we don't know."""
    titles = queries.titles_of(version.replaced_by, beside=version.access)
    return tuple((iri, titles.get(iri, iri)) for iri in version.replaced_by)


def _held(service: str, term: str, uuid: UUID, sequence: int, actor: Actor) -> tuple[ServiceRow, ObjectRow]:
    """Lock a service and give it with an object at the version the caller read."""
    held = services.locked(service)
    access.require(actor, WRITE[Access(held.access)])
    row = queries.object_row(uuid=uuid, service=service, term=term)
    if row.is_deleted:
        raise ObjectNotFound(str(uuid))
    if row.sequence != sequence:
        raise VersionChanged(str(uuid))
    return held, row


def _checked(row: ServiceRow, body: Json, *, term: str, iri: str) -> checking.Checked:
    return checking.check(body, taking.rules_of(row), term=term, iri=iri)


def _written(row: ObjectRow, *, actor: Actor, now: datetime) -> ObjectVersion:
    """Give the newest version to who writes it; content about persons is not given without a leaf."""
    row = queries.object_row(uuid=row.uuid)
    if row.service.access == Access.PERSONAL:
        audit.consulted(
            actor=actor,
            operation=WRITE[Access.PERSONAL],
            about=(),
            fields=("content",),
            resource=f"linkedObject/{row.uuid}",
            now=now,
        )
    return queries.version_of(row)


def _repeated(row: ObjectRow, checked: checking.Checked, *, actor: Actor, now: datetime) -> ObjectVersion:
    first = queries.version_of(queries.object_row(uuid=row.uuid), sequence=1)
    if row.service.access == Access.PERSONAL:
        _written(row, actor=actor, now=now)
    if first.content != checked.content:
        raise IdempotencyConflict(str(row.uuid))
    return first


def _leaf(actor: Actor, *, resource: str, fields: tuple[str, ...], now: datetime) -> None:
    audit.consulted(
        actor=actor, operation=READ[Access.PERSONAL], about=(), fields=fields, resource=resource, now=now
    )
