"""Entities over time, from the log alone. Not covered here: the files the worker makes (capture's tests)."""

import json
from pathlib import Path
from typing import Any

import pytest

from ocapi.dataplane.context.errors import Refusal
from ocapi.dataplane.context.temporal import interval_of
from ocapi.dataplane.tests.driving import Client, drive, room

ONE = "/temporal/entities/urn:ngsi-ld:Room:1"
DAY = "timerel=between&timeAt=2026-11-01T00:00:00Z&endTimeAt=2026-11-02T00:00:00Z"


def readings(*values: float, day: int = 1) -> list[dict[str, Any]]:
    return [
        {"type": "Property", "value": value, "observedAt": f"2026-11-{day:02}T{place:02}:30:00Z"}
        for place, value in enumerate(values)
    ]


def evolution(number: int = 1, **attributes: Any) -> dict[str, Any]:
    return {"id": f"urn:ngsi-ld:Room:{number}", "type": "Room", **attributes}


class TestTemporal:
    def test_remembers_every_version_of_an_attribute(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await client.make(room(1))
            for value in (30, 31):
                await client.ask(
                    "PATCH",
                    "/entities/urn:ngsi-ld:Room:1/attrs/temperature",
                    {"value": value, "observedAt": f"2026-11-28T{value - 20}:00:00Z"},
                )
            found = await client.get(f"{ONE}?attrs=temperature")
            assert [each["value"] for each in found["temperature"]] == [21, 30, 31]
            assert found["temperature"][0]["instanceId"].startswith("urn:ngsi-ld:instance:")
            last = await client.get(f"{ONE}?lastN=1&options=temporalValues")
            assert last["temperature"] == {"type": "Property", "values": [[31, "2026-11-28T11:00:00Z"]]}
            after = await client.get(f"{ONE}?timerel=after&timeAt=2026-11-28T10:00:00Z")
            assert [each["value"] for each in after["temperature"]] == [30, 31]
            before = await client.get(f"{ONE}?timerel=before&timeAt=2026-11-28T10:00:00Z")
            assert [each["value"] for each in before["temperature"]] == [21]

        drive(tmp_path, story)

    def test_aggregates_by_period(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            got = await client.ask("POST", "/temporal/entities/", evolution(co2=readings(1, 2, 3, 10)))
            assert (got.status, got.headers["location"]) == (201, f"/ngsi-ld/v1{ONE}")
            methods = (
                "aggrMethods=avg,min,max,sum,totalCount,stddev,sumsq,distinctCount&options=aggregatedValues"
            )
            found = (await client.get(f"{ONE}?{DAY}&{methods}&aggrPeriodDuration=PT2H"))["co2"]
            assert found["avg"] == [
                [1.5, "2026-11-01T00:00:00Z", "2026-11-01T02:00:00Z"],
                [6.5, "2026-11-01T02:00:00Z", "2026-11-01T04:00:00Z"],
            ]
            assert [
                found[name][1][0] for name in ("min", "max", "sum", "totalCount", "sumsq", "stddev")
            ] == [
                3,
                10,
                13,
                2,
                109,
                3.5,
            ]
            whole = (await client.get(f"{ONE}?{DAY}&{methods}"))["co2"]
            assert whole["avg"] == [[4.0, "2026-11-01T00:30:00Z", "2026-11-01T03:30:00Z"]]
            month = await client.get(
                f"{ONE}?{DAY}&aggrMethods=sum&aggrPeriodDuration=P1M&options=aggregatedValues"
            )
            assert month["co2"]["sum"][0][1:] == ["2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"]

        drive(tmp_path, story)

    def test_takes_a_correction_and_a_repetition_of_a_moment_once(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            for values in ((1, 2), (1, 2), (1, 9)):
                await client.ask("POST", "/temporal/entities", evolution(co2=readings(*values)))
            found = await client.get(f"{ONE}?options=temporalValues")
            assert [value for value, _at in found["co2"]["values"]] == [1, 9]

        drive(tmp_path, story)

    def test_forgets_a_reading_an_attribute_and_an_entity_for_good(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await client.ask(
                "POST", "/temporal/entities", evolution(co2=readings(1, 2, 3), noise=readings(5))
            )
            found = await client.get(f"{ONE}?attrs=co2")
            name = found["co2"][1]["instanceId"]
            assert (await client.ask("DELETE", f"{ONE}/attrs/co2/{name}")).status == 204
            assert (await client.ask("DELETE", f"{ONE}/attrs/co2/{name}")).status == 404
            other = found["co2"][2]["instanceId"]
            change = readings(7, day=2)[0]
            assert (await client.ask("PATCH", f"{ONE}/attrs/co2/{other}", change)).status == 204
            left = (await client.get(f"{ONE}?options=temporalValues"))["co2"]["values"]
            assert left == [[1, "2026-11-01T00:30:00Z"], [7, "2026-11-02T00:30:00Z"]]
            assert (await client.ask("DELETE", f"{ONE}/attrs/co2")).status == 204
            assert set(await client.get(ONE)) == {"id", "type", "noise"}
            assert (await client.ask("DELETE", ONE)).status == 204
            assert (await client.ask("GET", ONE)).status == 404
            got = await client.ask("POST", "/temporal/entities", evolution(co2=readings(4)))
            assert got.status == 201
            assert [each["value"] for each in (await client.get(ONE))["co2"]] == [4]

        async def again(client: Client) -> None:
            assert [each["value"] for each in (await client.get(ONE))["co2"]] == [4]

        drive(tmp_path, story)
        drive(tmp_path, again)

    def test_finds_entities_by_what_they_are_now_or_were(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await client.make(room(1), room(2))
            await client.ask("POST", "/temporal/entities", evolution(3, co2=readings(1)))
            await client.ask("POST", "/temporal/entities/urn:ngsi-ld:Room:1/attrs", {"co2": readings(8)})
            got = await client.ask("GET", f"/temporal/entities?type=Room&{DAY}&count=true&limit=2")
            assert (got.headers["ngsild-results-count"], len(json.loads(got.body))) == ("3", 2)
            assert json.loads(got.body)[0]["co2"][0]["value"] == 8
            query = {
                "type": "Query",
                "entities": [{"type": "Room"}],
                "temporalQ": {"timerel": "after", "timeAt": "2026-11-28T00:00:00Z", "lastN": 1},
            }
            got = await client.ask("POST", "/temporal/entityOperations/query?options=temporalValues", query)
            values = [
                each.get("temperature", {}).get("values", [[None]])[0][0] for each in json.loads(got.body)
            ]
            assert values == [21, 22, None]
            await client.ask("DELETE", "/entities/urn:ngsi-ld:Room:2")
            assert [each["value"] for each in (await client.get(f"{ONE[:-1]}2"))["temperature"]] == [22]

        drive(tmp_path, story)

    @pytest.mark.parametrize(
        "query",
        [
            "timerel=between&timeAt=2026-11-01T00:00:00Z",
            "timerel=never&timeAt=2026-11-01T00:00:00Z",
            "timerel=after",
            "timeAt=2026-11-01T00:00:00Z",
            "timerel=after&timeAt=yesterday",
            "lastN=-1",
            "aggrMethods=median",
            "options=aggregatedValues",
            "aggrMethods=avg&aggrPeriodDuration=often",
            "timeproperty=deletedAt",
            "options=temporalValues&aggrMethods=avg",
        ],
    )
    def test_refuses_what_has_no_sense(self, tmp_path: Path, query: str) -> None:
        async def story(client: Client) -> None:
            await client.make(room(1))
            got = await client.ask("GET", f"{ONE}?{query}")
            assert (got.status, json.loads(got.body)["type"].endswith("BadRequestData")) == (400, True)

        drive(tmp_path, story)


class TestDuration:
    @pytest.mark.parametrize(
        ("said", "interval"),
        [
            ("PT0S", ""),
            ("PT5M", "300.000000 seconds"),
            ("P1D", "86400.000000 seconds"),
            ("P1Y2M", "14 months"),
            ("P1W", "604800.000000 seconds"),
            ("PT1.5S", "1.500000 seconds"),
        ],
    )
    def test_becomes_an_interval(self, said: str, interval: str) -> None:
        assert interval_of(said) == interval

    @pytest.mark.parametrize("said", ["", "P", "PT", "P1DT", "1D", "P-1D", "P1M1D", "PT" + "9" * 30 + "S"])
    def test_is_refused_when_it_is_none(self, said: str) -> None:
        with pytest.raises(Refusal):
            interval_of(said)
