"""Reading from a broker of others: mosquitto where it is installed, else amqtt. Not here: our own broker."""

import asyncio
import errno
import json
import shutil
import socket
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from ocapi.dataplane.mqtt.bridging import Bridge
from ocapi.dataplane.tests.driving import Client, drive, publish
from ocapi.dataplane.tests.test_mqtt import results
from ocapi.dataplane.tests.test_sensorthings import ask, measured, thing
from ocapi.lib import seglog
from ocapi.lib.mqtt import mapping

LINES = """
parkings mqtt://127.0.0.1:{port} account=meter internal
# parkings by their number
stad/+/vrij > {{1}} value=v.vrij time=t
teller/1 > 1
"""
Story = Callable[[Client, Any], Awaitable[None]]


@asynccontextmanager
async def mosquitto(folder: Path, port: int) -> Any:
    """Run a broker that keeps sessions in a folder."""
    folder.mkdir(exist_ok=True)
    settings = folder / "mosquitto.conf"
    settings.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {folder}/\n"
    )
    found = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    process = await asyncio.create_subprocess_exec(
        found, "-c", str(settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(5):
            while not await _answers(port):
                await asyncio.sleep(0.02)
        yield
    finally:
        process.terminate()
        await process.wait()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


needs_mosquitto = pytest.mark.skipif(
    not (shutil.which("mosquitto") or Path("/usr/sbin/mosquitto").exists()), reason="install mosquitto"
)


def bridged(folder: Path, story: Callable[[Client, Bridge, int], Awaitable[None]]) -> None:
    """Run a story with a bridge that reads from a broker."""
    port = free_port()

    async def run(client: Client) -> None:
        assert (await ask(client, "POST", "/Things", thing())).status == 201
        async with mosquitto(folder / "broker", port):
            publish(folder, brokers=mapping.read(LINES.format(port=port)), generation=2)
            client.plane.policy.refresh()
            client.plane.bridges.refresh()
            bridge = client.plane.bridges.bridge("aalter", "parkings")
            await asyncio.wait_for(bridge.is_connected.wait(), 5)
            await story(client, bridge, port)

    drive(folder, run)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(5):
        while not await condition():
            await asyncio.sleep(0.01)


@needs_mosquitto
class TestBridge:
    def test_turns_topics_into_datastreams_and_counts_what_is_none(self, tmp_path: Path) -> None:
        async def story(client: Client, bridge: Bridge, port: int) -> None:
            async with aiomqtt.Client("127.0.0.1", port) as source:
                await source.publish("stad/1/vrij", '{"v": {"vrij": 12}, "t": 1795852800}', qos=1)
                await source.publish("stad/1/vrij", '{"v": {}, "t": 1795852800}', qos=1)
                await source.publish("stad/9/vrij", '{"v": {"vrij": 12}, "t": 1795852800}', qos=1)
                await source.publish("stad/1/vrij", "{" * 5_000, qos=0)
                await source.publish("teller/1", json.dumps(measured(9, 3)), qos=1)

            async def is_stored() -> bool:
                return len(await results(client)) == 2

            await until(is_stored)
            assert await results(client) == [12, 3]
            assert client.plane.intake.refused == {("aalter", "meter"): 3}

        bridged(tmp_path, story)

    def test_leaves_what_the_disk_did_not_take_with_the_broker(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def story(client: Client, bridge: Bridge, port: int) -> None:
            failed = asyncio.Event()
            loop = asyncio.get_running_loop()
            append = seglog.Writer.append

            def full(*_: object, **__: object) -> int:
                loop.call_soon_threadsafe(failed.set)
                monkeypatch.setattr(seglog.Writer, "append", append)
                raise OSError(errno.ENOSPC, "full")

            monkeypatch.setattr(seglog.Writer, "append", full)
            async with aiomqtt.Client("127.0.0.1", port) as source:
                await source.publish("teller/1", json.dumps(measured(9, 3)), qos=1)
                await asyncio.wait_for(failed.wait(), 5)

            async def is_stored() -> bool:
                return await results(client) == [3]

            await until(is_stored)

        bridged(tmp_path, story)


class TestMapping:
    @pytest.mark.parametrize(
        "text",
        [
            "a > b",
            "x mqtt://h account=m",
            "x mqtts://h",
            "x mqtts://h:99999 account=m",
            "x mqtts://u:p@h account=m",
            "x mqtts://h account=m\na/+ > b-{2}",
            "x mqtts://h account=m\na/#/b > c",
            "x mqtts://h account=m\na > b c",
            "x mqtts://h account=m\na > b/../c",
            "x mqtts://h account=m\nx mqtts://h account=m",
        ],
    )
    def test_that_is_not_understood_is_refused_with_its_line(self, text: str) -> None:
        with pytest.raises(mapping.BadLine) as refusal:
            mapping.read(text)
        assert refusal.value.line == text.count("\n") + 1

    def test_keeps_what_a_sender_chose_within_a_key(self) -> None:
        wanted = mapping.read("x mqtts://h account=m\na/+/# > s-{1}-{2}")[0].mappings[0]
        assert mapping.datastream_of(wanted, "a/'/b/ü") == "s---b--"

    @pytest.mark.parametrize(
        ("time", "said"), [(1795852800, "2026-11-28T08:00:00Z"), (1795852800000, "2026-11-28T08:00:00Z")]
    )
    def test_reads_seconds_and_milliseconds(self, time: int, said: str) -> None:
        wanted = mapping.read("x mqtts://h account=m\na > s value=v time=t")[0].mappings[0]
        assert mapping.observation_of(wanted, {"v": 1, "t": time}) == {"result": 1, "phenomenonTime": said}
