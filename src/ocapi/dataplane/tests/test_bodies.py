"""Memory that bodies hold. Not covered: how they arrive, see `test_front` and `test_gate`."""

import asyncio
from pathlib import Path

from starlette.types import Message

from ocapi.dataplane import bodies
from ocapi.dataplane.tests.asgi import plan


def received(room: bodies.Held, folder: Path, raw: bytes, *, declared: int | None) -> bytes:
    async def receive() -> Message:
        return {"type": "http.request", "body": raw}

    told = {"declared": declared, "limit": 10, "plan": plan(folder), "room": room}
    return asyncio.run(bodies.receive_bytes(receive, **told))  # type: ignore[arg-type]


class TestRoom:
    def test_is_held_until_the_request_is_answered(self, tmp_path: Path) -> None:
        room = bodies.Room(10)
        with room.held() as held:
            assert received(held, tmp_path, b"123456", declared=None) == b"123456"
            assert not room.take(5)
            assert room.take(4)
        room.give(4)
        assert room.take(10)

    def test_is_given_back_when_a_request_fails(self, tmp_path: Path) -> None:
        room = bodies.Room(10)
        try:
            with room.held() as held:
                received(held, tmp_path, b"12345678901", declared=None)
        except bodies.TooLarge:
            assert room.take(10)

    def test_lets_a_body_through_a_file_when_there_is_none(self, tmp_path: Path) -> None:
        room = bodies.Room(4)
        (tmp_path / "run").mkdir(exist_ok=True)
        with room.held() as held:
            assert received(held, tmp_path, b"123456", declared=6) == b"123456"
            assert room.take(4)
