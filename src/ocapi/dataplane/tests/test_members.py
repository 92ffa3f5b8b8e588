"""Two members in one process: who holds what, what is handed on, and what is refused."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from ocapi.dataplane.app import DataPlane
from ocapi.dataplane.members.holding import Holding, NotHeld, WrongDisk
from ocapi.dataplane.plan import Plan
from ocapi.dataplane.tests.asgi import Got, ask, plan, running
from ocapi.dataplane.tests.driving import NOW, Client, bearer, publish, room
from ocapi.dataplane.tests.test_mqtt import device
from ocapi.dataplane.upstream import Reply, Unreachable
from ocapi.lib import clock, egress, seglog
from ocapi.lib.members import membership, mirror, places, signing
from ocapi.lib.members.places import Place
from ocapi.lib.members.signing import Call, Signer

SECRET = "m" * 40
TEXT = "a=http://127.0.0.1:8790 b=http://127.0.0.1:8791"
LIST = "/entities?type=Room&format=keyValues&limit=1000"
READINGS = {"observations": [{"id": "m1", "at": "2026-11-28T09:00:00Z", "value": 1}]}


def a_plan(folder: Path, name: str) -> Plan:
    found = membership.read(TEXT, own=name)
    disk = folder / f"disk-{name}"
    return plan(folder / "data", membership=found, disk=disk, secrets=(SECRET,), mqtt_port=0)


@dataclass
class Wire:
    """Stands for the network to one member: it knows no more than a request."""

    planes: dict[str, DataPlane]
    to: str
    count: int = 0

    async def ask(self, *, method: str, target: str, headers: Any, body: Any, size: int) -> Reply:
        if self.to not in self.planes:
            raise Unreachable(self.to)
        self.count += 1
        pairs = tuple((name.encode(), value.encode()) for name, value in headers.items() if name != "host")
        host = headers["host"].encode()
        got = await ask(self.planes[self.to], method, target, headers=pairs, chunks=(body.read(),), host=host)
        found = tuple((name.encode(), value.encode()) for name, value in got.headers.items())
        return Reply(status=got.status, headers=found, body=BytesIO(got.body), size=len(got.body))

    async def close(self) -> None:
        """There is nothing to close."""


@dataclass
class Pair:
    """Two members, the worker beside them, and a client at each."""

    folder: Path
    planes: dict[str, DataPlane]
    wires: dict[str, Wire]
    clients: dict[str, Client]
    membership: Any = membership.read(TEXT)

    @property
    def capture(self) -> Path:
        return self.folder / "data" / "tenants" / "aalter" / "capture"

    @property
    def holder(self) -> str:
        place = places.read(self.capture)
        assert place is not None
        return place.member

    @property
    def other(self) -> str:
        return "b" if self.holder == "a" else "a"

    async def call(self, name: str, target: str, *, method: str = "GET") -> Got:
        """Be the worker that asks a member."""
        call = Call(method=method, target=target, body_sha256=signing.digest(b""))
        header = Signer("", [SECRET]).sign(call, to=name, now=NOW).encode()
        return await ask(self.planes[name], method, target, headers=((b"ocapi-member", header),))

    def expect(self, member: str, target: str, *, method: str = "GET") -> egress.Answer:
        got = asyncio.run_coroutine_threadsafe(self.call(member, target, method=method), self.loop).result(20)
        if got.status != 200:
            raise mirror.Away(f"{member}: {got.status} {got.body!r}")
        return egress.Answer(status=200, headers=got.headers, body=got.body, url=target)

    async def collect(self, drained: str = "") -> None:
        """Do a round of the worker."""
        self.loop = asyncio.get_running_loop()
        self.membership = membership.read(TEXT, drained=drained)
        await asyncio.to_thread(
            mirror.collect_entities, self, tenant="aalter", capture=self.capture  # type: ignore[arg-type]
        )
        await asyncio.to_thread(
            mirror.collect_inbox, self, tenant="aalter",  # type: ignore[arg-type]
            folder=self.capture.parent / "inbox",
        )


def drive(folder: Path, story: Callable[[Pair], Awaitable[None]]) -> None:
    """Run a story with two members whose first places are given."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            planes: dict[str, DataPlane] = {}
            wires = {name: Wire(planes, name) for name in "ab"}
            for name in "ab":
                plane = await stack.enter_async_context(running(a_plan(folder, name)))
                assert plane._routing is not None
                plane._routing._others = {each: wires[each] for each in "ab" if each != name}  # type: ignore
                planes[name] = plane
            pair = Pair(folder, planes, wires, {name: Client(planes[name], bearer()) for name in "ab"})
            await pair.collect()
            await story(pair)

    with clock.Travelling(NOW):
        if not (folder / "data" / "snapshot").exists():
            publish(folder / "data")
        asyncio.run(run())


