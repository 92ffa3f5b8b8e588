"""Receiving a request body whole: 64 KiB in memory, then a file; a deadline or minimum rate, and a limit.

What is read whole anyway, and only of a known machine, stays in memory as far as all of it together fits.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, MutableMapping
from typing import IO, Any

from starlette.types import Receive

from ocapi.dataplane.plan import Plan
from ocapi.lib import clock


class TooSlow(Exception):
    """The body did not arrive within the deadline, nor at the minimum rate."""


class TooLarge(Exception):
    """The body is larger than the limit, by its declared length or while counting."""


class Disconnected(Exception):
    """The client left before its request was whole."""


async def receive_body(
    receive: Receive, *, declared: int | None, limit: int, plan: Plan
) -> tuple[IO[bytes], int]:
    """Take in a body and give it rewound with its size; raises TooSlow, TooLarge or Disconnected.

    declared: the Content-Length, refused before reading on when above `limit`. A body that arrives at
    plan.min_rate may take longer than plan.body_deadline_s.
    """
    if declared is not None and declared > limit:
        raise TooLarge
    kept: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=plan.body_memory_bytes, dir=plan.run)  # noqa: SIM115
    size = 0
    try:
        async for chunk in _chunks(receive, limit=limit, plan=plan):
            size += len(chunk)
            kept.write(chunk)
    except BaseException:
        kept.close()
        raise
    kept.seek(0)
    return kept, size


class Room:
    """Memory for bodies that are read whole, of all requests of this process together. limit: bytes."""

    def __init__(self, limit: int) -> None:
        self._left = limit

    def take(self, size: int) -> bool:
        """Take room for some bytes; False when there is none."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def give(self, size: int) -> None:
        """Give room back."""
        self._left += size

    def held(self) -> "Held":
        """Give what one request may take of it: until it is answered, since so long its body is there."""
        return Held(self)


class Held:
    """What a request holds of the room; given back at the end of a `with`."""

    def __init__(self, room: Room) -> None:
        self._room, self._size = room, 0

    def take(self, size: int) -> bool:
        """Take room for some bytes; False when there is none."""
        if not self._room.take(size):
            return False
        self._size += size
        return True

    def keep(self, size: int) -> None:
        """Give back what is more than so many bytes: a body was shorter than it might have been."""
        self._room.give(self._size - size)
        self._size = size

    def __enter__(self) -> "Held":
        return self

    def __exit__(self, *_: object) -> None:
        self.keep(0)


async def receive_bytes(
    receive: Receive, *, declared: int | None, limit: int, plan: Plan, room: Held
) -> bytes:
    """Take in a body that is read whole: in memory where there is room, else as `receive_body` does.

    room: of this request, which holds what the body needs until it is answered.
    """
    size = limit if declared is None else declared
    if size > limit:
        raise TooLarge
    if not room.take(size):
        body, _ = await receive_body(receive, declared=declared, limit=limit, plan=plan)
        with body:
            return body.read()
    whole = b"".join([chunk async for chunk in _chunks(receive, limit=limit, plan=plan)])
    room.keep(len(whole))
    return whole


async def _chunks(receive: Receive, *, limit: int, plan: Plan) -> AsyncIterator[bytes]:
    started, size = clock.monotonic(), 0
    while True:
        allowed = max(plan.body_deadline_s, size / plan.min_rate)
        message = await _next(receive, allowed - (clock.monotonic() - started))
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLarge
        yield chunk
        if not message.get("more_body", False):
            return


async def _next(receive: Receive, timeout_s: float) -> MutableMapping[str, Any]:
    if timeout_s <= 0:
        raise TooSlow
    try:
        async with asyncio.timeout(timeout_s):
            message = await receive()
    except TimeoutError:
        raise TooSlow from None
    if message["type"] == "http.disconnect":
        raise Disconnected
    return message
