"""Who subscribed is told, at least once and in order. Not covered here: a receiver over TLS."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from ocapi.dataplane.context import notifying
from ocapi.dataplane.context.vocabulary import CORE_CONTEXT
from ocapi.dataplane.tests.driving import READ, SUBSCRIBE, Client, bearer, drive, publish, room
from ocapi.lib import clock

ONE = "/entities/urn:ngsi-ld:Room:1/attrs/temperature"


class Receiver:
    """Takes notifications, or refuses the first few."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.port = 0
        self.taken: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.arrived = asyncio.Condition()

    async def take(self, request: web.Request) -> web.Response:
        content = await request.json()
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=500)
        async with self.arrived:
            self.taken.append(content)
            self.headers.append({name.lower(): value for name, value in request.headers.items()})
            self.arrived.notify_all()
        return web.Response(status=200)

    def data(self) -> list[dict[str, Any]]:
        """Give all entities told, in order."""
        return [each for content in self.taken for each in content["data"]]

    async def wait(self, entities: int) -> list[dict[str, Any]]:
        """Wait until that many entities were told."""
        async with self.arrived, asyncio.timeout(20):
            await self.arrived.wait_for(lambda: len(self.data()) >= entities)
        return self.data()


@asynccontextmanager
async def receiving(refusals: int = 0, port: int = 0) -> AsyncIterator[Receiver]:
    receiver = Receiver(refusals)
    app = web.Application()
    app.router.add_post("/in", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    receiver.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        yield receiver
    finally:
        await runner.cleanup()


def wish(port: int, **more: Any) -> dict[str, Any]:
    notification = {
        "format": "keyValues",
        "endpoint": {"uri": f"http://127.0.0.1:{port}/in", "cooldown": 10},
        **more.pop("notification", {}),
    }
    return {
        "id": "urn:ngsi-ld:Subscription:1",
        "type": "Subscription",
        "entities": [{"type": "Room"}],
        "notification": notification,
        **more,
    }


async def subscribed(client: Client, receiver: Receiver, **more: Any) -> None:
    publish(client.plane._plan.data, receiver_port=receiver.port, generation=2)
    client.plane.policy.refresh()
    got = await client.ask("POST", "/subscriptions/", wish(receiver.port, **more))
    assert got.status == 201, got.body
    assert got.headers["location"] == "/ngsi-ld/v1/subscriptions/urn:ngsi-ld:Subscription:1"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifying, "QUICK", (0.0, 0.0))


