"""The part below /sta/v1.1: resource paths, the service root, what is done there (OGC 18-088 clause 9.2)."""

import re
from collections.abc import Sequence, Sized
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from ocapi.dataplane import places
from ocapi.dataplane.context.door import JSON, Call, Door
from ocapi.dataplane.context.entities import READ, WRITE
from ocapi.dataplane.context.history import Histories
from ocapi.dataplane.sensorthings import arrays, options
from ocapi.dataplane.sensorthings.catalog import Catalog, Record
from ocapi.dataplane.sensorthings.creating import Making, Numbers
from ocapi.dataplane.sensorthings.model import OBSERVATIONS, SETS, EntitySet, quoted, refuse
from ocapi.dataplane.sensorthings.reading import Reading
from ocapi.lib import codec

BASE = "/sta/v1.1"
MOST_SEGMENTS = 10
_SEGMENT = re.compile(r"([A-Za-z$@.]+)(?:\((?:'((?:[^']|'')*)'|(-?[0-9]{1,18}))\))?")
_SPEC = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
CONFORMANCE = tuple(
    _SPEC + each
    for each in (
        "datamodel",
        "resource-path/resource-path-to-entities",
        "request-data",
        "create-update-delete/create-entity",
        "create-update-delete/link-to-existing-entities",
        "create-update-delete/deep-insert",
        "create-update-delete/deep-insert-status-code",
        "create-update-delete/update-entity",
        "create-update-delete/delete-entity",
        "create-update-delete/historical-location-auto-creation",
        "data-array/data-array",
    )
)

MQTT_CONFORMANCE = tuple(
    _SPEC + each
    for each in (
        "create-observations-via-mqtt/observations-creation", "receive-updates-via-mqtt/receive-updates"
    )
)


class Place:
    """Where a path leads: to a set (perhaps of an owner), a member, or a value of it."""

    def __init__(self, target: EntitySet) -> None:
        self.target = target
        self.owner: Record | None = None
        self.name = target.name
        self.record: Record | None = None
        self.value = ""
        self.is_raw = False
        self.is_reference = False


