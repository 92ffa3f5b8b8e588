"""Flags that stay with a reading on every way in and out. Not here: the rules and units one by one."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from ocapi.dataplane.tests.driving import NOW, Client, drive, publish, room
from ocapi.dataplane.tests.test_mqtt import device
from ocapi.dataplane.tests.test_sensorthings import ask, thing
from ocapi.lib import clock
from ocapi.lib.observed import attribute_iri
from ocapi.lib.snapshot import Stream

UNIT = {"name": "graad Celsius", "symbol": "°C", "definition": "ucum:Cel"}
RULES = {
    "minimum": -30,
    "maximum": 50,
    "changePerSecond": 0.1,
    "flatAfterSeconds": 120,
    "gapAfterSeconds": 600,
}
NUMBERS = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"


def read_at(minute: int, result: Any, **more: Any) -> dict[str, Any]:
    return {"phenomenonTime": f"2026-11-28T09:{minute:02}:00Z", "result": result, **more}


async def make(client: Client, rules: object = RULES) -> int:
    body = thing(unitOfMeasurement=UNIT, properties={"quality": rules}, observationType=NUMBERS)
    return int((await ask(client, "POST", "/Things", body)).status)


async def send(client: Client, *observations: dict[str, Any]) -> None:
    for each in observations:
        got = await ask(client, "POST", "/Datastreams(1)/Observations", each)
        assert got.status == 201, got.body


async def read(client: Client, query: str = "$orderby=phenomenonTime") -> list[dict[str, Any]]:
    got = await ask(client, "GET", f"/Datastreams(1)/Observations?{query}")
    found: list[dict[str, Any]] = json.loads(got.body)["value"]
    return found


def flags(observation: dict[str, Any]) -> list[str]:
    return [each["nameOfMeasure"] for each in observation.get("resultQuality", [])]


class TestFlags:
    def test_are_kept_with_the_reading_and_drop_none(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            assert await make(client) == 201
            await send(
                client,
                read_at(0, 10),
                read_at(1, 90),
                read_at(2, 10),
                read_at(3, 10),
                read_at(4, 10),
                read_at(20, 11),
                read_at(10, 10),
                read_at(20, 12),
                read_at(21, "stuk"),
            )
            found = await read(client)
            assert [(each["result"], flags(each)) for each in found] == [
                (10, []),
                (90, ["range", "rate"]),
                (10, ["rate"]),
                (10, []),
                (10, ["flat"]),
                (10, ["late"]),
                (12, ["duplicate"]),
                ("stuk", ["type"]),
            ]

        drive(tmp_path, story)

    def test_of_the_sender_stay(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await make(client)
            await send(client, read_at(0, 60, resultQuality={"nameOfMeasure": "visual"}))
            assert flags((await read(client))[0]) == ["visual", "range"]

        drive(tmp_path, story)

    def test_are_seen_through_ngsi_ld_and_mqtt_too(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await make(client)
            async with device(client) as meter:
                await meter.subscribe("v1.1/Observations", qos=1)
                await meter.publish("v1.1/Datastreams(1)/Observations", json.dumps(read_at(0, 60)), qos=1)
                told = json.loads((await anext(aiter(meter.messages))).payload)
            assert flags(told) == ["range"]
            history = await client.get("/temporal/entities/urn:ocapi:sensorthings:Datastreams:1")
            assert '"nameOfMeasure": "range"' in json.dumps(history)

        drive(tmp_path, story, mqtt_port=0)

    def test_need_rules_that_can_be_applied(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            wrong = (
                [],
                {"minimum": "x"},
                {"mininum": 1},
                {"minimum": 2, "maximum": 1},
                {"flatAfterSeconds": 0},
            )
            assert [await make(client, each) for each in wrong] == [400] * len(wrong)

        drive(tmp_path, story)


class TestTable:
    def test_has_a_column_of_flags_and_runs_in_no_spreadsheet(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await make(client)
            await send(client, read_at(0, 10), read_at(1, 90), read_at(2, "=1+1"))
            query = "$resultFormat=CSV&$orderby=phenomenonTime&$select=phenomenonTime,result"
            got = await ask(client, "GET", f"/Datastreams(1)/Observations?{query}")
            assert got.headers["content-type"].startswith("text/csv")
            assert got.body.decode().splitlines() == [
                "phenomenonTime,result,Datastream,flags",
                "2026-11-28T09:00:00Z,10,1,",
                "2026-11-28T09:01:00Z,90,1,range rate",
                "2026-11-28T09:02:00Z,'=1+1,1,type",
            ]
            got = await ask(client, "GET", "/Observations?$resultFormat=CSV&$top=2")
            assert 'rel="next"' in got.headers["link"]

        drive(tmp_path, story)


class TestClocks:
    def test_that_are_wrong_do_not_hide_what_is_measured_now(self, tmp_path: Path) -> None:
        moments = (
            "1970-01-01T00:00:07Z",
            "2026-11-28T09:29:00Z",
            "2099-01-01T00:00:00Z",
            "2026-11-28T09:30:00Z",
        )

        async def story(client: Client) -> None:
            await make(client, {})
            await send(client, *({"phenomenonTime": at, "result": n} for n, at in enumerate(moments)))
            found = await read(client)
            assert [(each["result"], flags(each)) for each in found] == [
                (0, ["clock"]),
                (1, []),
                (3, []),
                (2, ["clock"]),
            ]
            assert (await read(client, "$orderby=phenomenonTime desc&$top=1"))[0]["result"] == 2
            entity = await client.get("/entities/urn:ocapi:sensorthings:Datastreams:1")
            assert entity["https://data.ocapi.example/ns/sensorthings#result"]["value"] == 3

        drive(tmp_path, story)

    def test_of_ours_that_were_ahead_for_a_while_hide_nothing_either(self, tmp_path: Path) -> None:
        """Both ways in, and flags as if the reading of a moment to come were not there."""
        name = "https://data.ocapi.example/ns/sensorthings#result"
        array = [{"Datastream": {"@iot.id": 1}, "components": ["phenomenonTime", "result"],
                  "dataArray": [["2026-11-28T09:31:00Z", 3]]}]  # fmt: skip

        async def story(client: Client) -> None:
            await make(client, {})
            with clock.Travelling(NOW + timedelta(minutes=4)):
                await send(client, read_at(38, 1))
            await send(client, read_at(29, 2))
            entity = await client.get("/entities/urn:ocapi:sensorthings:Datastreams:1")
            assert entity[name]["value"] == 2
            assert (await ask(client, "POST", "/CreateObservations", array)).status == 201
            entity = await client.get("/entities/urn:ocapi:sensorthings:Datastreams:1")
            assert entity[name]["value"] == 3
            found = [(each["result"], flags(each)) for each in await read(client)]
            assert found == [(2, []), (3, []), (1, [])]
            assert (await read(client, "$orderby=phenomenonTime desc&$top=1"))[0]["result"] == 1
            with clock.Travelling(NOW + timedelta(minutes=4)):
                await send(client, read_at(38, 4))
            assert (await ask(client, "POST", "/CreateObservations", array)).status == 201
            entity = await client.get("/entities/urn:ocapi:sensorthings:Datastreams:1")
            assert entity[name]["value"] == 3

        drive(tmp_path, story)


class TestUnits:
    def test_that_differ_are_converted_and_said(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await make(client)
            await send(
                client,
                read_at(0, 68, parameters={"unit": "[degF]"}),
                read_at(1, 293.15, parameters={"unit": "K"}),
            )
            assert [(each["result"], flags(each)) for each in await read(client)] == [
                (20.0, ["converted"]),
                (20.0, ["converted"]),
            ]

        drive(tmp_path, story)

    def test_of_something_else_are_refused(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await make(client)
            for unit in ("m", "graden", "K" * 99, "{", 7, "((((((((K))))))))"):
                said = read_at(0, 20, parameters={"unit": unit})
                got = await ask(client, "POST", "/Datastreams(1)/Observations", said)
                assert (got.status, b"parameters.unit" in got.body) == (400, True)
            assert await read(client) == []

        drive(tmp_path, story)


ROOM = "urn:ngsi-ld:Room:1"
WATCHED = (
    Stream(
        name="kamer", entity=ROOM, attribute=attribute_iri("temperature"),
        rules={"maximum": 50, "changePerSecond": 1, "flatAfterSeconds": 120},
    ),
    Stream(name="bord", datastream="1", rules={"maximum": 20}),
)


def told(attribute: dict[str, Any]) -> list[str]:
    return [each["nameOfMeasure"] for each in attribute.get("qualityFlags", {}).get("json", [])]


def temperature(minute: int, value: Any, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, "observedAt": f"2026-11-28T09:{minute:02}:00Z", **more}


class TestWatched:
    """Rules of the inventory, at attributes of entities and at datastreams."""

    def test_attributes_get_flags_by_every_way_in_and_lose_those_of_before(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await client.make(room(temperature=temperature(0, 90)), room(2, temperature=temperature(0, 90)))
            seen = [told((await client.get(f"/entities/{ROOM}"))["temperature"])]
            mine = {"qualityFlags": {"type": "Property", "value": "all is well"}}
            for body in (temperature(1, 20), temperature(2, 20, **mine), temperature(3, 20)):
                await client.ask("PATCH", f"/entities/{ROOM}/attrs", {"temperature": body})
                seen.append(told((await client.get(f"/entities/{ROOM}"))["temperature"]))
            batch = [{"id": ROOM, "type": "Room", "temperature": temperature(4, 99)}]
            await client.ask("POST", "/entityOperations/upsert", batch)
            shown = await client.get(f"/entities/{ROOM}")
            assert seen == [["range"], ["rate"], [], ["flat"]]
            assert told(shown["temperature"]) == ["range", "rate"]
            assert "qualityFlags" not in (await client.get("/entities/urn:ngsi-ld:Room:2"))["temperature"]
            found = await client.get(f"/temporal/entities/{ROOM}?lastN=9")
            assert [told(each) for each in found["temperature"]] == [
                ["range"], ["rate"], [], ["flat"], ["range", "rate"],
            ]
            late = {"temperature": [temperature(0, 60)]}
            await client.ask("POST", f"/temporal/entities/{ROOM}/attrs", late)
            found = await client.get(f"/temporal/entities/{ROOM}?lastN=9")
            assert ["range"] in [told(each) for each in found["temperature"] if each["value"] == 60]

        publish(tmp_path, streams=WATCHED)
        drive(tmp_path, story)

    def test_datastreams_obey_it_before_their_own_rules_also_in_arrays(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await make(client)
            await send(client, read_at(0, 30))
            rows = [["2026-11-28T09:01:00Z", 31], ["2026-11-28T09:02:00Z", 5], ["2026-11-28T23:00:00Z", 5]]
            array = [{"Datastream": {"@iot.id": 1}, "components": ["phenomenonTime", "result"],
                      "dataArray": rows}]
            assert (await ask(client, "POST", "/CreateObservations", array)).status == 201
            found = [flags(each) for each in await read(client)]
            assert found == [["range"], ["range"], ["rate"], ["clock", "gap", "flat"]]

        publish(tmp_path, streams=WATCHED)
        drive(tmp_path, story)
