"""Entities over HTTP by ETSI GS CIM 009. Not covered here: subscriptions, history, what survives a crash."""

import json
from pathlib import Path
from typing import Any

import pytest

from ocapi.dataplane.context.vocabulary import CORE_CONTEXT
from ocapi.dataplane.tests.driving import BETA, READ, WRITE, Client, bearer, drive, publish, room

ONE = "/entities/urn:ngsi-ld:Room:1"
ERRORS = "https://uri.etsi.org/ngsi-ld/errors/"
GHENT = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [3.725, 51.054]}}
LD = "application/ld+json"


def refusal(got: Any) -> tuple[int, str]:
    """Give status and the last part of the error's type."""
    content = json.loads(got.body)
    assert {"type", "title", "detail", "status"} <= set(content)
    return got.status, content["type"].removeprefix(ERRORS)


class TestCreating:
    def test_answers_201_with_the_place_and_409_the_second_time(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            got = await client.ask("POST", "/entities/", room())
            assert (got.status, got.headers["location"]) == (201, "/ngsi-ld/v1/entities/urn:ngsi-ld:Room:1")
            assert refusal(await client.ask("POST", "/entities", room())) == (409, "AlreadyExists")
            shown = await client.get(ONE + "/")
            assert shown["temperature"] == {
                "type": "Property",
                "value": 21,
                "unitCode": "CEL",
                "observedAt": "2026-11-28T09:00:00Z",
            }

        drive(tmp_path, story)

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            (b"", "InvalidRequest"),
            (b"{", "InvalidRequest"),
            (b"[1]", "BadRequestData"),
            (b'{"id":"urn:x:1","type":"T","a":{"type":"Property","value":NaN}}', "InvalidRequest"),
            (b'{"id":"urn:x:1","type":"T","a":1,"a":2}', "InvalidRequest"),
            (b'{"id":"urn:x:1","type":"T","a" : 1,"a" : 2}', "InvalidRequest"),
            (
                b'{"id":"urn:x:1","type":"T","a":{"value":' + b"[" * 3000 + b"]" * 3000 + b"}}",
                "InvalidRequest",
            ),
            (b'{"id":"no uri","type":"T"}', "BadRequestData"),
            (b'{"id":"urn:x:1"}', "BadRequestData"),
            (b'{"id":"urn:x:1","type":"T","a":{"type":"Property"}}', "BadRequestData"),
            (b'{"id":"urn:x:1","type":"T","a":{"type":"Property","value":null}}', "BadRequestData"),
            (
                b'{"id":"urn:x:1","type":"T","a":{"type":"Relationship","object":"no uri"}}',
                "BadRequestData",
            ),
            (b'{"id":"urn:x:1","type":"T","a":{"value":1,"observedAt":"2026-01-01"}}', "BadRequestData"),
            (
                b'{"id":"urn:x:1","type":"T","a":{"type":"GeoProperty","value":{"type":"Point","coordinates":[500,1]}}}',
                "BadRequestData",
            ),
            (b'{"id":"urn:x:1","type":"T","@context":[]}', "BadRequestData"),
            (b'{"id":"urn:x:1","type":"T","a(":1}', "BadRequestData"),
            (b'{"id":"urn:x:1","type":"T","a":1e999}', "InvalidRequest"),
        ],
    )
    def test_refuses_what_cannot_be_an_entity_and_stores_nothing(
        self, tmp_path: Path, body: bytes, kind: str
    ) -> None:
        async def story(client: Client) -> None:
            assert refusal(await client.ask("POST", "/entities", body)) == (400, kind)
            assert (await client.get("/types"))["typeList"] == []

        drive(tmp_path, story)

    def test_tells_wrong_media_types_and_sizes_by_http(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            got = await client.ask("POST", "/entities", room(), content_type="text/plain")
            assert got.status == 415
            got = await client.ask("POST", "/entities", b" " * (9 << 20))
            assert got.status == 413
            assert (await client.ask("GET", "/types", accept="text/html")).status == 406

        drive(tmp_path, story)


class TestReading:
    def test_shows_three_forms_and_geojson(self, tmp_path: Path) -> None:
        words = {"type": "LanguageProperty", "languageMap": {"nl": "zaal", "fr": "salle"}}

        async def story(client: Client) -> None:
            await client.make(
                room(location=GHENT, name=words, owner={"type": "Relationship", "object": "urn:x:1"})
            )
            assert await client.get(f"{ONE}?options=keyValues") == {
                "id": "urn:ngsi-ld:Room:1",
                "type": "Room",
                "temperature": 21,
                "location": GHENT["value"],
                "name": {"languageMap": words["languageMap"]},
                "owner": "urn:x:1",
            }
            concise = await client.get(f"{ONE}?format=concise&pick=location,owner,id")
            assert concise == {
                "id": "urn:ngsi-ld:Room:1",
                "location": GHENT["value"],
                "owner": {"object": "urn:x:1"},
            }
            spoken = await client.get(f"{ONE}?lang=fr-BE&attrs=name")
            assert spoken["name"] == {"type": "Property", "value": "salle", "lang": "fr"}
            assert "createdAt" in (await client.get(f"{ONE}?options=sysAttrs"))["temperature"]
            feature = await client.get(ONE, accept="application/geo+json")
            assert (feature["type"], feature["geometry"]) == ("Feature", GHENT["value"])
            assert "temperature" not in await client.get(f"{ONE}?omit=temperature")

        drive(tmp_path, story)

    def test_takes_the_three_forms_back(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await client.make(room(location=GHENT))
            whole = await client.get(ONE)
            concise = await client.get(f"{ONE}?options=concise")
            concise["id"] = "urn:ngsi-ld:Room:2"
            await client.make(concise)
            again = await client.get("/entities/urn:ngsi-ld:Room:2")
            assert {**again, "id": whole["id"]} == whole
            simple = {
                "id": "urn:ngsi-ld:Room:3",
                "type": "Room",
                "address": {"street": "Markt"},
                "n": [1, 2],
            }
            assert (await client.ask("POST", "/entities", simple)).status == 400
            assert (await client.ask("POST", "/entities?options=keyValues", simple)).status == 201
            assert await client.get("/entities/urn:ngsi-ld:Room:3?options=keyValues") == simple

        drive(tmp_path, story)

    def test_keeps_instances_of_data_sets_apart(self, tmp_path: Path) -> None:
        speeds = [
            {"type": "Property", "value": 1},
            {"type": "Property", "value": 2, "datasetId": "urn:gps"},
        ]

        async def story(client: Client) -> None:
            await client.make(room(speed=speeds))
            assert (await client.get(f"{ONE}?options=keyValues"))["speed"] == {
                "dataset": {"@none": 1, "urn:gps": 2}
            }
            assert (await client.ask("DELETE", f"{ONE}/attrs/speed?datasetId=urn:gps")).status == 204
            assert (await client.get(ONE))["speed"] == speeds[0]
            twice = room(2, speed=[speeds[0], speeds[0]])
            assert refusal(await client.ask("POST", "/entities", twice)) == (400, "BadRequestData")

        drive(tmp_path, story)


class TestContexts:
    def test_are_taken_from_body_or_link_and_never_from_both(self, tmp_path: Path) -> None:
        context = {"Room": "https://x.example/Room", "temperature": "https://x.example/t"}

        async def story(client: Client) -> None:
            body = {**room(), "@context": [context, CORE_CONTEXT]}
            assert refusal(await client.ask("POST", "/entities", body)) == (400, "BadRequestData")
            link = f'<{CORE_CONTEXT}>; rel="http://www.w3.org/ns/json-ld#context"'
            both = await client.ask("POST", "/entities", body, content_type=LD, link=link)
            assert refusal(both) == (400, "BadRequestData")
            assert refusal(await client.ask("POST", "/entities", room(), content_type=LD))[0] == 400
            assert (await client.ask("POST", "/entities", body, content_type=LD)).status == 201
            shown = await client.get(ONE)
            assert (shown["type"], "https://x.example/t" in shown) == ("https://x.example/Room", True)

        drive(tmp_path, story)

    def test_of_ours_stand_for_an_address_that_is_never_fetched(self, tmp_path: Path) -> None:
        address = "https://models.example/context.jsonld"
        link = f'<{address}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
        context = {
            "@context": {"ex": "https://x.example/", "Room": "ex:Room", "temperature": {"@id": "ex:t"}}
        }

        async def story(client: Client) -> None:
            got = await client.ask("POST", "/entities", room(), link=link)
            assert refusal(got) == (503, "LdContextNotAvailable")
            got = await client.ask("POST", f"/jsonldContexts?url={address}", context, content_type=LD)
            assert got.status == 201
            assert (await client.ask("POST", "/entities", room(), link=link)).status == 201
            plain = await client.get(ONE)
            assert plain["type"] == "https://x.example/Room"
            named = await client.ask("GET", "/entities?type=Room&q=temperature==21", link=link)
            assert json.loads(named.body)[0]["type"] == "Room"
            assert address in named.headers["link"]
            linked = await client.ask("GET", ONE, link=link, accept=LD)
            assert json.loads(linked.body)["@context"] == [address, CORE_CONTEXT]
            own = got.headers["location"]
            assert json.loads((await client.ask("GET", own)).body) == context
            assert (await client.ask("DELETE", own)).status == 204
            assert (await client.ask("GET", ONE, link=link)).status == 503

        drive(tmp_path, story)

    @pytest.mark.parametrize(
        "context",
        [
            {"a": "b:c", "b": "a:d"},
            {"a": 5},
            {"@import": "https://x.example/"},
            [[{"a": {"@id": 3}}]],
            7,
        ],
    )
    def test_without_sense_are_refused(self, tmp_path: Path, context: object) -> None:
        async def story(client: Client) -> None:
            body = {"@context": context}
            got = await client.ask("POST", "/jsonldContexts", body, content_type=LD)
            assert refusal(got) == (400, "BadRequestData")

        drive(tmp_path, story)

    def test_cannot_change_a_term_of_the_core(self, tmp_path: Path) -> None:
        body = {**room(location=GHENT), "@context": [{"location": "https://x.example/l"}, CORE_CONTEXT]}

        async def story(client: Client) -> None:
            assert (await client.ask("POST", "/entities", body, content_type=LD)).status == 201
            assert (await client.get(ONE))["location"] == GHENT

        drive(tmp_path, story)


class TestChanging:
    def test_appends_updates_merges_and_replaces(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await client.make(room())
            fragment = {
                "humidity": {"type": "Property", "value": 5},
                "temperature": {"type": "Property", "value": 1},
            }
            got = await client.ask("POST", f"{ONE}/attrs?options=noOverwrite", fragment)
            assert (got.status, json.loads(got.body)["updated"]) == (207, ["humidity"])
            assert json.loads(got.body)["notUpdated"][0]["attributeName"] == "temperature"
            got = await client.ask(
                "PATCH", f"{ONE}/attrs", {**fragment, "noise": {"type": "Property", "value": 3}}
            )
            assert (got.status, json.loads(got.body)["notUpdated"][0]["attributeName"]) == (207, "noise")
            merge = {"temperature": {"unitCode": "FAH"}, "humidity": "urn:ngsi-ld:null", "note": "x"}
            kind = "application/merge-patch+json"
            assert (await client.ask("PATCH", ONE, merge, content_type=kind)).status == 204
            shown = await client.get(f"{ONE}?options=concise")
            assert (shown["temperature"], shown["note"]) == ({"value": 1, "unitCode": "FAH"}, "x")
            assert "humidity" not in shown
            whole = {"type": "Hall", "seats": {"type": "Property", "value": 9}}
            assert (await client.ask("PUT", ONE, whole)).status == 204
            assert await client.get(f"{ONE}?options=keyValues") == {
                "id": "urn:ngsi-ld:Room:1",
                "type": "Hall",
                "seats": 9,
            }
            assert (await client.get("/types"))["typeList"] == ["Hall"]

        drive(tmp_path, story)

    def test_changes_replaces_and_deletes_one_attribute(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await client.make(room())
            place = f"{ONE}/attrs/temperature"
            assert (await client.ask("PATCH", place, {"value": 30})).status == 204
            shown = (await client.get(ONE))["temperature"]
            assert (shown["value"], shown["unitCode"]) == (30, "CEL")
            assert (
                refusal(await client.ask("PATCH", place, {"type": "Relationship", "object": "urn:x:1"}))[0]
                == 400
            )
            assert (await client.ask("PUT", place, {"type": "Property", "value": 31})).status == 204
            assert (await client.get(ONE))["temperature"] == {"type": "Property", "value": 31}
            assert (await client.ask("DELETE", place)).status == 204
            assert refusal(await client.ask("DELETE", place)) == (404, "ResourceNotFound")
            assert (await client.ask("DELETE", ONE)).status == 204
            assert refusal(await client.ask("GET", ONE)) == (404, "ResourceNotFound")

        drive(tmp_path, story)


class TestQuerying:
    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            ("type=Room", [1, 2, 3]),
            ("type=Room&q=temperature>21", [2, 3]),
            ("type=Room&q=temperature==21,23", [1, 3]),
            ("type=Room&q=temperature==21..22", [1, 2]),
            ("q=temperature!=21", [2, 3]),
            ("q=floor", [2]),
            ("q=(temperature==21|temperature==22);floor==1", [2]),
            ("q=temperature.unitCode==%22CEL%22;temperature<22", [1]),
            ("q=temperature.observedAt>=2026-11-28T09:00:00Z;temperature==23", [3]),
            ("q=owner==urn:x:2", [2]),
            ("q=name~=^za.*l$", [1]),
            ("q=address[city]==%22Gent%22", [3]),
            ("attrs=floor", [2]),
            ("type=Hall,Room&id=urn:ngsi-ld:Room:2", [2]),
            ("type=Room&idPattern=.*:[13]$", [1, 3]),
            ("type=(Room;Hall)", []),
            ("georel=near;maxDistance==1000&geometry=Point&coordinates=[3.73,51.054]", [1]),
            ("georel=near;minDistance==1000&geometry=Point&coordinates=[3.73,51.054]", [2]),
            ("georel=within&geometry=Polygon&coordinates=[[[3,51],[4,51],[4,52],[3,52],[3,51]]]", [1]),
            ("georel=disjoint&geometry=Polygon&coordinates=[[[3,51],[4,51],[4,52],[3,52],[3,51]]]", [2]),
            ("type=Room&scopeQ=/Gent/%23", [3]),
            ("type=Room&scopeQ=/Gent/%2B", [3]),
            ("type=Room&scopeQ=/Gent", []),
        ],
    )
    def test_finds_what_fits(self, tmp_path: Path, query: str, numbers: list[int]) -> None:
        far = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [5.57, 50.63]}}

        async def story(client: Client) -> None:
            await client.make(
                room(1, location=GHENT, name={"type": "Property", "value": "zaal"}),
                room(
                    2,
                    location=far,
                    floor={"type": "Property", "value": 1},
                    owner={"type": "Relationship", "object": "urn:x:2"},
                ),
                room(3, address={"type": "Property", "value": {"city": "Gent"}}, scope="/Gent/Centrum"),
            )
            found = await client.get(f"/entities?{query}")
            assert [int(each["id"].rpartition(":")[2]) for each in found] == numbers

        drive(tmp_path, story)

    def test_pages_with_count_and_neighbors(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await client.make(*(room(number) for number in range(1, 6)))
            seen, target = [], "/entities?type=Room&limit=2&count=true"
            while target:
                got = await client.ask("GET", target)
                assert got.headers["ngsild-results-count"] == "5"
                seen += [each["id"] for each in json.loads(got.body)]
                following = [each for each in got.headers["link"].split(", ") if 'rel="next"' in each]
                target = following[0][1:].partition(">")[0] if following else ""
            assert seen == [f"urn:ngsi-ld:Room:{number}" for number in range(1, 6)]
            none = await client.ask("GET", "/entities?type=Room&limit=0&count=true")
            assert (none.body, none.headers["ngsild-results-count"]) == (b"[]", "5")

        drive(tmp_path, story)

    @pytest.mark.parametrize(
        ("query", "status", "kind"),
        [
            ("", 400, "BadRequestData"),
            ("id=urn:x:1", 400, "BadRequestData"),
            ("type=T&limit=0", 400, "BadRequestData"),
            ("type=T&limit=-1", 400, "BadRequestData"),
            ("type=T&limit=5000", 403, "TooManyResults"),
            ("type=T&q=(a", 400, "BadRequestData"),
            ("type=T&q=a==", 400, "BadRequestData"),
            ("type=T&q=" + "(" * 60 + "a", 403, "TooComplexQuery"),
            ("type=T&q=a~=(((", 400, "BadRequestData"),
            ("type=T&surprise=1", 400, "InvalidRequest"),
            ("type=T&type=U", 400, "InvalidRequest"),
            ("georel=near&geometry=Point&coordinates=[1,1]", 400, "BadRequestData"),
            ("georel=within&geometry=Point&coordinates=[[1,1]", 400, "BadRequestData"),
            ("type=T&options=everything", 400, "BadRequestData"),
            ("type=T&q=" + "a;" * 3000 + "a", 403, "TooComplexQuery"),
        ],
    )
    def test_refuses_what_asks_too_much_or_nothing(
        self, tmp_path: Path, query: str, status: int, kind: str
    ) -> None:
        async def story(client: Client) -> None:
            assert refusal(await client.ask("GET", f"/entities?{query}")) == (status, kind)

        drive(tmp_path, story)


class TestBatches:
    def test_do_what_can_be_done_and_tell_the_rest(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            got = await client.ask("POST", "/entityOperations/create", [room(1), room(2), {"id": "x"}])
            content = json.loads(got.body)
            assert (got.status, len(content["success"])) == (207, 2)
            assert content["errors"][0]["error"]["type"] == ERRORS + "BadRequestData"
            got = await client.ask("POST", "/entityOperations/create", [room(3)])
            assert (got.status, json.loads(got.body)) == (201, ["urn:ngsi-ld:Room:3"])
            got = await client.ask("POST", "/entityOperations/upsert", [room(3), room(4)])
            assert (got.status, json.loads(got.body)) == (201, ["urn:ngsi-ld:Room:4"])
            changed = {
                "id": "urn:ngsi-ld:Room:4",
                "type": "Room",
                "floor": {"type": "Property", "value": 1},
            }
            assert (
                await client.ask("POST", "/entityOperations/upsert?options=update", [changed])
            ).status == 204
            assert {"floor", "temperature"} <= set(await client.get("/entities/urn:ngsi-ld:Room:4"))
            assert (await client.ask("POST", "/entityOperations/update", [changed])).status == 204
            lost = {**changed, "id": "urn:ngsi-ld:Room:99"}
            got = await client.ask("POST", "/entityOperations/merge", [changed, lost])
            assert json.loads(got.body)["errors"][0]["error"]["status"] == 404
            query = {
                "type": "Query",
                "entities": [{"type": "Room"}],
                "q": "temperature>=23",
                "attrs": ["floor"],
            }
            got = await client.ask("POST", "/entityOperations/query?options=keyValues", query)
            assert json.loads(got.body) == [{"id": "urn:ngsi-ld:Room:4", "type": "Room", "floor": 1}]
            names = [f"urn:ngsi-ld:Room:{number}" for number in (1, 2, 3, 99)]
            got = await client.ask("POST", "/entityOperations/delete", names)
            assert (got.status, len(json.loads(got.body)["success"])) == (207, 3)
            assert (await client.ask("DELETE", "/entities?type=Room")).status == 204
            assert (await client.get("/types"))["typeList"] == []

        drive(tmp_path, story)


class TestAccess:
    def test_is_by_scope_and_by_organization(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            await client.make(room())
            assert (await Client(client.plane).ask("GET", ONE)).status == 401
            reader, writer = Client(client.plane, bearer((READ,))), Client(client.plane, bearer((WRITE,)))
            assert (await reader.ask("GET", ONE)).status == 200
            assert (await reader.ask("DELETE", ONE)).status == 403
            assert (await writer.ask("GET", ONE)).status == 403
            other = Client(client.plane, bearer(uuid=BETA), host=b"beta.localhost:8000")
            assert (await other.ask("GET", ONE)).status == 404
            assert (await Client(client.plane, bearer(uuid=BETA)).ask("GET", ONE)).status == 401
            assert refusal(await client.ask("GET", ONE, ngsild_tenant="beta")) == (404, "NonexistentTenant")
            got = await client.ask("GET", ONE, ngsild_tenant="aalter")
            assert (got.status, got.headers["ngsild-tenant"]) == (200, "aalter")

        drive(tmp_path, story)

    def test_of_an_organization_that_only_reads_is_for_reading(self, tmp_path: Path) -> None:
        publish(tmp_path, state="readOnly")

        async def story(client: Client) -> None:
            assert (await client.ask("POST", "/entities", room())).status == 503
            assert (await client.ask("GET", "/types")).status == 200

        drive(tmp_path, story)