class SensorThings:
    """The endpoints of SensorThings."""

    def __init__(self, histories: Histories, *, mqtt_endpoint: str = "") -> None:
        self._histories = histories
        self._numbers = self.numbers = Numbers()
        self._mqtt_endpoint = mqtt_endpoint

    def routes(self, door: Door) -> list[Route]:
        """Give the routes of this part."""
        path = f"{BASE}/{{path:path}}"
        made = (
            ("GET", READ, self.read),
            ("POST", WRITE, self.create),
            ("PATCH", WRITE, self.update),
            ("PUT", WRITE, self.replace),
            ("DELETE", WRITE, self.delete),
        )
        return [
            Route(BASE, door.at(READ, self.root), methods=["GET"]),
            *(
                Route(path, door.at(scope, handler, writes=scope == WRITE), methods=[method])
                for method, scope, handler in made
            ),
        ]

    async def root(self, call: Call) -> Response:
        """List the sets and what is supported."""
        base = self._base(call)
        sets = [{"name": name, "url": f"{base}/{name}"} for name in SETS]
        settings: dict[str, Any] = {"conformance": list(CONFORMANCE)}
        if self._mqtt_endpoint:
            settings["conformance"] += MQTT_CONFORMANCE
            settings.update({each: {"endpoints": [self._mqtt_endpoint]} for each in MQTT_CONFORMANCE})
        return _json({"value": sets, "serverSettings": settings})

    async def read(self, call: Call) -> Response:
        """Give a set, a member, or a value."""
        path = call.path("path").strip("/")
        if not path:
            return await self.root(call)
        reading = self._reading(call)
        place = await _walked(path, reading)
        if place.value:
            return _value(place)
        wanted = options.read(_given(call), place.target)
        if place.record is not None:
            return _json(await reading.shown(place.record, wanted))
        if wanted.is_table:
            rows, following = await reading.table(wanted, owner=place.owner, path=path)
            return _table(rows, following)
        found = await reading.listed(place.target, wanted, owner=place.owner, name=place.name, path=path)
        if place.is_reference:
            found["value"] = [{"@iot.selfLink": each["@iot.selfLink"]} for each in found["value"]]
        return _json(found)

    async def create(self, call: Call) -> Response:
        """Make a member of a set, or many observations at once."""
        _no_options(call)
        path = call.path("path").strip("/")
        if path == "CreateObservations":
            return await self._create_observations(call)
        body = await call.body()
        reading = self._reading(call)
        place = await _walked(path, reading)
        if place.record is not None or place.value or place.is_reference:
            refuse("a member is made in a set", 405)
        making = Making(call, self._numbers)
        links: dict[str, Any] = {}
        if place.owner is not None:
            back = place.owner.set.many[place.name][1]
            links[back] = place.owner.key if back in place.target.one else [place.owner.key]
        key = making.create(place.target, body, links=links)
        if place.owner is not None and place.name == "Locations" and place.owner.set.name == "Things":
            making.change(place.owner.set, place.owner, {"Locations": [{"@iot.id": key}]}, is_whole=False)
        await making.store()
        record = await self._found(reading, place.target, key)
        made = _json(await reading.shown(record, options.Options()), status=201)
        made.headers["Location"] = f"{self._base(call)}/{place.target.name}({quoted(key)})"
        return made

    async def update(self, call: Call) -> Response:
        """Change members of one."""
        return await self._changed(call, is_whole=False)

    async def replace(self, call: Call) -> Response:
        """Replace one."""
        return await self._changed(call, is_whole=True)

    async def delete(self, call: Call) -> Response:
        """Take a member away, with what cannot be without it."""
        _no_options(call)
        reading = self._reading(call)
        place = await _walked(call.path("path").strip("/"), reading)
        if place.record is None or place.value:
            refuse("only a member can be taken away", 405)
        making = Making(call, self._numbers)
        if place.target.name == OBSERVATIONS:
            making.forget(place.record, await reading.before(place.record))
        else:
            making.remove(reading.catalog, place.record)
        await making.store()
        return _with_status(200)

    async def _changed(self, call: Call, *, is_whole: bool) -> Response:
        _no_options(call)
        body = await call.body()
        reading = self._reading(call)
        place = await _walked(call.path("path").strip("/"), reading)
        if place.record is None or place.value:
            refuse("only a member can be changed", 405)
        making = Making(call, self._numbers)
        if place.target.name == OBSERVATIONS:
            if not isinstance(body, dict):
                refuse("give an object")
            whole = {} if is_whole else place.record.values
            if (
                body.get("phenomenonTime", place.record.values["phenomenonTime"])
                != (place.record.values["phenomenonTime"])
            ):
                refuse("phenomenonTime: take it away and send another", 409)
            links = {name: key for name, key in place.record.links.items() if key}
            said = {**whole, **body, "phenomenonTime": place.record.values["phenomenonTime"]}
            making.observe(said, links=links, is_corrected=True)
        else:
            making.change(place.target, place.record, body, is_whole=is_whole)
        await making.store()
        record = await self._found(reading, place.target, place.record.key)
        return _json(await reading.shown(record, options.Options()))

    async def _create_observations(self, call: Call) -> Response:
        """Take in arrays of observations; one that is refused keeps no other back (clause 12.2.2)."""
        kind, raw = await call.sent()
        base, making = self._base(call), Making(call, self._numbers)
        try:
            told_at_once = arrays.taken_in(call, making, raw, base) if kind == JSON else None
        except arrays.NotPlain:
            told_at_once, making = None, Making(call, self._numbers)
        if told_at_once is not None:
            await making.store()
            return _written(told_at_once, status=201)
        body = call.decoded(kind, raw)
        if not isinstance(body, list):
            refuse("give a list")
        told: list[str] = []
        for group in body:
            for said in _rows(group):
                told.append(_one(making, said, base))
                _require_few(told)
        await making.store()
        return _json(told, status=201)

    async def _found(self, reading: Reading, target: EntitySet, key: str) -> Record:
        catalog = Catalog(reading.catalog.store)
        if target.name == OBSERVATIONS:
            found = await reading.observation(key)
        else:
            found = catalog.find(target, key)
        assert found is not None
        return found

    def _reading(self, call: Call) -> Reading:
        return Reading(catalog=Catalog(call.store), histories=self._histories, base=self._base(call))

    def _base(self, call: Call) -> str:
        return f"{places.origin(call.request)}{BASE}"


def _require_few(told: Sized) -> None:
    if len(told) > arrays.MOST_ROWS:
        refuse(f"at most {arrays.MOST_ROWS} observations at once", 413)


def _one(making: Making, said: Any, base: str) -> str:
    from ocapi.dataplane.context.errors import Refusal

    try:
        if said is None:
            return "error"
        key = making.observe(said, links={})
    except Refusal:
        return "error"
    return f"{base}/Observations({quoted(key)})"


