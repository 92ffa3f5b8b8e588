"""Entities over time (ETSI GS CIM 009 clauses 6.18 to 6.24): read, added to, corrected and forgotten."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from ocapi.dataplane.context import changes, evolution, querying, showing
from ocapi.dataplane.context.attributes import moment, read_attribute
from ocapi.dataplane.context.door import Call, Door, answer, done
from ocapi.dataplane.context.entities import READ, WRITE, an_object, entity_id
from ocapi.dataplane.context.entity import Entity
from ocapi.dataplane.context.errors import Refusal, bad, missing
from ocapi.dataplane.context.evolution import METHODS, Form
from ocapi.dataplane.context.history import MOST, Histories, Span
from ocapi.dataplane.context.store import ENTITY, HISTORY, Change, forget_change, history_change

BASE = "/ngsi-ld/v1/temporal/entities"
TIMES = frozenset(
    {"timerel", "timeAt", "endTimeAt", "timeproperty", "lastN", "aggrMethods", "aggrPeriodDuration"}
)
_DURATION = re.compile(
    r"P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?:(\d{1,7})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?"
)
_INSTANCE = re.compile(r"urn:ngsi-ld:instance:([0-9]{1,18}):([0-9]{1,9})")
_OPTIONS = frozenset({"temporalValues", "aggregatedValues", "sysAttrs"})


class Temporal:
    """The endpoints of the temporal interface."""

    def __init__(self, histories: Histories) -> None:
        self._histories = histories

    def routes(self, door: Door) -> list[Route]:
        """Give the routes of this part."""
        one = f"{BASE}/{{id}}"
        attribute = f"{one}/attrs/{{name}}"
        made: tuple[tuple[str, str, str, Callable[[Call], Any]], ...] = (
            (BASE, "POST", WRITE, self.add),
            (BASE, "GET", READ, self.query),
            (one, "GET", READ, self.retrieve),
            (one, "DELETE", WRITE, self.forget),
            (f"{one}/attrs", "POST", WRITE, self.add_attributes),
            (attribute, "DELETE", WRITE, self.forget_attribute),
            (f"{attribute}/{{instance}}", "PATCH", WRITE, self.correct),
            (f"{attribute}/{{instance}}", "DELETE", WRITE, self.forget_instance),
            ("/ngsi-ld/v1/temporal/entityOperations/query", "POST", READ, self.query_by_body),
        )
        return [
            Route(path, door.at(scope, handler, writes=scope == WRITE), methods=[method])
            for path, method, scope, handler in made
        ]

    async def add(self, call: Call) -> Response:
        """Add readings of an entity; 201 when nothing was known of it, else 204."""
        call.parameters(frozenset({"local"}))
        raw = an_object(await call.body())
        head = changes.created(
            {name: raw[name] for name in raw if name in changes.HEAD and name != "@context"},
            terms=call.terms,
            now=call.now,
        )
        held = _instances(raw, call)
        is_known = await self._is_known(call, head.id)
        await call.store.commit([history_change(head, held)])
        if is_known:
            return done(call)
        return done(call, status=201, location=f"{BASE}/{quote(head.id, safe=':')}")

    async def add_attributes(self, call: Call) -> Response:
        """Add readings to what is known of an entity."""
        call.parameters(frozenset({"local"}))
        raw = an_object(await call.body())
        head = await self._head(call)
        await call.store.commit([history_change(head, _instances(raw, call))])
        return done(call)

    async def retrieve(self, call: Call) -> Response:
        """Give the readings of one entity."""
        given = call.parameters(TIMES | showing.FORMS | {"local"})
        head = await self._head(call)
        return await self._shown(call, given, [head], is_one=True)

    async def query(self, call: Call) -> Response:
        """Give the readings of the entities that fit now."""
        given = call.parameters(TIMES | querying.FILTERS | showing.FORMS | showing.PAGES)
        wanted = querying.from_parameters(given, call.terms)
        if wanted.is_broad:
            raise bad("the query is too broad: give type, attrs, q or a geo-query")
        if "timerel" not in given and "lastN" not in given:
            raise bad("timerel: give the span of time, or lastN")
        return await self._found(call, given, wanted, given)

    async def query_by_body(self, call: Call) -> Response:
        """Give the readings of the entities that fit the query in the body."""
        given = call.parameters(showing.FORMS | showing.PAGES | {"local"})
        body = dict(an_object(await call.body()))
        if body.get("type") != "Query":
            raise bad('type: give "Query"')
        times = body.get("temporalQ")
        if not isinstance(times, dict):
            raise bad("temporalQ: give the span of time")
        wanted = querying.from_body(body, call.terms)
        if wanted.is_broad:
            raise bad("the query is too broad: give entities, attrs or q")
        said = {
            name: ",".join(map(str, each)) if isinstance(each, list) else str(each)
            for name, each in times.items()
            if name in TIMES
        }
        if body.get("attrs"):
            said["attrs"] = ",".join(querying.texts(body["attrs"], "attrs"))
        return await self._found(call, {**given, **said}, wanted, given)

    async def forget(self, call: Call) -> Response:
        """Forget all readings of an entity, for good."""
        call.parameters(frozenset({"local"}))
        head = await self._head(call)
        await call.store.commit([forget_change(head.id, now=call.now, client=call.caller.client_id)])
        return done(call)

    async def forget_attribute(self, call: Call) -> Response:
        """Forget all readings of one attribute, for good."""
        call.parameters(frozenset({"datasetId", "deleteAll", "local"}))
        name = call.terms.expand(call.path("name"))
        head = await self._head(call)
        if not await self._rows(call, head.id, name):
            raise missing("there are no readings of that attribute")
        await call.store.commit(
            [forget_change(head.id, attribute=name, now=call.now, client=call.caller.client_id)]
        )
        return done(call)

    async def forget_instance(self, call: Call) -> Response:
        """Forget one reading, for good."""
        call.parameters(frozenset({"local"}))
        row = await self._instance(call)
        await call.store.commit([self._gone(call, row)])
        return done(call)

    async def correct(self, call: Call) -> Response:
        """Put another reading in the place of one."""
        call.parameters(frozenset({"local"}))
        raw = an_object(await call.body())
        row = await self._instance(call)
        body = raw.get(call.path("name"), {name: each for name, each in raw.items() if name != "@context"})
        held = _instances({call.path("name"): body}, call)
        head = await self._head(call)
        await call.store.commit([self._gone(call, row), history_change(head, held)])
        return done(call)

    def _gone(self, call: Call, row: Mapping[str, Any]) -> Change:
        return forget_change(
            row["entity"],
            attribute=row["attribute"],
            row=(row["sequence"], row["place"]),
            observed_at=evolution.observed_at(row),
            now=call.now,
            client=call.caller.client_id,
        )

    async def _instance(self, call: Call) -> dict[str, Any]:
        found = _INSTANCE.fullmatch(call.path("instance"))
        name = call.terms.expand(call.path("name"))
        for row in await self._rows(call, entity_id(call), name) if found else ():
            if (row["sequence"], row["place"]) == (int(found.group(1)), int(found.group(2))):  # type: ignore[union-attr]
                return row
        raise missing("there is no reading of that id")

    async def _rows(self, call: Call, entity: str, attribute: str) -> list[dict[str, Any]]:
        return await self._histories.rows(
            call.store,
            entities=[entity],
            attributes=[attribute] if attribute else [],
            span=Span(property="modifiedAt"),
        )

    async def _is_known(self, call: Call, name: str) -> bool:
        if call.store.newest(ENTITY, name) is not None or call.store.newest(HISTORY, name) is not None:
            return True
        return bool(
            await self._histories.rows(
                call.store, entities=[name], attributes=[], span=Span(property="modifiedAt", last_n=1)
            )
        )

    async def _head(self, call: Call) -> Entity:
        """Give an entity that is, or what is remembered of one that was; raises Refusal."""
        name = entity_id(call)
        now: Entity | None = call.store.entity(name)
        if now is not None:
            return now
        types = call.store.newest(HISTORY, name)
        if types is None:
            types = await self._types_of_past(call, name)
        return Entity(id=name, types=tuple(types), created_at=call.now, modified_at=call.now)

    async def _types_of_past(self, call: Call, name: str) -> Sequence[str]:
        rows = await self._histories.rows(
            call.store, entities=[name], attributes=[], span=Span(property="modifiedAt", last_n=1)
        )
        if not rows:
            raise missing("nothing is known of an entity of that id")
        return evolution.types_of(rows[-1])

    async def _found(
        self, call: Call, given: Mapping[str, str], wanted: querying.Query, paging: Mapping[str, str]
    ) -> Response:
        limit, offset, is_counted = querying.window(given)
        heads = [
            entity
            for entity in call.store.with_history(wanted.iri)
            if wanted.fits(entity) and (not wanted.ids or entity.id in wanted.ids)
        ]
        if is_counted:
            call.headers["NGSILD-Results-Count"] = str(len(heads))
        links = showing.neighbors(
            call, paging, limit=limit, offset=offset, has_more=len(heads) > offset + limit
        )
        return await self._shown(call, given, heads[offset : offset + limit], is_one=False, links=links)

    async def _shown(
        self,
        call: Call,
        given: Mapping[str, str],
        heads: Sequence[Entity],
        *,
        is_one: bool,
        links: tuple[str, ...] = (),
    ) -> Response:
        span = _span(given)
        form = _form(given, call)
        names = sorted(form.attributes)
        entities = [each.id for each in heads]
        if not entities:
            return answer(call, [], links=links)
        if form.methods:
            rows = await self._histories.aggregates(
                call.store, entities=entities, attributes=names, span=span, width=form.width
            )
            found = evolution.aggregated(heads, rows[:MOST], form)
        else:
            rows = await self._histories.rows(call.store, entities=entities, attributes=names, span=span)
            found = evolution.shown(heads, rows[:MOST], form)
        status = 200
        if len(rows) > MOST:
            status = 206  # clause 6.3.10: a part, and which one
            call.headers["Content-Range"] = evolution.content_range(rows[:MOST])
        return answer(call, found[0] if is_one else found, status=status, links=links)


def _instances(raw: Mapping[str, Any], call: Call) -> dict[str, list[dict[str, Any]]]:
    """Read the instances of each attribute; those of one data set may be many, at other moments."""
    found: dict[str, list[dict[str, Any]]] = {}
    for key in raw:
        if key in changes.HEAD:
            continue
        each = raw[key]
        for one in each if isinstance(each, list) else [each]:
            held = read_attribute(one, name=key, terms=call.terms)
            found.setdefault(call.terms.expand(key), []).extend(
                {**instance, "createdAt": call.now, "modifiedAt": call.now} for instance in held.values()
            )
    if not found:
        raise bad("give an attribute with readings")
    return found


def _span(given: Mapping[str, str]) -> Span:
    name = given.get("timeproperty", "observedAt")
    if name not in ("observedAt", "modifiedAt", "createdAt"):
        raise bad("timeproperty: observedAt, modifiedAt or createdAt")
    last = querying.number(given["lastN"], "lastN") if "lastN" in given else 0
    relation = given.get("timerel", "")
    if not relation:
        if "timeAt" in given or "endTimeAt" in given:
            raise bad("timeAt goes with timerel")
        return Span(property=name, last_n=last)
    if relation not in ("before", "after", "between") or "timeAt" not in given:
        raise bad("timerel: before, after or between, with timeAt")
    at = moment(given["timeAt"].replace(" ", "+"), "timeAt")
    if relation == "before":
        return Span(property=name, to_at=at, last_n=last)
    end = None
    if relation == "between":
        if "endTimeAt" not in given:
            raise bad("timerel: between goes with endTimeAt")
        end = moment(given["endTimeAt"].replace(" ", "+"), "endTimeAt")
    return Span(property=name, from_at=at, to_at=end, last_n=last)


def _form(given: Mapping[str, str], call: Call) -> Form:
    said = showing.options(given, _OPTIONS) | {given.get("format", "")}
    attributes = frozenset(call.terms.expand(each) for each in given.get("attrs", "").split(",") if each)
    methods: tuple[str, ...] = ()
    if "aggregatedValues" in said or "aggrMethods" in given:
        methods = tuple(each for each in given.get("aggrMethods", "").split(",") if each)
        if not methods or set(methods) - set(METHODS):
            raise bad(f"aggrMethods: one or more of {', '.join(METHODS)}")
        if "temporalValues" in said:
            raise bad("options: choose temporalValues or aggregatedValues")
    pick, omit = (
        frozenset(each for each in given.get(name, "").split(",") if each) for name in ("pick", "omit")
    )
    return Form(
        terms=call.terms,
        is_simple="temporalValues" in said,
        methods=methods,
        attributes=attributes,
        width=interval_of(given.get("aggrPeriodDuration", "PT0S")),
        with_system="sysAttrs" in said,
        pick=pick,
        omit=omit,
        property=given.get("timeproperty", "observedAt"),
        language=given.get("lang", ""),
    )


def interval_of(said: str) -> str:
    """Turn a duration of ISO 8601 into an interval, empty for no length at all; raises Refusal."""
    found = _DURATION.fullmatch(said)
    if not found or said in ("P", "PT") or said.endswith("T"):
        raise bad("aggrPeriodDuration: give a duration, as PT5M or P1D")
    years, months, weeks, days, hours, minutes = (int(each or 0) for each in found.groups()[:6])
    seconds = float(found.group(7) or 0) + 60 * minutes + 3_600 * hours + 86_400 * (days + 7 * weeks)
    months += 12 * years
    if months and seconds:
        raise Refusal("OperationNotSupported", "aggrPeriodDuration: months or days, not both")
    if months:
        return f"{months} months"
    return f"{seconds:.6f} seconds" if seconds else ""
