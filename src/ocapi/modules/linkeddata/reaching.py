"""Which service an actor may reach, and by which operation: the same for every way in."""

from ocapi.kernel.access import api as access
from ocapi.kernel.tenants import api as tenants
from ocapi.lib.actor import Actor
from ocapi.modules.linkeddata import queries
from ocapi.modules.linkeddata.data import Access, ServiceNotFound
from ocapi.modules.linkeddata.models import ServiceRow

READ = {
    Access.OPEN: "linkeddata.read_open",
    Access.ORGANIZATION: "linkeddata.read_internal",
    Access.PERSONAL: "linkeddata.read_personal",
}
WRITE = {
    Access.OPEN: "linkeddata.write",
    Access.ORGANIZATION: "linkeddata.write",
    Access.PERSONAL: "linkeddata.write_personal",
}


def readable(service: str, actor: Actor) -> ServiceRow:
    """Give a service whose objects the actor may read; raises ServiceNotFound, NotAllowed."""
    row = queries.service_row(service)
    access.require(actor, READ[Access(row.access)])
    return row


def writable(service: str, actor: Actor) -> ServiceRow:
    """Give a service whose objects the actor may change; raises ServiceNotFound, NotAllowed."""
    row = queries.service_row(service)
    access.require(actor, WRITE[Access(row.access)])
    return row


def published(service: str, actor: Actor) -> ServiceRow:
    """Give a service that is published as a whole: one about persons is not there (ServiceNotFound)."""
    row = readable(service, actor)
    if row.access == Access.PERSONAL:
        raise ServiceNotFound(service)
    return row


def base() -> str:
    """Give the prefix of every IRI of the organization."""
    return tenants.current().base_iri.rstrip("/")
