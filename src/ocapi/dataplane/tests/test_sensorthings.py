"""SensorThings 1.1 over HTTP. Not covered here: files of the worker, which answer as the log does."""

import json
from pathlib import Path
from typing import Any

from ocapi.dataplane.tests.driving import READ, Client, bearer, drive

STA = "/sta/v1.1"
PLACE = {
    "name": "Coupure",
    "description": "Links",
    "encodingType": "application/geo+json",
    "location": {"type": "Point", "coordinates": [3.71, 51.05]},
}


def stream(**more: Any) -> dict[str, Any]:
    return {
        "name": "fietsers",
        "description": "per 5 minuten",
        "observationType": "count",
        "unitOfMeasurement": {"name": "fietsers", "symbol": "", "definition": "{fietsers}"},
        "Sensor": {
            "name": "lus",
            "description": "in het wegdek",
            "encodingType": "text/html",
            "metadata": "x",
        },
        "ObservedProperty": {
            "name": "aantal",
            "definition": "https://x.example/aantal",
            "description": "d",
        },
        **more,
    }


def thing(**more: Any) -> dict[str, Any]:
    return {
        "name": "telpaal",
        "description": "Gent",
        "properties": {"kleur": "rood"},
        "Locations": [PLACE],
        "Datastreams": [stream(**more)],
    }


def measured(hour: int, result: object = 5, **more: Any) -> dict[str, Any]:
    return {"phenomenonTime": f"2026-11-28T{hour:02}:00:00Z", "result": result, **more}


async def ask(client: Client, method: str, path: str, body: Any = None) -> Any:
    """Send a request below /sta/v1.1; gives the answer."""
    raw = b"" if body is None else json.dumps(body).encode()
    headers = ((b"authorization", client.token), (b"content-type", b"application/json"))
    from ocapi.dataplane.tests.asgi import ask as send

    return await send(
        client.plane,
        method,
        path if path.startswith("/sta") else f"{STA}/{path}",
        headers=headers,
        chunks=(raw,),
        host=client.host,
    )


async def get(client: Client, path: str) -> Any:
    got = await ask(client, "GET", path)
    assert got.status == 200, (got.status, got.body)
    return json.loads(got.body)


async def make(client: Client, path: str, body: Any) -> Any:
    got = await ask(client, "POST", path, body)
    assert got.status == 201, (got.status, got.body)
    return json.loads(got.body)


REFUSED_BODIES: list[tuple[str, Any]] = [
    ("Things", {"name": "x"}),
    ("Things", []),
    ("Things", {"name": 5, "description": "d"}),
    ("Things", {"name": "x", "description": "d", "surprise": 1}),
    ("Datastreams", stream()),
    ("Datastreams", stream(Thing={"@iot.id": 99})),
    ("Observations", measured(1)),
    ("Observations", measured(1, Datastream={"@iot.id": 99})),
    ("Datastreams(1)/Observations", {"a": 1}),
    ("Datastreams(1)/Observations", {"result": 1, "phenomenonTime": "yesterday"}),
    ("Datastreams(1)/Observations", {"result": 1, "resultQualty": "good"}),
    ("Things", {"name": "x", "description": "d", "@iot.id": "a b"}),
    ("CreateObservations", {}),
]

CHOSEN_RESULTS: list[tuple[str, list[int]]] = [
    ("$filter=result gt 6", [7, 8, 9]),
    ("$filter=result ge 2 and not (result gt 3)", [2, 3]),
    ("$filter=result mul 2 eq 8 or result eq 1", [1, 4]),
    ("$filter=result mod 5 eq 0", [0, 5]),
    (
        "$filter=phenomenonTime ge 2026-11-28T03:00:00Z and phenomenonTime lt 2026-11-28T05:00:00Z",
        [3, 4],
    ),
    ("$filter=phenomenonTime gt 2026-11-28T09:00:00%2B01:00 and result ne 9", []),
    ("$filter=hour(phenomenonTime) eq 4", [4]),
    ("$orderby=result desc&$top=2", [9, 8]),
    ("$orderby=phenomenonTime desc&$top=2&$skip=1", [8, 7]),
    ("$top=0", []),
    ("$skip=8", [8, 9]),
    ("$filter=Datastream/Thing/name eq 'telpaal' and result lt 1", [0]),
    ("$filter=result eq 'x'", []),
    ("$filter=date(phenomenonTime) eq 2026-11-28 and result lt 1", [0]),
    ("$filter=absent eq 1", []),
]

