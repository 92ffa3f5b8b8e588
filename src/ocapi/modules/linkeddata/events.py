"""Facts of linkeddata: names and numbers, never what an object says."""

from ocapi.lib.envelope import Fact, event


@event("be.ocapi.linkeddata.object.changed.v1")
class ObjectChanged(Fact):
    """Emitted when an object is created, replaced, ended or deleted; not when a change was refused."""

    service: str
    object_class: str
    iri: str
    version: int
    change: str


@event("be.ocapi.linkeddata.service.upgraded.v1")
class ServiceUpgraded(Fact):
    """Emitted when a service takes another version of its profile into use; not when one is only compared."""

    service: str
    before: str
    after: str


@event("be.ocapi.linkeddata.service.created.v1")
class ServiceCreated(Fact):
    """Emitted when a data service is made of a profile; not when a profile is only linted."""

    service: str
    title: str
    profile: str
    digest: str
    access: str
