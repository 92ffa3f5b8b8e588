"""Our broker, spoken to by paho (through aiomqtt) in 3.1.1 and 5. Not here: packets as bytes."""

import asyncio
import contextlib
import errno
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from aiomqtt import ProtocolVersion

from ocapi.dataplane.mqtt.budget import Budgets
from ocapi.dataplane.tests import driving
from ocapi.dataplane.tests.driving import READ, WRITE, Client, bearer, drive, publish
from ocapi.dataplane.tests.test_sensorthings import ask, measured, thing
from ocapi.lib import seglog

VERSIONS = (ProtocolVersion.V311, ProtocolVersion.V5)
TOPIC = "v1.1/Datastreams(1)/Observations"
NONSENSE = (
    ("v1.1/Datastreams(9)/Observations", b'{"result": 1}'),
    ("v1.1/Things", b'{"name": "x"}'),
    ("other", b'{"result": 1}'),
    (TOPIC, b"{"),
    (TOPIC, b"[]"),
    (TOPIC, b'{"result": NaN}'),
    (TOPIC, b'{"result": 1e999}'),
    (TOPIC, b'{"result": 1, "result": 2}'),
    (TOPIC, b"[" * 100_000),
    (TOPIC, b'{"result": 1, "phenomenonTime": "gisteren"}'),
    (TOPIC, b"\xff\xfe"),
)
Story = Callable[[Client], Awaitable[None]]


def device(client: Client, version: ProtocolVersion = ProtocolVersion.V5, **changes: Any) -> aiomqtt.Client:
    """Give a device that is about to connect."""
    token = changes.pop("token", client.token).decode().removeprefix("Bearer ")
    given = {"username": "meter", "password": token, "protocol": version, "timeout": 3, **changes}
    return aiomqtt.Client("127.0.0.1", client.plane.devices.port, **given)


def with_stream(story: Story) -> Story:
    """Run a story where datastream 1 is there."""

    async def run(client: Client) -> None:
        assert (await ask(client, "POST", "/Things", thing())).status == 201
        await story(client)

    return run


async def results(client: Client, stream: int = 1) -> list[Any]:
    got = await ask(client, "GET", f"/Datastreams({stream})/Observations?$orderby=phenomenonTime")
    return [each["result"] for each in json.loads(got.body)["value"]]


class TestPublishing:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_makes_an_observation_with_every_quality_of_service(
        self, tmp_path: Path, version: ProtocolVersion
    ) -> None:
        @with_stream
        async def story(client: Client) -> None:
            async with device(client, version) as meter:
                for hour, qos in ((6, 0), (7, 1), (8, 2), (9, 1)):
                    await meter.publish(TOPIC, json.dumps(measured(hour, qos)), qos=qos)
            assert await results(client) == [0, 1, 2, 1]

        drive(tmp_path, story, mqtt_port=0)

    def test_is_acknowledged_when_the_log_holds_it(self, tmp_path: Path) -> None:
        held: list[bytes] = []

        @with_stream
        async def story(client: Client) -> None:
            async with device(client) as meter:
                await meter.publish(TOPIC, json.dumps(measured(8, 7)), qos=1)
                copied = tmp_path / "copy"
                shutil.copytree(tmp_path / "tenants" / "aalter" / "capture" / "log", copied)
                held.extend(each.payload for each in seglog.read(copied))

        drive(tmp_path, story, mqtt_port=0)
        assert b'"value":7' in held[-1]

    def test_twice_stores_one(self, tmp_path: Path) -> None:
        @with_stream
        async def story(client: Client) -> None:
            async with device(client) as meter:
                for _ in range(3):
                    await meter.publish(TOPIC, json.dumps(measured(8, 7)), qos=1)
            assert await results(client) == [7]

        drive(tmp_path, story, mqtt_port=0)

    @pytest.mark.parametrize("version", VERSIONS)
    def test_of_nonsense_is_refused_by_itself(self, tmp_path: Path, version: ProtocolVersion) -> None:
        @with_stream
        async def story(client: Client) -> None:
            async with device(client, version) as meter:
                for topic, payload in NONSENSE:
                    await meter.publish(topic, payload, qos=1)
                await meter.publish(TOPIC, json.dumps(measured(8, 7)), qos=1)
            assert await results(client) == [7]
            assert client.plane.intake.refused == {("aalter", "meter"): len(NONSENSE)}

        drive(tmp_path, story, mqtt_port=0)

    def test_of_more_than_a_message_may_hold_ends_the_connection(self, tmp_path: Path) -> None:
        @with_stream
        async def story(client: Client) -> None:
            with pytest.raises(aiomqtt.MqttError):
                async with device(client, ProtocolVersion.V311, timeout=0.3) as meter:
                    await meter.publish(TOPIC, b" " * (300 << 10), qos=1)
                    await meter.publish(TOPIC, json.dumps(measured(8, 7)), qos=1)
            assert await results(client) == []

        drive(tmp_path, story, mqtt_port=0)


