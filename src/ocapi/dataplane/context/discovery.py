"""Which types and attributes there are, and the contexts we keep (ETSI GS CIM 009 clauses 6.25 to 6.30)."""

from collections.abc import Iterable
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from ocapi.dataplane import places
from ocapi.dataplane.context import contexts
from ocapi.dataplane.context.door import Call, Door, answer, done
from ocapi.dataplane.context.entities import READ, WRITE, an_object
from ocapi.dataplane.context.entity import Entity
from ocapi.dataplane.context.errors import bad, missing
from ocapi.dataplane.context.store import CONTEXT, document_change, removal
from ocapi.dataplane.context.vocabulary import CORE_CONTEXT, core_document, is_core, is_uri, read_terms
from ocapi.lib import ids

MOST_KEPT = 500
JSON = "application/json"


def routes(door: Door) -> list[Route]:
    """Give the routes of this part."""
    base = "/ngsi-ld/v1"
    made = (
        ("/types", "GET", READ, list_types),
        ("/types/{name}", "GET", READ, describe_type),
        ("/attributes", "GET", READ, list_attributes),
        ("/attributes/{name}", "GET", READ, describe_attribute),
        ("/jsonldContexts", "GET", READ, list_contexts),
        ("/jsonldContexts", "POST", WRITE, add_context),
        ("/jsonldContexts/{name}", "GET", READ, serve_context),
        ("/jsonldContexts/{name}", "DELETE", WRITE, remove_context),
    )
    return [
        Route(base + path, door.at(scope, handler, writes=scope == WRITE), methods=[method])
        for path, method, scope, handler in made
    ]


async def list_types(call: Call) -> Response:
    """List the types of the entities that are here; with details also their attributes."""
    found = call.store.types()
    if not _wants_details(call):
        names = sorted(call.terms.compact(iri) for iri in found)
        return answer(
            call, {"id": "urn:ngsi-ld:EntityTypeList:all", "type": "EntityTypeList", "typeList": names}
        )
    shown = [
        {
            "id": iri,
            "type": "EntityType",
            "typeName": call.terms.compact(iri),
            "attributeNames": sorted(
                call.terms.compact(each) for each in _attributes_of(call.store.entities(iri))
            ),
        }
        for iri in sorted(found)
    ]
    return answer(call, shown)


async def describe_type(call: Call) -> Response:
    """Describe one type: how many entities, and which attributes of which kind."""
    call.parameters(frozenset({"local"}))
    iri = call.terms.expand(call.path("name"))
    count = call.store.types().get(iri, 0)
    if not count:
        raise missing("no entity has that type")
    details = [
        {
            "id": name,
            "type": "Attribute",
            "attributeName": call.terms.compact(name),
            "attributeTypes": sorted(kinds),
        }
        for name, kinds in sorted(_attributes_of(call.store.entities(iri)).items())
    ]
    return answer(
        call,
        {
            "id": iri,
            "type": "EntityTypeInfo",
            "typeName": call.terms.compact(iri),
            "entityCount": count,
            "attributeDetails": details,
        },
    )


async def list_attributes(call: Call) -> Response:
    """List the attributes of the entities that are here; with details also the types that have them."""
    is_detailed = _wants_details(call)
    found: dict[str, set[str]] = {}
    for entity in call.store.entities():
        for name in entity.attributes:
            found.setdefault(name, set()).update(entity.types)
    if not is_detailed:
        names = sorted(call.terms.compact(iri) for iri in found)
        return answer(
            call,
            {
                "id": "urn:ngsi-ld:AttributeList:all",
                "type": "AttributeList",
                "attributeList": names,
            },
        )
    return answer(
        call,
        [
            {
                "id": iri,
                "type": "Attribute",
                "attributeName": call.terms.compact(iri),
                "typeNames": sorted(call.terms.compact(each) for each in kinds),
            }
            for iri, kinds in sorted(found.items())
        ],
    )


async def describe_attribute(call: Call) -> Response:
    """Describe one attribute: how often it stands, of which kinds, on which types."""
    call.parameters(frozenset({"local"}))
    iri = call.terms.expand(call.path("name"))
    holders = [each for each in call.store.entities() if iri in each.attributes]
    if not holders:
        raise missing("no entity has that attribute")
    types = {kind for each in holders for kind in each.types}
    return answer(
        call,
        {
            "id": iri,
            "type": "Attribute",
            "attributeName": call.terms.compact(iri),
            "attributeCount": sum(len(each.attributes[iri]) for each in holders),
            "attributeTypes": sorted(
                {one["type"] for each in holders for one in each.attributes[iri].values()}
            ),
            "typeNames": sorted(call.terms.compact(each) for each in types),
        },
    )


