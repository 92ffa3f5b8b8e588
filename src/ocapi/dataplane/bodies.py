"""Receiving a request body whole: 64 KiB in memory, then a file; a deadline or minimum rate, and a limit."""

import asyncio
import tempfile
from collections.abc import MutableMapping
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
    started, size = clock.monotonic(), 0
    try:
        while True:
            allowed = max(plan.body_deadline_s, size / plan.min_rate)
            message = await _next(receive, allowed - (clock.monotonic() - started))
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                raise TooLarge
            kept.write(chunk)
            if not message.get("more_body", False):
                break
    except BaseException:
        kept.close()
        raise
    kept.seek(0)
    return kept, size


async def _next(receive: Receive, timeout_s: float) -> MutableMapping[str, Any]:
    if timeout_s <= 0:
        raise TooSlow
    try:
        message = await asyncio.wait_for(receive(), timeout_s)
    except TimeoutError:
        raise TooSlow from None
    if message["type"] == "http.disconnect":
        raise Disconnected
    return message