def test_either_member_answers_as_if_it_were_alone(tmp_path: Path) -> None:
    async def story(pair: Pair) -> None:
        near, far = pair.clients[pair.holder], pair.clients[pair.other]
        await far.make(room(1))
        await near.make(room(2))
        got = await far.ask("POST", "/entityOperations/upsert", [room(3), room(4)])
        assert (got.status, json.loads(got.body)) == (
            201, ["urn:ngsi-ld:Room:3", "urn:ngsi-ld:Room:4"]
        )
        answers = [await client.ask("GET", f"{LIST}&count=true") for client in (near, far)]
        assert answers[0].body == answers[1].body and len(json.loads(answers[0].body)) == 4
        assert {each.headers["ngsild-results-count"] for each in answers} == {"4"}
        links = [
            (await client.ask("GET", "/entities?type=Room&limit=2")).headers["link"] for client in (near, far)
        ]
        assert links[0] == links[1] and 'rel="next"' in links[0]
        assert (await far.ask("PATCH", "/entities/urn:ngsi-ld:Room:9/attrs", {"x": 1})).status == 404
        past = [await client.get("/temporal/entities/urn:ngsi-ld:Room:1") for client in (near, far)]
        assert past[0] == past[1] and past[0]["temperature"]

    drive(tmp_path, story)


def test_lists_of_sensorthings_have_the_same_order_and_pages_at_either_member(tmp_path: Path) -> None:
    async def story(pair: Pair) -> None:
        near, far = pair.clients[pair.holder], pair.clients[pair.other]
        for client, name in ((far, "x"), (near, "y"), (far, "z")):
            got = await client.ask("POST", "/sta/v1.1/Things", {"name": name, "description": name})
            assert got.status == 201, got.body
        page = "/sta/v1.1/Things?$orderby=name%20desc&$top=2&$count=true"
        answers = [await client.ask("GET", page) for client in (near, far)]
        assert answers[0].body == answers[1].body
        found = json.loads(answers[0].body)
        assert [each["name"] for each in found["value"]] == ["z", "y"] and found["@iot.nextLink"]

    drive(tmp_path, story)


def test_the_token_is_judged_where_the_answer_is_made(tmp_path: Path) -> None:
    async def story(pair: Pair) -> None:
        far, wire = pair.clients[pair.other], pair.wires[pair.holder]
        reader = replace(far, token=bearer(("capture:entities:read",)))
        assert (await reader.ask("POST", "/entities", room(1))).status == 403
        before = wire.count
        for token in (b"", b"Bearer nonsense"):
            assert (await replace(far, token=token).ask("GET", LIST)).status == 401
        assert wire.count == before == 1  # what has no sound token goes no further
        stranger = replace(far, host=b"beta.localhost:8000")
        assert (await stranger.ask("GET", LIST)).status == 401

    drive(tmp_path, story)


def test_nobody_but_a_member_gets_behind_the_others(tmp_path: Path) -> None:
    async def story(pair: Pair) -> None:
        plane = pair.planes[pair.holder]
        target = "/between/v1/entities?tenant=aalter&epoch=1&after=0"
        assert (await ask(plane, "GET", target)).status == 403
        made_up = ((b"ocapi-member", b"v1 from=b to=a at=1 sum=" + b"0" * 64),)
        assert (await ask(plane, "GET", target, headers=made_up)).status == 403
        assert (await ask(plane, "GET", "/ngsi-ld/v1/types", headers=made_up)).status == 403
        await pair.clients[pair.holder].make(room(1))
        assert (await pair.call(pair.holder, target)).status == 200
        for wrong in ("epoch=x&after=0", "epoch=1&after=-1", "epoch=1"):
            got = await pair.call(pair.holder, f"/between/v1/entities?tenant=aalter&{wrong}")
            assert got.status == 400
        assert (await pair.call(pair.holder, "/between/v1/inbox?tenant=../x&disk=&after=0")).status == 400
        assert (await pair.call(pair.other, target)).status == 503
        assert (await pair.call(pair.holder, target.replace("epoch=1", "epoch=2"))).status == 503

    drive(tmp_path, story)