async def add_context(call: Call) -> Response:
    """Keep a context; `url` names the address it stands for, since none is fetched."""
    given = call.parameters(frozenset({"url"}))
    call_body = await _context_body(call)
    if "url" in given and (not is_uri(given["url"]) or is_core(given["url"])):
        raise bad("url: give the address of a context of your own")
    held = call.store.documents(CONTEXT)
    if len(held) >= MOST_KEPT:
        raise bad(f"at most {MOST_KEPT} contexts are kept")
    name = str(ids.new_uuid(call.moment))
    document = {"body": {"@context": call_body}, "createdAt": call.now, "url": given.get("url", "")}
    await call.store.commit([document_change(CONTEXT, name, None, document)])
    return answer_made(call, name)


def answer_made(call: Call, name: str) -> Response:
    """Answer 201 with where the context is."""
    location = f"{contexts.PATH}{name}"
    found = answer(call, {"url": _address(call, name)}, status=201, kind=JSON)
    found.headers["Location"] = places.prefix(call.request) + location
    return found


async def _context_body(call: Call) -> object:
    raw = an_object(await call.body())
    said = raw.get("@context")
    if said is None or set(raw) != {"@context"}:
        raise bad("give an object with @context alone")
    if isinstance(said, dict):
        read_terms(said, {})
    contexts.terms_of(said, call.store)
    return said


async def list_contexts(call: Call) -> Response:
    """List the contexts we keep, by address or with details."""
    given = call.parameters(frozenset({"details", "kind", "limit", "offset"}))
    kind = given.get("kind", "Hosted")
    if kind not in ("Hosted", "Cached", "ImplicitlyCreated"):
        raise bad("kind: Hosted, Cached or ImplicitlyCreated")
    held = call.store.documents(CONTEXT) if kind == "Hosted" else {}
    if given.get("details") != "true":
        core = [CORE_CONTEXT] if "kind" not in given or kind == "Cached" else []
        return answer(call, [*core, *(_address(call, name) for name in held)], kind=JSON)
    return answer(call, [_details(call, name) for name in held], kind=JSON)


async def serve_context(call: Call) -> Response:
    """Give a context, or with details what we know of it."""
    given = call.parameters(frozenset({"details"}))
    name = call.path("name")
    if is_core(name):
        return answer(call, core_document(), kind=JSON)
    document = contexts.find(name, call.store)
    if document is None:
        raise missing("there is no such context")
    if given.get("details") == "true":
        own = next(each for each, held in call.store.documents(CONTEXT).items() if held is document)
        return answer(call, _details(call, own), kind=JSON)
    return answer(call, document["body"], kind=JSON)


async def remove_context(call: Call) -> Response:
    """Forget a context; what was stored with it keeps its full names."""
    given = call.parameters(frozenset({"reload"}))
    name = call.path("name")
    if given.get("reload") == "true":
        raise bad("reload: contexts of ours are not fetched from anywhere")
    held = call.store.documents(CONTEXT)
    if name not in held:
        raise missing("there is no such context")
    await call.store.commit([removal(CONTEXT, name, held[name], now=call.now)])
    return done(call)


def _details(call: Call, name: str) -> dict[str, Any]:
    document = call.store.documents(CONTEXT)[name]
    found = {
        "URL": _address(call, name),
        "localId": name,
        "kind": "Hosted",
        "timestamp": document["createdAt"],
    }
    return {**found, "standsFor": document["url"]} if document["url"] else found


def _address(call: Call, name: str) -> str:
    return f"{places.origin(call.request)}{contexts.PATH}{name}"


def _wants_details(call: Call) -> bool:
    found = call.parameters(frozenset({"details", "local"})).get("details", "false")
    if found not in ("true", "false"):
        raise bad("details: true or false")
    return found == "true"


def _attributes_of(entities: Iterable[Entity]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entity in entities:
        for name, held in entity.attributes.items():
            found.setdefault(name, set()).update(each["type"] for each in held.values())
    return found