def _rows(group: Any) -> list[Any]:
    """Give the observations of one array; None for a row that cannot be read."""
    is_whole = (
        isinstance(group, dict)
        and isinstance(group.get("components"), list)
        and (isinstance(group.get("dataArray"), list) and isinstance(group.get("Datastream"), dict))
    )
    if not is_whole:
        refuse("give Datastream, components and dataArray")
    names = group["components"]
    found: list[Any] = []
    for row in group["dataArray"]:
        if not isinstance(row, list) or len(row) != len(names):
            found.append(None)
            continue
        said = dict(zip(names, row, strict=True))
        feature = said.pop("FeatureOfInterest/id", said.pop("FeatureOfInterest/@iot.id", None))
        if feature is not None:
            said["FeatureOfInterest"] = {"@iot.id": feature}
        found.append({**said, "Datastream": group["Datastream"]})
    return found


async def _walked(path: str, reading: Reading) -> Place:
    """Follow a resource path; raises Refusal when it leads nowhere."""
    segments = path.split("/")
    if len(segments) > MOST_SEGMENTS:
        refuse("the path is too long", 404)
    place: Place | None = None
    for segment in segments:
        found = _SEGMENT.fullmatch(segment)
        if not found:
            refuse("there is no such resource", 404)
        name = found.group(1)
        key = (
            found.group(3)
            if found.group(3) is not None
            else (found.group(2).replace("''", "'") if found.group(2) is not None else None)
        )
        place = await _step(place, name, key, reading)
    assert place is not None
    return place


async def _step(before: Place | None, name: str, key: str | None, reading: Reading) -> Place:
    if before is None:
        if name not in SETS:
            refuse("there is no such resource", 404)
        place = Place(SETS[name])
    elif before.value:
        if name != "$value" or before.is_raw:
            refuse("there is no such resource", 404)
        before.is_raw = True
        return before
    elif name == "$ref" and key is None:
        before.is_reference = True
        return before
    elif before.record is None:
        refuse("there is no such resource", 404)
    elif name in before.record.set.members():
        before.value = name
        return before
    elif name in before.record.set.one or name in before.record.set.many:
        place = _related(before.record, name, reading)
    else:
        refuse("there is no such resource", 404)
    if key is not None:
        if place.record is not None:
            refuse("there is no such resource", 404)
        await _choose(place, key, reading)
    return place


def _related(record: Record, name: str, reading: Reading) -> Place:
    place = Place(options.navigation(record.set, name))
    place.owner, place.name = record, name
    if name in record.set.one:
        found = reading.catalog.related(record, name)
        if not found:
            refuse("there is no such resource", 404)
        place.record = found[0]
    return place


async def _choose(place: Place, key: str, reading: Reading) -> None:
    if place.target.name == OBSERVATIONS:
        place.record = await reading.observation(key)
    else:
        place.record = reading.catalog.find(place.target, key)
        if place.owner is not None and place.record is not None:
            keys = {each.key for each in reading.catalog.related(place.owner, place.name)}
            place.record = place.record if key in keys else None
    if place.record is None:
        refuse("there is no such resource", 404)


def _given(call: Call) -> dict[str, str]:
    return call.parameters(
        frozenset(
            {
                "$filter",
                "$expand",
                "$select",
                "$orderby",
                "$top",
                "$skip",
                "$count",
                "$resultFormat",
                "$skiptoken",
            }
        )
    )


def _no_options(call: Call) -> None:
    call.parameters(frozenset())


def _value(place: Place) -> Response:
    assert place.record is not None
    value = place.record.values.get(place.value)
    if not place.is_raw:
        return _json({place.value: value}) if value is not None else _with_status(204)
    text = value if isinstance(value, str) else codec.encode_json(value).decode()
    return Response(
        text,
        media_type="text/plain",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def _table(rows: Sequence[Sequence[str | int | float | None]], following: str) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if following:
        headers["Link"] = f'<{following}>; rel="next"'
    kind = "text/csv; charset=utf-8; header=present"
    return Response(codec.encode_csv(rows), media_type=kind, headers=headers)


def _json(content: Any, *, status: int = 200) -> Response:
    return _written(codec.encode_json(content), status=status)


def _written(body: bytes, *, status: int) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def _with_status(status: int) -> Response:
    return Response(status_code=status, headers={"Cache-Control": "no-store"})