def test_a_reading_is_taken_in_by_its_owner_and_by_another_when_that_one_is_away(tmp_path: Path) -> None:
    async def story(pair: Pair) -> None:
        owner = pair.membership.owner_of_stream("aalter", "bikes")
        other = "b" if owner == "a" else "a"
        body, path = json.dumps(READINGS).encode(), "/ingest/v1/streams/bikes/observations"

        async def send() -> int:
            headers = ((b"authorization", bearer()), (b"content-type", b"application/json"))
            return (await ask(pair.planes[other], "POST", path, headers=headers, chunks=(body,))).status

        assert await send() == 202
        kept = {name: pair.folder / f"disk-{name}" / "tenants" / "aalter" / "inbox" for name in "ab"}
        assert kept[owner].is_dir() and not kept[other].exists()
        del pair.wires[owner].planes[owner]
        assert await send() == 202
        assert len(list(seglog.read(kept[other]))) == 1

    drive(tmp_path, story)


def test_a_device_is_let_in_by_the_holder_alone_and_hung_up_on_when_it_hands_over(tmp_path: Path) -> None:
    async def story(pair: Pair) -> None:
        before = pair.holder
        await pair.clients[before].make(room(1))
        with pytest.raises(aiomqtt.MqttError, match="[Bb]usy"):
            async with device(pair.clients[pair.other]):
                pass
        with pytest.raises(aiomqtt.MqttError):  # it comes back, and finds the other
            async with device(pair.clients[before]) as held:
                await held.subscribe("v1.1/Datastreams(1)/Observations")
                await pair.collect(drained=before)
                async for _message in held.messages:
                    raise AssertionError
        async with device(pair.clients[pair.holder]):
            pass

    drive(tmp_path, story)


def test_a_silent_holder_is_told_of_and_what_it_holds_is_not_made_up(tmp_path: Path) -> None:
    async def story(pair: Pair) -> None:
        far = pair.clients[pair.other]
        del pair.wires[pair.holder].planes[pair.holder]
        got = await far.ask("GET", LIST)
        assert (got.status, got.headers["retry-after"]) == (503, "2")
        assert got.headers["content-type"] == "application/problem+json"

    drive(tmp_path, story)


def test_a_drained_member_hands_over_all_it_holds(tmp_path: Path) -> None:
    async def story(pair: Pair) -> None:
        before, client = pair.holder, pair.clients[pair.holder]
        await client.make(room(1), room(2))
        await pair.collect(drained=before)
        assert pair.holder != before
        after = pair.clients[pair.holder]
        await after.make(room(3))
        assert len(await client.get(LIST)) == 3
        await pair.collect(drained=before)
        assert [each.sequence for each in seglog.read(pair.capture / "log")] == [1, 2, 3]
        await pair.collect()  # the operator takes the word back
        assert pair.holder == before
        assert len(await after.get(LIST)) == 3

    drive(tmp_path, story)


def test_a_restarted_member_goes_on_with_its_disk_and_not_without(tmp_path: Path) -> None:
    held = ""

    async def first(pair: Pair) -> None:
        nonlocal held
        held = pair.holder
        await pair.clients[held].make(room(1))

    async def again(pair: Pair) -> None:
        assert len(await pair.clients[pair.other].get(LIST)) == 1

    drive(tmp_path, first)
    drive(tmp_path, again)
    (tmp_path / f"disk-{held}").rename(tmp_path / "unplugged")
    with pytest.raises(WrongDisk, match="another disk"):
        drive(tmp_path, again)


def test_a_name_is_taken_by_one_process_and_one_disk(tmp_path: Path) -> None:
    first = Holding(a_plan(tmp_path, "a"))
    first.claim()
    with pytest.raises(WrongDisk, match="at work on this disk"):
        Holding(a_plan(tmp_path, "a")).claim()
    second = Holding(replace(a_plan(tmp_path, "a"), disk=tmp_path / "elsewhere"))
    with pytest.raises(WrongDisk, match="replace-disk"):
        second.claim()
    with pytest.raises(WrongDisk, match="that of member a"):
        first.close()
        Holding(replace(a_plan(tmp_path, "b"), disk=tmp_path / "disk-a")).claim()
    first.claim()
    first.close()


def test_a_log_of_an_epoch_that_is_over_is_kept_aside_and_not_gone_on_with(tmp_path: Path) -> None:
    holding = Holding(a_plan(tmp_path, "a"))
    capture = tmp_path / "data" / "tenants" / "aalter" / "capture"
    with pytest.raises(NotHeld):
        holding.prepare("aalter")
    places.write(capture, Place("a", 1))
    (holding.prepare("aalter") / "kept").write_bytes(b"x")
    places.write(capture, Place("a", 2))
    folder = holding.prepare("aalter")
    assert not (folder / "kept").exists()
    assert [each.name for each in folder.parent.glob("log-left-1-*/kept")] == ["kept"]
    places.write(capture, Place("b", 3))
    with pytest.raises(NotHeld):
        holding.require("aalter")
