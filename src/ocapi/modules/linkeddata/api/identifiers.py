"""What an identifier of a public body stands for, also one of a municipality that merged."""

from datetime import date, datetime
from uuid import uuid5

from ocapi.kernel.access import api as access
from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.accounts.data import (
    Organization,
    OrganizationKind,
    OwnerKind,
    Resolution,
    ResolutionStatus,
    UnknownIdentifier,
)
from ocapi.lib import clock
from ocapi.lib.actor import Actor
from ocapi.modules.linkeddata import codes, queries
from ocapi.modules.linkeddata.authorities import TERM
from ocapi.modules.linkeddata.data import (
    Access,
    IdentifiedBody,
    IdentifierNotFound,
    NamedBody,
    ServiceNotFound,
)
from ocapi.modules.linkeddata.models import ServiceRow
from ocapi.modules.linkeddata.reaching import READ, base

BODIES = "bestuurseenheden"  # the service of public bodies
SCHEMES = ("nis", "kbo", "ovo")
MAX_VALUE = 20
PUBLIC = (OrganizationKind.MUNICIPALITY, OrganizationKind.PSW_CENTRE, OrganizationKind.DISTRICT)


def identify_body(*, scheme: str, value: str, actor: Actor, now: datetime) -> IdentifiedBody:
    """Tell which public body an identifier stands for today, and what took its place when it ended.

    A NIS code names an area: the municipality answers, not the OCMW. Points in a KBO number do not count. A
    body that is no local authority is looked up among the public bodies that are published here.
    Raises IdentifierNotFound, NotAllowed. Example: nis 44001 is of Aalter before 2019, replaced by Aalter.
    """
    access.require(actor, "linkeddata.read_open")
    today = clock.local_day(now)
    asked = value.replace(".", "").upper()[: MAX_VALUE + 1]
    if scheme not in SCHEMES or len(asked) > MAX_VALUE:
        raise IdentifierNotFound(scheme)
    service = _published_bodies(actor)
    try:
        found = _resolved(scheme, asked, today)
    except IdentifierNotFound:
        return _published(service, scheme, asked, today)
    return IdentifiedBody(
        scheme=scheme,
        value=asked,
        on=today,
        status=found.status.value,
        body=_named(found.organization, service, today),
        current_value=found.current_value,
        replaced_by=tuple(_named(each, service, today) for each in found.replaced_by),
    )


def _published(service: ServiceRow | None, scheme: str, value: str, on: date) -> IdentifiedBody:
    """Tell of a body by what the service of public bodies says; raises IdentifierNotFound."""
    found = codes.find(service, term=TERM, scheme=scheme, value=value) if service else None
    if service is None or found is None or found.row.is_deleted:
        raise IdentifierNotFound(value)
    current = next((each.value for each in found.codes if each.scheme == scheme and each.holds(on)), "")
    has_ended = found.is_inactive or (found.row.ended_on is not None and found.row.ended_on <= on)
    status = ResolutionStatus.CURRENT if current == value else ResolutionStatus.RENUMBERED
    status = ResolutionStatus.ENDED if has_ended or not current else status
    heirs = codes.of_iris(service, tuple(found.row.replaced_by or ()))
    return IdentifiedBody(
        scheme=scheme,
        value=value,
        on=on,
        status=status.value,
        body=_told(found, on),
        current_value="" if status is ResolutionStatus.ENDED else current,
        replaced_by=tuple(_told(each, on) for each in heirs),
    )


def _told(body: codes.Body, on: date) -> NamedBody:
    return NamedBody(
        name=body.row.title,
        iri=body.row.iri,
        page=f"/doc/{TERM}/{body.row.uuid}",
        identifiers=tuple(
            (each.scheme, each.value) for each in body.codes if each.scheme in SCHEMES and each.holds(on)
        ),
    )


def _resolved(scheme: str, value: str, on: date) -> Resolution:
    """Look among public bodies of the register only: an enterprise may be a person's own."""
    for kind in PUBLIC:
        try:
            found = accounts.resolve(scheme=scheme, value=value, on=on, kind=kind)
        except UnknownIdentifier:
            continue
        if found.organization.key:
            return found
    raise IdentifierNotFound(value)


def _published_bodies(actor: Actor) -> ServiceRow | None:
    try:
        service = queries.service_row(BODIES)
    except ServiceNotFound:
        return None
    return service if access.may(actor, READ[Access(service.access)]) else None


def _named(organization: Organization, service: ServiceRow | None, on: date) -> NamedBody:
    held = accounts.identifiers_of(kind=OwnerKind.ORGANIZATION, owner=organization.uuid)
    valid = [each for each in held if each.scheme in (*SCHEMES, "iri") and each.period.holds(on)]
    uuid = uuid5(service.uuid, organization.key) if service and organization.key else None
    is_here = uuid is not None and queries.find_object(uuid=str(uuid), term=TERM)
    return NamedBody(
        name=organization.name,
        iri=f"{base()}/id/{TERM}/{uuid}" if is_here else "",
        page=f"/doc/{TERM}/{uuid}" if is_here else "",
        identifiers=tuple((each.scheme, each.value) for each in valid),
    )