class TestSigningIn:
    @pytest.mark.parametrize(
        "changes",
        [
            {"token": b"Bearer x"},
            {"token": bearer((READ,))},
            {"username": "other"},
        ],
    )
    @pytest.mark.parametrize("version", VERSIONS)
    def test_needs_a_token_that_may_write(
        self, tmp_path: Path, changes: dict[str, Any], version: ProtocolVersion
    ) -> None:
        async def story(client: Client) -> None:
            with pytest.raises(aiomqtt.MqttError):
                async with device(client, version, **changes):
                    raise AssertionError("let in")

        drive(tmp_path, story, mqtt_port=0)

    def test_ends_with_the_grant(self, tmp_path: Path) -> None:
        @with_stream
        async def story(client: Client) -> None:
            with pytest.raises(aiomqtt.MqttError):
                async with device(client, ProtocolVersion.V311, timeout=0.3) as meter:
                    publish(tmp_path, generation=2, grant="revoked")
                    client.plane.policy.refresh()
                    await meter.publish(TOPIC, json.dumps(measured(8, 7)), qos=1)
            assert client.plane.intake.refused == {}

        drive(tmp_path, story, mqtt_port=0)

    def test_reaches_the_organization_of_the_token_alone(self, tmp_path: Path) -> None:
        @with_stream
        async def story(client: Client) -> None:
            async with device(client, token=bearer(uuid=driving.BETA)) as meter:
                await meter.publish(TOPIC, json.dumps(measured(8, 7)), qos=1)
            assert await results(client) == []
            assert client.plane.intake.refused == {("beta", "meter"): 1}

        drive(tmp_path, story, mqtt_port=0)


class TestNoise:
    def test_is_hung_up_on_while_others_go_on(self, tmp_path: Path) -> None:
        noise = (
            b"GET / HTTP/1.1\r\n\r\n",
            b"\x00\x00",
            b"\x10\xff\xff\xff\x7f",
            b"\x10\xff\xff\xff\xff\xff",
            b"\x30\x05\x00\x01ahi",
            b"\x10\x0c\x00\x04MQTT\x03\x02\x00\x00\x00\x00",
        )

        @with_stream
        async def story(client: Client) -> None:
            async with device(client) as meter:
                for each in noise:
                    reader, writer = await asyncio.open_connection("127.0.0.1", client.plane.devices.port)
                    writer.write(each)
                    with contextlib.suppress(ConnectionError):
                        assert await asyncio.wait_for(reader.read(), 3) in (b"", b"\x20\x02\x00\x01")
                    writer.close()
                await meter.publish(TOPIC, json.dumps(measured(8, 7)), qos=1)
            assert await results(client) == [7]

        drive(tmp_path, story, mqtt_port=0)


