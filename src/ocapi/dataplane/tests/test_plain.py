"""The quick ways of batches give what the general ways give."""

import json
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ocapi.dataplane.context import changes, plain, shaped, store
from ocapi.dataplane.context.entity import Entity, applied
from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.store import decoded, entity_change
from ocapi.dataplane.context.vocabulary import CORE_TERMS
from ocapi.dataplane.context.watching import Watched
from ocapi.dataplane.sensorthings import arrays
from ocapi.dataplane.sensorthings.catalog import observation_key
from ocapi.dataplane.sensorthings.model import quoted
from ocapi.dataplane.tests.driving import Client, drive
from ocapi.lib import batched, seglog

NAMES = ("no2", "pm10", "location", "https://example.org/x")
MOMENTS = ("2026-11-28T09:00:00Z", "2026-11-28T10:00:00.5+01:00")
properties = some.builds(
    lambda value, more: {"type": "Property", "value": value, **more},
    some.one_of(
        some.booleans(), some.integers(-(2**60), 2**60), some.floats(-1e9, 1e9), some.text(max_size=3)
    ),
    some.fixed_dictionaries(
        {}, optional={"observedAt": some.sampled_from(MOMENTS), "unitCode": some.just("GQ")}
    ),
)
attributes_of = some.one_of(
    properties,
    properties,
    some.just({"type": "Relationship", "object": "urn:x:1"}),
    some.just({"type": "GeoProperty", "value": {"type": "Point", "coordinates": [3.7, 51]}}),
    some.sampled_from([
        {"type": "Property", "value": [1]}, {"type": "Property", "value": 1, "datasetId": "urn:x:d"},
        {"type": "Relationship", "object": "no uri"}, {"value": 3}, {"type": "Property"}, 4,
        {"type": "Property", "value": 1, "observedAt": "yesterday"},
        {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [300, 51]}},
    ]),
)
fragments = some.builds(
    lambda kind, held: {"id": "urn:x:sensor:1", "type": kind, **held},
    some.sampled_from(["Sensor", "Meter"]),
    some.dictionaries(some.sampled_from(NAMES), attributes_of, max_size=3),
)

SHAPE: dict[str, Any] = {
    "no2": {"type": "Property", "value": 1, "observedAt": "2026-11-28T09:00:00Z", "unitCode": "GQ"},
    "refDevice": {"type": "Relationship", "object": "urn:x:y"},
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [3.7, 51]}},
}
shapes = some.builds(
    lambda kind, left_out: {"type": kind, **{name: each for name, each in SHAPE.items() if name != left_out}},
    some.sampled_from(["Sensor", "Meter"]), some.sampled_from(["", "", "", "location", "no2"]),
)
values = some.fixed_dictionaries(
    {"value": some.one_of(some.integers(-3, 3), some.booleans(), some.sampled_from(["x", 2**60, 1.5, [1]])),
     "observedAt": some.sampled_from((*MOMENTS, *MOMENTS, "yesterday"))},
)


WRONG = (
    (b'"value": 1', b'"value": 1, "value": 2'), (b"3.7", b"181"), (b"urn:x:y", b"no uri"),
    (b"2026-11-28T0", b"yesterday"), (b"urn:x:2", b"urn:x:1"), (b"urn:x:2", b"2"), (b"Meter", b"Maat"),
    (b'"GQ"', b'"GQ\\u0000"'), (b'"value": 1', b'"value": 1e999'), (b'"value": 1', b'"value": NaN'),
    (b'"type": "Meter"', b'"@context": [], "type": "Meter"'), (b"[{", b"[[{"), (b'"value"', b'"datasetId"'),
)  # fmt: skip


class Holding:
    """Plays a store."""

    def __init__(self) -> None:
        self.entities: dict[str, Entity] = {}
        self.watched = Watched()

    def newest_entities(self, names: list[str]) -> list[Entity | None]:
        return [self.entities.get(each) for each in names]


def generally(old: Entity | None, raw: dict[str, Any], now: str, is_whole: bool) -> Entity:
    """Work an entity out member by member."""
    if old is None:
        return changes.created(raw, terms=CORE_TERMS, now=now)
    if is_whole:
        return changes.replaced(old, raw, terms=CORE_TERMS, now=now, is_simplified=False)
    return changes.appended(old, raw, terms=CORE_TERMS, now=now, is_kept=False, is_simplified=False).entity


def whole(entity: Entity) -> dict[str, Any]:
    """Give all of an entity, attributes read."""
    return {
        "id": entity.id, "types": entity.types, "scopes": entity.scopes, "created": entity.created_at,
        "modified": entity.modified_at,
        "attributes": {name: dict(each) for name, each in entity.attributes.items()},
    }


