"""Refusals that wait: who is turned away hears it a moment later, so that a flood of one's own making slows.

A client that asks again as soon as it was answered, over however many connections, comes that much less
often. What a held refusal costs is its connection and a few kilobytes, and only so many are held: one more
lets the one go that waited longest.
"""

import asyncio


class Shedding:
    """Those who were turned away and have not heard it yet; of one event loop.

    hold_s: how long anybody is held, 0 for nobody. most: how many together.
    """

    def __init__(self, *, hold_s: float, most: int) -> None:
        self._hold_s = hold_s
        self._most = most
        self._held: dict[asyncio.Future[None], None] = {}  # in the order in which they came

    def __len__(self) -> int:
        """Give how many are held."""
        return len(self._held)

    async def hold(self) -> None:
        """Wait until this refusal may be told."""
        if not self._hold_s:
            return
        if len(self._held) >= self._most:
            self._let_go(next(iter(self._held)))
        loop = asyncio.get_running_loop()
        told = loop.create_future()
        self._held[told] = None
        timer = loop.call_later(self._hold_s, self._let_go, told)
        try:
            await told
        finally:
            timer.cancel()
            self._held.pop(told, None)

    def _let_go(self, told: "asyncio.Future[None]") -> None:
        self._held.pop(told, None)
        if not told.done():
            told.set_result(None)