class TestFullDisk:
    def test_ends_the_connection_without_a_word_and_takes_the_message_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        @with_stream
        async def story(client: Client) -> None:
            append = seglog.Writer.append

            def full(*_: object, **__: object) -> int:
                raise OSError(errno.ENOSPC, "full")

            monkeypatch.setattr(seglog.Writer, "append", full)
            with pytest.raises(aiomqtt.MqttError):
                async with device(client, timeout=0.3) as meter:
                    await meter.publish(TOPIC, json.dumps(measured(8, 7)), qos=1)
            monkeypatch.setattr(seglog.Writer, "append", append)
            assert await results(client) == []
            async with device(client) as meter:
                await meter.publish(TOPIC, json.dumps(measured(8, 7)), qos=1)
            assert await results(client) == [7]

        drive(tmp_path, story, mqtt_port=0)


class TestSubscribing:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_tells_of_observations(self, tmp_path: Path, version: ProtocolVersion) -> None:
        @with_stream
        async def story(client: Client) -> None:
            for wanted, topic in (
                (TOPIC, TOPIC),
                ("v1.1/Observations", "v1.1/Observations"),
                (f"{TOPIC}?$select=result", f"{TOPIC}?$select=result"),
                ("v1.1/+/Observations", TOPIC),
            ):
                async with device(client, version, identifier="a") as reader:
                    await reader.subscribe(wanted, qos=1)
                    made = await ask(client, "POST", "/Datastreams(1)/Observations", measured(8, wanted))
                    assert made.status == 201
                    got = await asyncio.wait_for(anext(aiter(reader.messages)), 3)
                said = json.loads(got.payload)
                assert (str(got.topic), said["result"]) == (topic, wanted)
                assert ("?" in wanted) == (list(said) == ["result"])

        drive(tmp_path, story, mqtt_port=0)

    def test_tells_of_a_property_that_changed(self, tmp_path: Path) -> None:
        @with_stream
        async def story(client: Client) -> None:
            async with device(client) as reader:
                await reader.subscribe("v1.1/Things(1)/description", qos=0)
                assert (await ask(client, "PATCH", "/Things(1)", {"description": "Aalter"})).status == 200
                got = await asyncio.wait_for(anext(aiter(reader.messages)), 3)
            assert json.loads(got.payload) == {"description": "Aalter"}

        drive(tmp_path, story, mqtt_port=0)

    def test_needs_a_token_that_may_read(self, tmp_path: Path) -> None:
        async def story(client: Client) -> None:
            async with device(client, ProtocolVersion.V311, token=bearer((WRITE,))) as reader:
                told = await reader.subscribe("v1.1/Observations", qos=1)
            assert [each.is_failure for each in told] == [True]

        drive(tmp_path, story, mqtt_port=0)


class TestFlood:
    def test_is_read_as_fast_as_agreed_and_costs_others_nothing(self) -> None:
        budgets = Budgets()
        assert budgets.take("a", 200, per_second=100, now=0.0) == 0.0
        assert budgets.take("a", 100, per_second=100, now=0.0) == 1.0
        assert budgets.take("b", 100, per_second=100, now=0.0) == 0.0
        assert budgets.take("a", 100, per_second=100, now=2.0) == 0.0

    def test_of_messages_is_stored_whole(self, tmp_path: Path) -> None:
        @with_stream
        async def story(client: Client) -> None:
            async with device(client) as meter:
                moments = [f"2026-11-28T08:{n // 60:02}:{n % 60:02}Z" for n in range(400)]
                bodies = [json.dumps({"result": 1, "phenomenonTime": each}) for each in moments]
                await asyncio.gather(*(meter.publish(TOPIC, each, qos=1) for each in bodies))
            got = await ask(client, "GET", "/Datastreams(1)/Observations?$count=true&$top=1")
            assert json.loads(got.body)["@iot.count"] == 400

        drive(tmp_path, story, mqtt_port=0)
