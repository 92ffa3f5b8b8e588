"""Refusals that wait: who is turned away hears it a moment later, so that a flood of one's own making slows.

A client that asks again as soon as it was answered comes that much less often. So that this holds over
however many connections, only so many refusals are told in a second, and who comes in a crowd waits longer,
up to a limit: each one told wakes the front door and whoever asks again, and that waking is what a neighbor
feels. What a held refusal costs is its connection and a few kilobytes, and only so many are held: one more
lets the one go that waited longest.
"""

import asyncio
from collections.abc import Callable

from ocapi.lib import clock


class Shedding:
    """Those who were turned away and have not heard it yet; of one event loop.

    hold_s: how long anybody is held at least, 0 for nobody. longest_s: and at most. per_s: how many are told
    in a second while that allows it. most: how many are held together. monotonic: gives seconds that only go
    up.
    """

    def __init__(
        self, *, hold_s: float, longest_s: float, per_s: int, most: int,
        monotonic: Callable[[], float] = clock.monotonic,
    ) -> None:
        self._hold_s = hold_s
        self._longest_s = max(longest_s, hold_s)
        self._apart_s = 1 / per_s
        self._most = most
        self._monotonic = monotonic
        self._last = float("-inf")  # when the last one of those that came is told
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
        timer = loop.call_later(self.due_in_s(), self._let_go, told)
        try:
            await told
        finally:
            timer.cancel()
            self._held.pop(told, None)

    def due_in_s(self) -> float:
        """Give in how many seconds who is turned away now hears it, and count with that from now on."""
        now = self._monotonic()
        due = max(now + self._hold_s, self._last + self._apart_s)
        self._last = min(due, now + self._longest_s)
        return self._last - now

    def _let_go(self, told: "asyncio.Future[None]") -> None:
        self._held.pop(told, None)
        if not told.done():
            told.set_result(None)
