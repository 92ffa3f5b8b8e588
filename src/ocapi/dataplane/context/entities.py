"""Entities and their attributes, one at a time (ETSI GS CIM 009 clauses 6.4 to 6.7)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from ocapi.dataplane.context import changes, querying, showing
from ocapi.dataplane.context.changes import Outcome
from ocapi.dataplane.context.door import Call, Door, done
from ocapi.dataplane.context.entity import Entity
from ocapi.dataplane.context.errors import Refusal, bad, missing
from ocapi.dataplane.context.store import ENTITY, removal
from ocapi.dataplane.context.vocabulary import is_uri

READ, WRITE = "capture:entities:read", "capture:entities:write"
BASE = "/ngsi-ld/v1/entities"
_BODY_OPTIONS = frozenset({"options", "format", "local"})
_BODY_FORMS = frozenset({"keyValues", "simplified", "concise", "normalized"})


def routes(door: Door) -> list[Route]:
    """Give the routes of this part."""
    one, attrs = f"{BASE}/{{id}}", f"{BASE}/{{id}}/attrs"
    made = (
        (BASE, "POST", WRITE, create),
        (BASE, "GET", READ, query),
        (BASE, "DELETE", WRITE, purge),
        (one, "GET", READ, retrieve),
        (one, "PUT", WRITE, replace),
        (one, "PATCH", WRITE, merge),
        (one, "DELETE", WRITE, delete),
        (attrs, "POST", WRITE, append),
        (attrs, "PATCH", WRITE, update),
        (f"{attrs}/{{name}}", "PATCH", WRITE, update_attribute),
        (f"{attrs}/{{name}}", "PUT", WRITE, replace_attribute),
        (f"{attrs}/{{name}}", "DELETE", WRITE, delete_attribute),
    )
    return [
        Route(path, door.at(scope, handler, writes=scope == WRITE), methods=[method])
        for path, method, scope, handler in made
    ]


async def create(call: Call) -> Response:
    """Make an entity; 409 when there is one of that id."""
    given = call.parameters(_BODY_OPTIONS)
    showing.options(given, _BODY_FORMS)
    raw = an_object(await call.body())
    new = changes.created(raw, terms=call.terms, now=call.now, is_simplified=showing.is_simplified(given))
    if call.store.newest(ENTITY, new.id) is not None:
        raise Refusal("AlreadyExists", "there is an entity of that id")
    await call.store.put_entity(None, new)
    return done(call, status=201, location=f"{BASE}/{quote(new.id, safe=':')}")


async def query(call: Call) -> Response:
    """Give a page of the entities that fit."""
    given = call.parameters(querying.FILTERS | showing.FORMS | showing.PAGES)
    wanted = querying.from_parameters(given, call.terms)
    if wanted.is_broad:
        raise bad("the query is too broad: give type, attrs, q or a geo-query")
    return await showing.page(wanted, showing.view_of(given, call), given, call)


async def retrieve(call: Call) -> Response:
    """Give one entity."""
    given = call.parameters(showing.FORMS | {"local"})
    entity = call.store.entity(entity_id(call))
    view = showing.view_of(given, call)
    if entity is None or (view.attributes and not view.attributes & set(entity.attributes)):
        raise missing("there is no entity of that id with what was asked for")
    return showing.one(entity, view, call)


async def replace(call: Call) -> Response:
    """Replace all of an entity."""
    given = call.parameters(_BODY_OPTIONS)
    raw = an_object(await call.body())
    old = _held(call)
    new = changes.replaced(
        old, raw, terms=call.terms, now=call.now, is_simplified=showing.is_simplified(given)
    )
    await call.store.put_entity(old, new)
    return done(call)


async def merge(call: Call) -> Response:
    """Merge a fragment into an entity."""
    given = call.parameters(_BODY_OPTIONS | {"observedAt", "lang"})
    raw = an_object(await call.body())
    old = _held(call)
    new = changes.merged(
        old, raw, terms=call.terms, now=call.now, is_simplified=showing.is_simplified(given)
    )
    await call.store.put_entity(old, new)
    return done(call)


async def delete(call: Call) -> Response:
    """Take an entity away."""
    call.parameters(frozenset({"local"}))
    old = _held(call)
    await call.store.commit([removal(ENTITY, old.id, old, now=call.now)])
    return done(call)


async def purge(call: Call) -> Response:
    """Take away all entities that fit (clause 5.6.21), or with `drop` only some of their attributes."""
    given = call.parameters(querying.FILTERS | {"keep", "drop"})
    if "keep" in given:
        raise Refusal("OperationNotSupported", "keep is not supported; name what is to go with drop")
    wanted = querying.from_parameters(given, call.terms)
    if wanted.is_broad and not wanted.ids:
        raise bad("the query is too broad: give id, type, attrs, q or a geo-query")
    found = await querying.find(wanted, call.store, limit=10_000, offset=0, is_counted=False)
    if found.has_more:
        raise Refusal("TooManyResults", "at most 10000 entities go at once")
    if "drop" in given:
        await _drop(call, given["drop"], found.entities)
        return done(call)
    await call.store.commit([removal(ENTITY, each.id, each, now=call.now) for each in found.entities])
    return done(call)


async def _drop(call: Call, names: str, entities: Any) -> None:
    from ocapi.dataplane.context.store import entity_change

    made = []
    for found in entities:
        old = new = call.store.newest(ENTITY, found.id) or found
        for name in names.split(","):
            if call.terms.expand(name) in new.attributes:
                new = changes.attribute_deleted(new, name, terms=call.terms, now=call.now, is_all=True)
        if new is not old:
            made.append(entity_change(old, new))
    await call.store.commit(made)


async def append(call: Call) -> Response:
    """Add attributes to an entity; with noOverwrite those that are there stay."""
    given = call.parameters(_BODY_OPTIONS)
    found = showing.options(given, _BODY_FORMS | {"noOverwrite"})
    raw = an_object(await call.body())
    old = _held(call)
    outcome = changes.appended(
        old,
        raw,
        terms=call.terms,
        now=call.now,
        is_kept="noOverwrite" in found,
        is_simplified=showing.is_simplified(given),
    )
    return await _kept(call, old, outcome)


async def update(call: Call) -> Response:
    """Replace attributes an entity has."""
    given = call.parameters(_BODY_OPTIONS)
    raw = an_object(await call.body())
    old = _held(call)
    outcome = changes.updated(
        old, raw, terms=call.terms, now=call.now, is_simplified=showing.is_simplified(given)
    )
    if not outcome.updated and outcome.not_updated:
        raise missing("the entity has none of these attributes")
    return await _kept(call, old, outcome)


async def update_attribute(call: Call) -> Response:
    """Change members of one attribute."""
    call.parameters(_BODY_OPTIONS)
    raw = an_object(await call.body())
    old = _held(call)
    new = changes.attribute_updated(old, call.path("name"), raw, terms=call.terms, now=call.now)
    await call.store.put_entity(old, new)
    return done(call)


async def replace_attribute(call: Call) -> Response:
    """Replace one attribute."""
    call.parameters(_BODY_OPTIONS)
    raw = an_object(await call.body())
    old = _held(call)
    new = changes.attribute_replaced(old, call.path("name"), raw, terms=call.terms, now=call.now)
    await call.store.put_entity(old, new)
    return done(call)


async def delete_attribute(call: Call) -> Response:
    """Take one attribute away: its default instance, that of a data set, or all."""
    given = call.parameters(frozenset({"datasetId", "deleteAll", "local"}))
    if given.get("deleteAll", "false") not in ("true", "false"):
        raise bad("deleteAll: true or false")
    old = _held(call)
    new = changes.attribute_deleted(
        old,
        call.path("name"),
        terms=call.terms,
        now=call.now,
        dataset=given.get("datasetId", ""),
        is_all=given.get("deleteAll") == "true",
    )
    await call.store.put_entity(old, new)
    return done(call)


async def _kept(call: Call, old: Entity, outcome: Outcome) -> Response:
    if outcome.updated or outcome.entity is not old:
        await call.store.put_entity(old, outcome.entity)
    if outcome.not_updated:
        return showing.partly(outcome.updated, outcome.not_updated, call)
    return done(call)


def an_object(raw: Any) -> Mapping[str, Any]:
    """Require an object with something in it; raises Refusal."""
    if not isinstance(raw, dict):
        raise bad("give an object")
    return raw


def entity_id(call: Call) -> str:
    """Give the id in the address; raises Refusal when it is no URI."""
    name = call.path("id")
    if not is_uri(name):
        raise bad("the id of an entity is a URI")
    return name


def _held(call: Call) -> Entity:
    found: Entity | None = call.store.newest(ENTITY, entity_id(call))
    if found is None:
        raise missing("there is no entity of that id")
    return found
