"""Writes of linkeddata: services, and objects in versions with event and change leaf."""

from datetime import date, datetime
from uuid import UUID

from ocapi.kernel.audit import api as audit
from ocapi.kernel.outbox import api as outbox
from ocapi.lib import ids
from ocapi.lib.actor import Actor
from ocapi.lib.profile.model import Profile
from ocapi.lib.rdf.graph import Graph
from ocapi.modules.linkeddata import features, fragments, showing
from ocapi.modules.linkeddata.checking import Checked
from ocapi.modules.linkeddata.data import (
    Access,
    Change,
    Json,
    ServiceExists,
    ServiceNotFound,
)
from ocapi.modules.linkeddata.events import ObjectChanged, ServiceCreated
from ocapi.modules.linkeddata.fragments import Numbered
from ocapi.modules.linkeddata.models import (
    FollowedRow,
    ObjectRow,
    PersonalContentRow,
    ProfileRow,
    ServiceRow,
    VersionRow,
)


def create_service(
    *,
    code: str,
    title: str,
    access: Access,
    profile: Profile,
    files: dict[str, bytes],
    actor: Actor,
    now: datetime,
) -> ServiceRow:
    """Keep a profile once and make a service of it; raises ServiceExists."""
    if ServiceRow.objects.filter(code=code).exists():
        raise ServiceExists(code)
    pinned, _made = ProfileRow.objects.get_or_create(
        digest=profile.digest,
        defaults={
            "uuid": ids.new_uuid(now),
            "name": profile.name,
            "pinned_at": now,
            "files": {name: raw.decode() for name, raw in files.items()},
        },
    )
    row = ServiceRow.objects.create(
        uuid=ids.new_uuid(now), code=code, title=title, access=access.value, profile=pinned, created_at=now
    )
    fact = ServiceCreated(
        service=code, title=title, profile=profile.name, digest=profile.digest, access=access.value
    )
    outbox.publish(fact, actor=actor, now=now)
    return row


def locked(code: str) -> ServiceRow:
    """Give the row of a service, held until the transaction ends: its versions are numbered one by one."""
    row = (
        ServiceRow.objects.select_for_update(of=("self",)).select_related("profile").filter(code=code).first()
    )
    if row is None:
        raise ServiceNotFound(code)
    return row


def create(
    service: ServiceRow,
    *,
    term: str,
    class_iri: str,
    uuid: UUID,
    iri: str,
    checked: Checked,
    operation: str,
    actor: Actor,
    now: datetime,
) -> ObjectRow:
    """Make an object with its first version."""
    row = ObjectRow(  # kept with its first version, in one statement
        uuid=uuid,
        service=service,
        term=term,
        class_iri=class_iri,
        iri=iri,
        sequence=0,
        changed_at=now,
        title=_title(service, checked),
        replaced_by=[],
    )
    return add_version(
        row,
        service,
        change=Change.CREATED,
        content=checked.content,
        graph=checked.graph,
        operation=operation,
        actor=actor,
        now=now,
    )


def followed(service: ServiceRow, *, address: str, now: datetime) -> FollowedRow:
    """Give how far a feed was followed into a service; another address starts anew."""
    row, _made = FollowedRow.objects.get_or_create(
        service=service,
        defaults={"uuid": ids.new_uuid(now), "address": address, "state": {}, "followed_at": now},
    )
    if row.address != address:
        row.address, row.state = address, {}
    return row


def take_away(service: ServiceRow, *, iri: str, operation: str, actor: Actor, now: datetime) -> bool:
    """Delete the object of that name when it is there; tells whether it was."""
    row = ObjectRow.objects.filter(service=service, iri=iri, is_deleted=False).first()
    if row is not None:
        delete(row, service, operation=operation, actor=actor, now=now)
    return row is not None


def _newest(row: ObjectRow) -> VersionRow | None:
    return VersionRow.objects.select_related("profile").filter(object=row, sequence=row.sequence).first()


def replace(
    row: ObjectRow, service: ServiceRow, *, checked: Checked, operation: str, actor: Actor, now: datetime
) -> ObjectRow:
    """Give an object a new version that says something else."""
    row.title = _title(service, checked)
    return add_version(
        row,
        service,
        change=Change.REPLACED,
        content=checked.content,
        graph=checked.graph,
        operation=operation,
        actor=actor,
        now=now,
    )


def end(
    row: ObjectRow,
    service: ServiceRow,
    *,
    content: Json,
    ended_on: date,
    replaced_by: tuple[str, ...],
    operation: str,
    actor: Actor,
    now: datetime,
) -> ObjectRow:
    """Say that the thing itself ended, and what came in its place."""
    row.ended_on, row.replaced_by = ended_on, list(replaced_by)
    newest = _newest(row)
    return add_version(
        row,
        service,
        change=Change.ENDED,
        content=content,
        operation=operation,
        actor=actor,
        now=now,
        profile=newest.profile if newest else None,
    )


def delete(row: ObjectRow, service: ServiceRow, *, operation: str, actor: Actor, now: datetime) -> ObjectRow:
    """Take an object away: its name stays, with a last version that says nothing."""
    row.is_deleted, row.title = True, ""
    return add_version(
        row, service, change=Change.DELETED, content=None, operation=operation, actor=actor, now=now
    )


def add_version(
    row: ObjectRow,
    service: ServiceRow,
    *,
    change: Change,
    content: Json | None,
    operation: str,
    actor: Actor,
    now: datetime,
    graph: Graph | None = None,
    profile: ProfileRow | None = None,
) -> ObjectRow:
    """Add the next version with its number in the service, feature, event and change leaf; the service is
    locked. graph: what the content says, when it is known already. profile: that of the content when it is
    not the service's.
    """
    is_personal = service.access == Access.PERSONAL
    recorded_at = max(now, service.last_at or now)  # a feed never gets a version older than its newest
    service.last_number, service.last_at = service.last_number + 1, recorded_at
    service.save(update_fields=("last_number", "last_at"))
    row.sequence += 1
    row.changed_at = now
    row.save()
    version = VersionRow.objects.create(
        uuid=ids.new_uuid(now),
        object=row,
        service=service,
        sequence=row.sequence,
        number=service.last_number,
        change=change.value,
        content=None if is_personal else content,
        profile=profile,
        ended_on=row.ended_on,
        replaced_by=row.replaced_by,
        recorded_at=recorded_at,
    )
    if is_personal and content is not None:
        PersonalContentRow.objects.create(uuid=ids.new_uuid(now), version=version, content=content)
    if not is_personal:
        fragments.take(service, [Numbered(service.last_number, row.uuid, row.term)], now=now)
        said = graph or showing.graph_of_content(service, row.iri, content, profile.digest if profile else "")
        features.keep(row, service, content=content, graph=said)
    fact = ObjectChanged(
        service=service.code,
        object_class=row.class_iri,
        iri=row.iri,
        version=row.sequence,
        change=change.value,
    )
    outbox.publish(fact, actor=actor, now=now)
    audit.changed(
        actor=actor,
        operation=operation,
        resource=f"linkedObject/{row.uuid}",
        now=now,
        fields=("content",),
        outcome=change.value,
    )
    return row


def _title(service: ServiceRow, checked: Checked) -> str:
    return "" if service.access == Access.PERSONAL else checked.title