class TestNotifying:
    def test_tells_what_changed_in_the_wanted_form(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            async with receiving() as receiver:
                info = [{"key": "X-Key", "value": "secret"}]
                endpoint = {
                    "uri": f"http://127.0.0.1:{receiver.port}/in",
                    "receiverInfo": info,
                    "accept": "application/ld+json",
                }
                await subscribed(
                    client,
                    receiver,
                    watchedAttributes=["temperature"],
                    q="temperature>25",
                    notification={"attributes": ["temperature"], "endpoint": endpoint},
                )
                await client.make(room(1, noise=1))
                await client.ask("PATCH", ONE, {"value": 30})
                await client.ask("PATCH", "/entities/urn:ngsi-ld:Room:1", {"noise": 2})
                await client.ask("PATCH", ONE, {"value": 31})
                data = await receiver.wait(2)
                assert [each["temperature"] for each in data] == [30, 31]
                assert "noise" not in data[0]
                first = receiver.taken[0]
                assert (first["type"], first["subscriptionId"]) == (
                    "Notification",
                    "urn:ngsi-ld:Subscription:1",
                )
                assert (first["@context"], receiver.headers[0]["x-key"]) == (CORE_CONTEXT, "secret")
                shown = await client.get("/subscriptions/urn:ngsi-ld:Subscription:1")
                assert (shown["status"], shown["notification"]["status"]) == ("active", "ok")

        drive(tmp_path, story)

    def test_asks_again_until_it_is_taken_and_keeps_the_order(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            async with receiving(refusals=4) as receiver:
                await subscribed(client, receiver)
                await client.make(room(1))
                for value in range(10):
                    await client.ask("PATCH", ONE, {"value": value})
                data = await receiver.wait(11)
                assert [each["temperature"] for each in data] == [21, *range(10)]
                shown = await client.get("/subscriptions/urn:ngsi-ld:Subscription:1")
                assert shown["notification"]["timesFailed"] == 4

        drive(tmp_path, story)

    def test_tells_after_a_stop_what_was_not_told_before(self, tmp_path: Path) -> None:
        ports: list[int] = []

        async def story(client: Client) -> None:
            async with receiving(refusals=1_000_000) as receiver:
                ports.append(receiver.port)
                await subscribed(client, receiver, notificationTrigger=["entityUpdated", "entityDeleted"])
                await client.make(room(1), room(2))
                for value in range(5):
                    await client.ask("PATCH", ONE, {"value": value})
                for value in range(3):  # the second and the third are of a known shape
                    number = {"type": "Property", "value": value}
                    await client.ask("POST", "/entityOperations/upsert", [
                        room(each, temperature=number) for each in (3, 4)
                    ])
                await client.ask("DELETE", "/entities/urn:ngsi-ld:Room:2")

        async def again(_client: Client) -> None:
            async with receiving(port=ports[0]) as receiver:
                data = await receiver.wait(14)
                for number in (":3", ":4"):
                    told = [each["temperature"] for each in data if each["id"].endswith(number)]
                    assert told == [0, 1, 2]
                one = [each["temperature"] for each in data if each["id"].endswith(":1")]
                assert one == [21, 0, 1, 2, 3, 4]
                assert "deletedAt" in data[-1]

        drive(tmp_path, story)
        drive(tmp_path, again)

    def test_loses_nothing_when_many_entities_change_often(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            async with receiving() as receiver:
                await subscribed(client, receiver)
                for turn in range(5):
                    batch = [
                        room(number, turn={"type": "Property", "value": turn}) for number in range(100)
                    ]
                    assert (await client.ask("POST", "/entityOperations/upsert", batch)).status in (
                        201,
                        204,
                    )
                data = await receiver.wait(500)
                told = {(each["id"], each["turn"]) for each in data}
                assert (len(told), len(data)) == (500, 500)

        drive(tmp_path, story)

    def test_stops_when_the_grant_ends(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            async with receiving() as receiver:
                await subscribed(client, receiver)
                await client.make(room(1))
                await receiver.wait(1)
                publish(client.plane._plan.data, receiver_port=receiver.port, generation=3, grant="revoked")
                client.plane.policy.refresh()
                part = client.plane.policy.current().parts["aalter"]
                line = client.plane._notifiers._held["aalter"]._lines["urn:ngsi-ld:Subscription:1"]
                sent = await client.plane._notifiers._held["aalter"]._send(
                    line.subscription, [], clock.now()
                )
                assert (part.grants[0].state, sent, len(receiver.taken)) == ("revoked", "noGrant", 1)

        drive(tmp_path, story)


class TestSubscribing:
    def test_shows_each_application_its_own(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            async with receiving() as receiver:
                await subscribed(client, receiver)
                other = Client(client.plane, bearer(client_id="other"))
                assert (await other.ask("GET", "/subscriptions/urn:ngsi-ld:Subscription:1")).status == 404
                assert await other.get("/subscriptions") == []
                assert len(await client.get("/subscriptions")) == 1
                change = {"isActive": False, "expiresAt": "2030-01-01T00:00:00Z"}
                got = await client.ask("PATCH", "/subscriptions/urn:ngsi-ld:Subscription:1", change)
                assert got.status == 204
                shown = await client.get("/subscriptions/urn:ngsi-ld:Subscription:1")
                assert shown["status"] == "paused"
                again = await client.ask("POST", "/subscriptions", wish(receiver.port))
                assert again.status == 409
                assert (
                    await client.ask("DELETE", "/subscriptions/urn:ngsi-ld:Subscription:1")
                ).status == 204
                assert (await client.ask("GET", "/subscriptions/urn:ngsi-ld:Subscription:1")).status == 404

        drive(tmp_path, story)

    @pytest.mark.parametrize(
        "change",
        [
            {"type": "Wish"},
            {"entities": []},
            {"entities": [{}]},
            {"q": "(("},
            {"throttling": -1},
            {"expiresAt": "2020-01-01T00:00:00Z"},
            {"notificationTrigger": ["never"]},
            {"surprise": 1},
            {"notification": {"endpoint": {"uri": "https://elsewhere.example/in"}}},
            {"notification": {"endpoint": {"uri": "https://169.254.169.254/in"}}},
            {"notification": {"endpoint": {"uri": "mqtt://127.0.0.1/in"}}},
            {"notification": {"endpoint": {"uri": "file:///etc/passwd"}}},
            {"notification": {"format": "xml"}},
            {"timeInterval": 5, "watchedAttributes": ["a"]},
            {
                "notification": {
                    "endpoint": {
                        "uri": "http://127.0.0.1:1/in",
                        "receiverInfo": [{"key": "a\r\nb", "value": "c"}],
                    }
                }
            },
        ],
    )
    def test_refuses_what_cannot_be_told_or_may_not_be(
        self, tmp_path: Path, change: dict[str, Any]
    ) -> None:
        async def story(client: Client) -> None:
            publish(client.plane._plan.data, receiver_port=1, generation=2)
            client.plane.policy.refresh()
            got = await client.ask("POST", "/subscriptions", wish(1, **change))
            assert got.status == 400, got.body
            assert json.loads(got.body)["type"].endswith("BadRequestData")
            assert await client.get("/subscriptions") == []

        drive(tmp_path, story)

    def test_needs_the_scope_to_read_too(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            blind = Client(client.plane, bearer((SUBSCRIBE,)))
            assert (await blind.ask("POST", "/subscriptions", wish(1))).status == 403
            assert (await Client(client.plane, bearer((READ,))).ask("GET", "/subscriptions")).status == 403

        drive(tmp_path, story)
