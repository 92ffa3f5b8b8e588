"""Features: the objects with a place, for maps and programs that read OGC API Features."""

from uuid import UUID

from ocapi.kernel.access import api as access
from ocapi.lib.actor import Actor
from ocapi.modules.linkeddata import features, queries, reaching
from ocapi.modules.linkeddata.data import (
    Access,
    Collection,
    CollectionNotFound,
    DataService,
    FeaturePage,
    Offer,
    ServiceNotFound,
    Wanted,
)
from ocapi.modules.linkeddata.models import ServiceRow


def list_collections(*, service: str = "", actor: Actor) -> tuple[Collection, ...]:
    """Give the collections of features that the actor may read, of one service or of all, by name."""
    access.require(actor, "linkeddata.list_services")
    found = []
    for row in queries.service_rows(code=service):
        if row.access != Access.PERSONAL and access.may(actor, reaching.READ[Access(row.access)]):
            found += [features.measured(row, term) for term in features.terms_of(row)]
    return tuple(sorted(found, key=lambda each: each.name))


def list_offers(*, actor: Actor) -> tuple[Offer, ...]:
    """Give every service that the actor may read with its addresses and map layers, by title."""
    access.require(actor, "linkeddata.list_services")
    base = reaching.base()
    layers = list_collections(actor=actor)
    return tuple(
        _offer(each, base, tuple(layer for layer in layers if layer.service == each.code))
        for each in queries.list_services()
        if access.may(actor, reaching.READ[each.access])
    )


def _offer(service: DataService, base: str, layers: tuple[Collection, ...]) -> Offer:
    here = f"{base}/data/{service.code}"
    found = {
        "page": f"{here}/",
        "rest": f"{base}/api/linkeddata/v1/services/{service.code}",
        "openapi": f"{here}/openapi.yaml",
        "context": f"{here}/context.jsonld",
        "shapes": f"{here}/shapes.ttl",
    }
    if service.access is not Access.PERSONAL:
        found["feed"] = f"{here}/feed"
    if service.access is Access.OPEN:
        found["sparql"] = f"{base}/sparql"
    if layers:
        found["features"] = f"{base}/geo"
    return Offer(service=service, iri=here, endpoints=tuple(found.items()), collections=layers)


def get_collection(*, name: str, actor: Actor) -> Collection:
    """Give a collection by its name, `service.Class`, not measured; raises CollectionNotFound, NotAllowed."""
    row, term = _named(name, actor)
    return features.find(row, term)


def measure_collection(*, name: str, actor: Actor) -> Collection:
    """Give a collection with its count and extent; raises CollectionNotFound, NotAllowed."""
    row, term = _named(name, actor)
    return features.measured(row, term)


def list_features(*, name: str, wanted: Wanted, actor: Actor) -> FeaturePage:
    """Give features of a collection, in the order of the index.

    Raises CollectionNotFound, NotAllowed, InvalidCursor, NotCql2.
    """
    row, term = _named(name, actor)
    return features.page(row, term=term, wanted=wanted)


def get_feature(*, name: str, uuid: UUID, actor: Actor) -> str:
    """Give one feature as GeoJSON in CRS84; raises CollectionNotFound, FeatureNotFound, NotAllowed."""
    row, term = _named(name, actor)
    return features.get(row, term=term, uuid=uuid)


def _named(name: str, actor: Actor) -> tuple[ServiceRow, str]:
    code, _, term = name.partition(".")
    try:
        return reaching.published(code, actor), term
    except ServiceNotFound:
        raise CollectionNotFound(name) from None