FOUND_NAMES: list[tuple[str, list[str] | None]] = [
    ("Things?$filter=properties/kleur eq 'rood'", ["telpaal"]),
    ("Things?$filter=substringof('pl', name) or startswith(name, 'a')", ["ander", "plein"]),
    ("Things?$filter=tolower(name) eq 'ander' and length(description) eq 1", ["ander"]),
    ("Things?$orderby=name desc&$top=2", ["telpaal", "plein"]),
    ("Things?$orderby=name&$skip=2", ["telpaal"]),
    ("Things?$filter=Datastreams/ObservedProperty/name eq 'aantal'", ["telpaal"]),
    ("Locations?$filter=geo.distance(location, geography'POINT(3.71 51.06)') lt 1500", ["Coupure"]),
    (
        "Locations?$filter=st_within(location, geography'POLYGON((3 51,4 51,4 52,3 52,3 51))')",
        ["Coupure"],
    ),
    ("Locations?$filter=geo.intersects(location, geography'LINESTRING(0 0, 1 1)')", []),
    ("Things(1)/Datastreams/1/name", None),
    ("Datastreams(1)/Thing/Locations", ["Coupure"]),
    ("Things?$filter=id eq 2", ["ander"]),
]

NOWHERE: list[tuple[str, int]] = [
    ("Things(99)", 404),
    ("Nothing", 404),
    ("Things(1)/Nothing", 404),
    ("Things?$top=x", 400),
    ("Things?$filter=name eq", 400),
    ("Things?$filter=(name", 400),
    ("Things?$filter=sleep(5) eq 1", 501),
    ("Things?$expand=Nothing", 400),
    ("Things?surprise=1", 400),
    ("Things?$select=nothing", 400),
    ("Things?$filter=" + "(" * 200, 400),
    ("Things?$expand=" + "Datastreams/Thing/" * 9 + "Datastreams", 400),
    ("Observations('1-x')", 404),
    ("Things('a''b')", 404),
    ("Things?$filter=name eq 'a' 'b'", 400),
]


