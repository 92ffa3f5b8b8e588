"""Many entities in one request (ETSI GS CIM 009 clauses 6.14 to 6.17, 6.23, 6.31): one write to disk for all.

Entities that are refused do not keep the others back; the same id twice is taken in the order of the list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from starlette.responses import Response
from starlette.routing import Route

from ocapi.dataplane.context import changes, plain, querying, shaped, showing
from ocapi.dataplane.context.door import JSON, Call, Door, answer, done
from ocapi.dataplane.context.entities import READ, WRITE, an_object
from ocapi.dataplane.context.entity import Entity
from ocapi.dataplane.context.errors import Refusal, bad, missing
from ocapi.dataplane.context.store import ENTITY, Change, entity_change, removal
from ocapi.dataplane.context.vocabulary import is_uri

BASE = "/ngsi-ld/v1/entityOperations"
MOST = 10_000
MOST_SENDERS = 256  # of an organization whose shapes are remembered
_FORMS = frozenset({"keyValues", "simplified", "concise", "normalized"})
Operation: TypeAlias = Callable[[Call, Mapping[str, Any], Entity | None, frozenset[str]], Entity]


@dataclass(slots=True)
class _Batch:
    made: list[Change] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    success: dict[str, None] = field(default_factory=dict)  # in order, each once
    errors: list[dict[str, Any]] = field(default_factory=list)
    newest: dict[str, Entity | None] = field(default_factory=dict)


def routes(door: Door) -> list[Route]:
    """Give the routes of this part."""
    made = (
        ("create", create),
        ("upsert", upsert),
        ("update", update),
        ("merge", merge),
        ("delete", delete),
    )
    return [
        *(
            Route(f"{BASE}/{name}", door.at(WRITE, handler, writes=True), methods=["POST"])
            for name, handler in made
        ),
        Route(f"{BASE}/query", door.at(READ, query), methods=["POST"]),
    ]


async def create(call: Call) -> Response:
    """Make entities; those that exist are refused."""
    batch = await _carried_out(call, _created, frozenset())
    return await _answered(call, batch, status=201)


async def upsert(call: Call) -> Response:
    """Make entities, or replace (`update`: change) those that exist."""
    batch = await _carried_out(call, _upserted, frozenset({"replace", "update"}))
    return await _answered(call, batch, status=201 if batch.created else 204, is_upsert=True)


async def update(call: Call) -> Response:
    """Change entities that exist; `noOverwrite` only adds, `replace` replaces."""
    batch = await _carried_out(call, _updated, frozenset({"noOverwrite", "replace", "update"}))
    return await _answered(call, batch, status=204)


async def merge(call: Call) -> Response:
    """Merge fragments into entities that exist."""
    batch = await _carried_out(call, _merged, frozenset())
    return await _answered(call, batch, status=204)


async def delete(call: Call) -> Response:
    """Take entities away by their ids."""
    call.parameters(frozenset({"local"}))
    raw = _a_list(await call.body())
    batch = _Batch()
    for each in raw:
        name = each.get("id") if isinstance(each, dict) else each
        old = batch.newest.get(name, call.store.newest(ENTITY, name)) if is_uri(name) else None
        if not is_uri(name) or old is None:
            refusal = missing("there is no entity of that id") if is_uri(name) else bad("give URIs")
            batch.errors.append(_error(name, refusal))
            continue
        batch.made.append(removal(ENTITY, name, old, now=call.now))
        batch.newest[name] = None
        batch.success[name] = None
    return await _answered(call, batch, status=204)


async def query(call: Call) -> Response:
    """Give a page of what fits the query in the body (clause 5.2.23)."""
    given = call.parameters(showing.FORMS | showing.PAGES | {"local"})
    body = dict(an_object(await call.body()))
    if body.get("type") != "Query":
        raise bad('type: give "Query"')
    wanted = querying.from_body(body, call.terms)
    if wanted.is_broad and given.get("local") != "true":
        raise bad("the query is too broad: give entities, attrs, q or geoQ")
    shown = dict(given)
    for name in ("attrs", "pick", "omit"):
        if body.get(name):
            shown[name] = ",".join(querying.texts(body[name], name))
    if isinstance(body.get("lang"), str):
        shown["lang"] = body["lang"]
    return await showing.page(wanted, showing.view_of(shown, call), given, call)


def _created(call: Call, raw: Mapping[str, Any], old: Entity | None, said: frozenset[str]) -> Entity:
    if old is not None:
        raise Refusal("AlreadyExists", "there is an entity of that id")
    return changes.created(raw, terms=call.terms_of(raw), now=call.now, is_simplified=_is_simple(said))


def _upserted(call: Call, raw: Mapping[str, Any], old: Entity | None, said: frozenset[str]) -> Entity:
    terms = call.terms_of(raw)
    if old is None:
        return changes.created(raw, terms=terms, now=call.now, is_simplified=_is_simple(said))
    if "update" in said:
        return changes.appended(
            old, raw, terms=terms, now=call.now, is_kept=False, is_simplified=_is_simple(said)
        ).entity
    return changes.replaced(old, raw, terms=terms, now=call.now, is_simplified=_is_simple(said))


def _updated(call: Call, raw: Mapping[str, Any], old: Entity | None, said: frozenset[str]) -> Entity:
    terms = call.terms_of(raw)
    if old is None:
        raise missing("there is no entity of that id")
    if "replace" in said:
        return changes.replaced(old, raw, terms=terms, now=call.now, is_simplified=_is_simple(said))
    outcome = changes.appended(
        old, raw, terms=terms, now=call.now, is_kept="noOverwrite" in said, is_simplified=_is_simple(said)
    )
    refusal = changes.refused_outcome(outcome)
    if refusal is not None:
        raise refusal
    return outcome.entity


def _merged(call: Call, raw: Mapping[str, Any], old: Entity | None, said: frozenset[str]) -> Entity:
    if old is None:
        raise missing("there is no entity of that id")
    return changes.merged(old, raw, terms=call.terms_of(raw), now=call.now, is_simplified=_is_simple(said))


def _is_simple(said: frozenset[str]) -> bool:
    return bool(said & {"keyValues", "simplified"})


async def _carried_out(call: Call, operation: Operation, own: frozenset[str]) -> _Batch:
    """Work each entity of the body out upon the one before it; nothing is stored yet."""
    given = call.parameters(frozenset({"options", "format", "local"}))
    said = showing.options(given, _FORMS | own) | ({given["format"]} if "format" in given else frozenset())
    kind, raw = await call.sent()
    if operation is _upserted and kind == JSON and not _is_simple(said):
        try:
            return _quickly(call, raw, is_whole="update" not in said)
        except plain.NotPlain:
            pass
    batch = _Batch()
    for each in _a_list(call.decoded(kind, raw)):
        name = each.get("id", each.get("@id")) if isinstance(each, dict) else None
        if not isinstance(each, dict) or not is_uri(name):
            batch.errors.append(_error(name, bad("id: give the URI of the entity")))
            continue
        old = batch.newest[name] if name in batch.newest else call.store.newest(ENTITY, name)
        try:
            new = operation(call, each, old, said)
        except Refusal as refusal:
            batch.errors.append(_error(name, refusal))
            continue
        batch.made.append(entity_change(old, new))
        batch.newest[name] = new
        if old is None:
            batch.created.append(name)
        batch.success[name] = None
    return batch


def _quickly(call: Call, raw: bytes, *, is_whole: bool) -> _Batch:
    """Work a batch out by the shape of those before it, else as a plain one; raises NotPlain."""
    senders, client = call.store.senders, call.caller.client_id
    if client not in senders:
        if len(senders) >= MOST_SENDERS:
            senders.clear()
        senders[client] = shaped.Sender()
    sender: shaped.Sender = senders[client]
    try:
        change = shaped.change(
            raw, sender, store=call.store, terms=call.terms, now=call.now, is_whole=is_whole, most=MOST
        )
    except plain.NotPlain:
        sent = plain.read(raw, limit=call.limit)
        sender.learn(sent)
        return _plainly(call, sent, is_whole=is_whole)
    created = [new.id for old, new in zip(change.old, change.value.values(), strict=True) if old is None]
    return _Batch(made=[change], created=created, success=dict.fromkeys(change.value))


def _plainly(call: Call, sent: list[plain.Sent], *, is_whole: bool) -> _Batch:
    """Work plain entities out; raises NotPlain with nothing done."""
    if not 0 < len(sent) <= MOST:
        raise plain.NotPlain
    batch, newest = _Batch(), call.store.newest
    upserting = plain.Upserting(terms=call.terms, now=call.now, is_whole=is_whole)
    for each in sent:
        name = each.get("id")
        old = batch.newest[name] if name in batch.newest else newest(ENTITY, str(name))  # type: ignore
        change = upserting.change(each, old)
        batch.made.append(change)
        batch.newest[change.id] = change.value
        batch.success[change.id] = None
        if old is None:
            batch.created.append(change.id)
    return batch


async def _answered(call: Call, batch: _Batch, *, status: int, is_upsert: bool = False) -> Response:
    """Store what was worked out in one step, and tell what was done and what not (clause 5.2.16)."""
    await call.store.commit(batch.made)
    if batch.errors:
        content = {"success": list(batch.success), "errors": batch.errors}
        return answer(call, content, status=207, kind="application/json")
    if status == 204:
        return done(call)
    made = batch.created if is_upsert else list(batch.success)
    return answer(call, made, status=201, kind="application/json")


def _error(name: object, refusal: Refusal) -> dict[str, Any]:
    return {"entityId": name if isinstance(name, str) else "", "error": refusal.as_content()}


def _a_list(raw: object) -> list[Any]:
    if not isinstance(raw, list) or not raw:
        raise bad("give a list with something in it")
    if len(raw) > MOST:
        raise bad(f"a batch has at most {MOST} entities")
    return raw