class TestPlain:
    @settings(max_examples=60, deadline=None)
    @given(sent=some.lists(some.tuples(fragments, some.booleans()), min_size=1, max_size=4))
    def test_gives_entity_and_record_of_the_general_way_or_leaves_them_to_it(
        self, sent: list[tuple[dict[str, Any], bool]]
    ) -> None:
        quick: Entity | None = None
        slow: Entity | None = None
        replayed: Entity | None = None
        for turn, (raw, is_whole) in enumerate(sent):
            now = f"2026-11-28T09:30:0{turn}Z"
            upserting = plain.Upserting(terms=CORE_TERMS, now=now, is_whole=is_whole)
            try:
                text = json.dumps([raw], separators=(",", ":")).encode()
                change = upserting.change(plain.read(text, limit=9999)[0], quick)
            except plain.NotPlain:
                try:
                    new = generally(slow, raw, now, is_whole)
                except Refusal:
                    continue
                change = entity_change(quick, generally(quick, raw, now, is_whole))
            else:
                new = generally(slow, raw, now, is_whole)
            replayed = applied(replayed, decoded(change.payload))
            quick, slow = change.value, new
            assert whole(change.value) == whole(slow)
            assert whole(replayed) == whole(slow)

    @settings(max_examples=60, deadline=None)
    @given(sent=some.lists(
        some.tuples(some.lists(some.tuples(some.sampled_from("ab"), shapes), min_size=1, max_size=3), values,
                    some.booleans(), some.integers(1, 2)),
        min_size=2, max_size=5,
    ))
    def test_gives_by_the_shape_of_batches_before_what_the_general_way_gives(self, sent: list[Any]) -> None:
        sender, held = shaped.Sender(), Holding()
        slow: dict[str, Entity] = {}
        replayed: dict[str, Entity] = {}
        now = ""
        for turn, (entities, value, is_whole, repeated) in enumerate(sent * 2):
            batch = [{"id": f"urn:x:{name}", **deepcopy(each)} for name, each in entities] * repeated
            for each in batch:
                each.get("no2", {}).update(value)
            raw, now = json.dumps(batch).encode(), f"2026-11-28T09:{turn:02}:00Z"
            before = dict(slow)
            try:
                for each in batch:
                    slow[each["id"]] = generally(slow.get(each["id"]), each, now, is_whole)
            except Refusal:
                slow, is_right = before, False
            else:
                is_right = True
            try:
                made = shaped.change(raw, sender, store=held, terms=CORE_TERMS, now=now,  # type: ignore[arg-type]
                                     is_whole=is_whole, most=9)
            except plain.NotPlain:
                with suppress(plain.NotPlain):
                    sender.learn(plain.read(raw, limit=9999))
                held.entities = dict(slow)
                replayed = dict(slow)
                continue
            assert is_right
            held.entities.update(made.value)
            for record in batched.expanded(decoded(made.payload)):
                replayed[record["id"]] = applied(replayed.get(record["id"]), record)
            for name, entity in slow.items():
                assert whole(held.entities[name]) == whole(entity) == whole(replayed[name])

    def test_takes_the_second_batch_of_a_shape_by_it(self) -> None:
        sender, held = shaped.Sender(), Holding()
        raw = json.dumps([{"id": "urn:x:1", "type": "Sensor", **SHAPE}, {"id": "urn:x:2", "type": "Meter",
                          "no2": SHAPE["no2"]}]).encode()
        sender.learn(plain.read(raw, limit=9999))
        made = shaped.change(raw, sender, store=held, terms=CORE_TERMS, now=AT.format(9),  # type: ignore[arg-type]
                             is_whole=False, most=9)
        assert list(made.value) == ["urn:x:1", "urn:x:2"]
        for wrong in WRONG:
            with pytest.raises(plain.NotPlain):
                shaped.change(raw.replace(*wrong), sender, store=held, terms=CORE_TERMS,  # type: ignore[arg-type]
                              now=AT.format(9), is_whole=False, most=9)

    def test_takes_what_sensors_send(self) -> None:
        raw = b'[{"id":"urn:x:1","type":"Sensor","no2":{"type":"Property","value":1.5,"unitCode":"GQ"}}]'
        assert len(plain.read(raw, limit=9999)) == 1

    @pytest.mark.parametrize("raw", [
        b'[{"id":"urn:x:1","type":"Sensor","no2":{"type":"Property","value":1,"value":2}}]',
        b'[{"id":"urn:x:1","id":"urn:x:2","type":"Sensor"}]',
        b'[{"id":"urn:x:1","type":"Sensor","no2":{"type":"Property","value":"a\\u0000"}}]',
        b'[{"id":"urn:x:1","type":"Sensor","no2":{"type":"Property","value":NaN}}]',
        b'[{"id":"urn:x:1","type":"Sensor","no2":{"type":"Property","value":1e999}}]',
        b'[{"id":"urn:x:1","type":["Sensor"]}]', b"[1]", b"{}", b"[" * 5000, b"\xff",
    ])  # fmt: skip
    def test_leaves_what_is_not_plain_to_the_general_way(self, raw: bytes) -> None:
        with pytest.raises(plain.NotPlain):
            plain.read(raw, limit=9999)