class TestCreating:
    def test_makes_a_whole_tree_at_once(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            made = await make(client, "Things", thing(Observations=[measured(8), measured(9, 7)]))
            assert made["@iot.id"] == 1
            assert made["@iot.selfLink"] == "http://aalter.localhost:8000/sta/v1.1/Things(1)"
            assert made["Datastreams@iot.navigationLink"].endswith("/Things(1)/Datastreams")
            whole = await get(
                client,
                "Things(1)?$expand=Locations,Datastreams($expand=Sensor,ObservedProperty,"
                "Observations($orderby=phenomenonTime desc;$top=1)),HistoricalLocations",
            )
            assert whole["Locations"][0]["name"] == "Coupure"
            assert whole["Datastreams"][0]["Sensor"]["name"] == "lus"
            assert whole["Datastreams"][0]["Observations"][0]["result"] == 7
            assert len(whole["HistoricalLocations"]) == 1
            seen = (await get(client, "Observations?$expand=FeatureOfInterest"))["value"]
            assert {each["FeatureOfInterest"]["feature"]["type"] for each in seen} == {"Point"}

        drive(tmp_path, story)

    def test_takes_an_observation_sent_twice_once_and_a_late_one_in_its_place(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await make(client, "Things", thing())
            for hour, result in ((9, 1), (9, 1), (11, 3), (10, 2), (9, 4)):
                await make(client, "Datastreams(1)/Observations", measured(hour, result))
            found = await get(client, "Datastreams(1)/Observations?$count=true&$select=result,id")
            assert (found["@iot.count"], [each["result"] for each in found["value"]]) == (3, [4, 2, 3])
            latest = await get(client, "Datastreams(1)/Observations?$orderby=phenomenonTime desc&$top=1")
            assert latest["value"][0]["result"] == 3
            link = f"Observations('{found['value'][0]['@iot.id']}')"
            assert (await get(client, link))["result"] == 4
            assert (await get(client, f"{link}/result"))["result"] == 4
            assert (await get(client, f"{link}/Datastream/Thing"))["name"] == "telpaal"

        drive(tmp_path, story)

    def test_takes_arrays_and_tells_which_rows_it_refused(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await make(client, "Things", thing())
            body = [
                {
                    "Datastream": {"@iot.id": 1},
                    "components": ["phenomenonTime", "result"],
                    "dataArray": [
                        ["2026-11-28T01:00:00Z", 1],
                        ["yesterday", 2],
                        ["2026-11-28T02:00:00Z"],
                        ["2026-11-28T03:00:00Z", 3],
                    ],
                }
            ]
            told = await make(client, "CreateObservations", body)
            assert [each == "error" for each in told] == [False, True, True, False]
            found = await get(client, "Datastreams(1)/Observations?$resultFormat=dataArray&$select=result")
            assert found["value"][0]["dataArray"] == [[1], [3]]

        drive(tmp_path, story)

    def test_refuses_what_lacks_something_and_stores_nothing(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await make(client, "Things", thing())
            for path, body in REFUSED_BODIES:
                got = await ask(client, "POST", path, body)
                seen = (got.status, got.headers["content-type"])
                assert seen == (400, "application/problem+json"), (path, body, got.body)
                assert len((await get(client, "Things"))["value"]) == 1
                assert (await get(client, "Observations"))["value"] == []

        drive(tmp_path, story)


class TestReading:
    def test_lists_the_sets_at_the_root(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            for path in (STA, f"{STA}/"):
                root = await get(client, path)
                assert {"Things", "Observations"} <= {each["name"] for each in root["value"]}
                assert root["serverSettings"]["conformance"]

        drive(tmp_path, story)

    def test_chooses_orders_and_pages_observations(self, tmp_path: Path) -> None:
        rows = [measured(hour, hour) for hour in range(10)]

        async def story(client: Client) -> None:
            await make(client, "Things", thing(Observations=rows))
            for query, results in CHOSEN_RESULTS:
                found = await get(client, f"Datastreams(1)/Observations?{query.replace(' ', '%20')}")
                assert [each["result"] for each in found["value"]] == results, query

        drive(tmp_path, story)

    def test_finds_members_by_what_they_are_and_what_hangs_on_them(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await make(client, "Things", thing())
            for name in ("ander", "plein"):
                await make(client, "Things", {"name": name, "description": "d"})
            for path, names in FOUND_NAMES:
                got = await ask(client, "GET", path.replace(" ", "%20"))
                assert (got.status == 404) is (names is None), path
                if names is not None:
                    found = [each["name"] for each in json.loads(got.body)["value"]]
                    assert (found if "$orderby" in path else sorted(found)) == names, path

        drive(tmp_path, story)

    def test_pages_to_the_end_and_loses_none(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await make(client, "Things", thing(Observations=[measured(hour, hour) for hour in range(20)]))
            for order, wanted in (
                ("", list(range(20))),
                ("&$orderby=phenomenonTime%20desc", list(range(19, -1, -1))),
            ):
                seen, path = [], f"{STA}/Datastreams(1)/Observations?$top=7&$count=true{order}"
                while path:
                    found = await get(client, path)
                    assert found["@iot.count"] == 20
                    seen += [each["result"] for each in found["value"]]
                    path = found.get("@iot.nextLink", "").removeprefix("http://aalter.localhost:8000")
                assert seen == wanted

        drive(tmp_path, story)

    def test_refuses_what_leads_nowhere(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await make(client, "Things", thing())
            for path, status in NOWHERE:
                got = await ask(client, "GET", path.replace(" ", "%20"))
                seen = (got.status, got.headers["content-type"])
                assert seen == (status, "application/problem+json"), (path, got.body)

        drive(tmp_path, story)


class TestChanging:
    def test_changes_moves_and_takes_away(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await make(client, "Things", thing(Observations=[measured(8, 1), measured(9, 2)]))
            got = await ask(
                client, "PATCH", "Things(1)", {"name": "anders", "Locations": [{**PLACE, "name": "Dok"}]}
            )
            assert (got.status, json.loads(got.body)["name"]) == (200, "anders")
            assert (await get(client, "Things(1)/Locations"))["value"][0]["name"] == "Dok"
            assert len((await get(client, "Things(1)/HistoricalLocations"))["value"]) == 2
            assert (await ask(client, "PUT", "Things(1)", {"name": "heel"})).status == 400
            last = (await get(client, "Observations?$orderby=phenomenonTime%20desc&$top=1"))["value"][0][
                "@iot.id"
            ]
            got = await ask(client, "PATCH", f"Observations('{last}')", {"result": 5})
            assert json.loads(got.body)["result"] == 5
            assert (await ask(client, "DELETE", f"Observations('{last}')")).status == 200
            assert [each["result"] for each in (await get(client, "Observations"))["value"]] == [1]
            assert (await ask(client, "DELETE", "Things(1)")).status == 200
            for name in ("Things", "Datastreams", "Observations", "HistoricalLocations"):
                assert (await get(client, name))["value"] == []
            assert len((await get(client, "Sensors"))["value"]) == 1

        async def again(client: Client) -> None:
            made = await make(client, "Things", {"name": "n", "description": "d"})
            assert made["@iot.id"] >= 1
            assert (await get(client, "Observations"))["value"] == []

        drive(tmp_path, story)
        drive(tmp_path, again)

    def test_is_by_scope(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            reader = Client(client.plane, bearer((READ,)))
            assert (await ask(reader, "GET", "Things")).status == 200
            assert (await ask(reader, "POST", "Things", thing())).status == 403
            assert (await ask(Client(client.plane, b"Bearer x"), "GET", "Things")).status == 401

        drive(tmp_path, story)

    def test_is_seen_by_ngsi_ld_as_one_model(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await make(client, "Things", thing(Observations=[measured(8, 1), measured(9, 2)]))
            name = "urn:ocapi:sensorthings:Datastreams:1"
            found = await client.get(f"/temporal/entities/{name}?options=temporalValues")
            values = next(each["values"] for key, each in found.items() if key.endswith("#result"))
            assert [value for value, _at in values] == [1, 2]

        drive(tmp_path, story)
