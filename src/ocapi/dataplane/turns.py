"""Turns at web: organizations go in turn, so that a flood at one makes its own visitors wait and no others.

Web works on a few requests at once. Whoever comes while it is busy waits in the line of the organization
that was asked; a free place goes to the next organization in the round, and there to who waits longest. A
line that is full, or too slow, turns people away before anything was promised to them.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class LineFull(Exception):
    """As many wait for this organization, or for all together, as may; or somebody waited long enough."""


class Turns:
    """The places at web and the lines before them; of one event loop.

    at_once: requests web works on together. longest: of one line. total: who may wait in all of them.
    patience_s: how long anybody waits.
    """

    def __init__(self, *, at_once: int, longest: int, total: int, patience_s: float) -> None:
        self._patience_s = patience_s
        self._free = at_once
        self._longest = longest
        self._total = total
        self._waiting = 0
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def taken(self, organization: str) -> AsyncIterator[None]:
        """Wait for a place and hold it for a block; raises LineFull, at once when the line is full."""
        if self._free > 0:
            self._free -= 1
        else:
            await self._wait(organization)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, organization: str) -> None:
        if len(self._lines.get(organization, ())) >= self._longest or self._waiting >= self._total:
            raise LineFull(organization)
        place = asyncio.get_running_loop().create_future()
        self._lines.setdefault(organization, deque()).append(place)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await place
        except (asyncio.CancelledError, TimeoutError) as left:
            if place.done() and not place.cancelled():
                self._pass_on()  # it was given a place and left in the same moment
            if isinstance(left, TimeoutError):
                raise LineFull(organization) from None
            raise

    def _pass_on(self) -> None:
        """Give the place to who waits longest at the next organization, or keep it free."""
        while self._lines:
            organization, line = self._lines.popitem(last=False)
            place = line.popleft()
            self._waiting -= 1
            if line:
                self._lines[organization] = line  # at the end of the round
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