class TestBatches:
    def test_of_a_known_shape_survive_a_start_and_a_saved_state_and_stand_in_the_history(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(store.Store.__init__, "__kwdefaults__", {"save_every": 4, "shelf": None})
        upsert = "/entityOperations/upsert?options=update"

        async def sent(client: Client) -> None:
            for turn in range(3):
                batch = [{"id": f"urn:x:{each}", "type": "Sensor", **deepcopy(SHAPE)} for each in "ab"]
                for each in batch:
                    each["no2"].update(value=turn, observedAt=AT.format(turn))
                got = await client.ask("POST", upsert, batch)
                assert (got.status, got.body) == ((201, b'["urn:x:a","urn:x:b"]') if not turn else (204, b""))
            log = client.plane._stores.opened("aalter").folder  # type: ignore[union-attr]
            kinds = [decoded(each.payload)["kind"] for each in seglog.read(log)]
            assert kinds == ["put", "put", "batch", "batch"]
            assert len(list(log.glob("state-*"))) == 1
            await seen(client)

        async def seen(client: Client) -> None:
            for each in await client.get("/entities?type=Sensor&options=sysAttrs"):
                assert each["no2"]["value"] == 2
                assert each["no2"]["createdAt"] == each["createdAt"]
                assert each["location"]["value"]["coordinates"] == [3.7, 51]
            found = await client.get("/temporal/entities/urn:x:a?attrs=no2&options=temporalValues")
            assert [each[0] for each in found["no2"]["values"]] == [0, 1, 2]

        drive(tmp_path, sent)
        drive(tmp_path, seen)


AT = "2026-11-28T0{}:00:00Z"
GOOD: list[tuple[str, Any]] = [
    (AT.format(5), 5), (AT.format(2), 2), (AT.format(7), "x"), ("2026-11-28T08:00:00.25+01:00", 7.5),
    (AT.format(3), True), (AT.format(2), 22),
]  # fmt: skip
ODD: list[tuple[str, Any]] = [("yesterday", 1), (AT.format(4), {"a": 1})]
DESCRIBED = {"name": "n", "description": "d"}
STREAM = {
    **DESCRIBED, "observationType": "x", "unitOfMeasurement": {},
    "Sensor": {**DESCRIBED, "encodingType": "x", "metadata": "x"},
    "ObservedProperty": {**DESCRIBED, "definition": "x"},
}  # fmt: skip
PLACE = {**DESCRIBED, "encodingType": "x", "location": {"type": "Point", "coordinates": [3.7, 51]}}


async def asked(client: Client, path: str, body: Any) -> Any:
    """Send what must be taken, but for one row without a moment."""
    got = await client.ask("POST", f"/sta/v1.1/{path}", body)
    assert got.status == 201 or body.get("phenomenonTime") == "yesterday", got.body
    return json.loads(got.body) if got.body else None


async def observed(client: Client, number: int) -> list[Any]:
    """Give what a datastream observed, in order of time."""
    path = f"Datastreams({number})/Observations?$orderby=phenomenonTime"
    found = await client.get(f"/sta/v1.1/{path}&$expand=FeatureOfInterest($select=name)")
    names = ("result", "phenomenonTime", "FeatureOfInterest")
    return [[each[name] for name in names] for each in found["value"]]


class TestArrays:
    @pytest.mark.parametrize(("rows", "kinds"), [
        (GOOD, ["array", "array"]), ([*GOOD, *ODD], ["history"] * 4),
    ])
    def test_give_the_readings_of_single_observations_and_survive_a_start(
        self, tmp_path: Path, rows: list[tuple[str, Any]], kinds: list[str]
    ) -> None:
        async def sent(client: Client) -> None:
            for number in (1, 2):
                thing = {**DESCRIBED, "Datastreams": [{**STREAM, "@iot.id": number}], "Locations": [PLACE]}
                await asked(client, "Things", thing)
            log = client.plane._stores.opened("aalter")
            before = log.last_sequence
            array = {"Datastream": {"@iot.id": 1}, "components": ["phenomenonTime", "result"]}
            several = [{**array, "dataArray": rows[:4]}, {**array, "dataArray": rows[4:]}]
            told = await asked(client, "CreateObservations", several)
            made = [decoded(each.payload)["kind"] for each in seglog.read(log.folder, after_sequence=before)]
            assert [each for each in made if each != "put"] == kinds
            keys = []
            for when, result in rows:
                said = {"phenomenonTime": when, "result": result, "Datastream": {"@iot.id": 2}}
                one = await asked(client, "Observations", said)
                keys.append(one["@iot.selfLink"].replace("('2-", "('1-") if "result" in one else "error")
            assert told == keys
            await seen(client)

        async def seen(client: Client) -> None:
            found = await observed(client, 1)
            assert [each[0] for each in found][:2] == [22, True]
            assert found == await observed(client, 2)
            newest = "Observations?$orderby=phenomenonTime%20desc&$top=1"
            shown = [(await client.get(f"/sta/v1.1/Datastreams({each})/{newest}")) for each in (1, 2)]
            assert shown[0]["value"][0]["result"] == shown[1]["value"][0]["result"] == 7.5

        drive(tmp_path, sent)
        drive(tmp_path, seen)

    @settings(max_examples=60, deadline=None)
    @given(
        moments=some.lists(
            some.datetimes(datetime(2000, 1, 1), datetime(2026, 11, 28)).map(  # noqa: DTZ001 - gets a zone
                lambda at: at.replace(tzinfo=UTC)
            ), min_size=1, max_size=4,
        ),
        is_whole=some.booleans(), zone=some.sampled_from(["Z", "+00:00", "+01:00"]),
    )
    def test_have_the_addresses_of_single_observations(
        self, moments: list[datetime], is_whole: bool, zone: str
    ) -> None:
        texts = [
            (each.replace(microsecond=0) if is_whole else each).replace(tzinfo=None).isoformat() + zone
            for each in moments
        ]
        found = arrays._told("7", arrays._moments([(each, 1) for each in texts], 0), "http://x/sta")
        assert json.loads(b"[" + found + b"]") == [
            f"http://x/sta/Observations({quoted(observation_key('7', each))})" for each in texts
        ]

    @pytest.mark.parametrize("text", [
        "2026-11-28T09:00:00", "2026-11-28 09:00:00Z", "2026-W48-6T09:00:00Z", "2026-11-28",
        "2026-11-28T24:00:00Z", "yesterday at noonTZ-", f"2026-11-28T09:00:00.{'1' * 30}Z",
    ])  # fmt: skip
    def test_leave_moments_written_otherwise_to_the_general_way(self, text: str) -> None:
        for texts in ([text], ["2026-11-28T09:00:00Z", text], [text, "2026-11-28T09:00:00Z"]):
            with pytest.raises(arrays.NotPlain):
                arrays._moments([(each, 1) for each in texts], 0)

    @pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
    def test_refuse_a_member_that_stands_twice(
        self, tmp_path: Path, separators: tuple[str, str]
    ) -> None:
        async def sent(client: Client) -> None:
            await asked(client, "Things", {**DESCRIBED, "Datastreams": [{**STREAM, "@iot.id": 1}]})
            array = {"Datastream": {"@iot.id": 1}, "components": ["phenomenonTime", "result"],
                     "dataArray": [[AT.format(5), 1]]}
            good = json.dumps([array], separators=separators).encode()
            for member in ('"@iot.id"', '"components"', '"dataArray"', '"Datastream"'):
                raw = good.replace(member.encode(), f'{member}:1,{member}'.encode(), 1)
                assert (await client.ask("POST", "/sta/v1.1/CreateObservations", raw)).status == 400
            assert (await client.ask("POST", "/sta/v1.1/CreateObservations", good)).status == 201

        drive(tmp_path, sent)


class TestMoments:
    """Instants of one form are read together; each is what it is by itself, or none of them is taken."""

    @settings(max_examples=300, deadline=None)
    @given(
        some.lists(some.integers(0, 86_399), min_size=1, max_size=40),
        some.sampled_from(["2026-11-28", "1970-01-01", "2105-12-31", "2106-01-01", "1969-12-31"]),
        some.none()
        | some.tuples(some.integers(0, 39), some.integers(0, 19), some.sampled_from("0123456789:-TZ é٣")),
    )
    def test_are_those_each_text_gives(
        self, since: list[int], day: str, change: tuple[int, int, str] | None
    ) -> None:
        texts = [f"{day}T{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}Z" for at in since]
        if change is not None:
            place, at, sign = change
            text = texts[place % len(texts)]
            texts[place % len(texts)] = f"{text[:at]}{sign}{text[at + 1 :]}"
        try:
            found = [datetime.fromisoformat(each) for each in texts]
            is_sound = all(each.tzinfo is not None for each in found)
        except ValueError:
            is_sound = False
        with suppress(arrays.NotPlain):
            moments = arrays._moments([(each,) for each in texts], 0)
            assert is_sound, texts
            whole = 1 if moments.is_whole else 1_000_000
            assert moments.numbers == [int(each.timestamp()) * whole for each in found]
            assert (moments.oldest, moments.newest) == (min(found), max(found))
            return
        assert change is not None, "all of one form are plain"
